"""Attempts to take the tangent away: conversions, plain targets, hiding places. Each must be refused by name.

The refusal must survive whatever the code does with the exception.
"""

# ruff: noqa: E501 - an attempt is a line

import array
import contextlib
import io
import json
import math
import operator
import pickle
import statistics
import struct
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from checks.oracles.forward_mode import DoesNotApply, derivative

X = np.array([[0.31, 1.27, -0.63], [0.87, -1.45, 0.52]])
V = np.array([[0.7, -0.4, 1.1], [-0.9, 0.35, 0.6]])


def forward(fun, x=X, v=V):
    return derivative(lambda leaves: fun(leaves[0]), [x], [v])


REFUSED = {
    "float": lambda x: float(x[0, 0]),
    "int": lambda x: int(x[0, 0]),
    "complex": lambda x: complex(x[0, 0]),
    "item": lambda x: x[0, 0].item(),
    "item of an array": lambda x: x.item(2),
    "tolist": lambda x: x.tolist(),
    "tobytes": lambda x: x.tobytes(),
    "view": lambda x: x.view(np.int64),
    "data": lambda x: memoryview(x.data),
    "memoryview": lambda x: memoryview(x),
    "math": lambda x: math.exp(x[0, 0]),
    "math.fsum": lambda x: math.fsum(x[0]),
    "statistics": lambda x: statistics.fmean(x[0]),
    "struct": lambda x: struct.pack("d", x[0, 0]),
    "json": lambda x: json.dumps(x.sum()),
    "Decimal": lambda x: Decimal(x[0, 0]),
    "Fraction": lambda x: Fraction(x[0, 0]),
    "float of the text": lambda x: float(str(x[0, 0])),
    "eval of the repr of a scalar": lambda x: eval(repr(x[0, 0]), {"np": np}),
    "float of the format": lambda x: float(f"{x[0, 0]:.17g}"),
    "eval of the repr": lambda x: eval(np.array_repr(x[0]), {"array": np.array, "np": np}),
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "np.save": lambda x: np.save(io.BytesIO(), x),
    "np.savetxt": lambda x: np.savetxt(io.StringIO(), x),
    "asarray with a dtype": lambda x: np.asarray(x, dtype=float),
    "array with a dtype": lambda x: np.array([x[0, 0], 1.0], dtype=float),
    "astype of an object array": lambda x: np.asarray(x).astype(float),
    "np.float64": lambda x: np.float64(x[0, 0]),
    "np.float32": lambda x: np.float32(x[0, 0]),
    "np.double of an array": lambda x: np.double(x),
    "write into a plain array": lambda x: operator.setitem(np.zeros(3), 0, x[0, 0]),
    "write a row into a plain array": lambda x: operator.setitem(np.zeros((2, 3)), 0, x[0]),
    "write by a mask into a plain array": lambda x: operator.setitem(np.zeros(3), np.array([True, False, True]), x[0, :2]),
    "plain flat": lambda x: operator.setitem(np.zeros(3).flat, 0, x[0, 0]),
    "plain +=": lambda x: operator.iadd(np.zeros(3), x[0]),
    "plain out of a ufunc": lambda x: np.exp(x, out=np.zeros((2, 3))),
    "plain out of a function": lambda x: np.sum(x, axis=0, out=np.zeros(3)),
    "plain out by position": lambda x: np.dot(x, np.ones((3, 2)), np.zeros((2, 2))),
    "plain out of take by position": lambda x: np.take(x, [0, 1], 1, np.zeros((2, 2))),
    "plain out of cumsum by position": lambda x: np.cumsum(x, 0, None, np.zeros((2, 3))),
    "plain out of sum by position": lambda x: np.sum(x, 0, None, np.zeros(3)),
    "plain out of clip by position": lambda x: np.clip(x, 0, 1, np.zeros((2, 3))),
    "plain out of concatenate": lambda x: np.concatenate([x, x], out=np.zeros((4, 3))),
    "plain out of a method": lambda x: x.sum(axis=0, out=np.zeros(3)),
    "dual out by position": lambda x: np.take(x, [0, 1], 1, np.zeros_like(x[:, :2])),
    "plain out of reduce": lambda x: np.add.reduce(x, out=np.zeros(3)),
    "plain add.at": lambda x: np.add.at(np.zeros(3), [0], x[0, 0]),
    "plain copyto": lambda x: np.copyto(np.zeros((2, 3)), x),
    "plain put": lambda x: np.put(np.zeros(3), [0], x[0, 0]),
    "plain place": lambda x: np.place(np.zeros(3), [True, False, False], x[0]),
    "plain putmask": lambda x: np.putmask(np.zeros(3), [True, False, False], x[0]),
    "plain fill_diagonal": lambda x: np.fill_diagonal(np.zeros((3, 3)), x[0]),
    "plain fill": lambda x: np.zeros(3).fill(x[0, 0]),
    "plain put_along_axis": lambda x: np.put_along_axis(np.zeros((2, 3)), np.array([[0], [1]]), x[:, :1], 1),
    "full_like of a plain array": lambda x: np.full_like(np.ones(3), x[0, 0]),
    "fromiter": lambda x: np.fromiter(x[0], dtype=float),
    "frombuffer": lambda x: np.frombuffer(x),
    "nditer": lambda x: [float(v) for v in np.nditer(x)],
    "structured array": lambda x: np.array([(x[0, 0], 1.0)], dtype=[("a", float), ("b", float)]),
    "fields of a structured array": lambda x: operator.setitem(np.zeros(3, dtype=[("a", float)])["a"], slice(None), x[0]),
    "an array of python's": lambda x: array.array("d", x[0]),
    "bytes": lambda x: bytes(x),
    "a function without a rule": lambda x: np.i0(x),
    "a ufunc without a rule": lambda x: np.spacing(x),
    "a ufunc from python": lambda x: np.frompyfunc(lambda v: 2 * v, 1, 1)(x),
    "histogram": lambda x: np.histogram(x)[1],
    "unknown mode": lambda x: np.pad(x, 1, mode="maximum"),
    "callable mode": lambda x: np.pad(x, 1, mode=lambda *a: None),
    "complex eigenvectors": lambda x: np.linalg.eig(x @ x.T)[1],
    "svd vectors of a wide matrix": lambda x: np.linalg.svd(x)[2],
    "quantile of a moving level": lambda x: np.quantile(X, np.abs(x[0, 0])),
    "complex maximum": lambda x: np.maximum(x * 1j, x),
    "as_strided": lambda x: np.lib.stride_tricks.as_strided(x, (2, 2), (8, 8)),
    "as_strided in single precision": lambda x: np.lib.stride_tricks.as_strided(x.astype(np.float32), (3, 2), (4, 4)),
    "strides": lambda x: np.lib.stride_tricks.as_strided(x, (2, 2), x.strides),
    "plain result": lambda x: 1.0,
    "plain array as the result": lambda x: np.ones(3),
    "no result": lambda x: None,
    "dict as the result": lambda x: {"a": x},
    "isinstance": lambda x: x if isinstance(x, np.ndarray) else x * 2,
    "subclass check changes the path": lambda x: x.sum() if type(x) is np.ndarray else x.mean(),
    "nan_to_num with a moving replacement": lambda x: np.nan_to_num(x, nan=x[0, 0]),
    "infinite slope": lambda x: np.sqrt(x * 0 + (x - X)),
    "einsum by lists of indices": lambda x: np.einsum(x, [0, 1], [0]),
    "np.array like a dual, with options": lambda x: np.array(x, like=x, ndmin=3),
    "eigenvectors of a complex matrix": lambda x: np.linalg.eigh(x @ x.T + 0j)[1],
    "svd of a hermitian matrix": lambda x: np.linalg.svd(x @ x.T, hermitian=True)[1],
    "unique rows": lambda x: np.unique(x, axis=0),
    "a median that overwrites": lambda x: np.median(x, overwrite_input=True),
    "a sum of plain numbers from a dual on": lambda x: np.add.reduce(np.ones(3), initial=x[0, 0]),
    "a product from a dual on": lambda x: np.multiply.reduce(x, axis=0, initial=x[0, 0]),
    "maxima of stretches": lambda x: np.maximum.reduceat(x[0], [0, 2]),
    "the largest of complex numbers": lambda x: np.maximum.reduce(x[0] * 1j),
    "add.at": lambda x: np.add.at(np.zeros(3), [0, 1, 2], x[0]),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_conversions_are_refused(what):
    with pytest.raises(DoesNotApply) as refusal:
        forward(REFUSED[what])
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) > 5


STICKY = [
    "float", "int", "complex", "item", "tolist", "tobytes", "view", "math", "asarray with a dtype", "np.float64",
    "np.float32", "write into a plain array", "write a row into a plain array", "plain +=", "plain out of a ufunc",
    "plain out of a function", "plain out by position", "plain add.at", "plain copyto", "plain fill", "fromiter", "pickle",
    "astype of an object array", "a function without a rule", "array with a dtype", "plain out of a method",
]  # fmt: skip


@pytest.mark.parametrize("what", STICKY)
def test_a_caught_exception_does_not_hide_the_refusal(what):
    """The value agrees with the plain run, and a tangent comes out: only the memory of the run can tell."""
    def hiding(x):
        with contextlib.suppress(Exception):
            REFUSED[what](x)
        return (x**2).sum()

    with pytest.raises(DoesNotApply):
        forward(hiding)


@pytest.mark.parametrize("what", STICKY)
def test_the_same_programs_run_on_plain_arrays(what):
    """Else the refusals above would prove nothing about duals."""
    REFUSED[what](X.copy())
