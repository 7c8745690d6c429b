"""A kink that no line within one leaf shows: right gradients are not accused of it, wrong ones still are."""

import numpy as np
import pytest

from checks import gradcheck
from checks.errors import KinkWarning

METHODS = ("auto", "finite differences")


def relu(z):
    return np.maximum(z, 0)


def fun(p):
    """relu of a sum at 0, twice: along u or v alone one half opens as the other closes."""
    return relu(p["u"] + p["v"]).sum() - relu(-p["u"] + p["v"]).sum() + (p["u"] ** 2).sum()


def grad(p, factor=1.0):
    u, v = p["u"], p["v"]
    up, down = (u + v > 0) * 1.0, (v - u > 0) * 1.0
    return {"u": factor * (up + down + 2 * u), "v": up - down}


X0 = {"u": np.array([0.0, 0.0]), "v": np.zeros(2)}


@pytest.mark.parametrize("method", METHODS)
def test_a_right_gradient_is_told_of_the_kink(method):
    # Along u the slope is 1 on both sides; the convention relu'(0) = 0 makes the gradient 0.
    with pytest.warns(KinkWarning):
        report = gradcheck(fun, grad, X0, method=method)
    assert report.verdict == "KINK"


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_gradient_fails_beside_it(method):
    report = gradcheck(fun, lambda p: grad(p, 2.0), X0, method=method, raise_exception=False)
    assert report.verdict == "FAIL"
    assert any("beside x0" in note for note in report.notes)


@pytest.mark.parametrize("method", METHODS)
def test_a_smooth_function_is_accused_at_x0(method):
    x0 = {"u": np.array([0.3, 0.4]), "v": np.ones(2)}
    report = gradcheck(fun, lambda p: grad(p, 2.0), x0, method=method, raise_exception=False)
    assert report.verdict == "FAIL"
    assert not report.notes


@pytest.mark.parametrize("rng", range(12))
def test_values_that_are_uneven_are_no_kink_of_any_entry(rng):
    """The inverse of an ill-conditioned matrix is smooth, and its values are far from it."""
    n = 7
    hilbert = 1 / (np.arange(n)[:, None] + np.arange(n) + 1.0)

    def grad(A):
        return -np.outer(np.linalg.solve(A.T, np.ones(n)), np.linalg.solve(A, np.ones(n)))

    report = gradcheck(
        lambda A: np.sum(np.linalg.solve(A, np.ones(n))), grad, hilbert,
        method="finite differences", rng=rng, raise_exception=False,
    )  # fmt: skip
    assert report.verdict in ("PASS", "INCONCLUSIVE")


@pytest.mark.parametrize(("at_zero", "told"), [(0.0, False), (-1.0, False), (1e9, True), (-1.5, True)])
def test_a_value_at_the_kink_that_lies_outside_of_both_slopes_is_pointed_out(at_zero, told):
    with pytest.warns(KinkWarning):
        report = gradcheck(
            lambda v: np.sum(np.abs(v)), lambda v: np.where(v == 0, at_zero, np.sign(v)),
            np.array([1.5, 0.0, -2.0]),
        )  # fmt: skip
    assert ("which is not between the two" in str(report)) is told
