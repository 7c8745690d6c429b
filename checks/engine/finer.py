"""The same residual in arithmetic with more digits: rounding fades there, and a mistake does not.

Where fun and grad are plain NumPy code, they run in any floating-point numbers. Code that was never
written for others refuses, or falls back to its own; code that is another function then is found by its
values. In both cases nothing is learned here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from checks.engine.directions import inner
from checks.engine.leaves import Array, laid_out
from checks.engine.problem import Point, Problem
from checks.engine.sharper import only, run_on_duals

FINER: dict[type, type] = {np.float32: np.float64, np.float64: np.longdouble}  # the next with more digits
FADES = 1 / 8  # of a residual, in arithmetic that has hundreds of times as many digits
STEPS = tuple(10.0**-k for k in range(1, 7))  # in units of the size of x: a bend, or rounding, hides some


@dataclass(frozen=True, slots=True)
class Finer:
    """A residual in numbers with more digits; the unit of the coarsest that fun computed or grad gave."""

    residual: float
    eps: float


def on_duals(
    problem: Problem, point: Point, leaf: int, direction: Array, *, value: float, rounding: float
) -> Finer | None:
    """Ask fun on dual numbers, and grad, at the same point.

    Parameters
    ----------
    problem, point
        Where.
    leaf, direction : int, ndarray
        Of the residual.
    value, rounding : float
        Of fun there, and what it may owe to rounding.

    Returns
    -------
    Finer or None
        None where there are no such numbers, or no such answers.
    """
    finer = _finer(point, leaf)
    if finer is None:
        return None
    try:
        with np.errstate(all="ignore"):
            along = only(leaf, direction.astype(finer[leaf].dtype), finer)
            found = run_on_duals(problem, finer, along, value=None)
            gradient = problem.gradient_in_finer_numbers(finer)[leaf]
    except Exception:  # whatever code raises that was never written for such numbers
        return None
    if not abs(found.value - value) <= rounding:
        return None
    eps = max(found.eps, float(np.finfo(gradient.dtype).eps))
    return Finer(inner(gradient, direction) - float(found.tangent), eps)


def fades_by_values(
    problem: Problem, point: Point, leaf: int, direction: Array, residual: float, *, rounding: float
) -> bool:
    """Whether a residual fades where fun, and grad, are asked in such numbers: at two steps in a row."""
    finer = _finer(point, leaf)
    if finer is None:
        return False
    try:
        with np.errstate(all="ignore"):
            along = inner(problem.gradient_in_finer_numbers(finer)[leaf], direction)
            slopes = list(_slopes(problem, point, finer, leaf, direction, rounding))
    except Exception:  # as above
        return False
    faded = [abs(along - slope) <= FADES * abs(residual) for slope in slopes]
    return any(one and next_one for one, next_one in pairwise(faded))


def _slopes(
    problem: Problem, point: Point, finer: list[Array], leaf: int, direction: Array, rounding: float
) -> Iterator[float]:
    """Yield (fun(x + h v) - fun(x - h v)) / 2 h for each step h; infinite where fun is another function."""
    for step in STEPS:
        ends, same = [], True
        for h in (step, -step):
            moved = list(finer)
            moved[leaf] = laid_out(finer[leaf] + finer[leaf].dtype.type(h) * direction, finer[leaf])
            problem.evaluations += 1
            end = np.asarray(problem.fun(problem.tree.rebuild([x.copy(order="K") for x in moved])))[()]
            plain = [laid_out(x, mine) for x, mine in zip(moved, point, strict=True)]
            same = same and abs(float(end) - problem.nearby(plain)) <= rounding
            ends.append(end)
        yield float((ends[0] - ends[1]) / (2 * step)) if same else np.inf


def _finer(point: Point, leaf: int) -> list[Array] | None:
    """Return the point in such numbers; None where those of the leaf have as many digits already."""
    finer: list[Array] = [np.asarray(x.astype(FINER.get(x.dtype.type, x.dtype.type))) for x in point]
    return finer if np.finfo(finer[leaf].dtype).eps < np.finfo(point[leaf].dtype).eps else None
