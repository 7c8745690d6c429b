"""rtol and atol: what is within them passes, what is far beyond does not, however many entries there are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import GradientInconclusive, GradientMismatch, gradcheck
from checks.engine.options import BEYOND_CHANCE, Tolerances
from tests.effort import costly


def fun(v):
    return np.sum(v**2)


SIZES = st.sampled_from([1, 4, 9, 40, 700])


@costly
@given(
    n=SIZES,
    seed=st.integers(0, 2**32),
    share=st.sampled_from([1e-6, 1e-3, 0.02]),
    method=st.sampled_from(["auto", "finite differences"]),
    one_sided=st.booleans(),
)
def test_entries_within_them_pass(n, seed, share, method, one_sided):
    rng = np.random.default_rng(seed)
    signs = np.ones(n) if one_sided else rng.uniform(-1, 1, n)
    x0 = rng.standard_normal(n)
    report = gradcheck(
        fun, lambda v: 2 * v * (1 + 0.99 * share * signs), x0, rtol=share, rng=seed, method=method
    )
    assert report.verdict == "PASS"
    assert report.resolution < 1


@costly
@given(
    n=SIZES,
    seed=st.integers(0, 2**32),
    method=st.sampled_from(["auto", "finite differences"]),
    times=st.sampled_from([-1.0, 0.0, 3.0]),
)
def test_three_times_as_large_does_not(n, seed, method, times):
    """What random entries add up to grows with the root of their number; so does what they are allowed."""
    x0 = np.random.default_rng(seed).standard_normal(n) + 3
    with pytest.raises(GradientMismatch):
        gradcheck(fun, lambda v: 2 * v * times, x0, rtol=0.02, rng=seed, method=method)


def test_tolerances_that_tell_nothing_are_no_pass():
    x0 = np.random.default_rng(0).standard_normal(50)
    with pytest.raises(GradientInconclusive, match="thorough=True looks at each entry"):
        gradcheck(fun, lambda v: 2 * v, x0, rtol=0.3)
    assert gradcheck(fun, lambda v: 2.5 * v, x0, rtol=0.3, thorough=True)
    with pytest.raises(GradientMismatch):
        gradcheck(fun, lambda v: 3.5 * v, x0, rtol=0.3, thorough=True)


def test_a_leaf_that_is_looked_at_entry_by_entry_may_be_as_far_off_as_its_owner_likes():
    x0 = np.linspace(1, 2, 3)
    for rtol in (0.3, 0.5, 0.9):
        assert gradcheck(fun, lambda v: 2 * v, x0, rtol=rtol)
        with pytest.raises(GradientMismatch):
            gradcheck(fun, lambda v, rtol=rtol: 2 * v / (1 - 0.99 * rtol) * 1.1 + 20 * v, x0, rtol=rtol)


def test_a_gradient_below_atol_may_be_zero():
    x0 = 1e-4 * np.random.default_rng(0).standard_normal(50)
    assert gradcheck(fun, lambda v: 0 * v, x0, atol=1e-2)
    with pytest.raises(GradientMismatch):
        gradcheck(fun, lambda v: 0 * v + 0.1, x0, atol=1e-3)


NUMBERS = st.lists(st.floats(-10, 10), min_size=1, max_size=30).map(np.array)


@given(
    gradient=NUMBERS, share=st.floats(0, 0.1), size=st.floats(0, 0.1), data=st.data(), seed=st.integers(0, 99)
)
def test_the_allowance_holds_what_is_within(gradient, share, size, data, seed):
    """No error within tolerance adds up to more: along an axis never, at random not in 10^12 times."""
    tolerances = Tolerances(share, size)
    rng = np.random.default_rng(seed)
    scaling = np.abs(rng.standard_normal(gradient.size)) + 0.1
    error = rng.uniform(-1, 1, gradient.size) * (size + share * np.abs(gradient))
    axis = np.zeros(gradient.size)
    axis[data.draw(st.integers(0, gradient.size - 1), label="axis")] = 1
    for v in (axis * scaling, scaling * rng.standard_normal(gradient.size)):
        assert abs(error @ v) <= tolerances.allowance(gradient, v, scaling) * (1 + 1e-9) + 1e-300
    assert tolerances.norm(gradient, scaling) >= np.linalg.norm(error * scaling) * (1 - 1e-9)


def test_the_allowance_does_not_grow_with_the_number_of_entries():
    tolerances = Tolerances(rtol=0.01)
    for n in (100, 10_000):
        v = np.random.default_rng(n).standard_normal(n)
        allowed = tolerances.allowance(np.ones(n), v, np.ones(n))
        assert allowed == pytest.approx(BEYOND_CHANCE * 0.01 * np.sqrt(n))
    assert Tolerances().allowance(np.ones(3), np.ones(3), np.ones(3)) == 0
    assert Tolerances().norm(np.ones(3), np.ones(3)) == 0
