"""All leaves examined at one point: probes, and a judgement on each leaf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from checks.engine.directions import directions
from checks.engine.problem import Point
from checks.engine.slopes import Slopes
from checks.engine.tree import Array
from checks.engine.verdict import Judgement, Probe, Verdict, bound, judge


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Tolerances given by the user, entry by entry: |error_i| <= atol + rtol |g_i|."""

    rtol: float | None = None
    atol: float | None = None

    @property
    def given(self) -> bool:
        """Whether the user gave any."""
        return self.rtol is not None or self.atol is not None

    def allowance(self, gradient: Array, direction: Array) -> float:
        """Return the largest residual along a direction that entries within tolerance can add up to."""
        v = np.abs(direction.astype(np.float64))
        return float((self.atol or 0.0) * v.sum() + (self.rtol or 0.0) * (np.abs(gradient) * v).sum())


@dataclass(frozen=True, slots=True)
class LeafExamination:
    """One leaf: its probes and the judgement."""

    leaf: int
    probes: tuple[Probe, ...]
    judgement: Judgement
    norm: float
    oracle: str

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


def norm(gradient: Array, size: Array) -> float:
    """Return ||g|| scaled by D: how far fun moves along a typical direction of the leaf."""
    return float(np.linalg.norm(gradient.astype(np.float64) * size))


def probe(
    slopes: Slopes, leaf: int, gradient: Array, direction: Array, tolerances: Tolerances | None = None
) -> Probe:
    """Return what one direction shows."""
    estimate = slopes.along(leaf, direction)
    analytic = float(np.vdot(gradient.astype(np.float64), direction.astype(np.float64)))
    allowed = bound(estimate, gradient, direction)
    if tolerances is not None and tolerances.given:
        allowed += tolerances.allowance(gradient, direction)
    return Probe(direction, analytic, estimate, allowed)


def examine(
    point: Point,
    value: float,
    gradient: tuple[Array, ...],
    sizes: Sequence[Array],
    slopes: Slopes,
    *,
    count: int,
    rng: np.random.Generator,
    tolerances: Tolerances,
    elsewhere: float,
    only: Sequence[int] | None = None,
) -> Examination:
    """Probe every leaf (or only some) and judge each.

    ``elsewhere`` is the norm of the gradient at another point: the measure of what counts as
    large where this gradient is zero throughout.
    """
    norms = [norm(g, size) for g, size in zip(gradient, sizes, strict=True)]
    reference, name = max(norms), "the largest leaf"
    if reference <= 1e-6 * elsewhere:
        reference, name = elsewhere, "the gradient beside x0"
    if reference == 0.0:
        reference, name = abs(value) or 1.0, "the value of fun"
    found = []
    for leaf, g in enumerate(gradient):
        if g.size == 0 or (only is not None and leaf not in only):
            continue
        probes = tuple(
            probe(slopes, leaf, g, direction, tolerances)
            for direction in directions(point[leaf], sizes[leaf], count, rng)
        )
        judgement = judge(
            probes,
            axes=g.size <= count,
            norm=norms[leaf],
            reference=reference,
            reference_name=name,
            float32_like=slopes.float32_like,
            any_resolution=tolerances.given,
        )
        found.append(LeafExamination(leaf, probes, judgement, norms[leaf], slopes.oracle))
    return Examination(point, value, gradient, sizes, slopes, tuple(found))
