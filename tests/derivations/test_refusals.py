"""Every false statement is refused, with a reason; and the test of refusals itself can fail."""

import pytest

from derivations import terms
from derivations.refusals import FALSE, Accepted, FalseStatement, refusal, statement
from derivations.setting import Setting


@pytest.mark.parametrize("statement", FALSE, ids=lambda statement: statement.id)
def test_a_false_statement_is_refused_with_a_reason(statement):
    assert len(refusal(statement)) > 20


def test_there_are_enough_of_them():
    assert len(FALSE) >= 60
    assert len({statement.id for statement in FALSE}) == len(FALSE)
    assert all(statement.mistake for statement in FALSE)


@pytest.fixture
def true_equation():
    n = terms.Size("n")
    x, i, j = terms.Tensor("x", (n,)), terms.fresh("i", n), terms.fresh("j", n)
    return terms.Sum(i, x[i]), terms.Sum(j, x[j]), Setting()


def test_a_true_equation_is_not_refused(true_equation):
    with pytest.raises(Accepted, match="kernel accepts"):
        refusal(FalseStatement("true", "none", lambda: true_equation))


def test_a_kernel_that_accepts_everything_is_noticed(monkeypatch):
    monkeypatch.setattr(Setting, "equal", lambda *_: True)
    with pytest.raises(Accepted, match="kernel accepts"):
        refusal(FALSE[0])


def test_an_instance_that_never_disagrees_is_noticed(monkeypatch):
    monkeypatch.setattr(statement.instance, "disagreement", lambda *_: None)
    with pytest.raises(Accepted, match="no counterexample"):
        refusal(FALSE[0])


def test_something_that_can_be_built_is_noticed():
    with pytest.raises(Accepted, match="was built"):
        refusal(FalseStatement("harmless", "none", None, lambda: 1))
