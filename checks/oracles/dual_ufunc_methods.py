"""`ufunc(...)`, `.reduce`, `.accumulate`, `.reduceat`, `.outer` and `.at` on duals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checks.oracles.dual_array import UFUNC_METHODS, DualArray, Run, plain
from checks.oracles.dual_ufuncs import AtKink, moving, rule_for

__all__ = ["call", "check_out", "write"]

_ABSENT = object()


# ------------------------------------------------------------------ calling a ufunc
def call(
    run: Run,
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    out: Any = None,
    where: Any = True,
    operation: Callable[..., Any] | None = None,
    **options: Any,
) -> Any:
    """`ufunc(*inputs, out=out, where=where)`, or the Python operator `operation` of the same meaning.

    The result is computed before anything is written, so `out` may overlap the inputs, as in NumPy.
    """
    outs = None if out is None else check_out(run, f"np.{ufunc.__name__}", out)
    xs, ts = zip(*[run.parts(x) for x in inputs], strict=True)
    where = plain(where)
    if operation is not None:
        y = operation(*xs)
        if outs is None and not isinstance(y, tuple):
            tangent = pushed(run, ufunc, y, xs, ts, options=options)
            return y if tangent is None else run.dual(y, tangent)
    elif where is True:
        y = ufunc(*xs, **options)
    else:  # entries that `where` leaves out keep what `out` holds: let NumPy see a copy of it
        held = tuple(o.value.copy("K") if isinstance(o, DualArray) else None for o in outs or ())
        y = ufunc(*xs, where=where, **({"out": held} if held else {}), **options)
    ys = y if isinstance(y, tuple) else (y,)
    tangents: Any = (None,) * len(ys)
    if any(t is not None for t in ts):
        tangents = pushed(run, ufunc, y, xs, ts, where, options)
        tangents = tangents if isinstance(y, tuple) else (tangents,)
    results = []
    for target, value, tangent in zip(outs or (None,) * len(ys), ys, tangents, strict=True):
        if target is not None:
            results.append(write(run, target, value, tangent, where))
        elif tangent is None:
            results.append(value)
        else:  # what `where` leaves out is not set in the value either: its tangent is not a number
            results.append(run.dual(value, tangent if where is True else np.where(where, tangent, np.nan)))
    return tuple(results) if isinstance(y, tuple) else results[0]


def pushed(
    run: Run,
    ufunc: np.ufunc,
    y: Any,
    xs: tuple[Any, ...],
    ts: tuple[Any, ...],
    where: Any = True,
    options: dict[str, Any] | None = None,
) -> Any:
    """Push tangents through the ufunc's rule; report its kinks and its note."""
    rule = rule_for(run, ufunc, xs)
    tangents = rule.push(y, xs, ts, **(options or {})) if ufunc.signature else rule.push(y, xs, ts)
    if isinstance(tangents, AtKink):
        run.kink(f"np.{ufunc.__name__}", tangents.kink & where)
        tangents = tangents.tangent
    if rule.kink is not None:
        run.kink(f"np.{ufunc.__name__}", np.asarray(rule.kink(y, xs, ts)) & where)
    if rule.note is not None and any(np.any(moving(t)) for t in ts):
        run.note(rule.note)
    # x + 1 has the tangent of x, but its own: an update in place of the one must not reach the other.
    if isinstance(tangents, tuple):
        return tuple(t.copy() if any(t is u for u in ts) else t for t in tangents)
    return tangents.copy() if any(tangents is u for u in ts if u is not None) else tangents


def check_out(run: Run, name: str, out: Any) -> tuple[Any, ...] | None:
    """Accept `out=` only where it can hold a tangent: a dual, or an object array."""
    if out is None:
        return None
    outs = out if isinstance(out, tuple) else (out,)
    for o in outs:
        if isinstance(o, DualArray):
            if o.run is not run:
                raise run.lose(f"{name}: out= belongs to another run")
        elif o is not None and o.dtype != object:
            raise run.lose(f"{name}: out= is a plain array, which cannot hold the tangent")
    return outs


def write(run: Run, out: Any, value: Any, tangent: Any, where: Any = True) -> Any:
    """Store a result in `out`, value and tangent, and return `out`."""
    if isinstance(out, DualArray):
        np.copyto(out.value, value, casting="same_kind", where=where)
        np.copyto(out.tangent, 0 if tangent is None else tangent, casting="same_kind", where=where)
    else:
        np.copyto(out, value if tangent is None else np.asarray(run.dual(value, tangent)), where=where)
    return out


