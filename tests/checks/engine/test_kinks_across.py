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
