"""The tally counts what was compared, keeps the deepest failure, and never turns undecided into success."""

import math

from checks.proof.cases import random_cases
from checks.proof.equations import Comparison
from checks.proof.evidence import CodeEvidence, TheoremEvidence
from checks.proof.prove import Proof, Tally

CASE = next(iter(random_cases(1, 0)))
HOLDS = Comparison("delta^3", 3, 6, 0.25)
FAILS = Comparison("delta^2", 2, 4, 17.0, "delta^2[0, 1] = 3, numerically 1")
UNDECIDED = Comparison("delta^4", 4, 5, math.nan, "delta^4: KINK")


def row(*comparisons):
    tally = Tally()
    tally.add(CASE, comparisons)
    return tally.row("an oracle", 0.5)


def test_what_holds_is_counted():
    found = row(HOLDS, HOLDS)
    assert (found.identities, found.architectures, found.status) == (12, 1, "holds")
    assert found.bound == "error at most 0.25 of its bar"


def test_the_first_failure_of_a_case_speaks():
    found = row(HOLDS, FAILS, Comparison("delta^1", 1, 1, 9.0, "a consequence"))
    assert found.status == "fails"
    assert len(found.failures) == 1
    assert found.failures[0].startswith("layer 2: delta^2[0, 1] = 3")


def test_undecided_numbers_are_not_counted_as_right():
    found = row(UNDECIDED)
    assert (found.identities, found.status) == (0, "not applicable")
    assert "5 numbers" in found.note


def test_verdicts():
    theorem, refused = TheoremEvidence("forward", 3, 0.1), TheoremEvidence("forward", 0, 0.1, "false step")
    empty = CodeEvidence("an oracle", 0, 0, (), "", 0.0)

    def verdict(theorems, code):
        return Proof(tuple(theorems), tuple(code), "quick", 0, 1.0).verdict

    assert verdict([theorem], [row(HOLDS)]) == "PASS"
    assert verdict([theorem], [row(HOLDS), row(FAILS)]) == "FAIL"
    assert verdict([refused], [row(HOLDS)]) == "FAIL"
    assert verdict([theorem], [empty]) == "INCONCLUSIVE"
    assert verdict([], [row(HOLDS)]) == "INCONCLUSIVE"


def test_a_theorem_without_steps_is_not_proven():
    assert TheoremEvidence("forward", 0, 0.1).status == "refuted"
