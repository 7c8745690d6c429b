"""False statements on one layer and on the gradients of its parameters."""
# ruff: noqa: E501  (one false statement a line)

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivations.refusals.statement import Equation, FalseStatement
from derivations.setting import Definition, Setting, Unknown
from derivations.terms import (
    Delta,
    Sum,
    Tensor,
    Term,
    fresh,
    opaque,
)
from derivations.theorems.hidden import J, l, partial, width

f = opaque("f")


class SomeLayer:
    """Layer l and l+1, square or not; J any differentiable function of z^(l+1)."""

    def __init__(self, square: bool = False) -> None:
        self.k = width(l)
        self.k_next = self.k if square else width(l + 1)
        self.z, self.b = Tensor("z", (self.k,), l), Tensor("b", (self.k_next,), l + 1)
        self.W = Tensor("W", (self.k_next, self.k), l + 1)
        self.z_next = Tensor("z", (self.k_next,), l + 1, defined=True)
        self.signal = Tensor("delta", (self.k_next,), l + 1, defined=True)
        self.own = Tensor("delta", (self.k,), l, defined=True)
        self.i, self.j, self.p = fresh("i", self.k_next), fresh("j", self.k), fresh("p", self.k)
        i, j = self.i, self.j
        self.setting = Setting(
            (
                Definition(self.own, (j,), partial(J[()], self.z[j])),
                Definition(self.signal, (i,), partial(J[()], self.z_next[i])),
                Definition(self.z_next, (i,), Sum(j, self.W[i, j] * f(self.z[j])) + self.b[i]),
            ),
            (Unknown(J, self.z_next),),
        )
        self.true = Sum(i, self.W[i, self.p] * self.signal[i]) * f.prime(self.z[self.p])


def _hidden(
    id: str, mistake: str, claimed: Callable[[SomeLayer], Term], *, square: bool = False
) -> FalseStatement:
    def equation() -> Equation:
        here = SomeLayer(square)
        return partial(J[()], here.z[here.p]), claimed(here), here.setting

    return FalseStatement(f"hidden/{id}", mistake, equation)


HIDDEN = (
    _hidden("no-transpose", "W in place of its transpose, in a square network",
            lambda h: Sum(h.i, h.W[h.p, h.i] * h.signal[h.i]) * f.prime(h.z[h.p]), square=True),
    _hidden("no-slope", "f' left out", lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i])),
    _hidden("value-for-slope", "f in place of f'", lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i]) * f(h.z[h.p])),
    _hidden("second-slope", "f'' in place of f'", lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i]) * f.prime.prime(h.z[h.p])),
    _hidden("slope-squared", "f' twice", lambda h: h.true * f.prime(h.z[h.p])),
    _hidden("slope-at-output", "f' of the activation instead of f' of z",
            lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i]) * f.prime(f(h.z[h.p]))),
    _hidden("slope-next-layer", "f' at layer l+1", lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i] * f.prime(h.z_next[h.i]))),
    _hidden("slope-next-layer-outside", "f' at layer l+1, same index",
            lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i]) * f.prime(h.z_next[h.p]), square=True),
    _hidden("slope-wrong-index", "f' inside the sum, at the summed index",
            lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i] * f.prime(h.z[h.i])), square=True),
    _hidden("sign", "a wrong sign", lambda h: -h.true),
    _hidden("twice", "a factor 2", lambda h: 2 * h.true),
    _hidden("half", "a factor 1/2", lambda h: Fraction(1, 2) * h.true),
    _hidden("mean", "a mean over the next layer instead of a sum", lambda h: h.true / h.k_next),
    _hidden("no-sum", "only the neuron of the same number", lambda h: h.W[h.p, h.p] * h.signal[h.p] * f.prime(h.z[h.p]), square=True),
    _hidden("own-signal", "the signal of layer l on the right", lambda h: Sum(h.i, h.W[h.i, h.p] * h.own[h.i]) * f.prime(h.z[h.p]), square=True),
    _hidden("bias", "the bias carried back", lambda h: Sum(h.i, (h.W[h.i, h.p] + h.b[h.i]) * h.signal[h.i]) * f.prime(h.z[h.p])),
    _hidden("brackets", "the transpose applied after the elementwise product",
            lambda h: Sum(h.i, h.W[h.i, h.p] * (h.signal[h.i] * f.prime(h.z[h.i]))), square=True),
    _hidden("column-sum", "the column sum of W", lambda h: Sum(h.i, h.W[h.i, h.p]) * Sum(h.i, h.signal[h.i]) * f.prime(h.z[h.p])),
    _hidden("double-sum", "a sum over p as well", lambda h: Sum(h.j, Sum(h.i, h.W[h.i, h.j] * h.signal[h.i]) * f.prime(h.z[h.j]))),
    _hidden("weights-inside", "f applied to the carried signal", lambda h: f(Sum(h.i, h.W[h.i, h.p] * h.signal[h.i]))),
    _hidden("signal-squared", "the signal squared", lambda h: Sum(h.i, h.W[h.i, h.p] * h.signal[h.i] ** 2) * f.prime(h.z[h.p])),
    _hidden("zero", "no dependence at all", lambda h: h.true - h.true),
)  # fmt: skip


