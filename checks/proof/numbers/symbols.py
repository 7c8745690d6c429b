# ruff: noqa: D102 - methods named as NumPy names them, or documented in the base class
"""Symbols: expressions over functions of which nothing is known but their derivatives.

exp, log and tanh are opaque, as they are in the field, with

    exp(0) = 1, exp' = exp;  log(1) = 0, log'(x) = 1/x;  tanh(0) = 0, tanh' = 1 - tanh^2

and any other function f has the opaque derivative f'. A computer algebra system would rewrite them by more
laws, and there the time goes; these are all that backpropagation needs. Equality is decided (`polynomial`).

An expression has no sign: a coin, keyed, for each pair z, -z says which branch a comparison with zero takes.
"""

from __future__ import annotations

from fractions import Fraction
from hashlib import blake2b
from typing import Any, Self

import numpy as np

from checks.proof.numbers.polynomial import Expression, Generators
from checks.proof.numbers.ring import Literal, RingArray

LAWS = {
    "exp": lambda value, x: value,
    "log": lambda value, x: x.ring.inverse(x),
    "tanh": lambda value, x: x.ring.constant(1) - value * value,
}
FACTS = {"exp": (0, 1), "log": (1, 0), "tanh": (0, 0)}


class Alphabet:
    """The symbols of one run.

    Parameters
    ----------
    seed : int
        Decides the coins.
    """

    def __init__(self, seed: int) -> None:
        self.generators = Generators(LAWS)
        long = -(-seed.bit_length() // 8)
        # a key may have 64 bytes and a seed any number: a longer one is hashed, the others stay as they are
        whole = seed.to_bytes(max(8, long), "little")
        self._key = whole if long <= 8 else blake2b(whole).digest()

    def symbols(self, name: str, *shape: int) -> Symbols:
        """An array of independent symbols, ``name[i, j]``."""
        v = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            v[index] = self.generators.symbol(f"{name}[{', '.join(map(str, index))}]")
        return Symbols(self, v)

    def stand_in(self, name: str, array: Symbols) -> Symbols:
        """Symbols for expressions, to be differentiated by; `Expression.meant` takes them back.

        Whatever is made of them falls on the same side of zero as what they stand for.
        """
        symbols = self.symbols(name, *array.shape)
        for symbol, expression in zip(symbols.v.flat, array.v.flat, strict=True):
            self.generators.stand_in(number(symbol), expression)
        return symbols

    def coin(self, expression: Expression) -> int:
        """0 for 0; for every other expression 1 or -1, always the same, and the other for its negative."""
        meant = expression.meant
        if meant.is_zero:
            return 0
        texts = [repr(sorted(e.terms.items())) for e in (meant, -meant)]
        digest = blake2b(min(texts).encode(), key=self._key).digest()
        return (2 * (digest[0] & 1) - 1) * (1 if texts[0] < texts[1] else -1)


def number(symbol: Expression) -> int:
    """The number of the generator that a symbol is."""
    (((g, _),),) = symbol.terms
    return g


class Symbols(RingArray):
    """Arrays of `Expression`.

    Parameters
    ----------
    alphabet : Alphabet
    v : array of Expression
    """

    system = "the symbols"

    def __init__(self, alphabet: Alphabet, v: Any) -> None:
        super().__init__(v)
        self.alphabet = alphabet

    def new(self, v: Any) -> Self:
        return type(self)(self.alphabet, v)

    def element(self, literal: Literal) -> Expression:
        exact = Fraction(literal)  # type: ignore[arg-type]
        value = exact.numerator if exact.denominator == 1 else exact
        return self.alphabet.generators.constant(value)

    def order(self, other: Self, literal: Any | None) -> Any:
        if literal is not None and np.any(np.asarray(literal) != 0):
            sign = np.sign(np.asarray(literal, dtype=float))
            return -sign * np.ones(self.shape)
        return np.frompyfunc(lambda x, y: self.alphabet.coin(x - y), 2, 1)(self.v, other.v).astype(int)

    def argmax(self, axis: int = 0) -> Any:
        """The first: softmax, its one customer, takes any reference point, and a coin is no order."""
        return np.zeros(self.shape[1], dtype=int)

    def function(self, name: str) -> Self:
        if name == "expm1":
            return self.function("exp").subtract(self.lift(1))
        if name == "log1p":
            return self.add(self.lift(1)).function("log")
        special, there = (self.alphabet.generators.constant(c) for c in FACTS[name])

        def value(x: Expression) -> Expression:
            return there if (x - special).is_zero else self.alphabet.generators.function(name, x)

        return self.new(np.asarray(np.frompyfunc(value, 1, 1)(self.v), dtype=object))

    def opaque(self, name: str) -> Self:
        at = np.frompyfunc(lambda x: self.alphabet.generators.function(name, x), 1, 1)
        return self.new(np.asarray(at(self.v), dtype=object))
