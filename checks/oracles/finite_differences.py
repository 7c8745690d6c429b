"""The slope of a line from its values alone: extrapolated central differences.

At steps h, h/r, h/r^2, ... two sequences are extrapolated to h = 0 (Neville's scheme):

    D(h) = (f(h) - f(-h)) / 2h           = f'(0) + c2 h^2 + c4 h^4 + ...    the slope
    M(h) = (f(h) - 2 f(0) + f(-h)) / 2h  = jump  + c1 h   + c3 h^3 + ...    half the difference of
                                                                            the one-sided slopes

An entry of the first tableau is trusted as far as its two parents agree with it and the noise of
the values allows. A kink closer than every step is added as far as the second tableau cannot tell it
from zero, at the step where it can best; a kink between two steps shows in the first tableau. The
step is not chosen beforehand: every step on the way down proposes an estimate, and the one with the
smallest error is returned.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from checks.oracles import Estimate, Line

EPS = float(np.finfo(np.float64).eps)

FIRST_STEP = math.sqrt(5) - 2  # of the scale; irrational, for short decimals would give rounded values
COARSE_SHRINK, FINE_SHRINK = 8.0, 2.0
MAX_STEPS = 18
SURELY_MORE = 100.0  # times the noise: what moves a function by so much is no noise
FEW_STAIRS = 1000  # the smallest change that was seen of a staircase is no more of them

# The noise of D(h) has a standard deviation of noise / (sqrt(2) h), that of M(h) is sqrt(3) times
# larger; about two and a half of those, which extrapolation multiplies by at most 1.5.
SLOPE_NOISE, JUMP_NOISE = 2.0, 3.0


@dataclass(frozen=True, slots=True)
class _Row:
    """What one step, with those above it, says: slope and jump, each with its error."""

    step: float
    slope: float
    slope_error: float
    jump: float
    jump_error: float
    coarsest: float

    @property
    def kinked(self) -> bool:
        return abs(self.jump) > 3 * max(self.jump_error, self.slope_error)

    @property
    def error(self) -> float:
        return self.slope_error + abs(self.jump) + self.jump_error


def derivative(
    line: Line,
    *,
    scale: float = 1.0,
    noise: float | None = None,
    value: float | None = None,
    enough: float = 0.0,
) -> Estimate:
    """Estimate the derivative of ``line`` at 0, with its error.

    Parameters
    ----------
    line : callable, float -> float
        The function t -> f(x + t v). May return NaN or infinity away from 0: the steps then shrink
        until they are inside the domain.
    scale : float
        The distance over which the line is expected to change its course. A poor guess costs
        evaluations, not correctness.
    noise : float, optional
        Standard deviation of the noise of the values. Measured when None, see :func:`noise_of`.
    value : float, optional
        ``line(0.0)``, if it is known already.
    enough : float
        An error that is small enough: no evaluations are spent on less.

    Returns
    -------
    Estimate
        With ``error`` infinite, and the reason in ``notes``, when no step tells anything.
    """
    ladder = _Ladder(line, line(0.0) if value is None else value, 0 if value is not None else 1)
    if not math.isfinite(ladder.value):
        return Estimate(math.nan, math.inf, ladder.evaluations, notes=("the value at 0 is not finite",))
    if noise is None:
        noise, used = noise_of(line, scale=scale, value=ladder.value)
        ladder.evaluations += used
    noise = max(noise, rounding(ladder.value))

    step = ladder.first_step(FIRST_STEP * scale)
    if step is None:
        return Estimate(
            math.nan, math.inf, ladder.evaluations, noise=noise,
            notes=("no step on both sides of the point stays where the function is finite",),
        )  # fmt: skip
    noise = max(noise, granularity(ladder.values()) / 2)
    shrink = COARSE_SHRINK if ladder.swing(step) / noise > 1e8 else FINE_SHRINK
    rows = _descend(ladder, step, shrink, noise, enough)
    rounded = ladder.stairs() / 2
    if rounded > noise:  # what looked quiet from close up was one stair
        noise = rounded
        rows = _descend(ladder, step, shrink, noise, enough)
    if ladder.jumps(noise):
        return Estimate(
            math.nan, math.inf, ladder.evaluations, noise=noise,
            notes=("the function jumps here, or changes over less than the finest step",),
        )  # fmt: skip
    return _choose(rows, ladder, noise)


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
    spacing, evaluations, coarser = FIRST_STEP * 4e-6 * scale, 0, math.inf
    at_zero = float(line(0.0)) if value is None else value
    for _ in range(4):
        values = [float(line(node * spacing)) for node in _UNEVEN.tolist()]
        evaluations += len(values)
        spacing /= 1e3
        if not all(map(math.isfinite, values)):
            continue
        if math.isfinite(coarser) and len(set(values)) < 6:
            return coarser, evaluations  # steps of a coarser arithmetic: this is below its last digit
        rough = _WITHOUT_CUBIC @ (np.asarray(values) - at_zero)
        least = max(rounding(at_zero), granularity(values) / 2)
        noise = max(float(np.linalg.norm(rough)) / math.sqrt(len(rough)), least)
        if noise > coarser / 10:  # the same at two spacings
            return max(noise, coarser), evaluations
        if noise < 30 * least or spacing < digit:
            return noise, evaluations
        coarser = noise  # much curvature can look like this: see whether it shrinks with the spacing
    return (coarser if math.isfinite(coarser) else rounding(at_zero)), evaluations


_UNEVEN = np.arange(1, 9) + 0.4 * np.sin(np.arange(1, 9) ** 2)
_WITHOUT_CUBIC = np.linalg.svd(np.vander(_UNEVEN / 8, 4).T)[2][4:]  # orthonormal, annihilates cubics


def rounding(value: float) -> float:
    """Return the least noise that a float64 value of this size carries."""
    return max(EPS * abs(value) / 2, 5e-324)


def granularity(values: Iterable[float]) -> float:
    """Return the largest power of two that divides all the values; 0 for fewer than three different ones.

    For ordinary float64 values this is the last bit. For values computed in float32 it is the last
    bit of a float32: their noise is at least half of that, whatever their differences say.
    """
    different = {value for value in values if value != 0 and math.isfinite(value)}
    if len(different) < 3:
        return 0.0
    smallest = math.inf
    for value in different:
        numerator, denominator = value.as_integer_ratio()
        smallest = min(smallest, (numerator & -numerator) / denominator)
    return smallest


class _Ladder:
    """The values of the line at ±h, each computed once."""

    def __init__(self, line: Line, value: float, evaluations: int) -> None:
        self.line, self.value, self.evaluations = line, value, evaluations
        self.left_the_domain = False
        self._pairs: dict[float, tuple[float, float]] = {}

    def pair(self, step: float) -> tuple[float, float]:
        if step not in self._pairs:
            self._pairs[step] = float(self.line(step)), float(self.line(-step))
            self.evaluations += 2
        return self._pairs[step]

    def finite(self, step: float) -> bool:
        return all(map(math.isfinite, self.pair(step)))

    def values(self) -> list[float]:
        return [self.value, *(value for pair in self._pairs.values() for value in pair)]

    def swing(self, step: float) -> float:
        plus, minus = self.pair(step)
        return max(abs(plus - self.value), abs(minus - self.value))

    def jumps(self, noise: float) -> bool:
        """Whether the finest of many steps moves the function as far as the coarsest."""
        steps = sorted(step for step in self._pairs if self.finite(step))
        finest, coarsest = self.swing(steps[0]), self.swing(steps[-1])
        return len(steps) >= MAX_STEPS and finest > max(coarsest / 2, SURELY_MORE * noise)

    def stairs(self) -> float:
        """Return the height of the stairs where the values are a staircase, flat from close up; 0 for others.

        So are the values of a function that rounds its result, or counts: all differ by multiples of one
        number, of which the smallest difference seen is a small one.
        """
        flat = sum(self.swing(step) == 0 for step in self._pairs if self.finite(step))
        values = [value for value in self.values() if math.isfinite(value)]
        heights = sorted({abs(value - self.value) for value in values} - {0.0})
        if flat < 2 or len(heights) < 2:
            return 0.0
        rounding_of_one = 8 * EPS * max(map(abs, values))
        for share in range(1, FEW_STAIRS + 1):
            stair = heights[0] / share
            if rounding_of_one >= stair / 100:
                break
            multiples = [height / stair for height in heights]
            allowed = [rounding_of_one / stair * (1 + height / heights[0]) for height in heights]
            if all(a < 0.01 and abs(m - round(m)) <= a for m, a in zip(multiples, allowed, strict=True)):
                return stair
        return 0.0

    def first_step(self, step: float) -> float | None:
        """Shrink the step until both sides are inside the domain."""
        for _ in range(2 * MAX_STEPS):
            if self.finite(step):
                return step
            self.left_the_domain = True
            step /= COARSE_SHRINK
        return None


def _descend(ladder: _Ladder, step: float, shrink: float, noise: float, enough: float) -> list[_Row]:
    slopes: list[float] = []
    jumps: list[float] = []
    rows: list[_Row] = []
    steps: list[float] = []
    even, odd = ([shrink ** (2 * j - odd) for j in range(1, 8)] for odd in (0, 1))
    relative_noise = noise / abs(ladder.value) if ladder.value else 0.0
    look_closer = False
    for _ in range(MAX_STEPS):
        if any(row.error <= enough for row in rows if not row.kinked):
            break
        if rows and _finer_steps_are_in_vain(rows, step, noise):
            look_closer = look_closer or _contradicted_from_close_up(rows, ladder, noise)
            if not look_closer or SLOPE_NOISE * noise / step > abs(rows[-1].slope):
                break
        if not ladder.finite(step):
            ladder.left_the_domain = True
            slopes, jumps, rows, steps = [], [], [], []
            step /= shrink
            continue
        plus, minus = ladder.pair(step)
        here = max(noise, relative_noise * max(abs(plus), abs(minus))) / step
        steps.append(step)
        below_slopes = _extrapolate((plus - minus) / (2 * step), slopes, even)
        below_jumps = _extrapolate((plus - 2 * ladder.value + minus) / (2 * step), jumps, odd)
        if len(steps) >= 3:
            slope, slope_error, column = _most_settled(below_slopes, slopes, SLOPE_NOISE * here)
            jump, jump_error, _ = _most_settled(below_jumps, jumps, JUMP_NOISE * here)
            rows.append(_Row(step, slope, slope_error, jump, jump_error, steps[-1 - column]))
        slopes, jumps = below_slopes, below_jumps
        step /= shrink
    return rows


def _finer_steps_are_in_vain(rows: list[_Row], step: float, noise: float) -> bool:
    """At a finer step the noise alone is larger than the error already reached."""
    clean = min((row.error for row in rows if not row.kinked), default=math.inf)
    kinked = min((abs(row.jump) / 30 for row in rows if row.kinked), default=math.inf)
    return SLOPE_NOISE * noise / step > min(clean, kinked)


def _contradicted_from_close_up(rows: list[_Row], ladder: _Ladder, noise: float) -> bool:
    """Return whether one pair, as close as the noise permits, denies the best row.

    A sine that is hit near its zeros by every step of a ladder looks like a straight line, and so
    does a kink closer than the finest step.
    """
    best = min(rows, key=lambda row: row.error)
    if best.kinked or abs(best.slope) <= 10 * best.error:
        return False
    step = 10 * SLOPE_NOISE * noise / abs(best.slope)
    if step > rows[-1].step / COARSE_SHRINK or not ladder.finite(step):
        return False
    plus, minus = ladder.pair(step)
    slope, mismatch = (plus - minus) / (2 * step), (plus - 2 * ladder.value + minus) / (2 * step)
    return abs(slope - best.slope) > 3 * (best.error + SLOPE_NOISE * noise / step + abs(mismatch))


def _extrapolate(first: float, above: list[float], powers: list[float]) -> list[float]:
    """One more row of Neville's tableau: column j has the first j powers of h removed."""
    row = [first]
    for j, parent in enumerate(above[: len(powers)]):
        row.append(row[j] + (row[j] - parent) / (powers[j] - 1))
    return row


