"""Index calculus and equality: the one file a reader has to trust.

A *term* is a real number written with indices: ``sum_j W[i,j] * f(z[j]) + b[i]``.  The kernel builds
terms, differentiates them, substitutes in them and decides equations between them, for every value
of the widths at once.  It uses Python's integers and fractions and nothing else: no computer
algebra system stands behind it.  (SymPy is the *referee* in ``instance.py`` and in the tests.)

Grammar
-------
::

    term     ::=  number                          an exact rational
               |  size                            a width: n, k_l, k_(l+1)
               |  tensor[index, ...]              one entry; a scalar has no index
               |  delta(index, index)             Kronecker: 1 when equal, else 0
               |  term + ... + term  |  term * ... * term  |  term ** integer
               |  sum(index, term)                the index runs over 1..its size
               |  function(term)                  exp, log, or an opaque f, f', f'' ...
               |  partial(term, tensor[...])      a derivative written down, not carried out
    index    ::=  a name with a size
    tensor   ::=  a name, perhaps a layer (``l+1``, ``L``, 3), and one size per index

Typing is part of the grammar.  An index whose size is not the size of its slot, a delta between two
ranges, a float, a non-integer power: each is refused when the term is *built*, by name.  What the
kernel cannot know it refuses too (``UnsupportedExpression``), such as ``d W^l / d W^L`` when nothing says
whether ``l = L``.  A tensor declared as a function of others keeps its derivative in writing, as an unknown.

What is decided
---------------
``canonical(t)`` expands ``t`` into a sum of products, carries out derivatives, contracts deltas,
takes constant factors out of sums, splits each sum into its connected parts, and names bound
indices by position.  Two terms have one canonical form if they are equal by commutativity,
associativity, distributivity, renaming of bound indices, exchange of sums, delta contraction and
``exp(a + b) = exp(a) exp(b)``.  ``equal(s, t)`` then also clears denominators.  ``True`` means equal
wherever no denominator vanishes; ``False`` means *not shown*, never "shown to be different".

Bound indices are named from the inside out: a sum's canonical name carries its nesting height, one
more than every sum within it, so an outer name can never be captured by an inner sum.  (Names
without the height turn ``sum_j f(sum_s W[j,s] x[s])`` into ``W[c,c]``, which then equals its own
transpose.)  Substitution renames bound indices whenever they could capture, height or no height.

What is trusted
---------------
This file; Python's ``int`` and ``Fraction``; the rules of differentiation in ``derivative`` (linear,
product, integer power, the *scalar* chain rule, ``exp' = exp``, ``log' = 1/x``, differentiating a finite
sum term by term).  The multivariate chain rule is not here: proofs that need it name it as an axiom.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

__all__ = [
    "Apply", "Delta", "Entry", "Function", "Index", "Layer", "Number", "Partial", "Plus", "Power",
    "RangeMismatch", "Size", "Sum", "Tensor", "Term", "Times", "UnsupportedExpression", "bound_names_apart",
    "canonical", "derivative", "equal", "exp", "free_indices", "fresh", "fraction", "log", "opaque", "plus",
    "rebuild", "substitute", "term", "times",
]  # fmt: skip


class UnsupportedExpression(TypeError):
    """The expression lies outside the kernel's grammar, or its meaning is not known; the message names it."""


class RangeMismatch(ValueError):
    """Two ranges differ where they must be equal; the message names both."""


# --------------------------------------------------------------------------------------------- names


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
    """A differentiable function of one variable: ``exp``, ``log``, or an opaque name and its order of derivative."""

    name: str
    order: int = 0

    @property
    def prime(self) -> Function:
        """The name of the derivative of an opaque function."""
        return Function(self.name, self.order + 1)

    def __call__(self, argument: Term | int | Fraction) -> Term:
        return Apply(self, term(argument))

    def __str__(self) -> str:
        return self.name + "'" * self.order


exp, log = Function("exp"), Function("log")


def opaque(name: str) -> Function:
    """Return a function of which nothing is known but that it is differentiable."""
    if name in ("exp", "log"):
        raise UnsupportedExpression(f"{name} is known to the kernel and cannot be opaque; choose another name")
    return Function(name)


# --------------------------------------------------------------------------------------------- terms


