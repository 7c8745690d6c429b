"""Is this residual a mistake, or rounding? A mistake is smooth in x; rounding is not.

With an exact oracle nothing is left between grad and the truth but the rounding of both, and code
that is right can lose many digits (1 - a*a at a saturated a). No bound on that can be had from
outside, but the residual itself shows it: along a short line through x0, the residual of a wrong
formula is a smooth curve, however fast it runs, and that of a rounded right one is a new draw at
every point. What is left of it beside the best cubic tells the two apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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
NODES = np.arange(-8, 9) / 8 + np.sin(np.arange(-8, 9) ** 2) / 40  # uneven: rounding may be periodic
# Draws of rounding as large as the residual leave nine values so close to a cubic once in a million times.
SURELY_SMOOTH = 1 / 16
STAYS = 1 / 4  # what changes by less than this share of itself stays the same


def rounding_in_residual(
    probe: Probe,
    point: Point,
    sizes: Sequence[Array],
    sides: Sides,
    *,
    norm: float,
    rng: np.random.Generator,
) -> float:
    """Return how much of a residual is rounding: 0 for a mistake.

    It is a mistake where the residual is a smooth function of x on the scale on which the slope is.

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
    rng : numpy Generator
        Draws the points.

    Returns
    -------
    float
        The roughness of the residual, at the distance where it is least; no less than the residual.
    """
    residual, size = abs(probe.residual), max(abs(probe.analytic), abs(probe.estimate.value), norm)
    smallest, closer, before, roughness = math.inf, 0, math.inf, math.inf
    for distance in DISTANCES:
        before, (of_slope, roughness) = roughness, _along_a_line(probe, point, sizes, sides, distance, rng)
        if of_slope > STAYS * size:
            continue
        smallest, closer = min(smallest, roughness), closer + 1
        if roughness <= STAYS * residual:
            return 0.0
        if before < math.inf and roughness >= max(residual, before / 2):
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
