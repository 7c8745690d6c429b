"""Inequalities between norms: how long the error signal is, layer by layer.

A *quantity* is a product of numbers that are never negative: norms, suprema, their powers.  An inequality step
replaces some factors of it by others, as a listed lemma allows; because all other factors are not
negative, the inequality survives.  Lemmas are built by their own functions, so that none can be invented,
and every step is also tried out on random networks of concrete depth and width.

2-norms throughout: the Euclidean norm of a vector, the operator norm of a matrix.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Literal, ParamSpec

from derivations.notation import Array, Elementwise, Hadamard, Notation, Product, Transpose
from derivations.proof import ProofError, Theorem
from derivations.rules import Rule
from derivations.setting import Setting, Words
from derivations.terms import Layer, Size, Tensor

Relation = Literal["≤", "≥", "="]
SLACK = 1e-9
"""Rounding of a few hundred float operations, far below any violation that a random network would show."""


class Factor:
    """A number that is never negative."""

    def value(self, network: SampleNetwork) -> float:
        """Return the number in a concrete network."""
        return self._value(network)

    def _value(self, network: SampleNetwork) -> float:
        raise NotImplementedError


@dataclass(frozen=True)
class Norm(Factor):
    """||v|| or ||A||: the greatest stretch."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        array = network.array(self.of)
        return length(array) if len(self.of.shape) == 1 else max(singular_values(array))


@dataclass(frozen=True)
class LeastStretch(Factor):
    """The least of ||A v|| over unit vectors v."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        array = network.array(self.of)
        values = singular_values(array)
        return min(values) if len(array) >= len(array[0]) else 0.0


@dataclass(frozen=True)
class Largest(Factor):
    """max |a_i| over the entries of a vector."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        return float(max(map(abs, network.array(self.of))))


@dataclass(frozen=True)
class Smallest(Factor):
    """min |a_i| over the entries of a vector."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        return float(min(map(abs, network.array(self.of))))


@dataclass(frozen=True)
class Slope(Factor):
    """sup |f'| or inf |f'| over the real line."""

    which: Literal["sup", "inf"]

    def _value(self, network: SampleNetwork) -> float:
        return network.slopes[self.which == "sup"]


@dataclass(frozen=True)
class Rate(Factor):
    """A number q that every layer's factor stays below, or above."""

    name: str
    relation: Relation

    def _value(self, network: SampleNetwork) -> float:
        factors = [stretch(network, self.relation, m) for m in range(network.first + 1, network.last + 1)]
        return max(factors) * 1.125 if self.relation == "≤" else min(factors) * 0.875


@dataclass(frozen=True)
class RateToTheDepth(Factor):
    """q^(L-l)."""

    rate: Rate
    start: Layer

    def _value(self, network: SampleNetwork) -> float:
        return self.rate.value(network) ** (network.last - network.number(self.start))


@dataclass(frozen=True)
class LayerProduct(Factor):
    """The product over m = start+1..L of each layer's factor; 1 when start is L.

    From above (``≤``) a layer's factor is sup|f'| ||W^m||, from below inf|f'| times the least stretch of (W^m)^T.
    """

    start: Layer
    relation: Relation

    def _value(self, network: SampleNetwork) -> float:
        return math.prod(
            stretch(network, self.relation, m)
            for m in range(network.number(self.start) + 1, network.last + 1)
        )


def stretch(network: SampleNetwork, relation: Relation, number: int) -> float:
    """Return what layer ``number`` contributes to the product."""
    W = Array(network.weights(number))
    if relation == "≤":
        return network.slopes[1] * Norm(W).value(network)
    return network.slopes[0] * LeastStretch(W.T).value(network)


Quantity = tuple[Factor, ...]


# --------------------------------------------------------------------------------------------- lemmas


@dataclass(frozen=True)
class Lemma:
    """``before`` relates to ``after``; both are products of factors.

    A step accepts a lemma only from one of the functions below, which keep a list of what they have made.
    """

    name: str
    before: Quantity
    relation: Relation
    after: Quantity
    words: Words


_LISTED: set[Lemma] = set()
Arguments = ParamSpec("Arguments")


