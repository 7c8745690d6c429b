"""Balls contain the exact value, and refuse to compare what they cannot."""

from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.numbers.balls import Balls, balls
from checks.proof.numbers.rationals import rationals
from checks.proof.numbers.ring import Undecided


@given(st.integers(0, 2**32 - 1))
def test_rational_arithmetic_is_enclosed(seed):
    x, y = np.random.default_rng(seed).standard_normal((2, 3, 3))

    def program(x):
        return np.maximum((x @ y - 0.1 * x) / 3, 0).sum(axis=0, keepdims=True) ** 2

    for ball, exact in zip(program(balls(x)).v.flat, program(rationals(x)).v.flat, strict=True):
        with flint.ctx.workprec(2000):  # the fraction becomes a ball as well, and must be the smaller one
            assert ball.contains(flint.fmpq(exact.numerator, exact.denominator))
        assert float(ball.rad()) < 1e-10


def test_a_literal_enters_exactly():
    assert balls(0.1).v.item() == flint.arb(0.1)
    third = balls(Fraction(1, 3)).v.item()
    assert third.contains(flint.fmpq(1, 3))
    assert third.rad() > 0


def test_overlapping_balls_are_not_compared():
    wide = Balls(np.array([flint.arb(0, 1)], dtype=object))
    for compare in (lambda: wide > 0, lambda: np.maximum(wide, 0), lambda: wide <= wide):
        with pytest.raises(Undecided, match="overlap"):
            compare()
    assert not (balls(np.zeros(1)) > 0).any()
    assert (balls(np.ones(1)) >= 1).all()


def test_functions_are_those_of_arb():
    for name in ("exp", "expm1", "log1p", "tanh", "log"):
        ball = getattr(np, name)(balls(np.array([0.5]))).v[0]
        assert abs(float(ball.mid()) - getattr(np, name)(0.5)) < 1e-15
