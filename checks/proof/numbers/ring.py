# ruff: noqa: D102 - methods named as NumPy names them, or documented in the base class
"""What NumPy asks of an array, answered over any ring: the base of every number system.

NumPy's own object arrays would do, but `0.1 * Fraction(1, 3)` is a float there, a raw ball takes a branch
that it cannot decide, and to wrap each element costs each operation. So the wrapper is around the array:
literals are lifted exactly at its door, NumPy's loops run over bare elements inside, and everything that
would leave the number system raises.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, ClassVar, NoReturn, Self

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

Literal = bool | int | float | Fraction | np.generic
COMPARISONS: dict[Any, Callable[[Any], Any]] = {
    np.greater: lambda order: order > 0,
    np.greater_equal: lambda order: order >= 0,
    np.less: lambda order: order < 0,
    np.less_equal: lambda order: order <= 0,
}
FUNCTIONS = {np.exp, np.expm1, np.log, np.log1p, np.tanh}


class LeavesNumberSystem(TypeError):  # noqa: N818 - it says what happened
    """The code asked for something that this number system does not have."""


class Undecided(ArithmeticError):  # noqa: N818
    """The numbers are not known well enough to say which is larger."""


class RingArray(NDArrayOperatorsMixin):
    """An array whose elements are numbers of one system.

    Parameters
    ----------
    v : array of object
        The elements, bare.
    """

    system: ClassVar[str]
    """Its name in messages: ``"the rationals"``."""
    dtype: ClassVar[np.dtype[Any]] = np.dtype(object)

    def __init__(self, v: Any) -> None:
        self.v: np.ndarray[Any, Any] = v if isinstance(v, np.ndarray) else np.asarray(v, dtype=object)

    # ---- what a number system says for itself

    def element(self, literal: Literal) -> Any:
        """The number that a literal of the code stands for, exactly."""
        raise NotImplementedError

    def order(self, other: Self, literal: Any | None) -> Any:
        """-1, 0, 1 where self <, =, > other, elementwise; `literal` is other as the code wrote it, if it did.

        Raises
        ------
        Undecided
            Where it cannot be known.
        """
        raise NotImplementedError

    def function(self, name: str) -> Self:
        """exp, expm1, log, log1p or tanh of each element, where the system has it."""
        raise LeavesNumberSystem(f"{name} leaves {self.system}")

    def opaque(self, name: str) -> Self:
        """A function of which nothing is known but its name, where the system has such."""
        raise LeavesNumberSystem(f"an opaque {name} leaves {self.system}")

    # ---- arithmetic: NumPy's loops over the bare elements, unless the system knows better

    def new(self, v: Any) -> Self:
        """Another array of the same system."""
        return type(self)(v)

    def lift(self, value: Any) -> Self:
        """Let `value` in: an array of this system, a literal, or a NumPy array of literals."""
        if isinstance(value, type(self)):
            return value
        if isinstance(value, RingArray):
            raise LeavesNumberSystem(f"{value.system} do not mix with {self.system}")
        literals = np.asarray(value, dtype=object)
        lifted = np.empty(literals.shape, dtype=object)
        cache: dict[Any, Any] = {}
        for index, literal in np.ndenumerate(literals):
            if not isinstance(literal, Literal) or isinstance(literal, complex):
                kind = type(literal).__name__
                raise LeavesNumberSystem(f"{kind} {literal!r} is no literal of {self.system}")
            plain = literal.item() if isinstance(literal, np.generic) else literal
            if plain not in cache:
                cache[plain] = self.element(plain)
            lifted[index] = cache[plain]
        return self.new(lifted)

    def add(self, other: Self) -> Self:
        return self.new(self.v + other.v)

    def subtract(self, other: Self) -> Self:
        return self.new(self.v - other.v)

    def multiply(self, other: Self) -> Self:
        return self.new(self.v * other.v)

    def divide(self, other: Self) -> Self:
        return self.new(self.v / other.v)

    def matmul(self, other: Self) -> Self:
        return self.new(self.v @ other.v)

    def negative(self) -> Self:
        return self.new(-self.v)

    def power(self, exponent: int) -> Self:
        return self.new(self.v**exponent)

    def choose(self, mask: Any, other: Self) -> Self:
        """Self where `mask`, else other."""
        return self.new(np.where(mask, self.v, other.v))

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Self:
        return self.new(self.v.sum(axis=axis, keepdims=keepdims))

    # ---- what NumPy calls

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if not all(isinstance(x, type(self) | np.ndarray | Literal) for x in inputs):
            return NotImplemented
        if method != "__call__" or options:
            call = f"np.{ufunc.__name__} with {method}, {options}"
            raise LeavesNumberSystem(f"{call} leaves {self.system}")
        if ufunc in COMPARISONS or ufunc in (np.maximum, np.minimum):
            return self._compare(ufunc, *inputs)
        if ufunc in FUNCTIONS:
            return self.function(ufunc.__name__)
        if ufunc is np.power:
            base, exponent = inputs
            if base is self and isinstance(exponent, int | np.integer) and exponent >= 0:
                return self.power(int(exponent))
            raise LeavesNumberSystem(f"the power {inputs[1]!r} leaves {self.system}: only natural ones stay")
        if ufunc is np.negative:
            return self.negative()
        operation = ARITHMETIC.get(ufunc)
        if operation is None:
            raise LeavesNumberSystem(f"np.{ufunc.__name__} leaves {self.system}")
        left, right = (self.lift(x) for x in inputs)
        return operation(left, right)

    def _compare(self, ufunc: Any, x: Any, y: Any) -> Any:
        left, right = self.lift(x), self.lift(y)
        if isinstance(x, RingArray):
            order = left.order(right, literal=None if isinstance(y, RingArray) else y)
        else:
            order = -right.order(left, literal=x)
        if ufunc in COMPARISONS:
            return COMPARISONS[ufunc](order)
        return left.choose(order >= 0 if ufunc is np.maximum else order <= 0, right)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.ones_like and not kwargs:
            return self.lift(np.ones(args[0].shape, dtype=int))
        if function in METHODS:
            return METHODS[function](self.system, *args, **kwargs)
        raise LeavesNumberSystem(f"np.{function.__name__} leaves {self.system}")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.v.shape)

    @property
    def ndim(self) -> int:
        return self.v.ndim

    @property
    def size(self) -> int:
        return self.v.size

    @property
    def T(self) -> Self:
        return self.new(self.v.T)

    def __getitem__(self, index: Any) -> Self:
        return self.new(np.asarray(self.v[index], dtype=self.v.dtype))

    def __len__(self) -> int:
        return len(self.v)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Self:
        """The largest of all, or along one axis of two."""
        if axis is None:
            largest_here: Self = largest_of_all(self, keepdims)
            return largest_here
        if self.ndim != 2 or axis not in (0, 1, -1):
            raise LeavesNumberSystem(f"max over axis {axis} of shape {self.shape} leaves {self.system}")
        if axis:
            return self.T.max(axis=0, keepdims=True).T if keepdims else self.T.max(axis=0)
        largest = self[self.argmax(axis=0), np.arange(self.shape[1])]
        return largest[None] if keepdims else largest

    def mean(self, axis: int | None = None, keepdims: bool = False) -> Self:
        """The sum over the number of summands."""
        total = self.sum(axis=axis, keepdims=keepdims)
        return total.divide(self.lift(self.size // total.size))

    def argmax(self, axis: int = 0) -> Any:
        """Where the largest along the first axis stands."""
        best = np.zeros(self.shape[1], dtype=int)
        for i in range(1, len(self)):
            champion = self[best, np.arange(len(best))]
            best = np.where(self[i].order(champion, literal=None) > 0, i, best)
        return best

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.v})"

    # ---- the ways out, all closed

    def _leave(self, *_: Any, **__: Any) -> NoReturn:
        raise LeavesNumberSystem(f"a cast to a plain number or array leaves {self.system}")

    __float__ = __int__ = __bool__ = __complex__ = __index__ = __array__ = astype = _leave
    __hash__ = None  # type: ignore[assignment]
    __eq__ = __ne__ = _leave


def largest_of_all(x: Any, keepdims: bool) -> Any:
    """The largest element, by the order that the array has along an axis."""
    if not x.ndim:
        return x
    column = x[tuple(np.indices(x.shape).reshape(x.ndim, -1))][:, None]
    largest = column.max(axis=0)[0]
    return largest[(None,) * x.ndim] if keepdims else largest


def _reduction(name: str) -> Callable[..., Any]:
    def reduce(
        system: str, x: Any, axis: Any = None, *more: Any, keepdims: bool = False, **options: Any
    ) -> Any:
        if more or options:
            told = ", ".join([*map(repr, more), *options])
            raise LeavesNumberSystem(f"np.{name} with {told} leaves {system}: axis and keepdims stay")
        return getattr(x, name)(axis=axis, keepdims=bool(keepdims))

    return reduce


def _transpose(system: str, x: Any, axes: Any = None) -> Any:
    if axes is not None:
        raise LeavesNumberSystem(f"np.transpose with axes leaves {system}")
    return x.T


METHODS: dict[Any, Callable[..., Any]] = {
    np.sum: _reduction("sum"),
    np.mean: _reduction("mean"),
    np.max: _reduction("max"),
    np.transpose: _transpose,
    np.dot: lambda system, x, y: x @ y,
}
"""NumPy's functions of arrays that are methods of any array; called with the name of the system."""

ARITHMETIC: dict[Any, Callable[[Any, Any], Any]] = {
    np.add: lambda x, y: x.add(y),
    np.subtract: lambda x, y: x.subtract(y),
    np.multiply: lambda x, y: x.multiply(y),
    np.true_divide: lambda x, y: x.divide(y),
    np.matmul: lambda x, y: x.matmul(y),
}
