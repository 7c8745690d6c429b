"""Steps, claims and theorems: objects that cannot be built unless they are true.

There is no flag that says "proven".  A ``Step`` checks itself when it is made and raises ``ProofError`` when
it is false; a ``Claim`` checks that its steps connect its two sides and that the displayed matrix
equation means its index form; a ``Theorem`` that its axioms are those its steps use.  To hold
a ``Theorem`` is to hold its proof.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from derivations import instance, kernel
from derivations.notation import Notation
from derivations.rules import Rule
from derivations.setting import Setting, Words
from derivations.terms import Index, RangeMismatch, Term
from derivations.written import same

AXIOMS = {
    "chain-rule": Words(
        "The multivariate chain rule: if J is a differentiable function of u₁, …, uₘ, and these are differentiable "
        "functions of v, then ∂J/∂v = Σᵢ (∂J/∂uᵢ) (∂uᵢ/∂v).",
        "多元链式法则：若 J 是 u₁, …, uₘ 的可微函数，而它们都是 v 的可微函数，则 ∂J/∂v = Σᵢ (∂J/∂uᵢ) (∂uᵢ/∂v)。",
    ),
    "induction": Words(
        "The principle of induction over the layers: what holds for layer L, and for layer l whenever it holds for "
        "layer l+1, holds for every layer.",
        "对层数的归纳原理：若对第 L 层成立，且由第 l+1 层成立可推出第 l 层成立，则对每一层都成立。",
    ),
    "exponential": Words(
        "The exponential function is positive, it increases, exp(0) = 1 and exp(−x) → 0; and a continuous "
        "function takes every value between two of its values.",
        "指数函数恒正、递增、exp(0) = 1，且 exp(−x) → 0；连续函数取到任意两值之间的一切值。",
    ),
    "norms": Words(
        "Lemmas on 2-norms, listed and not derived here: ‖A v‖ ≤ ‖A‖ ‖v‖; ‖Aᵀ‖ = ‖A‖; ‖A v‖ ≥ (least stretch of A) ‖v‖; "
        "min|aᵢ| ‖v‖ ≤ ‖v ⊙ a‖ ≤ max|aᵢ| ‖v‖.",
        "关于 2-范数的引理，仅列出、未在此推导：‖A v‖ ≤ ‖A‖ ‖v‖；‖Aᵀ‖ = ‖A‖；‖A v‖ ≥（A 的最小伸长率）‖v‖；min|aᵢ| ‖v‖ ≤ ‖v ⊙ a‖ ≤ max|aᵢ| ‖v‖。",
    ),
}
"""What is not derived here but assumed, by key; a theorem lists the keys that its proof rests on."""


class ProofError(ValueError):
    """A step, claim or theorem that does not hold; the message says which check refused it and why."""


@dataclass(frozen=True)
class Step:
    """``left = right`` by ``rule``: checked three times when built.

    (a) The rule, applied to the left side, gives the right side.  (b) Both sides are equal in the kernel's canonical
    form, in the setting.  (c) Both sides agree when written out at small widths, equal and unequal, with
    derivatives of explicit scalars.

    Raises
    ------
    ProofError
        When one of the three fails.
    """

    left: Term
    right: Term
    rule: Rule
    sentence: Words
    setting: Setting = field(repr=False)
    kind: Literal["equality"] = "equality"
    relation: Literal["="] = "="

    def __post_init__(self) -> None:
        if not self.rule.follows(self.left, self.right, self.setting):
            raise ProofError(
                f"(a) the rule '{self.rule.name}' does not lead from\n  {self.left}\nto\n  {self.right}"
            )
        refuse_unless_equal(self.left, self.right, self.setting)


def refuse_unless_equal(left: Term, right: Term, setting: Setting) -> None:
    """Raise ``ProofError`` unless both sides have one canonical form and agree at small widths."""
    if not setting.equal(left, right):
        shown = instance.disagreement(left, right, setting)
        raise ProofError(
            "(b) the canonical forms differ" + (f"; {shown}" if shown else "") + f":\n  {left}\n  {right}"
        )
    shown = instance.disagreement(left, right, setting)
    if shown:
        raise ProofError(f"(c) the two sides disagree {shown}:\n  {left}\n  {right}")


class AnyStep(Protocol):
    """What every step of every kind has: two sides, the rule between them, and a sentence about it."""

    @property
    def left(self) -> Any:
        """The left side, of whatever kind of thing the step is about."""

    @property
    def right(self) -> Any:
        """The right side."""

    @property
    def rule(self) -> Rule:
        """The rule, with its name."""

    @property
    def sentence(self) -> Words:
        """One plain sentence."""

    @property
    def kind(self) -> str:
        """``equality``, ``inequality`` or ``induction``."""

    @property
    def relation(self) -> str:
        """The sign between the sides."""


class AnyClaim(Protocol):
    """What every claim of every kind has: a statement, and the steps that prove it."""

    @property
    def statement(self) -> Any:
        """What is claimed."""

    @property
    def steps(self) -> tuple[AnyStep, ...]:
        """The steps that prove it."""

    @property
    def setting(self) -> Setting:
        """What the letters stand for."""

    @property
    def title(self) -> Words | None:
        """A heading, where a theorem has several claims."""

    @property
    def axioms(self) -> tuple[str, ...]:
        """Keys of ``AXIOMS``."""


@dataclass(frozen=True)
class Statement:
    """``left = right`` as a reader writes it, and the same equation entry by entry.

    ``indices`` names the entry: none for a scalar, (p) for a vector, (p, s) for a matrix.
    """

    left: Notation
    right: Notation
    indices: tuple[Index, ...] = ()

    def __post_init__(self) -> None:
        if self.left.shape != self.right.shape:
            raise RangeMismatch(f"the two sides have shapes {self.left.shape} and {self.right.shape}")

    @property
    def sides(self) -> tuple[Term, Term]:
        """Both sides at ``indices``."""
        return self.left.entry(*self.indices), self.right.entry(*self.indices)


@dataclass(frozen=True)
class Claim:
    """One equation and its derivation, in one setting.

    Raises
    ------
    ProofError
        When the steps do not lead from the left side of the statement to its right side.
    """

    statement: Statement
    steps: tuple[Step, ...]
    setting: Setting = field(repr=False)
    title: Words | None = None

    def __post_init__(self) -> None:
        if not self.steps:
            raise ProofError("a claim without steps proves nothing")
        for step in self.steps:
            if step.setting != self.setting:
                raise ProofError("a step was checked in another setting than its claim's")
        for above, below in zip(self.steps, self.steps[1:], strict=False):
            if above.right != below.left:
                raise ProofError(f"the chain is broken between\n  {above.right}\nand\n  {below.left}")
        for side, shown, proved in zip(
            ("left", "right"), self.statement.sides, (self.steps[0].left, self.steps[-1].right), strict=True
        ):
            if not same(shown, proved) and not kernel.equal(shown, proved):
                raise ProofError(
                    f"the {side} side is displayed as\n  {shown}\nbut what was proved is\n  {proved}"
                )

    @property
    def axioms(self) -> tuple[str, ...]:
        """The axioms that the steps rest on."""
        return tuple(sorted({step.rule.axiom for step in self.steps} - {""}))


def derive(
    statement: Statement,
    setting: Setting,
    *lines: tuple[Rule, Words] | tuple[Rule, Words, Term],
    title: Words | None = None,
) -> Claim:
    """Build a claim line by line, from the left side of the statement to its right side.

    A line is a rule and a sentence; rules without a direction (``algebra``, ``fold``) take the next line too.
    """
    current = statement.sides[0]
    steps = []
    for rule, sentence, *explicit in lines:
        if explicit:
            right = explicit[0]
        elif rule.apply is not None:
            right = rule.apply(current, setting)
        else:
            raise ProofError(f"the rule '{rule.name}' has no direction: give the line that it leads to")
        steps.append(Step(current, right, rule, sentence, setting))
        current = right
    return Claim(statement, tuple(steps), setting, title)


@dataclass(frozen=True)
class Theorem:
    """A named result: its claims, each proved, and what they assume.

    ``hypotheses`` are the sentences that a reader must grant; ``source`` says where the source text states it;
    ``main`` is the place of the claim that the theorem is known for, by default the last.
    """

    id: str
    title: Words
    hypotheses: tuple[Words, ...]
    claims: tuple[AnyClaim, ...]
    source: Words
    main: int = -1

    def __post_init__(self) -> None:
        if not self.claims:
            raise ProofError(f"{self.id} claims nothing")
        for part in (*self.claims, *self.steps):
            if not type(part).__module__.startswith("derivations."):
                raise ProofError(f"{type(part).__name__} is no kind of claim or step that is checked here")

    @property
    def statement(self) -> Any:
        """What the theorem is known for: the statement of its main claim."""
        return self.claims[self.main].statement

    @property
    def steps(self) -> tuple[AnyStep, ...]:
        """All steps of all claims, in order."""
        return tuple(step for claim in self.claims for step in claim.steps)

    @property
    def axioms(self) -> tuple[str, ...]:
        """The axioms that the proof rests on, as keys of ``AXIOMS``."""
        return tuple(sorted({axiom for claim in self.claims for axiom in claim.axioms}))
