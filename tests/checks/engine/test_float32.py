"""x0 in float32, fun in float64: the last digit of x is the noise of fun, and fun alone does not show it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import gradcheck
from checks.engine.problem import Problem
from checks.engine.slopes import FiniteDifferences
from tests.effort import costly


def widened_linear(seed, factor=1.0):
    rng = np.random.default_rng(seed)
    W, U = rng.standard_normal((3, 4)), rng.standard_normal((5, 4))
    x0 = rng.standard_normal((5, 3)).astype(np.float32)

    def fun(x):
        return np.sum((x.astype(np.float64) @ W) * U)

    def grad(x):
        g = U @ W.T
        g[1] *= factor
        return g.astype(np.float32)

    return gradcheck(fun, grad, x0, method="finite differences", raise_exception=False)


@pytest.mark.parametrize("seed", [3, 8, 23, 26])
def test_linear(seed):
    assert widened_linear(seed).verdict == "PASS"
    wrong = widened_linear(seed, 1.1)
    assert wrong.verdict == "FAIL"
    assert "row 1" in str(wrong)


@costly
@given(st.integers(0, 2**32))
def test_any_linear(seed):
    assert widened_linear(seed).verdict in ("PASS", "INCONCLUSIVE")
    assert widened_linear(seed, -1).verdict in ("FAIL", "INCONCLUSIVE")


@costly
@given(st.integers(0, 2**32))
def test_squares_of_any_size(seed):
    rng = np.random.default_rng(seed)
    x0 = (10 ** rng.uniform(-3, 3) * rng.standard_normal(9)).astype(np.float32)
    for factor, verdicts in ((2, ("PASS", "INCONCLUSIVE")), (2.1, ("FAIL",))):
        found = gradcheck(
            lambda x: np.sum(x.astype(np.float64) ** 2),
            lambda x, factor=factor: np.float32(factor) * x,
            x0, method="finite differences", raise_exception=False,
        )  # fmt: skip
        assert found.verdict in verdicts


def batch_norm_bias(seed, change):
    """A bias that the mean takes away again: its gradient is zero, and in float32 it is rounding."""
    rng = np.random.default_rng(seed)
    X, y = (rng.standard_normal((16, n)).astype(np.float32) for n in (5, 4))
    x0 = {
        "W": rng.standard_normal((5, 4)).astype(np.float32),
        "b": rng.standard_normal(4).astype(np.float32),
    }

    def normalised(p):
        z = X @ p["W"] + p["b"]
        deviation = np.sqrt(z.var(axis=0) + np.float32(1e-5))
        return (z - z.mean(axis=0)) / deviation, deviation

    def fun(p):
        return np.sum((normalised(p)[0] - y) ** 2)

    def grad(p):
        h, deviation = normalised(p)
        d = 2 * (h - y)
        delta = (d - d.mean(axis=0) - h * (d * h).mean(axis=0)) / deviation
        return {"W": X.T @ delta, "b": change(delta.sum(axis=0), d.sum(axis=0))}

    return gradcheck(fun, grad, x0, raise_exception=False)


@pytest.mark.parametrize("seed", range(5))
def test_a_gradient_that_vanishes(seed):
    assert batch_norm_bias(seed, lambda b, d: b).verdict == "PASS"
    assert batch_norm_bias(seed, lambda b, d: 0 * b).verdict == "PASS"
    wrong = batch_norm_bias(seed, lambda b, d: b + d / 10)
    assert wrong.verdict == "FAIL"
    assert [row.path for row in wrong.leaves if row.verdict == "FAIL"] == ["b"]


def test_a_direction_of_zeros_has_slope_zero():
    """Halving a direction may leave nothing but zeros."""
    x0 = np.ones(3, np.float32)
    problem = Problem(lambda x: np.sum(x**2), lambda x: 2 * x, x0)
    slopes = FiniteDifferences(problem, [x0], 3.0, 0.0, np.random.default_rng(0))
    assert slopes.along(0, np.zeros(3, np.float32)).value == 0
