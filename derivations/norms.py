"""Norms, suprema and their products: the numbers, never negative, of which inequalities are made.

2-norms throughout: the Euclidean norm of a vector, the operator norm of a matrix.  Each can be asked for its
value in a network of concrete depth and width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from derivations.notation import Array, Notation
from derivations.sample_networks import SampleNetwork, length, singular_values
from derivations.terms import Layer

Relation = Literal["≤", "≥", "="]


class Factor:
    """A number that is never negative."""

    def value(self, network: SampleNetwork) -> float:
        """Return the number in a concrete network."""
        return self._value(network)

    def _value(self, network: SampleNetwork) -> float:
        raise NotImplementedError


@dataclass(frozen=True)
class Norm(Factor):
    """||v|| or ||A||: the greatest stretch."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        array = network.array(self.of)
        return length(array) if len(self.of.shape) == 1 else max(singular_values(array))


@dataclass(frozen=True)
class LeastStretch(Factor):
    """The least of ||A v|| over unit vectors v."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        array = network.array(self.of)
        values = singular_values(array)
        return min(values) if len(array) >= len(array[0]) else 0.0


@dataclass(frozen=True)
class Largest(Factor):
    """max |a_i| over the entries of a vector."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        return float(max(map(abs, network.array(self.of))))


@dataclass(frozen=True)
class Smallest(Factor):
    """min |a_i| over the entries of a vector."""

    of: Notation

    def _value(self, network: SampleNetwork) -> float:
        return float(min(map(abs, network.array(self.of))))


@dataclass(frozen=True)
class Slope(Factor):
    """sup |f'| or inf |f'| over the real line."""

    which: Literal["sup", "inf"]

    def _value(self, network: SampleNetwork) -> float:
        return network.slopes[self.which == "sup"]


@dataclass(frozen=True)
class Rate(Factor):
    """A number q that every layer's factor stays below, or above."""

    name: str
    relation: Relation

    def _value(self, network: SampleNetwork) -> float:
        factors = [stretch(network, self.relation, m) for m in range(network.first + 1, network.last + 1)]
        return max(factors) * 1.125 if self.relation == "≤" else min(factors) * 0.875


@dataclass(frozen=True)
class RateToTheDepth(Factor):
    """q^(L-l)."""

    rate: Rate
    start: Layer

    def _value(self, network: SampleNetwork) -> float:
        return self.rate.value(network) ** (network.last - network.number(self.start))


@dataclass(frozen=True)
class LayerProduct(Factor):
    """The product over m = start+1..L of each layer's factor; 1 when start is L.

    From above (``≤``) a layer's factor is sup|f'| ||W^m||, from below inf|f'| times the least stretch of
    (W^m)^T.
    """

    start: Layer
    relation: Relation

    def _value(self, network: SampleNetwork) -> float:
        return math.prod(
            stretch(network, self.relation, m)
            for m in range(network.number(self.start) + 1, network.last + 1)
        )


def stretch(network: SampleNetwork, relation: Relation, number: int) -> float:
    """Return what layer ``number`` contributes to the product."""
    W = Array(network.weights(number))
    if relation == "≤":
        return network.slopes[1] * Norm(W).value(network)
    return network.slopes[0] * LeastStretch(W.T).value(network)


Quantity = tuple[Factor, ...]
