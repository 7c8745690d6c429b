# ruff: noqa: D102 - methods named as NumPy names them, or documented in the base class
"""A finite field, p = 2^61 - 1: a random point in it tells a wrong identity from a right one.

A quotient of polynomials that is not zero vanishes at a random point with probability at most degree / p
(Schwartz and Zippel). exp, log, tanh and opaque f, f' are keyed hashes of their argument, treated as random:
each is a fresh indeterminate at each new argument, tied to nothing but what the code may rely on

    exp(0) = 1,  expm1(x) = exp(x) - 1,  log(1) = 0,  log1p(x) = log(1 + x),  tanh(0) = 0.

A right formula that needs one more law, exp(x) exp(-x) = 1 say, is refused.

There is no order in a field, so a comparison is a convention. z is compared with zero by a keyed coin, one
for each pair z, -z, which picks the branch of a relu without a look at the point; next to a literal other
than zero it counts as infinitesimally close to zero, so -30 < z < 30 always; and the order of two numbers,
which only softmax's reference point asks for, is that of their hashes. So what a formula does beyond such a
literal is not seen here.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Self

import numpy as np

from checks.proof.numbers import modular
from checks.proof.numbers.degree import CONSTANT, INDEPENDENT, Degree
from checks.proof.numbers.modular import P, Residues
from checks.proof.numbers.ring import LeavesNumberSystem, Literal, RingArray


class Field:
    """One random point of the field: its key, and a record of the functions that were evaluated.

    Parameters
    ----------
    seed : int
        Decides all random elements, all hashes and all coins.

    Attributes
    ----------
    left, right : set of int
        The elements that fell left and right of zero so far.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._key = self._rng.bytes(32)
        self._known: dict[tuple[str, bytes], Residues] = {}
        self._coins: dict[bytes, Any] = {}
        self.left: set[int] = set()
        self.right: set[int] = set()
        self._arguments: dict[str, set[int]] = {}
        self._argument_degree: dict[str, int] = {}

    def random(self, *shape: int) -> FieldArray:
        """Independent uniform elements."""
        return FieldArray(self, self._rng.integers(0, P, shape, dtype=np.uint64), INDEPENDENT)

    def lift(self, values: Any) -> FieldArray:
        """A literal, or a NumPy array of literals."""
        return FieldArray(self, np.zeros((), dtype=np.uint64), CONSTANT).lift(values)

    def hashed(self, name: str, at: Residues, degree: Degree) -> Residues:
        """The opaque function `name` at each element."""
        known = self._known.get((name, at.tobytes()))
        if known is None:
            arguments = [int(x) for x in at.ravel()]
            digests = (self._digest(name, x) for x in arguments)
            known = np.array([digest % P for digest in digests], dtype=np.uint64)
            self._known[name, at.tobytes()] = known
            self._arguments.setdefault(name, set()).update(arguments)
            size = max(degree.numerator, 1) + degree.denominator
            self._argument_degree[name] = max(self._argument_degree.get(name, 0), size)
        return known.reshape(at.shape)

    def coins(self, at: Residues) -> Any:
        """0 for 0; for every other element 1 or -1, always the same, and the other one for -x."""
        known = self._coins.get(at.tobytes())
        if known is None:
            known = self._coins[at.tobytes()] = np.array([self._coin(int(x)) for x in at.ravel()])
            self.left.update(at.ravel()[known < 0].tolist())
            self.right.update(at.ravel()[known > 0].tolist())
        return known.reshape(at.shape)

    def _coin(self, x: int) -> int:
        positive = 2 * (self._digest("sign", min(x, P - x)) & 1) - 1
        return 0 if not x else positive if x <= P // 2 else -positive

    def ranks(self, at: Residues) -> Any:
        """Numbers that put elements in an order, the same one always."""
        return self.hashed("order", at, CONSTANT)

    def collision(self) -> int:
        """A bound on p times the probability that two different arguments of one function took one value.

        Two different quotients of degree d agree with probability at most 2 d / p, and every pair may.
        """
        return sum(
            len(seen) * (len(seen) - 1) * self._argument_degree[name]
            for name, seen in self._arguments.items()
        )

    def _digest(self, name: str, x: int) -> int:
        digest = blake2b(x.to_bytes(8, "little") + name.encode(), key=self._key, digest_size=16).digest()
        return int.from_bytes(digest, "little")


