"""Intervals contain what they must."""

from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.enclosure import Interval, point

numbers = st.fractions(-20, 20, max_denominator=10**6)


def holds(interval, value):
    assert interval.lower <= interval.upper
    exact_lower, exact_upper = Fraction(interval.lower), Fraction(interval.upper)
    assert exact_lower <= value <= exact_upper


@given(a=numbers, b=numbers)
def test_arithmetic_encloses_the_exact_result(a, b):
    holds(point(a), a)
    holds(point(a) + point(b), a + b)
    holds(point(a) * point(b), a * b)
    holds(point(a).reflected(), 1 - a)
    for n in range(5):
        holds(point(a).power(n), a**n)
    if b:
        holds(point(a) * point(b).inverse(), a / b)


@given(a=numbers)
def test_exp_encloses(a):
    with mpmath.workdps(60):
        value = mpmath.exp(mpmath.mpf(a.numerator) / a.denominator)
        enclosed = point(a).exp()
        assert mpmath.mpf(str(enclosed.lower)) <= value <= mpmath.mpf(str(enclosed.upper))


@given(a=numbers, b=numbers, share=st.fractions(0, 1))
def test_a_wide_interval_encloses_every_value_between(a, b, share):
    low, high = min(a, b), max(a, b)
    wide = Interval(point(low).lower, point(high).upper)
    x = low + share * (high - low)
    holds(wide * wide, x * x)
    holds(wide.power(2), x * x)
    assert wide.power(2).lower >= 0


def test_zero_has_no_inverse_and_ends_keep_their_order():
    with pytest.raises(ZeroDivisionError):
        Interval(Decimal(-1), Decimal(1)).inverse()
    with pytest.raises(ValueError, match="lower <= upper"):
        Interval(Decimal(1), Decimal(0))
