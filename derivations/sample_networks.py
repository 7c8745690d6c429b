"""Backward passes in numbers, on which every inequality between norms is tried."""

from __future__ import annotations

import math
import random
from functools import lru_cache
from typing import Any

from derivations.notation import Array, Elementwise, Hadamard, Notation, Product, Transpose
from derivations.terms import Layer, Size, Tensor


class SampleNetwork:
    """A backward pass: random widths, weights, slopes and last error signal; layer l is ``first``."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.first, self.last = 2, draw.randint(3, 6)
        # A layer wider than the one before it has least stretch 0: let every other network have none.
        widths = {n: draw.randint(1, 4) for n in range(1, self.last + 1)}
        if seed % 2:
            widths = dict(zip(widths, sorted(widths.values(), reverse=True), strict=True))
        low = draw.choice((0.0, 0.25, 0.9))
        self.slopes = (low, low + draw.choice((0.0, 0.5, 1.0)))
        scale = draw.choice((0.3, 1.0, 3.0))
        self._values: dict[tuple[str, int], Any] = {}
        for n in range(2, self.last + 1):
            self._values["W", n] = [
                [draw.gauss(0, scale) for _ in range(widths[n - 1])] for _ in range(widths[n])
            ]
            self._values["f'", n] = [
                draw.choice((-1, 1)) * draw.uniform(*self.slopes) for _ in range(widths[n])
            ]
        self._values["delta", self.last] = [draw.gauss(0, 1) for _ in range(widths[self.last])]
        for n in range(self.last - 1, 1, -1):
            W, signal = self._values["W", n + 1], self._values["delta", n + 1]
            carried = [sum(W[i][p] * signal[i] for i in range(len(W))) for p in range(widths[n])]
            self._values["delta", n] = [u * v for u, v in zip(carried, self._values["f'", n], strict=True)]

    def number(self, layer: Layer) -> int:
        """Return the layer's number here."""
        return {"l": self.first, "L": self.last, "": 0}[layer.symbol] + layer.offset

    def weights(self, number: int) -> Tensor:
        """Return the name of a layer's weights by its number."""
        return Tensor("W", (Size("rows"), Size("columns")), Layer("", number))

    def array(self, notation: Notation) -> Any:
        """Return the numbers that a piece of notation stands for."""
        match notation:
            case Array(tensor):
                assert tensor.layer is not None
                return self._values[tensor.name, self.number(tensor.layer)]
            case Elementwise(_, Array(tensor)):
                assert tensor.layer is not None
                return self._values["f'", self.number(tensor.layer)]
            case Transpose(inner):
                return [list(column) for column in zip(*self.array(inner), strict=True)]
            case Product(left, right):
                vector = self.array(right)
                return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in self.array(left)]
            case Hadamard(left, right):
                return [a * b for a, b in zip(self.array(left), self.array(right), strict=True)]
        raise TypeError(f"no numbers for {type(notation).__name__}")


@lru_cache(maxsize=1)
def sample_networks() -> tuple[SampleNetwork, ...]:
    """Return the random networks on which every inequality is tried."""
    return tuple(SampleNetwork(seed) for seed in range(24))


def length(vector: list[float]) -> float:
    """Return the Euclidean norm."""
    return math.sqrt(math.fsum(a * a for a in vector))


def singular_values(matrix: list[list[float]]) -> list[float]:
    """Return the singular values of a small matrix, by one-sided Jacobi rotations."""
    columns = [list(column) for column in zip(*matrix, strict=True)]
    if len(columns) > len(matrix):
        columns = [list(row) for row in matrix]
    for _ in range(60):
        largest = 0.0
        for i in range(len(columns)):
            for j in range(i):
                a, b = columns[i], columns[j]
                aa, bb, ab = (
                    sum(u * v for u, v in zip(s, t, strict=True)) for s, t in ((a, a), (b, b), (a, b))
                )
                if abs(ab) <= 1e-15 * math.sqrt(aa * bb):
                    continue
                largest = max(largest, abs(ab) / math.sqrt(aa * bb))
                ratio = (bb - aa) / (2 * ab)
                tangent = math.copysign(1, ratio) / (abs(ratio) + math.hypot(1, ratio))
                cosine = 1 / math.hypot(1, tangent)
                sine = cosine * tangent
                columns[i] = [cosine * u - sine * v for u, v in zip(a, b, strict=True)]
                columns[j] = [sine * u + cosine * v for u, v in zip(a, b, strict=True)]
        if largest < 1e-14:
            break
    return [length(column) for column in columns]
