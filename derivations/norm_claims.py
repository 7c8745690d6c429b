"""Inequalities between norms: how long the error signal is, layer by layer.

An inequality step replaces some factors of a product by others, as a listed lemma allows; because all other
factors are not negative, the inequality survives.  Every step is also tried out on random networks of
concrete depth and width.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from derivations.norm_lemmas import LISTED, Lemma
from derivations.norms import Quantity, Relation
from derivations.proof import ProofError
from derivations.rules import Rule
from derivations.sample_networks import sample_networks
from derivations.setting import Setting, Words
from derivations.terms import Layer

SLACK = 1e-9
"""Rounding of a few hundred float operations, far below any violation that a random network would show."""


@dataclass(frozen=True)
class NormStep:
    """``left`` relates to ``right`` by one lemma, applied to some of its factors.

    Raises
    ------
    ProofError
        When the lemma's factors are not among those of ``left``, when replacing them does not give ``right``,
        or when the inequality fails in a random network.
    """

    left: Quantity
    relation: Relation
    right: Quantity
    lemma: Lemma
    kind: Literal["inequality"] = "inequality"

    def __post_init__(self) -> None:
        if self.lemma not in LISTED:
            raise ProofError(f"'{self.lemma.name}' is not a listed lemma")
        rest = Counter(self.left)
        rest.subtract(Counter(self.lemma.before))
        if min(rest.values(), default=0) < 0:
            raise ProofError(f"the lemma '{self.lemma.name}' does not apply to {self.left}")
        if Counter(self.right) != rest + Counter(self.lemma.after):
            raise ProofError(f"the lemma '{self.lemma.name}' does not lead from {self.left} to {self.right}")
        if self.lemma.relation not in ("=", self.relation):
            raise ProofError(
                f"the lemma '{self.lemma.name}' is a {self.lemma.relation}, not a {self.relation}"
            )
        refuse_unless_true(self.left, self.relation, self.right)

    @property
    def rule(self) -> Rule:
        """The lemma as a rule."""
        return Rule(self.lemma.name, self.lemma.words, lambda *_: False)

    @property
    def sentence(self) -> Words:
        """What the lemma says."""
        return self.lemma.words


def refuse_unless_true(left: Quantity, relation: Relation, right: Quantity) -> None:
    """Raise ``ProofError`` when the inequality fails in one of the random networks."""
    for network in sample_networks():
        one, other = (math.prod(factor.value(network) for factor in side) for side in (left, right))
        margin = SLACK * (1 + abs(one) + abs(other))
        if (relation != "≥" and one > other + margin) or (relation != "≤" and one < other - margin):
            raise ProofError(f"in a random network the left side is {one:.6g}, the right side {other:.6g}")


@dataclass(frozen=True)
class NormStatement:
    """``left`` relates to ``right``."""

    left: Quantity
    relation: Relation
    right: Quantity


@dataclass(frozen=True)
class NormClaim:
    """A chain of steps, all in one direction."""

    steps: tuple[NormStep, ...]
    title: Words
    hypotheses: tuple[Lemma, ...] = ()
    setting: Setting = field(default=Setting(), repr=False)
    axioms: tuple[str, ...] = ("norms",)

    def __post_init__(self) -> None:
        if not self.steps:
            raise ProofError("a claim without steps proves nothing")
        for above, below in zip(self.steps, self.steps[1:], strict=False):
            if above.right != below.left or above.relation != below.relation:
                raise ProofError("the chain of inequalities is broken")
        for step in self.steps:
            if step.lemma.name.startswith("hypothesis") and step.lemma not in self.hypotheses:
                raise ProofError("a step uses a hypothesis that its claim does not state")

    @property
    def relation(self) -> Relation:
        """The direction of the chain."""
        return self.steps[0].relation

    @property
    def statement(self) -> NormStatement:
        """First against last."""
        return NormStatement(self.steps[0].left, self.relation, self.steps[-1].right)


def chain(
    start: Quantity, relation: Relation, *lemmas: Lemma, title: Words, hypotheses: tuple[Lemma, ...] = ()
) -> NormClaim:
    """Build a claim by applying lemmas one after the other."""
    steps, left = [], start
    for lemma in lemmas:
        kept = list(left)
        place = 0
        for factor in reversed(lemma.before):
            if factor not in kept:
                raise ProofError(f"the lemma '{lemma.name}' does not apply to {left}")
            place = kept.index(factor)
            kept.remove(factor)
        right = (*kept[:place], *lemma.after, *kept[place:])
        steps.append(NormStep(left, relation, right, lemma))
        left = right
    return NormClaim(tuple(steps), title, hypotheses)


@dataclass(frozen=True)
class NormInductionStep:
    """The formula at every layer, from its base at L and its step from l+1 to l.

    ``formula`` gives the two sides at a layer.  The base must prove formula(L) with no hypothesis, the step
    formula(l) with formula(l+1) as its only hypothesis.
    """

    formula: Callable[[Layer], tuple[Quantity, Quantity]]
    base: NormClaim
    step: NormClaim
    sentence: Words
    rule: Rule
    kind: Literal["induction"] = "induction"

    def __post_init__(self) -> None:
        last, here, after = Layer("L"), Layer("l"), Layer("l", 1)
        if self.base.hypotheses or not _proves(self.base, self.formula(last)):
            raise ProofError("the base does not prove the formula at layer L")
        before, beyond = self.formula(after)
        if [(h.before, h.after) for h in self.step.hypotheses] != [(before, beyond)]:
            raise ProofError("the step assumes something else than the formula at layer l+1")
        if not _proves(self.step, self.formula(here)) or self.step.relation != self.base.relation:
            raise ProofError("the step does not prove the formula at layer l")

    @property
    def relation(self) -> Relation:
        """The direction of the inequality."""
        return self.step.relation

    @property
    def left(self) -> Quantity:
        """The left side at layer l."""
        return self.formula(Layer("l"))[0]

    @property
    def right(self) -> Quantity:
        """The right side at layer l."""
        return self.formula(Layer("l"))[1]


def _proves(claim: NormClaim, sides: tuple[Quantity, Quantity]) -> bool:
    found = claim.statement
    return Counter(found.left) == Counter(sides[0]) and Counter(found.right) == Counter(sides[1])


@dataclass(frozen=True)
class NormInduction:
    """A claim for every layer."""

    steps: tuple[NormInductionStep]
    title: Words
    setting: Setting = field(default=Setting(), repr=False)
    axioms: tuple[str, ...] = ("induction", "norms")

    @property
    def statement(self) -> NormStatement:
        """The formula at layer l."""
        (step,) = self.steps
        return NormStatement(step.left, step.relation, step.right)
