"""What fun and its gradient do around a point: where what is rounding shows itself as such."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np

from checks.engine.calls import OUTSIDE_THE_DOMAIN
from checks.engine.directions import beside, inner, scaled_norm
from checks.engine.leaves import Array
from checks.engine.problem import Point, Problem
from checks.engine.sharper import only, run_on_duals
from checks.oracles import DoesNotApply
from checks.oracles.noise import EPS

ASIDE = 1e-3  # of the size of x: a gradient that is worth the name changes by about as much
# Where a saturated unit may be less so: at so much of x, and so far from it in units of its size.
SMALLER, AROUND = (0.6, 0.3, 0.1, 0.03), 3 * (0.1, 0.3, 1.0, 2.0)
FADED = 1e-3  # of the share that a residual has of the norm: a mistake would keep it
NEARLY_LARGEST = 1e3  # such a part of the largest norm around: where a unit is hardly saturated
ALIKE = 3  # one in so many points may show the residual of x
SEED = 0  # of these points: the directions drawn after them stay what they are without them
RIGHT = 1e-4  # of the norm, at most: a gradient with an error as small as that passes


Sides = Callable[[list[Array]], tuple[float, float, float]]
"""At a point: <g, v>, the oracle's slope along v, and the norm of g in the leaf."""


def smaller(point: Point) -> Iterator[list[Array]]:
    """Yield points on the way to the origin."""
    for share in SMALLER:
        yield [np.asarray(share * x).astype(x.dtype) for x in point]


class Surroundings:
    """The points around one at which a gradient is examined.

    Parameters
    ----------
    problem : Problem
        The function and its gradient.
    point, gradient : sequences of ndarray
        x, and the gradient there.
    sizes : sequence of ndarray
        D of each leaf.
    rng : numpy Generator
        Draws the points.
    """

    def __init__(
        self,
        problem: Problem,
        point: Point,
        gradient: Sequence[Array],
        sizes: Sequence[Array],
        rng: np.random.Generator,
    ) -> None:
        self.problem, self.point, self.gradient, self.sizes, self.rng = problem, point, gradient, sizes, rng

    @cached_property
    def largest(self) -> float:
        """The norm of the largest leaf's gradient, scaled by D."""
        return max(scaled_norm(g, size) for g, size in zip(self.gradient, self.sizes, strict=True))

    @cached_property
    def last_digit(self) -> float:
        """The last digit of the largest gradient around: at x the largest may be no more, and all lost."""
        largest = self.largest
        for elsewhere in self._less_saturated():
            there = self.problem.gradient_nearby(elsewhere) or ()
            largest = max(
                [largest, *(scaled_norm(g, s) for g, s in zip(there, self.sizes, strict=bool(there)))]
            )
        return EPS * largest

    @cached_property
    def growth(self) -> float:
        """By which factor some leaf's gradient grows around x: hugely where units are saturated."""
        largest = 1.0
        norms = [scaled_norm(g, size) for g, size in zip(self.gradient, self.sizes, strict=True)]
        for elsewhere in self._less_saturated():
            around = self.problem.gradient_nearby(elsewhere)
            for there, size, here in zip(around or (), self.sizes, norms, strict=bool(around)):
                largest = max(largest, scaled_norm(there, size) / here) if here > 0 else largest
        return largest

    def recovers(self, sides: Sides, residual: float, *, norm: float, lost: float, differs: float) -> bool:
        """Whether a residual is lost where around x the leaf's gradient is largest.

        What 1 - a^2 has lost to the last bit of a, it has again where a is less saturated, and rounding is
        another there. A mistake that is a share of the gradient stays one, and a constant stays the same.

        Parameters
        ----------
        sides : callable
            Of the leaf, along the direction of the residual.
        residual, norm : float
            At x, and of the leaf's gradient there.
        lost : float
            The share of the leaf's norm elsewhere that the residual at x must not exceed: where the gradient
            is smaller than that, nothing is learned.
        differs : float
            The share of itself by which the residual must differ in all but a third of what is learned: a
            saturated unit may stay what it is.

        Returns
        -------
        bool
            False, too, where nothing was learned.
        """
        seen: list[tuple[float, float]] = []
        for elsewhere in self._less_saturated():
            try:
                with np.errstate(all="ignore"):
                    analytic, slope, norm_there = sides(elsewhere)
            except (DoesNotApply, *OUTSIDE_THE_DOMAIN):
                continue
            if abs(residual) <= lost * norm_there < math.inf:
                seen.append((analytic - slope, norm_there))
        share = min(FADED * abs(residual) / norm, RIGHT) if norm > 0 else RIGHT
        grown = max((norm_there for _, norm_there in seen), default=0.0) / NEARLY_LARGEST
        same = sum(abs(there - residual) <= differs * abs(residual) for there, _ in seen)
        return same * ALIKE < len(seen) and all(
            abs(there) <= share * norm_there for there, norm_there in seen if norm_there >= grown
        )

    def _less_saturated(self) -> Iterator[list[Array]]:
        """Yield points, always the same, at which units that are saturated at x may be less so."""
        yield from smaller(self.point)
        rng = np.random.default_rng(SEED)
        for distance in AROUND:
            yield beside(self.point, self.sizes, distance, rng)

    def is_no_dust(self, leaf: int) -> bool:
        """Whether a gradient that vanishes is the same a little aside: what is left of rounding is not."""
        g, size = self.gradient[leaf], self.sizes[leaf]
        if not np.any(g):
            return False
        aside = self.problem.gradient_nearby(beside(self.point, self.sizes, ASIDE, self.rng))
        return aside is not None and scaled_norm(aside[leaf] - g, size) < scaled_norm(g, size) / 2

    def sides(self, leaf: int, direction: Array) -> Sides:
        """Return what grad and the exact oracle say along a direction, as a function of the point."""

        def at(point: list[Array]) -> tuple[float, float, float]:
            # At x its value was held to that of a plain call: here that would double the cost.
            slope = float(run_on_duals(self.problem, point, only(leaf, direction, point), value=None).tangent)
            gradient = self.problem.gradient(point)[leaf]
            return inner(gradient, direction), slope, scaled_norm(gradient, self.sizes[leaf])

        return at
