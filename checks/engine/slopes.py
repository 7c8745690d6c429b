"""Slopes of fun along directions in one leaf, and how they are had from its values alone.

What one line taught is remembered for the next.
"""

from __future__ import annotations

import math
from functools import cached_property, partial
from typing import Protocol

import numpy as np

from checks.engine.directions import beside, scalings
from checks.engine.leaves import Array
from checks.engine.problem import Point, Problem
from checks.engine.verdict import FLOAT32_LIKE
from checks.oracles import Estimate, Line, finite_differences
from checks.oracles.ladder import FIRST_STEP
from checks.oracles.noise import EPS, noise_of, rounding

X_ROUNDING = 1 / 2  # what rounding x to its last digit does to fun, in units of eps times the slope
X_DRAWS = 4  # lines on which the noise is heard where x is float32: few of its last digits turn on each

TINY = float(np.finfo(np.float64).tiny)
CLOSE_UP, ROUGHLY = (300.0, 100.0), 0.1  # last digits that are to differ; and how well they tell a slope
LINES = 3  # on which a kink across the leaves is looked for: each shows it, unless slopes happen to cancel

FINITE_DIFFERENCES, COMPLEX_STEP, FORWARD_MODE = "finite differences", "complex step", "forward mode"


class Slopes(Protocol):
    """Slopes of fun at one point."""

    @property
    def value(self) -> float:
        """The value of fun at the point."""
        ...

    @property
    def eps(self) -> float:
        """The rounding unit that fun computes in."""
        ...

    def oracle(self, leaf: int) -> str:
        """Return the name of the oracle that answers for a leaf."""
        ...

    def along(
        self, leaf: int, direction: Array, *, enough: float = 0.0, wanted: float = math.inf
    ) -> Estimate:
        """Return the slope of fun along a direction in one leaf.

        An error of ``enough`` will do, one of ``wanted`` is worth many evaluations.
        """
        ...

    def holds_close_up(self, leaf: int, direction: Array, claimed: float) -> bool:
        """Return whether values so close that only their last digits differ do so as claimed."""
        ...

    def kinked(self, enough: float) -> bool:
        """Return whether fun has a kink at the point along some line on which every leaf moves.

        One whose slopes differ by less than ``enough`` is not looked for.
        """
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

    def __init__(
        self, problem: Problem, point: Point, value: float, unsteadiness: float, rng: np.random.Generator
    ) -> None:
        self.problem, self.point, self.value, self.unsteadiness = problem, point, value, unsteadiness
        self._rng = rng
        self._learned: dict[int, tuple[float, float]] = {}  # of each leaf: scale and noise
        self._in_vain: set[int] = set()  # leaves of which one line could not be known as well as wanted

    @cached_property
    def _measured_noise(self) -> float:
        coarse = any(leaf.dtype == np.float32 for leaf in self.point)
        digit, draws = (float(np.finfo(np.float32).eps), X_DRAWS) if coarse else (0.0, 1)
        heard = [noise_of(self._everywhere(), value=self.value, digit=digit)[0] for _ in range(draws)]
        return max(*heard, self.unsteadiness)

    def _everywhere(self) -> Line:
        """Return a random line along which every leaf moves."""
        steps = beside([0 * leaf for leaf in self.point], scalings(self.point), 1.0, self._rng)

        def everywhere(t: float) -> float:
            moved = [leaf + leaf.dtype.type(t) * step for leaf, step in zip(self.point, steps, strict=True)]
            return self.problem.nearby([np.asanyarray(leaf) for leaf in moved])

        return everywhere

    @property
    def noise(self) -> float:
        """The noise of fun's values, one standard deviation."""
        return max(self._measured_noise, self.problem.granularity / 2)

    @property
    def eps(self) -> float:
        """What the noise suggests, for a fun that rounds like float32; else that of float64."""
        float32_like = self.noise > FLOAT32_LIKE * abs(self.value)
        return float(np.finfo(np.float32 if float32_like else np.float64).eps)

    def oracle(self, leaf: int) -> str:
        """Return the name of the oracle that answers for a leaf."""
        return FINITE_DIFFERENCES

    def along(
        self, leaf: int, direction: Array, *, enough: float = 0.0, wanted: float = math.inf
    ) -> Estimate:
        """Return the slope along a direction, beginning where the last line in this leaf succeeded."""
        line, coarse = self.problem.line(self.point, leaf, direction), direction.dtype == np.float32
        scale, noise = self._learned.get(leaf, (1.0, 0.0))
        # A leaf that is all but zero says as little of its scale as one of zeros: 1 may be reached.
        size = max(float(np.max(np.abs(direction), initial=0.0)), TINY)
        reach = 1 / size if size < EPS and leaf not in self._learned else 0.0
        look = partial(
            finite_differences.derivative, line, scale=scale, value=self.value, enough=enough, reach=reach,
            wanted=math.inf if leaf in self._in_vain else wanted,
        )  # fmt: skip
        estimate = look(noise=max(noise, self.noise))
        owed = X_ROUNDING * float(np.finfo(direction.dtype).eps) * abs(estimate.value)
        if coarse and owed > max(noise, self.noise):  # x + t v is rounded, and fun is finer than that
            estimate = look(noise=owed)
        if estimate.error > wanted:
            self._in_vain.add(leaf)
        if leaf not in self._learned and math.isfinite(estimate.step) and not estimate.saw_kink:
            self._learned[leaf] = estimate.step / FIRST_STEP, estimate.noise
        return estimate

    def holds_close_up(self, leaf: int, direction: Array, claimed: float) -> bool:
        """Return whether values so close that only their last digits differ do so as claimed.

        What looks like noise from farther away may be all that fun does, over much less than the size of x.
        """
        line, last_digit = self.problem.line(self.point, leaf, direction), rounding(self.value)
        if claimed == 0:
            return False
        for digits in CLOSE_UP:
            step = digits * max(last_digit / abs(claimed), EPS)
            seen = (line(step) - line(-step)) / (2 * step) if step > 0 else math.nan
            if not abs(seen - claimed) <= ROUGHLY * abs(claimed):
                return False
        return True

    def kinked(self, enough: float) -> bool:
        """Return whether fun has a kink at the point along some line on which every leaf moves."""
        look = partial(
            finite_differences.derivative, scale=1.0, noise=self.noise, value=self.value, enough=enough
        )
        return any(look(self._everywhere()).kink for _ in range(LINES))
