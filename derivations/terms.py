"""The grammar of the kernel as data: numbers written with indices, every index with its range.

Typing happens as a term is built.  An index whose size is not the size of its slot, a delta between two
ranges, a float, a power that is no integer: each is refused by name, where it is written.  The kernel does
not rely on that, nor on anything else here but the fields: it reads a term with rules of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar, dataclass_transform


class UnsupportedExpression(TypeError):  # noqa: N818
    """The expression lies outside the kernel's grammar, or its meaning is not known; the message names it."""


class RangeMismatch(ValueError):  # noqa: N818
    """Two ranges differ where they must be equal; the message names both."""


# --------------------------------------------------------------------------------------------- names


def _refuse_unless_name(name: object) -> None:
    # Two different things must never be written alike: "f'" is a derivative, "W^l" a layer, no names.
    if not isinstance(name, str) or not name.isidentifier():
        raise UnsupportedExpression(f"{name!r} is no name: letters, digits and underscores only")


@dataclass(frozen=True)
class Layer:
    """A layer number: concrete (``symbol`` empty) or a symbol plus an offset, such as ``l+1`` and ``L``."""

    symbol: str = ""
    offset: int = 0

    def __add__(self, step: int) -> Layer:
        return Layer(self.symbol, self.offset + step)

    def __sub__(self, step: int) -> Layer:
        return self + -step

    def __str__(self) -> str:
        if not self.symbol:
            return str(self.offset)
        return self.symbol + (f"{self.offset:+d}" if self.offset else "")


@dataclass(frozen=True)
class Function:
    """A function of one variable: ``exp``, ``log``, or an opaque name and its order of derivative."""

    name: str
    order: int = 0

    @property
    def prime(self) -> Function:
        """The name of the derivative of an opaque function."""
        return Function(self.name, self.order + 1)

    def __post_init__(self) -> None:
        _refuse_unless_name(self.name)

    def __call__(self, argument: Term | int | Fraction) -> Term:
        """Return the function applied to a term."""
        return Apply(self, term(argument))

    def __str__(self) -> str:
        return self.name + "'" * self.order


Kind = TypeVar("Kind")

exp, log = Function("exp"), Function("log")


def opaque(name: str) -> Function:
    """Return a function of which nothing is known but that it is differentiable."""
    if name in ("exp", "log"):
        raise UnsupportedExpression(
            f"{name} is known to the kernel and cannot be opaque; choose another name"
        )
    return Function(name)


# --------------------------------------------------------------------------------------------- terms


@dataclass_transform(frozen_default=True)
def node(kind: type[Kind]) -> type[Kind]:
    """Make a kind of term of a class with typed fields; equality and hash are those of ``Term``."""
    return dataclass(frozen=True, eq=False)(kind)


class Term:
    """A real number written with indices.  Immutable and hashable; ``==`` compares the written form."""

    __match_args__: tuple[str, ...] = ()

    def __add__(self, other: Term | int | Fraction) -> Term:
        return plus(self, term(other))

    def __radd__(self, other: int | Fraction) -> Term:
        return plus(term(other), self)

    def __sub__(self, other: Term | int | Fraction) -> Term:
        return plus(self, times(Number(Fraction(-1)), term(other)))

    def __rsub__(self, other: int | Fraction) -> Term:
        return term(other) - self

    def __neg__(self) -> Term:
        return times(Number(Fraction(-1)), self)

    def __mul__(self, other: Term | int | Fraction) -> Term:
        return times(self, term(other))

    def __rmul__(self, other: int | Fraction) -> Term:
        return times(term(other), self)

    def __truediv__(self, other: Term | int | Fraction) -> Term:
        return times(self, Power(term(other), -1))

    def __rtruediv__(self, other: int | Fraction) -> Term:
        return term(other) / self

    def __pow__(self, exponent: int) -> Term:
        return Power(self, exponent)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and hash(self) == hash(other) and self._fields() == other._fields()

    def __hash__(self) -> int:
        # Terms nest deeply and are looked up often: the hash is computed once.
        value = self.__dict__.get("_hash")
        if value is None:
            value = self.__dict__["_hash"] = hash((type(self), *self._fields()))
        return value

    def _fields(self) -> tuple[object, ...]:
        fields: tuple[object, ...] | None = self.__dict__.get("_written")
        if fields is None:
            fields = self.__dict__["_written"] = tuple(getattr(self, name) for name in self.__match_args__)
        return fields

    def __str__(self) -> str:
        text = self.__dict__.get("_text")
        if text is None:
            text = self.__dict__["_text"] = self._write()
        return text

    def _write(self) -> str:
        raise NotImplementedError


