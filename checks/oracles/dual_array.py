"""An array and its tangent, for NumPy code that was never written for it.

A `DualArray` carries f(x) and the directional derivative df(x)[v] through plain NumPy code, by
`__array_ufunc__` and `__array_function__`. It is a duck array and never an `ndarray` subclass: NumPy's own
conversions strip a subclass to its base and the tangent is lost without a word. So everything here rests on
three rules:

1. What has no rule raises `TangentLost`, and the `Run` remembers it, whatever user code does with the
   exception.
2. The value goes through the very NumPy calls that plain code would make; only the tangent has rules of its
   own.
3. Value and tangent have one shape, one dtype and one memory layout, so that whatever is a view of the one is
   a view of the other, and a write through any alias reaches both.

This module holds the array itself. `dual_operators` gives it `+`, `@`, `<` and methods such as `.sum`; the
rules fill the tables `UFUNC_METHODS` (`dual_ufunc_methods`, from the calculus in `dual_ufuncs`) and
`FUNCTIONS` (`dual_functions`, `dual_statistics`, `dual_order`, `dual_curves`, `dual_linalg`, made as
`dual_rules` says).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from checks.oracles.dual_views import FlatView, ScalarDtype

__all__ = ["FUNCTIONS", "UFUNC_METHODS", "DualArray", "Run", "TangentLost"]

UFUNC_METHODS: dict[str, Callable[..., Any]] = {}
"""How `ufunc(...)`, `ufunc.reduce(...)`, ... act on duals; filled by `dual_ufuncs`."""

FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""How every other NumPy function acts on duals; filled by `dual_functions` and `dual_linalg`."""


class TangentLost(TypeError):  # noqa: N818 - a refusal
    """An operation would have dropped the tangent in silence, so it was refused."""


class Run:
    """What one evaluation on duals has met so far.

    A dual that outlives its run (a layer that keeps its activations) behaves as its plain value from then on.

    Attributes
    ----------
    lost : list of str
        Every refusal, one line each. Not empty means that no derivative may be reported, even where user code
        caught the exception.
    kinks : dict of str to int
        Function name to the number of entries at which it was evaluated exactly at a kink or a jump that the
        direction crosses.
    notes : dict of str to None
        What is right and yet worth a second look, in order of appearance.
    dtypes : set of numpy.dtype
        The dtypes that values went through.
    open : bool
        False once the evaluation is over.
    """

    __slots__ = ("dtypes", "kinks", "lost", "notes", "open")

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.kinks: dict[str, int] = {}
        self.notes: dict[str, None] = {}
        self.dtypes: set[Any] = set()
        self.open = True

    def lose(self, reason: str) -> TangentLost:
        """Record a refusal; the caller raises what is returned."""
        self.lost.append(reason)
        return TangentLost(reason)

    def kink(self, name: str, where: Any) -> None:
        """Record that `name` was evaluated exactly at a kink, at the entries where `where` is true."""
        entries = int(np.count_nonzero(where))
        if entries:
            self.kinks[name] = self.kinks.get(name, 0) + entries

    def note(self, text: str) -> None:
        """Record something worth a second look, once."""
        self.notes[text] = None

    def dual(self, value: Any, tangent: Any) -> Any:
        """Pair a value with its tangent, in one shape, dtype and memory layout.

        The tangent must be as new as the value: where the value is a view, the same view; else no view at
        all. Integers and booleans do not move: they come back plain.
        """
        if not isinstance(value, np.ndarray | np.generic):
            value = np.asarray(value)[()]
        dtype = value.dtype
        if dtype.kind not in "fc":
            self.note(f"a result of dtype {dtype}: piecewise constant, tangent 0")
            return value
        self.dtypes.add(dtype)
        if type(tangent) is type(value) and isinstance(value, np.generic):
            return DualArray(self, value, tangent)
        tangent = np.asarray(tangent)
        if tangent.dtype.kind == "c" and dtype.kind == "f":
            raise self.lose("a real value got a complex tangent: no rule for this use of complex numbers")
        if isinstance(value, np.generic):
            if tangent.ndim:
                raise self.lose("a scalar got a tangent that is an array")
            return DualArray(self, value, dtype.type(tangent))
        if tangent.shape != value.shape or tangent.dtype != dtype or tangent.strides != value.strides:
            same = laid_out_like(value)
            same[...] = tangent
            tangent = same
            tangent.flags.writeable = value.flags.writeable
        return DualArray(self, value, tangent)

    def gather(self, array: Any) -> Any:
        """Turn an object array that holds dual scalars into one dual; anything else comes back as it is."""
        if not (isinstance(array, np.ndarray) and array.dtype == object):
            return array
        elements = array.ravel().tolist()
        if not any(isinstance(e, DualArray) for e in elements):
            return array
        values, tangents = [], []
        for e in elements:
            value, tangent = self.parts(e)
            if np.ndim(value) or not isinstance(value, int | float | complex | np.generic):
                raise self.lose("an object array holds both dual numbers and something that is not a number")
            values.append(value)
            tangents.append(np.multiply(0, value) if tangent is None else tangent)
        return self.dual(np.array(values).reshape(array.shape), np.array(tangents).reshape(array.shape))

    def parts(self, x: Any) -> tuple[Any, Any]:
        """Split any operand into its value and its tangent (None: it does not move)."""
        if not isinstance(x, DualArray):
            if isinstance(x, list | tuple) and holds_dual(x):
                x = np.asarray(x)
            x = self.gather(x)
            if not isinstance(x, DualArray):
                return x, None
        if x.run is self:
            return x.value, x.tangent
        if x.run.open:
            x.run.lose("two forward-mode runs were mixed")
            raise self.lose("two forward-mode runs were mixed")
        return x.value, None


