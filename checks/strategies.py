"""What Hypothesis draws: activations, architectures, networks, samples, and trees of parameters.

The structure is drawn and shrunk by Hypothesis, towards the shallowest and narrowest network that still
fails; the numbers come from a drawn seed, which shrinks to 0. Importing this module registers `Architecture`
and `Network`, so that ``st.from_type(Architecture)`` works.

Examples
--------
>>> from hypothesis import given
>>> from checks.strategies import networks, samples
>>> @given(networks(max_depth=3).flatmap(lambda network: samples(network.architecture)))
... def test_labels_have_the_width_of_the_output(sample):
...     x, y = sample
...     assert x.shape[1] == y.shape[1]
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dnn import ACTIVATIONS, Activation, Architecture, Network

Tree = Any
"""An array, or dictionaries, lists and tuples of them, nested."""

SEEDS = st.integers(0, 2**32 - 1)


def activations(names: Sequence[str] = tuple(ACTIVATIONS)) -> st.SearchStrategy[Activation]:
    """One of the shipped activations; shrinks to the first of `names`."""
    return st.sampled_from([ACTIVATIONS[name] for name in names])


@st.composite
def architectures(
    draw: st.DrawFn,
    *,
    min_depth: int = 2,
    max_depth: int = 5,
    max_width: int = 5,
    heads: Sequence[str] = ("half_mse", "softmax_cross_entropy", "sigmoid_cross_entropy"),
    activations: st.SearchStrategy[Activation] = activations(),  # noqa: B008 - strategies are immutable
) -> Architecture:
    """An architecture: depth, widths, one activation for each hidden layer, head.

    Parameters
    ----------
    min_depth, max_depth : int, optional
        Least and largest L, the input layer counted.
    max_width : int, optional
        Largest k_l.
    heads : sequence of str, optional
        The heads to draw from.
    activations : strategy, optional
        Of the hidden layers, and of the output layer behind ``half_mse``.
    """
    L = draw(st.integers(min_depth, max_depth))
    head = draw(st.sampled_from(list(heads)))
    widths = draw(st.lists(st.integers(1, max_width), min_size=L, max_size=L))
    if head == "sigmoid_cross_entropy":
        widths[-1] = 1
    hidden = draw(st.lists(activations, min_size=L - 2, max_size=L - 2))
    output = draw(activations) if head == "half_mse" else None
    return Architecture(widths, hidden, head, output)


def networks(of: st.SearchStrategy[Architecture] | None = None, **limits: Any) -> st.SearchStrategy[Network]:
    """A network with random weights and random biases, none of them zero.

    Parameters
    ----------
    of : strategy, optional
        Where the architecture comes from; when it is left out, `limits` go to `architectures`.
    """
    return st.builds(random_network, architectures(**limits) if of is None else of, SEEDS)


@st.composite
def samples(
    draw: st.DrawFn, architecture: Architecture, *, max_samples: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels, samples as columns: x (k_1, N) and y (k_L, N), y within the head's domain."""
    return random_samples(architecture, draw(st.integers(1, max_samples)), draw(SEEDS))


def parameter_trees(*, max_leaves: int = 4, max_side: int = 3) -> st.SearchStrategy[Tree]:
    """Nested dictionaries, lists, tuples of float64 arrays of up to two dimensions: an x0 for gradcheck."""
    shapes = st.lists(st.integers(1, max_side), max_size=2).map(tuple)
    leaves = st.builds(lambda shape, seed: np.random.default_rng(seed).standard_normal(shape), shapes, SEEDS)
    return st.recursive(
        leaves.map(np.asarray),
        lambda children: st.one_of(
            st.lists(children, min_size=1, max_size=3),
            st.dictionaries(st.sampled_from("Wbuv"), children, min_size=1, max_size=3),
            st.tuples(children, children),
        ),
        max_leaves=max_leaves,
    )


def random_network(architecture: Architecture, seed: int) -> Network:
    """The network that `seed` stands for: W ~ N(0, 1 / k_(l-1)), b ~ N(0, 1/4)."""
    rng, k = np.random.default_rng(seed), architecture.width
    return Network(
        architecture,
        W={l: rng.standard_normal((k(l), k(l - 1))) / k(l - 1) ** 0.5 for l in architecture.layers},
        b={l: rng.standard_normal((k(l), 1)) / 2 for l in architecture.layers},
    )


def random_samples(architecture: Architecture, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """N samples as columns: x ~ N(0, 1); y a random distribution, 0 or 1, or N(0, 1), as the head demands."""
    rng, k = np.random.default_rng(seed), architecture.widths[-1]
    x = rng.standard_normal((architecture.widths[0], n))
    if architecture.head.name == "softmax_cross_entropy":
        y = rng.random((k, n)) + 0.1
        return x, y / y.sum(axis=0)
    if architecture.head.name == "sigmoid_cross_entropy":
        return x, rng.integers(0, 2, (k, n)).astype(float)
    return x, rng.standard_normal((k, n))


st.register_type_strategy(Architecture, architectures())
st.register_type_strategy(Network, networks())
