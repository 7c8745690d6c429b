"""What may be a leaf: an array of parameters, and what is returned as its gradient.

Inside, a leaf is a plain array: a subclass may have another `*`, another `max`, or a mask. User code
gets its own kind back, laid out in memory as it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def parameters(leaf: Any, path: str) -> Array:
    """Return a leaf of x0 as a plain copy, in its own dtype and memory order.

    Raises
    ------
    TypeError, ValueError
        For a leaf that is no array of finite real floats, naming it and what to do instead.
    """
    _refuse_masked(leaf, path)
    if isinstance(leaf, bool | int):
        told = f"{leaf!r}: write {float(leaf)}" if abs(leaf) < 2**53 else "too large to be exact in a float"
        raise TypeError(f"{path} must be floating-point; got the {type(leaf).__name__} {told}")
    if isinstance(leaf, complex) and not isinstance(leaf, np.generic):
        raise TypeError(
            f"{path} is complex; only real parameters can be checked: pass real and imaginary parts"
        )
    if not isinstance(leaf, np.ndarray | np.generic | float):
        raise TypeError(
            f"{path} must be an array, or dicts, lists, tuples or dataclasses of arrays; "
            f"got {described(leaf)}"
        )
    array: Array = np.array(leaf, copy=True, order="K")
    if array.dtype.kind == "c":
        raise TypeError(
            f"{path} is complex ({array.dtype}); only real parameters can be checked: "
            "pass real and imaginary parts as two arrays"
        )
    if array.dtype.kind != "f":
        raise TypeError(
            f"{path} must be a floating-point array; got dtype {array.dtype}: convert it with .astype(float)"
        )
    if array.dtype == np.float16:
        raise TypeError(f"{path} is float16, too coarse to difference; convert it to float32 or float64")
    index = not_finite(array)
    if index is not None:
        raise ValueError(f"{path} must be finite; {entry_name(path, index)} is {array[index]}")
    return array


def gradient(leaf: Any, path: str, shape: tuple[int, ...], name: str, *, of: str = "") -> Array:
    """Return what was returned as the gradient of a leaf as a plain copy, in floats; finite or not.

    Parameters
    ----------
    leaf : any
        What was returned.
    path, shape : str, tuple of int
        The leaf, and the shape that is due.
    name : str
        What it is called in messages: "the result of grad".
    of : str
        What has this shape, where it is not the leaf alone.

    Raises
    ------
    TypeError, ValueError
        For what is no array of real numbers, or has another shape.
    """
    if leaf is None or (not isinstance(leaf, np.ndarray) and callable(leaf)):
        raise TypeError(f"{name} must be an array of shape {shape} for {path}; got {described(leaf)}")
    _refuse_masked(leaf, f"{name} for {path}")
    try:
        array: Array = np.array(leaf, copy=True)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} must be an array of shape {shape} for {path}; got {described(leaf)} of which NumPy "
            f"makes none: {error}"
        ) from error
    if array.dtype.kind not in "fiu":
        inside = f", of {type(array.flat[0]).__name__}" if array.dtype == object and array.size else ""
        kind = "" if isinstance(leaf, np.ndarray) else f"{described(leaf)}, "
        raise TypeError(f"{name} must hold real numbers for {path}; got {kind}dtype {array.dtype}{inside}")
    if array.shape != shape:
        raise ValueError(
            f"{name} must have the shape of {of or path}, {shape}; it has {array.shape}. Nothing is "
            "broadcast: a gradient of another shape is a gradient of something else"
        )
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def laid_out(leaf: Array, like: Array) -> Array:
    """Return a copy with the memory order of another array and, for real numbers, its dtype."""
    copy = np.empty_like(like, dtype=like.dtype if leaf.dtype.kind == "f" else leaf.dtype)
    copy[...] = leaf
    return copy


def dressed(leaf: Any, like: Any) -> Any:
    """Return a leaf as the kind of thing that ``like`` is: a float, a NumPy scalar, a subclass."""
    if not isinstance(leaf, np.ndarray):
        return leaf  # a dual number, say, goes in as it is
    if type(like) is float:
        return leaf[()].item()
    if not isinstance(like, np.ndarray):
        return leaf[()]
    if type(like) is np.ndarray or leaf.dtype.kind != "f":
        return leaf
    view = leaf.view(type(like))
    getattr(view, "__dict__", {}).update(getattr(like, "__dict__", {}))
    return view


def address(array: Array) -> int:
    """Return where in memory an array begins."""
    return int(array.__array_interface__["data"][0])


def not_finite(array: Array) -> tuple[int, ...] | None:
    """Return the index of the first entry that is not finite."""
    finite = np.isfinite(array)
    if np.count_nonzero(finite) == finite.size:
        return None
    return tuple(int(i) for i in np.argwhere(~finite)[0])


def entry_name(path: str, index: tuple[int, ...]) -> str:
    """Return the name of one entry: ``W[2][3, 1]``; a 0-d leaf is its own entry."""
    return f"{path}[{', '.join(map(str, index))}]" if index else path


def described(value: Any) -> str:
    """Return what a value is, in words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    return type(value).__name__


def _refuse_masked(value: Any, name: str) -> None:
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is a masked array, and what is masked has no derivative; use a plain array, "
            "such as its .filled(0)"
        )
