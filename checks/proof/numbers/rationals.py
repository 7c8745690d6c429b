# ruff: noqa: D102 - methods named as NumPy names them, or documented in the base class
"""The rationals: exact arithmetic, an exact order, no transcendental function.

Python's own `Fraction` is enough: python-flint's `fmpq` is some thirty times faster at one operation
(tests/benchmarks/number_systems.py), which saves less than a second where networks are small enough for their
quotients to stay short, and costs a dependency.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Self

import numpy as np

from checks.proof.numbers.ring import Literal, RingArray


class Rationals(RingArray):
    """Arrays of `Fraction`."""

    system = "the rationals"

    def element(self, literal: Literal) -> Fraction:
        return Fraction(literal)  # type: ignore[arg-type]

    def order(self, other: Self, literal: Any | None) -> Any:
        return _order(self.v, other.v)


_order: Callable[..., Any] = np.frompyfunc(lambda x, y: (x > y) - (x < y), 2, 1)


def rationals(values: Any) -> Rationals:
    """Lift a literal or a NumPy array of literals exactly."""
    return Rationals(np.empty(0, dtype=object)).lift(values)


def random_rationals(rng: np.random.Generator, *shape: int) -> Rationals:
    """Quotients of small integers, so that networks of them stay printable: n / d with |n| <= 9, d <= 6."""
    numerators, denominators = rng.integers(-9, 10, shape), rng.integers(1, 7, shape)
    return Rationals(np.frompyfunc(lambda n, d: Fraction(int(n), int(d)), 2, 1)(numerators, denominators))
