"""How noisy are the values of a line? Rounding is heard, not assumed.

Code that computes in float32 inside, or that cancels, is noisier than its results look; and a function
may be noisier farther away. What the oracles conclude from differences rests on these measurements.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from checks.oracles import Line

EPS = float(np.finfo(np.float64).eps)

SPACING = (math.sqrt(5) - 2) * 4e-6  # of the scale, about a millionth; irrational, as the values shall be
PLAIN = 10.0  # times the noise: a line that rises by so much over its values has a slope
CLOSER = 1e-3
BETWEEN = 150.0  # times a billionth: many last digits of x in float32, and some of what is summed
FEW_DIGITS = 16 * 2.0**-23  # of the value: what the last digits of float32 may add up to
QUIET = 30.0  # times the least noise that such values carry
STAYS = 30.0  # rough by so much less is rough still; what is smooth is so by two thousand times less
FEW_STAIRS = 1000  # the smallest change that was seen of a staircase is no more of them


def noise_of(
    line: Line, *, scale: float = 1.0, value: float | None = None, digit: float = 0.0
) -> tuple[float, int]:
    """Standard deviation of the noise of a line's values near 0, and the evaluations it took.

    Eight values, a millionth of the scale apart, less the cubic through them: what is smooth goes,
    what is rounding stays (as in Moré & Wild, "Estimating computational noise", SIAM J. Sci. Comput.
    33, 2011). A millionth, not a few units in the last place: a function that rounds to float32
    inside would look perfectly quiet there. Unevenly, or a rounding that repeats with the spacing
    would look smooth; and on one side of 0, so that a kink there does not look like noise.

    ``digit`` is the last digit of x, as a share of the scale. Closer than that most of x does not move,
    and what its rounding does to the values would not be heard.
    """
    evaluations, coarser, rising = 0, math.inf, 0.0
    at_zero = float(line(0.0)) if value is None else value
    for spacing in (SPACING * scale * CLOSER**k for k in range(4)):
        values = [float(line(node * spacing)) for node in _UNEVEN.tolist()]
        evaluations += len(values)
        if not all(map(math.isfinite, values)):
            continue
        if math.isfinite(coarser) and len(set(values)) < 6:
            return coarser, evaluations  # steps of a coarser arithmetic: this is below its last digit
        less = np.asarray(values) - at_zero
        slope = abs(float(_SLOPE @ less)) / spacing
        if slope < rising / 2:
            return coarser, evaluations  # most of x stands still, on stairs of a coarser arithmetic
        least = max(rounding(at_zero), granularity(values) / 2)
        noise = max(_roughness(values, at_zero), least)
        if noise > coarser / 10:  # the same at two spacings
            return max(noise, coarser), evaluations
        if math.isfinite(coarser) and (noise < QUIET * least or coarser <= FEW_DIGITS * abs(at_zero)):
            between = [float(line(node * spacing * BETWEEN)) for node in _UNEVEN.tolist()]
            evaluations += len(between)
            rough = _roughness(between, at_zero) if all(map(math.isfinite, between)) else 0.0
            if rough > max(coarser / STAYS, QUIET * least):
                return coarser, evaluations  # this close some terms stand on one stair, and others move
        if noise < QUIET * least or spacing * CLOSER < digit:
            return noise, evaluations
        coarser = noise  # much curvature can look like this: see whether it shrinks with the spacing
        rising = slope if slope * spacing * _UNEVEN[-1] > PLAIN * noise else 0.0
    return (coarser if math.isfinite(coarser) else rounding(at_zero)), evaluations


def _roughness(values: Sequence[float], at_zero: float) -> float:
    """Return what is left of values at the uneven nodes without the cubic through them."""
    rough = _WITHOUT_CUBIC @ (np.asarray(values) - at_zero)
    return math.hypot(*rough.tolist()) / math.sqrt(len(rough))  # whose squares may underflow


_UNEVEN = np.arange(1, 9) + 0.4 * np.sin(np.arange(1, 9) ** 2)
_SLOPE = _UNEVEN / float(_UNEVEN @ _UNEVEN)
_WITHOUT_CUBIC = np.linalg.svd(np.vander(_UNEVEN / 8, 4).T)[2][4:]  # orthonormal, annihilates cubics


def rounding(value: float) -> float:
    """Return the least noise that a float64 value of this size carries."""
    return max(EPS * abs(value) / 2, 5e-324)


def granularity(values: Iterable[float], enough: int = 3) -> float:
    """Return the largest power of two that divides all values; 0 for fewer than ``enough`` different.

    For ordinary float64 values this is the last bit. For values computed in float32 it is the last
    bit of a float32: their noise is at least half of that, whatever their differences say.
    """
    different = {value for value in values if value != 0 and math.isfinite(value)}
    if len(different) < enough:
        return 0.0
    smallest = math.inf
    for value in different:
        numerator, denominator = value.as_integer_ratio()
        smallest = min(smallest, (numerator & -numerator) / denominator)
    return smallest


def stair(values: Sequence[float], value: float) -> float:
    """Return the height of one stair if all values differ from ``value`` by whole stairs; 0 for others.

    So do those of a function that rounds its result, or counts. The smallest difference seen is a small
    number of stairs.
    """
    heights = sorted({abs(other - value) for other in values} - {0.0})
    if len(heights) < 2:
        return 0.0
    rounding_of_one = 8 * EPS * max(map(abs, values))
    for share in range(1, FEW_STAIRS + 1):
        height = heights[0] / share
        if rounding_of_one >= height / 100:
            break
        multiples = [other / height for other in heights]
        allowed = [rounding_of_one / height * (1 + other / heights[0]) for other in heights]
        if all(a < 0.01 and abs(m - round(m)) <= a for m, a in zip(multiples, allowed, strict=True)):
            return height
    return 0.0
