"""Induction over the layers: from the last one down.

An induction is three things, each checked apart.  The *base* proves the statement at layer L.  The
*step* proves it at layer l from one hypothesis, the statement at layer l+1.  The *conclusion* is the
statement at every layer; it is accepted only when base and step are proofs of the right formulas, which
is checked by moving the formula to layer L and to layer l+1 and comparing, and when it holds in networks
of concrete depth, written out in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from derivations import terms
from derivations.proof import Claim, ProofError, Statement, refuse_unless_equal
from derivations.rules import Rule
from derivations.setting import Setting, Words
from derivations.terms import Index, Layer, Term
from derivations.written import at_layer, same

LAST, NEXT = Layer("L"), Layer("l", 1)


def _no_rewriting(left: Term, right: Term, setting: Setting) -> bool:
    return False


INDUCTION = Rule(
    "induction",
    Words("Induction over the layers, from L down to l.", "对层数从 L 向下到 l 作归纳。"),
    _no_rewriting,
    axiom="induction",
)


@dataclass(frozen=True)
class InductionStep:
    """``left = right`` at every layer l <= L, from its base and its step.

    Parameters
    ----------
    statement : Statement
        The formula at layer ``l``.
    bases : sequence of Claim
        Proofs of the formula at layer ``L``, one for each way in which the network may end.
    step : Claim
        A proof of the formula at layer ``l`` whose only hypothesis is the formula at layer ``l+1``.
    unrolled : sequence of (Statement, Setting)
        The formula in networks of concrete depth: checked here, in canonical form and at small widths.

    Raises
    ------
    ProofError
        When one of them is not what it must be.
    """

    statement: Statement
    bases: tuple[Claim, ...]
    step: Claim
    unrolled: tuple[tuple[Statement, Setting], ...]
    sentence: Words
    rule: Rule = INDUCTION
    kind: Literal["induction"] = "induction"
    relation: Literal["="] = "="

    def __post_init__(self) -> None:
        if not self.bases:
            raise ProofError("an induction without a base proves nothing")
        for base in self.bases:
            if base.setting.hypotheses:
                raise ProofError("the base of an induction may not assume anything")
            _refuse_unless_written("base", self._at(LAST, base.statement.indices), base.statement.sides)
        if self.step.statement != self.statement:
            raise ProofError("the step of an induction must prove the statement at layer l")
        if len(self.step.setting.hypotheses) != 1:
            raise ProofError("the step of an induction assumes the statement at layer l+1 and nothing else")
        (hypothesis,) = self.step.setting.hypotheses
        _refuse_unless_written(
            "hypothesis", self._at(NEXT, hypothesis.indices), (hypothesis.left, hypothesis.right)
        )
        if not self.unrolled:
            raise ProofError("an induction is also checked at concrete depths: give at least one")
        for statement, setting in self.unrolled:
            refuse_unless_equal(*statement.sides, setting)

    @property
    def left(self) -> Term:
        """The left side at layer l."""
        return self.statement.sides[0]

    @property
    def right(self) -> Term:
        """The right side at layer l."""
        return self.statement.sides[1]

    def _at(self, layer: Layer, indices: Sequence[Index]) -> tuple[Term, Term]:
        """Return both sides at another layer, with the given indices."""
        own = [
            terms.Index(i.name, terms.Size(i.size.name, layer if i.size.layer else None), i.serial)
            for i in self.statement.indices
        ]
        renaming = dict(zip(own, indices, strict=True))
        left, right = (
            terms.substitute(at_layer(side, "l", layer), renaming) for side in self.statement.sides
        )
        return left, right


def _refuse_unless_written(what: str, wanted: tuple[Term, Term], found: tuple[Term, Term]) -> None:
    for one, other in zip(wanted, found, strict=True):
        if not same(one, other):
            raise ProofError(f"the {what} of the induction should be about\n  {one}\nbut is about\n  {other}")


@dataclass(frozen=True)
class Induction:
    """A claim for every layer, proved by one induction step."""

    statement: Statement
    steps: tuple[InductionStep]
    setting: Setting = field(repr=False)
    title: Words | None = None

    def __post_init__(self) -> None:
        if self.steps[0].statement != self.statement:
            raise ProofError("the conclusion of an induction is the statement that was proved")

    @property
    def axioms(self) -> tuple[str, ...]:
        """The induction principle."""
        return ("induction",)
