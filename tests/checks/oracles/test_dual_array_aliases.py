"""Attempts to make forward mode silently wrong by aliases and updates in place.

Each attempt must come out right, held to finite differences written here; each was tried against the dual array
before it was kept.
"""

# ruff: noqa: E501 - a case is a line

import copy
import itertools

import numpy as np
import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from checks.oracles.dual_array import DualArray
from checks.oracles.forward_mode import derivative

X = np.array([[0.31, 1.27, -0.63], [0.87, -1.45, 0.52]])
V = np.array([[0.7, -0.4, 1.1], [-0.9, 0.35, 0.6]])


def slope(fun, x, v):
    """Central difference, extrapolated once: exact to rounding for the cubic polynomials used here."""
    def difference(h):
        return (np.asarray(fun(x + h * v)) - np.asarray(fun(x - h * v))) / (2 * h)

    h = 2.0**-7
    return (4 * difference(h / 2) - difference(h)) / 3


def forward(fun, x=X, v=V):
    return derivative(lambda leaves: fun(leaves[0]), [x], [v])


# ------------------------------------------------------------------ aliases and updates in place: right
RIGHT = {}


def right(fun):
    RIGHT[fun.__name__] = fun
    return fun


@right
def view_then_write_to_the_base(x):
    y = x * 1.0
    view = y[0]
    y[0, 1] = x[1, 0] ** 2
    return view


@right
def write_through_a_view(x):
    y = x * 1.0
    view = y[:, ::-1][0]
    view += x[1]
    view[0] = 5.0
    return y


@right
def write_through_the_transpose(x):
    y = x * 1.0
    y.T[1] *= x[0, 0]
    return y


@right
def write_through_reshape(x):
    y = x * 1.0
    y.reshape(-1)[2:4] = x[0, :2] ** 2
    return y


@right
def reshape_of_the_transpose_is_a_copy(x):
    y = x * 1.0
    y.T.reshape(-1)[2:4] = 0.0
    return y


@right
def write_through_ravel_of_fortran_order(x):
    y = np.copy(x, order="F") * 1.0
    y.ravel()[0] = 9.0
    y.ravel("F")[1] = x[0, 2] ** 2
    y.ravel("K")[2] = 4.0
    return y


@right
def result_in_fortran_order(x):
    y = np.exp(x.T) * x.T
    z = y.reshape(-1, order="F")
    z[1] = 3.0
    return y + z.sum()


@right
def write_through_flat(x):
    y = x * 1.0
    y.flat[1] = x[1, 1] ** 2
    y.flat[[0, 5]] = x[0, 0]
    return y


@right
def assign_flat_as_a_whole(x):
    y = np.zeros_like(x)
    y.flat = x[0]
    return y


@right
def write_by_mask(x):
    y = x * 1.0
    y[y > 0.5] = x[0, 0] ** 2
    y[y < -1] *= 3
    return y


@right
def duplicate_indices_keep_the_last(x):
    y = x[0] * 1.0
    y[[0, 0, 1]] = x[1]
    y[[2, 2]] += x[0, :2]
    return y


@right
def add_at_counts_duplicates(x):
    y = x[0] * 1.0
    np.add.at(y, [0, 0, 2], x[1])
    np.subtract.at(y, [1, 1], x[1, :2] ** 2)
    np.multiply.at(y, [0, 0], x[0, :2])
    np.maximum.at(y, [2], 0.0)
    np.negative.at(y, [1])
    return y


@right
def add_at_two_dimensions(x):
    y = x * 1.0
    np.add.at(y, (slice(None), [0, 0]), x[:, 1:] ** 2)
    np.multiply.at(y, ([0, 1], [2, 2]), x[0, 0])
    np.add.at(y, ([0], [1]), 4.0)
    return y


@right
def broadcasting_update(x):
    y = x * 1.0
    y += x[0]
    y -= 1
    y /= 2.0 + x[:, :1] ** 2
    y **= 2
    y @= np.eye(3)
    return y


@right
def overlapping_update(x):
    y = x[0] * 1.0
    y[1:] += y[:-1]
    y[:2] = y[1:]
    return y


@right
def out_is_an_input(x):
    y = x * 1.0
    np.multiply(y, y, out=y)
    np.add(y, x, out=y)
    np.square(y[0], out=y[1])
    return y


