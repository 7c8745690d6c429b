"""How much smaller an output is than the largest, so that a sum of all of them can show each one.

In a sum of outputs whose sizes are far apart the small ones drown, and with them every mistake in their
rows of the Jacobian. What is small because its digits cancelled is another matter: made larger, its
rounding would be the loudest of all. So an output is lifted to the largest slope, but no further than its
value, or its noise in units of the last digit, to the largest of these; and one whose slope cannot be seen
is left as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from checks.engine.directions import scalings
from checks.engine.leaves import Array, laid_out

FAR = (1e-2, 1e-4, 1e-6)  # of x: where outputs are seen to move, the first place where all are finite
NEAR = (1.0, 0.61, 0.33, 0.17)  # of the root of the last digit of x, where a curve is straight to that digit
PROPORTIONAL = 4.0  # up to which factor an output moves in proportion; rounding is off by many thousands
ALIKE = 100.0  # outputs no further apart are seen as they are, in float32 too

Ask = Callable[[list[Array]], list[Array] | None]
"""The outputs at a point, as float64; None outside the domain."""


def weights(outputs: Sequence[Array], ask: Ask, x0: Sequence[Array], rng: np.random.Generator) -> list[Array]:
    """Return by how much each output is smaller than the largest; 1 where that is not known.

    Parameters
    ----------
    outputs : sequence of ndarray
        fun(x0), leaf by leaf.
    ask : callable
        Evaluates fun; called once, or five times where sizes are far apart.
    x0 : sequence of ndarray
        The leaves of x0.
    rng : numpy Generator
        Draws the line on which outputs are seen to move.
    """
    one = [np.ones(y.shape) for y in outputs]
    here = np.concatenate([y.ravel().astype(np.float64) for y in outputs])
    if here.size == 1:
        return one
    direction = [size * rng.standard_normal(x.shape) for x, size in zip(x0, scalings(x0), strict=True)]

    def moved(distance: float) -> Array | None:
        there = ask([laid_out(x + distance * v, x) for x, v in zip(x0, direction, strict=True)])
        return None if there is None else np.concatenate([y.ravel() for y in there]) - here

    slope = _first_finite(moved)
    if slope is None:
        return one
    size = np.maximum(np.abs(here), slope)
    if not np.max(size) > ALIKE * np.min(size[slope > 0], initial=math.inf):
        return one
    digits = [float(np.finfo(x.dtype).eps) for x in x0]
    root = math.sqrt(max(digits))
    near = [moved(share * root) for share in NEAR]
    if any(there is None for there in near):
        return one
    end, *between = [there for there in near if there is not None]
    close = np.abs(end) / root
    noise = np.max(
        [np.abs(there - share * end) for share, there in zip(NEAR[1:], between, strict=True)], axis=0
    )
    known = (slope > 0) & (slope <= PROPORTIONAL * close) & (close <= PROPORTIONAL * slope)
    # Lifted to the largest slope, but no further than its rounding to what is loud already.
    value = np.maximum(np.abs(here), noise / min(digits))
    tiny = float(np.finfo(np.float64).tiny)
    smaller = np.minimum(np.max(slope) / np.maximum(slope, tiny), np.max(value) / np.maximum(value, tiny))
    smaller = np.where(known & (smaller > 1), smaller, 1.0)
    most = [
        math.sqrt(float(np.finfo(y.dtype).max)) for y in outputs
    ]  # what a weight multiplies must not overflow
    parts = np.split(smaller, np.cumsum([y.size for y in outputs])[:-1])
    return [
        np.minimum(part, limit).reshape(y.shape) for part, limit, y in zip(parts, most, outputs, strict=True)
    ]


def _first_finite(moved: Callable[[float], Array | None]) -> Array | None:
    """Return the slope of each output towards the first place where all are finite."""
    for distance in FAR:
        there = moved(distance)
        if there is not None:
            slope = np.abs(there) / distance
            if np.all(np.isfinite(slope)):
                return slope
    return None
