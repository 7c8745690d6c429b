"""Is this residual a mistake, or rounding? A mistake is smooth in x; rounding is not.

With an exact oracle nothing is left between grad and the truth but the rounding of both, and code
that is right can lose many digits (1 - a*a at a saturated a). No bound on that can be had from
outside, but the residual itself shows it: along a short line through x0, the residual of a wrong
formula is a smooth curve, however fast it runs, and that of a rounded right one is a new draw at
every point. What is left of it beside the best cubic tells the two apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from checks.engine.calls import OUTSIDE_THE_DOMAIN
from checks.engine.directions import beside
from checks.engine.leaves import Array
from checks.engine.problem import Point
from checks.engine.surroundings import Sides
from checks.engine.verdict import Probe
from checks.oracles import DoesNotApply

DISTANCES = tuple(10.0 ** (-half / 2) for half in range(4, 17))  # 1e-2, 3e-3, ..., 1e-8
CLOSER = 3  # distances to look at from the first where the slope stays
POINTS = 9
NODES = np.arange(-8, 9) / 8 + np.sin(np.arange(-8, 9) ** 2) / 40  # uneven: rounding may be periodic
FARTHER = 10.0  # times as far
UNFROZEN = (0.1, 0.3)  # of the size of x: where a saturated unit is less so
FAR_POINTS, NEARLY, LASTS = 27, 1 / 3, 4.0  # all but a third of so many points, within so large a factor
# Draws of rounding as large as the residual leave nine values so close to a cubic once in a million times.
SURELY_SMOOTH = 1 / 16
LOST = 1e-7  # of a leaf's norm: more is hardly lost to rounding without a trace of roughness
STAYS = 1 / 4  # what changes by less than this share of itself stays the same
LAST_DIGITS = 1e6  # units of eps of the largest number around: such a residual must stay farther away as well


def rounding_in_residual(
    probe: Probe,
    point: Point,
    sizes: Sequence[Array],
    sides: Sides,
    *,
    norm: float,
    largest: float,
    eps: float,
    frozen: Callable[[], bool],
    rng: np.random.Generator,
) -> float:
    """Return how much of a residual is rounding: 0 for a mistake.

    Two questions, by the size of the residual. A large one is a mistake where it is a smooth function of
    x on the scale on which the slope is. One in the last digits of the largest numbers around, or of what
    they are where x is less saturated, may come from a single saturated unit among others, which freezes
    far away, and a frozen residual is smooth: it must keep its share of the gradient's norm, ten times
    farther away as well.

    Parameters
    ----------
    probe : Probe
        The direction, and the residual at the point.
    point, sizes
        x, and D of each leaf.
    sides : callable
        See :data:`checks.engine.surroundings.Sides`.
    norm : float
        Of the gradient in this leaf.
    largest : float
        The largest number around: a gradient's norm or fun itself.
    eps : float
        The rounding unit of fun and of its gradient, whichever is coarser.
    frozen : callable
        Whether a saturated unit may explain a residual as large as this one.
    rng : numpy Generator
        Draws the points.

    Returns
    -------
    float
        The roughness of the residual, at the distance where it is least; no less than the residual.
    """
    residual, size = abs(probe.residual), max(abs(probe.analytic), abs(probe.estimate.value), norm)

    def share(distance: float) -> tuple[float, float]:
        """Return the residual at a random point, and what it is for a gradient as large as at x."""
        try:
            with np.errstate(all="ignore"):
                analytic, slope, norm_there = sides(beside(point, sizes, distance, rng))
        except (DoesNotApply, *OUTSIDE_THE_DOMAIN):
            return math.inf, math.inf
        there = analytic - slope
        return there, there * norm / norm_there if norm_there > 0 else there

    def stays(distance: float) -> bool:
        """Whether the residual, or its share of the norm, hardly changes over a distance."""
        changes = [0.0, 0.0]
        for _ in range(POINTS):
            now = share(distance)
            changes = [max(c, abs(there - probe.residual)) for c, there in zip(changes, now, strict=True)]
            if min(changes) > STAYS * residual:
                return False
        return True

    def lasts(distance: float) -> bool:
        """Whether nearly everywhere at a distance the residual is as at x, or its share of the norm is."""
        lost = 0
        for _ in range(FAR_POINTS):
            there, of_norm = share(distance)
            same = abs(there - probe.residual) <= STAYS * residual
            lost += not (same or 1 / LASTS <= of_norm / probe.residual <= LASTS)
            if lost > NEARLY * FAR_POINTS:
                return False
        return True

    in_last_digits = residual <= LAST_DIGITS * eps * largest or (residual <= LOST * norm and frozen())
    smallest, closer, before, roughness = math.inf, 0, math.inf, math.inf
    for distance in DISTANCES:
        before, (of_slope, roughness) = roughness, _along_a_line(probe, point, sizes, sides, distance, rng)
        if of_slope > STAYS * size:
            continue
        smallest, closer = min(smallest, roughness), closer + 1
        if in_last_digits:
            if stays(distance):
                if residual <= LOST * norm:
                    rounded = frozen() and not all(map(lasts, (FARTHER * distance, *UNFROZEN)))
                else:
                    rounded = frozen() and not lasts(FARTHER * distance)
                return max(smallest, residual) if rounded else 0.0
        elif roughness <= STAYS * residual:
            return 0.0
        elif before < math.inf and roughness >= max(residual, before / 2):
            break  # of a smooth curve a hundredth would be left; between its teeth a saw is smooth
        if closer == CLOSER:
            break
    return max(smallest, residual)


def _along_a_line(
    probe: Probe,
    point: Point,
    sizes: Sequence[Array],
    sides: Sides,
    distance: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return the largest change of the slope, and of the residual what no cubic explains.

    Every second node is asked first; where these leave no doubt that the residual is smooth, that is all.
    """
    ends = beside(point, sizes, 1.0, rng)
    seen: dict[float, tuple[float, float]] = {}
    changed = rough = math.inf
    for nodes, without_cubic in LOOKS:
        for node in nodes.tolist():
            if node in seen:
                continue
            there = [
                np.asanyarray(x + distance * node * (end - x)).astype(x.dtype)
                for x, end in zip(point, ends, strict=True)
            ]
            try:
                with np.errstate(all="ignore"):
                    analytic, slope, _ = sides(there)
            except (DoesNotApply, *OUTSIDE_THE_DOMAIN):
                return math.inf, math.inf
            seen[node] = slope - probe.estimate.value, analytic - slope
        if not np.all(np.isfinite(list(seen.values()))):
            return math.inf, math.inf
        residuals = np.array([seen[node][1] for node in nodes.tolist()])
        rough = float(np.max(np.abs(without_cubic @ residuals)))
        changed = max(abs(change) for change, _ in seen.values())
        if rough <= SURELY_SMOOTH * abs(probe.residual):
            break
    return changed, rough


def _without_cubic(nodes: Array) -> Array:
    """Return the matrix that takes values at nodes to what the best cubic leaves of them."""
    cubics = np.linalg.qr(np.vander(nodes, 4))[0]
    return np.asarray(np.eye(len(nodes)) - cubics @ cubics.T)


LOOKS = tuple((nodes, _without_cubic(nodes)) for nodes in (NODES[::2], NODES))