@right
def out_of_functions(x):
    y, s = np.zeros_like(x), np.zeros_like(x[0])
    np.matmul(x, np.eye(3), out=y)
    np.sum(x, axis=0, out=s)
    np.dot(x, np.ones((3, 3)), out=y)
    np.clip(y, -0.5, 0.5, out=y)
    np.cumsum(x, axis=1, out=y)
    x.mean(axis=0, out=s)
    np.maximum.reduce(x, axis=0, out=s)
    return y * s


@right
def ufunc_where_keeps_out(x):
    y = x * 2.0
    np.exp(x, out=y, where=x > 0)
    np.add(x, 1.0, out=y, where=[True, False, True])
    return y


@right
def modf_with_two_outs(x):
    a, b = np.zeros_like(x), np.zeros_like(x)
    np.modf(x, out=(a, b))
    return a * 2 + b


@right
def constants_overwrite_tangents(x):
    y = x * 1.0
    np.add(1.0, 2.0, out=y[0])
    y[1] = 3
    return y * x


@right
def in_place_on_a_scalar_makes_a_new_one(x):
    a = x[0, 0]
    b = a
    a += 1
    a *= a
    return a * 10 + b + x[0, 0]


@right
def in_place_on_a_zero_dimensional_array(x):
    a = np.sum(x, keepdims=True).reshape(())
    b = a
    a *= a
    return b + x[0, 0]


@right
def in_place_writers(x):
    y = x * 1.0
    np.copyto(y, x[0] ** 2, where=x > 0)
    np.put(y, [0, 4], x[1, :2])
    np.place(y, y > 0.8, x[0, :1])
    np.putmask(y, x < -1, x**2)
    np.fill_diagonal(y, x[0, 2])
    np.put_along_axis(y, np.array([[1], [2]]), x[:, :1], axis=1)
    y.put([3], 2.0)
    return y


@right
def fill_and_sort_in_place(x):
    y = x * 1.0
    y.sort()
    z = x * 1.0
    z.sort(axis=0)
    w = np.zeros_like(x)
    w.fill(x[0, 0])
    return y * z + w


@right
def real_part_is_a_view(x):
    y = x * 1.0
    y.real[0] = x[1] ** 2
    y.real = y * 2
    c = x * (1 + 1j)
    c.imag[0] = x[1]
    c.real[1] = 0.0
    c.imag *= 2
    return c.real * c.imag + y + np.real(y) + y.imag


@right
def diagonal_is_readonly_and_trace_follows(x):
    y = x @ x.T
    d = np.diagonal(y)
    y[0, 0] = x[0, 0]
    return d


@right
def broadcast_views_follow_the_base(x):
    y = x * 1.0
    view = np.broadcast_to(y[0], (4, 3))
    y[0, 0] = x[1, 1] ** 2
    return view


@right
def views_from_functions_follow_the_base(x):
    y = x * 1.0
    views = [
        np.reshape(y, (3, 2)), np.ravel(y), y.T, np.swapaxes(y, 0, 1), np.squeeze(y), np.expand_dims(y, 0), np.flip(y),
        np.rot90(y), np.split(y, 1)[0], np.atleast_1d(y), np.atleast_3d(y), np.moveaxis(y, 0, 1), y[None], np.real(y),
        np.broadcast_arrays(y, x[0])[0], np.transpose(y), y[...], np.diagonal(y), np.einsum("ij->ji", y),
    ]  # fmt: skip
    y[:] = x**2
    return np.stack([np.sum(v * np.arange(np.size(v)).reshape(np.shape(v))) for v in views])


@right
def copies_from_functions_do_not(x):
    y = x * 1.0
    copies = [y.copy(), y.flatten(), np.copy(y), np.tile(y, 1), y[[0, 1]], y[y > -9], np.sort(y), y.T.ravel(), y.astype(float),
              copy.copy(y), copy.deepcopy(y), np.concatenate([y]), np.take(y, [0, 1], axis=0), y.repeat(1), np.where(True, y, 0)]  # fmt: skip
    y[:] = 0
    return np.stack([np.sum(v * np.arange(np.size(v)).reshape(np.shape(v))) for v in copies])


