"""The theorems, in the order in which a reader needs them.

``BUILDERS`` maps each id to the function that builds, and thereby checks, the theorem.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from derivations.proof import Theorem
from derivations.theorems import activations, flow, heads, hidden, layers, lemmas, nested, network, parameters
from derivations.theorems.titles import DEPTHS

BUILDERS: dict[str, Callable[[], Theorem]] = {
    "hadamard": lemmas.hadamard,
    "elementwise-derivative": lemmas.elementwise_derivative,
    "linear-derivative-input": lemmas.linear_derivative_input,
    "linear-derivative-matrix": lemmas.linear_derivative_matrix,
    "forward": network.forward,
    "softmax-cross-entropy-delta": heads.softmax_cross_entropy_delta,
    "half-mse-delta": heads.half_mse_delta,
    "sigmoid-cross-entropy-delta": heads.sigmoid_cross_entropy_delta,
    "chain-expansion": layers.chain_expansion,
    "hidden-delta": hidden.hidden_delta,
    "weight-gradient": parameters.weight_gradient,
    "bias-gradient": parameters.bias_gradient,
    "backpropagation": layers.backpropagation,
    "update-descends": network.update_descends,
    "vanishing-gradient": flow.vanishing_gradient,
    "exploding-gradient": flow.exploding_gradient,
    "activation-derivatives": activations.activation_derivatives,
    "batch-mean": network.batch_mean,
    **{f"nested-depth-{depth}": partial(nested.nested, depth) for depth in DEPTHS},
}
