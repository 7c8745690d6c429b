"""The operators of a dual array, and the methods that are a NumPy function under another name."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from checks.oracles.dual_array import UFUNC_METHODS, DualArray, open_run, plain

__all__: list[str] = []


def _binary(name: str, ufunc: np.ufunc, operation: Callable[[Any, Any], Any]) -> None:
    """Give `DualArray` the operator `name`, its reflection and its update in place.

    The value is what the operator itself gives: `x ** 0.5` is a square root and `np.power(x, 0.5)` is not.
    """

    def evaluate(self: DualArray, a: Any, b: Any, out: Any = None) -> Any:
        other = b if a is self else a
        if not isinstance(other, _OPERANDS) and not _is_operand(other):
            return NotImplemented
        run = open_run(a, b)
        if run is None:
            return operation(plain(a), plain(b))
        return UFUNC_METHODS["__call__"](run, ufunc, (a, b), out=out, operation=operation)

    def forward(self: DualArray, other: Any) -> Any:
        return evaluate(self, self, other)

    def reflected(self: DualArray, other: Any) -> Any:
        return evaluate(self, other, self)

    def in_place(self: DualArray, other: Any) -> Any:
        if isinstance(self.value, np.generic) or open_run(self, other) is None:
            return evaluate(self, self, other)
        return evaluate(self, self, other, out=(self,))

    for prefix, method in (("", forward), ("r", reflected), ("i", in_place)):
        setattr(DualArray, f"__{prefix}{name}__", method)


_OPERANDS = (DualArray, np.ndarray, np.generic, int, float, complex, list, tuple)


def _is_operand(other: Any) -> bool:
    return getattr(other, "__array_ufunc__", None) is not None or hasattr(other, "__array__")


for _name, _ufunc, _operation in (
    ("add", np.add, operator.add),
    ("sub", np.subtract, operator.sub),
    ("mul", np.multiply, operator.mul),
    ("truediv", np.true_divide, operator.truediv),
    ("floordiv", np.floor_divide, operator.floordiv),
    ("mod", np.remainder, operator.mod),
    ("divmod", np.divmod, divmod),
    ("pow", np.power, operator.pow),
    ("matmul", np.matmul, operator.matmul),
):
    _binary(_name, _ufunc, _operation)


def _comparison(ufunc: np.ufunc) -> Callable[[DualArray, Any], Any]:
    def compare(self: DualArray, other: Any) -> Any:
        if other is None or isinstance(other, str):
            return ufunc(self.value, other)
        return ufunc(self, other)

    return compare


for _name, _compared in (
    ("lt", np.less),
    ("le", np.less_equal),
    ("gt", np.greater),
    ("ge", np.greater_equal),
    ("eq", np.equal),
    ("ne", np.not_equal),
):
    setattr(DualArray, f"__{_name}__", _comparison(_compared))

for _name, _of_one in (("neg", np.negative), ("pos", np.positive), ("abs", np.absolute)):
    setattr(DualArray, f"__{_name}__", lambda self, ufunc=_of_one: ufunc(self))


def _twin(function: Any) -> Callable[..., Any]:
    def method(self: DualArray, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    return method


for _twin_of in (
    *(np.all, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.cumprod, np.cumsum, np.diagonal),
    *(np.dot, np.max, np.mean, np.min, np.nonzero, np.prod, np.ptp, np.put, np.ravel, np.repeat, np.round),
    *(np.searchsorted, np.squeeze, np.std, np.sum, np.swapaxes, np.take, np.trace, np.var),
):
    setattr(DualArray, _twin_of.__name__, _twin(_twin_of))


def _compress(self: DualArray, condition: Any, *args: Any, **options: Any) -> Any:
    return np.compress(condition, self, *args, **options)


setattr(DualArray, "compress", _compress)  # noqa: B010 - as all the others
