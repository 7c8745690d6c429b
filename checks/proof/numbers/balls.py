# ruff: noqa: D102 - methods named as NumPy names them, or documented in the base class
"""Balls: real numbers known to lie in a midpoint plus or minus a radius, with every rounding accounted for.

The arithmetic is Arb's, through python-flint. Floats enter exactly; 106 bits make the balls some 10^15 times
smaller than the rounding errors of the floats that are measured by them.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Self

import numpy as np

from checks.proof.numbers.ring import Literal, RingArray, Undecided

PRECISION = 106


class Balls(RingArray):
    """Arrays of `flint.arb`."""

    system = "the balls"

    def element(self, literal: Literal) -> Any:
        from flint import arb, fmpq

        exact = Fraction(literal)  # type: ignore[arg-type]
        return arb(fmpq(exact.numerator, exact.denominator))

    def matmul(self, other: Self) -> Self:
        from flint import arb_mat

        product = arb_mat(self.v.tolist()) * arb_mat(other.v.tolist())
        return self.new(np.array(product.entries(), dtype=object).reshape(self.shape[0], other.shape[1]))

    def order(self, other: Self, literal: Any | None) -> Any:
        return np.asarray(_order(self.v, other.v), dtype=int)

    def choose(self, mask: Any, other: Self) -> Self:
        return self.new(np.where(mask, self.v, other.v))

    def argmax(self, axis: int = 0) -> Any:
        """By midpoint: softmax, its one customer, takes any reference point."""
        return np.frompyfunc(lambda x: float(x.mid()), 1, 1)(self.v).astype(float).argmax(axis=axis)

    def function(self, name: str) -> Self:
        return self.new(np.asarray(np.frompyfunc(lambda x: getattr(x, name)(), 1, 1)(self.v), dtype=object))


def _compared(x: Any, y: Any) -> int:
    # arb answers True only when it is certain; when it is not, every one of its answers is False
    if x > y:
        return 1
    if x < y:
        return -1
    if x == y:
        return 0
    raise Undecided(f"{x} and {y} overlap, so neither is known to be the larger")


_order: Callable[..., Any] = np.frompyfunc(_compared, 2, 1)


def balls(values: Any) -> Balls:
    """Lift floats exactly.

    Raises
    ------
    ModuleNotFoundError
        Where python-flint is not installed.
    """
    return Balls(np.empty(0, dtype=object)).lift(values)
