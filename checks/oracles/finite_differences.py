"""The slope of a line from its values alone: extrapolated central differences.

At steps h, h/2, h/4, ... two sequences are extrapolated to h = 0 (Neville's scheme):

    D(h) = (f(h) - f(-h)) / 2h           = f'(0) + c2 h^2 + c4 h^4 + ...    the slope
    M(h) = (f(h) - 2 f(0) + f(-h)) / 2h  = jump  + c1 h   + c3 h^3 + ...    half the difference of
                                                                            the one-sided slopes

An entry of the first tableau is trusted as far as its two parents agree with it and the noise of
the values allows. A kink closer than every step is added as far as the second tableau cannot tell it
from zero, at the step where it can best; a kink between two steps shows in the first tableau. The
step is not chosen beforehand: every step on the way down proposes an estimate, and the one with the
smallest error is returned. Where noise is what limits them all, :mod:`checks.oracles.noisy_line` fits a
curve to many values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from checks.oracles import Estimate, Line, noisy_line
from checks.oracles.ladder import CLIMB, FIRST_STEP, MAX_STEPS, SHRINK, SURELY_MORE, Ladder
from checks.oracles.noise import granularity
from checks.oracles.noisy_line import GRANTED

COLUMNS = 7

# One standard deviation of the noise, in units of noise / h: 1 / sqrt(2) for D(h), sqrt(3 / 2) for M(h),
# times the weight with which the finest step enters an extrapolated value, prod 1 / (1 - r^-p) over the
# powers p of h that are removed, r being SHRINK. Several standard deviations are the caller's to grant.
SLOPE_NOISE = math.sqrt(1 / 2) * math.prod(1 / (1 - SHRINK ** (-2 * j)) for j in range(1, COLUMNS + 1))
JUMP_NOISE = math.sqrt(3 / 2) * math.prod(1 / (1 - SHRINK ** (1 - 2 * j)) for j in range(1, COLUMNS + 1))

# Where a first step moves the values by less than this many times their noise, larger ones may be tried.
ENOUGH_ROOM = 1e10
STRAIGHT = 1 / 4  # a line that bends by less of its slope over a larger step goes on as it began
SETTLED = 1e-3  # of the slope
LOUD = 1e-10  # of the value: noise as that of float32
NOISY, WIDER = 1e-5, 4.0  # an error, of the slope, that is noise; and how much wider a fit may look then
DENIED = 3.0  # a kink seen from farther away must be so much larger than what could hide close by
WORTH_IT = 2.0  # two more evaluations must make the error this much smaller


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
        return self.slope_error + self.unseen

    @property
    def unseen(self) -> float:
        """How much of a kink could hide: half the difference of the slopes on both sides."""
        return max(abs(self.jump), self.jump_error)


def derivative(
    line: Line,
    *,
    scale: float = 1.0,
    noise: float | None = None,
    value: float | None = None,
    enough: float = 0.0,
    reach: float = 0.0,
    wanted: float = math.inf,
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
    reach : float
        Up to where a larger scale is looked for, where the line hardly moves. It then has to be smooth
        that far: a kink closer by than the values can show is not seen.
    wanted : float
        An error that is worth many more evaluations, where noise stands in its way.

    Returns
    -------
    Estimate
        With ``error`` infinite, and the reason in ``notes``, when no step tells anything.
    """
    ladder = Ladder(line, line(0.0) if value is None else value, 0 if value is not None else 1)
    if not math.isfinite(ladder.value):
        return Estimate(math.nan, math.inf, ladder.evaluations, notes=("the value at 0 is not finite",))
    ladder.listen(noise, FIRST_STEP * scale)
    step = ladder.first_step(FIRST_STEP * scale)
    if step is None:
        return Estimate(
            math.nan, math.inf, ladder.evaluations, noise=ladder.noise,
            notes=("no step on both sides of the point stays where the function is finite",),
        )  # fmt: skip
    ladder.noise = max(ladder.noise, granularity(ladder.values()) / 2)
    step = _climb(ladder, step, FIRST_STEP * reach)
    estimate = _estimate(ladder, step, enough)
    if step > FIRST_STEP and not estimate.error <= SETTLED * abs(estimate.value):
        # What a kink does close by may be less than the noise, and only what settles far away denies it.
        estimate = _estimate(ladder, FIRST_STEP, enough)
    if estimate.error > max(enough, NOISY * abs(estimate.value)):
        estimate = _fitted(ladder, estimate, FIRST_STEP * scale, wanted)
    return estimate


