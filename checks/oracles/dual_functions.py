"""NumPy's functions on duals: how a rule is made, and the functions that only move, join or select entries.

Kinds of rule, each a decorator or a registrar that takes the names of the functions it serves. A name that this
version of NumPy does not have is passed over.

- `linear`: apply the function to the tangents as well.
- `multilinear`: replace one argument after another by its tangent and add up.
- `tangent_of`: the value is NumPy's own; the rule gives the tangent.
- `rewritten`: the value is NumPy's own; the tangent is that of an equivalent expression in simpler functions.
- `complete`: the rule gives the whole result.

Other modules add statistics (`dual_statistics`) and linear algebra (`dual_linalg`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from checks.oracles.dual_array import (
    FUNCTIONS,
    DualArray,
    Run,
    function_name,
    holds_dual,
    plain,
    tree_map,
)
from checks.oracles.dual_ufunc_methods import check_out, write

__all__ = ["complete", "linear", "multilinear", "rewritten", "split", "tangent_of"]

Function = Callable[..., Any]
ABSENT: Any = getattr(np, "_NoValue", None)


# ------------------------------------------------------------------ kinds of rule
def named(names: str) -> list[Function]:
    """Find NumPy functions by their names after `np.`, leaving out those this version does not have."""
    found = []
    for name in names.split():
        function: Any = np
        for part in name.split("."):
            function = getattr(function, part, None)
        if function is not None and not isinstance(function, np.ufunc) and function not in found:
            found.append(function)
    return found


def split(x: Any) -> tuple[Any, Any]:
    """Split an argument of a rule into value and tangent, zeros where it does not move."""
    if isinstance(x, DualArray):
        return (x.value, x.tangent) if x.run.open else (x.value, np.zeros_like(x.value))
    return x, np.zeros_like(x)


def tangents_of(run: Run, x: Any) -> Any:
    """Replace every array and number in nested lists by its tangent, zeros where it does not move."""
    return tree_map(lambda i: 0 * i if isinstance(i, int | float | complex) else split(i)[1], x)


def paired(run: Run, y: Any, tangent: Any) -> Any:
    """Pair values with tangents, through lists, tuples and named tuples of results."""
    if isinstance(y, list | tuple):
        items = [paired(run, yi, ti) for yi, ti in zip(y, tangent, strict=True)]
        return type(y)(*items) if hasattr(y, "_fields") else type(y)(items)
    return y if tangent is None else run.dual(y, tangent)


def with_out(rule: Function) -> Function:
    """Give a rule the keyword `out`."""

    def store(run: Run, function: Function, out: Any, result: Any) -> Any:
        value, tangent = run.parts(result)
        return write(run, out, value, tangent)

    def ruled(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        out = kwargs.get("out")
        if out is None:
            return rule(run, function, args, {k: v for k, v in kwargs.items() if k != "out"})
        check_out(run, function_name(function), out)
        kwargs = {k: v for k, v in kwargs.items() if k != "out"}
        return store(run, function, out, rule(run, function, args, kwargs))

    return ruled


def register(names: str, rule: Function) -> None:
    """Enter (run, function, args, kwargs) -> result in the table, for each of the functions named."""
    rule = with_out(rule)
    for function in named(names):
        FUNCTIONS[function] = lambda run, args, kwargs, function=function: rule(run, function, args, kwargs)


def refuse_duals(run: Run, function: Function, x: Any) -> None:
    """Refuse duals in arguments whose derivative nobody wrote down."""
    if holds_dual(x):
        raise run.lose(f"{function_name(function)} has no rule for a dual in this argument")


def positional(
    run: Run, function: Function, data: dict[int, str], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[list[Any], dict[int | str, Any], dict[str, Any]]:
    """Tell the data arguments from the options. Returns args, {position or name: data argument}, kwargs."""
    found: dict[int | str, Any] = {}
    for position, name in data.items():
        if position < len(args):
            found[position] = args[position]
        elif name in kwargs:
            found[name] = kwargs[name]
    refuse_duals(run, function, [a for i, a in enumerate(args) if i not in found])
    refuse_duals(run, function, {k: a for k, a in kwargs.items() if k not in found})
    return list(args), found, dict(kwargs)


def substituted(args: list[Any], kwargs: dict[str, Any], new: dict[int | str, Any]) -> tuple[Any, Any]:
    """Put other data arguments in place."""
    return (
        tuple(new.get(i, a) for i, a in enumerate(args)),
        {k: new.get(k, a) for k, a in kwargs.items()},
    )


def evaluated(run: Run, function: Function, args: Any, kwargs: Any) -> Any:
    """The function's value on plain arguments. A positional `out` would come back as the result: refused."""
    y = function(*args, **kwargs)
    if any(y is a for a in args[2:] if isinstance(a, np.ndarray)):
        raise run.lose(f"{function_name(function)}: give out= by name, as an array that can hold the tangent")
    return y


