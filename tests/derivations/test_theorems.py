"""Every theorem can be built, which is to say: proved; and it rests on what it says."""

import subprocess
import sys

import pytest

import derivations
from derivations.terms import Partial
from derivations.theorems.layers import backpropagation

TABLE = (
    "hadamard", "elementwise-derivative", "linear-derivative-input", "linear-derivative-matrix", "forward",
    "softmax-cross-entropy-delta", "half-mse-delta", "sigmoid-cross-entropy-delta", "chain-expansion",
    "hidden-delta",
    "weight-gradient", "bias-gradient", "backpropagation", "update-descends", "vanishing-gradient",
    "exploding-gradient", "activation-derivatives", "batch-mean",
)  # fmt: skip


def test_the_ids_are_those_of_the_table_in_its_order():
    nested = tuple(f"nested-depth-{depth}" for depth in (2, 3, 4, 5))
    assert derivations.identifiers() == TABLE + nested


def test_a_theorem_is_proved_when_it_is_built(theorem):
    assert theorem.steps
    assert theorem.id in derivations.identifiers()
    assert {step.kind for step in theorem.steps} <= {"equality", "inequality", "induction"}
    for step in theorem.steps:
        assert step.rule.name
        assert step.sentence["en"]
        assert step.sentence["zh"]


def test_what_is_assumed_is_said(proved):
    assert proved("hidden-delta").axioms == ("chain-rule",)
    assert proved("backpropagation").axioms == ("chain-rule", "induction")
    assert proved("half-mse-delta").axioms == ()
    assert proved("vanishing-gradient").axioms == ("induction", "norms")


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_nested_networks_need_no_chain_rule(proved, depth):
    theorem = proved(f"nested-depth-{depth}")
    assert theorem.axioms == ()
    assert len(theorem.claims) == 2 * 2 * (depth - 1)  # heads, then W and b, of every layer


def test_the_base_of_backpropagation_cites_what_the_heads_prove(proved):
    """The cited equation, in the words of the cited theorem: the citation is not decoration."""
    for number, identifier in enumerate(("half-mse-delta", "softmax-cross-entropy-delta")):
        base = backpropagation().claims[number]
        cited = proved(identifier)
        place = {"half-mse-delta": 0, "softmax-cross-entropy-delta": 1}[identifier]
        claim = cited.claims[place]
        setting = claim.setting
        (index,) = claim.statement.indices
        (own,) = base.statement.indices
        assert isinstance(base.steps[0].left, Partial)
        left = derivations.terms.substitute(base.steps[0].right, {own: index})
        assert setting.equal(left, claim.steps[-1].right)


def test_an_unknown_theorem_suggests_its_neighbours():
    with pytest.raises(derivations.UnknownTheorem, match="hidden-delta"):
        derivations.theorem("hiden-delta")
    assert issubclass(derivations.UnknownTheorem, KeyError)


def test_proofs_do_not_depend_on_what_was_proved_before(proved):
    """A fresh interpreter, another order: nothing leans on a cache that an earlier proof has filled."""
    program = (
        "import derivations\n"
        "for name in ('batch-mean', 'chain-expansion', 'hidden-delta'):\n"
        "    print(len(derivations.theorem(name).steps))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    expected = [len(proved(name).steps) for name in ("batch-mean", "chain-expansion", "hidden-delta")]
    assert list(map(int, run.stdout.split())) == expected
