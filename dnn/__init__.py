"""A fully connected network and its backward pass, in plain NumPy.

This is the specimen: the code whose every formula gradproof derives, and proves to be computed. Read
`dnn.network` first; it is the source text's equations, line by line.
"""

from dnn.activations import ACTIVATIONS, Activation
from dnn.architecture import Architecture
from dnn.digits import load_digits
from dnn.gradient_flow import LayerFlow, gradient_flow
from dnn.heads import HEADS, Head
from dnn.network import Gradients, Network, Trace
from dnn.training import fit, update

__all__ = [
    "ACTIVATIONS",
    "HEADS",
    "Activation",
    "Architecture",
    "Gradients",
    "Head",
    "LayerFlow",
    "Network",
    "Trace",
    "fit",
    "gradient_flow",
    "load_digits",
    "update",
]
