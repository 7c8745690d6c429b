"""Mutants of the three output heads: activation, loss and delta^L."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from checks.proof.mutants.equivalence import same_over_the_field
from checks.proof.mutants.networks import HALF_MSE, LEAKY, SIGMOID, SOFTMAX
from checks.proof.mutants.planting import Equivalence, Mutant, rewritten
from dnn import Architecture, heads

Line = tuple[str, str, Any, str, str]
"""id, description, function, old, new."""

SOFTMAX_LINES: tuple[Line, ...] = (
    ("label-forgotten", "delta = softmax(z)", heads.softmax_cross_entropy_delta, "(z) - y", "(z)"),
    ("label-doubled", "delta = softmax(z) - 2 y", heads.softmax_cross_entropy_delta, "- y", "- 2 * y"),
    ("label-added", "delta = softmax(z) + y", heads.softmax_cross_entropy_delta, "(z) - y", "(z) + y"),
    (
        "label-squared",
        "right for one-hot labels alone",
        heads.softmax_cross_entropy_delta,
        "(z) - y",
        "(z) - y**2",
    ),
    (
        "mean-over-classes",
        "delta / k",
        heads.softmax_cross_entropy_delta,
        "softmax(z) - y",
        "(softmax(z) - y) / len(y)",
    ),
    (
        "softmax-prime",
        "the factor a (1 - a) of a sigmoid",
        heads.softmax_cross_entropy_delta,
        "softmax(z) - y",
        "(softmax(z) - y) * softmax(z) * (1 - softmax(z))",
    ),
    (
        "times-label",
        "only the class of the label",
        heads.softmax_cross_entropy_delta,
        "softmax(z) - y",
        "(softmax(z) - y) * y",
    ),
    ("z-for-a", "delta = z - y", heads.softmax_cross_entropy_delta, "softmax(z) - y", "z - y"),
    ("not-normalised", "a = e^z", heads.softmax, " / e.sum(axis=0, keepdims=True)", ""),
    ("over-samples", "normalised over the samples", heads.softmax, "e.sum(axis=0", "e.sum(axis=1"),
    (
        "sign-of-z",
        "softmax(-z)",
        heads.softmax,
        "np.exp(z - reference_point(z))",
        "np.exp(reference_point(z) - z)",
    ),
    ("loss-negated", "-J", heads.cross_entropy, "(y * (", "(-y * ("),
    (
        "loss-mean",
        "a mean over the classes",
        heads.cross_entropy,
        "- s)).sum(axis=0)",
        "- s)).sum(axis=0) / len(y)",
    ),
    ("loss-sign", "log sum + z", heads.cross_entropy, "keepdims=True)) - s)", "keepdims=True)) + s)"),
    (
        "loss-shift-once",
        "the constant is subtracted in one place of two",
        heads.cross_entropy,
        "keepdims=True)) - s)",
        "keepdims=True)) - z)",
    ),
    (
        "loss-shift-misses-label",
        "the sum over the labels leaves out the first class",
        heads.cross_entropy,
        "- s)).sum(axis=0)",
        "- s))[1:].sum(axis=0)",
    ),
    ("shift-over-samples", "the constant differs within a column", heads.reference_point, "axis=0", "axis=1"),
)
SIGMOID_LINES: tuple[Line, ...] = (
    ("label-forgotten", "delta = sigmoid(z)", heads.sigmoid_cross_entropy_delta, "(z) - y", "(z)"),
    (
        "negated",
        "delta = y - sigmoid(z)",
        heads.sigmoid_cross_entropy_delta,
        "sigmoid(z) - y",
        "y - sigmoid(z)",
    ),
    (
        "sign-of-z",
        "delta = sigmoid(-z) - y",
        heads.sigmoid_cross_entropy_delta,
        "sigmoid(z) -",
        "sigmoid(-z) -",
    ),
    ("z-for-a", "delta = z - y", heads.sigmoid_cross_entropy_delta, "sigmoid(z) - y", "z - y"),
    ("halved", "delta / 2", heads.sigmoid_cross_entropy_delta, "sigmoid(z) - y", "(sigmoid(z) - y) / 2"),
    ("loss-sign", "softplus(z) + y z", heads.binary_cross_entropy, "softplus(z) - y", "softplus(z) + y"),
    ("loss-without-label", "softplus(z)", heads.binary_cross_entropy, "(softplus(z) - y * z)", "softplus(z)"),
    ("loss-of-minus-z", "softplus(-z) - y z", heads.binary_cross_entropy, "(softplus(z)", "(softplus(-z)"),
    (
        "loss-offset",
        "a constant too many, which no gradient shows",
        heads.binary_cross_entropy,
        ".sum(axis=0)",
        ".sum(axis=0) + 1",
    ),
)
HALF_MSE_LINES: tuple[Line, ...] = (
    (
        "label-forgotten",
        "delta = f(z) f'(z)",
        heads.half_mse,
        "return (output.f(z) - y) *",
        "return output.f(z) *",
    ),
    ("fprime-dropped", "delta = f(z) - y", heads.half_mse, " * output.df(z)", ""),
    ("fprime-at-a", "f'(f(z))", heads.half_mse, "output.df(z)", "output.df(output.f(z))"),
    (
        "doubled",
        "delta of ||f(z) - y||^2, without the half",
        heads.half_mse,
        "return (output.f(z) - y) *",
        "return 2 * (output.f(z) - y) *",
    ),
    ("negated", "y - f(z)", heads.half_mse, "return (output.f(z) - y) *", "return (y - output.f(z)) *"),
    ("label-added", "f(z) + y", heads.half_mse, "return (output.f(z) - y) *", "return (output.f(z) + y) *"),
    ("z-for-a", "delta = (z - y) f'(z)", heads.half_mse, "return (output.f(z) - y) *", "return (z - y) *"),
    ("mean-over-units", "delta / k", heads.half_mse, "* output.df(z)", "* output.df(z) / len(y)"),
    ("fprime-squared", "f' twice", heads.half_mse, "* output.df(z)", "* output.df(z) ** 2"),
    ("loss-not-halved", "||f(z) - y||^2", heads.half_mse, ".sum(axis=0) / 2", ".sum(axis=0)"),
    ("loss-mean", "a mean over the units", heads.half_mse, ".sum(axis=0) / 2", ".sum(axis=0) / len(y) / 2"),
    ("loss-cubed", "the third power", heads.half_mse, "- y) ** 2", "- y) ** 3"),
    ("loss-of-z", "||z - y||^2 / 2", heads.half_mse, "((output.f(z) - y) ** 2)", "((z - y) ** 2)"),
)


def _lines(
    formula: str, prefix: str, lines: tuple[Line, ...], networks: tuple[Architecture, ...]
) -> Iterator[Mutant]:
    for id, description, function, old, new in lines:
        yield Mutant(f"{prefix}-{id}", formula, description, partial(rewritten, function, old, new), networks)


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from _lines("softmax-cross-entropy-delta", "softmax", SOFTMAX_LINES, (SOFTMAX,))
    yield from _lines("sigmoid-cross-entropy-delta", "sigmoid-head", SIGMOID_LINES, (SIGMOID,))
    yield from _lines("half-mse-delta", "half-mse", HALF_MSE_LINES, (LEAKY, HALF_MSE))
    squares = Equivalence("(f - y)^2 = (y - f)^2", same_over_the_field)
    plant = partial(rewritten, heads.half_mse, "((output.f(z) - y) ** 2)", "((y - output.f(z)) ** 2)")
    yield Mutant(
        "half-mse-loss-reversed", "half-mse-delta", squares.reason, plant, (LEAKY, HALF_MSE), squares
    )
