"""Which oracle answers for a problem: the sharpest that applies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks.engine.directions import scalings
from checks.engine.disputed import Disputed, disputed
from checks.engine.problem import Point, Problem
from checks.engine.sharper import ComplexStep, ForwardMode, NotOfTheValues
from checks.engine.slopes import COMPLEX_STEP, FINITE_DIFFERENCES, FORWARD_MODE, FiniteDifferences, Slopes
from checks.oracles import DoesNotApply


def choose(
    problem: Problem, point: Point, value: float, unsteadiness: float, method: str, rng: np.random.Generator
) -> tuple[Slopes, str]:
    """Return the sharpest oracle that applies, or the one asked for, and a phrase that says which and why.

    Raises
    ------
    ValueError
        When the oracle asked for does not apply.
    """
    differences = FiniteDifferences(problem, point, value, unsteadiness, rng)
    refusals: list[str] = []
    for name, attempt in ((FORWARD_MODE, _forward_mode), (COMPLEX_STEP, _complex_step)):
        if method not in ("auto", name):
            continue
        try:
            return attempt(differences, rng), f"by {name}" + _because(refusals)
        except DoesNotApply as refusal:
            if method == "auto" and isinstance(refusal, NotOfTheValues) and disputed(differences, refusal):
                told = f"by {FINITE_DIFFERENCES}, which {name} and {COMPLEX_STEP} contradict"
                return Disputed(differences), told
            if method == name:
                raise ValueError(f'method="{name}" does not apply to this function: {refusal}') from refusal
            refusals.append(f"{name} does not apply ({refusal})")
    return differences, f"by {FINITE_DIFFERENCES}" + _because(refusals)


def _forward_mode(differences: FiniteDifferences, rng: np.random.Generator) -> Slopes:
    slopes = ForwardMode(differences)
    slopes.try_everywhere(rng)
    return slopes


def _complex_step(differences: FiniteDifferences, rng: np.random.Generator) -> Slopes:
    """Verify every leaf; one that resists is left to finite differences, all of them are a refusal."""
    slopes = ComplexStep(differences)
    reasons = []
    leaves = [leaf for leaf, where in enumerate(differences.point) if where.size]
    for leaf in leaves:
        where, size = differences.point[leaf], scalings(differences.point)[leaf]
        try:
            slopes.sharp(leaf, np.asarray(size * rng.standard_normal(where.shape)).astype(where.dtype))
        except DoesNotApply as refusal:
            reasons.append(refusal)
            if len(reasons) == 2 or len(reasons) == len(leaves):
                raise
    return slopes


def _because(refusals: Sequence[str]) -> str:
    return ", for " + " and ".join(refusals) if refusals else ""
