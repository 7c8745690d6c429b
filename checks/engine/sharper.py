"""The sharper oracles at work on a problem.

The complex step and forward mode do not apply to every function. Each proves that it does before it is
trusted, leaf by leaf, and leaves to finite differences what it cannot vouch for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from checks.engine.directions import beside, scalings
from checks.engine.leaves import Array
from checks.engine.problem import Point, Problem
from checks.engine.slopes import COMPLEX_STEP, FINITE_DIFFERENCES, FORWARD_MODE, FiniteDifferences
from checks.engine.verdict import SAFETY
from checks.oracles import DoesNotApply, Estimate, complex_step, finite_differences, forward_mode

GLANCES = (1e-4, 1e-7, 1e-10, 1e-13)  # of the scale: how far to look whether a slope is that of the values
HEARD, X_HEARD = 1e3, 8.0  # last digits of the values, and of x, by which it may be off
BEND = 1e-2  # of what the two sides differ by, for the third derivative
STRAIGHT = 0.1  # a line that bends by less of its change does not do so over less than this step
CLEARLY = 10.0  # bars between two slopes, for values to tell which is right
DOUBT = 1e-6  # of a slope: differences that see more may err, too


class NotOfTheValues(DoesNotApply):
    """Forward mode gives a slope along these tangents, and values of fun show another."""

    def __init__(self, told: str, slope: float, shown: float, tangents: Sequence[Array]) -> None:
        super().__init__(told)
        self.slope, self.shown, self.tangents = slope, shown, tangents


class _Sharper:
    """An oracle that does not always apply; where it does not, finite differences answer."""

    name = ""

    def __init__(self, differences: FiniteDifferences) -> None:
        self.differences = differences
        self.problem, self.point, self.value = differences.problem, differences.point, differences.value
        self._differenced: set[int] = set()

    def oracle(self, leaf: int) -> str:
        """Return the name of the oracle that answers for a leaf."""
        return FINITE_DIFFERENCES if leaf in self._differenced else self.name

    def along(
        self, leaf: int, direction: Array, *, enough: float = 0.0, wanted: float = math.inf
    ) -> Estimate:
        """Return the slope along a direction in one leaf."""
        if leaf not in self._differenced:
            try:
                return self.sharp(leaf, direction)
            except DoesNotApply:
                self._differenced.add(leaf)
        return self.differences.along(leaf, direction, enough=enough, wanted=wanted)

    def holds_close_up(self, leaf: int, direction: Array, claimed: float) -> bool:
        """Return whether values so close that only their last digits differ do so as claimed."""
        return self.differences.holds_close_up(leaf, direction, claimed)

    def kinked(self, enough: float) -> bool:
        """Return whether fun has a kink at the point along some line on which every leaf moves."""
        return self.differences.kinked(enough)

    def sharp(self, leaf: int, direction: Array) -> Estimate:
        """Return the slope as this oracle knows it, or raise DoesNotApply."""
        raise NotImplementedError


class ComplexStep(_Sharper):
    """Imaginary steps, each leaf verified once by finite differences and trusted no further."""

    name = COMPLEX_STEP

    def __init__(self, differences: FiniteDifferences) -> None:
        super().__init__(differences)
        self.eps = differences.eps
        self._verified: dict[int, Estimate] = {}

    def sharp(self, leaf: int, direction: Array) -> Estimate:
        """Return the slope; its error is that of the leaf's verification."""
        line = self.problem.complex_line(self.point, leaf, direction)
        if leaf not in self._verified:
            independent = self.differences.along(leaf, direction)
            if independent.kink and independent.error > DOUBT * abs(independent.value):
                raise DoesNotApply("fun has a kink at this point")
            self._verified[leaf] = complex_step.derivative(line, value=self.value, verified_by=independent)
            return self._verified[leaf]
        verified = self._verified[leaf]
        slope = complex_step.imaginary_slope(line, value=self.value)
        return Estimate(slope, verified.error + 8 * complex_step.EPS * abs(slope), 1, step=verified.step)


