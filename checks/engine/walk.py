"""One check, from the problem to the report: the rooms, walked in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from checks.engine.beside_x0 import NEARBY_POINTS, NEARBY_TRIES, BesideX0
from checks.engine.calls import Finding
from checks.engine.delivery import RAISED, deliver
from checks.engine.diagnosis import Diagnosis, claim, diagnose_location, merged
from checks.engine.directions import scalings
from checks.engine.examination import Examination, LeafExamination
from checks.engine.examiner import Examiner
from checks.engine.localisation import Entry, Measurements, localise, most_kinked
from checks.engine.options import Options
from checks.engine.problem import Problem
from checks.engine.report import Kink, LeafRow, Report, told_by
from checks.engine.reproducer import reproducer
from checks.engine.thorough import every_entry, several
from checks.engine.verdict import Verdict

ACROSS = "x0 is at a kink, which shows where all leaves move"
NOWHERE = (
    "the slopes from the left and from the right seem to differ along a direction, but do not along any "
    "entry: the values of fun are too uneven to tell; try another x0, or rescale"
)
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
        self.beside = BesideX0(problem, self.examiner, rng)

    def report(self) -> Report:
        """Walk to the end."""
        problem, examiner = self.problem, self.examiner
        value, gradient, unsteadiness, elsewhere, moved = problem.examine(self.beside.points())
        examiner.outlook = examiner.size(moved) if moved else 0.0
        if value == 0 or problem.unmoved:  # fun says nothing of its size, or of its last digit: ask farther
            examiner.far_value = self.beside.far_value()
        found = examiner.examine(problem.tree.leaves, value, gradient, unsteadiness=unsteadiness)
        if found.verdict is Verdict.FAIL:
            if found.kinked_across():
                return self._kink(found.with_failures(Verdict.KINK, ACROSS))
            if not self.beside.stands(found):
                return self._made(Verdict.INCONCLUSIVE, found.with_failures(Verdict.INCONCLUSIVE, ONCE))
            return self._failure(found)
        if elsewhere is not None and moved is not None:
            look = self.beside.second_look(found, elsewhere, moved)
            if look.failing is not None:
                return self._failure(look.failing, where="beside x0", stale=look.stale)
            if look.untested:
                return self._untested(found)
        elif found.verdict is Verdict.PASS and all(map(_vanishes, found.leaves)):
            return self._untested(found)
        if self.options.thorough and found.verdict is not Verdict.KINK:
            return self._thorough(found)
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
        failing, seen = self.beside.where_there_is_no_kink(found)
        if failing is not None:
            return self._failure(failing, where="beside x0, where there is no kink")
        kinks, kinked = [], found.with_verdict(Verdict.KINK)
        for leaf in kinked:
            measure = Measurements(found, leaf, self.paths[leaf.leaf])
            responsible = most_kinked(leaf, measure)
            if responsible is not None:
                entry, left, right = responsible
                kinks.append(Kink(entry.path, entry.index, left, right, entry.analytic))
        verdict = found.verdict
        if not kinks and all(leaf.judgement.reason != ACROSS for leaf in kinked):
            verdict = Verdict.INCONCLUSIVE
            self.notes.append(NOWHERE)
        if seen < NEARBY_POINTS:
            verdict = Verdict.INCONCLUSIVE
            self.notes.append(
                f"x0 is not a differentiable point, and of {NEARBY_TRIES} points beside it only {seen} were "
                f"smooth enough to tell ({NEARBY_POINTS} are needed): try another x0"
            )
        return self._made(verdict, found, kinks=kinks)

    def _thorough(self, found: Examination) -> Report:
        """Look at every entry by itself, too."""
        wrong, certain = every_entry(found, self.paths, self.options.tolerances, self.options.progress)
        verdict = Verdict.FAIL if wrong else found.verdict
        diagnosis = [several(wrong, found)] if wrong else []
        return self._made(verdict, found, wrong=wrong, diagnosis=diagnosis, certain=certain)

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
