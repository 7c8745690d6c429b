"""What was found at one point, of each leaf: the probes, and the judgement on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from checks.engine.leaves import Array
from checks.engine.problem import Point
from checks.engine.slopes import FINITE_DIFFERENCES, FORWARD_MODE, Slopes
from checks.engine.verdict import FLOAT32_LIKE, Judgement, Probe, Verdict

BARELY = 10.0  # times the bound: of an estimated error that is too small, the next is no such one
EXPLAINS = 0.1  # of a residual: a kink that is smaller is not its cause


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
