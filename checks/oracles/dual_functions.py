"""NumPy's functions that move, join, choose and write entries, and its products, on duals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checks.oracles.dual_array import DualArray, Run, function_name, plain
from checks.oracles.dual_rules import (
    Function,
    complete,
    linear,
    multilinear,
    refuse_duals,
    register,
    split,
    tangent_of,
    unmoved,
)

__all__: list[str] = []

# ------------------------------------------------------------------ linear: move, join, repeat, transform
for _name, _names in {
    "a": "reshape ravel transpose swapaxes moveaxis rollaxis squeeze expand_dims diagonal trace repeat "
    "resize copy permute_dims roll cumsum take "
    "fft.fft fft.ifft fft.rfft fft.irfft fft.hfft fft.ihfft fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfftn "
    "fft.irfftn fft.rfft2 fft.irfft2",
    "m": "flip fliplr flipud rot90 tril triu",
    "v": "diag diagflat",
    "val": "real imag",
    "array": "broadcast_to",
    "A": "tile",
    "ary": "split array_split vsplit hsplit dsplit",
    "arr": "delete take_along_axis",
    "x": "fft.fftshift fft.ifftshift cumulative_sum unstack matrix_transpose linalg.matrix_transpose "
    "linalg.diagonal linalg.trace",
    "arrays": "concatenate concat stack block",
    "tup": "vstack hstack dstack column_stack",
    "f": "gradient",
}.items():
    linear(_names, {0: _name})
linear("lib.stride_tricks.sliding_window_view", {0: "x"})
linear("append", {0: "arr", 1: "values"})
linear("insert", {0: "arr", 2: "values"})
linear("diff", {0: "a", 3: "prepend", 4: "append"})
linear("ediff1d", {0: "ary", 1: "to_end", 2: "to_begin"})
linear("extract", {1: "arr"})
linear("compress", {1: "a"})
linear("select", {1: "choicelist", 2: "default"})
linear("choose", {1: "choices"})
linear("linspace", {0: "start", 1: "stop"})
linear("bincount", {1: "weights"})

multilinear("dot inner outer vdot kron linalg.outer", {0: "a", 1: "b"})
multilinear("tensordot cross", {0: "a", 1: "b"})
multilinear("linalg.tensordot linalg.cross linalg.vecdot linalg.matmul", {0: "x1", 1: "x2"})
multilinear("convolve", {0: "a", 1: "v"})
multilinear("correlate", {0: "a", 1: "v"})
multilinear("trapezoid trapz", {0: "y", 1: "x"})


@complete("einsum")
def einsum(run: Run, subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """Multilinear in every operand; the alternative format with index lists is not covered."""
    if not isinstance(subscripts, str):
        raise run.lose("np.einsum has no rule for index lists: write the subscripts as a string")
    pairs = [run.parts(x) for x in operands]
    values = [p[0] for p in pairs]
    y = np.einsum(subscripts, *values, optimize=optimize)
    total: Any = 0
    for i, (_, t) in enumerate(pairs):
        if t is not None:
            moved = [t if j == i else x for j, x in enumerate(values)]
            total = total + np.einsum(subscripts, *moved, optimize=optimize)
    # A view of the operand (np.einsum("ii->i", A)) is written through by some programs: keep both in step.
    if len(pairs) == 1 and np.shares_memory(y, values[0]):
        total = np.einsum(subscripts, pairs[0][1], optimize=optimize)
    return run.dual(y, total)


@complete("linalg.multi_dot")
def multi_dot(run: Run, arrays: Any) -> Any:
    """Multilinear in every factor."""
    pairs = [run.parts(x) for x in arrays]
    values = [p[0] for p in pairs]
    total: Any = 0
    for i, (_, t) in enumerate(pairs):
        if t is not None:
            total = total + np.linalg.multi_dot([t if j == i else x for j, x in enumerate(values)])
    return run.dual(np.linalg.multi_dot(values), total)


@tangent_of("pad")
def pad(run: Run, y: Any, array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Linear, once the constants that are padded with have slope 0."""
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap", "mean", "linear_ramp"):
        raise run.lose(f"np.pad has no rule for mode={mode!r}")
    constants = ("constant_values", "end_values")
    return np.pad(
        split(array)[1], pad_width, mode=mode, **{k: v for k, v in options.items() if k not in constants}
    )