@right
def swapping_by_tuple_assignment(x):
    y = x[0] * 1.0
    y[0], y[1] = y[1] * 2, y[0] * 3
    y[[1, 2]] = y[[2, 1]]
    return y


@right
def swapping_views(x):
    y = x * 1.0
    y[0], y[1] = y[1], y[0]  # the classic mistake: both rows end up equal
    return y


@right
def iterating_gives_views(x):
    y = x * 1.0
    for row in y:
        row *= row
    for row, other in zip(y, x, strict=True):
        row += other
    a, b = y
    a[0] = 7.0
    return y + b


@right
def iterating_scalars_does_not(x):
    y = x[0] * 1.0
    for v in y:
        v *= 2
    return y


@right
def objects_hold_scalars(x):
    a = np.empty(3, dtype=object)
    a[0], a[1], a[2] = x[0, 0], 2.0, x[1, 1] ** 2
    a += x[0]
    a *= 2
    return np.exp(a[0]) * a[1] + np.sum(a) + np.max(a) * x[0, 2]


@right
def objects_in_functions(x):
    a = np.array([x[0, 0], x[0, 1] ** 2, 3.0])
    total = np.sum(a * x[0]) + np.concatenate([a, x[0]]).sum() + np.where(a > 0, a, 0 * a).sum() + (a @ x.T).sum()
    y = x * 1.0
    y[0] = a
    return total + np.dot(a, a) + y.sum() + a.mean() + (np.abs(a) ** 2).sum() + np.stack([a, x[1]])[0, 1]


@right
def nested_lists_of_scalars(x):
    m = np.array([[x[0, 0], 1.0], [x[1, 1], x[0, 2] * x[1, 2]]])
    return (m @ m).sum() + m[0, 0] * m[1, 1] - m.T[0, 1] ** 2


@right
def lists_of_rows(x):
    return np.array([x[0], x[1] ** 2]).sum(axis=0) + np.array(list(x))[1] + np.asarray(x)[0]


@right
def a_list_meets_an_array(x):
    return [x[0, 0], 1.0, 2.0] * x[0] + x[1] * [x[1, 1], x[0, 1], 0.0]


@right
def plain_on_the_left(x):
    plain = np.array([1.0, 2.0, 3.0])
    return plain * x - plain / (3 + x) + plain @ x.T @ np.ones((2, 3)) + np.float64(2) ** x + np.float32(1.5) * x


@right
def augmented_assignment_of_a_number(x):
    s = 0
    s += x[0, 0]
    s -= x[1, 1] ** 2
    p = 1.0
    p *= x[0, 1]
    return s * p


@right
def a_closure_keeps_state_in_the_run(x):
    cache = {}

    def f(i):
        if i not in cache:
            cache[i] = x[0] * i if i < 2 else f(i - 1) * f(i - 2)
        return cache[i]

    return f(5)


@right
def contains_and_membership(x):
    return x[0] * (2 if 99.0 in x else 3) + (x[0] if (x != None).all() else 0)  # noqa: E711


@right
def text_of_a_value(x):
    text = f"{x[0, 0]:.3e} {x} {x!r} {np.array2string(x)} {x[0]}"
    return x * (1 if text else 2)


@right
def a_sum_with_a_constant_has_a_tangent_of_its_own(x):
    a, b, c, d = x + 1, 2 - x, x - 0.5, 1 + x
    a *= x
    b += x[0]
    c[0] = 0.0
    d.sort()
    e = +x
    e *= 0
    f, g = np.clip(x, -9, None), np.full_like(x, x)
    f *= 2
    g *= 3
    h = np.modf(x * x)[0]
    h += 1
    return x + a * b + c


@right
def a_power_of_one_is_the_matrix_itself(x):
    y = x[:, :2] * 1.0
    z = np.linalg.matrix_power(y, 1)
    z *= 2
    return y


@right
def views_of_uneven_layout(x):
    y = (x * (1 + 2j)).imag
    z = np.exp(x[:, ::2].T)[::-1]
    for a in (y, z):
        a.reshape(-1)[1] = x[0, 0]
        a.ravel("K")[0] = 3.0
        a.T[1] *= 2
    return y.sum() + z


@right
def infinity_replaced_in_place(x):
    """What is replaced does not move any more, though nothing new was made."""
    y = np.where(x > 0, np.inf, x) + x
    same = np.nan_to_num(y, copy=False, posinf=2.0)
    y[0, 2] *= 3
    return same


