"""The three output heads: how z^L becomes a^L, the loss J of one sample, and delta^L = dJ/dz^L.

Samples are columns: ``z`` and ``y`` have shape (k_L, N), ``loss`` returns one J for each sample, shape (N,),
and ``delta`` one column for each sample. The functions inside a head accept any number system; calling the
head itself is the door, where shapes, dtypes and labels are checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dnn.activations import Activation, Array, Map, sigmoid, softplus
from dnn.doors import matrix


@dataclass(frozen=True)
class Head:
    """An output activation and a loss that belong together.

    Parameters
    ----------
    name : str
        The name by which an architecture asks for it.
    activation : callable
        a^L as a function of z^L.
    loss : callable
        J(z^L, y), one value for each sample.
    delta : callable
        delta^L(z^L, y), one column for each sample.
    check_domain : callable
        Raises ValueError where the columns of y are outside the domain on which `delta` is the derivative of
        `loss`.
    """

    name: str
    activation: Map
    loss: Callable[[Array, Array], Array]
    delta: Callable[[Array, Array], Array]
    check_domain: Callable[[Array], None]

    def labels(self, y: Any, rows: int, columns: int) -> Array:
        """Let labels in: shape (k_L, N), finite, within the head's domain.

        Raises
        ------
        TypeError, ValueError
            As `dnn.doors.matrix`; ValueError also for labels outside the domain.
        """
        y = matrix("y", y, rows, columns)
        if y.dtype.kind == "f":
            self.check_domain(y)
        return y

    def __call__(self, z: Any, y: Any) -> tuple[Array, Array]:
        """J and delta^L of each sample.

        Parameters
        ----------
        z, y : array, shape (k_L, N)

        Returns
        -------
        loss : array, shape (N,)
        delta : array, shape (k_L, N)

        Raises
        ------
        TypeError, ValueError
            Where z or y is not a finite float array of two dimensions, their shapes differ, or y is outside
            the head's domain.
        """
        z = matrix("z", z)
        y = self.labels(y, *z.shape)
        return self.loss(z, y), self.delta(z, y)


def reference_point(z: Array) -> Array:
    """The constant that is subtracted from each column before it is exponentiated: its maximum.

    softmax(z) and log-sum-exp(z) - z do not change when a constant is subtracted from z, so any constant is
    right; the maximum is the one with which no exponential exceeds 1.
    """
    return z.max(axis=0, keepdims=True)


def softmax(z: Array) -> Array:
    """a_i = e^z_i / sum_j e^z_j."""
    e = np.exp(z - reference_point(z))
    return e / e.sum(axis=0, keepdims=True)


def cross_entropy(z: Array, y: Array) -> Array:
    """J = -sum_i y_i log softmax(z)_i = sum_i y_i (log sum_j e^z_j - z_i): no log of a small number."""
    s = z - reference_point(z)
    return (y * (np.log(np.exp(s).sum(axis=0, keepdims=True)) - s)).sum(axis=0)


def softmax_cross_entropy_delta(z: Array, y: Array) -> Array:
    """delta^L = softmax(z) - y, given that each column of y sums to one."""
    return softmax(z) - y


def binary_cross_entropy(z: Array, y: Array) -> Array:
    """J = -y log sigmoid(z) - (1 - y) log(1 - sigmoid(z)) = softplus(z) - y z."""
    return (softplus(z) - y * z).sum(axis=0)


def sigmoid_cross_entropy_delta(z: Array, y: Array) -> Array:
    """delta^L = sigmoid(z) - y."""
    return sigmoid(z) - y


def columns_sum_to_one(y: Array) -> None:
    """Refuse labels whose columns do not sum to one: softmax(z) - y is the derivative for no others."""
    total = y.sum(axis=0)
    error = np.abs(total - 1)
    # k fractions that sum to one are each rounded by half an eps of themselves, and so is each partial sum.
    if error.max() > y.shape[0] * np.finfo(y.dtype).eps:
        sample = int(error.argmax())
        raise ValueError(
            f"y must sum to one for each sample (softmax_cross_entropy), got {total[sample]} for sample "
            f"{sample}; divide each label by its sum"
        )


def one_zero_or_one(y: Array) -> None:
    """Refuse labels other than 0 and 1."""
    if (wrong := y[(y != 0) & (y != 1)]).size:
        raise ValueError(f"y must hold only 0 and 1 (sigmoid_cross_entropy), got {wrong.flat[0]}")


def anything(y: Array) -> None:
    """Accept every finite y: a squared error has a derivative everywhere."""


softmax_cross_entropy = Head(
    "softmax_cross_entropy", softmax, cross_entropy, softmax_cross_entropy_delta, columns_sum_to_one
)
sigmoid_cross_entropy = Head(
    "sigmoid_cross_entropy", sigmoid, binary_cross_entropy, sigmoid_cross_entropy_delta, one_zero_or_one
)


@cache
def half_mse(output: Activation) -> Head:
    """Half the squared error, J = 1/2 ||f(z) - y||^2, behind any activation f.

    Parameters
    ----------
    output : Activation
        The activation of the output layer.
    """

    def loss(z: Array, y: Array) -> Array:
        return ((output.f(z) - y) ** 2).sum(axis=0) / 2

    def delta(z: Array, y: Array) -> Array:
        return (output.f(z) - y) * output.df(z)

    return Head("half_mse", output.f, loss, delta, anything)


OWN_ACTIVATION = {head.name: head for head in (softmax_cross_entropy, sigmoid_cross_entropy)}
HEADS = (*OWN_ACTIVATION, "half_mse")
