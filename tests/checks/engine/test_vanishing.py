"""A gradient far below the size of fun: judged by its own norm or not at all, and rounding not accused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import gradcheck
from tests.effort import costly

SIZES = st.floats(-6, -3).map(lambda exponent: 10.0**exponent)


def verdict(fun, grad, x0, **keywords):
    return gradcheck(fun, grad, x0, raise_exception=False, **keywords).verdict


def small_network(seed, size):
    """Three layers of small weights: what W moves is the product of the other two."""
    rng = np.random.default_rng(seed)
    x0 = {name: size * rng.standard_normal((3, 3)) for name in "WVU"}
    data, target = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))

    def fun(p):
        return np.sum((p["U"] @ np.tanh(p["V"] @ np.tanh(p["W"] @ data)) - target) ** 2) / 2

    def grad(p, turned=False):
        a = np.tanh(p["W"] @ data)
        b = np.tanh(p["V"] @ a)
        delta = p["U"] @ b - target
        at_b = p["U"].T @ delta * (1 - b * b)
        at_a = (p["V"] if turned else p["V"].T) @ at_b * (1 - a * a)
        return {"W": at_a @ data.T, "V": at_b @ a.T, "U": delta @ b.T}

    return fun, grad, x0


@costly
@given(st.integers(0, 2**32), SIZES)
def test_right_passes_and_a_missing_transpose_fails(seed, size):
    fun, grad, x0 = small_network(seed, size)
    assert verdict(fun, grad, x0) == "PASS"
    assert verdict(fun, lambda p: grad(p, turned=True), x0) == "FAIL"


@costly
@given(st.integers(0, 2**32), SIZES)
def test_differences_pass_no_missing_transpose(seed, size):
    fun, grad, x0 = small_network(seed, size)
    assert verdict(fun, grad, x0, method="finite differences") != "FAIL"
    assert verdict(fun, lambda p: grad(p, turned=True), x0, method="finite differences") != "PASS"


@pytest.mark.parametrize("z", [17.0, 21.3, 25.0])
def test_what_cancels_is_not_called_float32(z):
    """1 - sigmoid(z) has few digits left, and so happens to be a float32 number."""

    def sigmoid(t):
        return 1 / (1 + np.exp(-t))

    x0 = np.array([z])
    assert verdict(lambda x: np.sum(np.log1p(np.exp(-x))), lambda x: sigmoid(x) - 1, x0) in (
        "PASS",
        "INCONCLUSIVE",
    )
    assert verdict(lambda x: np.sum(np.log1p(np.exp(-x))), lambda x: 1.1 * (sigmoid(x) - 1), x0) == "FAIL"


@pytest.mark.parametrize("method", ["auto", "finite differences"])
def test_values_that_cannot_move_do_not_deny_a_slope_below_their_last_digit(method):
    def fun(x):
        return float((np.tanh(x).sum() + 1e5) - 1e5)

    x0 = np.array([14.0, 15.0])
    assert verdict(fun, lambda x: 1 / np.cosh(x) ** 2, x0, method=method) in ("PASS", "INCONCLUSIVE")
    assert verdict(fun, lambda x: 1e-3 / np.cosh(x / 9) ** 2, x0, method=method) == "FAIL"


@pytest.mark.parametrize("z", [30.0, 300.0, 365.0, 700.0])
def test_a_saturated_slope_that_underflows_is_rounding(z):
    """a (1 - a) is 0 or denormal where f' is 1e-13 to 1e-304: right as far as floating point goes."""

    def sigmoid(t):
        return 1 / (1 + np.exp(-t))

    def fun(x):
        return 1e3 + np.sum(sigmoid(x) * np.exp(-z / 2)) + x[0]

    def grad(x, first=1.0):
        a = sigmoid(x)
        return a * (1 - a) * np.exp(-z / 2) + np.array([first, 0.0, 0.0])

    x0 = np.array([1.0, -z, z])
    assert verdict(fun, grad, x0) in ("PASS", "INCONCLUSIVE")
    assert verdict(fun, lambda x: grad(x, 1.1), x0) == "FAIL"
