"""Oracle: the exact directional derivative of plain NumPy code, by running it on duals.

The code under test is not changed and need not know: it is called with `DualArray`s for arrays, and every
NumPy function it calls carries the tangent along. Nothing is differenced, so nothing cancels: the error is
rounding alone.

What cannot be carried is never guessed at. The oracle does not apply, and says which NumPy function or Python
operation stood in the way, where

- something has no rule, or would turn a dual into a plain number, even if the code caught that exception;
- the result is plain, which would look like a derivative 0;
- the value differs from that of the plain call: the code took another path for duals;
- the tangent is not finite.

Where it applies, `kinks` says whether the number may be trusted: exactly at a kink it is one slope of two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from checks.oracles import (
    DoesNotApply,
    dual_curves,
    dual_functions,
    dual_linalg,
    dual_operators,
    dual_order,
    dual_statistics,
    dual_ufunc_methods,
)
from checks.oracles.dual_array import DualArray, Run

__all__ = ["DoesNotApply", "ForwardDerivative", "derivative", "rounding"]

RULES = (
    dual_operators,
    dual_ufunc_methods,
    dual_functions,
    dual_statistics,
    dual_order,
    dual_curves,
    dual_linalg,
)  # imported for the tables that they fill


@dataclass(frozen=True, slots=True)
class ForwardDerivative:
    """The value of a function and its derivative along one direction.

    Attributes
    ----------
    value : numpy.ndarray
        fun(x), as the run on duals computed it.
    tangent : numpy.ndarray
        d/dt fun(x + t v) at t = 0, of the same shape and dtype.
    kinks : tuple of (str, int)
        Functions that were evaluated exactly at a kink or a jump that v crosses, and at how many entries.
        When not empty, `tangent` is one of several one-sided slopes, or that of the branch taken, and not
        the derivative. It is a warning: the kinks of several functions may cancel, as those of max in a
        shifted softmax do.
    notes : tuple of str
        What is right and yet worth a look: rounding and casts to integers, whose derivative is 0.
    eps : float
        Machine epsilon of the coarsest dtype that a moving value went through; larger than that of x where
        the code computes in a lower precision.
    """

    value: Any
    tangent: Any
    kinks: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    eps: float


def derivative(
    fun: Callable[[list[Any]], Any],
    leaves: Sequence[Any],
    tangents: Sequence[Any],
    *,
    value: Any = None,
    held: bool = True,
) -> ForwardDerivative:
    """Differentiate `fun` at `leaves` along `tangents`, exactly to rounding.

    Parameters
    ----------
    fun : callable
        Takes a list of arrays shaped as `leaves`; returns a number or an array.
    leaves, tangents : sequences of arrays
        The point x and the direction v: real floating-point arrays, shape by shape the same. They are copied.
    value : number or array, optional
        fun(leaves), where it is known already; otherwise `fun` is called once more, on copies.
    held : bool
        Whether the value is held to that of the plain call. Where it was, points close by may go without.

    Returns
    -------
    ForwardDerivative

    Raises
    ------
    DoesNotApply
        One line: which NumPy function, or what else, stood in the way.
    TypeError, ValueError
        Leaves that are not real floating-point arrays, or tangents of other shapes.
    Exception
        Whatever `fun` raises on plain arrays.
    """
    points = [_leaf(x, f"leaves[{i}]") for i, x in enumerate(leaves)]
    if len(tangents) != len(points):
        raise ValueError(
            f"tangents must hold one array for each of the {len(points)} leaves, got {len(tangents)}"
        )
    directions = [_direction(v, x, i) for i, (v, x) in enumerate(zip(tangents, points, strict=True))]
    if value is None and held:
        value = fun([x.copy(order="K") for x in points])
    run = Run()
    duals = [run.dual(x.copy(order="K"), v.copy()) for x, v in zip(points, directions, strict=True)]
    try:
        with np.errstate(
            all="ignore"
        ):  # the plain call has had its say, and a slope may overflow where f does not
            y, tangent = _result(run, fun(duals))
    except DoesNotApply:
        raise
    except Exception as error:  # a consequence of the duals: on plain arrays the same call went well
        if run.lost:
            raise DoesNotApply(run.lost[0]) from error
        message = (str(error).splitlines() or [""])[0]
        raise DoesNotApply(f"{type(error).__name__}: {message}") from error
    finally:
        run.open = False
    if run.lost:
        raise DoesNotApply(run.lost[0])
    if held:
        _same_value(fun, points, np.asarray(value), y)
    if not np.all(np.isfinite(tangent)):
        raise DoesNotApply("the tangent is not finite")
    eps = max((float(np.finfo(d).eps) for d in run.dtypes), default=0.0)
    return ForwardDerivative(y, tangent, tuple(run.kinks.items()), tuple(run.notes), eps)


def rounding(
    fun: Callable[[list[Any]], Any],
    leaves: Sequence[Any],
    tangents: Sequence[Any],
    exact: ForwardDerivative,
    rng: np.random.Generator,
) -> Any:
    """Measure what `exact.tangent` owes to rounding, with one more run on duals.

    Every entry of x is moved by `exact.eps`, relatively, up or down at random. A tangent that the last
    digit of x can change by so much is not known better than that; eps times the tangent alone, which is
    the rounding of the last operation, is too small wherever terms cancel. One run is one draw: take the
    largest over the directions at hand, as the rounding of a leaf.

    Returns
    -------
    numpy.ndarray
        |change of the tangent| + eps |tangent|, entry by entry.

    Raises
    ------
    DoesNotApply
        Where the run at the moved point does not apply.
    """
    points = [np.asarray(x) for x in leaves]
    moved = [x * (1 + x.dtype.type(exact.eps) * rng.choice([-1, 1], x.shape).astype(x.dtype)) for x in points]
    again = derivative(fun, moved, tangents)
    return np.abs(again.tangent - exact.tangent) + exact.eps * np.abs(exact.tangent)


def _leaf(x: Any, name: str) -> Any:
    if isinstance(x, DualArray):
        raise TypeError(f"{name} is a dual: forward mode is not nested")
    x = np.asarray(x)
    if x.dtype.kind != "f":
        raise TypeError(f"{name} must be a real floating-point array, got dtype {x.dtype}")
    return x


def _direction(v: Any, x: Any, i: int) -> Any:
    v = np.asarray(v)
    if v.shape != x.shape or v.dtype.kind not in "fiu":
        raise ValueError(
            f"tangents[{i}] must be a real array of shape {x.shape}, got {v.dtype} of shape {v.shape}"
        )
    return v


def _result(run: Run, result: Any) -> tuple[Any, Any]:
    value, tangent = run.parts(result)
    if tangent is None:
        raise DoesNotApply(f"the result is a plain {type(result).__name__} without a tangent")
    return np.array(value), np.array(tangent)


def _same_value(fun: Callable[[list[Any]], Any], points: list[Any], expected: Any, y: Any) -> None:
    """Hold the value on duals to that on plain arrays.

    They are equal to the last bit where NumPy gets the same calls on the same memory layout. Object arrays
    sum in another order, and some BLAS round by the address: then what the value owes to rounding is
    measured, as the change of `fun` from all entries of x one unit in the last place lower to all one
    higher.
    """
    if expected.shape != y.shape:
        raise DoesNotApply(f"the value on duals has shape {y.shape}, on plain arrays {expected.shape}")
    if np.array_equal(expected, y, equal_nan=True):
        return
    if expected.dtype.kind not in "fc" or not np.array_equal(np.isfinite(expected), np.isfinite(y)):
        raise DoesNotApply("the value on duals differs from that on plain arrays")
    finite = np.isfinite(expected)
    difference = np.max(np.abs(expected - y)[finite], initial=0)
    up, down = (np.asarray(fun([np.nextafter(x, side) for x in points])) for side in (np.inf, -np.inf))
    moved = np.max(np.abs(up - down)[finite], initial=0)
    rounding = np.finfo(y.dtype).eps * np.max(np.abs(expected)[finite], initial=0)
    terms = max(sum(x.size for x in points), 16)  # as many roundings may add up
    if not difference <= terms * (moved + rounding):
        raise DoesNotApply(f"the value on duals differs from that on plain arrays by {difference:.1e}")
