"""Equations that the source text prints and that do not hold, each with a search for its counterexample."""

from __future__ import annotations

from fractions import Fraction

from derivations import counterexamples as search
from derivations.counterexamples import Counterexample
from derivations.setting import Definition, Setting, Unknown
from derivations.terms import Delta, Index, Layer, Size, Sum, Tensor, Term, exp, fresh, log, opaque
from derivations.theorems.hidden import J, l, partial, width

f = opaque("f")


def softmax_without_sum() -> Counterexample:
    """softmax(z) - y for any y: it is softmax(z) sum(y) - y, and needs a y that sums to 1."""
    k = Size("k", Layer("L"))
    z, y, loss = Tensor("z", (k,), Layer("L")), Tensor("y", (k,)), Tensor("J", defined=True)
    i, j, p = fresh("i", k), fresh("j", k), fresh("p", k)
    share = exp(z[p]) / Sum(j, exp(z[j]))
    setting = Setting((Definition(loss, (), -Sum(i, y[i] * (z[i] - log(Sum(j, exp(z[j])))))),))
    return search.of_equation(partial(loss[()], z[p]), share - y[p], setting)


def softmax_elementwise() -> Counterexample:
    """softmax'(z) as if it were elementwise: d s_i / d z_p = 0 for i != p."""
    k = Size("k", Layer("L"))
    z = Tensor("z", (k,), Layer("L"))
    i, j, p = fresh("i", k), fresh("j", k), fresh("p", k)
    share = exp(z[i]) / Sum(j, exp(z[j]))
    return search.of_equation(partial(share, z[p]), Delta(i, p) * share * (1 - share), Setting())


def half_mse_after_softmax() -> Counterexample:
    """Half squared error after softmax, differentiated entry by entry as if it were elementwise."""
    k = Size("k", Layer("L"))
    z, y, loss = Tensor("z", (k,), Layer("L")), Tensor("y", (k,)), Tensor("J", defined=True)
    i, j, p = fresh("i", k), fresh("j", k), fresh("p", k)

    def share(index: Index) -> Term:
        return exp(z[index]) / Sum(j, exp(z[j]))

    setting = Setting((Definition(loss, (), Fraction(1, 2) * Sum(i, (share(i) - y[i]) ** 2)),))
    return search.of_equation(partial(loss[()], z[p]), (share(p) - y[p]) * share(p) * (1 - share(p)), setting)


def _layer(square: bool) -> tuple[Setting, Tensor, Tensor, Tensor, Tensor]:
    """Return one layer, J any function of its output; then W, z^l, z^(l+1), delta^(l+1)."""
    k = width(l)
    k_next = k if square else width(l + 1)
    z, W, b = Tensor("z", (k,), l), Tensor("W", (k_next, k), l + 1), Tensor("b", (k_next,), l + 1)
    z_next, signal = (
        Tensor("z", (k_next,), l + 1, defined=True),
        Tensor("delta", (k_next,), l + 1, defined=True),
    )
    i, j = fresh("i", k_next), fresh("j", k)
    setting = Setting(
        (
            Definition(signal, (i,), partial(J[()], z_next[i])),
            Definition(z_next, (i,), Sum(j, W[i, j] * f(z[j])) + b[i]),
        ),
        (Unknown(J, z_next),),
    )
    return setting, W, z, z_next, signal


def row_times_jacobian() -> Counterexample:
    """delta^(l+1) dz^(l+1)/dz^l read from left to right in the denominator layout of note 3."""
    setting, W, z, _, signal = _layer(square=True)
    p, i = fresh("p", z.sizes[0]), fresh("i", z.sizes[0])
    # Entry (i, p) of the Jacobian in that layout is dz_p/dz_i = W[p,i] f'(z_i).
    claimed = Sum(i, signal[i] * W[p, i] * f.prime(z[i]))
    return search.of_equation(partial(J[()], z[p]), claimed, setting)


def brackets_moved() -> Counterexample:
    """W^T (delta ⊙ f'(z)) in a square network, where it can be written at all."""
    setting, W, z, _, signal = _layer(square=True)
    p, i = fresh("p", z.sizes[0]), fresh("i", z.sizes[0])
    return search.of_equation(partial(J[()], z[p]), Sum(i, W[i, p] * signal[i] * f.prime(z[i])), setting)


