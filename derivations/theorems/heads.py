"""The error signal of the output layer, delta^L = dJ/dz^L, for the three heads of the source text."""

from __future__ import annotations

from fractions import Fraction

from derivations.kernel import Entry, Layer, Partial, Size, Sum, Tensor, Term, fresh, opaque
from derivations.notation import Array, Elementwise
from derivations.proof import Statement, Theorem, derive
from derivations.rules import contract, entries, function_rule, linearity, power_rule, unfold
from derivations.setting import Definition, Setting, Words

L = Layer("L")
K = Size("k", L)
z, y = Tensor("z", (K,), L), Tensor("y", (K,))
J, delta = Tensor("J", defined=True), Tensor("delta", (K,), L, defined=True)
f = opaque("f")


def partial(body: Term, variable: Term) -> Term:
    """Write down a derivative."""
    assert isinstance(variable, Entry)
    return Partial(body, variable)


def error_signal() -> Definition:
    """Return delta^L_p = dJ/dz^L_p."""
    p = fresh("p", K)
    return Definition(delta, (p,), partial(J[()], z[p]))


def half_mse_delta() -> Theorem:
    """Half the squared error after any differentiable activation, elementwise."""
    i, p = fresh("i", K), fresh("p", K)
    loss = Definition(J, (), Fraction(1, 2) * Sum(i, (f(z[i]) - y[i]) ** 2))
    setting = Setting((error_signal(), loss))
    statement = Statement(
        Array(delta), (Elementwise(f, Array(z)) - Array(y)) * Elementwise(f.prime, Array(z)), (p,)
    )
    claim = derive(
        statement,
        setting,
        (unfold(delta), Words(
            "The error signal is, by definition, the derivative of the loss by the input of the layer.",
            "误差项按定义就是损失对该层输入的偏导。")),
        (unfold(J), Words("Write out the loss.", "代入损失函数。")),
        (linearity(), Words(
            "The derivative of a sum is the sum of the derivatives, and the constant 1/2 comes out.",
            "和的导数等于导数之和，常数 1/2 提到外面。")),
        (power_rule(), Words("The derivative of u² is 2 u u′.", "u² 的导数是 2 u u′。")),
        (linearity(), Words("The label does not depend on z, so its derivative is zero.", "标签不依赖于 z，其导数为零。")),
        (function_rule(), Words(
            "The chain rule for one variable: f(u)′ = f′(u) u′.", "一元链式法则：f(u)′ = f′(u) u′。")),
        (entries(), Words(
            "The entries of z are independent variables: ∂zᵢ/∂zₚ is 1 when i = p and 0 otherwise.",
            "z 的各分量是独立变量：i = p 时 ∂zᵢ/∂zₚ 为 1，否则为 0。")),
        (contract(), Words(
            "So only the term i = p of the sum is left, and one half of two is one.",
            "因此求和中只剩 i = p 这一项，而二分之一乘二等于一。")),
    )  # fmt: skip
    return Theorem(
        id="half-mse-delta",
        title=Words("Output layer: half squared error", "输出层：二分之一平方误差"),
        hypotheses=(Words("f is differentiable and acts on each entry alone.", "f 可微，且逐元素作用。"),),
        claims=(claim,),
        source=Words("head (2)", "第 (2) 种输出层"),
    )