class Term:
    """A real number written with indices.  Immutable and hashable; ``==`` compares the written form."""

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

    def __hash__(self) -> int:
        # Terms nest deeply and are looked up often: the hash is computed once.
        try:
            return self.__dict__["_hash"]  # type: ignore[no-any-return]
        except KeyError:
            value = hash((type(self), *(self.__dict__[name] for name in self.__dataclass_fields__)))  # type: ignore[attr-defined]
            self.__dict__["_hash"] = value
            return value

    def __str__(self) -> str:
        text = self.__dict__.get("_text")
        if text is None:
            text = self.__dict__["_text"] = self._write()
        return text  # type: ignore[no-any-return]

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


@dataclass(frozen=True, eq=True)
class Number(Term):
    """An exact rational number."""

    value: Fraction
    __hash__ = Term.__hash__

    def _write(self) -> str:
        return str(self.value)


@dataclass(frozen=True, eq=True)
class Size(Term):
    """A width: the number of values an index takes.  A positive integer, not known which."""

    name: str
    layer: Layer | None = None
    __hash__ = Term.__hash__

    def _write(self) -> str:
        return self.name if self.layer is None else f"{self.name}_{self.layer}"


@dataclass(frozen=True)
class Index:
    """An index that runs over 1..``size``.  Two indices are the same only if made by the same ``fresh`` call."""

    name: str
    size: Size
    serial: int

    def __str__(self) -> str:
        return f"{self.name}#{self.serial}:{self.size}"


_serials = itertools.count(1)


def fresh(name: str, size: Size) -> Index:
    """Return a new index, different from every other, that runs over 1..``size``."""
    if not isinstance(size, Size):
        raise UnsupportedExpression(f"the range of index {name} must be a Size, not {type(size).__name__} {size!r}")
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

    def __getitem__(self, indices: Index | tuple[Index, ...]) -> Term:
        return Entry(self, indices if isinstance(indices, tuple) else (indices,))

    def __str__(self) -> str:
        return self.name if self.layer is None else f"{self.name}^{self.layer}"


@dataclass(frozen=True, eq=True)
class Entry(Term):
    """One entry of a tensor."""

    tensor: Tensor
    indices: tuple[Index, ...]
    __hash__ = Term.__hash__

    def __post_init__(self) -> None:
        tensor, indices = self.tensor, self.indices
        if len(indices) != len(tensor.sizes):
            raise UnsupportedExpression(f"{tensor} takes {len(tensor.sizes)} indices, not {len(indices)}")
        for place, (index, size) in enumerate(zip(indices, tensor.sizes, strict=True), 1):
            if not isinstance(index, Index):
                raise UnsupportedExpression(f"{tensor} was indexed with {type(index).__name__} {index!r}")
            if index.size != size:
                raise RangeMismatch(
                    f"index {place} of {tensor} runs over 1..{size}, but {index.name} runs over 1..{index.size}"
                )

    def _write(self) -> str:
        return f"{self.tensor}[{','.join(map(str, self.indices))}]"


@dataclass(frozen=True, eq=True)
class Delta(Term):
    """Kronecker's delta: 1 where the two indices are equal, 0 elsewhere."""

    left: Index
    right: Index
    __hash__ = Term.__hash__

    def __post_init__(self) -> None:
        if self.left.size != self.right.size:
            raise RangeMismatch(
                f"delta compares {self.left.name} in 1..{self.left.size} with {self.right.name} in 1..{self.right.size}"
            )

    def _write(self) -> str:
        return f"[{self.left}={self.right}]"


@dataclass(frozen=True, eq=True)
class Plus(Term):
    """A sum of finitely many written terms."""

    terms: tuple[Term, ...]
    __hash__ = Term.__hash__

    def _write(self) -> str:
        return "(" + " + ".join(map(str, self.terms)) + ")"


@dataclass(frozen=True, eq=True)
class Times(Term):
    """A product of finitely many written factors."""

    factors: tuple[Term, ...]
    __hash__ = Term.__hash__

    def _write(self) -> str:
        return "(" + " * ".join(map(str, self.factors)) + ")"


@dataclass(frozen=True, eq=True)
class Power(Term):
    """An integer power, negative ones included."""

    base: Term
    exponent: int
    __hash__ = Term.__hash__

    def __post_init__(self) -> None:
        if not isinstance(self.exponent, int) or isinstance(self.exponent, bool):
            raise UnsupportedExpression(f"power {self.exponent!r}: exponents are integers")

    def _write(self) -> str:
        return f"{self.base}**{self.exponent}"