def _listed(build: Callable[Arguments, Lemma]) -> Callable[Arguments, Lemma]:
    """Let a function of this module make lemmas that steps accept."""

    @wraps(build)
    def made(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Lemma:
        lemma = build(*args, **kwargs)
        _LISTED.add(lemma)
        return lemma

    return made


@_listed
def operator_norm(A: Notation, v: Notation) -> Lemma:
    """||A v|| <= ||A|| ||v||: what the operator norm is."""
    words = Words(
        "The operator norm is the greatest stretch: ‖A v‖ ≤ ‖A‖ ‖v‖.",
        "算子范数是最大伸长率：‖A v‖ ≤ ‖A‖ ‖v‖。",
    )
    return Lemma("operator norm", (Norm(Product(A, v)),), "≤", (Norm(A), Norm(v)), words)


@_listed
def transposed_norm(A: Notation) -> Lemma:
    """||A^T|| = ||A||, true of the 2-norm (not of the maximum norm)."""
    words = Words("A matrix and its transpose have the same 2-norm.", "矩阵与其转置的 2-范数相等。")
    return Lemma("norm of the transpose", (Norm(Transpose(A)),), "=", (Norm(A),), words)


@_listed
def hadamard_norm(v: Notation, a: Notation) -> Lemma:
    """||v ⊙ a|| <= max|a| ||v||."""
    words = Words(
        "‖v ⊙ a‖ ≤ max|aᵢ| ‖v‖: no entry grows by more.", "‖v ⊙ a‖ ≤ max|aᵢ| ‖v‖：任何分量的放大都不超过它。"
    )
    return Lemma("elementwise product", (Norm(Hadamard(v, a)),), "≤", (Largest(a), Norm(v)), words)


@_listed
def slope_bound(slope: Elementwise) -> Lemma:
    """max|f'(z_i)| <= sup|f'|."""
    words = Words("No slope exceeds the supremum.", "任何一点的斜率都不超过上确界。")
    return Lemma("supremum", (Largest(slope),), "≤", (Slope("sup"),), words)


@_listed
def least_stretch(A: Notation, v: Notation) -> Lemma:
    """||A v|| >= (least stretch of A) ||v||."""
    words = Words(
        "No vector is stretched by less than the least stretch.", "任何向量的伸长率都不小于最小伸长率。"
    )
    return Lemma("least stretch", (Norm(Product(A, v)),), "≥", (LeastStretch(A), Norm(v)), words)


@_listed
def hadamard_from_below(v: Notation, a: Notation) -> Lemma:
    """||v ⊙ a|| >= min|a| ||v||."""
    words = Words(
        "‖v ⊙ a‖ ≥ min|aᵢ| ‖v‖: every entry grows by at least that.",
        "‖v ⊙ a‖ ≥ min|aᵢ| ‖v‖：每个分量至少放大这么多。",
    )
    return Lemma(
        "elementwise product from below", (Norm(Hadamard(v, a)),), "≥", (Smallest(a), Norm(v)), words
    )


@_listed
def slope_from_below(slope: Elementwise) -> Lemma:
    """min|f'(z_i)| >= inf|f'|."""
    words = Words("No slope is below the infimum.", "任何一点的斜率都不小于下确界。")
    return Lemma("infimum", (Smallest(slope),), "≥", (Slope("inf"),), words)


@_listed
def by_theorem(theorem: Theorem) -> Lemma:
    """||left|| = ||right|| because a theorem, already proved, says that left = right."""
    identifier, left, right = theorem.id, theorem.statement.left, theorem.statement.right
    return Lemma(
        f"theorem {identifier}", (Norm(left),), "=", (Norm(right),),
        Words("Equal vectors have equal norms.", "相等的向量范数相等。"),
    )  # fmt: skip


@_listed
def one_layer_more(start: Layer, relation: Relation, W: Notation) -> Lemma:
    """factor of layer start+1 times the product from start+1 is the product from start."""
    own: Quantity = (Slope("sup"), Norm(W)) if relation == "≤" else (Slope("inf"), LeastStretch(Transpose(W)))
    words = Words("One more factor of the product.", "连乘再多一个因子。")
    return Lemma(
        "product", (*own, LayerProduct(start + 1, relation)), "=", (LayerProduct(start, relation),), words
    )


@_listed
def empty_product(relation: Relation) -> Lemma:
    """1 is the product from L: it has no factors."""
    words = Words("At layer L the product has no factors and is 1.", "在第 L 层连乘没有因子，等于 1。")
    return Lemma("empty product", (), "=", (LayerProduct(Layer("L"), relation),), words)


@_listed
def rate_bound(start: Layer, rate: Rate) -> Lemma:
    """Each of the L - l factors is at most (at least) q, so their product is at most (at least) q^(L-l)."""
    words = Words(
        f"Hypothesis: each of the L − l factors is {rate.relation} {rate.name}.",
        f"假设：L − l 个因子中每一个都 {rate.relation} {rate.name}。",
    )
    return Lemma(
        "hypothesis",
        (LayerProduct(start, rate.relation),),
        rate.relation,
        (RateToTheDepth(rate, start),),
        words,
    )


@_listed
def assumed(before: Quantity, relation: Relation, after: Quantity) -> Lemma:
    """The hypothesis of an induction."""
    words = Words("The statement at layer l+1.", "第 l+1 层的命题。")
    return Lemma("hypothesis of the induction", before, relation, after, words)


@_listed
def established(claim: NormClaim) -> Lemma:
    """What an earlier claim proved."""
    words = Words("What was just proved.", "刚才已证的结论。")
    return Lemma("lemma", claim.steps[0].left, claim.relation, claim.steps[-1].right, words)


# ------------------------------------------------------------------------------------ steps and claims


@dataclass(frozen=True)
class NormStep:
    """``left`` relates to ``right`` by one lemma, applied to some of its factors.

    Raises
    ------
    ProofError
        When the lemma's factors are not among those of ``left``, when replacing them does not give ``right``, or when
        the inequality fails in a random network.
    """

    left: Quantity
    relation: Relation
    right: Quantity
    lemma: Lemma
    kind: Literal["inequality"] = "inequality"

    def __post_init__(self) -> None:
        if self.lemma not in _LISTED:
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

    ``formula`` gives the two sides at a layer.  The base must prove formula(L) with no hypothesis, the step formula(l)
    with formula(l+1) as its only hypothesis.
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


# ------------------------------------------------------------------------------------- random networks


class SampleNetwork:
    """A backward pass in numbers: random widths, weights, slopes and last error signal; layer l is ``first``."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.first, self.last = 2, draw.randint(3, 6)
        # A layer wider than the one before it has least stretch 0: let every other network have none.
        widths = {n: draw.randint(1, 4) for n in range(1, self.last + 1)}
        if seed % 2:
            widths = dict(zip(widths, sorted(widths.values(), reverse=True), strict=True))
        low = draw.choice((0.0, 0.25, 0.9))
        self.slopes = (low, low + draw.choice((0.0, 0.5, 1.0)))
        scale = draw.choice((0.3, 1.0, 3.0))
        self._values: dict[tuple[str, int], Any] = {}
        for n in range(2, self.last + 1):
            self._values["W", n] = [
                [draw.gauss(0, scale) for _ in range(widths[n - 1])] for _ in range(widths[n])
            ]
            self._values["f'", n] = [
                draw.choice((-1, 1)) * draw.uniform(*self.slopes) for _ in range(widths[n])
            ]
        self._values["delta", self.last] = [draw.gauss(0, 1) for _ in range(widths[self.last])]
        for n in range(self.last - 1, 1, -1):
            W, signal = self._values["W", n + 1], self._values["delta", n + 1]
            carried = [sum(W[i][p] * signal[i] for i in range(len(W))) for p in range(widths[n])]
            self._values["delta", n] = [u * v for u, v in zip(carried, self._values["f'", n], strict=True)]

    def number(self, layer: Layer) -> int:
        """Return the layer's number here."""
        return {"l": self.first, "L": self.last, "": 0}[layer.symbol] + layer.offset

    def weights(self, number: int) -> Tensor:
        """Return the name of a layer's weights by its number."""
        return Tensor("W", (Size("rows"), Size("columns")), Layer("", number))

    def array(self, notation: Notation) -> Any:
        """Return the numbers that a piece of notation stands for."""
        match notation:
            case Array(tensor):
                assert tensor.layer is not None
                return self._values[tensor.name, self.number(tensor.layer)]
            case Elementwise(_, Array(tensor)):
                assert tensor.layer is not None
                return self._values["f'", self.number(tensor.layer)]
            case Transpose(inner):
                return [list(column) for column in zip(*self.array(inner), strict=True)]
            case Product(left, right):
                vector = self.array(right)
                return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in self.array(left)]
            case Hadamard(left, right):
                return [a * b for a, b in zip(self.array(left), self.array(right), strict=True)]
        raise TypeError(f"no numbers for {type(notation).__name__}")


