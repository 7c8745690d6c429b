"""Chains of inequalities between norms, and their induction: each condition is broken alone, and refused."""

from dataclasses import replace

import pytest

from derivations.norm_claims import NormClaim, NormInductionStep, NormStep, chain, refuse_unless_true
from derivations.norm_lemmas import LISTED, assumed, established, operator_norm, transposed_norm
from derivations.norms import LayerProduct, LeastStretch, Norm
from derivations.notation import Array
from derivations.proof import ProofError
from derivations.setting import Words
from derivations.terms import Layer
from derivations.theorems import flow
from derivations.theorems.hidden import l

SAY = Words("", "")
W, v = flow._weights(l + 1), flow._signal(l + 1)
STRETCHED, APART = (Norm(W.T @ v),), (Norm(W.T), Norm(v))


def claims(id, proved):
    return [claim for claim in proved(id).claims if isinstance(claim, NormClaim)]


STEPS = {
    "a lemma about factors that are not there": (
        lambda: NormStep(APART, "≤", APART, operator_norm(W.T, v)),
        "does not apply to",
    ),
    "a lemma that leads elsewhere": (
        lambda: NormStep(STRETCHED, "≤", (Norm(W), Norm(v)), operator_norm(W.T, v)),
        "does not lead from",
    ),
    "a factor lost on the way": (
        lambda: NormStep((*STRETCHED, Norm(v)), "≤", APART, operator_norm(W.T, v)),
        "does not lead from",
    ),
    "an upper bound for a lower one": (
        lambda: NormStep(STRETCHED, "≥", APART, operator_norm(W.T, v)),
        "is a ≤, not a ≥",
    ),
    "a lemma that was never listed": (
        lambda: NormStep(STRETCHED, "≤", APART, replace(operator_norm(W.T, v), name="invented")),
        "is not a listed lemma",
    ),
}


@pytest.mark.parametrize("what", STEPS)
def test_a_step_with_one_thing_wrong_is_refused(what):
    build, said = STEPS[what]
    NormStep(STRETCHED, "≤", APART, operator_norm(W.T, v))
    with pytest.raises(ProofError, match=said):
        build()


@pytest.mark.parametrize(
    ("left", "relation", "right"),
    [
        (APART, "≤", STRETCHED),
        (STRETCHED, "≥", APART),
        (STRETCHED, "=", APART),
        ((LeastStretch(W.T), Norm(v)), "≥", STRETCHED),
    ],
)
def test_an_inequality_that_fails_in_a_network_is_refused_though_its_lemma_is_listed(left, relation, right):
    """A listed lemma that is false would be seen in numbers."""
    false = assumed(left, relation, right)
    assert false in LISTED
    with pytest.raises(ProofError, match="in a random network the left side is"):
        NormStep(left, relation, right, false)
    with pytest.raises(ProofError, match="in a random network the left side is"):
        refuse_unless_true(left, relation, right)


def test_a_claim_is_a_chain():
    whole = chain(STRETCHED, "≤", operator_norm(W.T, v), transposed_norm(W), title=SAY)
    assert whole.statement.right == (Norm(W), Norm(v))
    first, second = whole.steps
    with pytest.raises(ProofError, match="a claim without steps proves nothing"):
        NormClaim((), SAY)
    with pytest.raises(ProofError, match="the chain of inequalities is broken"):
        NormClaim((second, first), SAY)
    with pytest.raises(ProofError, match="the chain of inequalities is broken"):
        NormClaim((first, replace(second, relation="=")), SAY)
    with pytest.raises(ProofError, match="does not apply to"):
        chain(STRETCHED, "≤", transposed_norm(W), title=SAY)


def test_a_hypothesis_is_stated():
    given = assumed(STRETCHED, "≤", APART)
    step = NormStep(STRETCHED, "≤", APART, given)
    assert NormClaim((step,), SAY, (given,)).hypotheses == (given,)
    with pytest.raises(ProofError, match="a step uses a hypothesis that its claim does not state"):
        NormClaim((step,), SAY)


@pytest.fixture(params=["vanishing-gradient", "exploding-gradient"])
def induction(request, proved) -> NormInductionStep:
    (step,) = (s for s in proved(request.param).steps if isinstance(s, NormInductionStep))
    return step


def test_an_induction_with_one_thing_wrong_is_refused(induction):
    """The proof of each theorem, and the same with its base, its step or its formula replaced."""
    replace(induction)
    for changes, said in (
        ({"base": induction.step}, "the base does not prove the formula at layer L"),
        ({"base": replace(induction.base, hypotheses=induction.step.hypotheses)}, "the base does not prove"),
        ({"step": induction.base}, "the step assumes something else than the formula at layer l\\+1"),
        ({"formula": lambda layer: induction.formula(Layer("L"))}, "the step assumes something else"),
    ):
        with pytest.raises(ProofError, match=said):
            replace(induction, **changes)


def test_a_step_that_proves_another_formula_is_refused(induction):
    """From the formula at layer l+1 a true chain, which ends before the formula at layer l."""
    short = replace(induction.step, steps=induction.step.steps[:-1])
    assert short.hypotheses == induction.step.hypotheses
    with pytest.raises(ProofError, match="the step does not prove the formula at layer l"):
        replace(induction, step=short)


def test_what_was_established_is_what_a_claim_says(proved):
    first = claims("vanishing-gradient", proved)[0]
    lemma = established(first)
    assert (lemma.before, lemma.relation, lemma.after) == (
        first.statement.left, first.relation, first.statement.right,
    )  # fmt: skip


def test_a_norm_of_a_layer_that_no_network_has_is_an_error():
    with pytest.raises(KeyError):
        refuse_unless_true((Norm(Array(flow._signal(Layer("m")).tensor)),), "≤", (LayerProduct(l, "≤"),))
