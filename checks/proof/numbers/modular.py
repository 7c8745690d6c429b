"""Arithmetic modulo the prime p = 2^61 - 1 on arrays of uint64, vectorised.

Residues lie in 0..p-1. Because 2^61 = 1 (mod p), reduction is a shift and an addition, and a factor 2^s is a
rotation of the 61 bits. A product is made of 31-bit halves; a matrix product of 21-bit limbs, whose products
of 42 bits add up exactly in a float64 as long as at most 2^11 of them meet: so BLAS does the work.
"""

from typing import Any, TypeAlias

import numpy as np

P = 2**61 - 1

Residues: TypeAlias = np.ndarray[Any, np.dtype[np.uint64]]

_P = np.uint64(P)
_LIMB = np.uint64(21)
_LIMB_MASK = np.uint64(2**21 - 1)
_EXACT = 2**11  # 2^42 * 2^11 = 2^53
_ONE_THREAD = 2**18  # multiplications that OpenBLAS does on one thread
_HALF, _HALF_MASK = np.uint64(31), np.uint64(2**31 - 1)
_30, _30_MASK, _61, _2 = np.uint64(30), np.uint64(2**30 - 1), np.uint64(61), np.uint64(2)


def reduced(x: Residues) -> Residues:
    """Any 64-bit numbers, modulo p."""
    x = (x & _P) + (x >> _61)
    return np.asarray(x - _P * (x >= _P))


def add(x: Residues, y: Residues) -> Residues:
    """x + y."""
    return reduced(x + y)


def subtract(x: Residues, y: Residues) -> Residues:
    """x - y."""
    return reduced(x + (_P - y))


def multiply(x: Residues, y: Residues) -> Residues:
    """x y, from the halves x = x1 2^31 + x0: 2^62 = 2, and middle 2^31 = high + low 2^31."""
    x1, x0, y1, y0 = x >> _HALF, x & _HALF_MASK, y >> _HALF, y & _HALF_MASK
    middle = x1 * y0 + x0 * y1
    low = (middle & _30_MASK) << _HALF
    return reduced(_2 * (x1 * y1) + (middle >> _30) + low + x0 * y0)  # at most 2^63 + 2^32: no overflow


def power(x: Residues, exponent: int) -> Residues:
    """x^exponent, by squaring."""
    result = np.ones_like(x)
    while exponent:
        if exponent & 1:
            result = multiply(result, x)
        x, exponent = multiply(x, x), exponent >> 1
    return result


def inverse(x: Residues) -> Residues:
    """1 / x, with one inversion for all elements: 1/a = b/(ab), pair by pair, up the tree of products.

    Raises
    ------
    ZeroDivisionError
        Where an element is zero.
    """
    if not x.all():
        raise ZeroDivisionError("division by zero in GF(2^61 - 1)")
    if x.size == 1:
        return np.full(x.shape, pow(int(x.item()), -1, P), dtype=np.uint64)
    padded = np.ones((x.size + 1) // 2 * 2, dtype=np.uint64)
    padded[: x.size] = x.ravel()
    pairs = padded.reshape(-1, 2)
    both = inverse(multiply(pairs[:, 0], pairs[:, 1]))
    return multiply(both[:, None], pairs[:, ::-1]).ravel()[: x.size].reshape(x.shape)


def total(x: Residues, axis: int | None, keepdims: bool) -> Residues:
    """The sum along an axis, of halves so that up to 2^33 terms cannot overflow."""
    low = np.asarray((x & _HALF_MASK).sum(axis=axis, keepdims=keepdims, dtype=np.uint64))
    high = np.asarray((x >> _HALF).sum(axis=axis, keepdims=keepdims, dtype=np.uint64))
    return add(reduced(low), _rotated(reduced(high), 31))


Limbs: TypeAlias = tuple[Any, Any, Any]


def limbs(x: Residues) -> Limbs:
    """x = x0 + x1 2^21 + x2 2^42, as float64."""
    split = ((x >> (_LIMB * np.uint64(i))) & _LIMB_MASK for i in range(3))
    x0, x1, x2 = (limb.astype(np.float64) for limb in split)
    return x0, x1, x2


def matmul(x: Limbs, y: Residues) -> Residues:
    """The matrix product of x, given by its limbs, with y."""
    inner, columns = y.shape
    result: Any = np.uint64(0)
    for start in range(0, inner, _EXACT):
        block = slice(start, start + _EXACT)
        right = np.hstack(limbs(y[block]))
        places: list[Any] = [np.uint64(0)] * 5
        for i, limb in enumerate(x):
            product = _by_rows(limb[:, block], right).astype(np.uint64)
            for j in range(3):
                places[i + j] = places[i + j] + product[:, j * columns : (j + 1) * columns]
        for place, value in enumerate(places):
            result = add(result, _rotated(reduced(value), 21 * place))
    return np.asarray(result)


def _by_rows(x: Any, y: Any) -> Any:
    """X @ y, in strips so thin that BLAS does not share them out among threads.

    A matrix times a few vectors is over in 0.1 ms; handing half of it to another thread costs up to a time
    slice of 10 ms whenever the other core is busy.
    """
    rows = _ONE_THREAD // (x.shape[1] * y.shape[1])
    if not 16 <= rows < len(x):
        return x @ y
    return np.vstack([x[i : i + rows] @ y for i in range(0, len(x), rows)])


def _rotated(x: Residues, bits: int) -> Residues:
    """2^bits x."""
    shift = np.uint64(bits % 61)
    return reduced(((x << shift) & _P) + (x >> (_61 - shift))) if shift else x
