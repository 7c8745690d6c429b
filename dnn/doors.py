"""What may enter: each rule is checked once, where an array comes in from outside.

Behind the doors the same lines run over any number system, so a door asks only what it must: real and
complex floats are to be finite; arrays of objects (exact numbers, symbols) and duck arrays pass unread.
"""

from typing import Any

import numpy as np

from dnn.activations import Array


def matrix(name: str, value: Any, rows: int | None = None, columns: int | None = None) -> Array:
    """Let `value` in as a two-dimensional array of at least one row and one column.

    Parameters
    ----------
    name : str
        What the caller calls it: the first word of every message.
    value : array_like
    rows, columns : int, optional
        The shape asked for; None leaves that dimension free.

    Raises
    ------
    TypeError
        Text, integers, booleans or half precision where floats are needed.
    ValueError
        Another shape, an empty array, NaN or infinity.
    """
    array = value if hasattr(value, "__array_ufunc__") else np.asarray(value)
    if array.dtype.kind not in "fcO" or array.dtype == np.float16:
        raise TypeError(
            f"{name} must hold floats (float32, float64 or longdouble), got dtype {array.dtype}; "
            f"convert it, for instance with np.asarray({name}, dtype=float)"
        )
    shape = array.shape
    if len(shape) != 2 or shape != (rows or shape[0], columns or shape[1]):
        raise ValueError(
            f"{name} must have shape ({rows or 'any'}, {columns or 'any'}), got {shape}; "
            "one row for each unit, one column for each sample"
        )
    if 0 in shape:
        raise ValueError(f"{name} must not be empty, got shape {shape}")
    if array.dtype.kind != "O" and np.count_nonzero(np.isfinite(array)) < array.size:
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def finite(name: str, value: Any) -> float:
    """Let `value` in as a finite real number.

    Raises
    ------
    TypeError
        Not a real number.
    ValueError
        NaN or infinity.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return float(value)


def positive_integer(name: str, value: Any) -> int:
    """Let `value` in as an integer of at least one.

    Raises
    ------
    TypeError
        Not an integer.
    ValueError
        Less than one.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return int(value)