def slope_missing() -> Counterexample:
    """f(z) where its derivative belongs: the partial sign left out."""
    setting, W, z, _, signal = _layer(square=False)
    p, i = fresh("p", z.sizes[0]), fresh("i", W.sizes[0])
    return search.of_equation(partial(J[()], z[p]), Sum(i, W[i, p] * signal[i]) * f(z[p]) / z[p], setting)


def partial_missing_below() -> Counterexample:
    """z^(l+1)/f(z^l) in place of dz^(l+1)/df(z^l)."""
    setting, W, z, z_next, signal = _layer(square=False)
    p, i = fresh("p", z.sizes[0]), fresh("i", W.sizes[0])
    claimed = Sum(i, signal[i] * z_next[i] / f(z[p])) * f.prime(z[p])
    return search.of_equation(partial(J[()], z[p]), claimed, setting)


def input_layer() -> Counterexample:
    """The recursion taken down to layer 1, whose 'input' x passes through no activation."""
    k, k_next = width(Layer("", 1)), width(Layer("", 2))
    x, W = Tensor("x", (k,)), Tensor("W", (k_next, k), Layer("", 2))
    z, signal = (
        Tensor("z", (k_next,), Layer("", 2), defined=True),
        Tensor("delta", (k_next,), Layer("", 2), defined=True),
    )
    i, j, p = fresh("i", k_next), fresh("j", k), fresh("p", k)
    setting = Setting(
        (Definition(signal, (i,), partial(J[()], z[i])), Definition(z, (i,), Sum(j, W[i, j] * x[j]))),
        (Unknown(J, z),),
    )
    return search.of_equation(partial(J[()], x[p]), Sum(i, W[i, p] * signal[i]) * f.prime(x[p]), setting)


def skip_connection() -> Counterexample:
    """J sees z^l also past layer l+1, as with a skip connection or a penalty on activations."""
    k = width(l)
    z, W = Tensor("z", (k,), l), Tensor("W", (k, k), l + 1)
    z_next, signal = Tensor("z", (k,), l + 1, defined=True), Tensor("delta", (k,), l + 1, defined=True)
    i, j, p = fresh("i", k), fresh("j", k), fresh("p", k)
    setting = Setting(
        (
            Definition(signal, (i,), partial(J[()], z_next[i])),
            Definition(z_next, (i,), Sum(j, W[i, j] * f(z[j])) + f(z[i])),
        ),
        (Unknown(J, z_next),),
    )
    return search.of_equation(partial(J[()], z[p]), Sum(i, W[i, p] * signal[i]) * f.prime(z[p]), setting)


def other_slope() -> Counterexample:
    """Layers with different activations, and the slope of the wrong one."""
    g = opaque("g")
    setting, W, z, _, signal = _layer(square=False)
    p, i = fresh("p", z.sizes[0]), fresh("i", W.sizes[0])
    return search.of_equation(partial(J[()], z[p]), Sum(i, W[i, p] * signal[i]) * g.prime(z[p]), setting)


def shared_weights() -> Counterexample:
    """One matrix used in two layers: delta a^T of one layer is not the whole gradient."""
    n = Size("n")
    x, W, u = Tensor("x", (n,)), Tensor("W", (n, n)), Tensor("u", (n,), defined=True)
    v, signal = Tensor("v", (n,), defined=True), Tensor("delta", (n,), defined=True)
    i, j, p, s = fresh("i", n), fresh("j", n), fresh("p", n), fresh("s", n)
    loss = Tensor("J", defined=True)
    setting = Setting(
        (
            Definition(loss, (), Fraction(1, 2) * Sum(i, v[i] ** 2)),
            Definition(signal, (i,), v[i]),
            Definition(v, (i,), Sum(j, W[i, j] * f(u[j]))),
            Definition(u, (i,), Sum(j, W[i, j] * x[j])),
        )
    )
    return search.of_equation(partial(loss[()], W[p, s]), signal[p] * f(u[s]), setting)


def penalty() -> Counterexample:
    """J with weight decay: delta a^T is the gradient of the loss alone."""
    k, k_before = width(l), width(l - 1)
    W, a, y = Tensor("W", (k, k_before), l), Tensor("a", (k_before,), l - 1), Tensor("y", (k,))
    z, loss = Tensor("z", (k,), l, defined=True), Tensor("J", defined=True)
    i, j, p, s = fresh("i", k), fresh("j", k_before), fresh("p", k), fresh("s", k_before)
    decay = Tensor("lambda")[()] * Sum(i, Sum(j, W[i, j] ** 2))
    setting = Setting(
        (
            Definition(loss, (), Fraction(1, 2) * Sum(i, (z[i] - y[i]) ** 2) + decay),
            Definition(z, (i,), Sum(j, W[i, j] * a[j])),
        )
    )
    return search.of_equation(partial(loss[()], W[p, s]), (z[p] - y[p]) * a[s], setting)


