"""Is this residual a mistake, or rounding? A mistake stays when x moves a little; rounding does not.

With an exact oracle nothing is left between grad and the truth but the rounding of both, and code
that is right can lose many digits (1 - a*a at a saturated a). No bound on that can be had from
outside, but the residual itself shows it: at points beside x0, the residual of a wrong formula is
nearly the same, and that of a rounded right one is a new draw.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from checks.engine.directions import beside
from checks.engine.problem import OUTSIDE_THE_DOMAIN, Point
from checks.engine.tree import Array
from checks.engine.verdict import Probe
from checks.oracles import DoesNotApply
from checks.oracles.finite_differences import EPS

DISTANCES = tuple(10.0 ** (-half / 2) for half in range(4, 17))  # 1e-2, 3e-3, ..., 1e-8
CLOSER = 3  # distances to look at from the first where the slope stays
POINTS = 3
FARTHER = 10.0
STAYS = 1 / 4  # what changes by less than this share of itself stays the same
LAST_DIGITS = 1e4  # units of eps of the largest number around: such a residual must stay farther away as well

Sides = Callable[[list[Array]], tuple[float, float, float]]
"""At a point: <g, v>, the oracle's slope along v, and the norm of g in the leaf."""


def rounding_in_residual(
    probe: Probe,
    point: Point,
    sizes: Sequence[Array],
    sides: Sides,
    *,
    norm: float,
    largest: float,
    rng: np.random.Generator,
) -> float:
    """Return how much of a residual is rounding: 0 for a mistake.

    The residual of a mistake stays the same where the slope does, or a little closer to x0; that of
    rounding is a new draw, until x moves too little to change a last digit, which is much closer. A
    residual in the last digits of the largest numbers around must also stay ten times farther away,
    as a share of the gradient's norm there: one saturated unit in a leaf of others can freeze early.

    Parameters
    ----------
    probe : Probe
        The direction, and the residual at the point.
    point, sizes
        x, and D of each leaf.
    sides : callable
        See :data:`Sides`.
    norm : float
        Of the gradient in this leaf.
    largest : float
        The largest number around: a gradient's norm or fun itself.
    rng : numpy Generator
        Draws the points.

    Returns
    -------
    float
        The smallest change that the residual was seen to make where it does not stay.
    """
    residual, size = abs(probe.residual), max(abs(probe.analytic), abs(probe.estimate.value), norm)

    in_last_digits = residual <= LAST_DIGITS * EPS * largest

    def changes(distance: float) -> tuple[float, float, float]:
        """By how much the slope, the residual, and its share of the norm change; given up early."""
        found = [0.0, 0.0, 0.0]
        for _ in range(3 * POINTS if in_last_digits else POINTS):
            try:
                with np.errstate(all="ignore"):
                    analytic, slope, norm_there = sides(beside(point, sizes, distance, rng))
            except (DoesNotApply, *OUTSIDE_THE_DOMAIN):
                return math.inf, math.inf, math.inf
            there = analytic - slope
            share = there * norm / norm_there if norm_there > 0 else there
            now = (slope - probe.estimate.value, there - probe.residual, share - probe.residual)
            found = [max(most, abs(change)) for most, change in zip(found, now, strict=True)]
            if min(found[1:]) > residual:
                break
        return found[0], found[1], found[2]

    smallest, closer = math.inf, 0
    for distance in DISTANCES:
        of_slope, of_residual, of_share = changes(distance)
        if of_slope > STAYS * size:
            continue
        smallest, closer = min(smallest, of_residual), closer + 1
        if min(of_residual, of_share) <= STAYS * residual:
            stays = not in_last_digits or changes(FARTHER * distance)[2] <= residual
            return 0.0 if stays else max(smallest, residual)
        if in_last_digits or closer == CLOSER:
            break
    return max(smallest, residual)
