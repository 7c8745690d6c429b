"""Code that is right loses digits and must not fail; a mistake that runs fast in x must not pass for that."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import gradcheck
from checks.proof.campaign import look
from checks.proof.campaign.correct import correct
from tests.benchmarks.peers_cases import category
from tests.checks.engine import scaled
from tests.effort import costly


def rosen(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosen_der(x):
    """Sums of terms in the hundreds that cancel: a wrong entry of it changes quickly beside x."""
    g = np.zeros_like(x)
    g[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


def check_rosen(x0, entry, factor):
    def grad(x):
        g = rosen_der(x)
        g[entry] *= factor
        return g

    return gradcheck(rosen, grad, x0, method="forward mode", raise_exception=False)


@pytest.mark.parametrize(
    ("seed", "n", "entry", "factor"), [(127, 9, 1, 0), (127, 9, 1, 2), (156, 6, 0, 1.01), (96, 6, 3, 1.001)]
)
def test_a_wrong_entry_among_cancelling_terms_fails(seed, n, entry, factor):
    x0 = np.random.default_rng(seed).uniform(0.5, 2, n)
    assert check_rosen(x0, entry, 1).verdict == "PASS"
    assert check_rosen(x0, entry, factor).verdict == "FAIL"


@costly
@given(st.integers(0, 2**32), st.integers(6, 12), st.sampled_from([0, 2, -1, 1.01, 1.001]))
def test_any_wrong_entry_of_it_fails(seed, n, factor):
    rng = np.random.default_rng(seed)
    x0, entry = rng.uniform(0.5, 2, n), int(rng.integers(n))
    right, wrong = check_rosen(x0, entry, 1), check_rosen(x0, entry, factor)
    g = rosen_der(x0)
    error = abs((factor - 1) * g[entry] * x0[entry]) / np.linalg.norm(g * x0)
    assert right.verdict == "PASS"
    assert right.resolution < 1e-10
    assert wrong.verdict == "FAIL" or error < 10 * wrong.resolution < 1e-9


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("saturation", [3.0, 30.0, 1000.0])
def test_saturated_units_lose_digits_and_do_not_fail(seed, saturation):
    rng = np.random.default_rng(seed)
    x, target = rng.standard_normal((8, 6)), rng.standard_normal((8, 3))
    leaves = {"W": saturation * rng.standard_normal((6, 9)), "V": rng.standard_normal((9, 3))}

    def fun(p):
        return np.sum((np.tanh(x @ p["W"]) @ p["V"] - target) ** 2) / 2

    def grad(p, factor=1.0):
        a = np.tanh(x @ p["W"])
        delta = a @ p["V"] - target
        return {"W": x.T @ (factor * delta @ p["V"].T * (1 - a * a)), "V": a.T @ delta}

    right = gradcheck(fun, grad, leaves, raise_exception=False)
    wrong = gradcheck(fun, lambda p: grad(p, 1.01), leaves, raise_exception=False)
    assert right.verdict in ("PASS", "INCONCLUSIVE")
    if saturation <= 30:
        assert wrong.verdict == "FAIL"


def test_a_pass_never_comes_with_a_coarse_resolution():
    """Everything saturated alike: 1 - a*a has lost most of its digits, and so has the verdict."""
    x0 = np.random.default_rng(1).uniform(15, 17, 12)

    def grad(x):
        return 1 - np.tanh(x) ** 2

    report = gradcheck(lambda x: np.sum(np.tanh(x)) - 12, grad, x0, raise_exception=False)
    assert report.verdict == "INCONCLUSIVE"
    assert report.resolution > 1e-4


def test_a_saw_of_float32_is_rounding_and_a_mistake_is_none():
    """What a sum of six lost is a saw as x moves: straight between its teeth, and no mistake for that."""
    problem = correct(20261303, 11425)
    assert scaled.check(problem, 2, 1.0).verdict == "INCONCLUSIVE"
    wrong = scaled.check(problem, 2, 1.5)
    assert wrong.verdict == "FAIL"
    assert wrong.worst.path == "W[2]"


def test_a_saturated_output_takes_more_digits_from_the_leaves_below():
    """Where 1 - p is 1e-8, eight digits of p - y are gone, and the largest gradient is as small as that."""
    case = category("saturated", np.random.default_rng([20261305, 318, zlib.crc32(b"saturated")]))

    def scaled(factor):
        def grad(p):
            g = case.grad(p)
            g[2] = factor * g[2]
            return g

        return gradcheck(case.fun, grad, case.x0, raise_exception=False)

    assert scaled(1).verdict == "PASS"
    wrong = scaled(1 + 1e-6)
    assert wrong.verdict == "FAIL"
    assert wrong.worst.path == "x0[2]"


def test_a_saw_is_no_mistake_between_its_teeth():
    """Eleven relu layers under a softmax that says 1 - 1e-10: rounding, where the line is so short."""
    case = category("exploding", np.random.default_rng([20261305, 507, zlib.crc32(b"exploding")]))

    def wrong(p):
        g = case.grad(p)
        g[0] = 2 * g[0]
        return g

    assert gradcheck(case.fun, case.grad, case.x0, raise_exception=False).verdict == "INCONCLUSIVE"
    found = gradcheck(case.fun, wrong, case.x0, raise_exception=False)
    assert found.verdict == "FAIL"
    assert found.worst.path == "x0[0]"


def test_a_unit_so_saturated_that_nothing_around_is_less_so():
    """1 - a^2 is 0 to the last bit for one unit, and a few of its last bits for another: half of a leaf."""
    problem = correct(20261309, 3244)
    assert scaled.check(problem, 2, 1.0).verdict == "INCONCLUSIVE"
    wrong = scaled.check(problem, 2, 1.01)
    assert wrong.verdict == "FAIL"
    assert wrong.worst.path == "W[2]"


@pytest.mark.parametrize("number", [8318, 46214])
def test_a_draw_of_rounding_that_is_frozen_close_up(number):
    """1 - p is 1e-13: it moves in steps of a thousandth, rough from afar, and none at all close up."""
    assert look("false-alarms-auto", 20261501, number).verdict != "FAIL"
    wrong = scaled.check(correct(20261501, number), 2, 1.02)
    assert wrong.verdict == "FAIL"
    assert wrong.worst.path == "W[2]"


@pytest.mark.parametrize("factor", [0.0, 1.01])
@pytest.mark.parametrize(
    ("seed", "number"),
    [(20261401, 652), (20261401, 4852), (20261401, 26464), (20261403, 640), (20261403, 19828)],
)
def test_what_a_saturated_leaf_has_lost_is_not_wrong(seed, number, factor):
    """1 - a^2 is 0 or a few of its last bits, where slopes are 1e-13 of the largest leaf's."""
    problem = correct(seed, number)
    largest = max(problem.x0["W"])
    assert scaled.check(problem, largest, 1.0).verdict == "PASS"
    assert scaled.check(problem, largest, factor).verdict == "FAIL"


