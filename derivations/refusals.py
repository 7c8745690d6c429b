"""False statements, and why each is refused.

A prover that accepts everything proves nothing.  Each entry is a mistake that people make: a transpose forgotten in a square
network, f' at the wrong layer, a missing sum, a missing hypothesis.  ``refusal`` returns the reason for which it is
refused.  For a false equation both judges must refuse it *on their own*: the kernel must not find one canonical form, and
the instance at small widths must show numbers that differ.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from derivations import instance, kernel, norm_claims, norm_lemmas, norms
from derivations.calculus import derivative
from derivations.induction import InductionStep
from derivations.notation import Array, Elementwise
from derivations.proof import Claim, ProofError, Statement, Step, derive
from derivations.ranges import BoundStep, LimitStep, Range, RangeClaim, ValueStep, x
from derivations.rules import algebra, chain_rule, contract, entries, fold, linearity, product_rule, unfold
from derivations.setting import Definition, FunctionDefinition, Hypothesis, Setting, Unknown, Words
from derivations.terms import (
    Delta,
    Index,
    Layer,
    Power,
    RangeMismatch,
    Size,
    Sum,
    Tensor,
    Term,
    UnsupportedExpression,
    exp,
    fresh,
    log,
    opaque,
    term,
)
from derivations.theorems import activations, flow, heads, layers
from derivations.theorems.hidden import J, l, partial, width

f = opaque("f")
Equation = tuple[Term, Term, Setting]
_SAY = Words("", "")


@dataclass(frozen=True)
class FalseStatement:
    """A false equation (``equation``), or something that must not be built (``build``)."""

    id: str
    mistake: str
    equation: Callable[[], Equation] | None = None
    build: Callable[[], object] | None = None


class Accepted(AssertionError):  # noqa: N818
    """A false statement was accepted: the prover is broken."""


def refusal(statement: FalseStatement) -> str:
    """Return the reason for which a false statement is refused.

    Raises
    ------
    Accepted
        When it is not refused, or refused by only one of the two judges.
    """
    if statement.equation is not None:
        left, right, setting = statement.equation()
        if setting.equal(left, right):
            raise Accepted(f"the kernel accepts {statement.id}: {left} = {right}")
        shown = instance.disagreement(left, right, setting)
        if shown is None:
            raise Accepted(f"no counterexample to {statement.id}: {left} = {right}")
        return f"the canonical forms differ; {shown}"
    assert statement.build is not None
    try:
        statement.build()
    except (ProofError, RangeMismatch, UnsupportedExpression) as reason:
        return f"{type(reason).__name__}: {reason}"
    raise Accepted(f"{statement.id} was built")


# ------------------------------------------------------------------------------------------ one layer


class _Layer:
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
    id: str, mistake: str, claimed: Callable[[_Layer], Term], *, square: bool = False
) -> FalseStatement:
    def equation() -> Equation:
        here = _Layer(square)
        return partial(J[()], here.z[here.p]), claimed(here), here.setting

    return FalseStatement(f"hidden/{id}", mistake, equation)


_HIDDEN = (
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


_PARAMETER = (
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


# ----------------------------------------------------------------------------------------------- heads


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


_HEADS = (
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


# ------------------------------------------------------------------------------- sums, matrices, slopes


def _plain(id: str, mistake: str, sides: Callable[[], tuple[Term, Term]]) -> FalseStatement:
    return FalseStatement(f"sums/{id}", mistake, lambda: (*sides(), Setting()))


def _square() -> tuple[Tensor, Tensor, Tensor, Tensor, Index, Index, Index, Index]:
    n = Size("n")
    i, j, p, s = (fresh(name, n) for name in "ijps")
    return Tensor("A", (n, n)), Tensor("B", (n, n)), Tensor("x", (n,)), Tensor("y", (n,)), i, j, p, s


def _sums(id: str, mistake: str, sides: Callable[..., tuple[Term, Term]]) -> FalseStatement:
    return _plain(id, mistake, lambda: sides(*_square()))


_SUMS = (
    _sums("layout", "d(Ax)/dx = A in the layout where it is the transpose",
          lambda A, B, x, y, i, j, p, s: (partial(Sum(j, A[i, j] * x[j]), x[p]), A[p, i])),
    _sums("matrix-derivative", "d(Ax)_i/dA[p,s] = x_s whatever i is",
          lambda A, B, x, y, i, j, p, s: (partial(Sum(j, A[i, j] * x[j]), A[p, s]), x[s])),
    _sums("elementwise", "the derivative of f(x_i) by x_p is f'(x_p) whatever i is",
          lambda A, B, x, y, i, j, p, s: (partial(f(x[i]), x[p]), f.prime(x[p]))),
    _sums("product-of-sums", "a sum of products is a product of sums",
          lambda A, B, x, y, i, j, p, s: (Sum(i, x[i] * y[i]), Sum(i, x[i]) * Sum(i, y[i]))),
    _sums("square-of-sum", "a sum of squares is the square of the sum",
          lambda A, B, x, y, i, j, p, s: (Sum(i, x[i] ** 2), Sum(i, x[i]) ** 2)),
    _sums("power-of-sum", "a cube of a sum with one index for all three factors",
          lambda A, B, x, y, i, j, p, s: (Sum(j, y[j] * Sum(i, A[j, i]) ** 3), Sum(j, Sum(i, y[j] * A[j, i] ** 3)))),
    _sums("captured", "an inner sum captures the outer index: the diagonal",
          lambda A, B, x, y, i, j, p, s: (Sum(j, f(Sum(s, A[j, s] * x[s]))), Sum(j, f(Sum(s, A[s, s] * x[s]))))),
    _sums("captured-transpose", "the transpose inside f, square",
          lambda A, B, x, y, i, j, p, s: (Sum(j, f(Sum(s, A[j, s] * x[s]))), Sum(j, f(Sum(s, A[s, j] * x[s]))))),
    _sums("shadowed", "an inner index of the same name read as the outer one",
          lambda A, B, x, y, i, j, p, s: (Sum(j, x[j] * Sum(j, A[j, p] * y[j])), Sum(j, x[j] * A[j, p] * y[j]))),
    _sums("derivative-shadowed", "differentiating by x_j inside a sum over j",
          lambda A, B, x, y, i, j, p, s: (partial(Sum(j, A[i, j] * x[j]), x[j]), Sum(j, A[i, j]))),
    _sums("two-layers-transposed", "both matrices transposed, in the wrong order",
          lambda A, B, x, y, i, j, p, s: (Sum(i, Sum(j, A[i, p] * B[j, i] * y[j])), Sum(i, Sum(j, B[i, p] * A[j, i] * y[j])))),
    _sums("two-layers-swapped", "the slopes of two layers swapped",
          lambda A, B, x, y, i, j, p, s: (Sum(i, A[i, p] * f.prime(x[i]) * Sum(j, B[j, i] * f.prime(y[j]))),
                                          Sum(i, A[i, p] * f.prime(y[i]) * Sum(j, B[j, i] * f.prime(x[j]))))),
    _sums("constant", "a sum of a constant is the constant", lambda A, B, x, y, i, j, p, s: (Sum(i, x[p]), x[p])),
    _sums("delta-dropped", "a delta contracted to 1", lambda A, B, x, y, i, j, p, s: (Sum(i, Delta(i, p) * x[i]), Sum(i, x[i]))),
    _sums("exponential", "exp(a b) = exp(a) exp(b)", lambda A, B, x, y, i, j, p, s: (exp(x[p] * y[p]), exp(x[p]) * exp(y[p]))),
    _sums("symmetric", "a symmetric role for A in x^T A y",
          lambda A, B, x, y, i, j, p, s: (Sum(i, Sum(j, x[i] * A[i, j] * y[j])), Sum(i, Sum(j, y[i] * A[i, j] * x[j])))),
)  # fmt: skip


def _slope(id: str, value: Term, slope: Term) -> FalseStatement:
    def equation() -> Equation:
        g = opaque("g")
        names = (activations._SIGMOID, activations._TANH)
        return g.prime(x), slope, Setting((FunctionDefinition(g, Tensor("x"), value), *names))

    return FalseStatement(f"slopes/{id}", f"the derivative of {id}", equation)


_s, _t = opaque("sigmoid")(x), opaque("tanh")(x)
_SLOPES = (
    _slope("sigmoid as sigmoid", _s, _s),
    _slope("sigmoid as 1 − sigmoid²", _s, 1 - _s**2),
    _slope("tanh as 1 − tanh", _t, 1 - _t),
    _slope("silu as sigmoid", x * _s, _s),
    _slope("softplus as its own exponential", log(1 + exp(x)), exp(x)),
)


def _mean(id: str, mistake: str, factor: Callable[[Size], Term]) -> FalseStatement:
    def equation() -> Equation:
        n, N = Size("n"), Size("N")
        theta, loss, mean = Tensor("theta", (n,)), Tensor("J", (N,), defined=True), Tensor("J", defined=True)
        t, p = fresh("t", N), fresh("p", n)
        setting = Setting((Definition(mean, (), Sum(t, loss[t]) / N),), (Unknown(loss, theta),))
        return partial(mean[()], theta[p]), factor(N) * Sum(t, partial(loss[t], theta[p])), setting

    return FalseStatement(f"batch/{id}", mistake, equation)


_BATCH = (
    _mean("sum", "a sum over the batch", lambda N: N / N),
    _mean("twice-divided", "divided by N twice", lambda N: 1 / N**2),
)


# ------------------------------------------------------------------------ what must not even be written


def _unbuildable(id: str, mistake: str, build: Callable[[], object]) -> FalseStatement:
    return FalseStatement(f"typing/{id}", mistake, None, build)


def _rectangular() -> tuple[Tensor, Index, Index]:
    m, n = Size("m"), Size("n")
    return Tensor("A", (m, n)), fresh("i", m), fresh("j", n)


def _swapped_indices() -> object:
    A, i, j = _rectangular()
    return A[j, i]


def _delta_between_ranges() -> object:
    _, i, j = _rectangular()
    return Delta(i, j)


def _one_index() -> object:
    A, i, _ = _rectangular()
    return A[i]


_TYPING = (
    _unbuildable("no-transpose", "W δ in a rectangular network", lambda: Array(_Layer().W) @ Array(_Layer().signal)),
    _unbuildable("hadamard", "an elementwise product of vectors of two sizes", lambda: Array(_Layer().z) * Array(_Layer().signal)),
    _unbuildable("swapped-indices", "the indices of A swapped", _swapped_indices),
    _unbuildable("delta", "a delta between two ranges", _delta_between_ranges),
    _unbuildable("rank", "one index for a matrix", _one_index),
    _unbuildable("ranks", "d W[i] / d W[p,j]: one name with two shapes", lambda: derivative(
        Tensor("W", (Size("n"),))[fresh("i", Size("n"))], Tensor("W", (Size("n"), Size("n")))[fresh("p", Size("n")), fresh("j", Size("n"))])),
    _unbuildable("layers", "d W^l / d W^L, when nothing says whether l = L", lambda: derivative(
        Tensor("b", (Size("n"),), l)[fresh("i", Size("n"))], Tensor("b", (Size("n"),), Layer("L"))[fresh("j", Size("n"))])),
    _unbuildable("primed-name", "f' as a name, which is the derivative of f", lambda: opaque("f'")),
    _unbuildable("layered-name", "W^l as a name, which is W of layer l", lambda: Tensor("W^l")),
    _unbuildable("float", "a float", lambda: x * 0.5),  # type: ignore[operator]
    _unbuildable("power", "a power that is no integer", lambda: Power(x, Fraction(1, 2))),  # type: ignore[arg-type]
    _unbuildable("zero", "division by zero", lambda: kernel.equal(1 / (x - x), x)),
    _unbuildable("delta-inverse", "division by a delta", lambda: kernel.equal(1 / Delta(fresh("i", Size("n")), fresh("j", Size("n"))), x)),
    _unbuildable("variable", "a derivative by something that is no entry", lambda: derivative(x**2, x**2)),
    _unbuildable("second", "a second derivative of an unknown function", lambda: derivative(partial(J[()], x), x)),
)  # fmt: skip


# -------------------------------------------------------------------- proofs that must not be put together


def _wrong_rule() -> object:
    h = _Layer()
    return Step(
        partial(J[()], h.z[h.p]), h.setting.chain(partial(J[()], h.z[h.p])), linearity(), _SAY, h.setting
    )


def _skipped_sum() -> object:
    h = _Layer()
    left = h.setting.chain(partial(J[()], h.z[h.p]))
    assert isinstance(left, Sum)
    return Step(partial(J[()], h.z[h.p]), left.body, chain_rule(), _SAY, h.setting)


def _broken_chain() -> object:
    proved = heads.half_mse_delta().claims[0]
    assert isinstance(proved, Claim)
    return replace(proved, steps=(*proved.steps[:2], *proved.steps[3:]))


def _displayed_otherwise() -> object:
    """The right proof under a displayed equation without the transpose, in a square network."""
    h = _Layer(square=True)
    slope = Elementwise(f.prime, Array(h.z))
    shown = Statement(Array(h.own), (Array(h.W) @ Array(h.signal)) * slope, (h.p,))
    return derive(
        shown, h.setting,
        (unfold(h.own), _SAY), (chain_rule(), _SAY),
        (fold(h.signal), _SAY, Sum(h.i, h.signal[h.i] * partial(h.z_next[h.i], h.z[h.p]))),
        (unfold(h.z_next), _SAY), (linearity(), _SAY), (product_rule(), _SAY), (entries(), _SAY), (contract(), _SAY),
        (algebra(), _SAY, h.true),
    )  # fmt: skip


def _other_setting() -> object:
    proved = heads.half_mse_delta().claims[0]
    assert isinstance(proved, Claim)
    return replace(proved, setting=Setting())


def _induction(**changes: object) -> object:
    (step,) = layers.backpropagation().claims[4].steps
    assert isinstance(step, InductionStep)
    return replace(step, **changes)  # type: ignore[arg-type]


def _induction_wrong_hypothesis() -> object:
    (conclusion,) = layers.backpropagation().claims[4].steps
    assert isinstance(conclusion, InductionStep)
    (given,) = conclusion.step.setting.hypotheses
    setting = replace(conclusion.step.setting, hypotheses=(replace(given, right=2 * given.right),))
    steps = tuple(replace(step, setting=setting) for step in conclusion.step.steps)
    return replace(conclusion, step=replace(conclusion.step, steps=steps, setting=setting))


def _induction_foreign_base() -> object:
    return _induction(bases=(layers.chain_expansion().claims[1],))


def _norm_chain(*lemmas: norm_lemmas.Lemma) -> object:
    signal = Array(Tensor("delta", (width(l),), l, defined=True))
    return norm_claims.chain((norms.Norm(signal),), "≤", *lemmas, title=_SAY)


def _norm_unstated() -> object:
    start = (norms.Norm(flow._signal(l)),)
    invented = norm_lemmas.assumed(start, "≤", (norms.LayerProduct(l, "≤"),))
    return _norm_chain(invented)


def _norm_reversed() -> object:
    W, v = flow._weights(l + 1), flow._signal(l + 1)
    start = (norms.Norm(W.T @ v),)
    return norm_claims.chain(start, "≥", norm_lemmas.operator_norm(W.T, v), title=_SAY)


def _norm_false() -> object:
    W, v = flow._weights(l + 1), flow._signal(l + 1)
    shrunk = norm_lemmas.Lemma("invented", (norms.Norm(W.T @ v),), "≤", (norms.Norm(v),), _SAY)
    return norm_claims.chain((norms.Norm(W.T @ v),), "≤", shrunk, title=_SAY)


_e = exp(-x)
_PLAIN = Setting((activations._SIGMOID, activations._TANH))
_slope_of_sigmoid = _s * (1 - _s)


def _sigmoid_range(**changes: object) -> object:
    claim = activations.activations()["sigmoid"].claims[1]
    assert isinstance(claim, RangeClaim)
    return replace(claim, **changes)  # type: ignore[arg-type]


def _range_without(kind: type) -> object:
    claim = activations.activations()["sigmoid"].claims[1]
    assert isinstance(claim, RangeClaim)
    return replace(claim, steps=tuple(step for step in claim.steps if not isinstance(step, kind)))


def _silu_not_mirrored() -> object:
    claim = activations.activations()["silu"].claims[2]
    assert isinstance(claim, RangeClaim)
    return replace(claim, mirror=None)


class _ClaimFromElsewhere:
    """Something that looks like a claim and was never checked."""

    steps = ()


_ClaimFromElsewhere.__module__ = "elsewhere"


def _foreign_claim() -> object:
    return replace(heads.half_mse_delta(), claims=(_ClaimFromElsewhere(),))  # type: ignore[arg-type]


def _defined_twice() -> object:
    z = Tensor("z", defined=True)
    return Setting((Definition(z, (), x), Definition(z, (), 2 * x)))


def _proof(id: str, mistake: str, build: Callable[[], object]) -> FalseStatement:
    return FalseStatement(f"proofs/{id}", mistake, None, build)


_PROOFS = (
    _proof("wrong-rule", "a true line with a reason that is not its reason", _wrong_rule),
    _proof("skipped-sum", "the chain rule along one path only", _skipped_sum),
    _proof("broken-chain", "a line left out of a proof", _broken_chain),
    _proof("displayed-otherwise", "a proof shown under another equation", _displayed_otherwise),
    _proof("other-setting", "steps checked in another setting", _other_setting),
    _proof("no-steps", "a claim without a proof", lambda: replace(heads.half_mse_delta().claims[0], steps=())),  # type: ignore[type-var]
    _proof("induction-no-base", "an induction without a base", lambda: _induction(bases=())),
    _proof("induction-no-instance", "an induction never tried at a concrete depth", lambda: _induction(unrolled=())),
    _proof("induction-foreign-base", "a base about another formula", _induction_foreign_base),
    _proof("induction-wrong-hypothesis", "a hypothesis that is not the formula at l+1", _induction_wrong_hypothesis),
    _proof("norm-inapplicable", "a lemma about other factors", lambda: _norm_chain(norm_lemmas.transposed_norm(flow._weights(l + 1)))),
    _proof("norm-unstated", "a hypothesis that the claim does not state", _norm_unstated),
    _proof("norm-reversed", "an upper bound used as a lower one", _norm_reversed),
    _proof("norm-false", "a matrix that is said never to stretch", _norm_false),
    _proof("bound-too-low", "sigmoid' at most 1/5", lambda: BoundStep(
        _slope_of_sigmoid, "≤", term(Fraction(1, 5)), (_s - Fraction(1, 2)) ** 2 - Fraction(1, 20), _SAY, _PLAIN)),
    _proof("bound-wrong-certificate", "a square that is not the difference", lambda: BoundStep(
        _slope_of_sigmoid, "≤", term(Fraction(1, 4)), _s**2, _SAY, _PLAIN)),
    _proof("bound-strict", "sigmoid' below 1/4 strictly", lambda: BoundStep(
        _slope_of_sigmoid, "<", term(Fraction(1, 4)), (_s - Fraction(1, 2)) ** 2, _SAY, _PLAIN)),
    _proof("range-wider", "a range that ends beyond its bound", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 2), "(]"))),
    _proof("range-open", "a range without the value that is attained", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 4), "()"))),
    _proof("range-closed", "a range with a value that is not attained", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 4), "[]"))),
    _proof("range-set", "an interval said to be a finite set", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 4), "{}"))),
    _proof("range-no-limit", "an end said to be approached, without a limit", lambda: _range_without(LimitStep)),
    _proof("range-no-value", "an end said to be attained, without a point", lambda: _range_without(ValueStep)),
    _proof("range-no-bound", "a range without its bounds", lambda: _range_without(BoundStep)),
    _proof("range-not-mirrored", "a least value without the mirror", _silu_not_mirrored),
    _proof("foreign-claim", "a claim of a kind that nothing here checks", _foreign_claim),
    _proof("defined-twice", "one letter with two definitions", _defined_twice),
    _proof("exp-redefined", "a new definition of exp", lambda: Setting((FunctionDefinition(exp, Tensor("x"), x),))),
    _proof("value", "sigmoid'(1) = 1/4", lambda: ValueStep(
        _slope_of_sigmoid, Fraction(1), term(Fraction(1, 4)), _SAY, _PLAIN)),
    _proof("limit", "sigmoid' tends to 1/8", lambda: LimitStep(
        _slope_of_sigmoid, term(Fraction(1, 8)), "+", _e / (1 + _e) ** 2, _e * (2 * _e + _e**2) / (1 + _e) ** 2, _SAY, _PLAIN)),
)  # fmt: skip

FALSE: tuple[FalseStatement, ...] = (
    *_HIDDEN, *_PARAMETER, *_HEADS, *_SUMS, *_SLOPES, *_BATCH, *_TYPING, *_PROOFS,
)  # fmt: skip
"""All false statements, each with a name and the mistake in words."""