# ------------------------------------------------------------------ reduce
def reduce(
    run: Run,
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = _ABSENT,
    where: Any = True,
) -> Any:
    """`ufunc.reduce(x, ...)`."""
    outs = check_out(run, f"np.{ufunc.__name__}.reduce", out)
    x, t = run.parts(inputs[0])
    where = plain(where)
    given: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    if where is not True:
        given["where"] = where
    start, start_t = (None, None) if initial is _ABSENT else run.parts(initial)
    if start_t is not None and ufunc is not np.add:
        raise run.lose(f"np.{ufunc.__name__}.reduce: a dual initial= has no rule")
    if t is None and start_t is None:
        raise run.lose(f"np.{ufunc.__name__}.reduce of a plain array has no rule for dual options")
    seed = {} if start is None else {"initial": start}
    y = ufunc.reduce(x, dtype=dtype, **given, **seed)
    t = np.zeros_like(x) if t is None else t
    if ufunc is np.add:
        tangent = np.add.reduce(t, **given) + (0 if start_t is None else start_t)
    elif ufunc in (np.maximum, np.fmax, np.minimum, np.fmin):
        tangent = _reduce_extremum(run, ufunc, x, t, given, start)
    elif ufunc is np.multiply:
        tangent = _reduce_product(x, t, given, start)
    elif ufunc in (np.logical_and, np.logical_or, np.logical_xor):
        run.kink(f"np.{ufunc.__name__}", (x == 0) & moving(t))
        return y
    elif isinstance(axis, int) and where is True and start is None and x.shape[axis]:
        folded = _fold(run, ufunc, np.moveaxis(x, axis, 0), np.moveaxis(t, axis, 0))[1][-1]
        tangent = np.expand_dims(folded, axis) if keepdims else folded
    else:
        raise run.lose(f"np.{ufunc.__name__}.reduce has no rule for these options")
    return run.dual(y, tangent) if outs is None else write(run, outs[0], y, tangent)


def _reduce_extremum(run: Run, ufunc: np.ufunc, x: Any, t: Any, given: dict[str, Any], start: Any) -> Any:
    """The tangent of the largest (smallest) entry; at a tie the slope to the right."""
    if np.iscomplexobj(x):
        raise run.lose(f"np.{ufunc.__name__}.reduce has no rule for complex numbers")
    larger = ufunc in (np.maximum, np.fmax)
    pick, other = (np.maximum, np.minimum) if larger else (np.minimum, np.maximum)
    worst = -np.inf if larger else np.inf
    axis, keepdims, where = given["axis"], given["keepdims"], given.get("where", True)
    seed = worst if start is None else start
    top = ufunc.reduce(x, axis=axis, keepdims=True, where=where, initial=seed)
    hit = (x == top) & where
    best = pick.reduce(np.where(hit, t, worst), axis=axis, keepdims=True)
    least = other.reduce(np.where(hit, t, -worst), axis=axis, keepdims=True)
    some = np.any(hit, axis=axis, keepdims=True)
    if start is not None:  # the plain initial value is one of the candidates, with slope 0
        tied = some & (top == start)
        best, least = (np.where(tied, op(b, 0), b) for op, b in ((pick, best), (other, least)))
    run.kink(f"np.{ufunc.__name__}", some & (best != least))
    best = np.where(some, best, np.nan if start is None else 0)
    if keepdims:
        return best
    return np.squeeze(best, axis=tuple(range(x.ndim)) if axis is None else axis)


def _reduce_product(x: Any, t: Any, given: dict[str, Any], start: Any) -> Any:
    """Sum over i of t_i times the product of all the others, without a division: zeros are welcome."""
    where = given.get("where", True)
    if where is not True:
        x, t = np.where(where, x, np.ones_like(x)), np.where(where, t, np.zeros_like(t))
    axis = given["axis"]
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(a % x.ndim for a in axes) if x.ndim else ()
    rest = [n for a, n in enumerate(x.shape) if a not in axes]
    x, t = (np.moveaxis(a, axes, range(len(axes))).reshape([-1, *rest]) for a in (x, t))
    one = np.ones_like(x[:1])
    before = np.cumprod(np.concatenate([one, x[:-1]]), axis=0)
    after = np.cumprod(np.concatenate([one, x[:0:-1]]), axis=0)[::-1]
    tangent = np.sum(t * before * after, axis=0) * (1 if start is None else start)
    return np.expand_dims(tangent, axes) if given["keepdims"] else tangent


