"""The same residual in arithmetic with more digits: rounding fades there, and a mistake does not.

Where fun and grad are plain NumPy code, they run in any floating-point numbers. Code that was never
written for others refuses, or falls back to its own; code that is another function then is found by its
values. In both cases nothing is learned here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from checks.engine.directions import inner
from checks.engine.leaves import Array, laid_out
from checks.engine.problem import Point, Problem
from checks.engine.sharper import only, run_on_duals
from checks.engine.verdict import Probe

FINER: dict[type, type] = {np.float32: np.float64, np.float64: np.longdouble}  # the next with more digits
FADES = 1 / 4  # of a residual, at most, may be left of rounding in arithmetic a thousand times as fine
HARDLY = 1 / 64  # of the change that a residual makes of fun over a step: no rounding of that size
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


def fades_by_values(problem: Problem, point: Point, leaf: int, seen: Probe, *, rounding: float) -> bool:
    """Whether a residual fades where fun, and grad, are asked in such numbers: at two steps in a row.

    Parameters
    ----------
    problem, point, leaf
        Where.
    seen : Probe
        The direction, the slope that values had along it, and the residual.
    rounding : float
        What a value of fun there may owe to rounding.
    """
    finer = _finer(point, leaf)
    if finer is None:
        return False
    fun = _Both(problem, point, finer, leaf, seen.direction)
    try:
        with np.errstate(all="ignore"):
            along = inner(problem.gradient_in_finer_numbers(finer)[leaf], seen.direction)
            moved = abs(seen.residual) * seen.estimate.step
            if (
                abs(along - seen.analytic) <= abs(seen.residual) / 2
                and fun.apart(seen.estimate.step) < HARDLY * moved
            ):
                return False  # neither grad nor the values lose as much as that: most mistakes end here
            slopes = [fun.slope(h, rounding) for h in STEPS]
    except Exception:  # as above
        return False
    faded = [abs(along - slope) <= FADES * abs(seen.residual) for slope in slopes]
    return any(one and next_one for one, next_one in pairwise(faded))


@dataclass(frozen=True, slots=True)
class _Both:
    """fun along a line, in plain numbers and in finer ones."""

    problem: Problem
    point: Point
    finer: list[Array]
    leaf: int
    direction: Array

    def at(self, h: float) -> tuple[float, Any]:
        """Return both values at x + h v."""
        where, leaves = self.finer[self.leaf], list(self.finer)
        leaves[self.leaf] = laid_out(where + where.dtype.type(h) * self.direction, where)
        plain = self.problem.nearby([laid_out(x, mine) for x, mine in zip(leaves, self.point, strict=True)])
        self.problem.evaluations += 1
        copies = [x.copy(order="K") for x in leaves]
        return plain, np.asarray(self.problem.fun(self.problem.tree.rebuild(copies)))[()]

    def apart(self, h: float) -> float:
        """Return by how much they differ there."""
        plain, finer = self.at(h)
        return abs(plain - float(finer))

    def slope(self, h: float, rounding: float) -> float:
        """Return the slope of the finer ones; infinite where they differ by more than rounding may."""
        before, after = self.at(-h), self.at(h)
        same = all(abs(plain - float(finer)) <= rounding for plain, finer in (before, after))
        return float((after[1] - before[1]) / (2 * h)) if same else np.inf


def _finer(point: Point, leaf: int) -> list[Array] | None:
    """Return the point in such numbers; None where those of the leaf have as many digits already."""
    finer: list[Array] = [np.asarray(x.astype(FINER.get(x.dtype.type, x.dtype.type))) for x in point]
    return finer if np.finfo(finer[leaf].dtype).eps < np.finfo(point[leaf].dtype).eps else None
