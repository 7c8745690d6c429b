"""A mistake stays in arithmetic with more digits, rounding fades: in steep functions nothing else tells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import gradcheck
from checks.engine import finer
from checks.proof.campaign import look
from checks.proof.campaign.correct import correct
from tests.checks.engine import scaled
from tests.effort import costly

STEEP = {
    "Lennard-Jones": (lambda r: np.sum(r**-12.0 - r**-6.0), lambda r: -12 * r**-13.0 + 6 * r**-7.0),
    "x^-3/2": (lambda r: np.sum(r**-1.5), lambda r: -1.5 * r**-2.5),
    "exp(3 x)": (lambda r: np.sum(np.exp(3 * r)), lambda r: 3 * np.exp(3 * r)),
    "exp(x^2)": (lambda r: np.sum(np.exp(r * r)), lambda r: 2 * r * np.exp(r * r)),
    "x^-4": (lambda r: np.sum(r**-4.0), lambda r: -4 * r**-5.0),
}
"""Functions whose gradient is larger by many powers of ten not far from x; so would its rounding be."""

MISTAKES = {
    "a factor": lambda grad, x, error: lambda r: grad(r) * (1 + error),
    "a term": lambda grad, x, error: lambda r: grad(r) + error * np.sqrt(np.mean(grad(x) ** 2)) * np.sin(r),
}


def a_point(seed):
    return np.random.default_rng(seed).uniform(0.6, 3.0, 25)


@costly
@given(
    st.sampled_from(sorted(STEEP)), st.sampled_from(sorted(MISTAKES)), st.floats(-11, -4), st.integers(0, 99)
)
def test_a_steep_function_spares_no_mistake(name, mistake, exponent, seed):
    fun, grad = STEEP[name]
    x0, error = a_point(seed), 10.0**exponent
    right = gradcheck(fun, grad, x0)
    assert right.verdict == "PASS"
    assert right.resolution < 1e-12
    wrong = gradcheck(fun, MISTAKES[mistake](grad, x0, error), x0, raise_exception=False)
    assert wrong.verdict == "FAIL", (name, mistake, error, wrong.resolution)


@pytest.mark.parametrize("name", STEEP)
@pytest.mark.parametrize("error", [1e-10, 1e-7])
def test_a_factor_is_found_without_such_numbers(name, error, monkeypatch):
    """It is a share of the gradient wherever that is large."""
    monkeypatch.setattr(finer, "FINER", {})
    fun, grad = STEEP[name]
    wrong = gradcheck(fun, MISTAKES["a factor"](grad, a_point(1), error), a_point(1), raise_exception=False)
    assert wrong.verdict == "FAIL"


@pytest.mark.parametrize("more_digits", [True, False])
@pytest.mark.parametrize("z", [20.0, 25.0, 30.0, 33.0])
def test_what_is_lost_to_rounding_is_not_wrong(z, more_digits, monkeypatch):
    if not more_digits:
        monkeypatch.setattr(finer, "FINER", {})

    def told(factor):
        return gradcheck(
            lambda x: np.log1p(np.exp(-x)).sum(), lambda x: factor * (1 / (1 + np.exp(-x)) - 1),
            np.array([z]), raise_exception=False,
        ).verdict  # fmt: skip

    assert told(1.0) != "FAIL"
    assert told(3.0) == "FAIL"


@pytest.mark.parametrize("reason", [TypeError, ValueError, NotImplementedError])
def test_code_that_was_never_written_for_such_numbers(reason):
    """It is asked, refuses, and is judged by what is left."""
    problem = correct(20261501, 8318)

    def grad(p):
        if any(array.dtype == np.longdouble for array in p["W"].values()):
            raise reason("float64 only")
        return problem.grad(p)

    report = problem.check(problem.fun, grad, problem.x0, rng=0, raise_exception=False)
    assert report.verdict == "INCONCLUSIVE"
    assert scaled.check(problem, 2, 1.02, rng=0).verdict == "FAIL"


def test_a_point_that_has_them_already_is_asked_no_finer():
    fun, grad = STEEP["x^-4"]
    x0 = a_point(0).astype(np.longdouble)
    assert gradcheck(fun, grad, x0).verdict == "PASS"
    wrong = gradcheck(fun, MISTAKES["a factor"](grad, x0, 1e-9), x0, raise_exception=False)
    assert wrong.verdict == "FAIL"


@pytest.mark.parametrize("method", ["auto", "finite differences"])
@pytest.mark.parametrize("number", [10526, 11702])
def test_what_fun_has_lost_to_the_last_bit_is_not_held_against_grad(number, method):
    """z - y z is 0 where y is 1 to the last bit: in float64 fun is another function, and smooth."""
    problem = correct(20261505, number)
    assert scaled.check(problem, 2, 1.0, method=method).verdict == "INCONCLUSIVE"
    wrong = scaled.check(problem, 2, 1.5, method=method)
    assert wrong.verdict == "FAIL"
    assert wrong.worst.path == "W[2]"


@pytest.mark.parametrize("rng", [0, 1, 7, 8, 29])
def test_what_is_left_of_a_zero_gradient(rng):
    """y - 1 is 0 in grad and a last digit in fun: beside x0, what forward mode says is rounding."""
    problem = correct(20261508, 17510)
    assert (
        problem.check(problem.fun, problem.grad, problem.x0, rng=rng, raise_exception=False).verdict == "PASS"
    )

    def wrong(p):
        return {"W": {2: problem.grad(p)["W"][2] + 1e-6}, "b": problem.grad(p)["b"]}

    assert problem.check(problem.fun, wrong, problem.x0, rng=rng, raise_exception=False).verdict == "FAIL"


def test_most_of_a_residual_may_fade_and_the_rest_be_rounding_of_its_own():
    """Beside a largest slope of 1e3, more digits leave 5e-16 of a residual of 3e-15."""
    problem = correct(20261509, 21676)
    assert look("false-alarms-auto", 20261509, 21676).verdict == "PASS"
    wrong = scaled.check(problem, 3, 1 + 1e-8)
    assert wrong.verdict == "FAIL"
    assert wrong.worst.path == "W[3]"


def test_what_values_have_lost_is_not_held_against_grad_where_duals_see_it_right():
    assert look("false-alarms-auto", 20261505, 23282).verdict == "PASS"
    assert look("false-alarms-differences", 20261505, 23282).verdict == "INCONCLUSIVE"
    for method in ("auto", "finite differences"):
        assert scaled.check(correct(20261505, 23282), 2, 1.5, method=method).verdict == "FAIL"


def test_a_function_that_is_another_in_such_numbers_does_not_speak_for_grad():
    """Its gradient there is right, of the other function."""

    def fun(x):
        return np.sum(np.cos(x) if x.dtype == np.longdouble else np.sin(x))

    def grad(x):
        return -np.sin(x) if x.dtype == np.longdouble else 1.5 * np.cos(x)

    assert gradcheck(fun, grad, a_point(0), raise_exception=False).verdict == "FAIL"


def test_labels_that_sum_to_one_up_to_rounding_only():
    """The derivative of the cross-entropy is (sum y) p - y then, and p - y is off by what rounding left.

    The samples cancel to a thousandth, so that it shows. Case 29294 of the campaign 20261701 is like that.
    """
    z = np.array([[300.0, -300.0], [-300.0, 300.0]])
    y = np.array([[0.4448121, 0.5546743], [1 - 0.4448121, 1 - 0.5546743 + 2.0**-51]])
    total = np.add.reduce(y, axis=0)
    assert total[0] == 1 < total[1]

    def log_p(b):
        a = z + b[:, None]
        a = a - np.max(a, axis=0)
        return a - np.log(np.sum(np.exp(a), axis=0))

    def fun(b):
        return -np.sum(y * log_p(b)) / 2

    b = np.array([0.25, -0.5])
    assert check_again(fun, lambda b: np.sum(total * np.exp(log_p(b)) - y, axis=1) / 2, b) == "PASS"
    assert check_again(fun, lambda b: np.sum(np.exp(log_p(b)) - y, axis=1) / 2, b) == "FAIL"


def check_again(fun, grad, x0):
    return gradcheck(fun, grad, x0, raise_exception=False).verdict
