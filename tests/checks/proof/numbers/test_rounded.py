"""The bound on a float's rounding error holds against exact and ball arithmetic, and is not idle."""

from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.numbers.balls import PRECISION, balls
from checks.proof.numbers.ring import Undecided
from checks.proof.numbers.rounded import Rounded, rounded
from tests.effort import costly

PROGRAMS = [
    lambda x: x + 0.1 * x,
    lambda x: x @ x - x,
    lambda x: (x @ x.T).T @ x,
    lambda x: x / (3 + x * x),
    lambda x: (x**3).sum(axis=0, keepdims=True),
    lambda x: x.sum(),
    lambda x: np.exp(x) - np.exp(x * x),
    lambda x: np.expm1(x / 1000),
    lambda x: np.log(1.5 + x * x),
    lambda x: np.log1p(x * x),
    lambda x: 1 - np.tanh(x) ** 2,
    lambda x: np.maximum(x, 0) + 0.01 * np.minimum(x, 0),
    lambda x: -np.tanh(x @ x) * np.ones_like(x),
    lambda x: x.max(axis=0, keepdims=True) - x,
]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@costly
@given(seed=st.integers(0, 2**32 - 1))
def test_the_truth_is_within_the_bound(program, dtype, seed):
    x = np.random.default_rng(seed).standard_normal((3, 3)).astype(dtype)
    found = program(rounded(x))
    assert found.v.dtype == dtype
    assert np.array_equal(found.v, program(x))  # the very floats of the plain run
    with flint.ctx.workprec(PRECISION):
        true = program(balls(x))
        for v, e, ball in zip(found.v.flat, found.e.flat, true.v.flat, strict=True):
            error = abs(ball - float(v))
            assert error <= float(e)
            assert float(e) <= 1e4 * np.finfo(dtype).eps * (1 + abs(float(v))) * (1 + abs(x).max() ** 6)


def test_the_bound_of_a_sum_of_fractions_covers_the_exact_error():
    values = np.array([0.1] * 1000)
    total = rounded(values).sum()
    assert abs(Fraction(float(total.v)) - 1000 * Fraction(0.1)) <= Fraction(float(total.e))


def test_a_literal_is_rounded_to_the_dtype_and_the_error_is_counted():
    single = rounded(np.ones(1, dtype=np.float32)) * 0.1
    assert single.v.dtype == np.float32
    assert abs(float(single.v[0]) - 0.1) <= single.e[0] < 1e-7


def test_what_rounding_may_have_swapped_is_not_compared():
    close = Rounded(np.array([1e-20]), np.array([1e-16]))
    for compare in (lambda: close > 0, lambda: 1 / close, lambda: np.log(close)):
        with pytest.raises(Undecided):
            compare()
    assert (rounded(np.array([1e-20])) > 0).all()
    assert not (rounded(np.zeros(1)) > 0).any()
