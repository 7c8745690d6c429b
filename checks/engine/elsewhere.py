"""What a mistake does at other points: where a unit saturates, say, or where W is symmetric."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from checks.engine.directions import beside, scaled_norm
from checks.engine.examination import Examination, LeafExamination
from checks.engine.examiner import probe
from checks.engine.fitting import CONVINCING
from checks.engine.leaves import Array
from checks.engine.sharper import ComplexStep, ForwardMode
from checks.engine.slopes import FiniteDifferences
from checks.engine.verdict import Probe

ASIDE = 0.3  # of the size of x: far enough for an error that depends on x to change
ENOUGH = 1e-2  # of the error, at least: what is small beside the error at x0 is less than that
# Added to a bias: sigmoid' and tanh' are below 1e-8 there, with 10 to spare for the rest of z.
SATURATES = 30.0
VANISHED = 1e-3  # of what it was, relative to yours: the right gradient where units are saturated
WORTH = 1e-3  # of the leaf's gradient at x0: a gradient that is still worth comparing
SEED = 0

Side = Callable[[Sequence[Probe]], list[float]]
Oracle = FiniteDifferences | ForwardMode | ComplexStep


def evaluations(examination: Examination) -> int:
    """Return how often fun was called so far."""
    return examination.slopes.problem.evaluations if isinstance(examination.slopes, Oracle) else 0


def experiments(examination: Examination, found: LeafExamination) -> Iterator[tuple[str, str]]:
    """Yield kinds of mistakes, and sentences about them, that other points speak for."""
    if isinstance(examination.slopes, Oracle):
        elsewhere = Elsewhere(examination, found, examination.slopes)
        yield from elsewhere.constant_error()
        yield from elsewhere.saturated()
        yield from elsewhere.symmetric()
        yield from elsewhere.ones()
        yield from elsewhere.quadratic_form()


class Elsewhere:
    """The failing leaf looked at again, along the directions of x0, at points where a cause would show."""

    def __init__(self, examination: Examination, found: LeafExamination, slopes: Oracle) -> None:
        self.examination, self.found, self.slopes = examination, found, slopes
        self.paths = slopes.problem.tree.paths
        self.rng = np.random.default_rng(SEED)

    def constant_error(self) -> Iterator[tuple[str, str]]:
        """A term of fun that is linear in the leaf is missed by the same amount wherever x is.

        All leaves move: along one alone, the error of one sample's bias may be constant as well.
        """
        point = beside(self.examination.point, self.examination.sizes, ASIDE, self.rng)
        there = self._probes(point)
        here = self.found.probes
        if there is None or len(here) < 3:
            return
        size = math.hypot(*(seen.residual for seen in here))
        allowed = [2 * (a.bound + b.bound) for a, b in zip(here, there, strict=True)]
        moved = math.hypot(*(a.estimate.value - b.estimate.value for a, b in zip(here, there, strict=True)))
        if max(allowed) > CONVINCING * size or moved < ENOUGH * size:
            return
        if all(abs(a.residual - b.residual) <= t for a, b, t in zip(here, there, allowed, strict=True)):
            yield (
                "missing term",
                "is off by the same amount wherever x is: a term of fun that is linear in these parameters "
                "(targets, labels, an offset) is missing, or has the wrong size",
            )

    def saturated(self) -> Iterator[tuple[str, str]]:
        """Where the units of a layer are saturated, f' is zero; biases and weights without it stay.

        A bias alone proves little (another leaf's gradient stays as well), and neither does a gradient
        that is the same everywhere.
        """
        leaf, x = self.found.leaf, self.examination.point[self.found.leaf]
        weights = self._weights_beside()
        if x.size < 2 or max(x.shape) != x.size or weights is None:
            return  # adding a constant to weights saturates nothing for certain
        up, down = np.full_like(x, SATURATES), np.full_like(x, -SATURATES)
        first, last = np.zeros_like(x), np.zeros_like(x)  # a softmax is saturated by one unit
        first.flat[0] = last.flat[-1] = SATURATES
        for pushes in ((up, down), (first, last)):
            pushed = [self._pushed(push, weights) for push in pushes]
            if all(both and self._all_vanish(both, _analytic, _slopes) for both in pushed):
                yield (
                    "activation derivative",
                    f"is zero where {self.paths[leaf]} saturates its units, and {self.paths[weights.leaf]} "
                    "too, though fun still moves: the derivative f' of an activation is one too many",
                )
        seen = {sign: self._pushed(push, weights) for sign, push in (("+", up), ("-", down))}
        for sign, other in ("+-", "-+"):
            here, there = seen[sign], seen[other]
            if not here or not there:
                return
            where = f"at {self.paths[leaf]} {sign} {SATURATES:g}"
            if self._all_vanish(here, _slopes, _analytic) and self._moved(here[0]):
                yield (
                    "activation derivative",
                    f"is not zero {where}, and {self.paths[weights.leaf]} neither, where fun no longer "
                    "moves: the derivative f' of an activation is missing, or is not taken where fun takes f",
                )
            elif self._all_vanish(here, _analytic, _slopes) and all(map(self._right, there)):
                yield (
                    "activation derivative",
                    f"is zero {where}, and {self.paths[weights.leaf]} too, where fun still moves; both "
                    "are right on the other side: the derivative f' of an activation is not that of f",
                )

    def _pushed(self, push: Array, weights: LeafExamination) -> list[list[Probe]]:
        """Return the probes of a bias and of its weights where a constant is added to the bias; or none."""
        point = list(self.examination.point)
        point[self.found.leaf] = np.asarray(point[self.found.leaf] + push)
        probes = [self._probes(point), self._probes(point, weights)]
        return [each for each in probes if each is not None] if None not in probes else []

    def _all_vanish(self, probes: Sequence[Sequence[Probe]], small: Side, large: Side) -> bool:
        return all(self._much_less(small(each), large(each)) for each in probes)

    def _weights_beside(self) -> LeafExamination | None:
        """Return a matrix that is wrong as well and has as many rows or columns as this bias has entries."""
        size = self.examination.point[self.found.leaf].size
        for other in self.examination.leaves:
            shape = self.examination.point[other.leaf].shape
            wrong = any(seen.wrong for seen in other.probes)
            if wrong and len(shape) == 2 and min(shape) > 1 and size in shape:
                return other
        return None

    def symmetric(self) -> Iterator[tuple[str, str]]:
        """Where W equals its transpose, W for its transpose is right."""
        for other, W in enumerate(self.examination.point):
            if W.ndim != 2 or W.shape[0] != W.shape[1] or W.shape[0] < 2 or np.array_equal(W, W.T):
                continue
            point = list(self.examination.point)
            point[other] = np.asarray((W + W.T) / 2).astype(W.dtype)
            there = self._probes(point)
            if there is not None and self._right(there):
                yield (
                    "transposed",
                    f"is right where {self.paths[other]} is symmetric, and only there: its transpose is "
                    "missing, or is one too many, where the gradient passes through it",
                )
                return

    def ones(self) -> Iterator[tuple[str, str]]:
        """Where a vector of scales is 1, a gradient without them is right; where it is 2, it is not."""
        for other, scales in enumerate(self.examination.point):
            if other == self.found.leaf or scales.size < 2 or max(scales.shape) != scales.size:
                continue
            point = list(self.examination.point)
            point[other] = np.ones_like(scales)
            there = self._probes(point)
            if there is None or not self._right(there):
                continue
            point[other] = 2 * np.ones_like(scales)
            farther = self._probes(point)
            if farther is not None and any(seen.wrong for seen in farther):
                yield (
                    "factors",
                    f"is right where {self.paths[other]} is 1 throughout, and wrong where it is 2: that "
                    "factor is missing, or is one too many",
                )
                return

    def quadratic_form(self) -> Iterator[tuple[str, str]]:
        """Of x^T A x, the gradient 2 A x is right along x, and off across it by what doubles with x."""
        leaf, point = self.found.leaf, list(self.examination.point)
        elsewhere, doubled = beside(point, self.examination.sizes, ASIDE, self.rng), list(point)
        doubled[leaf] = np.asarray(2 * point[leaf])
        twice, here = self._probes(doubled), self.found.probes
        if twice is None or not all(
            abs(2 * a.residual - b.residual) <= 4 * (a.bound + b.bound)
            for a, b in zip(here, twice, strict=True)
        ):
            return
        size = math.hypot(*(seen.residual for seen in here))
        for where in (point, elsewhere):
            along = self._probes(where, directions=[where[leaf]])
            if along is None or along[0].wrong or along[0].bound > CONVINCING * size:
                return
        yield (
            "transposed",
            "is right along the parameters themselves, and off across them by what doubles with them: as if "
            "a matrix A were taken as symmetric, A x for (A + A^T) x / 2",
        )

    # -- the same leaf at another point ---------------------------------------------------------------

    def _probes(
        self, point: list[Array], leaf: LeafExamination | None = None, directions: Sequence[Array] = ()
    ) -> list[Probe] | None:
        """Return the probes along the same directions at another point; None where it cannot be told."""
        found, problem = leaf or self.found, self.slopes.problem
        noted = len(problem.notes)
        try:
            value = problem.nearby(point)
            gradient = problem.gradient_nearby(point) if math.isfinite(value) else None
            if gradient is None:
                return None
            differences = FiniteDifferences(problem, point, value, 0.0, self.rng)
            there = (
                differences if isinstance(self.slopes, FiniteDifferences) else type(self.slopes)(differences)
            )
            g, size = gradient[found.leaf], self.examination.sizes[found.leaf]
            probes = [
                probe(there, found.leaf, g, v, size=scaled_norm(g, size))
                for v in directions or [seen.direction for seen in found.probes]
            ]
        except Exception:  # whatever user code raises so far from x0: the verdict stands without it
            return None
        finally:
            del problem.notes[noted:]  # and is no news of x0
        usable = all(math.isfinite(seen.bound) and not seen.estimate.saw_kink for seen in probes)
        return probes if usable else None

    def _moved(self, there: Sequence[Probe]) -> bool:
        """Whether yours is another than at x0."""
        change = math.hypot(*(a.analytic - b.analytic for a, b in zip(there, self.found.probes, strict=True)))
        return change > WORTH * math.hypot(*_analytic(there))

    def _right(self, there: Sequence[Probe]) -> bool:
        """Whether yours is right there, and still worth comparing."""
        size, error = math.hypot(*_slopes(there)), math.hypot(*(seen.residual for seen in self.found.probes))
        coarsest = max(seen.bound for seen in there)  # an error near it might not be seen there by chance
        return (
            coarsest <= CONVINCING * size
            and coarsest <= ENOUGH * error
            and size >= WORTH * math.hypot(*_slopes(self.found.probes))
            and not any(seen.wrong for seen in there)
        )

    def _much_less(self, a: Sequence[float], b: Sequence[float]) -> bool:
        """Whether a has all but vanished, to no more than VANISHED of b, which is still worth the name."""
        size = math.hypot(*_slopes(self.found.probes))
        return math.hypot(*a) <= VANISHED * math.hypot(*b) and math.hypot(*b) >= WORTH * size


def _slopes(probes: Sequence[Probe]) -> list[float]:
    return [seen.estimate.value for seen in probes]


def _analytic(probes: Sequence[Probe]) -> list[float]:
    return [seen.analytic for seen in probes]
