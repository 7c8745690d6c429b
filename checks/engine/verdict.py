"""From residuals and their bounds to a verdict, and the promise behind a PASS.

Per leaf, K directions v_k ~ N(0, D^2); r_k = <g, v_k> - d_k, whose honest part is bounded by t_k.
FAIL iff some |r_k| > t_k. An error e fixed beforehand goes unseen only if |<e, v_k>| <= 2 t_k for
every k, however t_k depends on v_k: with probability at most erf(2 max t / (sqrt(2) ||e||))^K. So
any error of at least

    resolution * ||g||  =  2 max_k t_k / (sqrt(2) erfinv((1 - p)^(1/K)))

(norms scaled by D) is caught with probability p. A leaf checked along its axes has no chance in it:
|e_i D_i| <= 2 t_i for every entry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from checks.engine.leaves import Array
from checks.oracles import Estimate

PROBABILITY = 0.99

# The estimated errors are not proven bounds. On 20 hostile scalar functions and on random networks
# (tests/benchmarks/peers.py, seeds of its own for this) the true error stayed below them; three
# times as much is granted before a gradient is called wrong.
SAFETY = 3.0

COARSEST = 1e-4
COARSEST_COARSE = 1e-2
FLOAT32_LIKE = 1e-10  # rounding unit: float64 code stays below, float32 code above

# A leaf whose gradient is this much smaller than the largest is judged against the largest: below,
# the largest leaf's own rounding may be all there is to see.
VANISHING = 1e-12

# What a backward pass in floating point may owe to rounding, in units of eps ||g||. Code that
# cancels more than this is heard by checks.engine.rounding.
ROUNDING = 256.0


class Verdict(StrEnum):
    """What is known of the gradient. Compares equal to its name."""

    PASS = "PASS"
    FAIL = "FAIL"
    KINK = "KINK"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True)
class Probe:
    """One direction in one leaf: what grad says, what the oracle says, and what may lie between.

    Attributes
    ----------
    direction : ndarray
        v, in the leaf's shape.
    analytic : float
        <g, v>.
    estimate : Estimate
        The oracle's slope along v.
    bound : float
        t: the residual of a right gradient stays below.
    """

    direction: Array
    analytic: float
    estimate: Estimate
    bound: float

    @property
    def residual(self) -> float:
        """Return <g, v> minus the oracle's slope."""
        return self.analytic - self.estimate.value

    @property
    def wrong(self) -> bool:
        """Whether the residual is larger than that."""
        return abs(self.residual) > self.bound


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one leaf and the resolution it was reached with."""

    verdict: Verdict
    resolution: float
    relative_to: str
    probability: float
    reason: str = ""


def vanishing_share(eps: float) -> float:
    """Return the share of the largest leaf up to which a leaf's gradient may be rounding alone."""
    return max(VANISHING, ROUNDING * eps)


def bound(estimate: Estimate, norm: float, eps: float) -> float:
    """Return t: the oracle's error, and what a right gradient of this norm may owe to rounding."""
    return SAFETY * estimate.error + ROUNDING * eps * norm


def worth_a_pass(norm: float, count: int, *, eps: float, coarse: bool) -> float:
    """Return the error of an oracle, on so many directions, with which a gradient of this norm passes."""
    most = (COARSEST_COARSE if coarse else COARSEST) / resolution([1.0] * count, axes=False)
    return max(most - ROUNDING * eps, 0.0) * norm / SAFETY


def resolution(bounds: Sequence[float], *, axes: bool, probability: float = PROBABILITY) -> float:
    """Return the smallest ||e|| (scaled by D) that is caught with this probability; on axes, always."""
    if axes:
        return 2 * math.hypot(*bounds)
    unseen = (1 - probability) ** (1 / len(bounds))
    return 2 * max(bounds) / NormalDist().inv_cdf((1 + unseen) / 2)


def judge(
    probes: Sequence[Probe],
    *,
    axes: bool,
    norm: float,
    reference: float,
    reference_name: str,
    coarse: bool,
    tolerated: float | None = None,
    vanishing: float = VANISHING,
    why: str = "",
) -> Judgement:
    """Return the verdict on one leaf.

    Parameters
    ----------
    probes : sequence of Probe
        One a direction; at least one.
    axes : bool
        The directions are the leaf's axes.
    norm : float
        ||g|| of this leaf, scaled by D.
    reference : float
        What a leaf without a gradient worth the name is measured against.
    reference_name : str
        What that is, in words.
    coarse : bool
        fun, or the gradient itself, is rounded like float32, and held to what float32 can show.
    tolerated : float, optional
        ||D tolerance||, where the user gave tolerances. The resolution is theirs; but where a gradient of
        zeros is beyond them, directions that could miss it say nothing.
    vanishing : float
        The share of ``reference`` up to which a gradient is not worth the name.
    why : str
        What stands in the way of a better resolution, where it is known.
    """
    probability = 1.0 if axes else PROBABILITY
    smallest = resolution([probe.bound for probe in probes], axes=axes)
    none = norm <= vanishing * reference
    measure, relative_to = (reference, reference_name) if none else (norm, "its norm")
    relative = smallest / measure if 0 < measure < math.inf else (0.0 if smallest == 0 else math.inf)
    limit = COARSEST_COARSE if coarse else COARSEST
    if tolerated is not None:
        limit = 1.0 if tolerated < measure and not axes else math.inf
        why = why or "rtol and atol are wide, so directions tell little; thorough=True looks at each entry"
    kinked = any(probe.estimate.saw_kink for probe in probes)

    def judgement(verdict: Verdict, reason: str = "") -> Judgement:
        return Judgement(verdict, relative, relative_to, probability, reason)

    if kinked and (relative > limit or any(probe.wrong for probe in probes)):
        return judgement(Verdict.KINK, "the slopes from the left and from the right differ")
    if any(probe.wrong for probe in probes):
        return judgement(Verdict.FAIL)
    if not relative <= limit:
        return judgement(Verdict.INCONCLUSIVE, _why_inconclusive(probes, relative, limit, coarse, why))
    return judgement(Verdict.PASS)


def _why_inconclusive(probes: Sequence[Probe], relative: float, limit: float, coarse: bool, why: str) -> str:
    blind = [probe for probe in probes if not math.isfinite(probe.bound)]
    if blind:
        notes = blind[0].estimate.notes or ("no step gave a stable slope",)
        return f"{notes[0]}; try another x0, further inside the domain"
    digits = next((d for d in range(9) if f"{relative:.{d}e}" != f"{limit:.{d}e}"), 9)
    could_miss = (
        f"an error of {relative:.{digits}e} of the gradient could hide (at most {limit:.{digits}e} may)"
    )
    if why:
        return f"{could_miss}: {why}"
    noisiest = max(probes, key=lambda probe: probe.bound)
    if noisiest.estimate.notes:
        return f"{could_miss}: {noisiest.estimate.notes[0]}"
    moved = abs(noisiest.estimate.value) * noisiest.estimate.step
    if coarse:
        return (
            f"{could_miss}: fun, or its gradient, is rounded as coarsely as float32; use float64, or rescale"
        )
    if noisiest.estimate.noise > 0 and moved < 1e8 * noisiest.estimate.noise:
        times = moved / noisiest.estimate.noise
        return (
            f"{could_miss}: over a whole step fun moves by only {times:.0e} times its own noise, "
            f"{noisiest.estimate.noise:.0e}; rescale, or check this part of fun by itself"
        )
    return f"{could_miss}: no step gave a slope more stable than that; try another x0, or a smoother fun"
