"""Steps, claims and theorems: what each refuses, one condition at a time."""

from dataclasses import replace

import pytest

from derivations.notation import Array, Scalar
from derivations.proof import Claim, ProofError, Statement, Step, derive
from derivations.ranges import x
from derivations.rules import Rule, algebra
from derivations.setting import Setting, Words
from derivations.terms import RangeMismatch, Size, Tensor

SAY = Words("", "")
LIE = Rule("lie", SAY, lambda *_: True)
TRUE = (x + x, 2 * x)
FALSE = (x + x, 3 * x)


def test_a_reason_is_not_enough():
    """A rule that says yes to everything: the kernel and the numbers say no, each for itself."""
    Step(*TRUE, LIE, SAY, Setting())
    with pytest.raises(ProofError, match=r"\(b\) the canonical forms differ; at a random point"):
        Step(*FALSE, LIE, SAY, Setting())


def test_a_kernel_is_not_enough(monkeypatch):
    monkeypatch.setattr(Setting, "equal", lambda *_: True)
    Step(*TRUE, LIE, SAY, Setting())
    with pytest.raises(ProofError, match=r"\(c\) the two sides disagree at a random point"):
        Step(*FALSE, LIE, SAY, Setting())


def test_numbers_are_not_enough(monkeypatch):
    monkeypatch.setattr("derivations.instance.disagreement", lambda *_: None)
    with pytest.raises(ProofError, match=r"\(b\) the canonical forms differ:"):
        Step(*FALSE, LIE, SAY, Setting())


def test_truth_is_not_enough():
    """A true line whose reason is not its reason."""
    never = Rule("never", SAY, lambda *_: False)
    with pytest.raises(ProofError, match=r"\(a\) the rule 'never' does not lead from"):
        Step(*TRUE, never, SAY, Setting())


def test_a_rule_without_a_direction_needs_the_next_line():
    statement = Statement(*map(Scalar, TRUE))
    assert isinstance(derive(statement, Setting(), (algebra(), SAY, TRUE[1])), Claim)
    with pytest.raises(ProofError, match="the rule 'algebra' has no direction: give the line"):
        derive(statement, Setting(), (algebra(), SAY))


def test_a_claim_is_about_its_statement():
    claim = derive(Statement(*map(Scalar, TRUE)), Setting(), (algebra(), SAY, TRUE[1]))
    for sides, said in (((3 * x, 2 * x), "the left side is displayed as"), ((x + x, x), "the right side is")):
        with pytest.raises(ProofError, match=said):
            replace(claim, statement=Statement(*map(Scalar, sides)))
    with pytest.raises(ProofError, match="a step was checked in another setting"):
        replace(claim, steps=(replace(claim.steps[0], setting=Setting(known=(Tensor("k"),))),))
    with pytest.raises(ProofError, match="the chain is broken between"):
        replace(claim, steps=claim.steps * 2)


def test_the_two_sides_have_one_shape():
    n, m = Size("n"), Size("m")
    with pytest.raises(RangeMismatch, match="the two sides have shapes"):
        Statement(Array(Tensor("v", (n,))), Array(Tensor("w", (m,))))


def test_a_theorem_claims_something(proved):
    theorem = proved("hidden-delta")
    with pytest.raises(ProofError, match="hidden-delta claims nothing"):
        replace(theorem, claims=())
