"""All leaves examined at one point: probes, and a judgement on each leaf."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from checks.engine.directions import directions, inner, scaled_norm
from checks.engine.leaves import Array
from checks.engine.options import Tolerances
from checks.engine.problem import Point, Problem
from checks.engine.rounding import LOST, STAYS, rounding_in_residual
from checks.engine.sharper import ForwardMode, choose
from checks.engine.slopes import FINITE_DIFFERENCES, FORWARD_MODE, ROUGHLY, Slopes
from checks.engine.surroundings import Surroundings
from checks.engine.verdict import (
    FLOAT32_LIKE,
    ROUNDING,
    SAFETY,
    Judgement,
    Probe,
    Verdict,
    bound,
    judge,
    vanishing_share,
    worth_a_pass,
)
from checks.oracles.noise import EPS

FLOAT32_LOSES = 1e-5  # of the gradient, at most: a float64 gradient that was computed in float32
NEARLY_VANISHING = 1e-6  # of the largest leaf: such a gradient is the reason where its leaf cannot be told
VANISHES = "the gradient vanishes here beside fun, whose values cannot show it; try an x0 where it does not"
NOTHING_LEFT = (
    "nothing is left of the gradient here but the last digits of what it is around; try an x0 where it does "
    "not vanish"
)
LOSES_DIGITS = (
    "fun, or its gradient, loses digits to rounding here (the two agree differently at each point beside "
    "x0); rewrite what cancels, or try another x0"
)
TOLD = 1e-6  # of a residual that is wrong: as well as the next need to be known to tell mistakes apart
BARELY = 10.0  # times the bound: of an estimated error that is too small, the next is no such one
NOTHING = 1e-6  # of the other, of what grad and the oracle say
EXPLAINS = 0.1  # of a residual: a kink that is smaller is not its cause
HIDDEN = 1e-2  # of a gradient: less than that may be hidden from duals, and not show on a single line
HUNDREDTH = 1e-2  # of fun: a leaf that cannot move fun by 1e-14 of itself has nothing but rounding to show


@dataclass(frozen=True, slots=True)
class LeafExamination:
    """One leaf: its probes and the judgement; ``rounding`` is what its residuals were seen to owe to it."""

    leaf: int
    probes: tuple[Probe, ...]
    judgement: Judgement
    norm: float
    oracle: str
    rounding: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The verdict on this leaf."""
        return self.judgement.verdict

    @property
    def worst(self) -> Probe:
        """The probe whose residual is largest against its bound."""
        return max(self.probes, key=lambda probe: abs(probe.residual) / probe.bound if probe.bound else 0.0)