class FieldArray(RingArray):
    """Elements of GF(p), with a bound on the degree of what stands behind them.

    Parameters
    ----------
    field : Field
    v : array of uint64
        Residues 0..p-1.
    degree : Degree
    """

    system = "the finite field"

    def __init__(self, field: Field, v: Residues, degree: Degree) -> None:
        self.field, self.v, self.degree = field, v, degree
        self._limbs: modular.Limbs | None = None
        self._products: dict[bytes, Residues] = {}

    def new(self, v: Any) -> Self:
        return type(self)(self.field, v, self.degree)

    def _result(self, v: Residues, degree: Degree) -> Self:
        return type(self)(self.field, v, degree)

    def element(self, literal: Literal) -> int:
        if isinstance(literal, int):
            return literal % P
        numerator, denominator = literal.as_integer_ratio()  # type: ignore[union-attr]
        return int(numerator) * pow(int(denominator), -1, P) % P

    def lift(self, value: Any) -> Self:
        if isinstance(value, type(self)):
            if value.field is not self.field:
                raise LeavesNumberSystem("two arrays of different random points do not mix")
            return value
        if isinstance(value, int):
            return self._result(np.array(value % P, dtype=np.uint64), CONSTANT)
        if isinstance(value, np.ndarray) and value.dtype.kind in "bi":
            return self._result((value.astype(np.int64) % P).astype(np.uint64), CONSTANT)
        lifted = super().lift(value)
        return self._result(lifted.v.astype(np.uint64), CONSTANT)

    def limbs(self) -> modular.Limbs:
        """Its limbs, split once: a weight matrix meets many vectors."""
        if self._limbs is None:
            self._limbs = modular.limbs(self.v)
        return self._limbs

    @property
    def T(self) -> Self:
        transposed = self.new(self.v.T)
        if self._limbs is not None:
            low, middle, high = self._limbs
            transposed._limbs = (low.T, middle.T, high.T)
        return transposed

    def add(self, other: Self) -> Self:
        return self._result(modular.add(self.v, other.v), self.degree + other.degree)

    def subtract(self, other: Self) -> Self:
        return self._result(modular.subtract(self.v, other.v), self.degree + other.degree)

    def multiply(self, other: Self) -> Self:
        return self._result(modular.multiply(self.v, other.v), self.degree * other.degree)

    def divide(self, other: Self) -> Self:
        name = blake2b(other.v.tobytes(), digest_size=16).digest()
        quotient = modular.multiply(self.v, modular.inverse(other.v))
        return self._result(quotient, self.degree.over(other.degree, name, other.size))

    def matmul(self, other: Self) -> Self:
        at = other.v.tobytes()
        if at not in self._products:  # a weight matrix meets the same activations in run after run
            self._products[at] = modular.matmul(self.limbs(), other.v)
        return self._result(self._products[at].reshape(self.shape[0], -1), self.degree * other.degree)

    def negative(self) -> Self:
        return self.new(modular.subtract(np.zeros_like(self.v), self.v))

    def power(self, exponent: int) -> Self:
        degree = CONSTANT
        for _ in range(exponent):
            degree = degree * self.degree
        return self._result(modular.power(self.v, exponent), degree)

    def choose(self, mask: Any, other: Self) -> Self:
        return self._result(np.where(mask, self.v, other.v), self.degree + other.degree)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Self:
        return self.new(modular.total(self.v, axis, keepdims))

    def order(self, other: Self, literal: Any | None) -> Any:
        if not other.v.any():
            return self.field.coins(self.v)
        if literal is not None:
            sign = np.sign(np.asarray(literal, dtype=float))
            return np.where(sign == 0, self.field.coins(self.v), -sign)
        x, y = (self.field.ranks(one.v).astype(np.int64) for one in (self, other))
        return np.where(other.v == 0, self.field.coins(self.v), np.sign(x - y))

    def argmax(self, axis: int = 0) -> Any:
        return self.field.ranks(self.v).argmax(axis=axis)

    def function(self, name: str) -> Self:
        if name == "expm1":
            return self.function("exp").subtract(self.lift(1))
        if name == "log1p":
            return self.add(self.lift(1)).function("log")
        special, there = {"exp": (0, 1), "log": (1, 0), "tanh": (0, 0)}[name]
        elsewhere = self.opaque(name)
        return elsewhere.new(np.where(self.v == special, np.uint64(there), elsewhere.v))

    def opaque(self, name: str) -> Self:
        return self._result(self.field.hashed(name, self.v, self.degree), INDEPENDENT)