@complete("nan_to_num")
def nan_to_num(
    run: Run, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """The identity where finite; what is replaced does not move. In place, when it need not copy."""
    refuse_duals(run, np.nan_to_num, (nan, posinf, neginf))
    value, tangent = run.parts(x)
    if tangent is None:
        return np.nan_to_num(x, copy, nan, posinf, neginf)
    kept = np.where(np.isfinite(value.real), tangent.real, 0)
    if np.iscomplexobj(value):
        kept = kept + 1j * np.where(np.isfinite(value.imag), tangent.imag, 0)
    y = run.dual(np.nan_to_num(value, nan=nan, posinf=posinf, neginf=neginf), kept)
    if copy or not isinstance(x, DualArray) or not isinstance(x.value, np.ndarray):
        return y
    x[...] = y
    return x


# ------------------------------------------------------------------ one result for each argument
def _one_by_one(names: str, to_each: Callable[[Function, Any, Any], Function]) -> None:
    """Each result belongs to one argument; that of a plain one stays plain, for it may be a view of it."""

    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        values = plain(args)
        view = to_each(function, values, kwargs)
        results = []
        for i, x in enumerate(args):
            value, tangent = run.parts(x)
            y = view(i, value)
            results.append(y if tangent is None else DualArray(run, y, view(i, tangent)))
        if len(results) == 1 and function not in (np.broadcast_arrays, np.meshgrid):
            return results[0]
        return results if isinstance(function(*values, **kwargs), list) else tuple(results)

    register(names, rule)


_one_by_one("atleast_1d atleast_2d atleast_3d", lambda function, values, kwargs: lambda i, x: function(x))
_one_by_one(
    "broadcast_arrays",
    lambda function, values, kwargs: (
        lambda i, x: np.broadcast_to(x, np.broadcast_shapes(*map(np.shape, values)))
    ),
)
_one_by_one(
    "meshgrid",
    lambda function, values, kwargs: (
        lambda i, x: function(*(x if j == i else v for j, v in enumerate(values)), **kwargs)[i]
    ),
)


# ------------------------------------------------------------------ choosing
@complete("where")
def where(run: Run, condition: Any, *choices: Any) -> Any:
    """Entries of one or the other; the slope of what is not chosen, infinite or not, does not count."""
    chosen = truth(run, "np.where", condition)
    if not choices:
        return np.where(chosen)
    (a, ta), (b, tb) = (run.parts(x) for x in choices)
    y = np.where(chosen, a, b)
    if ta is None and tb is None:
        return y
    return run.dual(y, np.where(chosen, 0 if ta is None else ta, 0 if tb is None else tb))


def truth(run: Run, name: str, x: Any) -> Any:
    """The plain value of something asked whether it is 0; a 0 that moves is a jump."""
    value, tangent = run.parts(x)
    if tangent is not None:
        run.kink(name, (value == 0) & (tangent != 0))
    return value


def _truth_of(names: str) -> None:
    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        args = tuple(truth(run, function_name(function), a) for a in args)
        kwargs = {k: truth(run, function_name(function), a) for k, a in kwargs.items()}
        return function(*args, **kwargs)

    register(names, rule)


_truth_of("all any nonzero flatnonzero argwhere count_nonzero")


@complete("piecewise")
def piecewise(run: Run, x: Any, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Any:
    """Each function on its own entries, the last condition that holds wins."""
    conditions = (
        [condlist] if np.ndim(condlist) == np.ndim(x) or np.ndim(condlist[0]) == 0 else list(condlist)
    )
    conditions = [np.asarray(plain(c), dtype=bool) for c in conditions]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(funclist) != len(conditions):
        raise ValueError(f"np.piecewise: {len(conditions)} conditions for {len(funclist)} functions")
    y = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        y[condition] = function(x[condition], *args, **kwargs) if callable(function) else function
    return y


@complete("apply_along_axis")
def apply_along_axis(run: Run, func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Call `func1d` on every vector along the axis, and put what it returns where the vector was."""
    lines = np.moveaxis(arr, axis, -1)
    outer_shape = lines.shape[:-1]
    results = [func1d(lines[index], *args, **kwargs) for index in np.ndindex(*outer_shape)]
    stacked = np.stack(results)
    inner = stacked.shape[1:]
    result = np.reshape(stacked, outer_shape + inner)
    at = axis % np.ndim(arr)
    return np.moveaxis(result, range(len(outer_shape), result.ndim), range(at, at + len(inner)))


# ------------------------------------------------------------------ new arrays
def _like(names: str, tangent_matters: bool = False) -> None:
    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given = plain(kwargs)
        if isinstance(given.get("like"), np.ndarray | np.generic):
            given["like"] = np.empty(())  # np.zeros(3, like=x): an array that can hold a tangent
        y = function(*plain(args), **given)
        if y.dtype.kind not in "fc":
            return y
        fill = args[1] if len(args) > 1 else kwargs.get("fill_value", 0)
        tangent = run.parts(fill)[1] if tangent_matters else None
        return run.dual(y, np.zeros_like(y) if tangent is None else np.array(tangent))

    register(names, rule)


_like("zeros_like ones_like empty_like zeros ones empty eye identity")
_like("full_like full", tangent_matters=True)


@complete("array asarray asanyarray ascontiguousarray asfortranarray")
def array(run: Run, x: Any, dtype: Any = None, *, like: Any = None, **options: Any) -> Any:
    """`np.array(x, like=z)`: the way to make an array of duals out of numbers."""
    if options:
        raise run.lose("np.array(..., like=) has no rule for further options")
    value, tangent = run.parts(x)
    y = np.array(value, dtype=dtype)
    return y if y.dtype.kind not in "fc" else run.dual(y, 0 if tangent is None else np.array(tangent))


# ------------------------------------------------------------------ writing into an array
def _writes(names: str, target: str, new: tuple[int, str]) -> None:
    """The function writes new values into its target; it does the same to the tangent."""

    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        into = args[0] if args else kwargs.get(target)
        position, name = new
        written = args[position] if position < len(args) else kwargs.get(name)
        if not isinstance(into, DualArray) or into.run is not run:
            raise run.lose(
                f"{function_name(function)} writes into a plain array, which cannot hold the tangent"
            )
        value, tangent = run.parts(written)
        others = (
            [a for i, a in enumerate(args) if i not in (0, position)],
            {k: a for k, a in kwargs.items() if k not in (target, name)},
        )
        refuse_duals(run, function, others)

        def write_into(array: Any, new_entries: Any) -> None:
            given = list(args)
            options = dict(kwargs)
            for i, key, x in ((0, target, array), (position, name, new_entries)):
                if i < len(given):
                    given[i] = x
                else:
                    options[key] = x
            function(*given, **options)

        write_into(into.value, value)
        write_into(into.tangent, np.zeros_like(value) if tangent is None else tangent)

    register(names, rule)


_writes("copyto", "dst", (1, "src"))
_writes("put", "a", (2, "v"))
_writes("place", "arr", (2, "vals"))
_writes("putmask", "a", (2, "values"))
_writes("fill_diagonal", "a", (1, "val"))
_writes("put_along_axis", "arr", (2, "values"))

# ------------------------------------------------------------------ plain results
unmoved(
    "shape ndim size iscomplexobj isrealobj iscomplex isreal result_type can_cast "
    "min_scalar_type common_type may_share_memory shares_memory "
    "einsum_path isposinf isneginf "
    "tril_indices_from triu_indices_from diag_indices_from"
)


def _compares(names: str) -> None:
    """The result is a truth value; what is equal and moves apart is a jump, as for `==`.

    It is how code finds out whether it has seen this x before, to answer from memory: without a tangent.
    """

    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        first, second = [*args, *(kwargs[k] for k in ("a", "a1", "b", "a2") if k in kwargs)][:2]
        (a, ta), (b, tb) = run.parts(first), run.parts(second)
        if np.shape(a) == np.shape(b) or 0 in (np.ndim(a), np.ndim(b)):
            apart = (0 if ta is None else ta) != (0 if tb is None else tb)
            run.kink(function_name(function), np.equal(a, b) & apart)
        return function(*plain(args), **plain(kwargs))

    register(names, rule)


_compares("isclose allclose array_equal array_equiv")


@complete("array_str array_repr array2string")
def text(run: Run, a: Any, *args: Any, **options: Any) -> str:
    """Text that does not turn back into a number."""
    return str(a)
