"""The activations: each f with its derivative f' directly below it.

Every function is elementwise and accepts any array whose elements add, multiply, divide, compare with zero
and know the functions that the formula names. They are written to be accurate over the whole range of a
float: exponentials only of arguments that are not positive, so nothing overflows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any
"""An array over any number system: NumPy floats in everyday use."""

Map: TypeAlias = Callable[[Array], Array]


@dataclass(frozen=True)
class DerivativeRange:
    """The set of values that f' takes over the real line.

    Parameters
    ----------
    lower, upper : float
        Infimum and supremum. Where they have no closed form (silu, gelu_tanh) they are the nearest float64.
    ends : str
        ``"[]"``, ``"(]"``, ``"[)"`` or ``"()"``: which of the two is attained; ``"{}"``: the range is
        no interval but just the set {lower, upper}.
    """

    lower: float
    upper: float
    ends: str

    @property
    def magnitude(self) -> float:
        """The supremum of |f'|: the factor by which one layer can stretch a delta, weights aside."""
        return max(-self.lower, self.upper)

    def __str__(self) -> str:
        if self.ends == "{}":
            return "{" + ", ".join(f"{value:.6g}" for value in sorted({self.lower, self.upper})) + "}"
        return f"{self.ends[0]}{self.lower:.6g}, {self.upper:.6g}{self.ends[1]}"


@dataclass(frozen=True)
class Activation:
    """An elementwise function f with its derivative.

    Parameters
    ----------
    name : str
        The name by which an architecture asks for it.
    f, df : callable
        f and f', each from an array to an array of the same shape and dtype. At a kink f' is the left slope.
    derivative_range : DerivativeRange
        The values of f' over the real line.
    kinks : tuple of float
        The points at which f has no derivative.
    initialisation : {"he", "glorot"}
        The law of a weight that feeds this activation: He's for those that cut half the line off,
        Glorot's for those that are nearly linear around zero.
    """

    name: str
    f: Map
    df: Map
    derivative_range: DerivativeRange
    kinks: tuple[float, ...] = ()
    initialisation: str = "glorot"


def identity(z: Array) -> Array:
    """f(z) = z."""
    return z


def identity_prime(z: Array) -> Array:
    """f'(z) = 1."""
    return np.ones_like(z)


def sigmoid(z: Array) -> Array:
    """f(z) = 1 / (1 + e^-z) = e^min(z, 0) / (1 + e^-|z|)."""
    return np.exp(np.minimum(z, 0 * z)) / (1 + np.exp(minus_magnitude(z)))


def sigmoid_prime(z: Array) -> Array:
    """f'(z) = f(z) (1 - f(z)) = e / (1 + e)^2 with e = e^-|z|: even in z, and no digits cancel."""
    e = np.exp(minus_magnitude(z))
    return e / (1 + e) ** 2


def tanh(z: Array) -> Array:
    """f(z) = tanh z."""
    return np.tanh(z)


def tanh_prime(z: Array) -> Array:
    """f'(z) = 1 - tanh(z)^2."""
    return 1 - np.tanh(z) ** 2


def relu(z: Array) -> Array:
    """f(z) = max(z, 0)."""
    return np.maximum(z, 0)


def relu_prime(z: Array) -> Array:
    """f'(z) = 1 where z > 0, else 0."""
    return (z > 0).astype(z.dtype)


SLOPE = 0.01  # of leaky_relu on the left: the customary value


def leaky_relu(z: Array) -> Array:
    """f(z) = max(z, 0) + min(z, 0) / 100."""
    return np.maximum(z, 0) + SLOPE * np.minimum(z, 0)


def leaky_relu_prime(z: Array) -> Array:
    """f'(z) = 1 where z > 0, else 1 / 100."""
    return relu_prime(z) + SLOPE * (1 - relu_prime(z))


def elu(z: Array) -> Array:
    """f(z) = max(z, 0) + e^min(z, 0) - 1."""
    return np.maximum(z, 0) + np.expm1(np.minimum(z, 0 * z))


def elu_prime(z: Array) -> Array:
    """f'(z) = e^min(z, 0): continuous, so elu has no kink."""
    return np.exp(np.minimum(z, 0 * z))


def softplus(z: Array) -> Array:
    """f(z) = log(1 + e^z) = max(z, 0) + log(1 + e^-|z|)."""
    return np.maximum(z, 0) + np.log1p(np.exp(minus_magnitude(z)))


softplus_prime = sigmoid  # f'(z) = e^z / (1 + e^z)


def silu(z: Array) -> Array:
    """f(z) = z sigmoid(z)."""
    return z * sigmoid(z)


def silu_prime(z: Array) -> Array:
    """f'(z) = sigmoid(z) + z sigmoid'(z)."""
    return sigmoid(z) + z * sigmoid_prime(z)


ROOT = 0.7978845608028654  # sqrt(2 / pi): a Python float, which leaves the dtype of z as it is
CUBIC = 0.044715
SATURATION = 30.0  # |ROOT (z + CUBIC z^3)| > 900 there: tanh is 1 in every precision, and z^3 is still small


def gelu_tanh(z: Array) -> Array:
    """f(z) = z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))): the tanh form of GELU, not the erf form."""
    c = np.minimum(np.maximum(z, -SATURATION), SATURATION)
    return z / 2 * (1 + np.tanh(ROOT * (c + CUBIC * (c * c * c))))


def gelu_tanh_prime(z: Array) -> Array:
    """f'(z) = (1 + t)/2 + z/2 (1 - t^2) sqrt(2/pi) (1 + 3 * 0.044715 z^2), t the tanh of f."""
    c = np.minimum(np.maximum(z, -SATURATION), SATURATION)
    t = np.tanh(ROOT * (c + CUBIC * (c * c * c)))
    return (1 + t) / 2 + z / 2 * ((1 - t * t) * ROOT * (1 + CUBIC * (3 * c * c)))


def minus_magnitude(z: Array) -> Array:
    """-|z| = min(z, 0) - max(z, 0): compares with zero alone, and does not branch on each element."""
    return np.minimum(z, 0) - np.maximum(z, 0)


# f' has no closed maximum here: these are its values at the two roots of f'', rounded to the nearest float64.
SILU_RANGE = DerivativeRange(-0.09983932012886691, 1.099839320128867, "[]")
GELU_TANH_RANGE = DerivativeRange(-0.12899306865877175, 1.1289930686587717, "[]")

ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("identity", identity, identity_prime, DerivativeRange(1.0, 1.0, "{}")),
        Activation("sigmoid", sigmoid, sigmoid_prime, DerivativeRange(0.0, 0.25, "(]")),
        Activation("tanh", tanh, tanh_prime, DerivativeRange(0.0, 1.0, "(]")),
        Activation("relu", relu, relu_prime, DerivativeRange(0.0, 1.0, "{}"), (0.0,), "he"),
        Activation(
            "leaky_relu", leaky_relu, leaky_relu_prime, DerivativeRange(SLOPE, 1.0, "{}"), (0.0,), "he"
        ),
        Activation("elu", elu, elu_prime, DerivativeRange(0.0, 1.0, "(]"), (), "he"),
        Activation("softplus", softplus, softplus_prime, DerivativeRange(0.0, 1.0, "()"), (), "he"),
        Activation("silu", silu, silu_prime, SILU_RANGE, (), "he"),
        Activation("gelu_tanh", gelu_tanh, gelu_tanh_prime, GELU_TANH_RANGE, (), "he"),
    )
}
