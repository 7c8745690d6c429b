"""Quotients of polynomials in symbols and function values: differentiated and compared exactly.

An expression is a polynomial in generators. A generator is a symbol, a function at an expression, or the
inverse of an expression; each is made once and known by its number. The only relations among them are q
(1/q) = 1, so an expression is zero exactly when its polynomial is, after the inverses are multiplied out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

Coefficient = int | Fraction
Monomial = tuple[tuple[int, int], ...]
"""(generator, exponent), ..., ordered by generator; () is 1."""
Terms = dict[Monomial, Coefficient]


@dataclass(frozen=True)
class Generator:
    """A symbol; or `name` at `of`, where of is an expression; or 1 / of, when the name is ``"1/"``."""

    name: str
    of: Expression | None = None


class Generators:
    """All generators of a run, and the laws by which functions are differentiated.

    Parameters
    ----------
    laws : dict of callable
        Function name -> the derivative of the function, given the function's value and its argument.
    """

    def __init__(self, laws: dict[str, Callable[[Expression, Expression], Expression]]) -> None:
        self.laws = laws
        self.all: list[Generator] = []
        self._number: dict[tuple[str, frozenset[tuple[Monomial, Coefficient]] | None], int] = {}
        self._derivatives: dict[tuple[int, int], Expression] = {}
        self._meanings: dict[int, Expression | None] = {}

    def constant(self, value: Coefficient) -> Expression:
        """An exact number."""
        return Expression(self, {(): value} if value else {})

    def symbol(self, name: str) -> Expression:
        """The symbol `name`."""
        return self._generator(name, None)

    def function(self, name: str, of: Expression) -> Expression:
        """The function `name`, opaque, at an expression."""
        return self._generator(name, of)

    def inverse(self, of: Expression) -> Expression:
        """1 / of."""
        if not of.terms:
            raise ZeroDivisionError("division by the zero polynomial")
        if set(of.terms) == {()}:
            return self.constant(Fraction(1) / of.terms[()])
        return self._generator("1/", of)

    def stand_in(self, s: int, meaning: Expression) -> None:
        """Let the symbol of number s stand for an expression."""
        self._meanings[s] = meaning

    def meant(self, g: int) -> Expression | None:
        """What a generator stands for; None where it stands for itself."""
        if g not in self._meanings:
            name, of = self.all[g].name, self.all[g].of
            inner = None if of is None or of.meant.terms == of.terms else of.meant
            if inner is None:
                self._meanings[g] = None
            else:
                self._meanings[g] = self.inverse(inner) if name == "1/" else self.function(name, inner)
        return self._meanings[g]

    def _generator(self, name: str, of: Expression | None) -> Expression:
        key = (name, frozenset(of.terms.items()) if of is not None else None)
        if key not in self._number:
            self._number[key] = len(self.all)
            self.all.append(Generator(name, of))
        return Expression(self, {((self._number[key], 1),): 1})

    def derivative(self, g: int, s: int) -> Expression:
        """d(generator g) / d(symbol s)."""
        if (g, s) not in self._derivatives:
            self._derivatives[g, s] = self._derivative(g, s)
        return self._derivatives[g, s]

    def _derivative(self, g: int, s: int) -> Expression:
        name, of = self.all[g].name, self.all[g].of
        if of is None:
            return self.constant(int(g == s))
        inner = of.derivative(s)
        if not inner.terms:
            return inner
        itself = Expression(self, {((g, 1),): 1})
        if name == "1/":
            return -(itself * itself * inner)
        if name in self.laws:
            return self.laws[name](itself, of) * inner
        return self.function(name + "'", of) * inner


@dataclass(frozen=True, eq=False)
class Expression:
    """A polynomial in generators: monomial -> coefficient, none of them zero."""

    ring: Generators = field(repr=False)
    terms: Terms

    def __add__(self, other: Expression) -> Expression:
        terms = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            _accumulate(terms, monomial, coefficient)
        return Expression(self.ring, terms)

    def __neg__(self) -> Expression:
        return Expression(self.ring, {m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Expression) -> Expression:
        return self + -other

    def __mul__(self, other: Expression) -> Expression:
        terms: Terms = {}
        for m, c in self.terms.items():
            for n, d in other.terms.items():
                _accumulate(terms, _product(m, n), c * d)
        return Expression(self.ring, terms)

    def __truediv__(self, other: Expression) -> Expression:
        return self * self.ring.inverse(other)

    def __pow__(self, exponent: int) -> Expression:
        power = self.ring.constant(1)
        for _ in range(exponent):
            power = power * self
        return power

    def derivative(self, s: int) -> Expression:
        """The partial derivative with respect to the symbol of number s."""
        terms: Terms = {}
        for monomial, coefficient in self.terms.items():
            for g, exponent in monomial:
                rest = tuple((h, e - (h == g)) for h, e in monomial if h != g or e > 1)
                for n, d in self.ring.derivative(g, s).terms.items():
                    _accumulate(terms, _product(rest, n), coefficient * exponent * d)
        return Expression(self.ring, terms)

    @property
    def is_zero(self) -> bool:
        """Whether it is the zero function: its inverses are multiplied out, the youngest first."""
        expression = self
        while expression.terms:
            generators = {g for monomial in expression.terms for g, _ in monomial}
            inverses = [g for g in generators if self.ring.all[g].name == "1/"]
            if not inverses:
                return False
            expression = expression._multiplied_out(max(inverses))
        return True

    def _multiplied_out(self, g: int) -> Expression:
        """sum_k c_k q^-k, times q^K."""
        q = self.ring.all[g].of
        assert q is not None
        by_exponent: dict[int, Terms] = {}
        for monomial, coefficient in self.terms.items():
            exponent = dict(monomial).get(g, 0)
            rest = tuple((h, e) for h, e in monomial if h != g)
            by_exponent.setdefault(exponent, {})[rest] = coefficient
        result, highest = self.ring.constant(0), max(by_exponent)
        for exponent, terms in by_exponent.items():
            result = result + Expression(self.ring, terms) * q ** (highest - exponent)
        return result

    @property
    def meant(self) -> Expression:
        """With what each stand-in stands for in its place, inside functions as well."""
        terms: Terms = {}
        for monomial, coefficient in self.terms.items():
            kept = tuple((g, e) for g, e in monomial if self.ring.meant(g) is None)
            term = Expression(self.ring, {kept: coefficient})
            for g, exponent in monomial:
                if (meaning := self.ring.meant(g)) is not None:
                    term = term * meaning**exponent
            for n, d in term.terms.items():
                _accumulate(terms, n, d)
        return Expression(self.ring, terms)

    def __str__(self) -> str:
        return " + ".join(map(self._text, self.terms)) or "0"

    def _text(self, monomial: Monomial) -> str:
        factors = [] if self.terms[monomial] == 1 and monomial else [str(self.terms[monomial])]
        for g, exponent in monomial:
            name, of = self.ring.all[g].name, self.ring.all[g].of
            text = name if of is None else f"{name}({of})"
            factors.append(text if exponent == 1 else f"{text}^{exponent}")
        return " ".join(factors)

    __hash__ = None  # type: ignore[assignment]
    __bool__: Literal[None] = None


def _accumulate(terms: Terms, monomial: Monomial, coefficient: Coefficient) -> None:
    total = terms.get(monomial, 0) + coefficient
    if total:
        terms[monomial] = total
    else:
        terms.pop(monomial, None)


def _product(m: Monomial, n: Monomial) -> Monomial:
    if not m or not n:
        return m or n
    exponents = dict(m)
    for g, exponent in n:
        exponents[g] = exponents.get(g, 0) + exponent
    return tuple(sorted(exponents.items()))
