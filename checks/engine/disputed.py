"""Two exact oracles agree on a slope, and the values of fun show another.

sin(1e9 x) of size 1e-12 is lost among the last digits of x^2 + 1e-12 sin(1e9 x), and its slope of 1e-3 is
not: differences, whose steps are longer than its waves, do not see it; duals and imaginary steps do, each in
its own way. Which of the two slopes is meant nobody can tell from here, so neither is called wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from checks.engine.leaves import Array
from checks.engine.sharper import NotOfTheValues, only, run_on_duals
from checks.engine.slopes import FINITE_DIFFERENCES, FiniteDifferences
from checks.oracles import DoesNotApply, Estimate, complex_step

ALIKE = 1e-9  # of a slope: two exact oracles agree to rounding, and rounding of fun is theirs, too
APART = 1e-6  # of a slope: by so much it is another's
CLOSE_UP = (1e-8, 3e-9, 1e-9, 3e-10)  # of the size of x: over so little a smooth fun is straight
LAST_DIGITS, X_DIGITS = 64.0, 8.0  # by which values on a straight line may be off it, and x itself


def disputed(differences: FiniteDifferences, refusal: NotOfTheValues) -> bool:
    """Whether there is reason to believe the slope for which forward mode was refused.

    The complex step must see the same, and values close up must leave the line that differences saw: code
    that hides something from duals, and from complex numbers too, hides nothing from values.
    """
    return _confirmed(differences, refusal) and _leaves_the_line(differences, refusal)


def _confirmed(differences: FiniteDifferences, refusal: NotOfTheValues) -> bool:
    total = 0.0
    for leaf, direction in enumerate(refusal.tangents):
        if not direction.size:
            continue
        line = differences.problem.complex_line(differences.point, leaf, direction)
        try:
            total += complex_step.imaginary_slope(line, value=differences.value)
        except DoesNotApply:
            return False
    return abs(total - refusal.slope) <= ALIKE * abs(refusal.slope)


def _leaves_the_line(differences: FiniteDifferences, refusal: NotOfTheValues) -> bool:
    value, point = differences.value, differences.point
    allowed = float(np.finfo(np.float64).eps) * (LAST_DIGITS * abs(value) + X_DIGITS * abs(refusal.shown))
    for step in CLOSE_UP:
        for t in (step, -step):
            moved = [x + x.dtype.type(t) * v for x, v in zip(point, refusal.tangents, strict=True)]
            off = abs(differences.problem.nearby(moved) - value - t * refusal.shown)
            if off > allowed:
                return True
    return False


class Disputed:
    """Finite differences whose bars reach to the slope that the exact oracles see."""

    def __init__(self, differences: FiniteDifferences) -> None:
        self.differences = differences
        self.value, self.eps = differences.value, differences.eps

    def oracle(self, leaf: int) -> str:
        """Return the name of the oracle that answers for a leaf."""
        return FINITE_DIFFERENCES

    def along(
        self, leaf: int, direction: Array, *, enough: float = 0.0, wanted: float = math.inf
    ) -> Estimate:
        """Return the slope along a direction in one leaf, as uncertain as the oracles are apart."""
        seen = self.differences.along(leaf, direction, enough=enough, wanted=wanted)
        differences = self.differences
        tangents: Sequence[Array] = only(leaf, direction, differences.point)
        try:
            sharp = run_on_duals(differences.problem, differences.point, tangents, value=differences.value)
        except DoesNotApply:
            return seen
        apart = abs(float(sharp.tangent) - seen.value)
        if sharp.kinks or not apart > APART * abs(seen.value):
            return seen
        told = "forward mode and the complex step agree on a slope that the values do not show"
        return replace(seen, error=seen.error + apart, notes=(told, *seen.notes))

    def holds_close_up(self, leaf: int, direction: Array, claimed: float) -> bool:
        """Return whether values so close that only their last digits differ do so as claimed."""
        return self.differences.holds_close_up(leaf, direction, claimed)

    def kinked(self, enough: float) -> bool:
        """Return whether fun has a kink at the point along some line on which every leaf moves."""
        return self.differences.kinked(enough)
