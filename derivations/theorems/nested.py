"""The whole network written out: J as one nested formula, differentiated by scalar calculus alone.

At a concrete depth nothing is hidden: z^l is written inside f inside z^(l+1), up to J.  Here the
gradient of every parameter follows without the multivariate chain rule, for every width.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derivations.notation import Array, Gradient, Outer
from derivations.proof import Claim, Statement, Theorem, derive
from derivations.rules import differentiate, recognise_all, unfold_all
from derivations.setting import Definition, Setting, Words
from derivations.terms import Layer, Size, Sum, Tensor, Term, exp, fresh, log, opaque
from derivations.theorems.hidden import width
from derivations.theorems.titles import TITLES

f = opaque("f")
J = Tensor("J", defined=True)


def concrete(number: int) -> Layer:
    """Return layer ``number``."""
    return Layer("", number)


class Network:
    """A network of ``depth`` layers (the input is layer 1), as definitions.

    With ``inner``, z of that layer is an independent variable, and the layers before it do not occur.
    """

    def __init__(self, depth: int, head: str, inner: int | None = None) -> None:
        self.depth = depth
        self.head = head
        self.inner = inner
        self.setting = Setting((*self._head(), *self._signals(), *self._forward()))

    def width(self, number: int) -> Size:
        """Return the width of a layer."""
        return width(concrete(number))

    def tensor(self, name: str, number: int) -> Tensor:
        """Return W, b (given) or z, a, delta (defined) of a layer."""
        rows = self.width(number)
        sizes = (rows, self.width(number - 1)) if name == "W" else (rows,)
        defined = name in ("z", "a", "delta") and not (name == "z" and number == self.inner)
        return Tensor(name, sizes, concrete(number), defined)

    def _head(self) -> Iterator[Definition]:
        top = self.width(self.depth)
        y, z = Tensor("y", (top,)), self.tensor("z", self.depth)
        i, j = fresh("i", top), fresh("j", top)
        loss: Term
        signal: Term
        if self.head == "half-mse":
            loss = Fraction(1, 2) * Sum(i, (f(z[i]) - y[i]) ** 2)
            signal = (f(z[i]) - y[i]) * f.prime(z[i])
        else:
            loss = -Sum(i, y[i] * (z[i] - log(Sum(j, exp(z[j])))))
            signal = Sum(j, y[j]) * exp(z[i]) / Sum(j, exp(z[j])) - y[i]
        yield Definition(J, (), loss)
        yield Definition(self.tensor("delta", self.depth), (i,), signal)

    def _signals(self) -> Iterator[Definition]:
        for n in range(self.depth - 1, 1, -1):
            p, r = fresh("p", self.width(n)), fresh("r", self.width(n + 1))
            carried = Sum(r, self.tensor("W", n + 1)[r, p] * self.tensor("delta", n + 1)[r])
            yield Definition(self.tensor("delta", n), (p,), carried * f.prime(self.tensor("z", n)[p]))

    def _forward(self) -> Iterator[Definition]:
        x = Tensor("x", (self.width(1),))
        for n in range(self.depth, self.inner or 1, -1):
            p, s, r = fresh("p", self.width(n)), fresh("s", self.width(n - 1)), fresh("s", self.width(n - 1))
            W, b, before = self.tensor("W", n), self.tensor("b", n), self.tensor("a", n - 1)
            yield Definition(self.tensor("z", n), (p,), Sum(s, W[p, s] * before[s]) + b[p])
            yield Definition(before, (r,), f(self.tensor("z", n - 1)[r]) if n > 2 else x[r])

    def statement(self, name: str, number: int) -> Statement:
        """Return dJ/dW^l = delta^l (a^(l-1))^T, or dJ/db^l = delta^l, at a concrete layer."""
        variable = self.tensor(name, number)
        p, s = fresh("p", self.width(number)), fresh("s", self.width(number - 1))
        signal = Array(self.tensor("delta", number))
        if name == "b":
            return Statement(Gradient(J[()], variable), signal, (p,))
        return Statement(
            Gradient(J[()], variable), Outer(signal, Array(self.tensor("a", number - 1))), (p, s)
        )


_WRITE = Words(
    "Write J out in full, as one formula in the parameters and the sample.",
    "把 J 完整写成关于参数与样本的一个公式。",
)
_DIFFERENTIATE = Words(
    "Differentiate it by the rules of one variable alone.", "只用一元微积分的法则对它求导。"
)
_RECOGNISE = Words(
    "Contract and rearrange: the error signals and activations of the layers appear.",
    "收缩并整理：各层的误差项与激活值随之出现。",
)
_HEADS = {
    "half-mse": Words("half squared error", "二分之一平方误差"),
    "softmax": Words("softmax with cross-entropy, any labels", "softmax 与交叉熵，任意标签"),
}


def nested(depth: int) -> Theorem:
    """Every gradient of a network of ``depth`` layers, with no chain-rule axiom."""
    claims: list[Claim] = []
    for head, words in _HEADS.items():
        network = Network(depth, head)
        for number in range(depth, 1, -1):
            for name in ("W", "b"):
                statement = network.statement(name, number)
                claims.append(
                    derive(
                        statement,
                        network.setting,
                        (unfold_all(), _WRITE),
                        (differentiate(), _DIFFERENTIATE),
                        (recognise_all(), _RECOGNISE, statement.sides[1]),
                        title=Words(
                            f"{name} of layer {number}; {words.en}", f"第 {number} 层的 {name}；{words.zh}"
                        ),
                    )
                )
    return Theorem(
        id=f"nested-depth-{depth}",
        title=TITLES[f"nested-depth-{depth}"],
        hypotheses=(Words("f is differentiable and acts on each entry alone.", "f 可微，且逐元素作用。"),),
        claims=tuple(claims),
        source=Words(
            "the recursion and the gradients of W and b, without the chain rule",
            "递推式与 W、b 的偏导，不用链式法则",
        ),
    )