@right
def nan_replaced_in_a_view(x):
    y = x * 1.0
    y[1] *= np.array([1.0, np.nan, 1.0])
    np.nan_to_num(y[1], copy=False, nan=7.0)
    return y


@right
def complex_infinity_replaced_in_place(x):
    y = x + 0j
    y.imag[...] = np.where(x > 0, np.inf, x * x)
    np.nan_to_num(y, copy=False, posinf=1.0)
    return y.real * 2 + y.imag


@right
def the_input_is_modified(x):
    x *= 2
    x[0] = 1.0
    x.sort(axis=1)
    return x * x


@pytest.mark.parametrize("name", RIGHT)
def test_aliases_and_updates_are_right(name):
    x = X.copy()
    v = V.copy()
    result = forward(RIGHT[name], x, v)
    assert np.array_equal(x, X), "the caller's array changed"
    assert np.array_equal(v, V), "the caller's direction changed"
    expected = slope(lambda x: RIGHT[name](x.copy()), X, V)
    scale = np.maximum(1, np.abs(expected))
    if name in ("views_of_uneven_layout", "plain_on_the_left", "ufunc_where_keeps_out", "result_in_fortran_order", "broadcasting_update",
                "objects_hold_scalars"):  # fmt: skip
        scale = scale * 2e4  # not a polynomial: one extrapolation leaves an error of order h^4
    assert np.all(np.abs(result.tangent - expected) <= 1e-11 * scale), (result.tangent, expected)


# ------------------------------------------------------------------ programs drawn at random
indices = st.sampled_from([
    (0,), (slice(None), 1), (slice(None, None, -1),), (slice(None), slice(1, None)), ([0, 0],), (Ellipsis, [2, 0, 2]), (None,),
    (slice(0, 1),), (Ellipsis, 0),
])  # fmt: skip
moves = st.sampled_from(["T", "ravel", "reshape", "ravel F", "copy", "flip", "swapaxes", "squeeze", "flatten", "real"])
updates = st.sampled_from(["add", "multiply", "set", "set number", "negative", "add.at", "sort", "flat", "copyto", "where"])
statements = st.lists(
    st.one_of(
        st.tuples(st.just("index"), st.integers(0, 9), indices),
        st.tuples(st.just("move"), st.integers(0, 9), moves),
        st.tuples(st.just("update"), st.integers(0, 9), updates, st.integers(0, 9)),
        st.tuples(st.just("shift"), st.integers(0, 9), st.sampled_from(["x + 1", "1 - x", "+x", "x * 2", "where", "float"])),
        st.tuples(st.just("binary"), st.integers(0, 9), st.sampled_from(["add", "multiply"]), st.integers(0, 9)),
    ),
    min_size=3,
    max_size=12,
)


def execute(program, x):
    """Run a drawn program on any array: names are taken modulo what there is, and what does not fit is passed over."""
    arrays = [x]
    for kind, i, *rest in program:
        a = arrays[i % len(arrays)]
        if kind == "index" and np.ndim(a) >= 1:
            try:
                arrays.append(a[rest[0]])
            except IndexError:
                continue
        elif kind == "move" and np.ndim(a) >= 1:
            moved = {
                "T": lambda a: a.T, "ravel": lambda a: a.ravel(), "reshape": lambda a: a.reshape(-1), "ravel F": lambda a: a.ravel("F"),
                "copy": lambda a: a.copy(), "flip": np.flip, "swapaxes": lambda a: np.swapaxes(a, 0, -1), "squeeze": np.squeeze,
                "flatten": lambda a: a.flatten("F"), "real": lambda a: a.real,
            }  # fmt: skip
            arrays.append(moved[rest[0]](a))
        elif kind == "update" and np.ndim(a) >= 1 and np.size(a):
            update(a, rest[0], arrays[rest[1] % len(arrays)])
        elif kind == "shift":
            shifted = {"x + 1": lambda a: a + 1, "1 - x": lambda a: 1 - a, "+x": lambda a: +a, "x * 2": lambda a: a * 2,
                       "where": lambda a: np.where(a > 9, 1.0, a), "float": lambda a: a.astype(float)}  # fmt: skip
            arrays.append(shifted[rest[0]](a))
        elif kind == "binary":
            b = arrays[rest[1] % len(arrays)]
            if np.shape(a) == np.shape(b):
                arrays.append(getattr(np, rest[0])(a, b) * 0.5)
    return np.concatenate([np.ravel(a) for a in arrays])