@dataclass(frozen=True, slots=True)
class Examination:
    """A point, the gradient there, and what was found in each non-empty leaf."""

    point: Point
    value: float
    gradient: tuple[Array, ...]
    sizes: Sequence[Array]
    slopes: Slopes
    leaves: tuple[LeafExamination, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of any leaf: FAIL, then INCONCLUSIVE, then KINK."""
        found = {leaf.verdict for leaf in self.leaves}
        for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.KINK):
            if verdict in found:
                return verdict
        return Verdict.PASS

    def with_verdict(self, verdict: Verdict) -> list[LeafExamination]:
        """Return the leaves that have this verdict."""
        return [leaf for leaf in self.leaves if leaf.verdict is verdict]

    def kinked_across(self) -> bool:
        """Whether leaves fail by values of fun alone, at a kink that shows only where all leaves move.

        Kinks that cancel along each leaf, or two units that share one, leave lines of one leaf smooth.
        """
        by_values = [leaf for leaf in self.with_verdict(Verdict.FAIL) if leaf.oracle != FORWARD_MODE]
        residuals = [abs(leaf.worst.residual) for leaf in by_values]
        return bool(residuals) and self.slopes.kinked(enough=EXPLAINS * min(residuals))

    def doubtful(self) -> bool:
        """Whether leaves fail by values of fun alone, barely, or amid noise like float32's.

        Estimated errors have tails; two kinks beside x0 that cancel from afar hide in such noise. Either is
        a coincidence, at one point.
        """
        failing = self.with_verdict(Verdict.FAIL)
        barely = all(abs(leaf.worst.residual) <= BARELY * leaf.worst.bound for leaf in failing)
        by_values = all(leaf.oracle == FINITE_DIFFERENCES for leaf in failing)
        return by_values and (barely or self.slopes.eps > FLOAT32_LIKE)

    def with_failures(self, verdict: Verdict, reason: str) -> Examination:
        """Return the same with another verdict on what fails, for a reason."""
        return replace(self, leaves=tuple(
            replace(leaf, judgement=replace(leaf.judgement, verdict=verdict, reason=reason))
            if leaf.verdict is Verdict.FAIL else leaf
            for leaf in self.leaves
        ))  # fmt: skip


def probe(
    slopes: Slopes,
    leaf: int,
    gradient: Array,
    direction: Array,
    *,
    size: float,
    rounding: float = 0.0,
    enough: float = 0.0,
    wanted: float = math.inf,
) -> Probe:
    """Return what one direction shows in a leaf whose gradient has the norm ``size``."""
    estimate = slopes.along(leaf, direction, enough=enough, wanted=wanted)
    eps = max(float(np.finfo(gradient.dtype).eps), slopes.eps)
    allowed = bound(estimate, size, eps) + rounding
    return Probe(direction, inner(gradient, direction), estimate, allowed)


class Examiner:
    """Examines points of one problem, leaf by leaf, always in the same way.

    Parameters
    ----------
    problem : Problem
        The function and its gradient.
    sizes : sequence of ndarray
        D of each leaf.
    method : str
        The oracle asked for.
    count, count_exact : int
        Directions a leaf, and how many are enough with an exact oracle, whose bars are so fine that a
        resolution twice as coarse matters to nobody.
    tolerances : Tolerances
        The user's.
    rng : numpy Generator
        Draws the directions.
    """

    def __init__(
        self,
        problem: Problem,
        sizes: Sequence[Array],
        *,
        method: str,
        count: int,
        count_exact: int,
        tolerances: Tolerances,
        rng: np.random.Generator,
    ) -> None:
        self.problem, self.sizes, self.method = problem, sizes, method
        self.count, self.count_exact = count, count_exact
        self.tolerances, self.rng = tolerances, rng
        self.outlook = self.far_value = 0.0
        self.told = ""

    def size(self, gradient: Sequence[Array]) -> float:
        """Return the norm of a whole gradient, scaled by D."""
        return math.hypot(*(scaled_norm(g, size) for g, size in zip(gradient, self.sizes, strict=True)))

    def examine(
        self,
        point: Point,
        value: float,
        gradient: tuple[Array, ...],
        *,
        unsteadiness: float = 0.0,
        only: Sequence[int] | None = None,
    ) -> Examination:
        """Probe every leaf (or only some) and judge each."""
        slopes, told = choose(self.problem, point, value, unsteadiness, self.method, self.rng)
        self.told = self.told or told
        norms = [scaled_norm(g, size) for g, size in zip(gradient, self.sizes, strict=True)]
        reference = self._reference(norms, value)
        leaves = [leaf for leaf, g in enumerate(gradient) if g.size and (only is None or leaf in only)]
        around = Surroundings(self.problem, point, gradient, self.sizes, self.rng)
        found = [self._leaf(leaf, slopes, norms[leaf], reference, around) for leaf in leaves]
        return Examination(point, value, gradient, self.sizes, slopes, tuple(found))

    def _reference(self, norms: Sequence[float], value: float) -> tuple[float, str]:
        """What a gradient of zeros is measured against: it has no size of its own."""
        largest, beside = max(norms), self.outlook if max(norms) <= 1e-6 * self.outlook else 0.0
        candidates = [
            (largest, "the largest leaf"),
            (beside, "the gradient beside x0"),
            (HUNDREDTH * abs(value or self.far_value), "a hundredth of fun"),
        ]
        reference = max(candidates)
        return reference if reference[0] > 0 else (1.0, "one")

    def _leaf(
        self,
        leaf: int,
        slopes: Slopes,
        size: float,
        reference: tuple[float, str],
        around: Surroundings,
    ) -> LeafExamination:
        g = around.gradient[leaf]
        probes = self._probes(leaf, slopes, size, around)
        if isinstance(slopes, ForwardMode) and slopes.oracle(leaf) == FORWARD_MODE:
            worst = max(probes, key=lambda seen: abs(seen.residual))
            if (
                worst.wrong
                and abs(worst.residual) <= HIDDEN * size
                and slopes.refuted(leaf, worst.direction, worst.analytic, worst.estimate.value)
            ):
                probes = self._probes(leaf, slopes, size, around)
        why = ""
        eps = max(float(np.finfo(g.dtype).eps), slopes.eps)
        exact, largest = slopes.oracle(leaf) == FORWARD_MODE, max(reference[0], abs(slopes.value))
        vanishing = vanishing_share(eps)
        expected = ROUNDING * max(EPS, eps) * largest if size <= vanishing * reference[0] else 0.0
        # An exact oracle sees a gradient that vanishes as well as any other, and hears what of it is
        # rounding; not where nothing is left of it, or where everything is rounded like float32.
        rounding = 0.0 if exact and size > 0 and eps <= FLOAT32_LIKE else expected
        if expected and not exact and around.is_no_dust(leaf):
            vanishing, rounding = 0.0, min(expected, around.growth * size * ROUNDING * max(EPS, eps))
        if expected:
            why = VANISHES
        elif size <= NEARLY_VANISHING * reference[0]:
            why = (
                f"the gradient nearly vanishes here, at {size / reference[0]:.0e} of {reference[1]}; "
                "try an x0 where it does not"
            )
        elif eps > FLOAT32_LIKE >= slopes.eps:
            why = "the gradient comes in float32, from a fun in float64; return it in float64"
        wrong = [seen for seen in probes if abs(seen.residual) > seen.bound + rounding]
        if wrong and around.largest > 0 and all(map(_beside_nothing, wrong)):
            # Where every sample is told beyond doubt, nothing may be left of p - y but its last digit.
            most = max(abs(seen.residual) for seen in probes)
            if around.largest <= around.last_digit and most <= ROUNDING * around.last_digit:
                rounding, vanishing, why = ROUNDING * around.last_digit, 0.0, NOTHING_LEFT
        if exact and why is not NOTHING_LEFT:
            # What the one owes that is farthest off is granted to all.
            worst = max(probes, key=lambda seen: abs(seen.residual) - seen.bound)
            lost_digits = in_float32(g) and abs(worst.residual) <= FLOAT32_LOSES * size
            if abs(worst.residual) > worst.bound + rounding and not lost_digits:
                why = LOSES_DIGITS
                heard = self._rounding(worst, leaf, size, largest, eps, around, expected - rounding)
                rounding += heard
            if rounding == 0:
                vanishing = 0.0
        probes = [replace(seen, bound=seen.bound + rounding) for seen in probes]
        judgement = judge(
            probes, axes=g.size <= self.count, norm=size, reference=reference[0],
            reference_name=reference[1],
            coarse=slopes.eps > FLOAT32_LIKE, any_resolution=self.tolerances.given,
            vanishing=vanishing, why=why,
        )  # fmt: skip
        return LeafExamination(leaf, tuple(probes), judgement, size, slopes.oracle(leaf), rounding)

    def _probes(self, leaf: int, slopes: Slopes, size: float, around: Surroundings) -> list[Probe]:
        """Look along the directions; along fewer where an exact oracle finds each of them right."""
        g, probes, enough = around.gradient[leaf], list[Probe](), 0.0
        eps = max(float(np.finfo(g.dtype).eps), slopes.eps)
        wanted = worth_a_pass(size, min(self.count, g.size), eps=eps, coarse=slopes.eps > FLOAT32_LIKE)
        for v in directions(around.point[leaf], self.sizes[leaf], self.count, self.rng):
            allowance = self.tolerances.allowance(g, v)
            seen = probe(slopes, leaf, g, v, size=size, rounding=allowance, enough=enough, wanted=wanted)
            if seen.wrong and abs(seen.residual) > ROUGHLY * abs(seen.analytic):
                seen = _held_close_up(seen, slopes, leaf)
            probes.append(seen)
            if seen.wrong and not seen.estimate.saw_kink:  # what is left to learn is which mistake it is
                enough = max(enough, TOLD * abs(seen.residual))
            exact = slopes.oracle(leaf) == FORWARD_MODE and not enough
            if exact and len(probes) == self.count_exact and g.size > self.count:
                break
        return probes

    def _rounding(
        self,
        worst: Probe,
        leaf: int,
        size: float,
        largest: float,
        eps: float,
        around: Surroundings,
        expected: float,
    ) -> float:
        """Return how much of a residual from an exact oracle is rounding; 0 where it is a mistake."""

        def saturated() -> bool:
            # 1 - p is lost to the last bit where p is 1, and smoothly; where x is less saturated it is not.
            return abs(worst.residual) <= worst.bound + around.growth * size * ROUNDING * EPS

        def may_be_frozen() -> bool:
            # Or it is less than what the largest leaf may owe: such a unit may be out of reach.
            owed = abs(worst.residual) <= min(ROUNDING * EPS * around.largest, LOST * size)
            return owed or saturated()

        as_expected = abs(worst.residual) <= worst.bound + expected
        if expected and as_expected and saturated():
            return expected

        def recovers() -> bool:
            return around.recovers(sides, worst.residual, norm=size, lost=LOST, differs=STAYS)

        sides = around.sides(leaf, worst.direction)
        heard = rounding_in_residual(
            worst, around.point, self.sizes, sides,
            norm=size, largest=largest, eps=eps, frozen=may_be_frozen, recovers=recovers, rng=self.rng,
        )  # fmt: skip
        return expected if heard > 0 and as_expected else SAFETY * heard


def _beside_nothing(seen: Probe) -> bool:
    """Whether one of grad and the oracle says next to nothing beside the other: no factor is like that."""
    less, more = sorted((abs(seen.analytic), abs(seen.estimate.value)))
    return less <= NOTHING * more


def _held_close_up(seen: Probe, slopes: Slopes, leaf: int) -> Probe:
    """Return the probe, its estimate taken back where values from close up speak for grad."""
    if slopes.oracle(leaf) == FORWARD_MODE or seen.estimate.saw_kink:
        return seen
    if not slopes.holds_close_up(leaf, seen.direction, seen.analytic):
        return seen
    told = "fun does otherwise from close up than from where its values looked like noise"
    return replace(
        seen, bound=math.inf, estimate=replace(seen.estimate, error=math.inf, notes=(told,))
    )  # fmt: skip


def in_float32(gradient: Array) -> bool:
    """Whether a float64 gradient holds nothing but float32 numbers: its rounding is then a finding.

    What is left of 1 - a when nearly everything cancels has few digits anyway, and proves nothing.
    """
    if gradient.dtype == np.float32:
        return False
    told = np.abs(gradient) > EPS / np.finfo(np.float32).eps
    with np.errstate(over="ignore"):
        single = gradient.astype(np.float32).astype(gradient.dtype)
    return bool(np.any(told)) and bool(np.array_equal(single, gradient))