def term(value: object) -> Term:
    """Return ``value`` as a term.

    Raises
    ------
    UnsupportedExpression
        When it is neither a term nor an exact rational number.
    """
    if isinstance(value, Term):
        return value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Number(Fraction(value))
    advice = "; write it as a Fraction" if isinstance(value, float) else ""
    raise UnsupportedExpression(f"{type(value).__name__} {value!r} is outside the kernel's grammar{advice}")


@node
class Number(Term):
    """An exact rational number."""

    value: Fraction

    def _write(self) -> str:
        return str(self.value)


@node
class Size(Term):
    """A width: the number of values an index takes.  A positive integer, not known which."""

    name: str
    layer: Layer | None = None

    def _write(self) -> str:
        return self.name if self.layer is None else f"{self.name}_{self.layer}"


@dataclass(frozen=True)
class Index:
    """An index over 1..``size``.  Two indices are the same only if made by the same ``fresh`` call."""

    name: str
    size: Size
    serial: int

    def __str__(self) -> str:
        return f"{self.name}#{self.serial}:{self.size}"


_serials = itertools.count(1)


def fresh(name: str, size: Size) -> Index:
    """Return a new index, different from every other, that runs over 1..``size``."""
    if not isinstance(size, Size):
        raise UnsupportedExpression(
            f"the range of index {name} must be a Size, not {type(size).__name__} {size!r}"
        )
    return Index(name, size, next(_serials))


@dataclass(frozen=True)
class Tensor:
    """A name with one size per index.

    ``defined`` says that its entries are functions of other tensors (z^(l+1) of z^l; J of everything):
    their derivatives stay written down, ``partial(...)``, and are never taken to be zero.
    """

    name: str
    sizes: tuple[Size, ...] = ()
    layer: Layer | None = None
    defined: bool = False

    def __post_init__(self) -> None:
        _refuse_unless_name(self.name)

    def __getitem__(self, indices: Index | tuple[Index, ...]) -> Term:
        return Entry(self, indices if isinstance(indices, tuple) else (indices,))

    def __str__(self) -> str:
        return self.name if self.layer is None else f"{self.name}^{self.layer}"


@node
class Entry(Term):
    """One entry of a tensor."""

    tensor: Tensor
    indices: tuple[Index, ...]

    def __post_init__(self) -> None:
        tensor, indices = self.tensor, self.indices
        if len(indices) != len(tensor.sizes):
            raise UnsupportedExpression(f"{tensor} takes {len(tensor.sizes)} indices, not {len(indices)}")
        for place, (index, size) in enumerate(zip(indices, tensor.sizes, strict=True), 1):
            if not isinstance(index, Index):
                raise UnsupportedExpression(f"{tensor} was indexed with {type(index).__name__} {index!r}")
            if index.size != size:
                raise RangeMismatch(
                    f"index {place} of {tensor} runs over 1..{size}, "
                    f"but {index.name} runs over 1..{index.size}"
                )

    def _write(self) -> str:
        return f"{self.tensor}[{','.join(map(str, self.indices))}]"


@node
class Delta(Term):
    """Kronecker's delta: 1 where the two indices are equal, 0 elsewhere."""

    left: Index
    right: Index

    def __post_init__(self) -> None:
        if self.left.size != self.right.size:
            raise RangeMismatch(
                f"delta compares {self.left.name} in 1..{self.left.size} "
                f"with {self.right.name} in 1..{self.right.size}"
            )

    def _write(self) -> str:
        return f"[{self.left}={self.right}]"


@node
class Plus(Term):
    """A sum of finitely many written terms."""

    terms: tuple[Term, ...]

    def _write(self) -> str:
        return "(" + " + ".join(map(str, self.terms)) + ")"


@node
class Times(Term):
    """A product of finitely many written factors."""

    factors: tuple[Term, ...]

    def _write(self) -> str:
        return "(" + " * ".join(map(str, self.factors)) + ")"


@node
class Power(Term):
    """An integer power, negative ones included."""

    base: Term
    exponent: int

    def __post_init__(self) -> None:
        if not isinstance(self.exponent, int) or isinstance(self.exponent, bool):
            raise UnsupportedExpression(f"power {self.exponent!r}: exponents are integers")

    def _write(self) -> str:
        return f"{self.base}**{self.exponent}"


@node
class Sum(Term):
    """The sum of ``body`` over ``index`` = 1..``index.size``; ``index`` is bound."""

    index: Index
    body: Term

    def __post_init__(self) -> None:
        if not isinstance(self.index, Index):
            raise UnsupportedExpression(
                f"a sum runs over an Index, not {type(self.index).__name__} {self.index!r}"
            )

    def _write(self) -> str:
        return f"sum({self.index}, {self.body})"


