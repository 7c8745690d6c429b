"""The networks on which mutants are looked at: as small as shows them, so that a catalogue runs in a minute.

Squares where a dropped transpose or a wrong layer index must still multiply; no width equals the number of
samples, so that a mean over the wrong axis is another number.
"""

from dnn import ACTIVATIONS, Architecture

LEAKY = Architecture((2, 2, 2, 2), "leaky_relu", "half_mse", "leaky_relu")
"""Everything in it stays within the rationals."""
SOFTMAX = Architecture((2, 2, 2, 2), "tanh", "softmax_cross_entropy")
MIXED = Architecture((2, 2, 2, 2), ("sigmoid", "softplus"), "half_mse", "tanh")
"""Another activation in each layer."""
SIGMOID = Architecture((2, 2, 1), "tanh", "sigmoid_cross_entropy")
HALF_MSE = Architecture((2, 3, 2), "tanh", "half_mse", "sigmoid")
FLAT = Architecture((2, 2, 2, 2), "identity", "half_mse")
CURVED = Architecture((2, 2, 2, 2), ("tanh", "sigmoid"), "half_mse")
"""With `FLAT`, where the bound on the flow of the gradient is attained."""


def of_activation(name: str) -> tuple[Architecture, ...]:
    """A hidden layer and an output that both use it."""
    return (Architecture((2, 3, 2), name, "half_mse", name),)


EVERY_ACTIVATION = tuple(network for name in ACTIVATIONS for network in of_activation(name))