def _fold(run: Run, ufunc: np.ufunc, x: Any, t: Any) -> tuple[list[Any], list[Any]]:
    """Apply the ufunc's own rule one entry after another along the first axis."""
    ys, tangents = [x[0]], [t[0]]
    for xi, ti in zip(x[1:], t[1:], strict=True):
        xs, ts = (ys[-1], xi), (tangents[-1], ti)
        y = ufunc(*xs)
        tangents.append(pushed(run, ufunc, y, xs, ts))
        ys.append(y)
    return ys, tangents


# ------------------------------------------------------------------ accumulate, reduceat, outer, at
def accumulate(
    run: Run, ufunc: np.ufunc, inputs: tuple[Any, ...], axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    """`ufunc.accumulate(x, axis)`."""
    outs = check_out(run, f"np.{ufunc.__name__}.accumulate", out)
    x, t = run.parts(inputs[0])
    y = ufunc.accumulate(x, axis=axis, dtype=dtype)
    if ufunc is np.add or not x.size:
        tangent = np.add.accumulate(t, axis=axis)
    else:
        folded = _fold(run, ufunc, np.moveaxis(x, axis, 0), np.moveaxis(t, axis, 0))[1]
        tangent = np.moveaxis(np.stack(folded), 0, axis)
    return run.dual(y, tangent) if outs is None else write(run, outs[0], y, tangent)


def reduceat(run: Run, ufunc: np.ufunc, inputs: tuple[Any, ...], axis: int = 0, out: Any = None) -> Any:
    """`np.add.reduceat(x, indices, axis)`."""
    x, t = run.parts(inputs[0])
    indices, moving_indices = run.parts(inputs[1])
    if ufunc is not np.add or t is None or moving_indices is not None or out is not None:
        raise run.lose(f"np.{ufunc.__name__}.reduceat has no rule")
    return run.dual(np.add.reduceat(x, indices, axis), np.add.reduceat(t, indices, axis))


def outer(run: Run, ufunc: np.ufunc, inputs: tuple[Any, ...], **options: Any) -> Any:
    """`ufunc.outer(a, b)`: the ufunc on a[:, None] and b[None, :], in general dimensions."""
    (a, ta), (b, tb) = (run.parts(x) for x in inputs)
    a, b = np.asarray(a), np.asarray(b)
    lengthen = (..., *(None,) * b.ndim)
    a = a[lengthen] if ta is None else DualArray(run, a[lengthen], np.asarray(ta)[lengthen])
    b = b if tb is None else DualArray(run, b, np.asarray(tb))
    return call(run, ufunc, (a, b), **options)


def at(run: Run, ufunc: np.ufunc, inputs: tuple[Any, ...]) -> None:
    """`ufunc.at(a, indices, b)`: in place, once for each time an index is named."""
    target, indices, *operands = inputs
    if not isinstance(target, DualArray) or target.run is not run:
        raise run.lose(f"np.{ufunc.__name__}.at changes a plain array, which cannot hold the tangent")
    indices = target._index(indices)
    if ufunc in (np.add, np.subtract):
        value, tangent = run.parts(operands[0])
        ufunc.at(target.value, indices, value)
        if tangent is not None:
            ufunc.at(target.tangent, indices, tangent)
        return
    rule_for(run, ufunc, (target.value,))
    positions = np.arange(target.size).reshape(target.shape)[indices]
    shape = np.shape(positions)
    others = []
    for x in operands:
        value, tangent = run.parts(x)
        value = np.broadcast_to(value, shape).ravel()
        tangent = None if tangent is None else np.broadcast_to(tangent, shape).ravel()
        others.append(value if tangent is None else DualArray(run, value, tangent))
    flat = target.flat
    for k, position in enumerate(np.ravel(positions)):
        flat[position] = call(run, ufunc, (flat[position], *(x[k] for x in others)))


UFUNC_METHODS.update(
    {
        "__call__": call,
        "reduce": reduce,
        "accumulate": accumulate,
        "reduceat": reduceat,
        "outer": outer,
        "at": at,
    }
)
