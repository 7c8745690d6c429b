"""NumPy's sums, means, order statistics, interpolation and special values on duals."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.oracles.dual_array import DualArray, Run, plain
from checks.oracles.dual_rules import (
    ABSENT,
    complete,
    register,
    rewritten,
    split,
    tangent_of,
)

__all__: list[str] = []


def given(**options: Any) -> dict[str, Any]:
    """Pass on the options that were given."""
    return {k: v for k, v in options.items() if v is not ABSENT and v is not None}


# ------------------------------------------------------------------ sums and products
@tangent_of("sum", "initial")
def sum_(
    run: Run,
    y: Any,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    keepdims: Any = ABSENT,
    initial: Any = ABSENT,
    where: Any = ABSENT,
) -> Any:
    """Linear in the entries and in the initial value."""
    value, tangent = run.parts(a)
    tangent = np.zeros_like(value) if tangent is None else tangent
    return np.sum(tangent, axis=axis, **given(keepdims=keepdims, where=where)) + (
        0 if initial is ABSENT else split(initial)[1]
    )


@tangent_of("mean")
def mean(
    run: Run, y: Any, a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = ABSENT, where: Any = ABSENT
) -> Any:
    """Linear; accumulated in the dtype of the result."""
    return np.mean(run.parts(a)[1], axis=axis, **given(keepdims=keepdims, where=where))


@rewritten("prod")
def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    keepdims: Any = ABSENT,
    initial: Any = ABSENT,
    where: Any = ABSENT,
) -> Any:
    return np.multiply.reduce(a, axis=axis, **given(keepdims=keepdims, initial=initial, where=where))


@rewritten("max amax")
def max_(a: Any, axis: Any = None, keepdims: Any = ABSENT, initial: Any = ABSENT, where: Any = ABSENT) -> Any:
    return np.maximum.reduce(a, axis=axis, **given(keepdims=keepdims, initial=initial, where=where))


@rewritten("min amin")
def min_(a: Any, axis: Any = None, keepdims: Any = ABSENT, initial: Any = ABSENT, where: Any = ABSENT) -> Any:
    return np.minimum.reduce(a, axis=axis, **given(keepdims=keepdims, initial=initial, where=where))


@rewritten("ptp")
def ptp(a: Any, axis: Any = None, keepdims: Any = ABSENT) -> Any:
    return max_(a, axis, keepdims) - min_(a, axis, keepdims)


@rewritten("cumprod cumulative_prod")
def cumprod(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    return (
        np.multiply.accumulate(np.ravel(a), axis=0) if axis is None else np.multiply.accumulate(a, axis=axis)
    )


def count(a: Any, axis: Any, where: Any) -> Any:
    """How many entries go into each sum over `axis`, with the axes kept."""
    chosen = np.broadcast_to(True if where is ABSENT else plain(where), np.shape(a))
    return np.sum(chosen, axis=axis, keepdims=True)


@rewritten("var")
def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    ddof: Any = 0,
    keepdims: Any = ABSENT,
    where: Any = ABSENT,
    correction: Any = ABSENT,
) -> Any:
    """Mean square deviation from the mean."""
    n = count(a, axis, where)
    deviation = a - np.sum(a, axis=axis, keepdims=True, **given(where=where)) / n
    square = np.real(deviation * np.conjugate(deviation))
    total = np.sum(square, axis=axis, keepdims=True, **given(where=where))
    result = total / (n - (ddof if correction is ABSENT else correction))
    if keepdims is not ABSENT and keepdims:
        return result
    return np.squeeze(result, axis=tuple(range(np.ndim(a))) if axis is None else axis)


@rewritten("std")
def std(*args: Any, **kwargs: Any) -> Any:
    return np.sqrt(np.var(*args, **kwargs))


@rewritten("average")
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = ABSENT
) -> Any:
    """Weighted mean; one-dimensional weights lie along `axis`."""
    keep = given(keepdims=keepdims)
    if weights is None:
        result = np.mean(a, axis=axis, **keep)
        return (result, None) if returned else result
    if np.shape(weights) != np.shape(a):
        shape = [1] * np.ndim(a)
        shape[axis] = np.size(weights)
        weights = np.broadcast_to(np.reshape(weights, shape), np.shape(a))
    total = np.sum(weights + np.zeros(np.shape(a)), axis=axis, **keep)
    result = np.sum(a * weights, axis=axis, **keep) / total
    return (result, total) if returned else result


# ------------------------------------------------------------------ leaving out what is not a number
def _without_nan(name: str, plain_name: str, instead: float | None) -> None:
    @rewritten(name)
    def rule(a: Any, axis: Any = None, **options: Any) -> Any:
        missing = np.isnan(plain(a))
        function = getattr(np, plain_name)
        if instead is not None:
            return function(np.where(missing, instead, a), axis=axis, **options)
        return function(a, axis=axis, where=~missing, **options)


for _name, _plain, _instead in (
    ("nansum", "sum", 0.0),
    ("nanprod", "prod", 1.0),
    ("nancumsum", "cumsum", 0.0),
    ("nancumprod", "cumprod", 1.0),
    ("nanmax", "max", -np.inf),
    ("nanmin", "min", np.inf),
    ("nanmean", "mean", None),
    ("nanvar", "var", None),
    ("nanstd", "std", None),
):
    _without_nan(_name, _plain, _instead)


# ------------------------------------------------------------------ order
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


# ------------------------------------------------------------------ clip, rounding, sinc, angle
@rewritten("clip")
def clip(
    a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None, dtype: Any = None
) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is ABSENT:
        low = None
    if high is ABSENT:
        high = None
    result = a if low is None else np.maximum(a, low)
    return result if high is None else np.minimum(result, high)


@tangent_of("round around fix")
def round_(run: Run, y: Any, a: Any, decimals: int = 0) -> Any:
    """Piecewise constant."""
    value, tangent = split(a)
    run.note("np.round: piecewise constant, tangent 0")
    scaled = value * 10.0**decimals
    run.kink("np.round", (np.abs(scaled - np.trunc(scaled)) == 0.5) & (tangent != 0))
    return np.zeros_like(y)


@tangent_of("sinc")
def sinc(run: Run, y: Any, x: Any) -> Any:
    """d/dx of sin(u) / u, u = pi x; by its series where the closed form cancels."""
    value, tangent = split(x)
    u = np.pi * value
    safe = np.where(u == 0, 1, u)
    u2 = u * u
    series = -u / 3 * (1 - u2 / 10 * (1 - u2 / 28 * (1 - u2 / 54 * (1 - u2 / 88 * (1 - u2 / 130)))))
    closed = (u * np.cos(u) - np.sin(u)) / (safe * safe)
    return np.where(np.abs(u) < 0.5, series, closed) * np.pi * tangent


@tangent_of("unwrap")
def unwrap(run: Run, y: Any, p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """Whole periods are added, which do not move; a step of exactly half a period is a jump."""
    value, tangent = split(p)
    steps = np.mod(np.diff(value, axis=axis), period)
    run.kink("np.unwrap", (steps == period / 2) & (np.diff(tangent, axis=axis) != 0))
    return tangent


@rewritten("angle")
def angle(z: Any, deg: bool = False) -> Any:
    result = np.arctan2(np.imag(z), np.real(z))
    return np.rad2deg(result) if deg else result


# ------------------------------------------------------------------ interpolation, polynomials, covariance
@rewritten("interp")
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Straight lines between knots; exactly at a knot the line to its right is taken, and a kink noted."""
    knots, at = np.asarray(plain(xp)), np.asarray(plain(x))
    i = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    xp, fp = (z if isinstance(z, DualArray) else np.asarray(z) for z in (xp, fp))
    slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
    inside = fp[i] + slope * (x - xp[i])
    below = inside * 0 + (fp[0] if left is None else left)
    above = inside * 0 + (fp[-1] if right is None else right)
    result = np.where(at < knots[0], below, np.where(at > knots[-1], above, inside))
    for operand in (x, xp):
        if isinstance(operand, DualArray):
            tangents = [split(z)[1] for z in (x, xp)]
            hit = (np.ravel(at)[:, None] == knots) & (np.ravel(tangents[0])[:, None] != tangents[1])
            operand.run.kink("np.interp", hit)
            break
    return result


