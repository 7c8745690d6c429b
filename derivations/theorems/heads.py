"""The error signal of the output layer, delta^L = dJ/dz^L, for the three heads of the source text."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from fractions import Fraction

from derivations.notation import Array, Elementwise, Indexed, Scalar, Scaled, Softmax
from derivations.proof import Statement, Theorem, derive
from derivations.rules import (
    algebra,
    contract,
    differentiate,
    entries,
    fold,
    function_rule,
    given,
    lemma,
    linearity,
    power_rule,
    recognise,
    unfold,
)
from derivations.setting import Definition, FunctionDefinition, Hypothesis, Setting, Words
from derivations.terms import (
    Delta,
    Entry,
    Layer,
    Number,
    Partial,
    Size,
    Sum,
    Tensor,
    Term,
    exp,
    fresh,
    log,
    opaque,
)
from derivations.theorems.titles import TITLES

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
            "f(u)′ = f′(u) u′.", "f(u)′ = f′(u) u′。")),
        (entries(), Words(
            "The entries of z are independent variables: ∂zᵢ/∂zₚ is 1 when i = p and 0 otherwise.",
            "z 的各分量是独立变量：i = p 时 ∂zᵢ/∂zₚ 为 1，否则为 0。")),
        (contract(), Words(
            "So only the term i = p of the sum is left, and one half of two is one.",
            "因此求和中只剩 i = p 这一项，而二分之一乘二等于一。")),
    )  # fmt: skip
    return Theorem(
        id="half-mse-delta",
        title=TITLES["half-mse-delta"],
        hypotheses=(Words("f is differentiable and acts on each entry alone.", "f 可微，且逐元素作用。"),),
        claims=(claim,),
        source=Words("head (2)", "第 (2) 种输出层"),
    )


def softmax_cross_entropy_delta() -> Theorem:
    """Softmax with cross-entropy: (sum y) softmax(z) - y, and softmax(z) - y once the labels sum to one."""
    i, j, p, t = fresh("i", K), fresh("j", K), fresh("p", K), fresh("t", K)
    s = Tensor("s", (K,), defined=True)
    softmax = Definition(s, (i,), exp(z[i]) / Sum(j, exp(z[j])))
    loss = Definition(J, (), -Sum(i, y[i] * log(s[i])))
    setting = Setting((error_signal(), loss, softmax))

    slope = s[i] * (Delta(i, p) - s[p])
    jacobian = derive(
        Statement(Indexed(partial(s[i], z[p]), (i, p)), Indexed(slope, (i, p)), (i, p)),
        setting,
        (unfold(s), Words("Write out softmax.", "写出 softmax。")),
        (differentiate(), Words(
            "The quotient rule, with exp′ = exp: every entry of z is in the denominator.",
            "商的求导法则，且 exp′ = exp：z 的每个分量都出现在分母中。")),
        (contract(), Words("Only the term j = p of the inner sum is left.", "内层求和只剩 j = p 一项。")),
        (algebra(), Words(
            "Collect: softmax of i, times the delta less softmax of p.", "整理：第 i 个 softmax 乘以（δ 减第 p 个 softmax）。"),
         setting.unfold(slope, s)),
        (fold(s), Words("Recognise softmax.", "认出 softmax。"), slope),
        title=Words("The derivative of softmax", "softmax 的导数"),
    )  # fmt: skip
    general_line = Sum(i, y[i]) * s[p] - y[p]

    lines = (
        (unfold(delta), Words(
            "The error signal is, by definition, the derivative of the loss by the input of the layer.",
            "误差项按定义就是损失对该层输入的偏导。")),
        (unfold(J), Words("Write out the cross-entropy.", "写出交叉熵。")),
        (linearity(), Words(
            "The derivative goes inside the sum; the labels are constants.", "导数移到求和之内；标签是常数。")),
        (function_rule(), Words("The derivative of log u is u′ divided by u.", "log u 的导数是 u′ / u。")),
        (lemma(partial(s[i], z[p]), slope, (i, p)), Words(
            "Put in the derivative of softmax.", "代入 softmax 的导数。")),
    )  # fmt: skip
    cancel = Words(
        "The factor sᵢ cancels; the delta picks out the label yₚ, and what remains of the sum multiplies sₚ.",
        "因子 sᵢ 消去；δ 取出标签 yₚ，其余求和与 sₚ 相乘。",
    )
    softmax_again = (unfold(s), Words("s is softmax(z).", "s 即 softmax(z)。"))
    general = derive(
        Statement(Array(delta), Scaled(Sum(i, y[i]), Softmax(Array(z))) - Array(y), (p,)),
        setting,
        *lines,
        (algebra(), cancel, general_line),
        softmax_again,
        title=Words("For any labels", "对任意标签"),
    )
    one = Hypothesis(
        Sum(i, y[i]), Number(Fraction(1)), Words("hypothesis: the labels sum to one", "假设：标签之和为一")
    )
    labelled = Setting(setting.definitions, hypotheses=(one,))
    normalised = derive(
        Statement(Array(delta), Softmax(Array(z)) - Array(y), (p,)),
        labelled,
        *lines,
        (algebra(), cancel, general_line),
        (given(), Words("The labels sum to one.", "标签之和为一。")),
        softmax_again,
        title=Words("For labels that sum to one", "对和为一的标签"),
    )
    Y = Tensor("y", (K,), defined=True)
    hot = Setting(
        (
            error_signal(),
            Definition(J, (), -Sum(i, Y[i] * log(s[i]))),
            softmax,
            Definition(Y, (i,), Delta(i, t), fixed=(t,)),
        )
    )
    one_hot = derive(
        Statement(Array(delta), Indexed(s[p] - Delta(p, t), (p,)), (p,)),
        hot,
        (unfold(delta), Words("The definition of the error signal.", "误差项的定义。")),
        (unfold(J), Words("Write out the cross-entropy.", "写出交叉熵。")),
        (unfold(Y), Words(
            "A one-hot label is 1 at the true class t and 0 elsewhere.", "独热标签在真实类别 t 处为 1，其余为 0。")),
        (contract(), Words("One term of the sum is left: the true class.", "求和只剩真实类别一项。")),
        (linearity(), Words("The minus sign comes out.", "负号提到外面。")),
        (function_rule(), Words("The derivative of log u is u′ divided by u.", "log u 的导数是 u′ / u。")),
        (lemma(partial(s[i], z[p]), slope, (i, p)), Words(
            "Put in the derivative of softmax.", "代入 softmax 的导数。")),
        (algebra(), Words("The factor cancels.", "消去公因子。"), s[p] - Delta(p, t)),
        title=Words("For a one-hot label", "对独热标签"),
    )  # fmt: skip
    return Theorem(
        id="softmax-cross-entropy-delta",
        title=TITLES["softmax-cross-entropy-delta"],
        hypotheses=(
            Words(
                "For the short form softmax(z) − y: the labels sum to one. Without it the first form holds.",
                "简式 softmax(z) − y 要求标签之和为一；否则只有一般式成立。",
            ),
        ),
        claims=(jacobian, general, one_hot, normalised),
        source=Words("head (1)", "第 (1) 种输出层"),
    )


def sigmoid_cross_entropy_delta() -> Theorem:
    """One sigmoid neuron with binary cross-entropy: delta^L = sigmoid(z) - y."""
    x, z1, y1 = Tensor("x"), Tensor("z", (), L), Tensor("y")
    delta1 = Tensor("delta", (), L, defined=True)
    sigmoid = opaque("sigmoid")
    setting = Setting(
        (
            Definition(delta1, (), partial(J[()], z1[()])),
            Definition(J, (), -y1[()] * log(sigmoid(z1[()])) - (1 - y1[()]) * log(1 - sigmoid(z1[()]))),
            FunctionDefinition(sigmoid, x, 1 / (1 + exp(-x[()]))),
        )
    )
    value = sigmoid(z1[()])
    slope = derive(
        Statement(Scalar(sigmoid.prime(z1[()])), Scalar(value * (1 - value))),
        setting,
        (unfold(sigmoid), Words("Differentiate the definition of sigmoid.", "对 sigmoid 的定义求导。")),
        (recognise(sigmoid), Words(
            "This is sigmoid times one minus sigmoid: clear the denominators to see it.",
            "通分可见，这就是 sigmoid 乘以（1 减 sigmoid）。"), value * (1 - value)),
        title=Words("The derivative of sigmoid", "sigmoid 的导数"),
    )  # fmt: skip
    signal = derive(
        Statement(Array(delta1), Scalar(value - y1[()])),
        setting,
        (unfold(delta1), Words(
            "The error signal is, by definition, the derivative of the loss by the input of the layer.",
            "误差项按定义就是损失对该层输入的偏导。")),
        (unfold(J), Words("Write out the binary cross-entropy.", "写出二元交叉熵。")),
        (linearity(), Words("The label is a constant.", "标签是常数。")),
        (function_rule(), Words("The derivative of log u is u′ divided by u.", "log u 的导数是 u′ / u。")),
        (linearity(), Words("The derivative of 1 − u is −u′.", "1 − u 的导数是 −u′。")),
        (function_rule(), Words("f(u)′ = f′(u) u′.", "f(u)′ = f′(u) u′。")),
        (entries(), Words("The derivative of z by itself is 1.", "z 对自身的导数是 1。")),
        (lemma(sigmoid.prime(z1[()]), value * (1 - value), ()), Words(
            "Put in the derivative of sigmoid.", "代入 sigmoid 的导数。")),
        (algebra(), Words(
            "Cancel: −y (1 − sigmoid) + (1 − y) sigmoid is sigmoid − y.",
            "约分：−y (1 − sigmoid) + (1 − y) sigmoid 即 sigmoid − y。"), value - y1[()]),
        title=Words("The error signal", "误差项"),
    )  # fmt: skip
    return Theorem(
        id="sigmoid-cross-entropy-delta",
        title=TITLES["sigmoid-cross-entropy-delta"],
        hypotheses=(
            Words("The layer has one neuron; y may be any number.", "该层只有一个神经元；y 可为任意数。"),
        ),
        claims=(slope, signal),
        source=Words("head (3)", "第 (3) 种输出层"),
    )
