"""What values refute barely, or amid noise like float32's, must fail beside x0, too: no coincidence does."""

import zlib
from functools import partial

import numpy as np
import pytest

from checks import gradcheck
from checks.engine import finer
from checks.proof.campaign.correct import correct
from tests.benchmarks.peers_cases import category
from tests.checks.engine import scaled

LEFT, RIGHT = 1 - 0.0034, 1 + 0.0072


def between_two_kinks(slope, bend, factor=1.0):
    """A line but for two kinks close to x0, one on each side: from afar they cancel, close up is noise."""

    def fun(x):
        beyond = np.maximum(x - RIGHT, 0) + np.minimum(x - LEFT, 0)
        return float(np.float32(0.7 + np.sum(slope * x - bend * beyond)))

    def grad(x):
        return factor * (slope - bend * ((x > RIGHT) | (x < LEFT)))

    return gradcheck(fun, grad, np.array([1.0]), method="finite differences", raise_exception=False)


@pytest.mark.parametrize("bend", [1.3e-5, 3e-5, 5e-5])
@pytest.mark.parametrize("slope", [-1e-3, -2e-3])
def test_two_kinks_that_hide_each_other(slope, bend):
    right = between_two_kinks(slope, bend)
    assert right.verdict == "INCONCLUSIVE"
    assert "beside x0 they do not" in str(right)
    assert between_two_kinks(slope, bend, 1.5).verdict == "FAIL"


def test_a_relu_network_in_float32(monkeypatch):
    monkeypatch.setattr(finer, "FINER", {})
    problem = correct(20261302, 4585)
    right = scaled.check(problem, 2, 1.0, method="finite differences")
    assert right.verdict == "INCONCLUSIVE"
    assert "W[2]: values refute the gradient here" in str(right)
    wrong = scaled.check(problem, 2, 2.0, method="finite differences")
    assert wrong.verdict == "FAIL"
    assert wrong.worst.path == "W[2]"


def test_an_estimate_that_is_worse_than_its_bar_is_met_once():
    """Beside a kink that noise made up, one slope of a leaf that vanishes misses its bar by a seventh."""
    problem = correct(20261401, 24640)
    told = partial(scaled.check, problem, 3, method="finite differences", rng=31)
    assert told(1.0).verdict == "INCONCLUSIVE"
    assert told(100.0).verdict == "FAIL"


def test_at_a_cliff_beside_x0_the_same_gradient_twice_is_no_stale_buffer():
    """tanh of 1e4 is flat but for cliffs: zeros are right at x0 and beside it, and one slope saw a cliff."""
    name = "parameters x 1e4"
    case = category(name, np.random.default_rng([20261409, 543, zlib.crc32(name.encode())]))

    def told(grad):
        return gradcheck(case.fun, grad, case.x0, method="finite differences", raise_exception=False).verdict

    def wrong(p):
        g = case.grad(p)
        g[6] = g[6] * 1.01
        return g

    assert told(case.grad) == "INCONCLUSIVE"
    assert told(wrong) == "FAIL"


def test_where_fun_is_zero_near_and_far_its_size_is_looked_for_at_the_origin(monkeypatch):
    """J is 0 to the last bit around x0: what a sum of logarithms had lost, no value of it can show."""
    monkeypatch.setattr(finer, "FINER", {})
    problem = correct(20261505, 2282)
    assert scaled.check(problem, 2, 1.0, method="finite differences", rng=0).verdict == "INCONCLUSIVE"
    found = problem.check(
        problem.fun, lambda p: {name: {l: a + 1.0 for l, a in of.items()} for name, of in p.items()},
        problem.x0, method="finite differences", rng=0, raise_exception=False,
    )  # fmt: skip
    assert found.verdict == "FAIL"