def batch() -> Counterexample:
    """The formula for one sample, applied to the mean over several."""
    n, N = Size("n"), Size("N")
    theta, loss, mean = Tensor("theta", (n,)), Tensor("J", (N,), defined=True), Tensor("J", defined=True)
    t, p, r = fresh("t", N), fresh("p", n), fresh("t", N)
    setting = Setting((Definition(mean, (), Sum(t, loss[t]) / N),), (Unknown(loss, theta),))
    return search.of_equation(partial(mean[()], theta[p]), Sum(r, partial(loss[r], theta[p])), setting)


def column_for_jacobian() -> Counterexample:
    """dy/dx as the column f'(x): the entry (p, i) of a Jacobian would not depend on i."""
    m = Size("m")
    x = Tensor("x", (m,))
    i, p = fresh("i", m), fresh("p", m)
    return search.of_equation(partial(f(x[i]), x[p]), f.prime(x[p]), Setting())


def numerator_layout() -> Counterexample:
    """dy/dx = A^T read in the numerator layout: entry (i, p) of it would be A[p, i]."""
    n = Size("n")
    A, x = Tensor("A", (n, n)), Tensor("x", (n,))
    i, j, p = fresh("i", n), fresh("j", n), fresh("p", n)
    return search.of_equation(partial(Sum(j, A[i, j] * x[j]), x[p]), A[p, i], Setting())


def derivative_by_matrix() -> Counterexample:
    """dy/dA = x^T: the derivative of y_i by A[p, s] would be x_s whatever i and p are."""
    m, n = Size("m"), Size("n")
    A, x = Tensor("A", (m, n)), Tensor("x", (n,))
    i, j, p, s = fresh("i", m), fresh("j", n), fresh("p", m), fresh("s", n)
    return search.of_equation(partial(Sum(j, A[i, j] * x[j]), A[p, s]), x[s], Setting())


def preceding_weights() -> Counterexample:
    """The product over the layers before l, not those after it, in a linear network of square layers."""
    n = Size("n")
    V, W, z = Tensor("V", (n, n)), Tensor("W", (n, n)), Tensor("z", (n,))
    u, y, loss = Tensor("u", (n,), defined=True), Tensor("y", (n,)), Tensor("J", defined=True)
    i, j, p = fresh("i", n), fresh("j", n), fresh("p", n)
    setting = Setting(
        (
            Definition(loss, (), Fraction(1, 2) * Sum(i, (u[i] - y[i]) ** 2)),
            Definition(u, (i,), Sum(j, W[i, j] * z[j])),
        )
    )
    # z = V a came before: the text multiplies by V, the truth by the W that comes after.
    return search.of_equation(partial(loss[()], z[p]), Sum(i, V[i, p] * (u[i] - y[i])), setting)


def update_by_layers() -> Counterexample:
    """theta - alpha dL/dtheta with L the number of layers: its derivative is zero, and nothing moves."""
    n = Size("n")
    theta, loss = Tensor("theta", (n,)), Tensor("J", defined=True)
    p = fresh("p", n)
    alpha = Tensor("alpha")[()]
    setting = Setting((), (Unknown(loss, theta),))
    true: Term = theta[p] - alpha * partial(loss[()], theta[p])
    return search.of_equation(true, theta[p], setting)


def wrong_superscript() -> Counterexample:
    """The factor dz^(l+2)/dz^l in place of dz^(l+2)/dz^(l+1): z^l then counts twice."""
    n = Size("n")
    V, W, z, u = Tensor("V", (n, n)), Tensor("W", (n, n)), Tensor("z", (n,)), Tensor("u", (n,), defined=True)
    v, loss = Tensor("v", (n,), defined=True), Tensor("J", defined=True)
    i, j, p, r = fresh("i", n), fresh("j", n), fresh("p", n), fresh("r", n)
    setting = Setting(
        (
            Definition(loss, (), Sum(i, v[i])),
            Definition(v, (i,), Sum(j, V[i, j] * f(u[j]))),
            Definition(u, (i,), Sum(j, W[i, j] * f(z[j]))),
        )
    )
    claimed = Sum(i, Sum(r, partial(v[i], z[r]) * partial(u[r], z[p])))
    return search.of_equation(partial(loss[()], z[p]), claimed, setting)
