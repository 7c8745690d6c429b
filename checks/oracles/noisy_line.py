"""The slope of a line whose values are noisy: a curve fitted to many of them, over as wide a window as it fits.

Extrapolation to step 0 pays for every power of h that it removes with noise. Where noise is what limits
it, as for a function that computes in float32, a fit over a window of half-width h does better:

    f(t) - f(0) = s t + j |t| + c2 t^2 + c3 t^3,     |t| <= h

Nothing but noise may be left of the values, and no kink at 0. What could then still hide is known: for
each place of a kink, the largest one that the fit would not have shown, and what it does to the slope;
and the same for the next odd power.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from checks.oracles import Estimate

Floats = NDArray[np.float64]

# Values at +-h 2^(-k / 2): every second is a step of the finite differences as well, and the next window,
# half as wide, has all but two pairs already.
PAIRS, OCTAVE = 6, 2
WINDOWS = 8  # widths to try, each half the last
DIFFERENT = 8  # of the values: fewer are the stairs of a coarser arithmetic
LIKELY = 1.6  # times what noise leaves on average of the fit: more is no noise
STANDARD = 3.0  # standard deviations within which a kink at 0 goes unseen
GRANTED = 3.0  # as many times an estimated error is granted to a slope; what hides is bounded, not estimated
PLACES = np.concatenate([np.geomspace(1e-3, 1, 60), -np.geomspace(1e-3, 1, 60)])  # of a kink, in widths


@dataclass(frozen=True, slots=True)
class _Fit:
    """The fit on a window of width 1, for values less f(0), whose noise is one standard deviation.

    Attributes
    ----------
    nodes : ndarray
        Where the values are.
    slope, kink : ndarray
        What the values are to be multiplied with to give s and j.
    rest : ndarray
        The matrix that takes the values to what the fit leaves of them.
    slope_noise, kink_noise : float
        Standard deviations of s and j.
    rest_noise : float
        Root mean square of the norm of what is left.
    hides : float
        By how much what goes unseen may shift the slope.
    """

    nodes: Floats
    slope: Floats
    kink: Floats
    rest: Floats
    slope_noise: float
    kink_noise: float
    rest_noise: float
    hides: float


@cache
def _fit() -> _Fit:
    steps = 2.0 ** (-np.arange(PAIRS) / OCTAVE)
    nodes = np.concatenate([steps, -steps])
    columns = np.stack([nodes, np.abs(nodes), nodes**2, nodes**3], axis=1)
    solve = np.linalg.pinv(columns)
    rest = np.eye(len(nodes)) - columns @ solve

    def noise(rows: Floats) -> float:
        """Of a linear form of the values, each less f(0), which is as noisy."""
        return math.sqrt(float(np.sum(rows**2)) + float(np.sum(np.sum(rows, axis=-1) ** 2)))

    slope_noise, kink_noise, rest_noise = noise(solve[0]), noise(solve[1]), noise(rest)

    def hidden(values: Floats) -> float:
        """Return the shift of the slope by the largest multiple of these values that goes unseen."""
        left, kink = float(np.linalg.norm(rest @ values)), abs(float(solve[1] @ values))
        most = min(
            (1 + LIKELY) * rest_noise / left if left > 0 else math.inf,
            STANDARD * kink_noise / kink if kink > 0 else math.inf,
        )
        return abs(float(solve[0] @ values)) * most

    kinks = max(hidden(np.maximum((nodes - at) * np.sign(at), 0)) for at in PLACES.tolist())
    return _Fit(
        nodes, solve[0], solve[1], rest, slope_noise, kink_noise, rest_noise,
        math.hypot(kinks, hidden(nodes**5)),
    )  # fmt: skip


def fitted(
    pair: Callable[[float], tuple[float, float]],
    step: float,
    *,
    value: float,
    noise: Callable[[float], float],
    least: float,
) -> Estimate | None:
    """Return the slope from the widest window on which the fit leaves nothing but noise.

    Parameters
    ----------
    pair : callable
        h -> f(h), f(-h); asked once for each h.
    step : float
        Half the width of the first window.
    value : float
        f(0).
    noise : callable
        h -> the noise of the values out to h, one standard deviation, at most.
    least : float
        What is known to be the least of it. In between, what the fit leaves of the values tells.

    Returns
    -------
    Estimate or None
        None where no window of those tried will do. ``evaluations`` is left at 0.
    """
    fit = _fit()
    for halvings in range(WINDOWS):
        h = step / 2**halvings
        pairs = [pair(h * node) for node in fit.nodes[:PAIRS].tolist()]
        values = np.array([above for above, _ in pairs] + [below for _, below in pairs]) - value
        if not np.all(np.isfinite(values)) or len(set(values.tolist())) < DIFFERENT:
            continue
        sigma = noise(h)
        left, kink = float(np.linalg.norm(fit.rest @ values)), float(fit.kink @ values)
        if left > LIKELY * fit.rest_noise * sigma or abs(kink) > STANDARD * fit.kink_noise * sigma:
            continue
        sigma = min(sigma, max(least, 1.25 * left / fit.rest_noise))
        slope = float(fit.slope @ values) / h
        error = (fit.slope_noise + fit.hides / GRANTED) * sigma / h
        return Estimate(slope, error, 0, slope, slope, step=h, noise=sigma)
    return None
