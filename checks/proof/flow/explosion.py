"""The source text calls exploding gradients improbable: of which networks is that true."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

import numpy as np

from checks.proof.flow.law import Law
from checks.proof.flow.measure import has_exploded
from dnn import Architecture, Network
from dnn.activations import Array

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Explosions:
    """How many of some random networks explode at their first update, in any layer.

    Parameters
    ----------
    exploded, networks : int
    """

    exploded: int
    networks: int

    @property
    def interval(self) -> tuple[float, float]:
        """The probabilities that this count does not contradict (Clopper and Pearson, 95 %)."""
        return clopper_pearson(self.exploded, self.networks)

    def __str__(self) -> str:
        low, high = self.interval
        sure = f"{100 * low:.3g} to {100 * high:.3g} % with {100 * CONFIDENCE:.3g} % confidence"
        return f"{self.exploded} of {self.networks} ({sure})"


def count(
    architecture: Architecture,
    law: Law,
    x: Array,
    y: Array,
    *,
    learning_rate: float,
    networks: int,
    seed: int,
    told: Callable[[int, int], None],
) -> Explosions:
    """Draw networks by a law, and count those that explode.

    Parameters
    ----------
    architecture : Architecture
    law : Law
    x : array, shape (k_1, N)
    y : array, shape (k_L, N)
    learning_rate : float
    networks : int
        How many.
    seed : int
    told : callable
        Called as told(done, of) before each.
    """
    exploded = 0
    for done, each in enumerate(_seeds(seed, networks)):
        told(done, networks)
        exploded += explodes(law.draw(architecture, each), x, y, learning_rate)
    return Explosions(exploded, networks)


def _seeds(seed: int, n: int) -> Iterator[int]:
    """Seeds apart from `seed` itself: the network that is shown is not among those counted."""
    yield from map(int, np.random.default_rng((seed, 1)).integers(2**32, size=n))


def explodes(network: Network, x: Array, y: Array, learning_rate: float) -> bool:
    """Whether its gradient explodes in any layer."""
    with np.errstate(over="ignore", invalid="ignore"):
        delta, dW, _ = network.backward(network.forward(x), y)
        output = float(np.linalg.norm(delta[network.architecture.depth]))
        return any(
            has_exploded(
                float(np.linalg.norm(delta[l])),
                output,
                learning_rate * float(np.linalg.norm(dW[l]) / np.linalg.norm(network.W[l])),
            )
            for l in network.architecture.layers
        )


def clopper_pearson(hits: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact interval for a probability of which `hits` of `of` trials were seen.

    Parameters
    ----------
    hits, of : int
        0 <= hits <= of, of >= 1.
    confidence : float
        How often the interval contains the true probability, at least.
    """
    tail = (1 - confidence) / 2

    def probability(counts: range, p: float) -> float:
        """Return the binomial probability of any of these counts, 0 < p < 1."""
        return sum(exp(log_comb(of, k) + k * log(p) + (of - k) * log1p(-p)) for k in counts)

    low = 0.0 if hits == 0 else _root(lambda p: probability(range(hits, of + 1), p) - tail)
    high = 1.0 if hits == of else _root(lambda p: tail - probability(range(hits + 1), p))
    return low, high


def log_comb(n: int, k: int) -> float:
    """Return log(n! / (k! (n-k)!))."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _root(rising: Callable[[float], float]) -> float:
    """Return where a rising function of a probability crosses zero, by bisection."""
    low, high = 0.0, 1.0
    while high - low > np.finfo(float).eps:
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return high
