"""Learning: theta <- theta - alpha dJ/dtheta, over minibatches."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dnn.doors import finite, matrix, positive_integer
from dnn.network import Gradients, Network


def update(network: Network, gradients: Gradients, learning_rate: float) -> Network:
    """theta - alpha dJ/dtheta for every W^l and b^l.

    Parameters
    ----------
    network : Network
    gradients : Gradients
    learning_rate : float
        alpha.

    Returns
    -------
    Network
        A new one; the old one stays as it was.
    """
    layers = network.architecture.layers
    return Network(
        network.architecture,
        W={l: network.W[l] - learning_rate * gradients.dW[l] for l in layers},
        b={l: network.b[l] - learning_rate * gradients.db[l] for l in layers},
    )


def fit(
    network: Network,
    x: Any,
    y: Any,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int = 32,
    seed: int = 0,
    callback: Callable[[int, Network], None] | None = None,
) -> Network:
    """Train by stochastic gradient descent.

    Parameters
    ----------
    network : Network
        Where to start.
    x : array_like, shape (N, k_1)
        Samples as rows.
    y : array_like, shape (N, k_L)
        Labels as rows; one-hot rows for ``softmax_cross_entropy``.
    learning_rate : float
        alpha, finite.
    epochs : int
        How often every sample is seen.
    batch_size : int, optional
        How many samples make one update; the last batch of an epoch may be smaller.
    seed : int, optional
        Of the order of the samples.
    callback : callable, optional
        Called as ``callback(epoch, network)`` after each epoch, epoch = 1, 2, ...

    Returns
    -------
    Network
        The trained one.

    Raises
    ------
    TypeError, ValueError
        As `dnn.doors`, before any work; ValueError during training when a parameter is no longer finite.
    """
    architecture = network.architecture
    x = matrix("x", x, None, architecture.width(1))
    y = matrix("y", y, x.shape[0], architecture.width(architecture.depth))
    architecture.head.labels(y.T, *y.T.shape)
    learning_rate = finite("learning_rate", learning_rate)
    epochs, batch_size = positive_integer("epochs", epochs), positive_integer("batch_size", batch_size)
    rng = np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        order = rng.permutation(x.shape[0])
        for start in range(0, x.shape[0], batch_size):
            batch = order[start : start + batch_size]
            with np.errstate(over="ignore", invalid="ignore"):  # the doors of the new network see it
                trace = network.forward(x[batch].T)
                gradients = network.backward(trace, y[batch].T)
            try:
                with np.errstate(over="ignore", invalid="ignore"):
                    network = update(network, gradients, learning_rate)
            except ValueError as error:
                raise ValueError(
                    f"training diverged in epoch {epoch} with learning_rate {learning_rate}; "
                    f"lower it ({error})"
                ) from error
        if callback is not None:
            callback(epoch, network)
    return network
