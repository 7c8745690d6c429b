"""The forward pass once more, in scalar loops and the standard library's math: what `dnn` is held against.

Every gradient check is blind to a wrong *forward* pass: it would find the right gradient of the wrong
function. So z^l, a^l and J are computed here a second time, from the equations, without an array and without
a line of `dnn`. Beside each number stands a bar: how far another float64 evaluation, in any order of
summation, can be from this one. With u = 2^-53, n products and s = sum |w||a| + |b|:

    |z - z'|  <=  (n + 3) u s + 2 n eta + sum |w| bar(a)   n + 2 roundings there, one here, the inputs' bars
    |a - a'|  <=  sup|f'| bar(z) + 32 u max(1, |z|)        at most 16 operations on either side

to first order in u; eta = 2^-1074 is what a product can lose to underflow, here and there. No formula here
lets the result of an operation exceed max(1, |z|), and an operation errs by at most 2 u relatively (the
transcendental ones by 1 ulp).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

U, ETA = 2.0**-53, 2.0**-1074
SCALAR_OPERATIONS = 32  # 16 of at most 1 ulp = 2 u on either side: see the module's docstring

Matrix = Sequence[Sequence[float]]
Vector = list[float]


@dataclass(frozen=True)
class Reference:
    """The forward pass of one sample, with bars.

    Parameters
    ----------
    z, a : dict of int to list of float
        z^l for l = 2..L and a^l for l = 1..L.
    z_bar, a_bar : dict of int to list of float
        How far another evaluation can be from them.
    loss, loss_bar : float
        J of this sample.
    """

    z: dict[int, Vector]
    a: dict[int, Vector]
    z_bar: dict[int, Vector]
    a_bar: dict[int, Vector]
    loss: float
    loss_bar: float


def sigmoid(z: float) -> float:
    """1 / (1 + e^-z)."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def softplus(z: float) -> float:
    """log(1 + e^z)."""
    return z + math.log1p(math.exp(-z)) if z >= 0 else math.log1p(math.exp(z))


def gelu_tanh(z: float) -> float:
    """z sigmoid(2 u), which is z/2 (1 + tanh u), u = sqrt(2/pi) (z + 0.044715 z^3)."""
    return z * sigmoid(2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))


ACTIVATIONS: Mapping[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": math.tanh,
    "relu": lambda z: z if z > 0 else 0.0,
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "softplus": softplus,
    "silu": lambda z: z * sigmoid(z),
    "gelu_tanh": gelu_tanh,
}

STEEPEST = {"sigmoid": 0.25, "silu": 1.1, "gelu_tanh": 1.13}
"""Upper bounds of |f'| where they are not 1."""


def forward(
    W: Mapping[int, Matrix],
    b: Mapping[int, Sequence[float]],
    activations: Sequence[str],
    head: str,
    x: Sequence[float],
    y: Sequence[float],
) -> Reference:
    """Run one sample.

    Parameters
    ----------
    W, b : mapping of int to nested sequences
        W^l and b^l for l = 2..L.
    activations : sequence of str
        f for l = 2..L; the last one is the output's and is ignored where the head has its own.
    head : str
    x, y : sequence of float
        a^1 and the label.

    Raises
    ------
    KeyError
        For an activation or head that has no reference.
    """
    L = max(W)
    z: dict[int, Vector] = {}
    a: dict[int, Vector] = {1: list(x)}
    z_bar: dict[int, Vector] = {}
    a_bar: dict[int, Vector] = {1: [0.0] * len(x)}
    for l in range(2, L + 1):
        z[l], z_bar[l] = _affine(W[l], b[l], a[l - 1], a_bar[l - 1])
        if l < L or head == "half_mse":
            a[l], a_bar[l] = _elementwise(activations[l - 2], z[l], z_bar[l])
        elif head == "sigmoid_cross_entropy":
            a[l], a_bar[l] = _elementwise("sigmoid", z[l], z_bar[l])
        else:
            a[l], a_bar[l] = _softmax(z[l], z_bar[l])
    return Reference(z, a, z_bar, a_bar, *LOSSES[head](z[L], z_bar[L], a[L], a_bar[L], y))


def _affine(W: Matrix, b: Sequence[float], a: Vector, a_bar: Vector) -> tuple[Vector, Vector]:
    z, bar = [], []
    for row, offset in zip(W, b, strict=True):
        z.append(math.fsum([*(w * v for w, v in zip(row, a, strict=True)), offset]))
        size = math.fsum(abs(w * v) for w, v in zip(row, a, strict=True)) + abs(offset)
        carried = math.fsum(abs(w) * v for w, v in zip(row, a_bar, strict=True))
        bar.append((len(a) + 3) * U * size + 2 * len(a) * ETA + carried)
    return z, bar


def _elementwise(name: str, z: Vector, z_bar: Vector) -> tuple[Vector, Vector]:
    f, steepest = ACTIVATIONS[name], STEEPEST.get(name, 1.0)
    bar = [steepest * e + SCALAR_OPERATIONS * U * max(1.0, abs(v)) for v, e in zip(z, z_bar, strict=True)]
    return [f(v) for v in z], bar


def _softmax(z: Vector, z_bar: Vector) -> tuple[Vector, Vector]:
    total = _log_sum_exp(z)
    # d softmax_i = softmax_i (dz_i - sum softmax dz): at most 2 max|dz|; an exponent carries |z - total| u.
    reach = 2 * max(z_bar) + (SCALAR_OPERATIONS + len(z) + max(abs(v - total) for v in z)) * U
    return [math.exp(v - total) for v in z], [min(1.0, math.exp(v - total)) * reach + U for v in z]


def _log_sum_exp(z: Vector) -> float:
    top = max(z)
    return top + math.log(math.fsum(math.exp(v - top) for v in z))


def _softmax_cross_entropy(
    z: Vector, z_bar: Vector, a: Vector, a_bar: Vector, y: Sequence[float]
) -> tuple[float, float]:
    total = _log_sum_exp(z)
    terms = [t * (total - v) for t, v in zip(y, z, strict=True)]
    size = math.fsum(abs(t) * (abs(total) + abs(v) + 1) for t, v in zip(y, z, strict=True))
    carried = 2 * max(z_bar) * math.fsum(abs(t) for t in y)
    return math.fsum(terms), carried + (SCALAR_OPERATIONS + len(z)) * U * size


def _sigmoid_cross_entropy(
    z: Vector, z_bar: Vector, a: Vector, a_bar: Vector, y: Sequence[float]
) -> tuple[float, float]:
    ((v,), (e,), (t,)) = z, z_bar, y
    return softplus(v) - t * v, 2 * e + SCALAR_OPERATIONS * U * max(1.0, abs(v))


def _half_mse(z: Vector, z_bar: Vector, a: Vector, a_bar: Vector, y: Sequence[float]) -> tuple[float, float]:
    errors = [v - t for v, t in zip(a, y, strict=True)]
    carried = math.fsum(abs(e) * bar + bar**2 for e, bar in zip(errors, a_bar, strict=True))
    size = math.fsum(e * e + abs(e) * (abs(v) + abs(t)) for e, v, t in zip(errors, a, y, strict=True))
    return math.fsum(e * e for e in errors) / 2, carried + (len(z) + 8) * U * size


LOSSES = {
    "softmax_cross_entropy": _softmax_cross_entropy,
    "sigmoid_cross_entropy": _sigmoid_cross_entropy,
    "half_mse": _half_mse,
}
