"""Statements about every layer at once, by induction from layer L down."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from fractions import Fraction

from derivations.induction import Induction, InductionStep
from derivations.notation import Array, Gradient, Indexed, Outer, Product
from derivations.proof import Claim, Statement, Theorem, derive
from derivations.rules import (
    algebra,
    chain_rule,
    contract,
    entries,
    fold,
    function_rule,
    given,
    linearity,
    theorem_rule,
    unfold,
)
from derivations.setting import Definition, Hypothesis, Setting, Unknown, Words
from derivations.terms import Delta, Layer, Sum, Tensor, Term, exp, fresh, log, opaque
from derivations.theorems.hidden import J, l, partial, width
from derivations.theorems.nested import Network, concrete
from derivations.theorems.titles import TITLES

L = Layer("L")
f = opaque("f")

_AT_NEXT = Words("hypothesis of the induction, at layer l+1", "归纳假设（第 l+1 层）")


def _weighted_input(layer: Layer) -> Definition:
    """Return z^layer_i = sum_j W[i,j] f(z^(layer-1)_j) + b_i."""
    k, k_before = width(layer), width(layer - 1)
    i, j = fresh("i", k), fresh("j", k_before)
    W, b = Tensor("W", (k, k_before), layer), Tensor("b", (k,), layer)
    return Definition(
        Tensor("z", (k,), layer, defined=True),
        (i,),
        Sum(j, W[i, j] * f(Tensor("z", (k_before,), layer - 1)[j])) + b[i],
    )


# ----------------------------------------------------------------------------------- chain-expansion


def _jacobian(layer: Layer) -> Tensor:
    """Return the name G^layer of dz^(layer+1)/dz^layer in the denominator layout."""
    return Tensor("G", (width(layer), width(layer + 1)), layer, defined=True)


def _product(layer: Layer) -> Tensor:
    """Return the name M^layer of G^layer G^(layer+1) ... G^(L-1)."""
    return Tensor("M", (width(layer), width(L)), layer, defined=True)


def chain_expansion() -> Theorem:
    """delta^l = G^l G^(l+1) ... G^(L-1) delta^L, with G^m = dz^(m+1)/dz^m in the denominator layout."""
    k, k_next, K = width(l), width(l + 1), width(L)
    z, z_next = Tensor("z", (k,), l), Tensor("z", (k_next,), l + 1, defined=True)
    G, M, M_next = _jacobian(l), _product(l), _product(l + 1)
    end = Tensor("delta", (K,), L, defined=True)
    i, p, r = fresh("i", k_next), fresh("p", k), fresh("r", K)

    single = Setting((Definition(G, (p, i), partial(z_next[i], z[p])), _weighted_input(l + 1)))
    W = Tensor("W", (k_next, k), l + 1)
    one_layer = derive(
        Statement(Array(G), Indexed(W[i, p] * f.prime(z[p]), (p, i)), (p, i)),
        single,
        (unfold(G), Words("The definition of the Jacobian of one layer.", "单层雅可比矩阵的定义。")),
        (unfold(z_next), Words("Write out the input of neuron i.", "写出神经元 i 的输入。")),
        (linearity(), Words("Weights and biases are constants.", "权重与偏倚是常数。")),
        (function_rule(), Words("f(u)′ = f′(u) u′.", "f(u)′ = f′(u) u′。")),
        (entries(), Words("The entries of zˡ are independent.", "zˡ 的各分量独立。")),
        (contract(), Words("Only the term j = p is left.", "只剩 j = p 一项。")),
        title=Words(
            "The Jacobian of one layer: Gˡₚᵢ = Wˡ⁺¹ᵢₚ f′(zˡₚ)", "单层的雅可比矩阵：Gˡₚᵢ = Wˡ⁺¹ᵢₚ f′(zˡₚ)"
        ),
    )

    statement = Statement(Gradient(J[()], z), Product(Array(M), Array(end)), (p,))
    base_z = Tensor("z", (K,), L)
    a, c = fresh("p", K), fresh("r", K)
    base_setting = Setting(
        (
            Definition(_product(L), (a, c), Delta(a, c)),
            Definition(end, (a,), partial(J[()], base_z[a])),
        ),
        (Unknown(J, base_z),),
    )
    base = derive(
        Statement(Gradient(J[()], base_z), Product(Array(_product(L)), Array(end)), (a,)),
        base_setting,
        (fold(end), Words("This is the error signal of the last layer.", "这就是最后一层的误差项。"), end[a]),
        (algebra(), Words(
            "Multiplying by the identity matrix changes nothing.", "乘以单位矩阵不改变它。"),
         Sum(c, Delta(a, c) * end[c])),
        (fold(_product(L)), Words(
            "At layer L the product has no factors: it is the identity matrix.", "在第 L 层乘积没有因子，即单位矩阵。"),
         Sum(c, _product(L)[a, c] * end[c])),
        title=Words("Base: layer L", "基础：第 L 层"),
    )  # fmt: skip

    hypothesis = Hypothesis(partial(J[()], z_next[i]), Sum(r, M_next[i, r] * end[r]), _AT_NEXT, (i,))
    inner = fresh("i", k_next)
    setting = Setting(
        (
            Definition(M, (p, r), Sum(inner, G[p, inner] * M_next[inner, r])),
            Definition(G, (p, i), partial(z_next[i], z[p])),
            _weighted_input(l + 1),
        ),
        (Unknown(J, z_next),),
        (hypothesis,),
        known=(M_next, end),
    )
    step = derive(
        statement,
        setting,
        (chain_rule(), Words(
            "J depends on zˡ only through zˡ⁺¹: the chain rule adds up over its entries.",
            "J 只通过 zˡ⁺¹ 依赖于 zˡ：链式法则对其各分量求和。")),
        (given(), Words("Use the statement at layer l+1.", "使用第 l+1 层的命题。")),
        (fold(G), Words("The second factor is the Jacobian of one layer.", "第二个因子是单层的雅可比矩阵。"),
         Sum(i, Sum(r, M_next[i, r] * end[r]) * G[p, i])),
        (algebra(), Words("Exchange the two sums.", "交换两个求和。"),
         Sum(r, Sum(inner, G[p, inner] * M_next[inner, r]) * end[r])),
        (fold(M), Words(
            "The inner sum is the product of the Jacobians, one factor longer, the new factor on the left.",
            "内层求和就是雅可比矩阵的连乘，多了一个因子，新因子在左边。"), Sum(r, M[p, r] * end[r])),
        title=Words("Step: from layer l+1 to layer l", "归纳步：由第 l+1 层到第 l 层"),
    )  # fmt: skip
    conclusion = Induction(
        statement,
        (
            InductionStep(
                statement,
                (base,),
                step,
                tuple(_unrolled_expansion(depth) for depth in (2, 3, 4)),
                Words(
                    "By induction from layer L down, for every l: with the product written out, "
                    "δˡ = Gˡ Gˡ⁺¹ ⋯ Gᴸ⁻¹ δᴸ. In this layout the factors run from l up to L−1, from left to right.",
                    "由第 L 层向下归纳，对每个 l 成立：写出连乘即 δˡ = Gˡ Gˡ⁺¹ ⋯ Gᴸ⁻¹ δᴸ。在此布局中，因子从左到右由 l 到 L−1。",
                ),
            ),
        ),
        Setting(),
        Words("Conclusion: every layer", "结论：每一层"),
    )
    return Theorem(
        id="chain-expansion",
        title=TITLES["chain-expansion"],
        hypotheses=(
            Words(
                "Denominator layout: row p of ∂zˡ⁺¹/∂zˡ belongs to zˡₚ. In the numerator layout every factor is "
                "transposed and the order is reversed.",
                "分母布局：∂zˡ⁺¹/∂zˡ 的第 p 行对应 zˡₚ。在分子布局中每个因子都转置且次序相反。",
            ),
            Words(
                "M is the product: Mᴸ is the identity, Mˡ = Gˡ Mˡ⁺¹.",
                "M 是连乘：Mᴸ 为单位矩阵，Mˡ = Gˡ Mˡ⁺¹。",
            ),
        ),
        claims=(one_layer, base, step, conclusion),
        source=Words("the product of Jacobians for l = 2, …, L−1", "l = 2, …, L−1 的雅可比连乘式"),
    )


def _unrolled_expansion(depth: int) -> tuple[Statement, Setting]:
    """Return delta^2 = M^2 delta^L in a network of concrete depth, everything written out."""
    network = Network(depth, "half-mse", inner=2)
    top = width(concrete(depth))
    definitions = list(network.setting.definitions)
    for number in range(2, depth + 1):
        M = Tensor("M", (width(concrete(number)), top), concrete(number), defined=True)
        p, r = fresh("p", width(concrete(number))), fresh("r", top)
        body: Term
        if number == depth:
            body = Delta(p, r)
        else:
            i = fresh("i", width(concrete(number + 1)))
            following = Tensor("M", (width(concrete(number + 1)), top), concrete(number + 1), defined=True)
            slope = network.tensor("W", number + 1)[i, p] * f.prime(network.tensor("z", number)[p])
            body = Sum(i, slope * following[i, r])
        definitions.append(Definition(M, (p, r), body))
    start = Tensor("M", (width(concrete(2)), top), concrete(2), defined=True)
    p = fresh("p", width(concrete(2)))
    statement = Statement(
        Gradient(J[()], network.tensor("z", 2)),
        Product(Array(start), Array(network.tensor("delta", depth))),
        (p,),
    )
    return statement, Setting(tuple(definitions))


# ----------------------------------------------------------------------------------- backpropagation


def _signal(layer: Layer) -> Tensor:
    """Return the name D^layer of what the recursion computes."""
    return Tensor("D", (width(layer),), layer, defined=True)


def _heads() -> list[Claim]:
    """Return the base of the induction, once for each head: dJ/dz^L = D^L."""
    K = width(L)
    z, y = Tensor("z", (K,), L), Tensor("y", (K,))
    D = _signal(L)
    i, j, p = fresh("i", K), fresh("j", K), fresh("p", K)
    total = Sum(j, exp(z[j]))
    heads = (
        (
            "half-mse-delta",
            Words("half squared error", "二分之一平方误差"),
            Fraction(1, 2) * Sum(i, (f(z[i]) - y[i]) ** 2),
            (f(z[p]) - y[p]) * f.prime(z[p]),
        ),
        (
            "softmax-cross-entropy-delta",
            Words("softmax with cross-entropy, any labels", "softmax 与交叉熵，任意标签"),
            -Sum(i, y[i] * log(exp(z[i]) / total)),
            Sum(i, y[i]) * (exp(z[p]) / total) - y[p],
        ),
        (
            "sigmoid-cross-entropy-delta",
            Words("sigmoid with cross-entropy, summed over the neurons", "sigmoid 与交叉熵，对各神经元求和"),
            Sum(i, -y[i] * log(1 / (1 + exp(-z[i]))) - (1 - y[i]) * log(1 - 1 / (1 + exp(-z[i])))),
            1 / (1 + exp(-z[p])) - y[p],
        ),
    )
    claims = []
    for identifier, words, loss, signal in heads:
        setting = Setting((Definition(J, (), loss), Definition(D, (p,), signal)))
        claims.append(
            derive(
                Statement(Gradient(J[()], z), Array(D), (p,)),
                setting,
                (theorem_rule(identifier, partial(J[()], z[p]), signal, (p,)), Words(
                    "What it says, entry by entry.", "其结论，逐分量写出。")),
                (fold(D), Words("The recursion starts with this.", "递推由此开始。"), D[p]),
                title=Words(f"Base: {words.en}", f"基础：{words.zh}"),
            )
        )  # fmt: skip
    return claims


def backpropagation() -> Theorem:
    """Base, step and parameters together: the recursion computes every gradient, at every depth."""
    k, k_next, k_before = width(l), width(l + 1), width(l - 1)
    z, z_next = Tensor("z", (k,), l), Tensor("z", (k_next,), l + 1, defined=True)
    W_next = Tensor("W", (k_next, k), l + 1)
    D, D_next = _signal(l), _signal(l + 1)
    p, i, s = fresh("p", k), fresh("i", k_next), fresh("s", k_before)
    statement = Statement(Gradient(J[()], z), Array(D), (p,))

    recursion = Sum(i, W_next[i, p] * D_next[i]) * f.prime(z[p])
    setting = Setting(
        (Definition(D, (p,), recursion), _weighted_input(l + 1)),
        (Unknown(J, z_next),),
        (Hypothesis(partial(J[()], z_next[i]), D_next[i], _AT_NEXT, (i,)),),
        known=(D_next,),
    )
    step = derive(
        statement,
        setting,
        (chain_rule(), Words(
            "J depends on zˡ only through zˡ⁺¹: the chain rule adds up over its entries.",
            "J 只通过 zˡ⁺¹ 依赖于 zˡ：链式法则对其各分量求和。")),
        (given(), Words("Use the statement at layer l+1.", "使用第 l+1 层的命题。")),
        (unfold(z_next), Words("Write out the input of neuron i in layer l+1.", "写出第 l+1 层神经元 i 的输入。")),
        (linearity(), Words("Weights and biases are constants.", "权重与偏倚是常数。")),
        (function_rule(), Words("f(u)′ = f′(u) u′.", "f(u)′ = f′(u) u′。")),
        (entries(), Words("The entries of zˡ are independent.", "zˡ 的各分量独立。")),
        (contract(), Words("Only the term j = p is left.", "只剩 j = p 一项。")),
        (algebra(), Words("f′(zₚ) comes out of the sum.", "f′(zₚ) 提到求和之外。"), recursion),
        (fold(D), Words("This is what the recursion computes at layer l.", "这正是递推在第 l 层算出的量。"), D[p]),
        title=Words("Step: from layer l+1 to layer l", "归纳步：由第 l+1 层到第 l 层"),
    )  # fmt: skip
    conclusion = Induction(
        statement,
        (
            InductionStep(
                statement,
                tuple(_heads()),
                step,
                tuple(
                    _unrolled_recursion(depth, head) for depth in (2, 3) for head in ("half-mse", "softmax")
                ),
                Words(
                    "By induction from layer L down: what the recursion computes is the error signal, at every layer "
                    "of every network.",
                    "由第 L 层向下归纳：在任意深度网络的每一层，递推算出的都是误差项。",
                ),
            ),
        ),
        Setting(),
        Words("Conclusion: every layer", "结论：每一层"),
    )

    z_own = Tensor("z", (k,), l, defined=True)
    W, b, a_before = Tensor("W", (k, k_before), l), Tensor("b", (k,), l), Tensor("a", (k_before,), l - 1)
    r, c = fresh("i", k), fresh("j", k_before)
    layer = Setting(
        (Definition(z_own, (r,), Sum(c, W[r, c] * a_before[c]) + b[r]),),
        (Unknown(J, z_own),),
        (Hypothesis(partial(J[()], z_own[r]), D[r], Words("the conclusion above", "上面的结论"), (r,)),),
        known=(D,),
    )
    lines = (
        (chain_rule(), Words("J depends on the parameter only through zˡ.", "J 只通过 zˡ 依赖于该参数。")),
        (given(), Words("Use the conclusion above.", "使用上面的结论。")),
        (unfold(z_own), Words("Write out the input of neuron i.", "写出神经元 i 的输入。")),
        (linearity(), Words("Everything else is a constant.", "其余都是常数。")),
        (entries(), Words("The parameters are independent.", "各参数独立。")),
        (contract(), Words("One term is left.", "只剩一项。")),
    )
    weights = derive(
        Statement(Gradient(J[()], W), Outer(Array(D), Array(a_before)), (p, s)),
        layer,
        *lines,
        title=Words("Parameters: the weights of layer l", "参数：第 l 层的权重"),
    )
    biases = derive(
        Statement(Gradient(J[()], b), Array(D), (p,)),
        layer,
        *lines,
        title=Words("Parameters: the biases of layer l", "参数：第 l 层的偏倚"),
    )
    return Theorem(
        id="backpropagation",
        title=TITLES["backpropagation"],
        hypotheses=(
            Words("f is differentiable and acts on each entry alone.", "f 可微，且逐元素作用。"),
            Words(
                "D is what the recursion computes: Dᴸ from the head, Dˡ = ((Wˡ⁺¹)ᵀ Dˡ⁺¹) ⊙ f′(zˡ).",
                "D 是递推算出的量：Dᴸ 由输出层给出，Dˡ = ((Wˡ⁺¹)ᵀ Dˡ⁺¹) ⊙ f′(zˡ)。",
            ),
        ),
        claims=(*_heads(), step, conclusion, weights, biases),
        source=Words("the whole algorithm", "整个算法"),
        main=4,
    )


def _unrolled_recursion(depth: int, head: str) -> tuple[Statement, Setting]:
    """Return dJ/dz^2 = delta^2 in a network of concrete depth, everything written out."""
    network = Network(depth, head, inner=2)
    p = fresh("p", width(concrete(2)))
    return (
        Statement(Gradient(J[()], network.tensor("z", 2)), Array(network.tensor("delta", 2)), (p,)),
        network.setting,
    )