@rewritten("polyval")
def polyval(p: Any, x: Any) -> Any:
    """Horner's scheme."""
    result = x * 0
    for k in range(len(p)):
        result = result * x + p[k]
    return result


@rewritten("polyfit")
def polyfit(x: Any, y: Any, deg: int) -> Any:
    """Least squares on scaled powers, as NumPy has it."""
    powers = np.vander(x, deg + 1)
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    coefficients = np.linalg.lstsq(powers / scale, y, rcond=len(x) * np.finfo(float).eps)[0]
    return (coefficients.T / scale).T


@rewritten("vander")
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    powers = range(len(x) if N is None else N)
    return np.stack([x**k for k in (powers if increasing else reversed(powers))], axis=1)


@rewritten("cov")
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:
    """Variables in rows."""
    data = np.atleast_2d(m)
    if not rowvar and np.ndim(m) != 1:
        data = data.T
    if y is not None:
        other = np.atleast_2d(y)
        data = np.concatenate([data, other.T if not rowvar and np.ndim(y) != 1 else other])
    centred = data - np.mean(data, axis=1, keepdims=True)
    freedom = data.shape[1] - ((0 if bias else 1) if ddof is None else ddof)
    return np.squeeze(centred @ np.conjugate(centred).T / freedom)


@rewritten("corrcoef")
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    c = np.cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    scale = np.sqrt(np.diagonal(c))
    return c / scale[:, None] / scale[None, :]


@tangent_of("geomspace", "stop")
def geomspace(run: Run, y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    """y times the straight line between the relative slopes of both ends."""
    (a, ta), (b, tb) = split(start), split(stop)
    return y * np.linspace(ta / a, tb / b, num, endpoint=endpoint)


@tangent_of("logspace", "stop")
def logspace(
    run: Run, y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0
) -> Any:
    return y * np.log(base) * np.linspace(split(start)[1], split(stop)[1], num, endpoint=endpoint)
