"""Lines to paste that show a finding again, and the names they use."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.engine.directions import scalings
from checks.engine.localisation import Entry
from checks.engine.problem import Problem


def reproducer(problem: Problem, worst: Entry, call: str) -> str:
    """Lines that compute the worst entry by hand, and the call."""
    if worst.index is None or not call.startswith("gradcheck"):
        return call
    accessor = problem.tree.accessors[problem.tree.paths.index(worst.path)]
    arrays = [id(leaf) for leaf in problem.tree.originals if isinstance(leaf, np.ndarray)]
    if not accessor or len(set(arrays)) < len(arrays):  # a step in one leaf would be a step in two
        return call
    step = 1e-3 if problem.tree.leaves[problem.tree.paths.index(worst.path)].itemsize == 4 else 1e-5
    place = f"[{', '.join(map(str, worst.index))}]" if worst.index else "[...]"
    size = scalings(problem.tree.leaves)[problem.tree.paths.index(worst.path)][worst.index]
    fun, grad = call.removeprefix("gradcheck(").split(", ")[:2]
    value = "[0]" if grad == "True" else ""
    expected = f"about {worst.numerical:.9g}; the gradient says {worst.analytic:.9g}"
    return "\n".join([
        call,
        "# or by hand, one entry:",
        "from copy import deepcopy",
        f"plus, minus, h = deepcopy(x0), deepcopy(x0), {step * size:.1e}",
        f"{accessor.replace('x0', 'plus', 1)}{place} += h",
        f"{accessor.replace('x0', 'minus', 1)}{place} -= h",
        f"print(({fun}(plus){value} - {fun}(minus){value}) / (2 * h))  # {expected}",
    ])  # fmt: skip


def name_of(function: Any, role: str = "fun") -> str:
    """Return what a function is called in a report: a lambda by its role."""
    if function is True:
        return "True"
    name = getattr(function, "__name__", type(function).__name__)
    return role if name == "<lambda>" else str(name)
