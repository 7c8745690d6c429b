"""Induction over the layers: each of its parts is broken alone, and refused for it."""

from dataclasses import replace

import pytest

from derivations.induction import Induction, InductionStep
from derivations.notation import Scalar
from derivations.proof import ProofError, Statement
from derivations.ranges import x
from derivations.setting import Setting


@pytest.fixture(params=["chain-expansion", "backpropagation"])
def conclusion(request, proved) -> Induction:
    (found,) = (claim for claim in proved(request.param).claims if isinstance(claim, Induction))
    return found


def test_each_part_is_needed(conclusion, proved):
    (step,) = conclusion.steps
    assert isinstance(step, InductionStep)
    replace(step)
    (given,) = step.step.setting.hypotheses
    other = proved("half-mse-delta").claims[0]
    doubled = replace(given, right=2 * given.right)

    def assuming(*hypotheses, claim=step.step):
        """The claim as it would stand with other hypotheses: not checked, as if its steps were."""
        setting = replace(claim.setting, hypotheses=hypotheses)
        found = object.__new__(type(claim))
        found.__dict__.update(claim.__dict__ | {"setting": setting})
        return found

    for changes, said in (
        ({"bases": ()}, "an induction without a base proves nothing"),
        ({"bases": (assuming(given, claim=step.bases[0]),)}, "the base of an induction may not assume"),
        ({"bases": (step.step,)}, "the base of an induction may not assume"),
        ({"bases": (other,)}, "the base of the induction should be about"),
        ({"step": other}, "the step of an induction must prove the statement at layer l"),
        ({"step": assuming()}, "assumes the statement at layer l\\+1 and nothing else"),
        ({"step": assuming(given, doubled)}, "assumes the statement at layer l\\+1 and nothing else"),
        ({"step": assuming(doubled)}, "the hypothesis of the induction should be about"),
        ({"unrolled": ()}, "also checked at concrete depths"),
    ):
        with pytest.raises(ProofError, match=said):
            replace(step, **changes)


def test_a_formula_that_is_false_at_a_depth_is_refused(conclusion):
    (step,) = conclusion.steps
    false = Statement(Scalar(x), Scalar(2 * x))
    with pytest.raises(ProofError, match="canonical forms differ"):
        replace(step, unrolled=(*step.unrolled, (false, Setting())))


def test_the_conclusion_is_the_statement_that_was_proved(conclusion, proved):
    other = proved("hidden-delta").claims[0].statement
    with pytest.raises(ProofError, match="the conclusion of an induction is the statement"):
        replace(conclusion, statement=other)
    assert conclusion.axioms == ("induction",)
