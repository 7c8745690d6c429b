"""Ways to write Python and NumPy: containers, slices, buffers, closures."""

import collections
import copy
import functools
import itertools
import warnings

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((4,))
def builtin_sum_and_max(x):
    return sum(x) + max(x) * min(x)


@program((4,))
def sorted_by_python(x):
    return sum(k * v for k, v in enumerate(sorted(x)))


@program((4,), (4,))
def zipped_loop(a, b):
    return sum(u * v**2 for u, v in zip(a, b, strict=True))


@program((4,))
def reduced_by_functools(x):
    return functools.reduce(lambda a, b: a * b + 1, x)


@program((4,))
def pairs_by_itertools(x):
    return sum(abs(a - b) for a, b in itertools.combinations(x, 2))


@program((4,))
def accumulated_list(x):
    values = []
    for v in x:
        values.append(np.sin(v))
    return np.mean(values)


@program((4,))
def stacked_list(x):
    return np.stack([np.cos(v) for v in x]).prod()


@program((4,))
def branches_in_python(x):
    total = 0.0
    for v in x:
        if v > 1:
            total += v**2
        elif v > 0.5:
            total -= v
        else:
            total += 3 * v
    return total


@program((4,))
def while_loop(x):
    s = x.sum()
    while s < 20:
        s = s * 1.5
    return s


@program((3,))
def newton_iterations(a):
    r = np.ones_like(a)
    while np.any(np.abs(r * r - a) > 1e-12):
        r = 0.5 * (r + a / r)
    return r.sum()


@program((3,))
def dictionary_of_terms(x):
    terms = {"a": x[0] ** 2, "b": x[1] * x[2]}
    return sum(terms.values())


@program((3,))
def namedtuple_state(x):
    State = collections.namedtuple("State", "q p")
    s = State(x[0], x[1])
    return s.q**2 + s.p * x[2]


@program((3,))
def deep_copied_state(x):
    state = {"x": x}
    other = copy.deepcopy(state)
    other["x"] *= 2
    return (state["x"] * other["x"]).sum()


@program((4,))
def vectorized_function(x):
    return np.vectorize(lambda t: t**2 if t > 1 else 2 * t - 1)(x).sum()


@program((3, 4))
def applied_along_axis(x):
    return np.apply_along_axis(lambda row: row / row.sum(), 1, x)[0, 0]


@program((4,))
def asarray_at_the_door(x):
    x = np.asarray(x)
    return np.sum(np.exp(x) * x**2) + x.mean() * x.std() + np.linalg.norm(x)


@program((3, 4))
def asarray_then_axes(x):
    x = np.asarray(x)
    return (x - x.mean(axis=0)) @ np.arange(4.0) + x.var(axis=1) + np.maximum(x, 0.7).max(axis=1)


@program((4,))
def prints_its_progress(x):
    s = (x**2).sum()
    f"loss {s:.3f} {s}"
    return s


@program((4,))
def asserts_on_the_way(x):
    assert x.shape == (4,)
    assert x.ndim == 1
    assert len(x) == 4
    assert np.all(np.isfinite(x))
    assert x.dtype == np.float64
    return x.prod()