def _most_settled(row: list[float], above: list[float], noise: float) -> tuple[float, float, int]:
    """Return the entry whose parents agree best with it, the error, and its column."""
    errors = [max(abs(row[j] - row[j - 1]), abs(row[j] - above[j - 1])) + noise for j in range(1, len(row))]
    column = int(np.argmin(errors)) + 1
    return row[column], errors[column - 1], column


def _confirmed(rows: list[_Row]) -> list[_Row]:
    """Add to the error of each row whatever a finer one contradicts."""
    confirmed = []
    for i, row in enumerate(rows):
        contradicted = max(
            (abs(row.slope - finer.slope) - finer.error for finer in rows[i + 1 :]), default=0.0
        )
        confirmed.append(replace(row, slope_error=max(row.slope_error, contradicted)))
    return confirmed


def _choose(rows: list[_Row], ladder: _Ladder, noise: float) -> Estimate:
    notes = ("steps were shortened to stay where the function is finite",) if ladder.left_the_domain else ()
    if not rows:
        return Estimate(math.nan, math.inf, ladder.evaluations, noise=noise, notes=notes)
    kinks = [row for row in rows if row.kinked]
    below = _confirmed(rows[rows.index(kinks[-1]) + 1 :] if kinks else rows)
    unseen = min((row.error - row.slope_error for row in below), default=math.inf)
    best = min(below, key=lambda row: row.slope_error, default=None)
    if kinks:
        clearest = min(kinks, key=lambda row: row.slope_error + row.jump_error)
        left, right = clearest.slope - clearest.jump, clearest.slope + clearest.jump
        if best is None or best.slope_error + unseen > abs(clearest.jump) / 3:  # cannot deny the kink
            return Estimate(
                clearest.slope, clearest.error, ladder.evaluations, left, right, kink=True,
                step=clearest.coarsest, noise=noise, notes=notes,
            )  # fmt: skip
        return Estimate(
            best.slope, best.slope_error + unseen, ladder.evaluations, left, right,
            kink_within=kinks[-1].step, step=best.coarsest, noise=noise, notes=notes,
        )  # fmt: skip
    assert best is not None
    return Estimate(
        best.slope, best.slope_error + unseen, ladder.evaluations, best.slope, best.slope,
        step=best.coarsest, noise=noise, notes=notes,
    )  # fmt: skip
