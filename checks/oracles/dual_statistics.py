"""NumPy's sums, means, variances and covariances on duals, and those that leave out what is not a number."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.oracles.dual_array import Run, plain
from checks.oracles.dual_rules import (
    ABSENT,
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


# ------------------------------------------------------------------ covariance
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