@dataclass(frozen=True, eq=True)
class Sum(Term):
    """The sum of ``body`` over ``index`` = 1..``index.size``; ``index`` is bound."""

    index: Index
    body: Term
    __hash__ = Term.__hash__

    def __post_init__(self) -> None:
        if not isinstance(self.index, Index):
            raise UnsupportedExpression(f"a sum runs over an Index, not {type(self.index).__name__} {self.index!r}")

    def _write(self) -> str:
        return f"sum({self.index}, {self.body})"


@dataclass(frozen=True, eq=True)
class Apply(Term):
    """A function of one variable applied to a term."""

    function: Function
    argument: Term
    __hash__ = Term.__hash__

    def _write(self) -> str:
        return f"{self.function}({self.argument})"


@dataclass(frozen=True, eq=True)
class Partial(Term):
    """The derivative of ``body`` with respect to one entry, written down and not carried out."""

    body: Term
    variable: Entry
    __hash__ = Term.__hash__

    def __post_init__(self) -> None:
        if not isinstance(self.variable, Entry):
            raise UnsupportedExpression(f"a derivative is taken with respect to an entry, not {self.variable}")

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
            return Partial(new[0], _entry(new[1]))
    return t


def _entry(t: Term) -> Entry:
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
    return _substitute(t, dict(renaming))


def _substitute(t: Term, renaming: dict[Index, Index]) -> Term:
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
                index, body = other, _substitute(body, {index: other})
            return Sum(index, _substitute(body, live))
    return rebuild(t, (_substitute(part, live) for part in children(t)))


def bound_names_apart(t: Term) -> Term:
    """Return ``t`` with every bound index renamed to one that occurs nowhere else."""
    if isinstance(t, Sum):
        index = fresh(t.index.name, t.index.size)
        return Sum(index, _substitute(bound_names_apart(t.body), {t.index: index}))
    return rebuild(t, map(bound_names_apart, children(t)))


# ------------------------------------------------------------------------------------------ derivative


def derivative(t: Term, variable: Term) -> Term:
    """Return d ``t`` / d ``variable``, carried out.

    Parameters
    ----------
    t : Term
        Any term of the grammar.
    variable : Term
        An entry of a tensor that is not ``defined``: an independent variable.

    Raises
    ------
    UnsupportedExpression
        When ``variable`` is no independent entry, when a second derivative of a ``defined`` tensor would be
        needed, or when it cannot be known whether two tensors are the same one.
    """
    entry = _entry(variable)
    if entry.tensor.defined:
        raise UnsupportedExpression(f"{entry.tensor} is a function of other tensors, not an independent variable")
    return _derivative(t, entry)


def _derivative(t: Term, v: Entry) -> Term:
    match t:
        case Number() | Size() | Delta():
            return ZERO
        case Entry(tensor, indices):
            if tensor.defined:
                return Partial(t, v)
            if not _same_tensor(tensor, v.tensor):
                return ZERO
            return times(ONE, *(Delta(p, q) for p, q in zip(indices, v.indices, strict=True)))
        case Plus(terms):
            return plus(ZERO, *(_derivative(part, v) for part in terms))
        case Times(factors):
            # The product rule: one term for each factor, that factor differentiated.
            return plus(
                ZERO,
                *(times(*factors[:i], _derivative(part, v), *factors[i + 1 :]) for i, part in enumerate(factors)),
            )
        case Power(base, exponent):
            return times(Number(Fraction(exponent)), Power(base, exponent - 1), _derivative(base, v))
        case Sum(index, body):
            if index in v.indices:
                other = fresh(index.name, index.size)
                index, body = other, _substitute(body, {index: other})
            return Sum(index, _derivative(body, v))
        case Apply(function, argument):
            return times(_slope(function, argument), _derivative(argument, v))
        case Partial(body, variable):
            if isinstance(body, Entry) and body.tensor.defined:
                raise UnsupportedExpression(f"a second derivative of {body.tensor}, which is a function of other tensors")
            return _derivative(derivative(body, variable), v)
    raise UnsupportedExpression(f"{type(t).__name__} is outside the kernel's grammar")


def _slope(function: Function, argument: Term) -> Term:
    if function == exp:
        return Apply(exp, argument)
    if function == log:
        return Power(argument, -1)
    return Apply(function.prime, argument)


