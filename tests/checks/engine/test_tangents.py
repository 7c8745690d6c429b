"""Jacobian-vector products: linear, in all leaves at once, and no promise but what directions can keep."""

import math

import numpy as np
import pytest
from hypothesis import settings

from checks import GradientMismatch, jvpcheck
from tests.effort import one_in

RNG = np.random.default_rng(11)
X = RNG.standard_normal(4)
A = RNG.standard_normal((3, 40))


def bilinear(p):
    return p["a"] * p["b"]


def product(p, v):
    return v["a"] * p["b"] + p["a"] * v["b"]


PAIR = {"a": X, "b": 1 + X}
NOT_LINEAR = {
    "magnitude": (np.tanh, lambda x, v: np.abs((1 - np.tanh(x) ** 2) * v), X),
    "positive part": (np.tanh, lambda x, v: (1 - np.tanh(x) ** 2) * np.maximum(v, 0), X),
    "a difference for a differential": (bilinear, lambda p, v: product(p, v) + v["a"] * v["b"], PAIR),
    "along axes only": (
        lambda x: x[0] * x[1:], lambda x, v: v[0] * x[1:] + x[0] * v[1:] + v[0] * v[1:] * np.sign(v[0]), X,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_LINEAR)
def test_a_product_that_is_not_linear_fails(name):
    fun, jvp, x0 = NOT_LINEAR[name]
    with pytest.raises(GradientMismatch):
        jvpcheck(fun, jvp, x0)


def test_and_the_linear_ones_pass():
    assert jvpcheck(np.tanh, lambda x, v: (1 - np.tanh(x) ** 2) * v, X)
    assert jvpcheck(bilinear, product, PAIR)
    assert jvpcheck(lambda x: x[0] * x[1:], lambda x, v: v[0] * x[1:] + x[0] * v[1:], X)


@pytest.mark.parametrize("size", [1e-150, 1e-4, 1e4, 1e150])
def test_of_any_size_and_a_list_will_do(size):
    x0 = size * X

    def fun(x):
        return np.sin(x / size)

    assert jvpcheck(fun, lambda x, v: list(np.cos(x / size) * v / size), x0, thorough=True)
    for thorough in (False, True):
        with pytest.raises(GradientMismatch):
            jvpcheck(fun, lambda x, v: 1.001 * np.cos(x / size) * v / size, x0, thorough=thorough)


def curved(x):
    return np.sin(A @ x)


def slope(x, v):
    return np.cos(A @ x) * (A @ v)


@pytest.mark.parametrize("directions", [1, 5])
def test_the_promise_is_kept(directions):
    """An error of the stated size, relative to the norm of u^T J, fixed before the directions are drawn."""
    x0 = RNG.standard_normal(40)
    size = np.maximum(np.abs(x0), math.sqrt(np.mean(x0**2)))
    options = {"directions": directions, "method": "finite differences", "raise_exception": False}
    missed, trials = 0, one_in(2, range(8 * max(1, settings.default.max_examples // 100)))
    for trial in trials:
        report = jvpcheck(curved, slope, x0, rng=trial, **options)
        (row,) = [row for row in report.leaves if row.path == "x0"]
        assert (row.shape, row.probability) == ((40,), 0.99)
        u = np.random.default_rng(trial).standard_normal(3)
        error = np.random.default_rng(1000 + trial).standard_normal(40)
        norm = float(np.linalg.norm(size * (u * np.cos(A @ x0) @ A)))
        error *= 2 * row.resolution * norm / np.linalg.norm(size * error)

        def wrong(x, v, error=error, u=u):
            return slope(x, v) + u / (u @ u) * (error @ v)

        missed += bool(jvpcheck(curved, wrong, x0, rng=trial, **options))
    assert missed <= min(3, len(trials) // 4), f"{missed} of {len(trials)}"  # one in a hundred is expected


def test_thorough_looks_at_every_column_and_is_certain():
    x0 = RNG.standard_normal(40)
    report = jvpcheck(curved, slope, x0, thorough=True)
    assert report.probability == 1.0
    assert report.checked == 41

    def wrong(x, v):
        return slope(x, v) + 1e-9 * v[17]

    with pytest.raises(GradientMismatch, match=r"x0\[17\]"):
        jvpcheck(curved, wrong, x0, thorough=True)


def test_wrong_columns_are_named_by_their_place_in_x0_in_its_own_units():
    x0 = 100 * RNG.standard_normal((2, 3))
    C = RNG.standard_normal((2, 3))

    def fun(x):
        return np.array([np.sum(C * x), 1.0 * x[0, 0]])

    def jvp(x, v):
        w = C.copy()
        w[1, 2] += 1
        return np.array([np.sum(w * v), v[0, 0]])

    report = jvpcheck(fun, jvp, x0, raise_exception=False)
    (entry,) = report.wrong
    assert (entry.path, entry.index) == ("x0", (1, 2))
    u = np.random.default_rng(0).standard_normal(2)
    assert entry.analytic - entry.numerical == pytest.approx(u[0], rel=1e-9)


@pytest.mark.parametrize(
    ("jvp", "error", "words"),
    [
        (lambda x, v: v * np.nan, ValueError, "the result of jvp must be finite at x0"),
        (lambda x, v: v[:2], ValueError, r"the result of jvp must have the shape of fun\(x0\), \(4,\)"),
        (lambda x, v: None, TypeError, r"the result of jvp must be an array .* for fun\(x0\)"),
    ],
)
def test_a_result_that_is_none_names_the_jvp(jvp, error, words):
    with pytest.raises(error, match=words):
        jvpcheck(np.sin, jvp, X)
