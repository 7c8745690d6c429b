"""Explicit scalars: expressions in which there is neither an index nor a sum nor a delta to get wrong.

What the referee computes with.  An expression is made once and shared, so that a part of a network that
occurs in many places is differentiated and evaluated once.
"""

from __future__ import annotations

import decimal
import random
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

DIGITS = 50


class Scalar:
    """An expression: ``number``, ``symbol``, ``add``, ``mul``, ``pow``, or ``apply`` (a function of it).

    ``head`` is the value of a number, the name of a symbol, the exponent of a power, (name, order) of a
    function; ``parts`` are the expressions below.
    """

    __slots__ = ("__dict__", "head", "kind", "parts")

    def __init__(self, kind: str, head: Any, parts: tuple[Scalar, ...]) -> None:
        self.kind, self.head, self.parts = kind, head, parts

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.head or ''}({', '.join(map(str, self.parts))})"
            if self.parts
            else f"{self.head}"
        )

    @cached_property
    def symbols(self) -> frozenset[Scalar]:
        """The symbols that occur."""
        return (
            frozenset((self,))
            if self.kind == "symbol"
            else frozenset().union(*(p.symbols for p in self.parts))
        )


class Workshop:
    """Makes expressions, each once, and differentiates them."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Scalar] = {}
        self._slopes: dict[tuple[Scalar, Scalar], Scalar] = {}

    def _make(self, kind: str, head: Any, *parts: Scalar) -> Scalar:
        key = (kind, head, *parts)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = Scalar(kind, head, parts)
        return made

    def number(self, value: int | Fraction) -> Scalar:
        """Return a number."""
        return self._make("number", Fraction(value))

    def symbol(self, name: str) -> Scalar:
        """Return a variable."""
        return self._make("symbol", name)

    def add(self, parts: Iterable[Scalar]) -> Scalar:
        """Return a sum."""
        terms = [part for part in parts if part.kind != "number" or part.head]
        return terms[0] if len(terms) == 1 else self._make("add", None, *terms) if terms else self.number(0)

    def mul(self, parts: Iterable[Scalar]) -> Scalar:
        """Return a product."""
        factors = [part for part in parts if part.kind != "number" or part.head != 1]
        if any(part.kind == "number" and not part.head for part in factors):
            return self.number(0)
        return (
            factors[0]
            if len(factors) == 1
            else self._make("mul", None, *factors)
            if factors
            else self.number(1)
        )

    def power(self, base: Scalar, exponent: int) -> Scalar:
        """Return an integer power."""
        return base if exponent == 1 else self._make("pow", exponent, base) if exponent else self.number(1)

    def apply(self, name: str, order: int, argument: Scalar) -> Scalar:
        """Return a function, or its derivative of some order, of an expression."""
        return self._make("apply", (name, order), argument)

    def replaced(self, e: Scalar, values: dict[Scalar, Scalar]) -> Scalar:
        """Return ``e`` with its symbols replaced, all at once."""
        done: dict[Scalar, Scalar] = dict(values)

        def renew(e: Scalar) -> Scalar:
            if e not in done:
                done[e] = self._rebuilt(e, map(renew, e.parts)) if not e.symbols.isdisjoint(values) else e
            return done[e]

        return renew(e)

    def _rebuilt(self, e: Scalar, parts: Iterable[Scalar]) -> Scalar:
        if e.kind in ("add", "mul"):
            return self.add(parts) if e.kind == "add" else self.mul(parts)
        (part,) = parts
        return self.power(part, e.head) if e.kind == "pow" else self.apply(e.head[0], e.head[1], part)

    def slope(self, e: Scalar, x: Scalar) -> Scalar:
        """Return d ``e`` / d ``x``: the rate of the operation in each part, times that part's slope."""
        if x not in e.symbols:
            return self.number(0)
        if e is x:
            return self.number(1)
        known = self._slopes.get((e, x))
        if known is None:
            slopes = ((place, self.slope(part, x)) for place, part in enumerate(e.parts) if x in part.symbols)
            known = self._slopes[e, x] = self.add(self.mul((self.rate(e, place), s)) for place, s in slopes)
        return known

    def rate(self, e: Scalar, place: int) -> Scalar:
        """Return how fast ``e`` changes with one of its parts, the others held fixed."""
        if e.kind == "add":
            return self.number(1)
        if e.kind == "mul":
            return self.mul((*e.parts[:place], *e.parts[place + 1 :]))
        if e.kind == "pow":
            return self.mul((self.number(e.head), self.power(e.parts[0], e.head - 1)))
        known = {("exp", 0): lambda: e, ("log", 0): lambda: self.power(e.parts[0], -1)}
        name, order = e.head
        return known[e.head]() if e.head in known else self.apply(name, order + 1, e.parts[0])


class Point:
    """A random point: a value for each symbol, a function for each opaque name; drawn once, kept."""

    def __init__(self, seed: object) -> None:
        self._seed = seed
        self._values: dict[Scalar, Decimal] = {}

    def value(self, e: Scalar) -> Decimal:
        """Return the value of ``e`` here, to ``DIGITS`` digits."""
        with decimal.localcontext(prec=DIGITS):
            return self._value(e)

    def _value(self, e: Scalar) -> Decimal:
        known = self._values.get(e)
        if known is None:
            known = self._values[e] = self._fresh_value(e)
        return known

    def _fresh_value(self, e: Scalar) -> Decimal:
        if e.kind == "number":
            return Decimal(e.head.numerator) / Decimal(e.head.denominator)
        if e.kind == "symbol":
            # Away from zero, so that quotients are tame; of both signs.
            draw = random.Random(f"{self._seed}/{e.head}")
            return Decimal(draw.choice((-1, 1)) * draw.randint(10**5, 15 * 10**5)) / Decimal(10**6)
        parts = [self._value(part) for part in e.parts]
        if e.kind == "add":
            return sum(parts, Decimal(0))
        if e.kind == "mul":
            product = Decimal(1)
            for part in parts:
                product *= part
            return product
        (x,) = parts
        if e.kind == "pow":
            return Decimal(x**e.head)
        if e.head in (("exp", 0), ("log", 0)):
            return x.exp() if e.head[0] == "exp" else x.ln()
        draw = random.Random(f"{self._seed}/{e.head[0]}{'_prime' * e.head[1]}")
        a, b, c = (Decimal(draw.randint(100, 999)) / 300 for _ in range(3))
        return (a + b * x) / (c + x * x)
