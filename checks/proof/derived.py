"""A backward pass made of proved right sides alone: what the theorems say, as numbers.

Each formula here is the last line of a derivation, written out at the widths at hand and compiled
(`derivations.instantiate`); none is typed. Putting this in the place of the shipped backward() gives the
third road to the same number: symbolic gradient, shipped code, numerical derivative.
"""

from collections.abc import Callable

import numpy as np

from derivations import instantiate
from dnn import Gradients, Network, Trace
from dnn.activations import Array

HEADS = {
    "softmax_cross_entropy": "softmax-cross-entropy-delta",
    "half_mse": "half-mse-delta",
    "sigmoid_cross_entropy": "sigmoid-cross-entropy-delta",
}


def backward(network: Network, trace: Trace, y: Array) -> Gradients:
    """Return delta, dW and db as the theorems give them.

    Parameters
    ----------
    network : Network
    trace : Trace
        Of the forward pass.
    y : array, shape (k_L, N)

    Returns
    -------
    Gradients
        As `dnn.Network.backward`.
    """
    architecture, (z, a) = network.architecture, trace
    L, N, k = architecture.depth, y.shape[1], architecture.width
    delta = {L: _columns(lambda n: _output_delta(network, z[L][:, n], y[:, n]), N)}
    for l in range(L - 1, 1, -1):
        hidden, fprime = instantiate("hidden-delta", (k(l), k(l + 1))), architecture.activation(l).df
        delta[l] = _columns(_hidden_column(hidden, network.W[l + 1], delta[l + 1], z[l], fprime), N)
    dW = {l: _weights(delta[l], a[l - 1]) for l in architecture.layers}
    db = {l: _bias(delta[l]) for l in architecture.layers}
    return Gradients(delta, dW, db)


def _weights(delta: Array, a: Array) -> Array:
    """Return dJ/dW: for one sample by its own theorem, for a batch by the second claim of the mean's."""
    (rows, N), columns = delta.shape, a.shape[0]
    if N == 1:
        return instantiate("weight-gradient", (rows, columns))(delta=delta[:, 0], a=a[:, 0])
    return instantiate("batch-mean", (rows, columns, N), claim=1)(delta=delta, A=a)


def _bias(delta: Array) -> Array:
    """Return dJ/db: for one sample by its own theorem, for a batch by the third claim of the mean's."""
    rows, N = delta.shape
    if N == 1:
        return instantiate("bias-gradient", (rows,))(delta=delta[:, 0])[:, np.newaxis]
    return instantiate("batch-mean", (rows, N), claim=2)(delta=delta)[:, np.newaxis]


def affine(network: Network, l: int, a: Array) -> Array:
    """Return z^l of one sample as the forward theorem gives it, from a^(l-1), shape (k_(l-1),)."""
    k = network.architecture.width
    formula = instantiate("forward", (k(l), k(l - 1)))
    return formula(W=network.W[l], a=a, b=network.b[l][:, 0], f=lambda z: z)


def _output_delta(network: Network, z: Array, y: Array) -> Array:
    architecture = network.architecture
    id = HEADS[architecture.head.name]
    if id == "sigmoid-cross-entropy-delta":
        return np.array([instantiate(id)(z=z[0], y=y[0])])
    formula = instantiate(id, architecture.widths[-1:])
    if architecture.output is None:
        return formula(z=z, y=y)
    return formula(z=z, y=y, f=architecture.output.f, fprime=architecture.output.df)


def _hidden_column(
    formula: Callable[..., Array], W: Array, delta: Array, z: Array, fprime: Callable[[Array], Array]
) -> Callable[[int], Array]:
    return lambda n: formula(W=W, delta=delta[:, n], z=z[:, n], fprime=fprime)


def _columns(column: Callable[[int], Array], N: int) -> Array:
    return np.stack([column(n) for n in range(N)], axis=1)
