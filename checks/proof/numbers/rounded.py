# ruff: noqa: D102 - methods named as NumPy names them, or documented in the base class
"""Floats that carry a bound on their own rounding error: running error analysis.

Beside each float v runs a bound e on |v - true|, where "true" is what exact arithmetic would have given
from the same input. Each operation passes on the errors of its operands and adds its own rounding, at most
u |v| (Higham, Accuracy and Stability of Numerical Algorithms, section 3.3). The v are computed by NumPy
just as without e. So two ways to one number may be compared with no tolerance but their own bounds.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from checks.proof.numbers.ring import Literal, RingArray, Undecided

LIBM = 8
"""Roundings that one exp, expm1, log, log1p or tanh may cost: 4 ulp, as NumPy allows its vector versions."""


class Rounded(RingArray):
    """Floats with bounds.

    Parameters
    ----------
    v : array of float32 or float64
    e : array of float64
        |v - true| <= e, elementwise.
    """

    system = "the floats with bounds"

    def __init__(self, v: Any, e: Any) -> None:
        self.v, self.e = v, e

    @property
    def u(self) -> float:
        """The unit roundoff of v."""
        return float(np.finfo(self.v.dtype).eps) / 2

    def _rounded(self, v: Any, propagated: Any, roundings: float = 1) -> Self:
        """`v` with what it inherits and what it costs; underflow costs the least subnormal."""
        v = np.asarray(v)
        own = roundings * (self.u * np.abs(v).astype(float) + float(np.finfo(v.dtype).smallest_subnormal))
        # the bound is itself computed in floats: as many roundings of it as a product of matrices has
        return type(self)(v, (propagated + own) * (1 + 1e-12))

    def lift(self, value: Any) -> Self:
        if isinstance(value, type(self)):
            return value
        exact = np.asarray(value, dtype=float)
        v = exact.astype(self.v.dtype)
        return type(self)(v, np.abs(v - exact))

    def element(self, literal: Literal) -> Any:
        return float(literal)

    @property
    def magnitude(self) -> Any:
        """|v| in float64."""
        return np.abs(self.v).astype(float)

    def add(self, other: Self) -> Self:
        return self._rounded(self.v + other.v, self.e + other.e)

    def subtract(self, other: Self) -> Self:
        return self._rounded(self.v - other.v, self.e + other.e)

    def multiply(self, other: Self) -> Self:
        propagated = self.magnitude * other.e + self.e * (other.magnitude + other.e)
        return self._rounded(self.v * other.v, propagated)

    def divide(self, other: Self) -> Self:
        v = self.v / other.v
        room = other.magnitude - other.e
        if not (room > 0).all():
            raise Undecided("a divisor may be zero within its rounding error")
        return self._rounded(v, (self.e + np.abs(v).astype(float) * other.e) / room)

    def matmul(self, other: Self) -> Self:
        products = self.magnitude @ other.magnitude
        propagated = self.magnitude @ other.e + self.e @ (other.magnitude + other.e)
        inner = self.shape[1]
        summed = inner * (self.u * products * (1 + inner * self.u) + float(np.finfo(self.v.dtype).tiny))
        return self._rounded(self.v @ other.v, propagated + summed)

    def negative(self) -> Self:
        return type(self)(-self.v, self.e)

    def power(self, exponent: int) -> Self:
        steepest = exponent * (self.magnitude + self.e) ** (exponent - 1)
        return self._rounded(self.v**exponent, steepest * self.e, LIBM)

    def choose(self, mask: Any, other: Self) -> Self:
        return type(self)(np.where(mask, self.v, other.v), np.where(mask, self.e, other.e))

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Self:
        terms = self.size // max(1, int(np.prod(np.asarray(self.v.sum(axis=axis)).shape)))
        whole = self.magnitude.sum(axis=axis, keepdims=keepdims)
        propagated = self.e.sum(axis=axis, keepdims=keepdims) + terms * self.u * whole * (1 + terms * self.u)
        return self._rounded(self.v.sum(axis=axis, keepdims=keepdims), propagated)

    @property
    def T(self) -> Self:
        return type(self)(self.v.T, self.e.T)

    def __getitem__(self, index: Any) -> Self:
        return type(self)(self.v[index], self.e[index])

    def order(self, other: Self, literal: Any | None) -> Any:
        difference = self.v - other.v
        if (
            np.abs(difference) <= (self.e + other.e) * (self.e + other.e > 0) - (self.e + other.e == 0)
        ).any():
            raise Undecided("rounding may have swapped two floats that are compared: one stands on a kink")
        return np.sign(difference)

    def argmax(self, axis: int = 0) -> Any:
        """Of the floats: softmax, its one customer, takes any reference point."""
        return self.v.argmax(axis=axis)

    def _compare(self, ufunc: Any, x: Any, y: Any) -> Any:
        if ufunc in (np.maximum, np.minimum):  # continuous: a swap within the error stays within the error
            left, right = self.lift(x), self.lift(y)
            return type(self)(ufunc(left.v, right.v), np.maximum(left.e, right.e))
        return super()._compare(ufunc, x, y)

    def function(self, name: str) -> Self:
        x, e = self.v, self.e
        v = getattr(np, name)(x)
        size = np.abs(v).astype(float)
        if name in ("exp", "expm1"):
            slope = size + (name == "expm1")
            propagated = slope * np.expm1(e)
        elif name in ("log", "log1p"):
            room = x.astype(float) + (name == "log1p") - e
            if not (room > 0).all():
                raise Undecided(f"{name} of a number that may be zero within its rounding error")
            propagated = e / room
        else:
            propagated = e * np.minimum(1, 1 - np.maximum(0, size - e) ** 2)
        return self._rounded(v, propagated, LIBM)


def rounded(values: Any) -> Rounded:
    """Floats that are true as they stand."""
    v = np.asarray(values)
    return Rounded(v, np.zeros(v.shape))