def _fitted(ladder: Ladder, estimate: Estimate, widest: float, wanted: float) -> Estimate:
    """Return the estimate of a fit to many values, where noise is what limits that of the steps."""
    if not math.isfinite(estimate.error):
        return estimate
    if estimate.kink and ladder.noise < LOUD * abs(ladder.value):
        return estimate  # the steps came as close as anything can
    fit = noisy_line.fitted(
        ladder.pair, min(WIDER * estimate.step, widest),
        value=ladder.value, noise=ladder.noise_at, least=ladder.heard, wanted=wanted,
    )  # fmt: skip
    of_steps = replace(estimate, evaluations=ladder.evaluations)
    if fit is None:
        return of_steps
    apart = abs(fit.value - estimate.value)
    if apart <= GRANTED * estimate.error and estimate.error <= fit.error:
        return of_steps
    if apart > GRANTED * math.hypot(estimate.error, fit.error):  # two parents may agree by chance
        fit = replace(fit, error=max(fit.error, apart / GRANTED))  # so that it holds whichever is right
    within = estimate.step if estimate.kink else estimate.kink_within
    left, right = (estimate.left, estimate.right) if math.isfinite(within) else (fit.left, fit.right)
    return replace(
        fit, evaluations=ladder.evaluations, notes=estimate.notes, kink_within=within, left=left, right=right
    )


def _estimate(ladder: Ladder, step: float, enough: float) -> Estimate:
    """Return what the steps from this one downwards tell."""
    rows = _descend(ladder, step, enough)
    rounded = ladder.stairs() / 2
    if rounded > ladder.noise:  # what looked quiet from close up was one stair
        ladder.noise = rounded
        rows = _descend(ladder, step, enough)
    if ladder.jumps():
        return Estimate(
            math.nan, math.inf, ladder.evaluations, noise=ladder.noise,
            notes=("the function jumps here, or changes over less than the finest step",),
        )  # fmt: skip
    return _choose(rows, ladder)


def _climb(ladder: Ladder, first: float, reach: float) -> float:
    """Return a step that moves the values well above their noise, if the line is straight that far."""
    step, factor = first, CLIMB
    while ladder.swing(step) <= ENOUGH_ROOM * ladder.noise:
        above = factor * step
        if above <= reach and _straight(ladder, step, above):
            step = above
            unseen = ladder.swing(step) <= SURELY_MORE * ladder.noise
            factor = factor**2 if unseen else CLIMB  # nothing is seen yet: hurry
        elif factor > CLIMB:
            factor = max(CLIMB, math.sqrt(factor))
        else:
            break
    if step > first:
        ladder.listen_at(step)
    return step


def _straight(ladder: Ladder, step: float, above: float) -> bool:
    """Whether the line goes on from one step to a larger one as it began, as far as noise lets one see."""
    if not ladder.finite(above):
        return False
    bend = abs(ladder.slope(above) - ladder.slope(step)) + abs(ladder.mismatch(above))
    return bend <= STRAIGHT * abs(ladder.slope(step)) + JUMP_NOISE * ladder.noise / step


def _descend(ladder: Ladder, step: float, enough: float) -> list[_Row]:
    slopes: list[float] = []
    jumps: list[float] = []
    rows: list[_Row] = []
    steps: list[float] = []
    even, odd = ([SHRINK ** (2 * j - odd) for j in range(1, COLUMNS + 1)] for odd in (0, 1))
    look_closer = False
    for _ in range(MAX_STEPS):
        small = min([enough, *(abs(row.jump) / DENIED for row in rows if row.kinked)])
        if any(row.error <= small for row in rows if not row.kinked):
            break
        if rows and _finer_steps_are_in_vain(rows, step, ladder.noise):
            look_closer = look_closer or _contradicted_from_close_up(rows, ladder)
            if not look_closer or SLOPE_NOISE * ladder.noise / step > abs(rows[-1].slope):
                break
        if not ladder.finite(step):
            ladder.left_the_domain = True
            slopes, jumps, rows, steps = [], [], [], []
            step /= SHRINK
            continue
        here = ladder.noise_at(step) / step
        steps.append(step)
        below_slopes = _extrapolate(ladder.slope(step), slopes, even)
        below_jumps = _extrapolate(ladder.mismatch(step), jumps, odd)
        if len(steps) >= 3:
            slope, slope_error, column = _most_settled(below_slopes, slopes, SLOPE_NOISE * here)
            jump, jump_error, _ = _most_settled(below_jumps, jumps, JUMP_NOISE * here)
            rows.append(_Row(step, slope, slope_error, jump, jump_error, steps[-1 - column]))
        slopes, jumps = below_slopes, below_jumps
        step /= SHRINK
        if len(steps) >= 4 and rows[-1].kinked and rows[-2].kinked:
            slopes, jumps, steps = [], [], []
            step = _beyond(ladder, step, rows[-1].jump)
    return rows


