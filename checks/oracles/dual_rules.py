"""How a rule for one of NumPy's functions on duals is made.

Kinds of rule, each a decorator or a registrar that takes the names of the functions it serves. A name that
this version of NumPy does not have is passed over.

- `linear`: apply the function to the tangents as well.
- `multilinear`: replace one argument after another by its tangent and add up.
- `tangent_of`: the value is NumPy's own; the rule gives the tangent.
- `rewritten`: the value is NumPy's own; the tangent is that of an equivalent expression in simpler functions.
- `complete`: the rule gives the whole result.
- `unmoved`: the result is plain.

The rules themselves are in `dual_functions`, `dual_statistics`, `dual_order`, `dual_curves` and
`dual_linalg`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from checks.oracles.dual_array import (
    FUNCTIONS,
    DualArray,
    Run,
    duals_in,
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


def paired(run: Run, y: Any, tangent: Any, view: bool = False) -> Any:
    """Pair values with tangents, through lists, tuples and named tuples of results.

    Unless y is a view and the tangent the same view, the tangent is copied: a rule may have handed on that of
    an argument.
    """
    if isinstance(y, list | tuple):
        items = [paired(run, yi, ti, view) for yi, ti in zip(y, tangent, strict=True)]
        return type(y)(*items) if hasattr(y, "_fields") else type(y)(items)
    return y if tangent is None else run.dual(y, tangent if view else np.array(tangent))


def itself(run: Run, function: Function, y: Any, args: Any) -> DualArray | None:
    """Find the argument that the function returned, as `matrix_power(a, 1)` does; refuse other views."""
    for dual in duals_in(args):
        if y is dual.value and isinstance(y, np.ndarray):
            return dual
        if isinstance(y, np.ndarray) and np.may_share_memory(y, dual.value):
            raise run.lose(f"{function_name(function)} returned a view that its rule does not know of")
    return None


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
        tangents = substituted(given, options, {k: tangents_of(run, a) for k, a in found.items()})
        return paired(run, y, function(*tangents[0], **tangents[1]), view=True)

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
        return dict(_signature(rule).bind(*args, **kwargs).arguments)
    except TypeError as error:
        raise run.lose(f"{function_name(function)} has no rule for these arguments: {error}") from None


_signature = functools.lru_cache(maxsize=None)(inspect.signature)


def tangent_of(names: str, *data: str) -> Callable[[Function], Function]:
    """The decorated rule (run, y, *args, **kwargs) -> tangent; y is NumPy's own value.

    The rule's signature says which arguments it covers; others are refused, and so are duals in any but the
    first and those named in `data`.
    """

    def decorate(rule: Function) -> Function:
        def ruled(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            bound = _fits(run, function, rule, (run, None, *args), kwargs)
            refuse_duals(run, function, [x for name, x in list(bound.items())[3:] if name not in data])
            y = function(*plain(args), **plain(kwargs))
            same = itself(run, function, y, args)
            return paired(run, y, rule(run, y, *args, **kwargs)) if same is None else same

        register(names, ruled)
        return rule

    return decorate


def rewritten(names: str) -> Callable[[Function], Function]:
    """The decorated rule (*args, **kwargs) -> dual is another way to write the function.

    The value remains NumPy's own; only the rule's tangent is used.
    """

    def decorate(rule: Function) -> Function:
        def ruled(run: Run, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            _fits(run, function, rule, args, kwargs)
            y = function(*plain(args), **plain(kwargs))
            same = itself(run, function, y, args)
            if same is not None:
                return same
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
