# ruff: noqa: D102 - methods named as NumPy names them, or documented in the base class
"""Dual numbers v + d eps, eps^2 = 0: forward mode, over floats or over any other number system.

Running a function at x + u eps yields its value and its derivative along u, by the rules below and nothing
else: no difference is taken, and no backward pass is called. d has the shape of v.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from checks.proof.numbers.ring import COMPARISONS, METHODS, LeavesNumberSystem, largest_of_all

Array = Any


class Dual(NDArrayOperatorsMixin):
    """An array with its derivative along one direction.

    Parameters
    ----------
    v, d : array
        Value and derivative, of one shape: both NumPy arrays of floats, or both of one number system.
    """

    dtype: ClassVar[np.dtype[Any]] = np.dtype(object)

    def __init__(self, v: Array, d: Array) -> None:
        if v.shape != d.shape:
            raise ValueError(f"d must have the shape of v, {v.shape}, got {d.shape}")
        self.v, self.d = v, d

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            call = f"np.{ufunc.__name__} with {method}, {options}"
            raise LeavesNumberSystem(f"dual numbers have no rule for {call}")
        if ufunc in COMPARISONS:
            return ufunc(*map(value, inputs))
        if ufunc not in RULES:
            raise LeavesNumberSystem(f"dual numbers have no rule for np.{ufunc.__name__}")
        v = ufunc(*map(value, inputs))
        d = RULES[ufunc](v, *inputs)
        # a summand without a derivative, such as a bias, may still have broadcast the value
        return Dual(v, d if d.shape == v.shape else d * np.ones_like(v))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.v.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def T(self) -> Dual:
        return Dual(self.v.T, self.d.T)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Dual:
        v, d = (x.sum(axis=axis, keepdims=keepdims) for x in (self.v, self.d))
        return Dual(v, d)

    def __getitem__(self, index: Any) -> Dual:
        return Dual(self.v[index], self.d[index])

    def __len__(self) -> int:
        return len(self.v)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Dual:
        """The largest of all, or along one axis of two."""
        if axis is None:
            largest: Dual = largest_of_all(self, keepdims)
            return largest
        if self.ndim != 2 or axis not in (0, 1, -1):
            raise LeavesNumberSystem(f"dual numbers have no rule for max over axis {axis} of {self.shape}")
        if axis:
            return self.T.max(axis=0, keepdims=True).T if keepdims else self.T.max(axis=0)
        place = self.v.argmax(axis=0), np.arange(self.shape[1])
        largest = self[place]
        return largest[None] if keepdims else largest

    def mean(self, axis: int | None = None, keepdims: bool = False) -> Dual:
        """The sum over the number of summands."""
        total = self.sum(axis=axis, keepdims=keepdims)
        count = int(np.prod(self.shape)) // int(np.prod(total.shape))
        return Dual(total.v / count, total.d / count)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function not in METHODS:
            raise LeavesNumberSystem(f"dual numbers have no rule for np.{function.__name__}")
        return METHODS[function]("the dual numbers", *args, **kwargs)

    def __repr__(self) -> str:
        return f"Dual({self.v}, {self.d})"

    def _leave(self, *_: Any, **__: Any) -> NoReturn:
        raise LeavesNumberSystem("a cast to a plain number or array would lose the derivative")

    __float__ = __int__ = __bool__ = __complex__ = __index__ = __array__ = astype = _leave
    __hash__ = None  # type: ignore[assignment]
    __eq__ = __ne__ = _leave


def value(x: Any) -> Any:
    """The value of a dual number; anything else is its own."""
    return x.v if isinstance(x, Dual) else x


def _linear(v: Array, *terms: tuple[Any, Callable[[Any], Array]]) -> Array:
    """Sum d-terms over the operands that have a derivative."""
    parts = [rule(x.d) for x, rule in terms if isinstance(x, Dual)]
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _selected(v: Array, x: Any, y: Any, mask: Any) -> Array:
    return _linear(v, (x, lambda d: d * mask), (y, lambda d: d * ~mask))


RULES: dict[Any, Callable[..., Array]] = {
    np.add: lambda v, x, y: _linear(v, (x, lambda d: d), (y, lambda d: d)),
    np.subtract: lambda v, x, y: _linear(v, (x, lambda d: d), (y, lambda d: -d)),
    np.multiply: lambda v, x, y: _linear(v, (x, lambda d: d * value(y)), (y, lambda d: value(x) * d)),
    np.matmul: lambda v, x, y: _linear(v, (x, lambda d: d @ value(y)), (y, lambda d: value(x) @ d)),
    np.true_divide: lambda v, x, y: _linear(
        v, (x, lambda d: d / value(y)), (y, lambda d: -(v / value(y) * d))
    ),
    np.negative: lambda v, x: -x.d,
    np.power: lambda v, x, k: k * x.v ** (k - 1) * x.d,
    np.exp: lambda v, x: v * x.d,
    np.expm1: lambda v, x: np.exp(x.v) * x.d,
    np.log: lambda v, x: x.d / x.v,
    np.log1p: lambda v, x: x.d / (1 + x.v),
    np.tanh: lambda v, x: (1 - v * v) * x.d,
    np.maximum: lambda v, x, y: _selected(v, x, y, value(x) >= value(y)),
    np.minimum: lambda v, x, y: _selected(v, x, y, value(x) <= value(y)),
}
