"""Which architectures a number system is given: random ones that it can take, the same for a seed everywhere.

NumPy's generator draws them and not Hypothesis, whose next version draws others: evidence is held against a
baseline, and must change when the code does, not with the calendar.
"""

from collections.abc import Callable, Sequence

import numpy as np

from checks.proof.cases import random_architecture
from dnn import Architecture

Draw = Callable[[np.random.Generator], Architecture]


def drawn(draw: Draw, n: int, seed: int) -> list[Architecture]:
    """N architectures, the smallest first, so that the first failure is one that a person can follow."""
    found = [draw(np.random.default_rng((seed, number))) for number in range(n)]
    return sorted(found, key=lambda architecture: (architecture.depth, sum(architecture.widths)))


def anything(rng: np.random.Generator) -> Architecture:
    """Any architecture of everyday size."""
    return random_architecture(rng)


def small(rng: np.random.Generator) -> Architecture:
    """A small one: every entry becomes an expression."""
    return random_architecture(rng, max_depth=4, max_width=3)


def piecewise(names: Sequence[str]) -> Draw:
    """One with half the squared error, and these activations alone."""

    def draw(rng: np.random.Generator) -> Architecture:
        shape = random_architecture(rng, max_depth=4, max_width=4)
        output, *hidden = (str(name) for name in rng.choice(names, shape.depth - 1))
        return Architecture(shape.widths, hidden, "half_mse", output)

    return draw


def on_digits(names: Sequence[str]) -> Draw:
    """A softmax network on digits, with one of these activations throughout."""

    def draw(rng: np.random.Generator) -> Architecture:
        hidden = (int(k) for k in rng.integers(1, 17, rng.integers(1, 4)))
        return Architecture((64, *hidden, 10), str(rng.choice(names)), "softmax_cross_entropy")

    return draw
