"""The theorems, in the order in which a reader needs them.

``BUILDERS`` maps each id to the function that builds, and thereby checks, the theorem.
"""

from __future__ import annotations

from collections.abc import Callable

from derivations.proof import Theorem
from derivations.theorems import heads, hidden, lemmas, network, parameters

BUILDERS: dict[str, Callable[[], Theorem]] = {
    "hadamard": lemmas.hadamard,
    "elementwise-derivative": lemmas.elementwise_derivative,
    "linear-derivative-input": lemmas.linear_derivative_input,
    "linear-derivative-matrix": lemmas.linear_derivative_matrix,
    "forward": network.forward,
    "softmax-cross-entropy-delta": heads.softmax_cross_entropy_delta,
    "half-mse-delta": heads.half_mse_delta,
    "sigmoid-cross-entropy-delta": heads.sigmoid_cross_entropy_delta,
    "hidden-delta": hidden.hidden_delta,
    "weight-gradient": parameters.weight_gradient,
    "bias-gradient": parameters.bias_gradient,
    "update-descends": network.update_descends,
    "batch-mean": network.batch_mean,
}
