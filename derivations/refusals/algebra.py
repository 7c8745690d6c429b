"""False statements on sums, matrices, slopes and means."""
# ruff: noqa: E501  (one false statement a line)

from __future__ import annotations

from collections.abc import Callable

from derivations.ranges import x
from derivations.refusals.statement import Equation, FalseStatement
from derivations.setting import Definition, FunctionDefinition, Setting, Unknown
from derivations.terms import (
    Delta,
    Index,
    Size,
    Sum,
    Tensor,
    Term,
    exp,
    fresh,
    log,
    opaque,
)
from derivations.theorems import activations
from derivations.theorems.hidden import partial

f = opaque("f")


def _plain(id: str, mistake: str, sides: Callable[[], tuple[Term, Term]]) -> FalseStatement:
    return FalseStatement(f"sums/{id}", mistake, lambda: (*sides(), Setting()))


def _square() -> tuple[Tensor, Tensor, Tensor, Tensor, Index, Index, Index, Index]:
    n = Size("n")
    i, j, p, s = (fresh(name, n) for name in "ijps")
    return Tensor("A", (n, n)), Tensor("B", (n, n)), Tensor("x", (n,)), Tensor("y", (n,)), i, j, p, s


def _sums(id: str, mistake: str, sides: Callable[..., tuple[Term, Term]]) -> FalseStatement:
    return _plain(id, mistake, lambda: sides(*_square()))


SUMS = (
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
SLOPES = (
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


BATCH = (
    _mean("sum", "a sum over the batch", lambda N: N / N),
    _mean("twice-divided", "divided by N twice", lambda N: 1 / N**2),
)
