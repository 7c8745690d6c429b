"""Whether a guess of the right gradient reproduces the slopes already measured; and how numbers are told."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from checks.engine.directions import inner
from checks.engine.examination import LeafExamination
from checks.engine.leaves import Array
from checks.oracles.noise import EPS

CONVINCING = 1e-3  # a guess is believed when it reproduces the slopes at least this well, relatively
MUCH_LESS = 0.1  # of the error of yours, at most, may be left: near the bound, any guess would do
SPARE = 2  # slopes that a guess must reproduce beyond the coefficients that were fitted to them
TINY = float(np.finfo(np.float64).tiny)
NICE = 1e-6  # as near as a coefficient must be to one that a person would write


def fits(found: LeafExamination, guess: Array) -> bool:
    """Whether an array, as the gradient, would reproduce every measured slope."""
    return reproduces(found, along(found, guess))


def along(found: LeafExamination, guess: Array) -> list[float]:
    """Return the slopes that an array, as the gradient, would give along the measured directions."""
    return [inner(guess, seen.direction) for seen in found.probes]


def reproduces(found: LeafExamination, predicted: Sequence[float]) -> bool:
    """Whether these are the measured slopes, those are sharp enough to say so, and yours are far off."""
    size = math.hypot(*(seen.estimate.value for seen in found.probes))
    left = [value - seen.estimate.value for value, seen in zip(predicted, found.probes, strict=True)]
    return all(
        abs(rest) <= 2 * seen.bound and seen.bound <= CONVINCING * size
        for rest, seen in zip(left, found.probes, strict=True)
    ) and math.hypot(*left) <= MUCH_LESS * math.hypot(*(seen.residual for seen in found.probes))


def coefficients(
    found: LeafExamination, terms: Sequence[Array], *, beside: Array | None = None
) -> tuple[float, ...] | None:
    """Return c where the right gradient is ``beside`` plus the sum of c_k times the k-th term.

    None unless the slopes outnumber the coefficients, agree with them to their error, and know what
    ``beside`` leaves to explain well enough to be convincing.
    """
    if len(found.probes) < len(terms) + SPARE or not all(np.isfinite(term).all() for term in terms):
        return None
    known = np.array(along(found, beside)) if beside is not None else 0.0
    missing = np.array([seen.estimate.value for seen in found.probes]) - known
    columns = np.array([along(found, term) for term in terms]).T
    scale = np.linalg.norm(columns, axis=0)
    if not np.all((scale > 0) & (scale < np.inf)) or np.linalg.matrix_rank(
        columns / scale, tol=CONVINCING
    ) < len(terms):
        return None
    if max(seen.bound for seen in found.probes) > CONVINCING * float(np.linalg.norm(missing)):
        return None
    sharp = sharpness(found)
    c = np.linalg.lstsq(columns / scale * sharp[:, None], missing * sharp, rcond=None)[0] / scale
    return tuple(map(float, c)) if reproduces(found, list(known + columns @ c)) else None


def sharpness(found: LeafExamination) -> Array:
    """Return the weight of each slope in a fit: some are known a million times as well as others."""
    bounds = np.array([seen.bound for seen in found.probes])
    sharpest = max(float(np.min(bounds)), TINY)
    return (
        np.asarray(sharpest / np.maximum(bounds, sharpest)) if sharpest < math.inf else np.ones(len(bounds))
    )


def nice(c: float) -> str:
    """Return |c| as a person would write it, if a person would have written it; 1 is no factor."""
    size = abs(c)
    if abs(c - 1) <= NICE or size == 0:
        return ""
    for value, inverse in ((size, False), (1 / size, True)):
        nearest = round(value)
        if 1 <= nearest <= 10**6 and abs(value - nearest) <= NICE * nearest:
            return f"1/{nearest}" if inverse and nearest > 1 else str(nearest)
    return ""


def times(c: float) -> str:
    """Return "2 times", "-1/3 times"."""
    digits = 6 if abs(c - 1) > 1e-4 else 3 - math.floor(math.log10(abs(c - 1) or EPS))
    return f"{'-' if c < 0 else ''}{nice(c) or f'{abs(c):.{digits}g}'} times"
