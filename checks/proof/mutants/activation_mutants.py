"""Mutants of the activations: of f, which no gradient check may see; of f'; and of the range of f'."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from checks.proof.mutants.equivalence import same_over_the_field
from checks.proof.mutants.networks import of_activation
from checks.proof.mutants.planting import Equivalence, Mutant, rewritten, set_to
from dnn import ACTIVATIONS, Architecture, activations
from dnn.activations import DerivativeRange

Line = tuple[str, str, str, str]
"""activation, description, old, new."""

F: tuple[Line, ...] = (
    ("identity", "f(z) = 2 z", "return z", "return 2 * z"),
    ("sigmoid", "f(z) = sigmoid(-z)", "np.exp(np.minimum(z, 0 * z))", "np.exp(np.minimum(-z, 0 * z))"),
    ("tanh", "f(z) = tanh(z / 2)", "np.tanh(z)", "np.tanh(z / 2)"),
    ("relu", "f(z) = min(z, 0)", "np.maximum(z, 0)", "np.minimum(z, 0)"),
    ("leaky_relu", "the slope on the left has the wrong sign", "+ SLOPE *", "- SLOPE *"),
    ("elu", "the 1 is not subtracted, which no gradient shows", "np.expm1", "np.exp"),
    ("softplus", "log e^-|z|, the 1 forgotten", "np.log1p(np.exp(minus_magnitude(z)))", "minus_magnitude(z)"),
    ("silu", "f(z) = z sigmoid(z)^2", "z * sigmoid(z)", "z * sigmoid(z) ** 2"),
    ("gelu_tanh", "the half is forgotten", "return z / 2 *", "return z *"),
)
F_PRIME: tuple[Line, ...] = (
    ("identity", "f' = 0", "np.ones_like(z)", "0 * z"),
    ("identity", "f' = 2", "np.ones_like(z)", "2 * np.ones_like(z)"),
    ("sigmoid", "e / (1 + e)^3", "(1 + e) ** 2", "(1 + e) ** 3"),
    ("sigmoid", "1 / (1 + e)^2", "return e / ", "return 1 / "),
    ("tanh", "1 + tanh^2", "1 - np", "1 + np"),
    ("tanh", "sigmoid's: tanh (1 - tanh)", "1 - np.tanh(z) ** 2", "np.tanh(z) - np.tanh(z) ** 2"),
    ("relu", "f' = z where z > 0", "(z > 0).astype(z.dtype)", "np.maximum(z, 0)"),
    ("relu", "f' = 1 on either side", "(z > 0).astype(z.dtype)", "np.ones_like(z)"),
    ("leaky_relu", "the slope on the right as well", "SLOPE * (1 - relu_prime(z))", "SLOPE"),
    ("leaky_relu", "the slope squared", "SLOPE *", "SLOPE**2 *"),
    (
        "elu",
        "e^z - 1: f in the place of f'",
        "np.exp(np.minimum(z, 0 * z))",
        "np.expm1(np.minimum(z, 0 * z))",
    ),
    ("elu", "e^-|z|", "np.minimum(z, 0 * z)", "minus_magnitude(z)"),
    ("silu", "the z is forgotten", "z * sigmoid_prime(z)", "sigmoid_prime(z)"),
    ("silu", "the second term has the wrong sign", "+ z *", "- z *"),
    ("silu", "the first term is forgotten", "sigmoid(z) + z * sigmoid_prime(z)", "z * sigmoid_prime(z)"),
    ("gelu_tanh", "sqrt(2/pi) is forgotten", " * ROOT * (1 + CUBIC", " * (1 + CUBIC"),
    ("gelu_tanh", "the 3 is forgotten", "(3 * c * c)", "(c * c)"),
    ("gelu_tanh", "1 - t in the place of 1 - t^2", "(1 - t * t)", "(1 - t)"),
    ("gelu_tanh", "the first term is forgotten", "(1 + t) / 2 + z / 2", "z / 2"),
)
CONSTANTS = (
    ("gelu_tanh", "CUBIC", 0.044, "another cubic term, in f and f' alike"),
    ("gelu_tanh", "ROOT", 0.8, "sqrt(2/pi) rounded to a digit, in f and f' alike"),
    ("gelu_tanh", "SATURATION", 0.5, "saturates where tanh is far from 1"),
)
RANGES = (
    ("sigmoid", DerivativeRange(0.0, 0.2, "(]"), "sup|f'| = 1/5"),
    ("sigmoid", DerivativeRange(0.0, 1.0, "(]"), "sup|f'| = 1, true and four times too weak"),
    ("identity", DerivativeRange(0.0, 0.99, "{}"), "sup|f'| = 0.99"),
)

EQUAL = (
    (
        "sigmoid",
        "s (1 - s) = e / (1 + e)^2; it loses digits at large z, which tests/dnn holds",
        "return e / (1 + e) ** 2",
        "return sigmoid(z) * (1 - sigmoid(z))",
    ),
    ("tanh", "(1 - t)(1 + t) = 1 - t^2", "1 - np.tanh(z) ** 2", "(1 - np.tanh(z)) * (1 + np.tanh(z))"),
    (
        "silu",
        "s + z s (1 - s) = s (1 + z (1 - s))",
        "sigmoid(z) + z * sigmoid_prime(z)",
        "sigmoid(z) * (1 + z * (1 - sigmoid(z)))",
    ),
)


def _function(name: str, attribute: str) -> Any:
    return getattr(ACTIVATIONS[name], attribute)


def _lines(attribute: str, formula: str, lines: tuple[Line, ...]) -> Iterator[Mutant]:
    for number, (name, description, old, new) in enumerate(lines):
        nth = 1 + sum(line[0] == name for line in lines[:number])
        plant = partial(rewritten, _function(name, attribute), old, new)
        yield Mutant(
            f"{name}-{attribute}-{nth}", formula, f"{name}: {description}", plant, of_activation(name)
        )


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from _lines("f", "forward", F)
    yield from _lines("df", "activation-derivatives", F_PRIME)
    for name, constant, value, description in CONSTANTS:
        plant = partial(set_to, activations, constant, value)
        yield Mutant(f"{name}-{constant.lower()}", "forward", description, plant, of_activation(name))
    for number, (name, wrong, description) in enumerate(RANGES, 1):
        plant = partial(set_to, ACTIVATIONS[name], "derivative_range", wrong)
        network = Architecture((2, 2, 2), name, "half_mse")
        yield Mutant(
            f"{name}-range-{number}", "vanishing-gradient", f"{name}: {description}", plant, (network,)
        )
    for name, reason, old, new in EQUAL:
        claim = Equivalence(reason, same_over_the_field)
        plant = partial(rewritten, _function(name, "df"), old, new)
        yield Mutant(
            f"{name}-df-rewritten", "activation-derivatives", reason, plant, of_activation(name), claim
        )