def linear(names: str, data: dict[int, str]) -> None:
    """The function is linear in the data arguments taken together, with no constant term."""

    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given, found, options = positional(run, function, data, args, kwargs)
        values = substituted(given, options, {k: plain(a) for k, a in found.items()})
        y = evaluated(run, function, *values)
        with np.errstate(all="ignore"):
            tangents = substituted(given, options, {k: tangents_of(run, a) for k, a in found.items()})
            return paired(run, y, function(*tangents[0], **tangents[1]))

    register(names, rule)


def multilinear(names: str, data: dict[int, str]) -> None:
    """The function is linear in each data argument taken alone."""

    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given, found, options = positional(run, function, data, args, kwargs)
        found = {
            k: np.asarray(a) if isinstance(a, list | tuple) and holds_dual(a) else a for k, a in found.items()
        }
        found = {k: run.gather(a) for k, a in found.items()}
        fixed = {k: plain(a) for k, a in found.items()}
        values = substituted(given, options, fixed)
        y = evaluated(run, function, *values)
        with np.errstate(all="ignore"):
            total: Any = 0
            for k, a in found.items():
                if isinstance(a, DualArray):
                    moved = substituted(given, options, {**fixed, k: split(a)[1]})
                    total = total + function(*moved[0], **moved[1])
        return paired(run, y, total)

    register(names, rule)


def _fits(run: Run, function: Function, rule: Function, args: Any, kwargs: Any) -> dict[str, Any]:
    """Bind the arguments to the rule's signature: what it does not name, it does not cover."""
    try:
        return dict(inspect.signature(rule).bind(*args, **kwargs).arguments)
    except TypeError as error:
        raise run.lose(f"{function_name(function)} has no rule for these arguments: {error}") from None


def tangent_of(names: str, *data: str) -> Callable[[Function], Function]:
    """The decorated rule (run, y, *args, **kwargs) -> tangent; y is NumPy's own value.

    The rule's signature says which arguments it covers; others are refused, and so are duals in any but the first
    and those named in `data`.
    """

    def decorate(rule: Function) -> Function:
        def ruled(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            bound = _fits(run, function, rule, (run, None, *args), kwargs)
            refuse_duals(run, function, [x for name, x in list(bound.items())[3:] if name not in data])
            y = function(*plain(args), **plain(kwargs))
            with np.errstate(all="ignore"):
                return paired(run, y, rule(run, y, *args, **kwargs))

        register(names, ruled)
        return rule

    return decorate


def rewritten(names: str) -> Callable[[Function], Function]:
    """The decorated rule (*args, **kwargs) -> dual is another way to write the function; only its tangent is used."""

    def decorate(rule: Function) -> Function:
        def ruled(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            _fits(run, function, rule, args, kwargs)
            y = function(*plain(args), **plain(kwargs))
            with np.errstate(all="ignore"):
                again = rule(*args, **kwargs)
                tangent = tree_map(lambda i: run.parts(i)[1] if isinstance(i, DualArray) else None, again)
            return paired(run, y, tangent)

        register(names, ruled)
        return rule

    return decorate


def complete(names: str) -> Callable[[Function], Function]:
    """The decorated rule (run, *args, **kwargs) gives the result itself."""

    def decorate(rule: Function) -> Function:
        def ruled(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            _fits(run, function, rule, (run, *args), kwargs)
            return rule(run, *args, **kwargs)

        register(names, ruled)
        return rule

    return decorate


def unmoved(names: str) -> None:
    """The result holds shapes, dtypes, indices or truth values: plain."""

    def rule(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return function(*plain(args), **plain(kwargs))

    register(names, rule)


# ------------------------------------------------------------------ linear: move, join, repeat, transform
for _name, _names in {
    "a": "reshape ravel transpose swapaxes moveaxis rollaxis squeeze expand_dims diagonal trace repeat resize copy "
    "permute_dims roll cumsum take "
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
    "tup": "vstack hstack dstack column_stack row_stack",
    "f": "gradient",
}.items():
    linear(_names, {0: _name})
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
    with np.errstate(all="ignore"):
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


@tangent_of("nan_to_num")
def nan_to_num(
    run: Run, y: Any, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """The identity where finite; what is replaced does not move."""
    if not copy:
        raise run.lose("np.nan_to_num has no rule for copy=False")
    value, tangent = split(x)
    return np.where(np.isfinite(value), tangent, 0 * y)


# ------------------------------------------------------------------ joined or broadcast, one result for each argument
def _one_by_one(names: str, to_each: Callable[[Function, Any, Any], Function]) -> None:
    """Each result belongs to one argument; those of plain arguments stay plain, for they may be views of them."""

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
        return run.dual(y, np.zeros_like(y) if tangent is None else tangent)

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
    return y if y.dtype.kind not in "fc" else run.dual(y, 0 if tangent is None else tangent)


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
    "shape ndim size iscomplexobj isrealobj iscomplex isreal result_type can_cast min_scalar_type common_type "
    "may_share_memory shares_memory isclose allclose array_equal array_equiv einsum_path isposinf isneginf"
)


@complete("array_str array_repr array2string")
def text(run: Run, a: Any, *args: Any, **options: Any) -> str:
    """Text that does not turn back into a number."""
    return str(a)
