"""A float32 term beside a float64 one: from close up the first stands on one stair, and the other moves."""

import numpy as np
import pytest

from checks import gradcheck
from checks.oracles.noise import noise_of

SEEDS = range(20)


def function(x):
    """As a conversion of an array writes it, which forward mode does not follow."""
    return np.sum(x**3) + np.sum(np.float32(x) ** 2)


def listed(x):
    """As a list of numbers writes it, which nothing but differences can follow."""
    return float(np.sum(x**3) + np.sum(np.array([float(v) for v in x]).astype(np.float32) ** 2))


def verdicts(fun, grad, n):
    points = [np.random.default_rng(seed).standard_normal(n) for seed in SEEDS]
    return {str(gradcheck(fun, grad, x0, raise_exception=False).verdict) for x0 in points}


@pytest.mark.parametrize("fun", [function, listed])
@pytest.mark.parametrize("n", [3, 30])
def test_the_right_gradient_passes_and_one_without_the_term_does_not(fun, n):
    assert verdicts(fun, lambda x: 3 * x**2 + 2 * x, n) == {"PASS"}
    assert not verdicts(fun, lambda x: 3 * x**2, n) & {"PASS", "KINK"}
    assert verdicts(fun, lambda x: 3.3 * x**2 + 2.2 * x, n) == {"FAIL"}


@pytest.mark.parametrize("method", ["auto", "finite differences"])
def test_a_float32_layer_in_a_float64_network(method):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X, x0 = rng.standard_normal((20, 5)), {"W": rng.standard_normal((5, 3)), "b": rng.standard_normal(3)}

        def loss(p, X=X):
            hidden = np.tanh(X.astype(np.float32) @ np.asarray(p["W"], dtype=np.float32))
            return np.mean((hidden.astype(np.float64) + p["b"]) ** 2)

        def grad(p, X=X, times=1.0):
            a = np.tanh(X @ p["W"])
            delta = 2 * (a + p["b"]) / a.size
            return {"W": times * X.T @ (delta * (1 - a**2)), "b": delta.sum(axis=0)}

        assert gradcheck(loss, grad, x0, method=method).verdict == "PASS"
        wrong = gradcheck(
            loss, lambda p, grad=grad: grad(p, times=1.1), x0, method=method, raise_exception=False
        )
        assert wrong.verdict == "FAIL"


def test_stairs_are_heard_where_something_else_moves():
    """Their height is heard as the noise of the values; without them there is hardly any."""
    for seed in SEEDS:
        x, v = np.random.default_rng(seed).standard_normal((2, 30))
        heard, _ = noise_of(lambda t, x=x, v=v: float(function(x + t * v)))
        smooth, _ = noise_of(lambda t, x=x, v=v: float(np.sum((x + t * v) ** 3 + (x + t * v) ** 2)))
        assert heard > 1e-8
        assert smooth < 1e-12


def test_what_is_steep_close_by_is_no_staircase():
    """A logarithm a hundred-millionth from its pole is rough over a millionth, and smooth closer by."""
    heard, _ = noise_of(lambda t: float(np.log(1e-8 + t)))
    assert heard < 1e-12
