"""One check, from the problem to the report: the rooms, walked in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from checks.engine.calls import Finding
from checks.engine.delivery import RAISED, deliver
from checks.engine.diagnosis import Diagnosis, claim, diagnose_location, merged
from checks.engine.directions import beside, scalings
from checks.engine.examination import Examination, Examiner, LeafExamination
from checks.engine.leaves import Array
from checks.engine.localisation import Entry, Measurements, localise, most_kinked
from checks.engine.options import Options
from checks.engine.problem import Problem
from checks.engine.report import Kink, LeafRow, Report, told_by
from checks.engine.reproducer import reproducer
from checks.engine.verdict import Verdict, resolution

NEARBY = 1e-2  # how far beside x0 a kink is looked at
BESIDE = (1e-2, 1e-2, 1e-2, 1e-3, 1e-4, 1e-6)  # where else to call fun and grad, until both are finite
FARTHER = (1e-1, 1.0, 1e-3, 1e-4)  # and where to test a gradient that is zero at x0, until one point tells
UNDERFLOWS = 1e-150  # below, what is squared on the way is zero, of fun before its gradient or the reverse
STATIONARY = 1e-6  # of the gradient beside x0
FAR = (1.0, 2.0, 4.0, 8.0)  # how far the size of fun is looked for where fun is zero
NEARBY_POINTS, NEARBY_TRIES = 2, 8
ANEW = (1e-1, 1e-1, 3e-2)  # so far away, what coincides at x0 does not
ACROSS = "x0 is at a kink, which shows where all leaves move"
ONCE = (
    "values refute the gradient here, but barely or amid noise like float32's, and beside x0 they do not; "
    "try another x0, or float64"
)


def check(
    problem: Problem,
    options: Options,
    *,
    what: str,
    call: str,
    first: Callable[[], None] | None = None,
    deliver_it: bool = True,
) -> Report:
    """Walk the rooms: problem, directions, verdict, localisation, diagnosis, report.

    ``first`` runs before everything and may raise a Finding; ``deliver_it=False`` leaves raising and
    warning to the caller, who has something to add.
    """
    with np.errstate(all="ignore"):  # our own arithmetic; user code at x0 is heard as the caller wishes
        walk = Walk(problem, options, np.random.default_rng(options.seed), what, call)
    try:
        with np.errstate(all="ignore"):
            if first is not None:
                first()
            report = walk.report()
    except Finding as finding:
        report = walk.report_of(finding)
        if options.raise_exception:
            raise RAISED[finding.kind](report) from None
        return report
    return deliver(report, options) if deliver_it else report


def _vanishes(leaf: LeafExamination) -> bool:
    """Whether the gradient of a leaf is too small to have a norm of its own."""
    return leaf.judgement.relative_to != "its norm"


class Walk:
    """One check, from the problem to the report."""

    def __init__(
        self, problem: Problem, options: Options, rng: np.random.Generator, what: str, call: str
    ) -> None:
        self.problem, self.options, self.rng, self.what = problem, options, rng, what
        self.paths = problem.tree.paths
        self.call = f"{call}, rng={options.seed})"
        self.notes: list[str] = []
        self.examiner = Examiner(
            problem, scalings(problem.tree.leaves), method=options.method, count=options.directions,
            count_exact=options.directions_exact, tolerances=options.tolerances, rng=rng,
        )  # fmt: skip

    def report(self) -> Report:
        """Walk to the end."""
        problem, point, examiner = self.problem, self.problem.tree.leaves, self.examiner
        value, gradient, unsteadiness, elsewhere, moved = problem.examine(self._beside_x0())
        examiner.outlook = examiner.size(moved) if moved else 0.0
        if value == 0 or problem.unmoved:  # fun says nothing of its size, or of its last digit: ask farther
            far = [problem.nearby(beside(point, examiner.sizes, distance, self.rng)) for distance in FAR]
            examiner.far_value = max((abs(there) for there in far if math.isfinite(there)), default=0.0)
        found = examiner.examine(point, value, gradient, unsteadiness=unsteadiness)
        if found.verdict is Verdict.FAIL:
            if found.kinked_across():
                return self._kink(found.with_failures(Verdict.KINK, ACROSS))
            if not self._stands(found):
                return self._made(Verdict.INCONCLUSIVE, found.with_failures(Verdict.INCONCLUSIVE, ONCE))
            return self._failure(found)
        if elsewhere is not None and moved is not None:
            failure = self._second_look(found, elsewhere, moved)
            if failure is not None:
                return failure
        elif found.verdict is Verdict.PASS and all(map(_vanishes, found.leaves)):
            return self._untested(found)
        if self.options.thorough and found.verdict is not Verdict.KINK:
            return self._every_entry(found)
        if found.with_verdict(Verdict.KINK):
            return self._kink(found)
        return self._made(found.verdict, found)

    def report_of(self, finding: Finding) -> Report:
        """Return the report on code that no gradient check can see past."""
        verdict = Verdict.INCONCLUSIVE if finding.kind == "nondeterministic" else Verdict.FAIL
        return Report(
            verdict, self.what, math.inf, 0.0, (), None, (),
            (Diagnosis(finding.kind, finding.message),), (),
            self.problem.evaluations, self.problem.gradient_evaluations, 0, self.options.seed,
            "no oracle was asked", reproducer=self.call,
        )  # fmt: skip

    def _beside_x0(self, distances: Sequence[float] = BESIDE) -> Iterator[list[Array]]:
        for distance in distances:
            yield beside(self.problem.tree.leaves, self.examiner.sizes, distance, self.rng)

    def _stands(self, found: Examination) -> bool:
        """Whether something fails, and is no coincidence."""
        return found.verdict is Verdict.FAIL and (not found.doubtful() or self._fails_again(found))

    def _fails_again(self, found: Examination) -> bool:
        """Whether what fails at a point fails at another, too."""
        failing = [leaf.leaf for leaf in found.with_verdict(Verdict.FAIL)]
        for point in self._beside_x0(ANEW):
            value = self.problem.nearby(point)
            gradient = self.problem.gradient_nearby(point) if math.isfinite(value) else None
            if gradient is None:
                continue
            again = self.examiner.examine(point, value, gradient, only=failing)
            if again.verdict is Verdict.FAIL:
                return True
        return False

    def _second_look(
        self, found: Examination, elsewhere: list[Array], moved: tuple[Array, ...]
    ) -> Report | None:
        """Look beside x0 where right at x0 says little: at zeros, and at the same gradient twice."""
        gradient, size = found.gradient, self.examiner.size(found.gradient)
        if size == 0 or size <= STATIONARY * self.examiner.size(moved):
            return self._put_to_the_test(found, elsewhere, moved)
        same = all(np.array_equal(a, b) for a, b in zip(gradient, moved, strict=True))
        zeros = [leaf for leaf, g in enumerate(gradient) if g.size and not np.any(g)]
        if same or zeros:
            again = self.examiner.examine(
                elsewhere, self.problem.nearby(elsewhere), moved, only=None if same else zeros
            )
            if self._stands(again):
                looked_at = {leaf.leaf: leaf for leaf in again.leaves}
                leaves = tuple(looked_at.get(leaf.leaf, leaf) for leaf in found.leaves)
                return self._failure(replace(again, leaves=leaves), where="beside x0", stale=same)
        return None

    def _put_to_the_test(
        self, found: Examination, elsewhere: list[Array], moved: tuple[Array, ...]
    ) -> Report | None:
        """Look for a point beside a stationary x0 that can tell a right gradient from one of zeros."""
        there: tuple[Array, ...] | None = moved
        flat = False
        for point in chain([elsewhere], self._beside_x0(FARTHER)):
            value = self.problem.nearby(point)
            if point is not elsewhere:
                there = self.problem.gradient_nearby(point) if math.isfinite(value) else None
            if there is None:
                continue
            if 0 < self.examiner.size(there) < UNDERFLOWS:
                flat = True
                continue
            again = self.examiner.examine(point, value, there)
            if self._stands(again):
                return self._failure(again, where="beside x0")
            if again.verdict is Verdict.PASS and self.examiner.size(there) > 0:
                return None
            flat = flat or again.verdict is Verdict.PASS
        return self._untested(found) if found.verdict is Verdict.PASS and not flat else None

    # -- the four ends -----------------------------------------------------------------------------

    def _untested(self, found: Examination) -> Report:
        """Zeros are right at x0, and nothing beside it could tell whether grad ever gives anything else."""
        self.notes.append(
            "the gradient is zero at x0, as one of nothing but zeros would be, and no point was found "
            "beside x0 that tells the two apart: try an x0 where the gradient is not zero"
        )
        return self._made(Verdict.INCONCLUSIVE, found)

    def _failure(self, found: Examination, *, where: str = "", stale: bool = False) -> Report:
        failing = found.with_verdict(Verdict.FAIL)
        # From the last: a mistake in a network is that of its last wrong layer, and patience has an end.
        backwards = [self._explained(found, leaf, stale=stale) for leaf in reversed(failing)]
        wrong = [entry for entries, _ in reversed(backwards) for entry in entries]
        diagnosis = [explained for _, explained in reversed(backwards) if explained is not None]
        if stale:
            diagnosis = [Diagnosis(
                "stale buffer",
                "the gradient is the same at x0 and beside it although fun is not linear: a stale buffer "
                "or cache",
            )]  # fmt: skip
        if where:
            self.notes.append(f"the gradient agrees at x0; these figures are from a point {where}")
        right = [leaf for leaf in found.leaves if leaf.verdict is Verdict.PASS]
        if len(failing) > 1 and right:
            self.notes.append(f"right are {', '.join(self.paths[leaf.leaf] for leaf in right)}")
        return self._made(Verdict.FAIL, found, wrong=wrong, diagnosis=merged(diagnosis), at_x0=not where)

    def _explained(
        self, found: Examination, leaf: LeafExamination, *, stale: bool
    ) -> tuple[Sequence[Entry], Diagnosis | None]:
        """Return the entries of a failing leaf that are to be shown, and what it looks like."""
        measure = Measurements(found, leaf, self.paths[leaf.leaf])
        explained = claim(found, leaf, self.paths)
        if explained is None and not stale:
            location = localise(leaf, measure, self.rng)
            return location.entries, diagnose_location(found, leaf, location, measure)
        largest = np.abs(leaf.worst.direction) * (np.abs(measure.gradient) + 1e-300)
        entry = measure.entry(int(np.argmax(largest)))
        return [entry] if entry.wrong else [], explained

    def _kink(self, found: Examination) -> Report:
        """Check again beside x0, where fun is differentiable."""
        kinked = [leaf.leaf for leaf in found.with_verdict(Verdict.KINK)]
        seen = 0
        for _ in range(NEARBY_TRIES):
            point = beside(found.point, found.sizes, NEARBY, self.rng)
            value = self.problem.nearby(point)
            gradient = self.problem.gradient_nearby(point) if math.isfinite(value) else None
            if gradient is None:
                continue
            again = self.examiner.examine(point, value, gradient, only=kinked)
            if self._stands(again):
                return self._failure(again, where="beside x0, where there is no kink")
            seen += again.verdict is Verdict.PASS
            if seen == NEARBY_POINTS:
                break
        kinks = []
        for leaf in found.with_verdict(Verdict.KINK):
            measure = Measurements(found, leaf, self.paths[leaf.leaf])
            responsible = most_kinked(leaf, measure)
            if responsible is not None:
                entry, left, right = responsible
                kinks.append(Kink(entry.path, entry.index, left, right, entry.analytic))
        verdict = found.verdict
        if seen < NEARBY_POINTS:
            verdict = Verdict.INCONCLUSIVE
            self.notes.append(
                f"x0 is not a differentiable point, and of {NEARBY_TRIES} points beside it only {seen} were "
                f"smooth enough to tell ({NEARBY_POINTS} are needed): try another x0"
            )
        return self._made(verdict, found, kinks=kinks)

    def _every_entry(self, found: Examination) -> Report:
        """Look at every entry by itself; certain, where the directions are only very likely."""
        total = sum(found.gradient[leaf.leaf].size for leaf in found.leaves)
        done = 0
        progress = self.options.progress
        if progress:
            progress(0, total)
        wrong: list[Entry] = []
        resolutions = {}
        for leaf in found.leaves:
            measure = Measurements(found, leaf, self.paths[leaf.leaf])
            scaled = []
            for flat in range(measure.gradient.size):
                entry = measure.entry(flat)
                size = float(found.sizes[leaf.leaf].flat[flat])
                allowed = self._allowed(entry)
                if abs(entry.analytic - entry.numerical) > allowed:
                    wrong.append(entry)
                scaled.append(allowed * size)
                done += 1
                if progress and (done % 100 == 0 or done == total):
                    progress(done, total)
            resolutions[leaf.leaf] = resolution(scaled, axes=True)
        verdict = Verdict.FAIL if wrong else found.verdict
        diagnosis = []
        if wrong:
            entries = tuple(wrong[:6])
            several = f"{len(wrong)} of {total} entries are wrong, which random directions did not show"
            diagnosis = [Diagnosis("entries", several, tuple(dict.fromkeys(entry.path for entry in entries)))]
        return self._made(verdict, found, wrong=wrong, diagnosis=diagnosis, certain=resolutions)

    def _allowed(self, entry: Entry) -> float:
        tolerances = self.options.tolerances
        return entry.error + (tolerances.atol or 0.0) + (tolerances.rtol or 0.0) * abs(entry.analytic)

    def _made(
        self,
        verdict: Verdict,
        found: Examination,
        *,
        wrong: Sequence[Entry] = (),
        diagnosis: Sequence[Diagnosis] = (),
        kinks: Sequence[Kink] = (),
        certain: dict[int, float] | None = None,
        at_x0: bool = True,
    ) -> Report:
        failed_paths = {entry.path for entry in wrong}
        rows = []
        for leaf in found.leaves:
            judged, path = leaf.judgement, self.paths[leaf.leaf]
            smallest, probability, own = judged.resolution, judged.probability, judged.verdict
            if certain is not None:
                measure = leaf.norm or 1.0
                smallest, probability = min(smallest, certain[leaf.leaf] / measure), 1.0
                own = Verdict.FAIL if path in failed_paths else own
            rows.append(LeafRow(
                path, found.gradient[leaf.leaf].shape, own, smallest, judged.relative_to,
                probability, leaf.oracle, judged.reason,
            ))  # fmt: skip
        worst_leaf = max(found.leaves, key=lambda leaf: abs(leaf.worst.residual) / (leaf.worst.bound or 1.0))
        seen = worst_leaf.worst
        worst = wrong[0] if wrong else Entry(
            self.paths[worst_leaf.leaf], None, seen.analytic, seen.estimate.value, seen.bound
        )  # fmt: skip
        problem = self.problem
        return Report(
            verdict, self.what,
            max(row.resolution for row in rows), min(row.probability for row in rows), tuple(rows),
            worst, tuple(wrong), tuple(diagnosis), tuple(kinks),
            problem.evaluations, problem.gradient_evaluations,
            sum(found.gradient[leaf.leaf].size for leaf in found.leaves),
            self.options.seed, told_by(self.examiner.told, rows),
            tuple(dict.fromkeys([*problem.notes, *self.notes])),
            reproducer(problem, worst, self.call) if at_x0 else self.call, self.options.kink != "raise",
            None if at_x0 else list(found.point),
        )  # fmt: skip