def update(a, how, b):
    fits = np.shape(b) in ((), np.shape(a))
    if how == "add" and fits:
        a += b
    elif how == "multiply" and fits:
        a *= b
        a *= 0.5
    elif how == "set" and fits:
        a[...] = b
    elif how == "set number":
        a[0] = 0.75
    elif how == "negative":
        np.negative(a, out=a)
    elif how == "add.at" and np.ndim(a) == 1 and np.ndim(b) == 1 and np.size(b) >= 2:
        np.add.at(a, [0, 0], b[:2])
    elif how == "sort":
        a.sort(axis=-1)
    elif how == "flat":
        a.flat[0] = b if np.ndim(b) == 0 else b.flat[0]
    elif how == "copyto" and fits:
        np.copyto(a, b, where=(np.arange(np.size(a)) % 2 == 0).reshape(np.shape(a)))
    elif how == "where" and np.shape(a) == np.shape(b):
        a[...] = np.where(a > b, a, b * 0.5)


@given(program=statements)
def test_random_programs_of_views_and_updates(program):
    note(program)
    try:
        expected_value = execute(program, X.copy())
    except ValueError:  # a read-only view was to be written
        with pytest.raises(ValueError, match="read-only"):
            forward(lambda x: execute(program, x))
        return
    result = forward(lambda x: execute(program, x))
    assert np.array_equal(result.value, expected_value)
    assume(np.max(np.abs(expected_value)) < 1e3)  # beyond, differences tell nothing
    if result.kinks:  # equal entries were sorted or compared: not the derivative, and said so
        return
    # The programs are polynomials between kinks; a complex step differentiates them without cancellation, but sort and
    # comparison need reals: so differences, at two steps, of which neither may straddle a kink.
    steps = [2.0**-12, 2.0**-14, 2.0**-16]
    slopes = [
        (execute(program, X + h * V) - execute(program, X - h * V)) / (2 * h) for h in steps
    ]
    best = (4 * slopes[1] - slopes[0]) / 3, (16 * slopes[2] - slopes[1]) / 15
    size = max(1, np.max(np.abs(expected_value)))
    bar = np.abs(slopes[1] - slopes[2]) + 64 * 2**-52 * size / steps[2]
    assert np.all(np.abs(result.tangent - best[1]) <= 4 * bar), (result.tangent, best)


def test_a_wrong_alias_would_be_seen(monkeypatch):
    """The comparison of aliases can fail: let basic indexing copy its tangents."""
    original = DualArray.__getitem__

    def copying(self, key):
        part = original(self, key)
        return DualArray(part.run, part.value, np.array(part.tangent)) if np.ndim(part.value) else part

    monkeypatch.setattr(DualArray, "__getitem__", copying)
    result = forward(RIGHT["write_through_a_view"])
    assert not np.allclose(result.tangent, slope(lambda x: RIGHT["write_through_a_view"](x.copy()), X, V))


def test_every_pair_of_views_stays_in_step():
    """Whatever is a view of the value is a view of the tangent, for all layouts at hand."""
    seen = 0

    def fun(x):
        nonlocal seen
        layouts = [x, x.T, x[::-1], np.exp(x.T), x[:, ::2], np.add(x.T, x.T), x.copy("F"), np.where(x.T > 0, x.T, 0)]
        moves = [np.ravel, lambda a: a.reshape(-1), lambda a: a.ravel("F"), lambda a: a.reshape(-1, order="F"), np.transpose,
                 lambda a: a.ravel("K"), np.squeeze, lambda a: a[1:], lambda a: np.copy(a)]  # fmt: skip
        for a, move in itertools.product(layouts, moves):
            b = move(a)
            assert np.shares_memory(a.value, b.value) == np.shares_memory(a.tangent, b.tangent)
            assert b.value.strides == b.tangent.strides
            seen += 1
        return x

    derivative(lambda leaves: fun(leaves[0]) if isinstance(leaves[0], DualArray) else leaves[0], [X], [V])
    assert seen == 72
