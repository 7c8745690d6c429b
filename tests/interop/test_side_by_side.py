"""What the table in the README shows, held: every verdict of gradproof is the right one."""

from pathlib import Path

import pytest

from .side_by_side import CASES, in_the_wild, our_answer, row, their_answer

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_readmes_show_what_is_printed(case):
    printed = row(case)
    assert printed in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert printed.split(" | ", 2)[2] in (ROOT / "README.zh.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_ours_is_right_and_theirs_answers(case):
    assert bool(our_answer(case)) == case.right
    assert their_answer(case)[1]


def test_every_framework_has_a_right_and_a_wrong_case():
    assert {(case.checker, case.right) for case in CASES} == {
        (checker, right) for checker in {case.checker for case in CASES} for right in (True, False)
    }


def test_score_of_an_ordinary_model_is_right_whatever_its_hessian():
    rows = {row.path: str(row.verdict) for row in in_the_wild().leaves}
    assert rows["const"] == rows["x1"] == "PASS"
