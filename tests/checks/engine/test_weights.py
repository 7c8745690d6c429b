"""Outputs of wildly different size: a mistake in the row of the smallest is found, and no noise blown up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import hesscheck, hvpcheck, jaccheck, jvpcheck, vjpcheck
from checks.engine.outputs import Outputs
from checks.engine.tree import Tree
from tests.effort import costly, one_in

RNG = np.random.default_rng(5)
W = RNG.standard_normal((5, 4))
X = RNG.standard_normal(4)
METHODS = ["auto", "finite differences", "complex step"]


def layer(sizes):
    """Five outputs of these sizes, and their Jacobian times a factor a row."""

    def fun(x):
        return sizes * np.tanh(W @ x)

    def jac(x, factors=1.0):
        return (factors * sizes * (1 - np.tanh(W @ x) ** 2))[:, None] * W

    return fun, jac


def looks(fun, jac, x0, **keywords):
    """The verdicts of all checks that take a function of several results."""
    keywords = {"raise_exception": False, **keywords}
    return {
        str(report.verdict)
        for report in (
            vjpcheck(fun, lambda x, u: jac(x).T @ u, x0, **keywords),
            jvpcheck(fun, lambda x, v: jac(x) @ v, x0, **keywords),
            jaccheck(fun, jac, x0, **keywords),
        )
    }


def one_wrong(row, by=1.01):
    factors = np.ones(5)
    factors[row] = by
    return factors


SIZES = np.array([1.0, 1e-15, 1e-4, 1e-100, 1e30])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("row", one_in(2, range(5)))
def test_a_wrong_row_of_any_size_fails(method, row):
    fun, jac = layer(SIZES)
    assert looks(fun, jac, X, method=method) == {"PASS"}
    assert looks(fun, lambda x: jac(x, one_wrong(row)), X, method=method) == {"FAIL"}


@costly
@given(
    st.lists(st.integers(-60, 60), min_size=5, max_size=5), st.integers(0, 4), st.sampled_from(METHODS[:2])
)
def test_for_sizes_that_hypothesis_draws(exponents, row, method):
    fun, jac = layer(10.0 ** np.array(exponents))
    assert looks(fun, jac, X, method=method) == {"PASS"}
    assert looks(fun, lambda x: jac(x, one_wrong(row)), X, method=method) == {"FAIL"}


def test_the_row_is_named():
    fun, jac = layer(SIZES)
    for row in range(5):
        report = jaccheck(fun, lambda x, row=row: jac(x, one_wrong(row)), X, raise_exception=False)
        assert {entry.index[0] for entry in report.wrong} == {row}


def test_float32():
    fun, jac = layer(np.array([1.0, 1e-15, 1e-4, 1e-9, 1.0], np.float32))
    x0, single = X.astype(np.float32), lambda row: one_wrong(row, 1.1).astype(np.float32)
    assert looks(fun, lambda x: jac(x).astype(np.float32), x0) == {"PASS"}
    for row in one_in(2, range(5)):
        wrong = lambda x, row=row: jac(x, single(row)).astype(np.float32)  # noqa: E731
        assert looks(fun, wrong, x0) == {"FAIL"}


def test_results_in_containers():
    def fun(x):
        return {"large": 1e8 * np.sin(x), "small": [1e-9 * np.sum(x**2)]}

    def vjp(x, u, factor=1.0):
        return 1e8 * np.cos(x) * u["large"] + factor * 2e-9 * x * u["small"][0]

    assert vjpcheck(fun, vjp, X)
    assert not vjpcheck(fun, lambda x, u: vjp(x, u, 1.01), X, raise_exception=False)


SPREAD = np.array([1.0, 1e-9, 1e6, 1e-30])
COUPLED = SPREAD[:, None] * (np.eye(4) + 0.1) * SPREAD


def grad(x):
    return COUPLED @ x + SPREAD**2 * np.sin(x)


def hess(x, factors=1.0):
    return factors * (COUPLED + np.diag(SPREAD**2 * np.cos(x)))


@pytest.mark.parametrize("method", METHODS)
def test_a_hessian_of_variables_of_different_size(method):
    assert hesscheck(grad, hess, X, method=method)
    assert hvpcheck(grad, lambda x, v: hess(x) @ v, X, method=method)
    for row in range(4):
        factors = one_wrong(row)[:4, None]
        assert not hesscheck(grad, lambda x, f=factors: hess(x, f), X, method=method, raise_exception=False)
        assert not hvpcheck(
            grad, lambda x, v, f=factors: hess(x, f).T @ v, X, method=method, raise_exception=False
        )


ONE_ROW = np.eye(3)[:, :1] * np.ones(4)
CONSTANT = {
    "all of them": (lambda x: np.ones(3), np.zeros((3, 4))),
    "nothing but zeros": (lambda x: np.zeros(3), np.zeros((3, 4))),
    "one is": (lambda x: np.stack([np.sum(x), 5.0 + 0 * x[0], 0 * x[0]]), ONE_ROW),
    "a large one": (lambda x: np.stack([np.sum(x), 1e15 + 0 * x[0], 0 * x[0]]), ONE_ROW),
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS[:2])
@pytest.mark.parametrize("name", CONSTANT)
def test_outputs_that_do_not_depend_on_x(name, method):
    fun, J = CONSTANT[name]
    drowns = name == "a large one" and method == "finite differences"  # the others, in its last digit
    assert looks(fun, lambda x: J, X, method=method) == {"INCONCLUSIVE" if drowns else "PASS"}
    for row in one_in(3, range(3)):
        wrong = J + 0.01 * max(1, *np.abs(fun(X))) * (np.arange(3) == row)[:, None]
        assert "PASS" not in looks(fun, lambda x, wrong=wrong: wrong, X, method=method)


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def rounding_left_over(x):
    return np.stack([x[0] ** 2, softmax(x).sum() - 1, x[1] * 0.1 * 10 - x[1], 1e-20 * np.sin(x[2])])


def its_jacobian(x):
    J = np.zeros((4, 4))
    J[0, 0], J[3, 2] = 2 * x[0], 1e-20 * np.cos(x[2])
    J[1] = np.ones(4) @ (np.diag(softmax(x)) - np.outer(softmax(x), softmax(x)))
    return J


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_of_rounding_is_not_blown_up(method, seed):
    x0 = X * (1 + seed / 10)
    assert looks(rounding_left_over, its_jacobian, x0, method=method, rng=seed) == {"PASS"}
    (weights,) = Outputs(rounding_left_over, Tree(x0), np.random.default_rng(seed)).weights
    assert list(weights[:3]) == [1, 1, 1]
    assert weights[3] > 1e15


@pytest.mark.parametrize("steepness", [4, 8, 12, 16, 20, 40])
@pytest.mark.parametrize("seed", [2, 11])
def test_saturated_units_are_no_larger_than_their_digits_allow(steepness, seed):
    x0 = np.random.default_rng(seed).uniform(0.2, 1, 6)

    def fun(x):
        return np.concatenate([1 - np.tanh(steepness * x) ** 2, x[:1]])

    def jac(x):
        slope = -2 * steepness * np.tanh(steepness * x) / np.cosh(steepness * x) ** 2
        return np.concatenate([np.diag(slope), np.eye(6)[:1]])

    for method in METHODS[:2]:
        assert looks(fun, jac, x0, method=method, rng=seed) == {"PASS"}


def test_outputs_of_one_size_are_left_alone():
    fun, _ = layer(np.array([1.0, 2.0, 0.5, 3.0, 1.0]))
    calls = []

    def counted(x):
        calls.append(1)
        return fun(x)

    (weights,) = Outputs(counted, Tree(X), np.random.default_rng(0)).weights
    assert list(weights) == [1] * 5
    assert len(calls) == 2  # at x0, and once beside it


def test_the_domain_may_end_close_by():
    x0 = np.array([1e-3, 1.0, 2.0])

    def fun(x):
        if np.any(x <= 0):
            raise ValueError("negative")
        return np.sqrt(x) * np.array([1e-12, 1.0, 1.0])

    def jac(x):
        return np.diag(np.array([1e-12, 1.0, 1.0]) / (2 * np.sqrt(x)))

    assert looks(fun, jac, x0) == {"PASS"}
    assert looks(fun, lambda x: jac(x) * np.array([1.01, 1, 1]), x0) == {"FAIL"}


@pytest.mark.parametrize("what", [np.ones(2), 1j * np.ones(3), np.ma.masked_array(np.ones(3))])
def test_another_kind_of_result_beside_x0_is_refused(what):
    def fun(x):
        return np.sin(x) if np.array_equal(x, X[:3]) else what

    with pytest.raises((TypeError, ValueError), match=r"shape|complex|masked"):
        vjpcheck(fun, lambda x, u: u * np.cos(x), X[:3])


@pytest.mark.parametrize("offset", [1e6, 1e8, 1e10])
@pytest.mark.parametrize("seed", range(4))
def test_a_row_beside_a_large_constant_is_seen_as_well_as_the_others(offset, seed):
    rng = np.random.default_rng(seed)
    A, x0, constant = rng.standard_normal((4, 3)), rng.standard_normal(3), np.array([offset, 0, 0, 0])

    def jac(x, row=1.0):
        J = (1 - np.tanh(A @ x) ** 2)[:, None] * A
        J[0] *= row
        return J

    assert jaccheck(lambda x: np.tanh(A @ x) + constant, jac, x0).verdict == "PASS"
    wrong = jaccheck(
        lambda x: np.tanh(A @ x) + constant, lambda x: jac(x, 1 + 1e-5), x0, raise_exception=False
    )
    assert wrong.verdict == "FAIL"
