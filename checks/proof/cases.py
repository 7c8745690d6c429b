"""A case: a network with samples, on which every equation can be put to the test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from checks.strategies import random_network, random_samples
from dnn import ACTIVATIONS, HEADS, Architecture, Gradients, Network, Trace
from dnn.activations import Array


def shipped_backward(network: Network, trace: Trace, y: Array) -> Gradients:
    """Run the network's own backward()."""
    return network.backward(trace, y)


@dataclass(frozen=True)
class Case:
    """A network and samples as columns.

    Parameters
    ----------
    network : Network
    x : array, shape (k_1, N)
    y : array, shape (k_L, N)
    name : str
        How to speak of it, if it is more than its architecture.
    backward : callable
        The backward pass on trial, the shipped one unless given: (network, trace, y) -> Gradients.
    """

    network: Network
    x: Array
    y: Array
    name: str = ""
    backward: Callable[[Network, Trace, Array], Gradients] = field(default=shipped_backward, repr=False)

    def gradients(self, network: Network) -> Gradients:
        """Run forward() and the backward pass on trial, with other parameters perhaps."""
        return self.backward(network, network.forward(self.x), self.y)

    def __str__(self) -> str:
        return self.name or f"{self.network.architecture!r} with {self.x.shape[1]} samples"


def random_architecture(rng: np.random.Generator, *, max_depth: int = 6, max_width: int = 8) -> Architecture:
    """An architecture with a depth, widths, activations for each layer and a head of its own."""
    L = int(rng.integers(2, max_depth + 1))
    widths = [int(k) for k in rng.integers(1, max_width + 1, L)]
    head = str(rng.choice(HEADS))
    if head == "sigmoid_cross_entropy":
        widths[-1] = 1
    hidden = [str(name) for name in rng.choice(list(ACTIVATIONS), L - 2)]
    output = str(rng.choice(list(ACTIVATIONS))) if head == "half_mse" else None
    return Architecture(widths, hidden, head, output)


def random_cases(n: int, *seed: int, max_width: int = 8) -> Iterator[Case]:
    """N cases, each reproducible from the seed (one number or several) and its own number alone."""
    for number in range(n):
        rng = np.random.default_rng((*seed, number))
        architecture = random_architecture(rng, max_width=max_width)
        network = random_network(architecture, int(rng.integers(2**32)))
        x, y = random_samples(architecture, int(rng.integers(1, 6)), int(rng.integers(2**32)))
        yield Case(network, x, y)


def tail_delta(case: Case, l: int) -> Callable[[Array], Array]:
    """z^l -> delta^l as the backward pass on trial computes it from a trace with this z^l.

    Parameters
    ----------
    case : Case
    l : int
        2..L.

    Returns
    -------
    callable, from shape (k_l, N) to shape (k_l, N)
    """
    network, architecture = case.network, case.network.architecture
    below = network.forward(case.x)

    def delta(z: Array) -> Array:
        trace = Trace({**below.z, l: z}, dict(below.a))
        if l < architecture.depth:
            trace.a[l] = architecture.activation(l).f(z)
            above = _above(case, l).forward(trace.a[l])
            for m in range(l + 1, architecture.depth + 1):
                trace.z[m], trace.a[m] = above.z[m - l + 1], above.a[m - l + 1]
        return case.backward(network, trace, case.y).delta[l]

    return delta


def tail(case: Case, l: int) -> Callable[[Array], float]:
    """z^l -> J, the sum over the samples: the function whose gradient delta^l is.

    It is made of shipped parts: the layers above l are a network of their own, whose input is f(z^l).

    Parameters
    ----------
    case : Case
    l : int
        2..L.

    Returns
    -------
    callable, from shape (k_l, N) to float
    """
    whole = case.network.architecture
    if l == whole.depth:
        return lambda z: whole.head.loss(z, case.y).sum()
    above, f, N = _above(case, l), whole.activation(l).f, case.x.shape[1]
    return lambda z: above.loss(f(z), case.y) * N


def _above(case: Case, l: int) -> Network:
    """Layers l..L as a network of their own, layer l being its input."""
    whole, layers = case.network.architecture, range(l + 1, case.network.architecture.depth + 1)
    return Network(
        Architecture(whole.widths[l - 1 :], whole.hidden[l - 1 :], whole.head.name, whole.output),
        W={m - l + 1: case.network.W[m] for m in layers},
        b={m - l + 1: case.network.b[m] for m in layers},
    )
