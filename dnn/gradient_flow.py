"""How far a gradient reaches: ||delta^l|| and ||dJ/dW^l|| layer by layer, and the bound that explains them.

    ||delta^l|| <= prod_{m=l+1..L} ||W^m||  prod_{m=l..L-1} sup|f'|  ||delta^L||

with the spectral norm for matrices. It holds for each sample, hence also for all N columns together in the
Frobenius norm, which is how it is measured here. Where sup|f'| ||W|| < 1 in every layer the gradient vanishes
as a power of the depth; where it is larger it may, but need not, explode.
"""

from dataclasses import dataclass

import numpy as np

from dnn.activations import Array
from dnn.network import Network


@dataclass(frozen=True)
class LayerFlow:
    """One layer of the flow."""

    layer: int
    delta: float
    """||delta^l||, the Frobenius norm over all samples."""
    dW: float
    """||dJ/dW^l||, the Frobenius norm."""
    bound: float
    """The proved bound on ``delta``."""


def gradient_flow(network: Network, x: Array, y: Array) -> list[LayerFlow]:
    """Measure one backward pass.

    Parameters
    ----------
    network : Network
    x : array, shape (k_1, N)
    y : array, shape (k_L, N)

    Returns
    -------
    list of LayerFlow
        For l = 2..L.
    """
    architecture, L = network.architecture, network.architecture.depth
    delta, dW, _ = network.backward(network.forward(x), y)
    bound = {L: float(np.linalg.norm(delta[L]))}
    for l in range(L - 1, 1, -1):
        stretch = np.linalg.norm(network.W[l + 1], 2) * architecture.activation(l).derivative_range.magnitude
        bound[l] = float(bound[l + 1] * stretch)
    return [
        LayerFlow(l, float(np.linalg.norm(delta[l])), float(np.linalg.norm(dW[l])), bound[l])
        for l in architecture.layers
    ]