def _same_tensor(a: Tensor, v: Tensor) -> bool:
    if a.name != v.name:
        return False
    if a.layer != v.layer:
        if a.layer is None or v.layer is None or a.layer.symbol != v.layer.symbol:
            raise UnsupportedExpression(f"nothing says whether {a} and {v} are the same tensor")
        return False
    if a.sizes != v.sizes:
        shapes = [" x ".join(map(str, tensor.sizes)) or "scalar" for tensor in (a, v)]
        raise UnsupportedExpression(f"{a} is used both as {shapes[0]} and as {shapes[1]}")
    return True


# -------------------------------------------------------------------------------------- canonical form
#
# A polynomial maps monomials to their coefficients; a monomial is a set of (atom, integer exponent).
# Atoms are terms: entries, deltas, sizes, functions of canonical terms, inert derivatives, sums of
# canonical products, and (with negative exponents only) canonical sums of terms.

Monomial = frozenset[tuple[Term, int]]
Polynomial = dict[Monomial, Fraction]

_UNIT: Monomial = frozenset()
_MOST_ORDERINGS = 5040
_HIGHEST_POWER = 64


def canonical(t: Term) -> Term:
    """Return the canonical form of ``t``: an expanded sum of products, with bound indices named by position."""
    return _as_term(_entering(t))


def fraction(t: Term) -> tuple[Term, Term]:
    """Return canonical ``(numerator, denominator)`` with ``t`` = numerator / denominator."""
    numerator, denominator = _clear(_entering(t))
    return _as_term(numerator), _as_term(denominator)


def equal(left: Term, right: Term) -> bool:
    """Say whether ``left = right`` is shown, for every width, wherever no denominator vanishes."""
    difference = _entering(term(left) - term(right))
    return not difference or not _clear(difference)[0]


def _entering(t: object) -> Polynomial:
    entering = term(t)
    for index in free_indices(entering):
        if _is_canonical(index):
            raise UnsupportedExpression(f"{index.name} names a bound index of a canonical form and cannot be free")
    return _polynomial(entering)


def _as_term(p: Polynomial) -> Term:
    parts = []
    for monomial, coefficient in sorted(p.items(), key=lambda item: _monomial_key(item[0])):
        factors: list[Term] = [atom if n == 1 else Power(atom, n) for atom, n in _in_order(monomial)]
        if coefficient != 1 or not factors:
            factors.insert(0, Number(coefficient))
        parts.append(times(*factors))
    return plus(*parts) if parts else ZERO


def _in_order(monomial: Monomial) -> list[tuple[Term, int]]:
    return sorted(monomial, key=lambda item: (str(item[0]), item[1]))


def _monomial_key(monomial: Monomial) -> tuple[tuple[str, int], ...]:
    return tuple((str(atom), n) for atom, n in _in_order(monomial))


