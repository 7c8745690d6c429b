"""Vectors and matrices as a reader writes them, each with its meaning in indices.

``W.T @ delta * f'(z)`` is how the equations are shown; the kernel knows only entries.  Every piece of
notation says what its entry is, so a displayed equation is not decoration: a claim is refused unless the
displayed sides *mean* the terms that were proved.  Shapes are checked as the notation is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivations import terms
from derivations.terms import Entry, Function, Index, Partial, RangeMismatch, Size, Sum, Tensor, Term

Shape = tuple[Size, ...]


class Notation:
    """A scalar, vector or matrix; ``shape`` has one size per index."""

    @property
    def shape(self) -> Shape:
        """One size per index: none for a scalar, one for a vector, two for a matrix."""
        return self._shape()

    def entry(self, *indices: Index) -> Term:
        """Return the entry at ``indices`` as a term of the kernel."""
        return self._entry(*indices)

    def _shape(self) -> Shape:
        raise NotImplementedError

    def _entry(self, *indices: Index) -> Term:
        raise NotImplementedError

    def __matmul__(self, other: Notation) -> Notation:
        return Product(self, other)

    def __mul__(self, other: Notation) -> Notation:
        return Hadamard(self, other)

    def __add__(self, other: Notation) -> Notation:
        return Added(self, other)

    def __sub__(self, other: Notation) -> Notation:
        return Added(self, other, minus=True)

    @property
    def T(self) -> Notation:
        """The transpose."""
        return Transpose(self)


def _show(shape: Shape) -> str:
    return " x ".join(map(str, shape)) or "scalar"


def _same_shape(what: str, left: Notation, right: Notation) -> Shape:
    if left.shape != right.shape:
        raise RangeMismatch(f"{what} needs equal shapes: {_show(left.shape)} against {_show(right.shape)}")
    return left.shape


@dataclass(frozen=True)
class Array(Notation):
    """A tensor by its name."""

    tensor: Tensor

    def _shape(self) -> Shape:
        return self.tensor.sizes

    def _entry(self, *indices: Index) -> Term:
        return self.tensor[indices]


@dataclass(frozen=True)
class Scalar(Notation):
    """A term without free indices, shown as it is written."""

    value: Term

    def _shape(self) -> Shape:
        return ()

    def _entry(self, *indices: Index) -> Term:
        return self.value


@dataclass(frozen=True)
class Indexed(Notation):
    """An array given by its entry: shown by indices alone."""

    term: Term
    indices: tuple[Index, ...]

    def _shape(self) -> Shape:
        return tuple(index.size for index in self.indices)

    def _entry(self, *indices: Index) -> Term:
        return terms.substitute(self.term, dict(zip(self.indices, indices, strict=True)))


@dataclass(frozen=True)
class Identity(Notation):
    """The identity matrix: entry (i, j) is [i = j]."""

    size: Size

    def _shape(self) -> Shape:
        return (self.size, self.size)

    def _entry(self, *indices: Index) -> Term:
        return terms.Delta(*indices)


@dataclass(frozen=True)
class Transpose(Notation):
    """A^T: entry (i, j) is A[j, i]."""

    inner: Notation

    def __post_init__(self) -> None:
        if len(self.inner.shape) != 2:
            raise RangeMismatch(f"only a matrix is transposed here, not {_show(self.inner.shape)}")

    def _shape(self) -> Shape:
        return self.inner.shape[::-1]

    def _entry(self, *indices: Index) -> Term:
        return self.inner.entry(*indices[::-1])


@dataclass(frozen=True)
class Product(Notation):
    """A B or A v: sum over the inner index."""

    left: Notation
    right: Notation

    def __post_init__(self) -> None:
        if len(self.left.shape) != 2 or len(self.right.shape) not in (1, 2):
            raise RangeMismatch(f"cannot multiply {_show(self.left.shape)} by {_show(self.right.shape)}")
        if self.left.shape[1] != self.right.shape[0]:
            raise RangeMismatch(
                f"a product sums over one range: the left has {self.left.shape[1]} columns, "
                f"the right {self.right.shape[0]} rows"
            )

    def _shape(self) -> Shape:
        return (self.left.shape[0], *self.right.shape[1:])

    def _entry(self, *indices: Index) -> Term:
        inner = terms.fresh(unused("ijrstu", indices), self.left.shape[1])
        return Sum(inner, self.left.entry(indices[0], inner) * self.right.entry(inner, *indices[1:]))


@dataclass(frozen=True)
class Outer(Notation):
    """u v^T: entry (i, j) is u[i] v[j]."""

    left: Notation
    right: Notation

    def _shape(self) -> Shape:
        return (*self.left.shape, *self.right.shape)

    def _entry(self, *indices: Index) -> Term:
        return self.left.entry(indices[0]) * self.right.entry(indices[1])


@dataclass(frozen=True)
class Hadamard(Notation):
    """a ⊙ b: entry by entry."""

    left: Notation
    right: Notation

    def __post_init__(self) -> None:
        _same_shape("the elementwise product", self.left, self.right)

    def _shape(self) -> Shape:
        return self.left.shape

    def _entry(self, *indices: Index) -> Term:
        return self.left.entry(*indices) * self.right.entry(*indices)


@dataclass(frozen=True)
class Added(Notation):
    """A + B, or A - B."""

    left: Notation
    right: Notation
    minus: bool = False

    def __post_init__(self) -> None:
        _same_shape("a sum", self.left, self.right)

    def _shape(self) -> Shape:
        return self.left.shape

    def _entry(self, *indices: Index) -> Term:
        left, right = self.left.entry(*indices), self.right.entry(*indices)
        return left - right if self.minus else left + right


@dataclass(frozen=True)
class Scaled(Notation):
    """c A, with a scalar c."""

    factor: Term
    inner: Notation

    def _shape(self) -> Shape:
        return self.inner.shape

    def _entry(self, *indices: Index) -> Term:
        return self.factor * self.inner.entry(*indices)


@dataclass(frozen=True)
class Elementwise(Notation):
    """f(A): the function applied to every entry."""

    function: Function
    inner: Notation

    def _shape(self) -> Shape:
        return self.inner.shape

    def _entry(self, *indices: Index) -> Term:
        return self.function(self.inner.entry(*indices))


@dataclass(frozen=True)
class Diagonal(Notation):
    """diag(a): entry (i, j) is [i = j] a[i]."""

    inner: Notation

    def _shape(self) -> Shape:
        return self.inner.shape * 2

    def _entry(self, *indices: Index) -> Term:
        return terms.Delta(*indices) * self.inner.entry(indices[0])


@dataclass(frozen=True)
class Softmax(Notation):
    """softmax(z): entry i is exp(z_i) / sum_j exp(z_j)."""

    inner: Notation

    def _shape(self) -> Shape:
        return self.inner.shape

    def _entry(self, *indices: Index) -> Term:
        index = terms.fresh(unused("jist", indices), self.shape[0])
        return terms.exp(self.inner.entry(*indices)) / Sum(index, terms.exp(self.inner.entry(index)))


@dataclass(frozen=True)
class Total(Notation):
    """sum(v): the sum of the entries of a vector, a scalar."""

    inner: Notation

    def _shape(self) -> Shape:
        return ()

    def _entry(self, *indices: Index) -> Term:
        index = terms.fresh("i", self.inner.shape[0])
        return Sum(index, self.inner.entry(index))


@dataclass(frozen=True)
class SquaredNorm(Notation):
    """||A||^2: the sum of the squares of all entries, a scalar."""

    inner: Notation

    def _shape(self) -> Shape:
        return ()

    def _entry(self, *indices: Index) -> Term:
        own = [terms.fresh(name, size) for name, size in zip("ij", self.inner.shape, strict=False)]
        total: Term = self.inner.entry(*own) ** 2
        for index in reversed(own):
            total = Sum(index, total)
        return total


@dataclass(frozen=True)
class Gradient(Notation):
    """d J / d A: for a scalar J, an array of the shape of A, entry by entry."""

    scalar: Term
    variable: Tensor

    def _shape(self) -> Shape:
        return self.variable.sizes

    def _entry(self, *indices: Index) -> Term:
        variable = self.variable[indices]
        assert isinstance(variable, Entry)
        return Partial(self.scalar, variable)


@dataclass(frozen=True)
class Jacobian(Notation):
    """d y / d x in the denominator layout: entry (j, i) is d y[i] / d x[j]."""

    of: Notation
    variable: Tensor

    def _shape(self) -> Shape:
        return (*self.variable.sizes, *self.of.shape)

    def _entry(self, *indices: Index) -> Term:
        variable = self.variable[indices[0]]
        assert isinstance(variable, Entry)
        return Partial(self.of.entry(indices[1]), variable)


def unused(names: str, indices: Sequence[Index]) -> str:
    """Return the first letter of ``names`` that no index in ``indices`` carries."""
    taken = {index.name for index in indices}
    return next(name for name in names if name not in taken)
