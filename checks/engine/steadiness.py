"""Two answers to one question: what it means that a gradient is another the second time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks.engine.calls import Finding
from checks.engine.leaves import Array, entry_name

NOISE_AT_MOST = 1e-6  # relative: what threads and float32 may do to one and the same sum


def alike(first: Sequence[Array], second: Sequence[Array]) -> bool:
    """Whether two gradients are equal, up to what threads may do to a sum."""
    for a, b in zip(first, second, strict=True):
        size = float(np.max(np.abs(a), initial=0.0))
        if float(np.max(np.abs(a - b), initial=0.0)) > NOISE_AT_MOST * size:
            return False
    return True


def other_gradient(
    first: Sequence[Array],
    later: Sequence[Array],
    moved: Sequence[Array] | None,
    paths: Sequence[str],
    names: tuple[str, str],
) -> Finding:
    """Return what to say where grad at x0 is not what it was.

    Parameters
    ----------
    first, later : sequence of ndarray
        The gradient at x0, and what it was when asked again.
    moved : sequence of ndarray or None
        The gradient of another point, where that has been asked in between; else fun alone was.
    paths, names : sequence of str
        What the leaves are called, and fun and grad.
    """
    fun_name, grad_name = names
    worst = max(range(len(first)), key=lambda i: float(np.max(np.abs(later[i] - first[i]), initial=0.0)))
    index = np.unravel_index(int(np.argmax(np.abs(later[worst] - first[worst]))), first[worst].shape)
    entry = entry_name(paths[worst], tuple(int(i) for i in index))
    told = (
        f"{grad_name} gave {first[worst][index]:.9g} and then {later[worst][index]:.9g} "
        f"for {entry} at the same x0: "
    )
    if moved is not None and (alike(later, moved) or alike(moved, first)):  # one answer behind, too
        cause = "the second is the gradient of the point asked before: a stale buffer or cache"
    elif alike(later, [2 * leaf for leaf in first]) or (
        moved is not None and alike(later, [2 * a + b for a, b in zip(first, moved, strict=True)])
    ):
        cause = "it adds to a buffer that is not cleared between calls"
    elif moved is None:
        cause = (
            f"it depends on which point {fun_name} saw last, or it is random. "
            f"Run the forward pass inside {grad_name}, fix seeds"
        )
    else:
        cause = "it is random, or it remembers earlier calls"
    return Finding("nondeterministic", told + cause)