class ForwardMode(_Sharper):
    """fun itself, run on dual numbers: exact to rounding. At a kink, which it sees, it does not judge."""

    name = FORWARD_MODE

    def __init__(self, differences: FiniteDifferences) -> None:
        super().__init__(differences)
        self.eps = float(np.finfo(np.float64).eps)

    def sharp(self, leaf: int, direction: Array) -> Estimate:
        """Return the slope along a direction in one leaf."""
        result = self.derivative(leaf, direction)
        if result.kinks:
            raise DoesNotApply(f"fun sits at a kink of {result.kinks[0][0]}")
        slope = float(result.tangent)
        return Estimate(slope, self.eps * abs(slope), 1, step=1.0)

    def refuted(self, leaf: int, direction: Array, claimed: float, slope: float) -> bool:
        """Return whether values of fun speak for what is claimed, and against the slope from duals.

        Along the line on which forward mode was confirmed, what is hidden from duals may cancel. A leaf in
        which it does not is left to finite differences from then on.
        """
        seen = self.differences.along(leaf, direction, enough=abs(claimed - slope) / CLEARLY)
        bar = SAFETY * seen.error
        if abs(seen.value - claimed) > bar or abs(seen.value - slope) <= bar:
            return False
        self._differenced.add(leaf)
        return True

    def derivative(self, leaf: int, direction: Array) -> forward_mode.ForwardDerivative:
        """Return what the run on duals says, kinks and all."""
        return self._run(only(leaf, direction, self.point))

    def try_everywhere(self, rng: np.random.Generator) -> None:
        """Run once with all leaves moving; DoesNotApply says what stands in the way.

        Code may take another branch when it is given a dual: it may answer from memory, or by a type it
        knows, with the right value and no tangent, or part of one. Two values of fun confirm the slope to
        a millionth, or to their rounding, or else as many as differences need.
        """
        tangents = beside([0 * leaf for leaf in self.point], scalings(self.point), 1.0, rng)
        result = self._run(tangents)

        def line(t: float) -> float:
            moved = [x + x.dtype.type(t) * v for x, v in zip(self.point, tangents, strict=True)]
            return self.problem.nearby(moved)

        slope = float(result.tangent)
        if result.kinks:
            return
        for glance in GLANCES:  # fun may do all it does over much less than the size of x
            plus, minus = line(glance), line(-glance)
            change, bend = plus - minus, (plus - self.value) + (minus - self.value)
            largest = max(abs(self.value), abs(plus), abs(minus))
            doubt = self.eps * (HEARD * largest + X_HEARD * abs(slope))
            doubt += BEND * abs(bend) + DOUBT * abs(change)
            if abs(change - 2 * glance * slope) <= doubt:
                return
            if abs(bend) <= STRAIGHT * abs(change):
                break
        seen = finite_differences.derivative(line, value=self.value, noise=self.differences.noise)
        if abs(seen.value - slope) > SAFETY * seen.error + DOUBT * max(abs(slope), abs(seen.value)):
            raise NotOfTheValues(
                f"its slope {slope:.9g} is not that of the values, {seen.value:.9g} ± {seen.error:.0e}: "
                "fun takes another branch for other numbers, or turns faster than its values show",
                slope, seen.value, tangents,
            )  # fmt: skip

    def _run(self, tangents: Sequence[Array]) -> forward_mode.ForwardDerivative:
        result = run_on_duals(self.problem, self.point, tangents, value=self.value)
        self.eps = max(self.eps, result.eps)
        return result


def only(leaf: int, direction: Array, point: Point) -> list[Array]:
    """Return a direction in one leaf as one of all leaves."""
    return [direction if i == leaf else np.zeros_like(x) for i, x in enumerate(point)]


def run_on_duals(
    problem: Problem, point: Point, tangents: Sequence[Array], *, value: float | None
) -> forward_mode.ForwardDerivative:
    """Return what fun gives on dual numbers; with value=None unheld to what it gives on plain ones.

    Raises
    ------
    DoesNotApply
        As :func:`checks.oracles.forward_mode.derivative` does.
    """

    def on_leaves(leaves: list[Any]) -> Any:
        problem.evaluations += 1
        return problem.fun(problem.tree.rebuild(leaves))

    with np.errstate(all="ignore"):
        return forward_mode.derivative(
            on_leaves, point, tangents, value=value, held=value is not None
        )  # fmt: skip
