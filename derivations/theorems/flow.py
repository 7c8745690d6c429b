"""How long the error signal is, l layers back: what makes it vanish, what makes it explode."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from fractions import Fraction

from derivations.induction import INDUCTION
from derivations.norm_claims import NormClaim, NormInduction, NormInductionStep, chain
from derivations.norm_lemmas import (
    Lemma,
    assumed,
    by_theorem,
    empty_product,
    established,
    hadamard_from_below,
    hadamard_norm,
    least_stretch,
    one_layer_more,
    operator_norm,
    rate_bound,
    slope_bound,
    slope_from_below,
    transposed_norm,
)
from derivations.norms import LayerProduct, Norm, Quantity, Rate, Relation
from derivations.notation import Array, Elementwise, Outer, Scalar, SquaredNorm
from derivations.proof import Claim, Statement, Theorem, derive
from derivations.rules import algebra, contract, unfold
from derivations.setting import Definition, Setting, Words
from derivations.terms import Delta, Layer, Size, Sum, Tensor, fresh, opaque
from derivations.theorems.hidden import hidden_delta, l, width
from derivations.theorems.titles import TITLES

L = Layer("L")
f = opaque("f")


def _signal(layer: Layer) -> Array:
    return Array(Tensor("delta", (width(layer),), layer, defined=True))


def _weights(layer: Layer) -> Array:
    return Array(Tensor("W", (width(layer), width(layer - 1)), layer))


def _formula(relation: Relation):  # type: ignore[no-untyped-def]
    def formula(layer: Layer) -> tuple[Quantity, Quantity]:
        return (Norm(_signal(layer)),), (LayerProduct(layer, relation), Norm(_signal(L)))

    return formula


def _bounds(relation: Relation) -> list[NormClaim | NormInduction]:
    """One layer, then every layer by induction, then the rate."""
    slope = Elementwise(f.prime, Array(Tensor("z", (width(l),), l)))
    W, carried = _weights(l + 1), _weights(l + 1).T @ _signal(l + 1)
    backward = by_theorem(hidden_delta())
    above: tuple[Lemma, ...] = (
        hadamard_norm(carried, slope), slope_bound(slope), operator_norm(W.T, _signal(l + 1)), transposed_norm(W),
    )  # fmt: skip
    below: tuple[Lemma, ...] = (
        hadamard_from_below(carried, slope), slope_from_below(slope), least_stretch(W.T, _signal(l + 1)),
    )  # fmt: skip
    start: Quantity = (Norm(_signal(l)),)
    one_layer = chain(
        start, relation, backward, *(above if relation == "≤" else below), title=Words("One layer", "一层")
    )
    formula = _formula(relation)
    base = chain(
        (Norm(_signal(L)),), relation, empty_product(relation), title=Words("Base: layer L", "基础：第 L 层")
    )
    hypothesis = assumed(formula(l + 1)[0], relation, formula(l + 1)[1])
    step = chain(
        start,
        relation,
        established(one_layer),
        hypothesis,
        one_layer_more(l, relation, W),
        title=Words("Step: from layer l+1 to layer l", "归纳步：由第 l+1 层到第 l 层"),
        hypotheses=(hypothesis,),
    )
    every = NormInduction(
        (NormInductionStep(formula, base, step, Words(
            "By induction from layer L down: one factor for each layer in between.",
            "由第 L 层向下归纳：中间每一层贡献一个因子。"), INDUCTION),),
        Words("Conclusion: every layer", "结论：每一层"),
    )  # fmt: skip
    rate = Rate("q", relation)
    bound = rate_bound(l, rate)
    to_the_depth = chain(
        formula(l)[1],
        relation,
        bound,
        title=Words("The rate", "速率"),
        hypotheses=(bound,),
    )
    return [one_layer, base, step, every, to_the_depth]


def _weight_gradient_length() -> Claim:
    """||dJ/dW^l||^2 = ||delta^l||^2 ||a^(l-1)||^2 (Frobenius norm on the left)."""
    delta, a = Tensor("delta", (width(l),), l), Tensor("a", (width(l - 1),), l - 1)
    i, j = fresh("i", width(l)), fresh("j", width(l - 1))
    return derive(
        Statement(
            SquaredNorm(Outer(Array(delta), Array(a))),
            Scalar(Sum(i, delta[i] ** 2) * Sum(j, a[j] ** 2)),
        ),
        Setting(),
        (algebra(), Words(
            "The double sum of squares is a product of two sums: what holds of δ holds of the weight gradient.",
            "平方的双重求和等于两个求和之积：关于 δ 的结论也适用于权重梯度。"),
         Sum(i, delta[i] ** 2) * Sum(j, a[j] ** 2)),
        title=Words("The length of the weight gradient (all entries)", "权重梯度的长度（全部元素）"),
    )  # fmt: skip


def _attained() -> Claim:
    """With W = q I and f the identity, every layer multiplies the signal by q exactly."""
    n = Size("n")
    q = Tensor("q")
    W = Tensor("W", (n, n), defined=True)
    before, after = Tensor("delta", (n,), l, defined=True), Tensor("delta", (n,), l + 1)
    i, j, p = fresh("i", n), fresh("j", n), fresh("p", n)
    setting = Setting(
        (Definition(before, (p,), Sum(i, W[i, p] * after[i])), Definition(W, (i, j), q[()] * Delta(i, j)))
    )
    return derive(
        Statement(SquaredNorm(Array(before)), Scalar(q[()] ** 2 * Sum(p, after[p] ** 2))),
        setting,
        (unfold(before), Words("With f the identity, f′ = 1.", "取 f 为恒等函数，f′ = 1。")),
        (unfold(W), Words("Take q times the identity matrix.", "取 q 倍单位矩阵。")),
        (contract(), Words("One term of the sum is left.", "求和只剩一项。")),
        (algebra(), Words(
            "So ‖δˡ‖ = q ‖δˡ⁺¹‖: the bound is attained, for every q, at every depth.",
            "即 ‖δˡ‖ = q ‖δˡ⁺¹‖：对任意 q、任意深度，界都被取到。"), q[()] ** 2 * Sum(p, after[p] ** 2)),
        title=Words("A family that attains the bound", "取到界的一族网络"),
    )  # fmt: skip


def growth(factor: Fraction, layers: int) -> Fraction:
    """Return ||delta^1st|| / ||delta^L|| of the family, exactly, by carrying a signal back through the layers."""
    signal = [Fraction(3), Fraction(4)]
    start = sum(v * v for v in signal)
    weights = [[factor, Fraction(0)], [Fraction(0), factor]]
    for _ in range(layers - 1):
        signal = [sum((weights[i][p] * signal[i] for i in range(2)), Fraction(0)) for p in range(2)]
    end = sum(v * v for v in signal)
    # The signal stays a multiple of (3, 4), whose length is rational.
    ratio = signal[0] / 3
    assert ratio * ratio * start == end
    return ratio


def vanishing_gradient() -> Theorem:
    """||delta^l|| <= prod ||W^m|| sup|f'| ||delta^L||, and <= q^(L-l) ||delta^L|| when every factor is at most q."""
    return Theorem(
        id="vanishing-gradient",
        title=TITLES["vanishing-gradient"],
        hypotheses=(
            Words(
                "2-norms throughout; in the maximum norm the bound is false.",
                "全部取 2-范数；换成最大值范数则不成立。",
            ),
            Words(
                "For the rate: sup|f′| ‖Wᵐ‖ ≤ q for m = l+1, …, L. With q < 1 the signal vanishes at least as fast as "
                "q to the depth. That f′ ≤ 1 is not enough: the weights count as much.",
                "关于速率：对 m = l+1, …, L 有 sup|f′| ‖Wᵐ‖ ≤ q。q < 1 时误差项至少以 q 的深度次幂消失。仅有 f′ ≤ 1 不够：权重同样重要。",
            ),
        ),
        claims=(*_bounds("≤"), _weight_gradient_length(), _attained()),
        source=Words("the paragraph on vanishing gradients", "关于梯度消失的一段"),
        main=3,
    )


def exploding_gradient() -> Theorem:
    """The matching growth from below, and families that attain it."""
    tenth = Fraction(11, 10)
    times = float(growth(tenth, 100))
    return Theorem(
        id="exploding-gradient",
        title=TITLES["exploding-gradient"],
        hypotheses=(
            Words(
                "inf|f′| and the least stretch of (Wᵐ)ᵀ must be positive for the bound to say anything; a layer wider than the "
                "one before it has least stretch 0.",
                "仅当 inf|f′| 与 (Wᵐ)ᵀ 的最小伸长率为正时该界才有意义；比前一层更宽的层，其最小伸长率为 0。",
            ),
            Words(
                f"Ordinary weights suffice: 1.1 times the identity over 100 layers multiplies the signal by {times:.0f}.",
                f"普通大小的权重就足够：100 层 1.1 倍单位矩阵使误差项放大 {times:.0f} 倍。",
            ),
        ),
        claims=(*_bounds("≥"), _attained()),
        source=Words("the paragraph on exploding gradients", "关于梯度爆炸的一段"),
        main=3,
    )
