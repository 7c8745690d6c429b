"""The theorems, in the order in which a reader needs them.

``BUILDERS`` maps each id to the function that builds, and thereby checks, the theorem.
"""

from __future__ import annotations

from collections.abc import Callable

from derivations.proof import Theorem
from derivations.theorems import heads, hidden, parameters

BUILDERS: dict[str, Callable[[], Theorem]] = {
    "half-mse-delta": heads.half_mse_delta,
    "hidden-delta": hidden.hidden_delta,
    "weight-gradient": parameters.weight_gradient,
    "bias-gradient": parameters.bias_gradient,
}