@program((4,))
def integer_constants(x):
    return (2 * x**3 - x // 100 + 5 % 3 + x / 2).sum()


@program((4,))
def boolean_selection(x):
    return x[x > x.mean()].sum() + np.count_nonzero(x > 0)


@program((4, 4))
def double_indexing(x):
    return x[np.triu_indices(4, 1)].sum() ** 2 + x[[0, 1], [1, 0]].prod()


@program((6,))
def scatter_add(x):
    out = np.zeros_like(x[:3])
    np.add.at(out, [0, 1, 1, 2, 2, 2], x)
    return (out**2).sum()


@program((6,))
def histogram_weights(x):
    return (np.bincount([0, 1, 1, 2, 2, 2], weights=x) ** 2).sum()


@program((3, 4))
def meshgrid_field(x):
    X, Y = np.meshgrid(x[0], x[1])
    return np.sum(np.sin(X) * Y)


@program((3, 4))
def split_and_join(x):
    a, b = np.split(x, 2, axis=1)
    return np.hstack([b, a]).cumsum(axis=1).prod()


@program((5,), low=-1)
def piecewise_function(x):
    return np.piecewise(x, [x < 0, x >= 0], [lambda t: t**2, lambda t: np.sin(t)]).sum()


@program((5,), low=-1)
def select_function(x):
    return np.select([x < -0.5, x < 0.5], [x**2, x], default=np.exp(x)).sum()


@program((4,))
def geometric_mean(x):
    return np.prod(x) ** (1 / len(x))


@program((4,))
def harmonic_mean_and_range(x):
    return len(x) / np.sum(1.0 / x) + np.ptp(x)


@program((4,))
def cumulative_products(x):
    return np.cumprod(x).sum()


@program((3, 4))
def top_entries(x):
    return np.sum(np.partition(x.ravel(), -3)[-3:])


@program((4,))
def float32_inside(x):
    return (x.astype(np.float32) ** 2).sum().astype(np.float64)


@program((4,))
def object_array_arithmetic(x):
    a = np.array([x[0] ** 2, x[1], 1.0, 2 * x[3]])
    return (a * a).sum() + np.dot(a, np.arange(4)) + a.max()


@program((2, 2))
def matrix_from_rows(x):
    return np.linalg.det(np.stack([x[0] * 2, x[1]])) + np.vstack([x, x[0]]).sum()


@program((3,))
def scalar_accumulator_in_place(x):
    loss = 0.0
    for v in x:
        loss += np.log(v)
        loss *= 1.1
    return loss


@program((4,))
def where_guarded_division(x):
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 0.0, np.sin(x) / safe).sum()


@program((4,))
def divide_with_where(x):
    return np.divide(1.0, x, out=np.zeros_like(x), where=x > 0.5).sum()


@program((3, 4))
def broadcasting_views(x):
    v = x.T[1:, None, :]
    v = np.broadcast_to(v, (3, 2, 3))
    return (v * v).sum()


@program((4,))
def errstate_and_warnings(x):
    with np.errstate(divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.log(x).sum()


@program((3,))
def one_hot_argmax(x):
    return x[np.argmax(x)] * 2 + np.eye(3)[np.argmin(x)] @ x


@program((4,))
def norm_clipping(g):
    norm = np.linalg.norm(g)
    return (g * min(1.0, 1.0 / norm)).sum()


@program((3,))
def complex_impedance(p):
    r, l, c = p
    z = r + 1j * 2.0 * l + 1 / (1j * 2.0 * c)
    return np.abs(z)


@program((4,))
def sinc_and_special(x):
    return np.sum(np.sinc(x) + np.deg2rad(x) + np.cbrt(x) + np.exp2(x) + np.log2(x))


@program((4,))
def nan_aware(x):
    y = np.where(np.arange(4) == 2, np.nan, x)
    return np.nansum(y) + np.nanmean(y) * np.nanmax(y)


@program((3, 3))
def triangular_parametrisation(x):
    L = np.tril(x)
    S = L @ L.T
    return S[2].sum() + np.trace(S)


@program((6,))
def lower_triangle_by_indices(v):
    L = np.zeros((3, 3), like=v)
    L[np.tril_indices(3)] = v
    return np.linalg.det(L) + L.sum()


@program((5,))
def polynomial_fit(y):
    return np.polyval(np.polyfit(np.arange(5.0), y, 2), 2.5)


@program((4, 4))
def sums_by_sliding_windows(x):
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2))
    return np.tensordot(windows, np.array([[1.0, 2.0], [3.0, 4.0]]), axes=2).prod()


@program((6,))
def unwrapped_phase(x):
    return np.unwrap(np.cumsum(4 * x)).sum()


@program((4,))
def polynomial_class(c):
    return np.polynomial.Polynomial(c)(0.3) ** 2


@program((3, 4))
def statistics_of_lists(x):
    values = [x[0, 0], x[1, 1] ** 2, x[2, 3]]
    return np.mean(values) + np.var(values) + np.median(values) + np.linalg.norm(values) + np.max(values)


@program((4,))
def concatenation_objects(x):
    return np.r_[x, 1.0, x[0]].prod() + np.c_[x, x**2].sum()


@program((3, 4))
def enumerated_entries(x):
    return sum((i + 2 * j) * v for (i, j), v in np.ndenumerate(x))