# ------------------------------------------------------------------------------------------ parameters


class _Parameters:
    """One layer with its parameters; J any differentiable function of z^l."""

    def __init__(self, square: bool = False) -> None:
        self.k = width(l)
        self.k_before = self.k if square else width(l - 1)
        self.W, self.b = Tensor("W", (self.k, self.k_before), l), Tensor("b", (self.k,), l)
        self.a = Tensor("a", (self.k_before,), l - 1)
        self.z, self.signal = (
            Tensor("z", (self.k,), l, defined=True),
            Tensor("delta", (self.k,), l, defined=True),
        )
        self.i, self.j = fresh("i", self.k), fresh("j", self.k_before)
        self.p, self.s = fresh("p", self.k), fresh("s", self.k_before)
        i, j = self.i, self.j
        self.setting = Setting(
            (
                Definition(self.signal, (i,), partial(J[()], self.z[i])),
                Definition(self.z, (i,), Sum(j, self.W[i, j] * self.a[j]) + self.b[i]),
            ),
            (Unknown(J, self.z),),
        )


def _weight(
    id: str, mistake: str, claimed: Callable[[_Parameters], Term], *, square: bool = False
) -> FalseStatement:
    def equation() -> Equation:
        here = _Parameters(square)
        return partial(J[()], here.W[here.p, here.s]), claimed(here), here.setting

    return FalseStatement(f"weights/{id}", mistake, equation)


def _bias(id: str, mistake: str, claimed: Callable[[_Parameters], Term]) -> FalseStatement:
    def equation() -> Equation:
        here = _Parameters()
        return partial(J[()], here.b[here.p]), claimed(here), here.setting

    return FalseStatement(f"biases/{id}", mistake, equation)


PARAMETERS = (
    _weight("swapped", "a δᵀ in place of δ aᵀ, in a square network", lambda h: h.signal[h.s] * h.a[h.p], square=True),
    _weight("no-activation", "a left out", lambda h: h.signal[h.p]),
    _weight("no-signal", "δ left out", lambda h: h.a[h.s]),
    _weight("sign", "a wrong sign", lambda h: -h.signal[h.p] * h.a[h.s]),
    _weight("twice", "a factor 2", lambda h: 2 * h.signal[h.p] * h.a[h.s]),
    _weight("slope", "a slope too many", lambda h: h.signal[h.p] * f.prime(h.z[h.p]) * h.a[h.s]),
    _weight("activated", "f(a) in place of a", lambda h: h.signal[h.p] * f(h.a[h.s])),
    _weight("summed", "a sum over the inputs", lambda h: h.signal[h.p] * Sum(h.j, h.a[h.j])),
    _weight("inner-product", "δᵀ a in place of δ aᵀ", lambda h: Sum(h.i, h.signal[h.i] * h.a[h.i]), square=True),
    _weight("input-of-layer", "z of the same layer in place of a of the one before", lambda h: h.signal[h.p] * h.z[h.s], square=True),
    _weight("weights", "W in place of a", lambda h: h.signal[h.p] * h.W[h.p, h.s]),
    _bias("one", "δ left out", lambda h: Sum(h.i, Delta(h.i, h.p))),
    _bias("sign", "a wrong sign", lambda h: -h.signal[h.p]),
    _bias("summed", "a sum over the neurons", lambda h: Sum(h.i, h.signal[h.i])),
    _bias("times-bias", "times the bias", lambda h: h.signal[h.p] * h.b[h.p]),
)  # fmt: skip
