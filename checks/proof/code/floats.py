"""Networks of floats for the oracles that run at full size, and the same network in another number system."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from checks.proof.cases import Case
from checks.strategies import random_network, random_samples
from dnn import Architecture, load_digits
from dnn.activations import Array

SAMPLES = (4, 1, 3)  # of the first architecture, the second, the third, and so on again
DIGITS = 16


def float_case(architecture: Architecture, seed: tuple[int, int]) -> Case:
    """A random network with random samples; handwritten digits where the architecture fits them.

    Parameters
    ----------
    architecture : Architecture
    seed : pair of int
        The seed of the row, and the number of the architecture in it.
    """
    first, second = (int(word) for word in np.random.SeedSequence(seed).generate_state(2))
    network = random_network(architecture, first)
    if (architecture.widths[0], architecture.widths[-1]) == (64, 10):
        x, y = load_digits()
        drawn = np.random.default_rng(second).choice(len(x), DIGITS, replace=False)
        return Case(network, x[drawn].T, y[drawn].T)
    x, y = random_samples(architecture, SAMPLES[seed[1] % len(SAMPLES)], second)
    if architecture.head.name == "softmax_cross_entropy":
        y = np.round(y * 1024) / 1024  # so that they sum to exactly one, in float32 as well
        y[-1] = 1 - y[:-1].sum(axis=0)
    return Case(network, x, y)


def lifted(case: Case, lift: Callable[[Array], Array]) -> Case:
    """The same case, each of its arrays lifted."""
    W, b = ({l: lift(p) for l, p in of.items()} for of in (case.network.W, case.network.b))
    return Case(replace(case.network, W=W, b=b), lift(case.x), lift(case.y))
