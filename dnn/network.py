"""Forward and backward, line by line as the equations stand in the source.

Layers are l = 1..L and the input is layer 1, so W^l, b^l, z^l exist for l = 2..L: dictionaries keyed by the
layer. Samples are columns, shape (k_l, N).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from dnn.activations import Array
from dnn.architecture import Architecture
from dnn.doors import matrix


class Trace(NamedTuple):
    """What the forward pass leaves for the backward pass."""

    z: dict[int, Array]
    """z^l, shape (k_l, N), l = 2..L."""
    a: dict[int, Array]
    """a^l, shape (k_l, N), l = 1..L; a^1 = x."""


class Gradients(NamedTuple):
    """What the backward pass finds."""

    delta: dict[int, Array]
    """delta^l, shape (k_l, N), l = 2..L: a column for each sample, the derivative of that sample's own J."""
    dW: dict[int, Array]
    """dJ/dW^l, shape (k_l, k_(l-1)), J the mean over the samples."""
    db: dict[int, Array]
    """dJ/db^l, shape (k_l, 1), J the mean over the samples."""


@dataclass(frozen=True)
class Network:
    """A fully connected network: an architecture with its parameters.

    Parameters
    ----------
    architecture : Architecture
    W : mapping of int to array
        W^l, shape (k_l, k_(l-1)), for l = 2..L.
    b : mapping of int to array
        b^l, shape (k_l, 1), for l = 2..L.

    Raises
    ------
    TypeError
        Parameters that are not floats.
    ValueError
        A missing layer, a wrong shape, NaN or infinity.
    """

    architecture: Architecture
    W: Mapping[int, Array]
    b: Mapping[int, Array]

    def __post_init__(self) -> None:
        shape = self.architecture.width
        for name, parameters in (("W", self.W), ("b", self.b)):
            if not isinstance(parameters, Mapping) or set(parameters) != set(self.architecture.layers):
                keys = list(parameters) if isinstance(parameters, Mapping) else type(parameters).__name__
                layers = f"2..{self.architecture.depth}"
                raise ValueError(f"{name} must map each of the layers {layers} to an array, got {keys}")
        for l in self.architecture.layers:
            matrix(f"W[{l}]", self.W[l], shape(l), shape(l - 1))
            matrix(f"b[{l}]", self.b[l], shape(l), 1)

    @classmethod
    def initialise(cls, architecture: Architecture, seed: int, dtype: Any = np.float64) -> Self:
        """Draw weights and set b = 0.

        W^l ~ N(0, 2 / k_(l-1)) before an activation that cuts half the line off (He), and
        N(0, 2 / (k_(l-1) + k_l)) before the others and before the output (Glorot).

        Parameters
        ----------
        architecture : Architecture
        seed : int
            The same seed gives the same network.
        dtype : dtype, optional
            float64 unless given.
        """
        rng = np.random.default_rng(seed)
        W, b = {}, {}
        for l in architecture.layers:
            k, fan_in = architecture.width(l), architecture.width(l - 1)
            he = l < architecture.depth and architecture.activation(l).initialisation == "he"
            variance = 2 / fan_in if he else 2 / (fan_in + k)
            W[l] = (variance**0.5 * rng.standard_normal((k, fan_in))).astype(dtype)
            b[l] = np.zeros((k, 1), dtype)
        return cls(architecture, W, b)

    def forward(self, x: Array) -> Trace:
        """a^1 = x;  z^l = W^l a^(l-1) + b^l;  a^l = f(z^l)."""
        L = self.architecture.depth
        z, a = {}, {1: matrix("x", x, self.architecture.width(1))}
        for l in self.architecture.layers:
            z[l] = self.W[l] @ a[l - 1] + self.b[l]
            f = self.architecture.activation(l).f if l < L else self.architecture.head.activation
            a[l] = f(z[l])
        return Trace(z, a)

    def loss(self, x: Array, y: Array) -> Array:
        """J, the mean of the samples' own losses."""
        z = self.forward(x).z[self.architecture.depth]
        return self.architecture.head.loss(z, self.architecture.head.labels(y, *z.shape)).sum() / z.shape[1]

    def backward(self, trace: Trace, y: Array) -> Gradients:
        """delta^l = ((W^(l+1))^T delta^(l+1)) ⊙ f'(z^l);  dJ/dW^l = delta^l (a^(l-1))^T;  dJ/db^l = delta^l.

        delta is kept for each sample as in the source; dW and db are means over the N samples.
        """
        z, a = trace
        L = self.architecture.depth
        N = z[L].shape[1]
        delta = {L: self.architecture.head.delta(z[L], self.architecture.head.labels(y, *z[L].shape))}
        for l in range(L - 1, 1, -1):
            delta[l] = (self.W[l + 1].T @ delta[l + 1]) * self.architecture.activation(l).df(z[l])
        dW = {l: delta[l] @ a[l - 1].T / N for l in self.architecture.layers}
        db = {l: delta[l].sum(axis=1, keepdims=True) / N for l in self.architecture.layers}
        return Gradients(delta, dW, db)

    def predict(self, x: Any) -> Array:
        """a^L for samples as rows.

        Parameters
        ----------
        x : array_like, shape (N, k_1)

        Returns
        -------
        array, shape (N, k_L)

        Raises
        ------
        TypeError, ValueError
            As `dnn.doors.matrix`.
        """
        x = matrix("x", x, None, self.architecture.width(1))
        return self.forward(x.T).a[self.architecture.depth].T
