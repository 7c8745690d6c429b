"""A function that rounds its result is flat from close up, and not constant."""

from collections import Counter

import numpy as np
import pytest

from checks import gradcheck
from checks.oracles.finite_differences import derivative


def verdicts(decimals, factor, seeds=10):
    found = Counter()
    for seed in range(seeds):
        x0 = 3 * np.random.default_rng(seed).standard_normal(4)
        report = gradcheck(
            lambda x: round(float(np.sum(x**2)), decimals), lambda x: factor * 2 * x, x0,
            method="finite differences", raise_exception=False,
        )  # fmt: skip
        found[str(report.verdict)] += 1
    return found


@pytest.mark.parametrize("decimals", [3, 4, 5, 6, 8, 12])
def test_the_right_gradient_of_a_rounded_function_does_not_fail_and_zeros_do_not_pass(decimals):
    assert not verdicts(decimals, 1.0)["FAIL"]
    assert not verdicts(decimals, 0.0)["PASS"]
    assert not verdicts(decimals, 1.5)["PASS"]


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_nor_do_zeros_where_it_is_rounded_to_very_little(decimals):
    assert not verdicts(decimals, 0.0)["PASS"]


@pytest.mark.parametrize("quantum", [1e-3, 1 / 255, 1 / 1797, 0.1])
def test_the_error_of_a_slope_covers_what_the_stairs_hide(quantum):
    def line(t):
        return quantum * round((14.1 + 3.7 * t + t**2) / quantum)

    estimate = derivative(line)
    assert abs(estimate.value - 3.7) <= 3 * estimate.error
    assert derivative(lambda t: 14.1 + 3.7 * t + t**2).error < 1e-9


def test_what_changes_over_less_than_any_step_is_not_told():
    x0 = np.array([1e-200, 1.0, 1e200])
    report = gradcheck(
        lambda x: float(np.sum(np.tanh(x))), lambda x: 1 - np.tanh(x) ** 2, x0, raise_exception=False
    )
    assert report.verdict == "INCONCLUSIVE"
    assert "the function jumps here, or changes over less than the finest step" in str(report)
    assert derivative(lambda t: float(t >= 0) + t).error == np.inf
    assert derivative(lambda t: 3.0).error < 1e-9


def test_what_is_flat_on_one_side_of_a_kink_is_no_staircase():
    for seed in range(10):
        x0 = np.random.default_rng(seed).standard_normal(6)
        assert gradcheck(
            lambda x: float(np.sum(np.maximum(x - 0.1, 0))), lambda x: (x > 0.1) * 1.0, x0,
            method="finite differences",
        ).verdict == "PASS"  # fmt: skip
