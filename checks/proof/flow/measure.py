"""One backward pass, layer by layer: how long delta is, what the theorem allows, and what an update would do.

Two words are given a meaning here that holds no chosen number. Take one step of gradient descent,
W^l - alpha dJ/dW^l. The gradient is *dead* in layer l when that step is shorter than u ||W^l||, with u the
unit roundoff: shorter than what rounding its weights to that precision costs already. It *explodes* in layer
l when delta^l is longer than delta^L and the step longer than W^l itself: nothing of the old weights would be
left.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from checks.proof.reference import U as ROUNDING
from dnn import Network, gradient_flow
from dnn.activations import Array

PRECISIONS: dict[str, type[np.float32] | type[np.float64]] = {"float32": np.float32, "float64": np.float64}
UNIT_ROUNDOFF = {name: float(np.finfo(dtype).eps) / 2 for name, dtype in PRECISIONS.items()}
MEASURABLE = float(np.sqrt(np.finfo(float).tiny) / np.finfo(float).eps)
"""A norm is the root of a sum of squares: below this, squares that matter have lost digits."""


@dataclass(frozen=True)
class Layer:
    """One layer of one backward pass, 2 <= l <= L."""

    number: int
    delta: float
    """||delta^l||, over all samples."""
    bound: float
    """What the theorem `vanishing-gradient` allows it to be."""
    step: float
    """alpha ||dJ/dW^l|| / ||W^l||: one update's length, measured by the weights that it changes."""
    kept: Mapping[str, float]
    """For each precision, the part of W^l's entries that the update leaves exactly as they are."""


@dataclass(frozen=True)
class Passage:
    """The way of the signal from layer l+1 back to layer l: delta^l = ((W^(l+1))^T delta^(l+1)) ⊙ f'(z^l)."""

    stretch: float
    """||(W^(l+1))^T delta^(l+1)|| / ||delta^(l+1)||, at most..."""
    largest_stretch: float
    """... ||W^(l+1)||, the 2-norm."""
    slope: float
    """||delta^l|| / ||(W^(l+1))^T delta^(l+1)||, at most..."""
    largest_slope: float
    """... sup|f'|."""


@dataclass(frozen=True)
class Flow:
    """One backward pass.

    Parameters
    ----------
    layers : tuple of Layer
        l = 2..L.
    passages : tuple of Passage
        Into l = 2..L-1.
    loss : float
        J.
    learning_rate : float
        alpha.
    roundings : int
        How many either side of the bound has seen, to first order.
    """

    layers: tuple[Layer, ...]
    passages: tuple[Passage, ...]
    loss: float
    learning_rate: float
    roundings: int

    @property
    def depth(self) -> int:
        """L."""
        return self.layers[-1].number

    def dead(self, precision: str) -> list[Layer]:
        """Return the layers in which the gradient is dead, the one nearest to the output first."""
        return [layer for layer in reversed(self.layers) if layer.step <= UNIT_ROUNDOFF[precision]]

    @property
    def exploding(self) -> list[Layer]:
        """The layers in which it explodes or is no longer a number, the one nearest to the output first."""
        output = self.layers[-1].delta
        return [layer for layer in reversed(self.layers) if has_exploded(layer.delta, output, layer.step)]

    @property
    def beyond_the_bound(self) -> list[Layer]:
        """The layers whose delta is longer than the theorem allows: none, or something is wrong.

        Where delta overflows, or is too short to be measured, nothing is said.
        """
        allowance = 1 + 2 * ROUNDING * self.roundings
        return [
            layer
            for layer in self.layers
            if MEASURABLE <= layer.delta < np.inf and layer.delta > layer.bound * allowance
        ]

    def a_layer(self, of: Callable[[Passage], float]) -> float:
        """Return the geometric mean over the passages that a signal comes through: for one typical layer.

        Zero where it comes through none.
        """
        through = [of(passage) for passage in self.passages if 0 < passage.stretch * passage.slope < np.inf]
        return float(np.exp(np.mean(np.log(through)))) if through else 0.0

    @property
    def factor(self) -> float:
        """By how much one layer, typically, changes the length of delta on its way back."""
        return self.a_layer(lambda passage: passage.stretch * passage.slope)

    @property
    def ceiling(self) -> float:
        """By how much one layer, typically, could change it at most: sup|f'| ||W||."""
        return self.a_layer(lambda passage: passage.largest_stretch * passage.largest_slope)


def has_exploded(delta: float, output: float, step: float) -> bool:
    """Whether the gradient has exploded in a layer, or is no longer a number.

    Parameters
    ----------
    delta, output : float
        ||delta^l|| and ||delta^L||.
    step : float
        alpha ||dJ/dW^l|| / ||W^l||.
    """
    return not np.isfinite(step) or (delta > output and step > 1)


def measure(network: Network, x: Array, y: Array, *, learning_rate: float) -> Flow:
    """Run forward and backward once, and measure.

    Parameters
    ----------
    network : Network
        With at least one hidden layer.
    x : array, shape (k_1, N)
    y : array, shape (k_L, N)
    learning_rate : float
        alpha, of the update that is imagined.

    Returns
    -------
    Flow
    """
    # An exploding signal may overflow: that is a finding, and no reason to warn.
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        trace = network.forward(x)
        delta, dW, _ = network.backward(trace, y)
        layers = tuple(
            Layer(
                row.layer,
                row.delta,
                row.bound,
                learning_rate * row.dW / float(np.linalg.norm(network.W[row.layer])),
                {
                    name: float(np.mean(_updated(network.W[row.layer], dW[row.layer], learning_rate, dtype)))
                    for name, dtype in PRECISIONS.items()
                },
            )
            for row in gradient_flow(network, x, y)
        )
        passages = tuple(
            _passage(network, l, delta[l], delta[l + 1]) for l in range(2, network.architecture.depth)
        )
        loss = float(network.loss(x, y))
    # Each layer adds to either side an inner product of k terms, a product and a spectral norm.
    roundings = sum(8 * k + 8 for k in network.architecture.widths)
    return Flow(layers, passages, loss, learning_rate, roundings)


def _updated(W: Array, dW: Array, learning_rate: float, dtype: type[np.float32] | type[np.float64]) -> Array:
    """Return where an update in this precision changes nothing."""
    old = W.astype(dtype)
    return old - (learning_rate * dW).astype(dtype) == old


def _passage(network: Network, l: int, delta: Array, above: Array) -> Passage:
    W = network.W[l + 1]
    between = np.linalg.norm(W.T @ above)
    return Passage(
        _ratio(between, np.linalg.norm(above)),
        float(np.linalg.norm(W, 2)),
        _ratio(np.linalg.norm(delta), between),
        network.architecture.activation(l).derivative_range.magnitude,
    )


def _ratio(part: Array, whole: Array) -> float:
    return float(part / whole) if whole else 0.0  # nothing of nothing arrives
