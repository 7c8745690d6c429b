"""The complex step, and what must be noticed before it is believed."""

import numpy as np
import pytest

from checks.oracles import DoesNotApply, Estimate
from checks.oracles.complex_step import derivative
from checks.oracles.finite_differences import derivative as differences


def both(f, x=0.7):
    independent = differences(lambda t: float(f(x + t)))
    return derivative(lambda t: f(x + t), value=float(f(x)), verified_by=independent), independent


def test_analytic_code_is_differentiated():
    estimate, independent = both(lambda x: np.sin(x) * np.exp(x))
    assert estimate.value == pytest.approx(np.exp(0.7) * (np.sin(0.7) + np.cos(0.7)), rel=1e-15)
    assert estimate.error >= independent.error


def test_the_error_is_never_below_the_disagreement():
    exact = 2 * 0.7
    off = Estimate(exact + 1e-6, 1e-6, 1)
    estimate = derivative(lambda t: (0.7 + t) ** 2, value=0.49, verified_by=off)
    assert estimate.error >= 0.99e-6


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: np.abs(x) ** 2, "real"),
        (lambda x: x * np.abs(x), "not that of the differences"),
        (lambda x: np.real(x) ** 2, "real"),
        (lambda x: x + np.conj(x) * x, "not that of the differences"),
        (lambda x: x * float(x), "complex argument"),
        (lambda x: np.arctan2(x, 1.0), "complex argument"),
        (lambda x: x**2 if np.isrealobj(x) else x**2 + 1, "another branch"),
    ],
)
def test_what_is_not_analytic_is_refused(f, words):
    with pytest.raises(DoesNotApply, match=words):
        both(lambda x: f(np.asarray(x))[()])
