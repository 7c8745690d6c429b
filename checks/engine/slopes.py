"""The oracles at work on a problem: slopes of fun along directions in one leaf.

Each remembers what one line taught for the next one, and how many evaluations it took.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from checks.engine.directions import beside, scalings
from checks.engine.problem import Point, Problem
from checks.engine.tree import Array
from checks.engine.verdict import FLOAT32_LIKE
from checks.oracles import Estimate
from checks.oracles.finite_differences import FIRST_STEP, derivative, noise_of


class Slopes(Protocol):
    """Slopes of fun at one point."""

    @property
    def oracle(self) -> str:
        """The oracle's name, as the report gives it."""
        ...

    @property
    def float32_like(self) -> bool:
        """Whether fun rounds like float32."""
        ...

    def along(self, leaf: int, direction: Array) -> Estimate:
        """Return the slope of fun along a direction in one leaf."""
        ...


class FiniteDifferences:
    """Extrapolated central differences, for any function.

    Parameters
    ----------
    problem : Problem
        The function.
    point : sequence of ndarray
        Where.
    value : float
        fun there.
    unsteadiness : float
        By how much two values at one point were seen to differ.
    rng : numpy Generator
        For the direction along which the noise is measured.
    """

    oracle = "finite differences"

    def __init__(
        self, problem: Problem, point: Point, value: float, unsteadiness: float, rng: np.random.Generator
    ) -> None:
        self.problem, self.point, self.value = problem, point, value
        sizes = scalings(point)
        seed_direction = beside([0 * leaf for leaf in point], sizes, 1.0, rng)

        def everywhere(t: float) -> float:
            return problem.nearby(
                [leaf + leaf.dtype.type(t) * step for leaf, step in zip(point, seed_direction, strict=True)]
            )

        measured, _ = noise_of(everywhere, value=value)
        self.noise = max(measured, unsteadiness, problem.granularity / 2)
        self._scales: dict[int, float] = {}

    @property
    def float32_like(self) -> bool:
        """Whether fun rounds like float32."""
        return self.noise > FLOAT32_LIKE * abs(self.value)

    def along(self, leaf: int, direction: Array) -> Estimate:
        """Return the slope along a direction, beginning where the last line in this leaf succeeded."""
        estimate = derivative(
            self.problem.line(self.point, leaf, direction),
            scale=self._scales.get(leaf, 1.0),
            noise=self.noise,
            value=self.value,
        )
        if math.isfinite(estimate.step):
            self._scales.setdefault(leaf, estimate.step / FIRST_STEP)
        self.noise = max(self.noise, self.problem.granularity / 2)
        return estimate


def choose(
    problem: Problem,
    point: Point,
    value: float,
    gradient: Sequence[Array],
    unsteadiness: float,
    method: str,
    rng: np.random.Generator,
) -> tuple[Slopes, str]:
    """Return the sharpest oracle that applies, and a phrase that says which and why."""
    return FiniteDifferences(problem, point, value, unsteadiness, rng), "by finite differences"