@lru_cache(maxsize=1)
def sample_networks() -> tuple[SampleNetwork, ...]:
    """Return the random networks on which every inequality is tried."""
    return tuple(SampleNetwork(seed) for seed in range(24))


def length(vector: list[float]) -> float:
    """Return the Euclidean norm."""
    return math.sqrt(math.fsum(a * a for a in vector))


def singular_values(matrix: list[list[float]]) -> list[float]:
    """Return the singular values of a small matrix, by one-sided Jacobi rotations."""
    columns = [list(column) for column in zip(*matrix, strict=True)]
    if len(columns) > len(matrix):
        columns = [list(row) for row in matrix]
    for _ in range(60):
        largest = 0.0
        for i in range(len(columns)):
            for j in range(i):
                a, b = columns[i], columns[j]
                aa, bb, ab = (
                    sum(u * v for u, v in zip(s, t, strict=True)) for s, t in ((a, a), (b, b), (a, b))
                )
                if abs(ab) <= 1e-15 * math.sqrt(aa * bb):
                    continue
                largest = max(largest, abs(ab) / math.sqrt(aa * bb))
                ratio = (bb - aa) / (2 * ab)
                tangent = math.copysign(1, ratio) / (abs(ratio) + math.hypot(1, ratio))
                cosine = 1 / math.hypot(1, tangent)
                sine = cosine * tangent
                columns[i] = [cosine * u - sine * v for u, v in zip(a, b, strict=True)]
                columns[j] = [sine * u + cosine * v for u, v in zip(a, b, strict=True)]
        if largest < 1e-14:
            break
    return [length(column) for column in columns]
