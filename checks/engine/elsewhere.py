"""What a mistake does at other points: where a unit saturates, say, or where W is symmetric."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from checks.engine.directions import beside
from checks.engine.examination import Examination, LeafExamination, norm, probe
from checks.engine.fitting import CONVINCING, MUCH_LESS
from checks.engine.leaves import Array
from checks.engine.slopes import ComplexStep, FiniteDifferences, ForwardMode
from checks.engine.verdict import Probe

ASIDE = 0.3  # of the size of x: far enough for an error that depends on x to change
SATURATES = (
    30.0  # added to a bias: sigmoid' and tanh' are below 1e-9 there, with 10 to spare for the rest of z
)
VANISHED = 1e-3  # of what it was, relative to yours: the right gradient where units are saturated
WORTH = 1e-3  # of the leaf's gradient at x0: a gradient that is still worth comparing
SEED = 0


Oracle = FiniteDifferences | ForwardMode | ComplexStep


def experiments(examination: Examination, found: LeafExamination) -> Iterator[tuple[str, str]]:
    """Yield kinds of mistakes, and sentences about them, that other points speak for."""
    if isinstance(examination.slopes, Oracle):
        elsewhere = Elsewhere(examination, found, examination.slopes)
        yield from elsewhere.constant_error()
        yield from elsewhere.saturated()
        yield from elsewhere.symmetric()


class Elsewhere:
    """The failing leaf looked at again, along the directions of x0, at points where a cause would show."""

    def __init__(self, examination: Examination, found: LeafExamination, slopes: Oracle) -> None:
        self.examination, self.found, self.slopes = examination, found, slopes
        self.paths = slopes.problem.tree.paths
        self.rng = np.random.default_rng(SEED)

    def constant_error(self) -> Iterator[tuple[str, str]]:
        """A term of fun that is linear in the leaf is missed by the same amount wherever x is."""
        point = beside(self.examination.point, self.examination.sizes, ASIDE, self.rng)
        there = self._probes(point)
        here = self.found.probes
        if there is None or len(here) < 3:
            return
        size = math.hypot(*(seen.residual for seen in here))
        allowed = [2 * (a.bound + b.bound) for a, b in zip(here, there, strict=True)]
        moved = math.hypot(*(a.estimate.value - b.estimate.value for a, b in zip(here, there, strict=True)))
        if max(allowed) > CONVINCING * size or moved < MUCH_LESS * size:
            return
        if all(abs(a.residual - b.residual) <= t for a, b, t in zip(here, there, allowed, strict=True)):
            yield (
                "missing term",
                "is off by the same amount wherever x is: a term of fun that is linear in it (targets, "
                "labels, an offset) is missing, or has the wrong size",
            )

    def saturated(self) -> Iterator[tuple[str, str]]:
        """Where units are saturated f' is zero; a gradient without it stays."""
        leaf, x = self.found.leaf, self.examination.point[self.found.leaf]
        if x.size < 2 or max(x.shape) != x.size:
            return  # adding a constant to weights saturates nothing for certain
        seen = {}
        for sign in (1, -1):
            point = list(self.examination.point)
            point[leaf] = np.asarray(x + sign * SATURATES).astype(x.dtype)
            seen[sign] = self._probes(point)
        up, down = seen[1], seen[-1]
        if up is None or down is None:
            return
        for side, name in ((up, "+"), (down, "-")):
            if self._much_less(_slopes(side), _analytic(side)):
                yield (
                    "activation derivative",
                    f"is not zero at {self.paths[leaf]} {name} {SATURATES:g}, where fun no longer moves: the "
                    "derivative f' of an activation is missing, or is not taken where fun takes f",
                )
                return
        for side, other, name in ((up, down, "+"), (down, up, "-")):
            if self._right(other) and self._much_less(_analytic(side), _slopes(side)):
                yield (
                    "activation derivative",
                    f"is zero at {self.paths[leaf]} {name} {SATURATES:g}, where fun still moves, and right "
                    "on the other side: the derivative f' of an activation is not that of f",
                )
                return

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

    # -- the same leaf at another point ---------------------------------------------------------------

    def _probes(self, point: list[Array]) -> list[Probe] | None:
        """Return the probes along the same directions at another point; None where it cannot be told."""
        problem, leaf = self.slopes.problem, self.found.leaf
        noted = len(problem.notes)
        value = problem.nearby(point)
        gradient = problem.gradient_nearby(point) if math.isfinite(value) else None
        del problem.notes[noted:]  # what user code says of so far a point is no news of x0
        if gradient is None:
            return None
        differences = FiniteDifferences(problem, point, value, 0.0, self.rng)
        there = differences if isinstance(self.slopes, FiniteDifferences) else type(self.slopes)(differences)
        size = norm(gradient[leaf], self.examination.sizes[leaf])
        probes = [probe(there, leaf, gradient[leaf], seen.direction, size=size) for seen in self.found.probes]
        del problem.notes[noted:]
        usable = all(math.isfinite(seen.bound) and not seen.estimate.saw_kink for seen in probes)
        return probes if usable else None

    def _right(self, there: Sequence[Probe]) -> bool:
        """Whether yours is right there, and still worth comparing."""
        size = math.hypot(*_slopes(there))
        sharp = max(seen.bound for seen in there) <= CONVINCING * size
        return (
            sharp
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
