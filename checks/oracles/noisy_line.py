"""The slope of a line whose values are noisy: a curve fitted to many of them, on the widest window it fits.

Extrapolation to step 0 pays for every power of h that it removes with noise. Where noise is what limits
it, as for a function that computes in float32, a fit over a window of half-width h does better:

    f(t) = c0 + s t + j |t| + c2 t^2 + c3 t^3,     |t| <= h

Nothing but noise may be left of the values, and no kink at 0. What could then still hide is known: for
each place of a kink, the largest one that the fit would not have shown, and what it does to the slope;
and the same for the next odd power.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from checks.oracles import Estimate

Floats = NDArray[np.float64]

# Values at +-h 2^(-k / 2), k < 6: every second is a step of the finite differences as well, and the next
# window, half as wide, has all but two pairs already. Where that is not enough, sixteen times as many.
OCTAVES, FEW, MANY = 3, 2, 32
WINDOWS = 8  # widths to try, each half the last
DIFFERENT = 8  # of the values: fewer are the stairs of a coarser arithmetic
LIKELY = 1.6  # times what noise leaves on average of the fit: more is no noise
CAUTIOUS = 1.25  # times what the fit leaves: eight degrees of freedom know the noise to a quarter
STANDARD = 3.5  # standard deviations: more of a kink, or of a higher power, is no noise
HIDDEN = 2.5  # as many more of them may there be than noise lets one see
GRANTED = 3.0  # as many times an estimated error is granted to a slope; what hides is bounded, not estimated
SEEN = 1e-6  # less is the rounding of the fit itself
PLACES = np.concatenate([np.geomspace(1e-3, 0.95, 60), -np.geomspace(1e-3, 0.95, 60)])  # of a kink, in widths


class _Fit:
    """The fit on a window of half-width 1, and what it would leave of shapes that it does not have.

    Parameters
    ----------
    an_octave : int
        Pairs of values for each halving of the distance.
    """

    def __init__(self, an_octave: int) -> None:
        steps = 2.0 ** (-np.arange(OCTAVES * an_octave) / an_octave)
        self.steps: list[float] = steps.tolist()
        nodes = np.concatenate([[0.0], steps, -steps])
        columns = np.stack([nodes, np.abs(nodes), nodes**2, nodes**3, np.ones_like(nodes)], axis=1)
        solve = np.linalg.pinv(columns)
        self.slope, self.kink, self.rest = solve[0], solve[1], np.eye(len(nodes)) - columns @ solve
        self.slope_noise, self.kink_noise, self.rest_noise = (
            float(np.linalg.norm(form)) for form in (self.slope, self.kink, self.rest)
        )
        kinks = [np.maximum((nodes - at) * np.sign(at), 0) for at in PLACES.tolist()]
        bends = [kink**2 for kink in kinks]  # where only the curvature jumps
        self.shapes = np.stack([*kinks, *bends, nodes**5])
        self.left = self.shapes @ self.rest
        self.lengths = np.linalg.norm(self.left, axis=1)
        self.left[self.lengths < SEEN] = 0.0  # rounding: as good as a kink at 0
        self.left /= np.maximum(self.lengths, SEEN)[:, None]
        self.kinks = np.abs(self.shapes @ self.kink) / self.kink_noise
        self.shifts = np.abs(self.shapes @ self.slope)

    def error(self, seen: Floats | float = 0.0, kink: float = 0.0) -> float:
        """Return the estimated error of the slope, for noise of one standard deviation.

        ``seen`` is how much of each shape the rest of the values holds, ``kink`` how much of one at 0; both
        in standard deviations. There may be HIDDEN more of it than was seen.
        """
        most = np.minimum(
            (seen + HIDDEN) / np.maximum(self.lengths, SEEN), (kink + HIDDEN) / np.maximum(self.kinks, SEEN)
        )
        shifted = self.shifts * most
        return self.slope_noise + math.hypot(float(np.max(shifted[:-1])), float(shifted[-1])) / GRANTED


_fit = cache(_Fit)


def fitted(
    pair: Callable[[float], tuple[float, float]],
    step: float,
    *,
    value: float,
    noise: Callable[[float], float],
    least: float,
    wanted: float = math.inf,
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
    wanted : float
        An error that is worth sixteen times as many values.

    Returns
    -------
    Estimate or None
        None where no window of those tried will do, or none could give what is wanted. ``evaluations``
        is left at 0.
    """
    many = _fit(MANY)
    if many.error() * least / step > wanted:
        return None  # in vain: what is wanted is below the noise
    windows = [step / 2**halvings for halvings in range(WINDOWS)]
    quietest = math.inf
    for h in windows:
        found, left = _on_window(_fit(FEW), pair, h, value, noise(h), least)
        if found is not None:
            break
        quietest = min(quietest, left)
    else:
        # What is left on every window is noise that was not heard before.
        louder = CAUTIOUS * quietest
        for h in windows if louder < math.inf else ():
            found, _ = _on_window(_fit(FEW), pair, h, value, max(noise(h), louder), least)
            if found is not None:
                break
    if found is None or found.error <= wanted:
        return found
    for width in (h, h / 2):  # more values may show what fewer did not
        if many.error() * found.noise / width > wanted:
            break
        closer, _ = _on_window(many, pair, width, value, found.noise, least)
        if closer is not None:
            return closer
    return found


def _on_window(
    fit: _Fit,
    pair: Callable[[float], tuple[float, float]],
    h: float,
    value: float,
    most: float,
    least: float,
) -> tuple[Estimate | None, float]:
    """Return the slope from one window, and the noise that is left of the values.

    None where something but noise is left, or there is a kink at 0.
    """
    pairs = [pair(h * node) for node in fit.steps]
    values = np.array([value, *(above for above, _ in pairs), *(below for _, below in pairs)]) - value
    if not np.all(np.isfinite(values)) or len(set(values.tolist())) < DIFFERENT:
        return None, math.inf
    rest = fit.rest @ values
    left = float(np.linalg.norm(rest)) / fit.rest_noise
    sigma = min(most, max(least, CAUTIOUS * left))
    seen = np.abs(fit.left @ rest) / sigma
    kink = abs(float(fit.kink @ values)) / fit.kink_noise / sigma
    if left > LIKELY * most or max(kink, float(np.max(seen))) > STANDARD:
        return None, left
    slope = float(fit.slope @ values) / h
    return Estimate(slope, fit.error(seen, kink) * sigma / h, 0, slope, slope, step=h, noise=sigma), left