def _beyond(ladder: Ladder, step: float, jump: float) -> float:
    """Return a step closer than the kink beside 0; where the kink is at 0, one so fine that noise is all."""
    while abs(ladder.mismatch(step)) > abs(jump) / 2 and JUMP_NOISE * ladder.noise / step < abs(jump) / 2:
        step /= CLIMB
    return step


def _finer_steps_are_in_vain(rows: list[_Row], step: float, noise: float) -> bool:
    """At a finer step the noise alone leaves the error already reached nearly as it is."""
    clean = min((row.error for row in rows if not row.kinked), default=math.inf)
    kinked = min((abs(row.jump) / 30 for row in rows if row.kinked), default=math.inf)
    return (SLOPE_NOISE + JUMP_NOISE) * noise / step > min(clean, kinked) / WORTH_IT


def _contradicted_from_close_up(rows: list[_Row], ladder: Ladder) -> bool:
    """Return whether a finer pair denies the best row: those known, and one as close as noise permits.

    A sine that is hit near its zeros by every step of a ladder looks like a straight line, and so
    does a kink closer than the finest step.
    """
    best = min(rows, key=lambda row: row.error)
    if best.kinked:
        return False
    noise, curved = ladder.noise, abs(ladder.slope(best.coarsest) - best.slope)
    for finer in ladder.finer(rows[-1].step):
        allowed = 3 * (best.error + SLOPE_NOISE * noise / finer) + curved * (finer / best.coarsest) ** 2
        if abs(ladder.slope(finer) - best.slope) > allowed:
            return True
    # So close that noise is a tenth of the slope; where that is as good as zero, as large as its error.
    size = max(abs(best.slope), 10 * best.error)
    step = 10 * SLOPE_NOISE * noise / size if size > 0 else 0.0
    if not 0 < step <= rows[-1].step / SHRINK or not ladder.finite(step):
        return False
    allowed = best.error + SLOPE_NOISE * noise / step + abs(ladder.mismatch(step))
    return abs(ladder.slope(step) - best.slope) > 3 * allowed


def _extrapolate(first: float, above: list[float], powers: list[float]) -> list[float]:
    """One more row of Neville's tableau: column j has the first j powers of h removed."""
    row = [first]
    for j, parent in enumerate(above[: len(powers)]):
        row.append(row[j] + (row[j] - parent) / (powers[j] - 1))
    return row


def _most_settled(row: list[float], above: list[float], noise: float) -> tuple[float, float, int]:
    """Return the entry whose parents agree best with it, the error, and a column that does nearly as well."""
    errors = [max(abs(row[j] - row[j - 1]), abs(row[j] - above[j - 1])) + noise for j in range(1, len(row))]
    best = int(np.argmin(errors))
    column = 1 + next((j for j, error in enumerate(errors) if error <= WORTH_IT * errors[best]), best)
    return row[best + 1], errors[best], column


def _confirmed(rows: list[_Row]) -> list[_Row]:
    """Add to the error of each row whatever a finer one contradicts."""
    confirmed = []
    for i, row in enumerate(rows):
        contradicted = max(
            (abs(row.slope - finer.slope) - finer.error for finer in rows[i + 1 :]), default=0.0
        )
        confirmed.append(replace(row, slope_error=max(row.slope_error, contradicted)))
    return confirmed


def _choose(rows: list[_Row], ladder: Ladder) -> Estimate:
    notes = ("steps were shortened to stay where the function is finite",) if ladder.left_the_domain else ()
    if not rows:
        return Estimate(math.nan, math.inf, ladder.evaluations, noise=ladder.noise, notes=notes)
    kinks = [row for row in rows if row.kinked]
    below = _confirmed(rows[rows.index(kinks[-1]) + 1 :] if kinks else rows)
    unseen = min((row.unseen for row in below), default=math.inf)
    best = min(below, key=lambda row: row.slope_error, default=None)
    if kinks:
        clearest = min(kinks, key=lambda row: row.slope_error + row.jump_error)
        left, right = clearest.slope - clearest.jump, clearest.slope + clearest.jump
        if best is None or best.slope_error + unseen > abs(clearest.jump) / DENIED:  # cannot deny the kink
            return Estimate(
                clearest.slope, clearest.slope_error + abs(clearest.jump) + clearest.jump_error,
                ladder.evaluations, left, right, kink=True,
                step=clearest.coarsest, noise=ladder.noise_at(clearest.step), notes=notes,
            )  # fmt: skip
        return Estimate(
            best.slope, best.slope_error + unseen, ladder.evaluations, left, right,
            kink_within=kinks[-1].step, step=best.coarsest, noise=ladder.noise_at(best.step), notes=notes,
        )  # fmt: skip
    assert best is not None
    return Estimate(
        best.slope, best.slope_error + unseen, ladder.evaluations, best.slope, best.slope,
        step=best.coarsest, noise=ladder.noise_at(best.step), notes=notes,
    )  # fmt: skip
