"""NumPy's sorting, searching and quantiles on duals: the order is that of the values, and ties are kinks."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.oracles.dual_array import DualArray, Run, plain
from checks.oracles.dual_rules import complete, register, split, tangent_of

__all__: list[str] = []


def along(x: Any, axis: Any) -> Any:
    """Ravel for axis None, as the sorting functions do."""
    return np.ravel(x) if axis is None else x


def note_ties(run: Run, name: str, values: Any, tangents: Any, axis: Any) -> None:
    """Neighbours in the order that are equal and move apart: the order is about to change."""
    with np.errstate(invalid="ignore"):
        run.kink(name, (np.diff(values, axis=axis) == 0) & (np.diff(tangents, axis=axis) != 0))


def ordered(run: Run, name: str, a: Any, axis: Any) -> tuple[Any, Any]:
    """Sort values, carry tangents along, and note ties."""
    value, tangent = (along(x, axis) for x in split(a))
    axis = -1 if axis is None else axis
    order = np.argsort(value, axis=axis, kind="stable")
    value, tangent = (np.take_along_axis(x, order, axis) for x in (value, tangent))
    note_ties(run, name, value, tangent, axis)
    return value, tangent


@tangent_of("sort")
def sort(run: Run, y: Any, a: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
    return ordered(run, "np.sort", a, axis)[1]


@complete("partition")
def partition(run: Run, a: Any, kth: Any, axis: Any = -1, kind: str = "introselect") -> Any:
    """The entries in the order of `np.argpartition`; beyond position kth NumPy promises no order."""
    ordered(run, "np.partition", a, axis)
    value, tangent = (along(x, axis) for x in split(a))
    axis = -1 if axis is None else axis
    order = np.argpartition(value, kth, axis=axis)
    return run.dual(*(np.take_along_axis(x, order, axis) for x in (value, tangent)))


def _positions(names: str) -> None:
    def rule(run: Run, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        a = args[0] if args else kwargs["a"]
        if isinstance(a, DualArray) and np.ndim(a):
            axis = kwargs.get(
                "axis", args[1] if len(args) > 1 and "partition" not in function.__name__ else None
            )
            ordered(run, f"np.{function.__name__}", a, axis)
        return function(*plain(args), **plain(kwargs))

    register(names, rule)


_positions("argsort argpartition")


def _first_extreme(names: str, larger: bool) -> None:
    def rule(run: Run, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        a = args[0] if args else kwargs["a"]
        axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
        extreme = np.maximum if larger else np.minimum
        if isinstance(a, DualArray):
            extreme.reduce(a, axis=axis)  # for the note on ties
        return function(*plain(args), **plain(kwargs))

    register(names, rule)


_first_extreme("argmax nanargmax", larger=True)
_first_extreme("argmin nanargmin", larger=False)


@complete("lexsort")
def lexsort(run: Run, keys: Any, axis: int = -1) -> Any:
    return np.lexsort(plain(keys), axis)


def _bins(names: str) -> None:
    def rule(run: Run, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        pairs = [split(x) for x in args[:2]]
        if len(pairs) == 2:
            (a, ta), (b, tb) = ((np.ravel(i) for i in p) for p in pairs)
            run.kink(f"np.{function.__name__}", (a[:, None] == b) & (ta[:, None] != tb))
        run.note(f"np.{function.__name__}: piecewise constant, tangent 0")
        return function(*plain(args), **plain(kwargs))

    register(names, rule)


_bins("searchsorted digitize")


@complete("unique")
def unique(run: Run, ar: Any, **options: Any) -> Any:
    """Sorted distinct values; equal entries that move apart make it a jump."""
    if options.get("axis") is not None:
        raise run.lose("np.unique has no rule for axis")
    value, tangent = split(np.ravel(ar))
    ordered(run, "np.unique", ar, None)
    result = np.unique(value, **{**options, "return_index": True})
    first = result[1]
    values = run.dual(value[first], tangent[first])
    wanted = [options.get(f"return_{k}", False) for k in ("index", "inverse", "counts")]
    rest = [r for r, w in zip(_spread(result[1:], options), wanted, strict=True) if w]
    return (values, *rest) if rest else values


def _spread(rest: Any, options: dict[str, Any]) -> list[Any]:
    rest = list(rest)
    return [
        rest.pop(0),
        rest.pop(0) if options.get("return_inverse") else None,
        rest.pop(0) if options.get("return_counts") else None,
    ]


def at_position(run: Run, name: str, a: Any, q: Any, axis: Any, method: str, keepdims: Any, y: Any) -> Any:
    """The tangent of a quantile.

    Every method interpolates between two neighbours in the order; applied to 0, 1, ..., n-1 it gives back the
    position between them, which is all that the tangent needs.
    """
    value, tangent = split(a)
    axes = tuple(range(value.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(i % value.ndim for i in axes)
    rest = [n for i, n in enumerate(value.shape) if i not in axes]
    value, tangent = (np.moveaxis(x, axes, range(len(axes))).reshape([-1, *rest]) for x in (value, tangent))
    order = np.argsort(value, axis=0, kind="stable")
    value, tangent = (np.take_along_axis(x, order, 0) for x in (value, tangent))
    quantile: Any = np.quantile
    place = quantile(np.arange(len(value), dtype=float), q, method=method)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(value) - 1)
    share = np.asarray(place - low).reshape(np.shape(place) + (1,) * len(rest))
    tied = np.zeros(np.shape(value), dtype=bool)
    tied[1:] |= (value[1:] == value[:-1]) & (tangent[1:] != tangent[:-1])
    tied[:-1] |= (value[1:] == value[:-1]) & (tangent[1:] != tangent[:-1])
    run.kink(name, tied[low] | (tied[high] & (share > 0)))
    return ((1 - share) * tangent[low] + share * tangent[high]).reshape(np.shape(y))


@tangent_of("median")
def median(
    run: Run, y: Any, a: Any, axis: Any = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    if overwrite_input:
        raise run.lose("np.median has no rule for overwrite_input=True")
    return at_position(run, "np.median", a, 0.5, axis, "linear", keepdims, y)


def _quantile(name: str, unit: float) -> None:
    @tangent_of(name)
    def rule(
        run: Run, y: Any, a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
    ) -> Any:
        return at_position(run, f"np.{name}", a, np.asarray(q) / unit, axis, method, keepdims, y)


_quantile("quantile", 1)
_quantile("percentile", 100)