def _add(*polynomials: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for polynomial in polynomials:
        for monomial, coefficient in polynomial.items():
            value = total.get(monomial, Fraction(0)) + coefficient
            if value:
                total[monomial] = value
            else:
                total.pop(monomial, None)
    return total


def _multiply(*polynomials: Polynomial) -> Polynomial:
    product: Polynomial = {_UNIT: Fraction(1)}
    for p in polynomials:
        product = _add(
            *(_scale(_settle(_merge(m, n)), x * y) for m, x in product.items() for n, y in p.items())
        )
    return product


def _scale(p: Polynomial, by: Fraction) -> Polynomial:
    return {monomial: coefficient * by for monomial, coefficient in p.items()}


def _merge(m: Monomial, n: Monomial) -> Monomial:
    if not m or not n:
        return m or n
    exponents = dict(m)
    for atom, power in n:
        exponents[atom] = exponents.get(atom, 0) + power
    return frozenset((atom, power) for atom, power in exponents.items() if power)


def _raise(p: Polynomial, exponent: int) -> Polynomial:
    if exponent < 0:
        p, exponent = _invert(p), -exponent
    if len(p) > 1 and exponent > _HIGHEST_POWER:
        raise UnsupportedExpression(f"power {exponent} of a sum of {len(p)} terms: too large to expand")
    if len(p) == 1:
        ((monomial, coefficient),) = p.items()
        if not any(isinstance(atom, Delta) for atom, _ in monomial):
            return {frozenset((atom, n * exponent) for atom, n in monomial if exponent): coefficient**exponent}
        exponent = min(exponent, 1) if coefficient == 1 else exponent
    return _multiply(*([p] * exponent))


def _invert(p: Polynomial) -> Polynomial:
    p, denominator = _clear(p)
    if not p:
        raise UnsupportedExpression("division by zero: a denominator is identically 0")
    if len(p) == 1:
        ((monomial, coefficient),) = p.items()
        if any(isinstance(atom, Delta) for atom, _ in monomial):
            raise UnsupportedExpression("division by zero: a Kronecker delta stands in a denominator")
        return _scale(_multiply({frozenset((atom, -n) for atom, n in monomial): Fraction(1)}, denominator), 1 / coefficient)
    leading = p[min(p, key=_monomial_key)]
    monic = _as_term(_scale(p, 1 / leading))
    return _scale(_multiply({frozenset({(monic, -1)}): Fraction(1)}, denominator), 1 / leading)


def _clear(p: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return ``(numerator, denominator)`` without negative exponents at the top."""
    denominator: Polynomial = {_UNIT: Fraction(1)}
    while True:
        powers: dict[Term, int] = {}
        for monomial in p:
            for atom, n in monomial:
                if n < 0:
                    powers[atom] = max(powers.get(atom, 0), -n)
        if not powers:
            return p, denominator
        clearing: Monomial = frozenset(powers.items())
        p = _add(*(_scale(_expand(_merge(monomial, clearing)), c) for monomial, c in p.items()))
        denominator = _multiply(denominator, _expand(clearing))


def _expand(monomial: Monomial) -> Polynomial:
    return _multiply(*(_raise(_polynomial(atom), n) if n > 0 else {frozenset({(atom, n)}): Fraction(1)}
                       for atom, n in monomial))  # fmt: skip


def _settle(monomial: Monomial) -> Polynomial:
    """Apply delta[p,q] g(q) = delta[p,q] g(p), and delta ** n = delta."""
    for delta, n in monomial:
        if isinstance(delta, Delta):
            if n < 0:
                raise UnsupportedExpression("division by zero: a Kronecker delta stands in a denominator")
            rest = monomial - {(delta, n)}
            if n > 1:
                return _settle(_merge(rest, frozenset({(delta, 1)})))
            if any(delta.right in free_indices(atom) for atom, _ in rest):
                return _multiply(_renamed(rest, {delta.right: delta.left}), {frozenset({(delta, 1)}): Fraction(1)})
    return {monomial: Fraction(1)}


def _renamed(monomial: Iterable[tuple[Term, int]], renaming: dict[Index, Index]) -> Polynomial:
    return _multiply(*(_raise(_polynomial(_substitute(atom, renaming)), n) for atom, n in monomial))


@lru_cache(maxsize=200_000)
def _polynomial(t: Term) -> Polynomial:
    match t:
        case Number(value):
            return {_UNIT: value} if value else {}
        case Entry() | Size():
            return {frozenset({(t, 1)}): Fraction(1)}
        case Delta(left, right):
            if left == right:
                return {_UNIT: Fraction(1)}
            return {frozenset({(Delta(*sorted((left, right), key=str)), 1)}): Fraction(1)}
        case Plus(terms):
            return _add(*map(_polynomial, terms))
        case Times(factors):
            return _multiply(*map(_polynomial, factors))
        case Power(base, exponent):
            return _raise(_polynomial(base), exponent)
        case Sum(index, body):
            if _is_canonical(index):
                index, body = _opened(index, body)
            return _add(*(_scale(_sum(index, m), c) for m, c in _polynomial(body).items()))
        case Apply(function, argument):
            p = _polynomial(argument)
            if function == exp:
                return _multiply(*(_exp(monomial, coefficient) for monomial, coefficient in p.items()))
            return {frozenset({(Apply(function, _as_term(p)), 1)}): Fraction(1)}
        case Partial(body, variable):
            if isinstance(body, Entry) and body.tensor.defined:
                return {frozenset({(t, 1)}): Fraction(1)}
            return _polynomial(derivative(body, variable))
    raise UnsupportedExpression(f"{type(t).__name__} is outside the kernel's grammar")


def _exp(monomial: Monomial, coefficient: Fraction) -> Polynomial:
    """Return exp(c m) = exp(m / denominator of c) ** (numerator of c): one atom for all its powers."""
    argument = _as_term({monomial: Fraction(1, coefficient.denominator)})
    return {frozenset({(Apply(exp, argument), coefficient.numerator)}): Fraction(1)}


def _sum(index: Index, monomial: Monomial) -> Polynomial:
    """Return the sum of one product: constant factors go out, a delta contracts, the rest becomes one block."""
    inside = frozenset((atom, n) for atom, n in monomial if index in free_indices(atom))
    outside: Polynomial = {monomial - inside: Fraction(1)}
    if not inside:
        return _multiply(outside, _polynomial(index.size))
    for atom, n in inside:
        if isinstance(atom, Delta):
            other = atom.left if atom.right == index else atom.right
            return _multiply(outside, _renamed(inside - {(atom, n)}, {index: other}))
    return _multiply(outside, _block(index, inside))


def _block(index: Index, monomial: Monomial) -> Polynomial:
    """Return a sum that neither splits nor contracts, its indices named by height and position.

    Every inner sum that depends on ``index`` joins the block (Fubini), so that exchanged sums coincide;
    among the orders of its indices the one with the smallest written form is chosen.
    """
    indices, factors, waiting = [index], _UNIT, list(monomial)
    while waiting:
        atom, n = waiting.pop()
        if isinstance(atom, Sum) and n > 0:
            inner, body = _opened(atom.index, atom.body)
            indices.append(inner)
            waiting.extend(_written_factors(body))
            if n > 1:
                waiting.append((atom, n - 1))
        else:
            factors = _merge(factors, frozenset({(atom, n)}))
    height = max(_height(atom) for atom, _ in factors)
    best: tuple[object, Polynomial, list[Index]] | None = None
    for ordering in _orderings(indices, factors):
        names = [_name(height, place, old.size) for place, old in enumerate(ordering)]
        product = _renamed(factors, dict(zip(ordering, names, strict=True)))
        key = sorted((_monomial_key(m), c) for m, c in product.items()), list(map(str, names))
        if best is None or key < best[0]:
            best = key, product, names
    assert best is not None
    total: Polynomial = {}
    for m, c in best[1].items():
        body = _as_term({m: Fraction(1)})
        for name in best[2]:
            body = Sum(name, body)
        total = _add(total, {frozenset({(body, 1)}): c})
    return total


def _written_factors(t: Term) -> list[tuple[Term, int]]:
    factors = t.factors if isinstance(t, Times) else (t,)
    return [(item.base, item.exponent) if isinstance(item, Power) else (item, 1) for item in factors]


def _opened(index: Index, body: Term) -> tuple[Index, Term]:
    other = fresh(index.name, index.size)
    return other, _substitute(body, {index: other})


_STRIDE = 1000


def _name(height: int, place: int, size: Size) -> Index:
    return Index(f"c{height}_{place}", size, -(1 + height * _STRIDE + place))


def _is_canonical(index: Index) -> bool:
    return index.serial < 0


def _height(t: Term) -> int:
    """Return one more than the height of every sum within ``t``, 0 when there is none."""
    own = 1 + (-t.index.serial - 1) // _STRIDE if isinstance(t, Sum) and _is_canonical(t.index) else 0
    return max(own, *map(_height, children(t)), 0)


def _orderings(indices: list[Index], factors: Monomial) -> Iterator[tuple[Index, ...]]:
    """Yield the orders of ``indices`` worth trying: those told apart by where they occur have one order."""
    places = {
        index: (str(index.size), sorted(place for atom, n in factors for place in _places(atom, index, f"{n}")))
        for index in indices
    }
    ranked = sorted(indices, key=lambda index: places[index])
    groups = [tuple(group) for _, group in itertools.groupby(ranked, key=lambda index: places[index])]
    count = math.prod(math.factorial(len(group)) for group in groups)
    if count > _MOST_ORDERINGS:
        raise UnsupportedExpression(f"{len(indices)} sums that cannot be told apart: {count} orders to compare")
    for choice in itertools.product(*(itertools.permutations(group) for group in groups)):
        yield tuple(itertools.chain.from_iterable(choice))


def _places(t: Term, index: Index, path: str) -> Iterator[str]:
    """Yield where ``index`` occurs in ``t``, in words that no renaming of indices changes."""
    if index not in free_indices(t):
        return
    match t:
        case Entry(tensor, indices):
            for place, other in enumerate(indices):
                if other == index:
                    yield f"{path}/{tensor}.{place}"
        case Delta():
            yield f"{path}/delta"
        case _:
            label = {Apply: str(getattr(t, "function", "")), Power: str(getattr(t, "exponent", ""))}.get(type(t), "")
            for part in children(t):
                yield from _places(part, index, f"{path}/{label}" if label else path)