@pytest.mark.parametrize("error", [1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11])
@pytest.mark.parametrize("name", ["deep", "saturated"])
def test_a_wrong_entry_of_a_gradient_that_vanishes_is_no_lost_digit(name, error):
    """Around it the gradient grows by many orders; an error that keeps its share, or its size, is one."""
    rng = np.random.default_rng([20261402, zlib.crc32(name.encode())])
    case = category(name, rng)
    wrong = case.with_wrong_entry(error, rng)
    assert gradcheck(case.fun, wrong, case.x0, raise_exception=False).verdict == "FAIL"


def test_a_constant_error_is_no_lost_digit():
    """A bias of an ordinary size, off by 1e-8 of it, under a layer whose gradient vanishes."""
    rng = np.random.default_rng([79, 4, zlib.crc32(b"saturated")])
    case = category("saturated", rng)
    size = np.linalg.norm(case.grad(case.x0)[3])

    def grad(p, error=1e-8):
        g = case.grad(p)
        g[3].flat[4] += error * size
        return g

    assert gradcheck(case.fun, grad, case.x0, raise_exception=False).verdict == "FAIL"


def test_the_slope_that_is_farthest_off_says_what_all_may_owe():
    """Beside x0 a leaf's gradient is 1e-67 where its slopes are 1e-5: each is all of its own bound away."""
    case = category(
        "parameters x 1e4", np.random.default_rng([20261407, 693, zlib.crc32(b"parameters x 1e4")])
    )

    def wrong(p):
        g = case.grad(p)
        g[4] = g[4] * (1 + 1e-9)
        return g

    assert gradcheck(case.fun, case.grad, case.x0, raise_exception=False).verdict == "PASS"
    assert gradcheck(case.fun, wrong, case.x0, raise_exception=False).verdict == "FAIL"


@pytest.mark.parametrize("method", ["auto", "finite differences"])
def test_nothing_is_left_where_every_sample_is_told_beyond_doubt(method):
    """p - y is 1e-117 or its last digit, 1e-16: grad, duals and values of fun each keep another of these."""
    problem = correct(20261411, 866)
    smaller = {name: {l: 0.05 * array for l, array in of.items()} for name, of in problem.x0.items()}
    assert scaled.check(problem, 2, 1.0, method=method).verdict == "INCONCLUSIVE"
    assert scaled.check(problem, 2, 1.0, method=method, x0=smaller).verdict == "PASS"
    assert scaled.check(problem, 2, 1.01, method=method, x0=smaller).verdict == "FAIL"


@pytest.mark.parametrize("method", ["auto", "finite differences"])
@pytest.mark.parametrize("factor", [2.0, -0.05, 1e-3])
def test_a_gradient_that_grows_hugely_around_x_is_not_spared(factor, method):
    """exp(-50 x) is 1e-44 here and 1 at 0: its last digits there say nothing of a wrong factor here."""
    x0 = np.array([2.0, 2.1, 2.2, 2.05, 2.15, 2.3])

    def told(factor):
        return gradcheck(
            lambda x: np.sum(np.exp(-50 * x)), lambda x: -50 * factor * np.exp(-50 * x), x0, method=method,
            raise_exception=False,
        ).verdict  # fmt: skip

    assert told(1) == "PASS"
    assert told(factor) == "FAIL"
