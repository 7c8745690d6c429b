"""What the residuals of a leaf may owe to rounding, beside the bound that each has of its own.

Three things are rounding and no mistake: the last digits of the largest numbers around, in a gradient that
vanishes beside them; those of what 1 - p is made of, where nothing else is left of p - y; and what a
residual from an exact oracle shows itself to be (:mod:`checks.engine.rounding`). That grad computes in
float32 and says float64 is none of them, but a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from checks.engine import finer
from checks.engine.leaves import Array
from checks.engine.rounding import STAYS, rounding_in_residual
from checks.engine.surroundings import Surroundings
from checks.engine.verdict import FLOAT32_LIKE, ROUNDING, SAFETY, Probe, vanishing_share
from checks.oracles.noise import EPS

FLOAT32_LOSES = 1e-5  # of the gradient, at most: a float64 gradient that was computed in float32
BEYOND_FLOAT32, NO_COINCIDENCE = 29, 20  # bits of a float64; bits that are zero once in a million times
NEARLY_VANISHING = 1e-6  # of the largest leaf: such a gradient is the reason where its leaf cannot be told
LOST = 1e-7  # of a leaf's norm: more is hardly lost to rounding without a trace of roughness
LAST_DIGITS = 1e6  # units of eps of the largest number around: what may be rounding
NOTHING = 1e-6  # of the other, of what grad and the oracle say
VANISHES = "the gradient vanishes here beside fun, whose values cannot show it; try an x0 where it does not"
NOTHING_LEFT = (
    "nothing is left of the gradient here but the last digits of what it is around; try an x0 where it does "
    "not vanish"
)
LOSES_DIGITS = (
    "fun, or its gradient, loses digits to rounding here (the two agree differently at each point beside "
    "x0); rewrite what cancels, or try another x0"
)
IN_FLOAT32 = "the gradient comes in float32, from a fun in float64; return it in float64"


@dataclass(frozen=True, slots=True)
class Owed:
    """What is granted to every residual of a leaf.

    Attributes
    ----------
    rounding : float
        Added to each bound.
    vanishing : float
        The share of the reference up to which the leaf's gradient is not worth a norm of its own.
    why : str
        What stands in the way of a better resolution, where it is known.
    """

    rounding: float
    vanishing: float
    why: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf among the numbers around it.

    Attributes
    ----------
    number : int
        Which it is.
    norm : float
        Of its gradient, scaled by D.
    reference : float
        What a gradient of zeros would be measured against.
    reference_name : str
        What that is, in words.
    value : float
        Of fun.
    eps : float
        The rounding unit of the values of fun.
    exact : bool
        Its slopes come from forward mode.
    around : Surroundings
        Of the point.
    """

    number: int
    norm: float
    reference: float
    reference_name: str
    value: float
    eps: float
    exact: bool
    around: Surroundings

    @property
    def gradient(self) -> Array:
        """The gradient in this leaf."""
        return self.around.gradient[self.number]

    @property
    def coarser_eps(self) -> float:
        """The rounding unit of fun or of the gradient, whichever is coarser."""
        return max(float(np.finfo(self.gradient.dtype).eps), self.eps)

    @property
    def largest(self) -> float:
        """The largest number around: a gradient's norm or fun itself."""
        return max(self.reference, abs(self.value))

    @property
    def rounding_of_fun(self) -> float:
        """What a value of fun here may owe to rounding, be it saturated or not."""
        around = max(self.around.growth * self.norm, self.around.last_digit / EPS)
        return ROUNDING * max(EPS, self.coarser_eps) * (around + abs(self.value))

    @property
    def last_digits(self) -> float:
        """The last digits of that number, where the gradient of the leaf vanishes beside it; else 0."""
        vanishes = self.norm <= vanishing_share(self.coarser_eps) * self.reference
        return ROUNDING * max(EPS, self.coarser_eps) * self.largest if vanishes else 0.0


def owed(leaf: Leaf, probes: Sequence[Probe], rng: np.random.Generator) -> Owed:
    """Return what the residuals of a leaf may owe to rounding."""
    granted = _granted(leaf)
    if _nothing_is_left(leaf, [p for p in probes if abs(p.residual) > p.bound + granted.rounding], probes):
        return Owed(ROUNDING * leaf.around.last_digit, 0.0, NOTHING_LEFT)
    return _heard(leaf, probes, granted, rng) if leaf.exact else _fading(leaf, probes, granted)


def _fading(leaf: Leaf, probes: Sequence[Probe], granted: Owed) -> Owed:
    """Return what is granted besides where slopes are those of values: what fades in finer arithmetic.

    The bars hold the roughness of the values; what fun has lost to the last bit is smooth.
    """
    worst = max(probes, key=lambda probe: abs(probe.residual) - probe.bound)
    if abs(worst.residual) <= worst.bound + granted.rounding:
        return granted
    fades = finer.fades_by_values(
        leaf.around.problem, leaf.around.point, leaf.number, worst, rounding=leaf.rounding_of_fun
    )  # fmt: skip
    if not fades:
        return granted
    return Owed(granted.rounding + SAFETY * abs(worst.residual), granted.vanishing, LOSES_DIGITS)


