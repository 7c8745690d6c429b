"""The gradients of the parameters of one layer, from that layer's error signal."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from derivations.notation import Array, Gradient, Outer
from derivations.proof import Statement, Theorem, derive
from derivations.rules import chain_rule, contract, entries, fold, linearity, unfold
from derivations.setting import Definition, Setting, Unknown, Words
from derivations.terms import Delta, Sum, Tensor, fresh
from derivations.theorems.hidden import J, l, partial, width
from derivations.theorems.titles import TITLES

k, k_before = width(l), width(l - 1)
W, b = Tensor("W", (k, k_before), l), Tensor("b", (k,), l)
a_before = Tensor("a", (k_before,), l - 1)
z = Tensor("z", (k,), l, defined=True)
delta = Tensor("delta", (k,), l, defined=True)

_JUST_DIFFERENTIABLE = Words("J is any differentiable function of zˡ.", "J 是 zˡ 的任意可微函数。")
_SOURCE = Words("the gradients of W and b", "对 W 和 b 的偏导")
_CHAIN = Words(
    "The parameter acts on the loss only through the inputs of its layer: the chain rule adds up these paths.",
    "参数只通过本层的输入影响损失：链式法则把所有路径相加。",
)
_FOLD = Words("The first factor is the error signal of the layer.", "第一个因子正是本层的误差项。")
_UNFOLD = Words("Write out the input of neuron i.", "写出神经元 i 的输入。")
_ENTRIES = Words(
    "The parameters are independent variables: the derivative of one by another is 1 when they are the same, else 0.",
    "各参数是独立变量：同一参数的导数为 1，不同参数为 0。",
)
_CONTRACT = Words("Only one term of the sum is not zero.", "求和中只有一项不为零。")


def _setting() -> Setting:
    i, j = fresh("i", k), fresh("j", k_before)
    return Setting(
        (
            Definition(delta, (i,), partial(J[()], z[i])),
            Definition(z, (i,), Sum(j, W[i, j] * a_before[j]) + b[i]),
        ),
        (Unknown(J, z),),
    )


def weight_gradient() -> Theorem:
    """dJ/dW^l = delta^l (a^(l-1))^T."""
    p, s, i = fresh("p", k), fresh("s", k_before), fresh("i", k)
    claim = derive(
        Statement(Gradient(J[()], W), Outer(Array(delta), Array(a_before)), (p, s)),
        _setting(),
        (chain_rule(), _CHAIN),
        (fold(delta), _FOLD, Sum(i, delta[i] * partial(z[i], W[p, s]))),
        (unfold(z), _UNFOLD),
        (linearity(), Words(
            "The bias and the activations do not depend on W: the bias drops out, the activations come out.",
            "偏倚和激活值不依赖于 W：偏倚项消失，激活值提到外面。")),
        (entries(), _ENTRIES),
        (contract(), Words(
            "Weight (p, s) feeds neuron p alone, and carries activation s alone: one term of the double sum is left.",
            "权重 (p, s) 只进入神经元 p，只传递激活 s：双重求和只剩一项。")),
    )  # fmt: skip
    return Theorem(
        id="weight-gradient",
        title=TITLES["weight-gradient"],
        hypotheses=(_JUST_DIFFERENTIABLE,),
        claims=(claim,),
        source=_SOURCE,
    )


def bias_gradient() -> Theorem:
    """dJ/db^l = delta^l."""
    p, i = fresh("p", k), fresh("i", k)
    claim = derive(
        Statement(Gradient(J[()], b), Array(delta), (p,)),
        _setting(),
        (chain_rule(), _CHAIN),
        (fold(delta), _FOLD, Sum(i, delta[i] * partial(z[i], b[p]))),
        (unfold(z), _UNFOLD),
        (linearity(), Words("Weights and activations do not depend on b.", "权重和激活值不依赖于 b。")),
        (entries(), _ENTRIES, Sum(i, delta[i] * Delta(i, p))),
        (contract(), _CONTRACT),
    )
    return Theorem(
        id="bias-gradient",
        title=TITLES["bias-gradient"],
        hypotheses=(_JUST_DIFFERENTIABLE,),
        claims=(claim,),
        source=_SOURCE,
    )
