"""Waves among the last digits of fun: exact oracles see their slope, differences do not; neither is wrong."""

import numpy as np
import pytest

from checks import gradcheck
from checks.engine.choice import choose
from checks.engine.disputed import Disputed
from checks.engine.problem import Problem

WAVES = [(1e-12, 1e9), (1e-13, 1e10), (1e-11, 1e8), (1e-8, 1e8)]


def waving(size, often):
    """x^2 with a wave on it, its gradient, and the gradient without the wave."""
    return (
        lambda x: np.sum(x**2 + size * np.sin(often * x)),
        lambda x: 2 * x + size * often * np.cos(often * x),
        lambda x: 2 * x,
    )


def verdicts(fun, grad, seeds=10):
    points = [np.random.default_rng(seed).standard_normal(5) for seed in range(seeds)]
    return {str(gradcheck(fun, grad, x0, raise_exception=False).verdict) for x0 in points}


@pytest.mark.filterwarnings("ignore::checks.KinkWarning")
@pytest.mark.parametrize(("size", "often"), WAVES)
def test_neither_slope_is_called_wrong_and_what_is_neither_is(size, often):
    fun, with_waves, without = waving(size, often)
    assert "FAIL" not in verdicts(fun, with_waves)
    assert "PASS" not in verdicts(fun, without)
    assert verdicts(fun, lambda x: 6 * x) == {"FAIL"}
    assert verdicts(fun, lambda x: 0 * x) == {"FAIL"}


def test_it_says_why():
    fun, with_waves, _ = waving(1e-12, 1e9)
    report = gradcheck(fun, with_waves, np.random.default_rng(0).standard_normal(5), raise_exception=False)
    assert report.verdict == "INCONCLUSIVE"
    assert "forward mode and the complex step agree on a slope that the values do not show" in str(report)
    assert "by finite differences, which forward mode and complex step contradict" in str(report)


def chosen(fun):
    x0 = np.random.default_rng(0).standard_normal(5)
    problem = Problem(fun, lambda x: 2 * x, x0)
    value = float(fun(x0))
    return choose(problem, (x0,), value, 0.0, "auto", np.random.default_rng(0))[0]


def test_only_where_both_see_the_same():
    """A term that is hidden from duals, or from both, is no dispute: there values have the last word."""
    assert isinstance(chosen(waving(1e-12, 1e9)[0]), Disputed)

    def hidden_from_duals(x):
        return np.sum(x**2) + np.sum(x0_of(x) if hasattr(x, "tangent") else x)

    def hidden_from_both(x):
        return np.sum(x**2) + np.sum(x if x.dtype == float and isinstance(x, np.ndarray) else x0_of(x))

    def rounded(x):
        return np.sum(x**2) + np.sum(np.round(x, 9))

    def smooth(x):
        return np.sum(x**2 + np.sin(x))

    def x0_of(x):
        return np.random.default_rng(0).standard_normal(5)

    def hidden_and_rough(x):
        return hidden_from_duals(x) + np.sum(1e-12 * np.sin(1e9 * x))

    for fun in (hidden_from_duals, hidden_from_both, hidden_and_rough, smooth):
        assert not isinstance(chosen(fun), Disputed)
    assert "FAIL" not in verdicts(rounded, lambda x: 2 * x + 1)
