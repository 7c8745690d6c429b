"""Every leaf of a gradient examined at one point, always in the same way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from checks.engine.choice import choose
from checks.engine.directions import directions, inner, scaled_norm
from checks.engine.examination import Examination, LeafExamination
from checks.engine.leaves import Array
from checks.engine.options import Tolerances
from checks.engine.owed import Leaf, owed
from checks.engine.problem import Point, Problem
from checks.engine.sharper import ForwardMode
from checks.engine.slopes import FORWARD_MODE, ROUGHLY, Slopes
from checks.engine.surroundings import Surroundings
from checks.engine.verdict import FLOAT32_LIKE, Probe, bound, judge, worth_a_pass

TOLD = 1e-6  # of a residual that is wrong: as well as the next need to be known to tell mistakes apart
HIDDEN = 1e-2  # of a gradient: less than that may be hidden from duals, and not show on a single line
HUNDREDTH = 1e-2  # of fun: a leaf that cannot move fun by 1e-14 of itself has nothing but rounding to show


def probe(
    slopes: Slopes,
    leaf: int,
    gradient: Array,
    direction: Array,
    *,
    size: float,
    rounding: float = 0.0,
    enough: float = 0.0,
    wanted: float = math.inf,
) -> Probe:
    """Return what one direction shows in a leaf whose gradient has the norm ``size``."""
    estimate = slopes.along(leaf, direction, enough=enough, wanted=wanted)
    eps = max(float(np.finfo(gradient.dtype).eps), slopes.eps)
    allowed = bound(estimate, size, eps) + rounding
    return Probe(direction, inner(gradient, direction), estimate, allowed)


class Examiner:
    """Examines points of one problem, leaf by leaf, always in the same way.

    Parameters
    ----------
    problem : Problem
        The function and its gradient.
    sizes : sequence of ndarray
        D of each leaf.
    method : str
        The oracle asked for.
    count, count_exact : int
        Directions a leaf, and how many are enough with an exact oracle, whose bars are so fine that a
        resolution twice as coarse matters to nobody.
    tolerances : Tolerances
        The user's.
    rng : numpy Generator
        Draws the directions.
    """

    def __init__(
        self,
        problem: Problem,
        sizes: Sequence[Array],
        *,
        method: str,
        count: int,
        count_exact: int,
        tolerances: Tolerances,
        rng: np.random.Generator,
    ) -> None:
        self.problem, self.sizes, self.method = problem, sizes, method
        self.count, self.count_exact = count, count_exact
        self.tolerances, self.rng = tolerances, rng
        self.outlook = self.far_value = 0.0
        self.told = ""

    def size(self, gradient: Sequence[Array]) -> float:
        """Return the norm of a whole gradient, scaled by D."""
        return math.hypot(*(scaled_norm(g, size) for g, size in zip(gradient, self.sizes, strict=True)))

    def examine(
        self,
        point: Point,
        value: float,
        gradient: tuple[Array, ...],
        *,
        unsteadiness: float = 0.0,
        only: Sequence[int] | None = None,
    ) -> Examination:
        """Probe every leaf (or only some) and judge each."""
        slopes, told = choose(self.problem, point, value, unsteadiness, self.method, self.rng)
        self.told = self.told or told
        norms = [scaled_norm(g, size) for g, size in zip(gradient, self.sizes, strict=True)]
        reference = self._reference(norms, value)
        leaves = [leaf for leaf, g in enumerate(gradient) if g.size and (only is None or leaf in only)]
        around = Surroundings(self.problem, point, gradient, self.sizes, self.rng)
        found = [self._leaf(leaf, slopes, norms[leaf], reference, around) for leaf in leaves]
        return Examination(point, value, gradient, self.sizes, slopes, tuple(found))

    def _reference(self, norms: Sequence[float], value: float) -> tuple[float, str]:
        """What a gradient of zeros is measured against: it has no size of its own."""
        largest, beside = max(norms), self.outlook if max(norms) <= 1e-6 * self.outlook else 0.0
        candidates = [
            (largest, "the largest leaf"),
            (beside, "the gradient beside x0"),
            (HUNDREDTH * abs(value or self.far_value), "a hundredth of fun"),
        ]
        reference = max(candidates)
        return reference if reference[0] > 0 else (1.0, "one")

    def _leaf(
        self,
        number: int,
        slopes: Slopes,
        norm: float,
        reference: tuple[float, str],
        around: Surroundings,
    ) -> LeafExamination:
        probes = self._probes(number, slopes, norm, around)
        if self._takes_forward_mode_back(number, slopes, norm, probes):
            probes = self._probes(number, slopes, norm, around)
        leaf = Leaf(
            number, norm, *reference, slopes.value, slopes.eps, slopes.oracle(number) == FORWARD_MODE, around
        )
        owes = owed(leaf, probes, self.rng)
        probes = [replace(seen, bound=seen.bound + owes.rounding) for seen in probes]
        judgement = judge(
            probes, axes=leaf.gradient.size <= self.count, norm=norm, reference=leaf.reference,
            reference_name=leaf.reference_name,
            coarse=slopes.eps > FLOAT32_LIKE, tolerated=self._tolerated(leaf),
            vanishing=owes.vanishing, why=owes.why,
        )  # fmt: skip
        return LeafExamination(number, tuple(probes), judgement, norm, slopes.oracle(number), owes.rounding)

    def _tolerated(self, leaf: Leaf) -> float | None:
        """The size of an error that the user tolerates, scaled by D; None where nothing was said of it."""
        if not self.tolerances.given:
            return None
        if self.tolerances.each:
            return math.inf
        return self.tolerances.norm(leaf.gradient, self.sizes[leaf.number])

    def _takes_forward_mode_back(
        self, leaf: int, slopes: Slopes, size: float, probes: Sequence[Probe]
    ) -> bool:
        """Whether values refute forward mode where it refutes grad: some term may be hidden from duals."""
        if not isinstance(slopes, ForwardMode) or slopes.oracle(leaf) != FORWARD_MODE:
            return False
        worst = max(probes, key=lambda seen: abs(seen.residual))
        return (
            worst.wrong
            and abs(worst.residual) <= HIDDEN * size
            and slopes.refuted(leaf, worst.direction, worst.analytic, worst.estimate.value)
        )

    def _probes(self, leaf: int, slopes: Slopes, size: float, around: Surroundings) -> list[Probe]:
        """Look along the directions; along fewer where an exact oracle finds each of them right."""
        g, probes, enough = around.gradient[leaf], list[Probe](), 0.0
        eps = max(float(np.finfo(g.dtype).eps), slopes.eps)
        wanted = worth_a_pass(size, min(self.count, g.size), eps=eps, coarse=slopes.eps > FLOAT32_LIKE)
        for v in directions(around.point[leaf], self.sizes[leaf], self.count, self.rng):
            allowance = self.tolerances.allowance(g, v, self.sizes[leaf])
            seen = probe(slopes, leaf, g, v, size=size, rounding=allowance, enough=enough, wanted=wanted)
            if seen.wrong and abs(seen.residual) > ROUGHLY * abs(seen.analytic):
                seen = _held_close_up(seen, slopes, leaf)
            probes.append(seen)
            if seen.wrong and not seen.estimate.saw_kink:  # what is left to learn is which mistake it is
                enough = max(enough, TOLD * abs(seen.residual))
            exact = slopes.oracle(leaf) == FORWARD_MODE and not enough
            if exact and len(probes) == self.count_exact and g.size > self.count:
                break
        return probes


def _held_close_up(seen: Probe, slopes: Slopes, leaf: int) -> Probe:
    """Return the probe, its estimate taken back where values from close up speak for grad."""
    if slopes.oracle(leaf) == FORWARD_MODE or seen.estimate.saw_kink:
        return seen
    if not slopes.holds_close_up(leaf, seen.direction, seen.analytic):
        return seen
    told = "fun does otherwise from close up than from where its values looked like noise"
    return replace(
        seen, bound=math.inf, estimate=replace(seen.estimate, error=math.inf, notes=(told,))
    )  # fmt: skip
