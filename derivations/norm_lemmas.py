"""The lemmas on norms: by which others some factors of a product may be replaced.

Each is built by a function of its own and kept on a list, so that none can be invented: a step accepts no lemma
that is not on it.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from derivations.norms import (
    Largest,
    LayerProduct,
    LeastStretch,
    Norm,
    Quantity,
    Rate,
    RateToTheDepth,
    Relation,
    Slope,
    Smallest,
)
from derivations.notation import Elementwise, Hadamard, Notation, Product, Transpose
from derivations.proof import Theorem
from derivations.setting import Words
from derivations.terms import Layer

if TYPE_CHECKING:
    from derivations.norm_claims import NormClaim


@dataclass(frozen=True)
class Lemma:
    """``before`` relates to ``after``; both are products of factors."""

    name: str
    before: Quantity
    relation: Relation
    after: Quantity
    words: Words


LISTED: set[Lemma] = set()
"""What the functions below have made."""
Arguments = ParamSpec("Arguments")


def _listed(build: Callable[Arguments, Lemma]) -> Callable[Arguments, Lemma]:
    """Let a function of this module make lemmas that steps accept."""

    @wraps(build)
    def made(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Lemma:
        lemma = build(*args, **kwargs)
        LISTED.add(lemma)
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
