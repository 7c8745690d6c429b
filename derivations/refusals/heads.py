"""False statements on the output layers."""
# ruff: noqa: E501  (one false statement a line)

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivations.refusals.statement import Equation, FalseStatement
from derivations.setting import Definition, Hypothesis, Setting, Words
from derivations.terms import (
    Delta,
    Index,
    Layer,
    Size,
    Sum,
    Tensor,
    Term,
    exp,
    fresh,
    log,
    opaque,
    term,
)
from derivations.theorems.hidden import partial

f = opaque("f")
_SAY = Words("", "")


class _Head:
    """The output layer."""

    def __init__(self) -> None:
        self.k = Size("k", Layer("L"))
        self.z, self.y, self.loss = (
            Tensor("z", (self.k,), Layer("L")),
            Tensor("y", (self.k,)),
            Tensor("J", defined=True),
        )
        self.i, self.j, self.p = fresh("i", self.k), fresh("j", self.k), fresh("p", self.k)

    def share(self, index: Index) -> Term:
        """Return softmax(z) at an index."""
        return exp(self.z[index]) / Sum(self.j, exp(self.z[self.j]))

    def sigmoid(self, index: Index) -> Term:
        """Return sigmoid(z) at an index."""
        return 1 / (1 + exp(-self.z[index]))


def _mse(id: str, mistake: str, claimed: Callable[[_Head], Term]) -> FalseStatement:
    def equation() -> Equation:
        h = _Head()
        loss = Fraction(1, 2) * Sum(h.i, (f(h.z[h.i]) - h.y[h.i]) ** 2)
        return partial(h.loss[()], h.z[h.p]), claimed(h), Setting((Definition(h.loss, (), loss),))

    return FalseStatement(f"half-mse/{id}", mistake, equation)


def _softmax(
    id: str, mistake: str, claimed: Callable[[_Head], Term], *, one: int | None = 1
) -> FalseStatement:
    def equation() -> Equation:
        h = _Head()
        loss = -Sum(h.i, h.y[h.i] * log(h.share(h.i)))
        given = () if one is None else (Hypothesis(Sum(h.i, h.y[h.i]), term(one), _SAY),)
        return (
            partial(h.loss[()], h.z[h.p]),
            claimed(h),
            Setting((Definition(h.loss, (), loss),), hypotheses=given),
        )

    return FalseStatement(f"softmax/{id}", mistake, equation)


def _jacobian(id: str, mistake: str, claimed: Callable[[_Head], Term]) -> FalseStatement:
    def equation() -> Equation:
        h = _Head()
        return partial(h.share(h.i), h.z[h.p]), claimed(h), Setting()

    return FalseStatement(f"softmax-jacobian/{id}", mistake, equation)


def _binary(id: str, mistake: str, claimed: Callable[[_Head], Term]) -> FalseStatement:
    def equation() -> Equation:
        h = _Head()
        s = h.sigmoid(h.i)
        loss = Sum(h.i, -h.y[h.i] * log(s) - (1 - h.y[h.i]) * log(1 - s))
        return partial(h.loss[()], h.z[h.p]), claimed(h), Setting((Definition(h.loss, (), loss),))

    return FalseStatement(f"sigmoid/{id}", mistake, equation)


HEADS = (
    _mse("twice", "the half forgotten", lambda h: 2 * (f(h.z[h.p]) - h.y[h.p]) * f.prime(h.z[h.p])),
    _mse("no-slope", "f' left out", lambda h: f(h.z[h.p]) - h.y[h.p]),
    _mse("sign", "y − f in place of f − y", lambda h: (h.y[h.p] - f(h.z[h.p])) * f.prime(h.z[h.p])),
    _mse("slope-at-label", "f' of the label", lambda h: (f(h.z[h.p]) - h.y[h.p]) * f.prime(h.y[h.p])),
    _mse("input-for-output", "z in place of f(z)", lambda h: (h.z[h.p] - h.y[h.p]) * f.prime(h.z[h.p])),
    _mse("brackets", "f f' − y", lambda h: f(h.z[h.p]) * f.prime(h.z[h.p]) - h.y[h.p]),
    _mse("summed", "a sum over the neurons", lambda h: Sum(h.i, f(h.z[h.i]) - h.y[h.i]) * f.prime(h.z[h.p])),
    _mse("squared", "the square kept", lambda h: (f(h.z[h.p]) - h.y[h.p]) ** 2 * f.prime(h.z[h.p])),
    _softmax("no-hypothesis", "the sum of the labels not assumed to be 1", lambda h: h.share(h.p) - h.y[h.p], one=None),
    _softmax("wrong-hypothesis", "labels that sum to 2", lambda h: h.share(h.p) - h.y[h.p], one=2),
    _softmax("sign", "y − softmax", lambda h: h.y[h.p] - h.share(h.p)),
    _softmax("slope", "an elementwise slope too many", lambda h: (h.share(h.p) - h.y[h.p]) * h.share(h.p) * (1 - h.share(h.p))),
    _softmax("sigmoid", "sigmoid in place of softmax", lambda h: h.sigmoid(h.p) - h.y[h.p]),
    _softmax("not-normalised", "exp(z) without its denominator", lambda h: exp(h.z[h.p]) - h.y[h.p]),
    _softmax("quotient", "softmax / y", lambda h: -h.y[h.p] / h.share(h.p)),
    _softmax("twice", "a factor 2", lambda h: 2 * (h.share(h.p) - h.y[h.p])),
    _jacobian("diagonal", "only the diagonal", lambda h: Delta(h.i, h.p) * h.share(h.i) * (1 - h.share(h.i))),
    _jacobian("no-delta", "the delta forgotten", lambda h: h.share(h.i) * (1 - h.share(h.p))),
    _jacobian("same-index", "softmax of i twice", lambda h: h.share(h.i) * (Delta(h.i, h.p) - h.share(h.i))),
    _jacobian("sign", "a wrong sign", lambda h: h.share(h.i) * (Delta(h.i, h.p) + h.share(h.p))),
    _binary("sign", "y − sigmoid", lambda h: h.y[h.p] - h.sigmoid(h.p)),
    _binary("slope", "the slope not cancelled", lambda h: (h.sigmoid(h.p) - h.y[h.p]) * h.sigmoid(h.p) * (1 - h.sigmoid(h.p))),
    _binary("exponential", "exp in place of sigmoid", lambda h: exp(h.z[h.p]) - h.y[h.p]),
    _binary("summed", "a sum over the neurons", lambda h: Sum(h.i, h.sigmoid(h.i) - h.y[h.i])),
)  # fmt: skip
