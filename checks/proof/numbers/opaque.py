"""Functions of which nothing is known but that f' is the derivative of f.

What holds of them holds of every activation; with one name for each layer, f' of a wrong layer shows.
"""

from checks.proof.numbers.dual import Dual
from checks.proof.numbers.ring import RingArray
from dnn import Activation
from dnn.activations import Array, DerivativeRange

EVERYTHING = DerivativeRange(float("-inf"), float("inf"), "()")


def opaque_activation(name: str) -> Activation:
    """An `Activation` whose f and f' are opaque functions called `name` and ``name'``."""

    def f(z: Array) -> Array:
        if isinstance(z, Dual):
            return Dual(_opaque(z.v, name), _opaque(z.v, name + "'") * z.d)
        return _opaque(z, name)

    return Activation(name, f, lambda z: _opaque(z, name + "'"), EVERYTHING)


def _opaque(z: Array, name: str) -> Array:
    if not isinstance(z, RingArray):
        raise TypeError(
            f"{name} is opaque: it needs a number system with opaque functions, got {type(z).__name__}"
        )
    return z.opaque(name)
