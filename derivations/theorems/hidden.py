"""The error signal of a hidden layer, carried back from the layer after it."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from derivations.notation import Array, Elementwise
from derivations.proof import Statement, Theorem, derive
from derivations.rules import algebra, chain_rule, contract, entries, fold, function_rule, linearity, unfold
from derivations.setting import Definition, Setting, Unknown, Words
from derivations.terms import Entry, Layer, Partial, Size, Sum, Tensor, Term, fresh, opaque
from derivations.theorems.titles import TITLES

l = Layer("l")
f = opaque("f")
J = Tensor("J", defined=True)


def width(layer: Layer) -> Size:
    """Return k_l, the width of a layer."""
    return Size("k", layer)


def partial(body: Term, variable: Term) -> Term:
    """Write down a derivative."""
    assert isinstance(variable, Entry)
    return Partial(body, variable)


def hidden_delta() -> Theorem:
    """delta^l = ((W^(l+1))^T delta^(l+1)) ⊙ f'(z^l)."""
    k, k_next = width(l), width(l + 1)
    z, W, b = Tensor("z", (k,), l), Tensor("W", (k_next, k), l + 1), Tensor("b", (k_next,), l + 1)
    z_next = Tensor("z", (k_next,), l + 1, defined=True)
    delta = Tensor("delta", (k,), l, defined=True)
    delta_next = Tensor("delta", (k_next,), l + 1, defined=True)
    i, j, p = fresh("i", k_next), fresh("j", k), fresh("p", k)
    setting = Setting(
        (
            Definition(delta, (p,), partial(J[()], z[p])),
            Definition(delta_next, (i,), partial(J[()], z_next[i])),
            Definition(z_next, (i,), Sum(j, W[i, j] * f(z[j])) + b[i]),
        ),
        (Unknown(J, z_next),),
    )
    claim = derive(
        Statement(Array(delta), (Array(W).T @ Array(delta_next)) * Elementwise(f.prime, Array(z)), (p,)),
        setting,
        (unfold(delta), Words(
            "The error signal of layer l is, by definition, the derivative of the loss by the input of that layer.",
            "第 l 层的误差项按定义就是损失对该层输入的偏导。")),
        (chain_rule(), Words(
            "Neuron p of layer l acts on the loss only through the inputs of layer l+1, and it feeds every one of them: "
            "the chain rule adds up all these paths.",
            "第 l 层的神经元 p 只通过第 l+1 层的输入影响损失，而且影响其中每一个：链式法则把所有路径相加。")),
        (fold(delta_next), Words(
            "The first factor is the error signal of layer l+1, which is already known.",
            "第一个因子正是已知的第 l+1 层误差项。"), Sum(i, delta_next[i] * partial(z_next[i], z[p]))),
        (unfold(z_next), Words(
            "Write out the input of neuron i in layer l+1: weights times activations, plus bias.",
            "写出第 l+1 层神经元 i 的输入：权重乘激活，再加偏倚。")),
        (linearity(), Words(
            "The weights and the bias do not depend on zˡ: the bias drops out, the weights come out of the derivative.",
            "权重和偏倚不依赖于 zˡ：偏倚项消失，权重提到导数外面。")),
        (function_rule(), Words(
            "The derivative of f(z) is f′(z) times that of z.",
            "f(z) 的导数等于 f′(z) 乘 z 的导数。")),
        (entries(), Words(
            "The entries of zˡ are independent variables: the derivative of zⱼ by zₚ is 1 when j = p and 0 otherwise.",
            "zˡ 的各分量是独立变量：j = p 时导数为 1，否则为 0。")),
        (contract(), Words(
            "So of the sum over j only the term j = p is left.", "因此对 j 的求和只剩 j = p 这一项。")),
        (algebra(), Words(
            "The factor f′(zₚ) is the same in every term, so it comes out of the sum. What is left is row p of the "
            "transposed weight matrix times the error signal: the sum runs over the first index of W, which is why W is transposed.",
            "因子 f′(zₚ) 与 i 无关，可提到求和之外。剩下的是转置权重矩阵的第 p 行乘误差项：求和走的是 W 的第一个下标，转置由此而来。"),
         Sum(i, W[i, p] * delta_next[i]) * f.prime(z[p])),
    )  # fmt: skip
    return Theorem(
        id="hidden-delta",
        title=TITLES["hidden-delta"],
        hypotheses=(
            Words("f is differentiable and acts on each entry alone.", "f 可微，且逐元素作用。"),
            Words(
                "J is any differentiable function of the next layer's input.",
                "J 是下一层输入的任意可微函数。",
            ),
        ),
        claims=(claim,),
        source=Words("the recursion for l = 2, …, L−1", "l = 2, …, L−1 的递推式"),
    )
