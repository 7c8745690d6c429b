"""What must not even be written."""
# ruff: noqa: E501  (one false statement a line)

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivations import kernel
from derivations.calculus import derivative
from derivations.notation import Array
from derivations.ranges import x
from derivations.refusals.layers import SomeLayer
from derivations.refusals.statement import FalseStatement
from derivations.terms import (
    Delta,
    Index,
    Layer,
    Power,
    Size,
    Tensor,
    fresh,
    opaque,
)
from derivations.theorems.hidden import J, l, partial

f = opaque("f")


def _unbuildable(id: str, mistake: str, build: Callable[[], object]) -> FalseStatement:
    return FalseStatement(f"typing/{id}", mistake, None, build)


def _rectangular() -> tuple[Tensor, Index, Index]:
    m, n = Size("m"), Size("n")
    return Tensor("A", (m, n)), fresh("i", m), fresh("j", n)


def _swapped_indices() -> object:
    A, i, j = _rectangular()
    return A[j, i]


def _delta_between_ranges() -> object:
    _, i, j = _rectangular()
    return Delta(i, j)


def _one_index() -> object:
    A, i, _ = _rectangular()
    return A[i]


TYPING = (
    _unbuildable("no-transpose", "W δ in a rectangular network", lambda: Array(SomeLayer().W) @ Array(SomeLayer().signal)),
    _unbuildable("hadamard", "an elementwise product of vectors of two sizes", lambda: Array(SomeLayer().z) * Array(SomeLayer().signal)),
    _unbuildable("swapped-indices", "the indices of A swapped", _swapped_indices),
    _unbuildable("delta", "a delta between two ranges", _delta_between_ranges),
    _unbuildable("rank", "one index for a matrix", _one_index),
    _unbuildable("ranks", "d W[i] / d W[p,j]: one name with two shapes", lambda: derivative(
        Tensor("W", (Size("n"),))[fresh("i", Size("n"))], Tensor("W", (Size("n"), Size("n")))[fresh("p", Size("n")), fresh("j", Size("n"))])),
    _unbuildable("layers", "d W^l / d W^L, when nothing says whether l = L", lambda: derivative(
        Tensor("b", (Size("n"),), l)[fresh("i", Size("n"))], Tensor("b", (Size("n"),), Layer("L"))[fresh("j", Size("n"))])),
    _unbuildable("primed-name", "f' as a name, which is the derivative of f", lambda: opaque("f'")),
    _unbuildable("layered-name", "W^l as a name, which is W of layer l", lambda: Tensor("W^l")),
    _unbuildable("float", "a float", lambda: x * 0.5),  # type: ignore[operator]
    _unbuildable("power", "a power that is no integer", lambda: Power(x, Fraction(1, 2))),  # type: ignore[arg-type]
    _unbuildable("zero", "division by zero", lambda: kernel.equal(1 / (x - x), x)),
    _unbuildable("delta-inverse", "division by a delta", lambda: kernel.equal(1 / Delta(fresh("i", Size("n")), fresh("j", Size("n"))), x)),
    _unbuildable("variable", "a derivative by something that is no entry", lambda: derivative(x**2, x**2)),
    _unbuildable("second", "a second derivative of an unknown function", lambda: derivative(partial(J[()], x), x)),
)  # fmt: skip
