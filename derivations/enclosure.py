"""Intervals that are sure to contain the true value: decimal arithmetic with directed rounding.

Sums, products and quotients are rounded outwards; ``exp`` of the standard library's decimal is correctly
rounded, so one step outwards encloses it.  Used where a maximum has no closed form.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from derivations import terms
from derivations.terms import Apply, Entry, Number, Plus, Power, Tensor, Term, Times, UnsupportedExpression

DIGITS = 40
_DOWN = decimal.Context(prec=DIGITS, rounding=ROUND_FLOOR)
_UP = decimal.Context(prec=DIGITS, rounding=ROUND_CEILING)


@dataclass(frozen=True)
class Interval:
    """All real numbers from ``lower`` to ``upper``."""

    lower: Decimal
    upper: Decimal

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError(f"an interval needs lower <= upper, not {self.lower} and {self.upper}")

    def __add__(self, other: Interval) -> Interval:
        return Interval(_DOWN.add(self.lower, other.lower), _UP.add(self.upper, other.upper))

    def __mul__(self, other: Interval) -> Interval:
        corners = [(a, b) for a in (self.lower, self.upper) for b in (other.lower, other.upper)]
        return Interval(
            min(_DOWN.multiply(a, b) for a, b in corners), max(_UP.multiply(a, b) for a, b in corners)
        )

    def inverse(self) -> Interval:
        """Return 1/x for every x of the interval; ZeroDivisionError when 0 is among them."""
        if self.lower <= 0 <= self.upper:
            raise ZeroDivisionError(f"1/x on an interval that contains 0: {self}")
        return Interval(_DOWN.divide(Decimal(1), self.upper), _UP.divide(Decimal(1), self.lower))

    def power(self, exponent: int) -> Interval:
        """Return x ** exponent for every x of the interval."""
        if exponent < 0:
            return self.power(-exponent).inverse()
        result = point(1)
        for _ in range(exponent):
            result = result * self
        if exponent % 2 == 0 and result.lower < 0:
            return Interval(Decimal(0), result.upper)  # an even power is never negative
        return result

    def exp(self) -> Interval:
        """Return exp(x) for every x of the interval."""
        return Interval(_DOWN.next_minus(_DOWN.exp(self.lower)), _UP.next_plus(_UP.exp(self.upper)))

    def reflected(self) -> Interval:
        """Return 1 - x for every x of the interval."""
        return point(1) + self * point(-1)

    def __str__(self) -> str:
        return f"[{self.lower:.15f}, {self.upper:.15f}]"


def point(value: int | Fraction | Decimal) -> Interval:
    """Return the narrowest interval that contains a rational number."""
    if isinstance(value, Decimal):
        return Interval(value, value)
    exact = Fraction(value)
    top, bottom = Decimal(exact.numerator), Decimal(exact.denominator)
    return Interval(_DOWN.divide(top, bottom), _UP.divide(top, bottom))


def enclose(t: Term, values: Mapping[Tensor, Interval]) -> Interval:
    """Return an interval that contains ``t`` for all values of its scalars in their intervals.

    ``sigmoid`` and ``tanh`` are written with a single exponential, so that their enclosures are tight.
    """
    match t:
        case Number(value):
            return point(value)
        case Entry(tensor, ()) if tensor in values:
            return values[tensor]
        case Plus(parts):
            total = point(0)
            for part in parts:
                total = total + enclose(part, values)
            return total
        case Times(factors):
            product = point(1)
            for part in factors:
                product = product * enclose(part, values)
            return product
        case Power(base, exponent):
            return enclose(base, values).power(exponent)
        case Apply(function, argument):
            inner = enclose(argument, values)
            if function == terms.exp:
                return inner.exp()
            if function.order == 0 and function.name == "sigmoid":
                return ((inner * point(-1)).exp() + point(1)).inverse()
            if function.order == 0 and function.name == "tanh":
                return point(1) + point(-2) * ((inner * point(2)).exp() + point(1)).inverse()
    raise UnsupportedExpression(f"no enclosure is known for {t}")
