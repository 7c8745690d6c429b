"""`.flat` and `.dtype` of a dual array behave as NumPy's, and the tangent goes with them."""

import numpy as np
import pytest

from checks.oracles.forward_mode import derivative

X = np.array([[0.5, -1.5], [2.0, 0.25]])
V = np.array([[1.0, 0.5], [-2.0, 3.0]])

FLAT = {
    "read": (lambda x: x.flat[1] * x.flat[2], X[0, 1] * V[1, 0] + X[1, 0] * V[0, 1]),
    "counted": (lambda x: x[0, 0] * len(x.flat), 4 * V[0, 0]),
    "walked through": (lambda x: sum(v**2 for v in x.flat), np.sum(2 * X * V)),
    "as an array": (lambda x: np.sum(np.asarray(x.flat) ** 2), np.sum(2 * X * V)),
    "sliced": (lambda x: np.sum(x.flat[1:3]), V[0, 1] + V[1, 0]),
}
# A run may be repeated in float32, to see how far rounding goes: so no dtype is named here.
DTYPE = {
    "equal to NumPy's": lambda d: d == np.dtype(d.name),
    "equal to itself": lambda d, e=None: d == d,
    "no other": lambda d: d != np.int64,
    "a key": lambda d: {np.dtype(d.name): True}[d],
    "its kind": lambda d: d.kind == "f",
    "its size": lambda d: d.itemsize == np.dtype(d.name).itemsize,
    "as text": lambda d: (str(d), repr(d)) == (d.name, f"dtype('{d.name}')"),
    "of a plain number": lambda d: d.type(2) == 2.0 and d.type(2).dtype == d,
}


@pytest.mark.parametrize("what", FLAT)
def test_flat(what):
    fun, slope = FLAT[what]
    assert derivative(lambda leaves: fun(leaves[0]), [X], [V]).tangent == pytest.approx(slope, rel=1e-14)
    assert fun(X) == pytest.approx(fun(X.copy()))


def test_what_is_written_through_flat_moves():
    def fun(leaves):
        y = leaves[0].copy()
        y.flat[0] = y[1, 1] ** 2
        y.flat[3] = 7.0
        return np.sum(y)

    slope = V[0, 1] + V[1, 0] + 2 * X[1, 1] * V[1, 1]
    assert derivative(fun, [X], [V]).tangent == pytest.approx(slope, rel=1e-14)


@pytest.mark.parametrize("what", DTYPE)
def test_the_dtype_of_a_scalar(what):
    said = []

    def fun(leaves):
        total = leaves[0].sum()
        said.append(DTYPE[what](total.dtype))
        return total

    derivative(fun, [X], [V])
    assert said == [True] * len(said)
    assert said


def test_a_dual_is_cast_with_its_tangent():
    """The mean of an object array ends so: the tangent must not be dropped."""

    def fun(leaves):
        total = leaves[0].sum()
        return total.dtype.type(total / 4)

    assert derivative(fun, [X], [V]).tangent == pytest.approx(np.mean(V), rel=1e-14)
