"""Beside x0: what points near it tell of a gradient that x0 alone cannot judge.

At x0 a gradient of zeros may be right and one of nothing but zeros wrong; a buffer that is never refreshed is
right at the first point; a kink hides what is on either side of it; and an estimated error may be too small
once. A little aside, each of them shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from checks.engine.directions import beside
from checks.engine.examination import Examination
from checks.engine.examiner import Examiner
from checks.engine.leaves import Array
from checks.engine.problem import Problem
from checks.engine.surroundings import smaller
from checks.engine.verdict import Verdict

NEARBY = 1e-2  # how far beside x0 a kink is looked at
BESIDE = (1e-2, 1e-2, 1e-2, 1e-3, 1e-4, 1e-6)  # where else to call fun and grad, until both are finite
FARTHER = (1e-1, 1.0, 1e-3, 1e-4)  # and where to test a gradient that is zero at x0, until one point tells
ANEW = (1e-1, 1e-1, 3e-2)  # so far away, what coincides at x0 does not
FAR = (1.0, 2.0, 4.0, 8.0)  # how far the size of fun is looked for where fun is zero
UNDERFLOWS = 1e-150  # below, what is squared on the way is zero, of fun before its gradient or the reverse
STATIONARY = 1e-6  # of the gradient beside x0
NEARBY_POINTS, NEARBY_TRIES = 2, 8


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What a look beside x0 found.

    Attributes
    ----------
    failing : Examination or None
        Of a point where the gradient is wrong.
    stale : bool
        It was the same as at x0.
    untested : bool
        The gradient is zero at x0, and no point told it from one of nothing but zeros.
    """

    failing: Examination | None = None
    stale: bool = False
    untested: bool = False


class BesideX0:
    """The points beside x0.

    Parameters
    ----------
    problem : Problem
        The function and its gradient.
    examiner : Examiner
        Examines them.
    rng : numpy Generator
        Draws them.
    """

    def __init__(self, problem: Problem, examiner: Examiner, rng: np.random.Generator) -> None:
        self.problem, self.examiner, self.rng = problem, examiner, rng

    def points(self, distances: Sequence[float] = BESIDE) -> Iterator[list[Array]]:
        """Yield a random point at each distance, in units of the size of x0."""
        for distance in distances:
            yield beside(self.problem.tree.leaves, self.examiner.sizes, distance, self.rng)

    def far_value(self) -> float:
        """Return the largest value of fun far away, and close to the origin, where it has one.

        What is sure of its labels at x0 may be so all around it; it is not where all parameters are small.
        """
        far = chain(self.points(FAR), smaller(self.problem.tree.leaves))
        values = [abs(self.problem.nearby(point)) for point in far]
        return max(filter(math.isfinite, values), default=0.0)

    def stands(self, found: Examination) -> bool:
        """Whether something fails, and is no coincidence."""
        return found.verdict is Verdict.FAIL and (not found.doubtful() or self._fails_again(found))

    def _fails_again(self, found: Examination) -> bool:
        """Whether what fails at a point fails at another, too."""
        failing = [leaf.leaf for leaf in found.with_verdict(Verdict.FAIL)]
        for point in self.points(ANEW):
            value, gradient = self._there(point)
            if gradient is None:
                continue
            if self.examiner.examine(point, value, gradient, only=failing).verdict is Verdict.FAIL:
                return True
        return False

    def second_look(self, found: Examination, elsewhere: list[Array], moved: tuple[Array, ...]) -> SecondLook:
        """Look where right at x0 says little: at zeros, and at the same gradient twice.

        Parameters
        ----------
        found : Examination
            Of x0.
        elsewhere : list of ndarray
            A point beside x0.
        moved : tuple of ndarray
            The gradient there.
        """
        gradient, size = found.gradient, self.examiner.size(found.gradient)
        if size == 0 or size <= STATIONARY * self.examiner.size(moved):
            return self._at_a_stationary_point(found, elsewhere, moved)
        same = all(np.array_equal(a, b) for a, b in zip(gradient, moved, strict=True))
        zeros = [leaf for leaf, g in enumerate(gradient) if g.size and not np.any(g)]
        if same or zeros:
            again = self.examiner.examine(
                elsewhere, self.problem.nearby(elsewhere), moved, only=None if same else zeros
            )
            if self.stands(again):
                looked_at = {leaf.leaf: leaf for leaf in again.leaves}
                leaves = tuple(looked_at.get(leaf.leaf, leaf) for leaf in found.leaves)
                return SecondLook(replace(again, leaves=leaves), stale=same)
        return SecondLook()

    def _at_a_stationary_point(
        self, found: Examination, elsewhere: list[Array], moved: tuple[Array, ...]
    ) -> SecondLook:
        """Look for a point beside a stationary x0 that can tell a right gradient from one of zeros."""
        flat = False
        for point in chain([elsewhere], self.points(FARTHER)):
            value, there = (self.problem.nearby(point), moved) if point is elsewhere else self._there(point)
            if there is None:
                continue
            if 0 < self.examiner.size(there) < UNDERFLOWS:
                flat = True
                continue
            again = self.examiner.examine(point, value, there)
            if self.stands(again):
                return SecondLook(again)
            if again.verdict is Verdict.PASS and self.examiner.size(there) > 0:
                return SecondLook()
            flat = flat or again.verdict is Verdict.PASS
        return SecondLook(untested=found.verdict is Verdict.PASS and not flat)

    def where_there_is_no_kink(self, found: Examination) -> tuple[Examination | None, int]:
        """Check the kinked leaves where fun is differentiable.

        Returns
        -------
        Examination or None
            Of a point where the gradient is wrong.
        int
            Else, at how many points it is right; ``NEARBY_POINTS`` are enough.
        """
        kinked = [leaf.leaf for leaf in found.with_verdict(Verdict.KINK)]
        right = 0
        for _ in range(NEARBY_TRIES):
            point = beside(found.point, found.sizes, NEARBY, self.rng)
            value, gradient = self._there(point)
            if gradient is None:
                continue
            again = self.examiner.examine(point, value, gradient, only=kinked)
            if self.stands(again):
                return again, right
            right += again.verdict is Verdict.PASS
            if right == NEARBY_POINTS:
                break
        return None, right

    def _there(self, point: list[Array]) -> tuple[float, tuple[Array, ...] | None]:
        """Return fun, and its gradient where both are finite."""
        value = self.problem.nearby(point)
        return value, self.problem.gradient_nearby(point) if math.isfinite(value) else None
