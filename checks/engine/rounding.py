"""Is this residual a mistake, or rounding? A mistake stays when x moves a little; rounding does not.

With an exact oracle nothing is left between grad and the truth but the rounding of both, and code
that is right can lose many digits (1 - a*a at a saturated a). No bound on that can be had from
outside, but the residual itself shows it: at points beside x0, the residual of a wrong formula is
nearly the same, and that of a rounded right one is a new draw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from checks.engine.directions import beside
from checks.engine.problem import OUTSIDE_THE_DOMAIN, Point
from checks.engine.tree import Array
from checks.engine.verdict import Probe
from checks.oracles import DoesNotApply

DISTANCES = tuple(10.0 ** (-half / 2) for half in range(4, 17))  # 1e-2, 3e-3, ..., 1e-8
NEARLY_THE_SAME = 0.2
POINTS = 4

Sides = Callable[[list[Array]], tuple[float, float]]
"""At a point: <g, v>, and the oracle's slope along v."""


def variation_of_residual(
    probe: Probe, point: Point, sizes: Sequence[Array], sides: Sides, norm: float, rng: np.random.Generator
) -> float:
    """Return by how much the residual of one direction varies beside the point.

    The distance is the largest at which the slope itself stays nearly the same, so that a steep
    function does not look like rounding.

    Returns
    -------
    float
        The largest change of the residual over a few points; infinite where the slope is nowhere
        nearly the same.
    """
    size = max(abs(probe.analytic), abs(probe.estimate.value), norm)
    for distance in DISTANCES:
        changes: list[float] = []
        for _ in range(POINTS):
            try:
                with np.errstate(all="ignore"):
                    analytic, slope = sides(beside(point, sizes, distance, rng))
            except (DoesNotApply, *OUTSIDE_THE_DOMAIN):
                break
            if not abs(slope - probe.estimate.value) <= NEARLY_THE_SAME * size:
                break
            changes.append(abs(analytic - slope - probe.residual))
        if len(changes) == POINTS:
            return max(changes)
    return float("inf")
