"""User code made safe to call: copies in, errors that say who was called and how, and one real number out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from checks.engine.leaves import Array, address, entry_name
from checks.engine.tree import Tree, leaves_of

OUTSIDE_THE_DOMAIN = (ArithmeticError, ValueError, np.linalg.LinAlgError)


class Finding(Exception):  # noqa: N818 - caught in the walk, which turns it into a report
    """The user's code does something that no gradient check can see past."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


class OutsideTheDomain(ArithmeticError):  # noqa: N818 - no error: the end of a domain is not a fault
    """User code cannot be evaluated at a point of our own choice; the message says why."""


def call(function: Callable[..., Any], name: str, *arguments: Any) -> Any:
    """Call the user's function; where it cannot even be called so, say which one and how it was called."""
    try:
        return function(*arguments)
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise  # from within
        how = f"{name}({', '.join(('x', 'v')[: len(arguments)])})"
        raise TypeError(f"{name} cannot be called as {how}: {error}") from error


def asked(function: Callable[[Any], Any], name: str, structure: Any) -> Any:
    """Call user code at a point of our own choice."""
    try:
        return call(function, name, structure)
    except OUTSIDE_THE_DOMAIN as error:
        raise OutsideTheDomain(f"raised {type(error).__name__} ({error})") from error


def refuse_mutation(
    tree: Tree, before: Sequence[Array], handed: Sequence[Array], structure: Any, told: str
) -> None:
    """Raise a Finding where what user code was handed is not what it was.

    Parameters
    ----------
    tree : Tree
        What the structure is made like.
    before, handed : sequence of ndarray
        The leaves as they were, and those that were handed out.
    structure : any
        The containers around them.
    told : str
        Who changed what.
    """
    there = {address(leaf) for leaf in leaves_of(structure) if isinstance(leaf, np.ndarray)}
    for path, old, new, mine in zip(tree.paths, before, handed, tree.originals, strict=True):
        if old.shape != new.shape:
            how = f"{path} had the shape {old.shape} and has {new.shape}"
        elif not np.array_equal(old, new, equal_nan=True):
            index = tuple(int(i) for i in np.argwhere(old != new)[0])
            how = f"{entry_name(path, index)} was {old[index]:.9g} and is {new[index]:.9g}"
        elif isinstance(mine, np.ndarray) and new.size and address(new) not in there:
            how = f"the array that was at {path} is not there"
        else:
            continue
        raise Finding("mutated", f"{told}: {how} after the call. Work on a copy")


def scalar(result: Any, name: str) -> float:
    """Return what fun returned as a float.

    Raises
    ------
    TypeError, ValueError
        Where it is no real scalar, saying what to return or to ask instead.
    """
    if isinstance(result, tuple | list):
        raise TypeError(
            f"{name} must return a real scalar; got a {type(result).__name__} of {len(result)}. "
            "If it returns (value, gradient), pass grad=True"
        )
    if isinstance(result, np.ma.MaskedArray):
        raise TypeError(f"{name} must return a real scalar; got a masked one, which has no value")
    if isinstance(result, int) and not isinstance(result, bool):
        try:
            return float(result)
        except OverflowError:
            raise ValueError(
                f"{name} must return a real scalar; got an integer too large for a float"
            ) from None
    array = np.asarray(result)
    shape = array.shape or getattr(result, "shape", ())
    if shape != ():
        advice = "return its .item()" if math.prod(shape) == 1 else "use vjpcheck, or return its sum"
        raise ValueError(f"{name} must return a scalar; got an array of shape {tuple(shape)}: {advice}")
    if array.dtype.kind not in "fiu":
        what = "a generator" if hasattr(result, "send") else type(result).__name__
        raise TypeError(f"{name} must return a real scalar; got {what}")
    return float(array)


def must_be_callable(value: Any, name: str) -> None:
    """Raise TypeError where a value is no function."""
    if not callable(value):
        raise TypeError(f"{name} must be callable; got {type(value).__name__}")