def _granted(leaf: Leaf) -> Owed:
    """Return what is granted before any residual is looked at: the last digits, to what vanishes."""
    vanishing, expected, eps = vanishing_share(leaf.coarser_eps), leaf.last_digits, leaf.coarser_eps
    # An exact oracle sees a gradient that vanishes as well as any other, and hears what of it is
    # rounding; not where nothing is left of it, or where everything is rounded like float32.
    rounding = 0.0 if leaf.exact and leaf.norm > 0 and eps <= FLOAT32_LIKE else expected
    if expected and not leaf.exact and leaf.around.is_no_dust(leaf.number):
        vanishing = 0.0
        rounding = min(expected, leaf.around.growth * leaf.norm * ROUNDING * max(EPS, eps))
    return Owed(rounding, vanishing, _why(leaf))


def _why(leaf: Leaf) -> str:
    if leaf.last_digits:
        return VANISHES
    if leaf.norm <= NEARLY_VANISHING * leaf.reference:
        return (
            f"the gradient nearly vanishes here, at {leaf.norm / leaf.reference:.0e} of "
            f"{leaf.reference_name}; try an x0 where it does not"
        )
    return IN_FLOAT32 if leaf.coarser_eps > FLOAT32_LIKE >= leaf.eps else ""


def _nothing_is_left(leaf: Leaf, wrong: Sequence[Probe], probes: Sequence[Probe]) -> bool:
    """Whether all of the gradient at x is no more than the last digit of what it is around x.

    Where every sample is told beyond doubt, nothing may be left of p - y but its last digit. The one then
    says next to nothing beside the other: no wrong factor is like that.
    """
    around = leaf.around
    if not (wrong and around.largest > 0 and all(map(_beside_nothing, wrong))):
        return False
    most = max(abs(probe.residual) for probe in probes)
    return around.largest <= around.last_digit and most <= ROUNDING * around.last_digit


def _beside_nothing(probe: Probe) -> bool:
    less, more = sorted((abs(probe.analytic), abs(probe.estimate.value)))
    return less <= NOTHING * more


def _heard(leaf: Leaf, probes: Sequence[Probe], granted: Owed, rng: np.random.Generator) -> Owed:
    """Return what is granted besides, to residuals from an exact oracle: what the one farthest off owes."""
    worst = max(probes, key=lambda probe: abs(probe.residual) - probe.bound)
    lost_digits = in_float32(leaf.gradient) and abs(worst.residual) <= FLOAT32_LOSES * leaf.norm
    rounding, why = granted.rounding, granted.why
    if abs(worst.residual) > worst.bound + rounding and not lost_digits:
        why = LOSES_DIGITS
        rounding += _rounding_in(worst, leaf, leaf.last_digits - rounding, rng)
    return Owed(rounding, granted.vanishing if rounding else 0.0, why)


def _rounding_in(worst: Probe, leaf: Leaf, expected: float, rng: np.random.Generator) -> float:
    """Return how much of a residual from an exact oracle is rounding; 0 where it is a mistake.

    Three witnesses. It fades in arithmetic with more digits, where fun and grad are written for any. It is
    rough along a line through x, as no formula is. Or it is lost where around x the gradient is large, as no
    share of a gradient is; this one is asked only where rounding can be so large.
    """
    residual, around = abs(worst.residual), leaf.around
    as_expected = residual <= worst.bound + expected
    there = finer.on_duals(
        around.problem, around.point, leaf.number, worst.direction,
        value=leaf.value, rounding=leaf.rounding_of_fun,
    )  # fmt: skip
    if there is not None and abs(there.residual) <= finer.FADES * residual:
        return expected if as_expected else SAFETY * residual
    persists = there is not None and abs(there.residual - worst.residual) <= STAYS * residual

    def saturated() -> bool:
        # 1 - p is lost to the last bit where p is 1, and smoothly; where x is less saturated it is not.
        return residual <= worst.bound + around.growth * leaf.norm * ROUNDING * EPS

    def may_be_rounding() -> bool:
        if there is not None and persists and there.eps < EPS:
            return residual <= ROUNDING * there.eps * leaf.largest
        in_last_digits = residual <= LAST_DIGITS * leaf.coarser_eps * leaf.largest
        # A unit may be so saturated that all around it is: it owes no more than the largest leaf may.
        of_largest = residual <= min(ROUNDING * EPS * around.largest, LOST * leaf.norm)
        return in_last_digits or of_largest or saturated()

    if expected and as_expected and saturated() and may_be_rounding():
        return expected
    sides = around.sides(leaf.number, worst.direction)
    heard = rounding_in_residual(worst, around.point, around.sizes, sides, norm=leaf.norm, rng=rng)
    if heard == 0 and may_be_rounding():
        recovers = around.recovers(sides, worst.residual, norm=leaf.norm, lost=LOST, differs=STAYS)
        heard = residual if recovers else 0.0
    return expected if heard > 0 and as_expected else SAFETY * heard


def in_float32(gradient: Array) -> bool:
    """Whether a float64 gradient holds nothing but float32 numbers: its rounding is then a finding.

    What is left of 1 - a when nearly everything cancels has few digits anyway, and proves little: only those
    that it has beyond the digits of float32, all of them zero, are no coincidence.
    """
    if gradient.dtype == np.float32:
        return False
    with np.errstate(over="ignore", divide="ignore"):
        single = gradient.astype(np.float32).astype(gradient.dtype)
        bits = np.log2(np.abs(gradient).astype(np.float64) * (np.finfo(np.float32).eps / EPS))
    zeros = np.sum(np.clip(bits, 0.0, BEYOND_FLOAT32))
    return bool(zeros >= NO_COINCIDENCE) and bool(np.array_equal(single, gradient))
