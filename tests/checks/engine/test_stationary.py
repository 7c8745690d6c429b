"""Where the gradient is zero, zeros are right: a second look beside x0 tells code from zeros."""

import math

import numpy as np
import pytest

from checks import GradientInconclusive, GradientMismatch, gradcheck

X0 = np.array([1.0, 2.0, 3.0])
RNG = np.random.default_rng(7)


def squares(x):
    return float(np.sum((x - X0) ** 2))


def right(x):
    return 2 * (x - X0)


def only_at_x0(otherwise):
    """A gradient that is right at x0 and can be had nowhere else."""

    def grad(x):
        return right(x) if np.array_equal(x, X0) else otherwise(x)

    return grad


def raises(x):
    raise ValueError("singular matrix")


@pytest.mark.parametrize(
    ("otherwise", "words"),
    [
        (
            lambda x: np.full(3, np.nan),
            r"grad is not finite \(x0\[0\] is nan\) beside x0, where fun is",
        ),
        (raises, r"grad raised ValueError \(singular matrix\) beside x0, where fun is finite"),
    ],
)
def test_a_gradient_that_can_be_had_at_a_stationary_x0_alone_does_not_pass(otherwise, words):
    with pytest.raises(GradientInconclusive, match=words) as caught:
        gradcheck(squares, only_at_x0(otherwise), X0)
    assert "try an x0 where the gradient is not zero" in str(caught.value)


def test_where_x0_is_not_stationary_it_does_and_the_report_says_so():
    report = gradcheck(
        lambda x: float(np.sum(x**2)), lambda x: 2 * x if np.array_equal(x, X0) else np.full(3, np.nan), X0
    )
    assert report
    assert "grad is not finite (x0[0] is nan) beside x0" in str(report)


@pytest.mark.parametrize("radius", [1e-3, 1e-5])
def test_a_small_domain_is_looked_at_inside(radius):
    def inside(x):
        return squares(x) if np.max(np.abs(x - X0)) < radius else math.nan

    assert gradcheck(inside, right, X0)
    with pytest.raises(GradientMismatch, match="beside x0"):
        gradcheck(inside, np.zeros_like, X0)


def test_a_few_bad_points_beside_x0_do_not_matter():
    calls = []

    def grad(x):
        calls.append(x)
        return np.full(3, np.nan) if len(calls) == 3 else right(x)

    assert gradcheck(squares, grad, X0)
    calls.clear()
    with pytest.raises(GradientMismatch):
        gradcheck(squares, lambda x: 0 * grad(x), X0)


def test_a_plateau_is_left_behind():
    def fun(x):
        return float(np.sum(np.exp(-1 / np.maximum(x**2, 1e-300))))

    def grad(x):
        x2 = np.maximum(x**2, 1e-300)
        return 2 / np.maximum(np.abs(x), 1e-100) ** 3 * np.sign(x) * np.exp(-1 / x2)

    assert gradcheck(fun, grad, np.zeros(3))
    with pytest.raises(GradientMismatch):
        gradcheck(fun, np.zeros_like, np.zeros(3))
    assert gradcheck(lambda x: 3.0, np.zeros_like, X0)


INPUTS, TARGETS = RNG.standard_normal((4, 6)), RNG.standard_normal((3, 6))
ZERO_INITIALISED = {"W1": RNG.standard_normal((5, 4)), "W2": np.zeros((3, 5))}


def loss(p):
    return 0.5 * np.sum((p["W2"] @ np.tanh(p["W1"] @ INPUTS) - TARGETS) ** 2)


def gradient(p, factor=1.0):
    a = np.tanh(p["W1"] @ INPUTS)
    delta = p["W2"] @ a - TARGETS
    return {"W1": factor * ((p["W2"].T @ delta * (1 - a**2)) @ INPUTS.T), "W2": delta @ a.T}


@pytest.mark.parametrize("method", ["auto", "finite differences"])
@pytest.mark.parametrize("factor", [0.0, 2.0, -1.0])
def test_a_leaf_that_is_zero_for_a_last_layer_of_zeros_is_looked_at_again(method, factor):
    assert gradcheck(loss, gradient, ZERO_INITIALISED, method=method)
    with pytest.raises(GradientMismatch) as caught:
        gradcheck(loss, lambda p: gradient(p, factor), ZERO_INITIALISED, method=method)
    report = caught.value.report
    assert {row.path: str(row.verdict) for row in report.leaves} == {"W1": "FAIL", "W2": "PASS"}
    assert "beside x0" in str(report)


def test_figures_from_beside_x0_are_not_told_as_lines_to_run_at_x0():
    with pytest.raises(GradientMismatch) as caught:
        gradcheck(squares, np.zeros_like, X0)
    assert "by hand" not in caught.value.report.reproducer
    with pytest.raises(GradientMismatch) as caught:
        gradcheck(squares, np.zeros_like, X0 + 1)
    assert "by hand" in caught.value.report.reproducer


@pytest.mark.parametrize("seed", [36, 93, 182, 238])
def test_a_point_where_everything_underflows_tells_nothing(seed):
    rng = np.random.default_rng(seed)
    A, x0 = 1e3 * rng.standard_normal((4, 3)), rng.standard_normal(3) / 20

    def fun(x):
        return float(np.sum(np.exp(-((A @ x) ** 2)) ** 2))

    def grad(x):
        z = A @ x
        return A.T @ (-4 * z * np.exp(-(z**2)) ** 2)

    assert gradcheck(fun, grad, x0, method="finite differences")