def laid_out_like(value: Any) -> Any:
    """Return a new array of the very strides of `value`, gaps and all: what views the one views the other."""
    new = np.empty_like(value)
    if new.strides == value.strides:
        return new
    reach = [stride * (n - 1) for stride, n in zip(value.strides, value.shape, strict=True) if n]
    low, high = sum(min(r, 0) for r in reach), sum(max(r, 0) for r in reach)
    memory = np.empty(high - low + value.itemsize, dtype=np.uint8)
    return np.ndarray(value.shape, value.dtype, memory, -low, value.strides)


def tree_map(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply `function` to the leaves of nested lists, tuples and dicts."""
    if isinstance(x, list):
        return [tree_map(function, i) for i in x]
    if isinstance(x, tuple):
        items = [tree_map(function, i) for i in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, dict):
        return {key: tree_map(function, i) for key, i in x.items()}
    return function(x)


def duals_in(x: Any) -> Iterator[DualArray]:
    """Yield the duals in nested lists, tuples, dicts and object arrays."""
    if isinstance(x, DualArray):
        yield x
    elif isinstance(x, list | tuple):
        for i in x:
            yield from duals_in(i)
    elif isinstance(x, dict):
        yield from duals_in(list(x.values()))
    elif isinstance(x, np.ndarray) and x.dtype == object:
        yield from (e for e in x.flat if isinstance(e, DualArray))


def holds_dual(x: Any) -> bool:
    """Tell whether there is a dual anywhere in `x`."""
    return next(duals_in(x), None) is not None


def open_run(*operands: Any) -> Run | None:
    """Return the run that is under way among the duals in `operands`; None if all of theirs are over."""
    for x in operands:
        if type(x) is DualArray:
            if x.run.open:
                return x.run
        elif isinstance(x, list | tuple | dict | np.ndarray):
            for dual in duals_in(x):
                if dual.run.open:
                    return dual.run
    return None


def plain(x: Any) -> Any:
    """Replace every dual in `x` by its value."""
    return tree_map(lambda i: i.value if isinstance(i, DualArray) else i, x)


class DualArray:
    """A value, its tangent, and the run they belong to. Built by `Run.dual`.

    `value` is an `ndarray` or, as in NumPy, a NumPy scalar (then updates in place make a new object).
    Reading, views, arithmetic, comparison, in-place updates and NumPy's functions work as for an `ndarray`;
    conversion to a Python number or to a plain float array raises `TangentLost`. `np.asarray` gives an object
    array of dual scalars, which NumPy computes with element by element: slow, and nothing is lost.
    """

    __slots__ = ("run", "tangent", "value")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, run: Run, value: Any, tangent: Any) -> None:
        self.run = run
        self.value = value
        self.tangent = tangent

    # ---------------------------------------------------------------- NumPy's protocols
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        run = open_run(*inputs, options.get("out"))
        if run is None:
            return getattr(ufunc, method)(*plain(inputs), **plain(options))
        if method not in UFUNC_METHODS:
            raise run.lose(f"np.{ufunc.__name__}.{method} has no rule")
        return UFUNC_METHODS[method](run, ufunc, inputs, **options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        run = open_run(*args, kwargs, self)  # np.zeros(3, like=x) names x nowhere else
        if run is None:
            return function(*plain(args), **plain(kwargs))
        rule = FUNCTIONS.get(function)
        if rule is None and function.__module__ == "numpy":  # np.ones(3, like=x) arrives as another function
            rule = FUNCTIONS.get(getattr(np, function.__name__, None))  # type: ignore[arg-type]
        if rule is None:
            raise run.lose(f"{function_name(function)} has no rule")
        return rule(run, tree_map(run.gather, args), tree_map(run.gather, kwargs))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if not self.run.open:
            return np.asarray(self.value, dtype=dtype)
        if dtype is not None and np.dtype(dtype) != object:
            raise self.run.lose(f"conversion to a plain array of {np.dtype(dtype)} would drop the tangent")
        if sys._getframe(1).f_code is np.lib.stride_tricks.as_strided.__code__:
            # It would read this array of objects with the strides of numbers.
            raise self.run.lose("np.lib.stride_tricks.as_strided has no rule")
        elements = np.empty(self.shape, dtype=object)
        for index in np.ndindex(self.shape):
            elements[index] = DualArray(self.run, self.value[index], self.tangent[index])
        return elements

    # ---------------------------------------------------------------- what would lose the tangent
    def __float__(self) -> float:
        return float(self._plain_number("float()"))

    def __int__(self) -> int:
        return int(self._plain_number("int()"))

    def __complex__(self) -> complex:
        return complex(self._plain_number("complex()"))

    def item(self, *args: Any) -> Any:
        """Refused: a Python number has no tangent."""
        return self._plain_number(".item()").item(*args)

    def tolist(self) -> Any:
        """Refused: Python numbers have no tangents."""
        return self._plain_number(".tolist()").tolist()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._plain_number("pickling").__reduce_ex__(protocol)

    def _plain_number(self, what: str) -> Any:
        if self.run.open:
            raise self.run.lose(f"{what} would drop the tangent")
        return self.value

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            ufunc = getattr(np, name, None)
            if isinstance(ufunc, np.ufunc) and isinstance(self.value, np.generic):
                return lambda *others: ufunc(self, *others)  # np.exp of an object array calls element.exp()
            if hasattr(np.ndarray, name):
                raise self.run.lose(f"ndarray.{name} has no rule")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # ---------------------------------------------------------------- looking at it
    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of value and tangent; may be set, as in NumPy."""
        return tuple(self.value.shape)

    @shape.setter
    def shape(self, shape: Any) -> None:
        self.value, self.tangent = self.value.reshape(shape), self.tangent.reshape(shape)

    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(
        lambda self: ScalarDtype(self) if isinstance(self.value, np.generic) else self.value.dtype
    )
    itemsize = property(lambda self: self.value.itemsize)
    nbytes = property(lambda self: self.value.nbytes)
    flags = property(lambda self: self.value.flags)
    T = property(lambda self: self._both(lambda a: a.T))
    mT = property(lambda self: self._both(lambda a: np.swapaxes(a, -1, -2)))

    def _both(self, view: Callable[[Any], Any]) -> DualArray:
        return DualArray(self.run, view(self.value), view(self.tangent))

    def _part(self, name: str) -> Any:
        if self.value.dtype.kind == "f" and name == "real":
            return self
        return self._both(lambda a: getattr(a, name))

    def _set_part(self, name: str, new: Any) -> None:
        if self.value.dtype.kind == "f" and name == "real":
            self[...] = new
        else:
            self._part(name)[...] = new

    real = property(lambda self: self._part("real"), lambda self, new: self._set_part("real", new))
    imag = property(lambda self: self._part("imag"), lambda self, new: self._set_part("imag", new))
    flat = property(FlatView, lambda self, new: FlatView(self).__setitem__(slice(None), new))

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        truth = bool(self.value)
        self.run.kink("truth value", (self.value == 0) & (self.tangent != 0))
        return truth

    def __contains__(self, x: Any) -> bool:
        return bool((self == x).any())

    # Text must not turn back into a number: float(str(z)) would drop the tangent.
    def __repr__(self) -> str:
        return f"dual({self.value!r})"

    def __str__(self) -> str:
        return f"dual({self.value})"

    def __format__(self, spec: str) -> str:
        return f"dual({self.value:{spec}})"

    # ---------------------------------------------------------------- reading and writing entries
    def __getitem__(self, key: Any) -> Any:
        key = self._index(key)
        return DualArray(self.run, self.value[key], self.tangent[key])

    def __setitem__(self, key: Any, new: Any) -> None:
        key = self._index(key)
        value, tangent = self.run.parts(new)
        if self.run.open:
            self.value[key] = value
            self.tangent[key] = 0 if tangent is None else tangent
        else:
            self.value[key] = plain(new)

    def _index(self, key: Any) -> Any:
        for dual in duals_in(key):
            if dual.run.open:
                raise dual.run.lose("use as an index would drop the tangent")
        return plain(key)

    # ---------------------------------------------------------------- copies and casts
    def copy(self, order: Any = "C") -> DualArray:
        """Copy both."""
        return self._both(lambda a: a.copy(order))

    def __copy__(self) -> DualArray:
        return self._both(lambda a: a.copy("K"))

    def __deepcopy__(self, memo: Any) -> DualArray:
        return self.__copy__()

    def flatten(self, order: Any = "C") -> DualArray:
        """Copy both, in one dimension."""
        return self._both(lambda a: a.flatten(order))

    def fill(self, new: Any) -> None:
        """Set every entry."""
        self[...] = new

    def astype(self, dtype: Any, *args: Any, copy: bool = True, **options: Any) -> Any:
        """Cast both; integers come back plain, with a note."""
        dtype = np.dtype(dtype)
        if dtype.kind == "O":
            return self.__array__(object)
        if not copy and dtype == self.value.dtype:
            return self
        value = self.value.astype(dtype, *args, **options)
        if dtype.kind not in "fc":
            if self.run.open:
                self.run.note(f"astype({dtype}): piecewise constant, tangent 0")
            return value
        if dtype.kind == "f" and self.value.dtype.kind == "c":
            raise self.run.lose("astype from complex to real has no rule: take .real")
        return self.run.dual(value, self.tangent.astype(dtype, *args, **options))

    # ---------------------------------------------------------------- methods with something of their own
    def reshape(self, *shape: Any, **options: Any) -> DualArray:
        """View or copy, as the layout has it, of both alike."""
        return self._both(lambda a: a.reshape(*shape, **options))

    def transpose(self, *axes: Any) -> DualArray:
        """View with the axes in another order."""
        return self._both(lambda a: a.transpose(*axes))

    def sort(self, axis: int = -1, **options: Any) -> None:
        """Sort in place."""
        self[...] = np.sort(self, axis=axis, **options)

    def partition(self, kth: Any, axis: int = -1, **options: Any) -> None:
        """Partition in place."""
        self[...] = np.partition(self, kth, axis=axis, **options)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **options: Any) -> Any:
        """As `np.clip`; either bound may be left out."""
        return np.clip(self, min, max, out=out, **options)

    def conj(self) -> Any:
        """Complex conjugate."""
        return np.conjugate(self)

    def conjugate(self) -> Any:
        """Complex conjugate."""
        return np.conjugate(self)

    # ---------------------------------------------------------------- Python's own functions of a number
    def __round__(self, digits: int | None = None) -> Any:
        if digits is not None:
            return np.round(self, digits)
        return self._to_integer(round, "round()")

    def __floor__(self) -> Any:
        return self._to_integer(lambda x: int(np.floor(x)), "math.floor")

    def __ceil__(self) -> Any:
        return self._to_integer(lambda x: int(np.ceil(x)), "math.ceil")

    def __trunc__(self) -> Any:
        return self._to_integer(lambda x: int(np.trunc(x)), "math.trunc")

    def _to_integer(self, cast: Callable[[Any], int], name: str) -> int:
        self.run.note(f"{name}: piecewise constant, tangent 0")
        self.run.kink(name, (2 * self.value == np.rint(2 * self.value)) & (self.tangent != 0))
        return cast(self.value)


def function_name(function: Any) -> str:
    """Name a NumPy function as people write it: np.linalg.solve."""
    module = str(getattr(function, "__module__", "numpy") or "numpy").replace("numpy", "np", 1)
    return f"{module}.{getattr(function, '__name__', function)}"