@node
class Apply(Term):
    """A function of one variable applied to a term."""

    function: Function
    argument: Term

    def _write(self) -> str:
        return f"{self.function}({self.argument})"


@node
class Partial(Term):
    """The derivative of ``body`` with respect to one entry, written down and not carried out."""

    body: Term
    variable: Entry

    def __post_init__(self) -> None:
        if not isinstance(self.variable, Entry):
            raise UnsupportedExpression(
                f"a derivative is taken with respect to an entry, not {self.variable}"
            )

    def _write(self) -> str:
        return f"partial({self.body}, {self.variable})"


def plus(*terms: Term) -> Term:
    """Return the sum of ``terms`` as one flat sum."""
    flat = tuple(part for item in terms for part in (item.terms if isinstance(item, Plus) else (item,)))
    return flat[0] if len(flat) == 1 else Plus(flat)


def times(*factors: Term) -> Term:
    """Return the product of ``factors`` as one flat product."""
    flat = tuple(part for item in factors for part in (item.factors if isinstance(item, Times) else (item,)))
    return flat[0] if len(flat) == 1 else Times(flat)


ZERO, ONE = Number(Fraction(0)), Number(Fraction(1))


# --------------------------------------------------------------------- structure: walk, free, substitute


def children(t: Term) -> tuple[Term, ...]:
    """Return the immediate subterms of ``t``."""
    match t:
        case Plus(terms):
            return terms
        case Times(factors):
            return factors
        case Power(base, _):
            return (base,)
        case Sum(_, body):
            return (body,)
        case Apply(_, argument):
            return (argument,)
        case Partial(body, variable):
            return (body, variable)
    return ()


def rebuild(t: Term, parts: Iterable[Term]) -> Term:
    """Return ``t`` with its immediate subterms replaced by ``parts``."""
    new = tuple(parts)
    match t:
        case Plus():
            return plus(*new) if new else ZERO
        case Times():
            return times(*new) if new else ONE
        case Power(_, exponent):
            return Power(new[0], exponent)
        case Sum(index, _):
            return Sum(index, new[0])
        case Apply(function, _):
            return Apply(function, new[0])
        case Partial():
            return Partial(new[0], entry_of(new[1]))
    return t


def entry_of(t: Term) -> Entry:
    """Return ``t`` if it is an entry: a derivative can be taken by nothing else."""
    if not isinstance(t, Entry):
        raise UnsupportedExpression(f"a derivative is taken with respect to an entry, not {t}")
    return t


@lru_cache(maxsize=200_000)
def free_indices(t: Term) -> frozenset[Index]:
    """Return the indices of ``t`` that no sum binds."""
    match t:
        case Entry(_, indices):
            return frozenset(indices)
        case Delta(left, right):
            return frozenset((left, right))
        case Sum(index, body):
            return free_indices(body) - {index}
    return frozenset().union(*map(free_indices, children(t)))


def substitute(t: Term, renaming: Mapping[Index, Index]) -> Term:
    """Replace free indices, renaming bound ones wherever they would capture a newcomer.

    Raises
    ------
    RangeMismatch
        When an index is replaced by one that runs over another range.
    """
    for old, new in renaming.items():
        if old.size != new.size:
            raise RangeMismatch(f"{old.name} runs over 1..{old.size}, but {new.name} runs over 1..{new.size}")
    return rename(t, dict(renaming))


def rename(t: Term, renaming: dict[Index, Index]) -> Term:
    """Replace free indices, as ``substitute`` does, of ranges already known to agree."""
    live = {old: new for old, new in renaming.items() if old in free_indices(t) and old != new}
    if not live:
        return t
    match t:
        case Entry(tensor, indices):
            return Entry(tensor, tuple(live.get(index, index) for index in indices))
        case Delta(left, right):
            return Delta(live.get(left, left), live.get(right, right))
        case Sum(index, body):
            if index in live.values():
                other = fresh(index.name, index.size)
                index, body = other, rename(body, {index: other})
            return Sum(index, rename(body, live))
    return rebuild(t, (rename(part, live) for part in children(t)))


def bound_names_apart(t: Term) -> Term:
    """Return ``t`` with every bound index renamed to one that occurs nowhere else."""
    if isinstance(t, Sum):
        index = fresh(t.index.name, t.index.size)
        return Sum(index, rename(bound_names_apart(t.body), {t.index: index}))
    return rebuild(t, map(bound_names_apart, children(t)))
