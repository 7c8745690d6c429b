"""Mutants of the forward pass, the backward pass, the update and the bound on the gradient's flow."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from checks.proof.mutants.equivalence import same_bound, same_over_the_field, same_update
from checks.proof.mutants.networks import CURVED, EVERY_ACTIVATION, FLAT, LEAKY, MIXED, SIGMOID, SOFTMAX
from checks.proof.mutants.planting import Equivalence, Mutant, rewritten
from dnn import Architecture, Network, gradient_flow, update
from dnn.activations import DerivativeRange

SQUARE = (LEAKY, SOFTMAX)
Line = tuple[str, str, str, str]
"""id, description, old, new."""

FORWARD: tuple[Line, ...] = (
    ("transposed", "z = W^T a + b", "self.W[l] @ a[l - 1]", "self.W[l].T @ a[l - 1]"),
    ("bias-subtracted", "z = W a - b", " + self.b[l]", " - self.b[l]"),
    ("bias-doubled", "z = W a + 2 b", " + self.b[l]", " + self.b[l] + self.b[l]"),
    ("bias-of-layer-2", "the bias of the first weight layer everywhere", "+ self.b[l]", "+ self.b[2]"),
    ("from-x", "each layer reads x, not the layer below", "a[l - 1] +", "a[1] +"),
    ("from-z", "each layer reads z of the layer below, not a", "@ a[l - 1]", "@ z.get(l - 1, a[1])"),
    ("residual", "an a^(l-1) too many", " + self.b[l]", " + self.b[l] + a[l - 1]"),
    ("halved", "W halved", "self.W[l] @ a[l - 1]", "self.W[l] @ a[l - 1] / 2"),
    ("f-skipped", "a = z: the activation is left out", "a[l] = f(z[l])", "a[l] = z[l]"),
    ("f-twice", "a = f(f(z))", "a[l] = f(z[l])", "a[l] = f(f(z[l]))"),
    ("f-negated", "a = -f(z)", "a[l] = f(z[l])", "a[l] = -f(z[l])"),
    ("f-aliased", "the activation works in place: z is overwritten by a", "a[l] = f(z", "a[l] = z[l] = f(z"),
    (
        "samples-shifted",
        "the samples change places in each layer",
        "a[l] = f(z[l])",
        "a[l] = f(z[l])[:, ::-1]",
    ),
)
LOSS: tuple[Line, ...] = (
    ("sum-for-mean", "J is the sum over the samples", ".sum() / z.shape[1]", ".sum()"),
    ("mean-over-units", "J is divided by the number of units", "z.shape[1]", "z.shape[0]"),
    ("of-N-plus-1", "J is divided by N + 1", "/ z.shape[1]", "/ (z.shape[1] + 1)"),
    ("negated", "-J", "return self", "return -self"),
)
HIDDEN: tuple[Line, ...] = (
    ("f-for-fprime", "f(z) in the place of f'(z)", ".df(z[l])", ".f(z[l])"),
    ("fprime-squared", "f' twice", ".df(z[l])", ".df(z[l]) ** 2"),
    ("fprime-at-minus-z", "f'(-z)", ".df(z[l])", ".df(-z[l])"),
    ("fprime-of-x", "f' at the layer below", ".df(z[l])", ".df(z.get(l - 1, a[1]))"),
    (
        "fprime-inside",
        "f' before W^T, not after",
        "delta[l + 1]) * self.architecture.activation(l).df(z[l])",
        "(delta[l + 1] * self.architecture.activation(l).df(z[l])))",
    ),
    (
        "fprime-once",
        "f' only in the last hidden layer",
        "self.architecture.activation(l).df(z[l])",
        "(self.architecture.activation(l).df(z[l]) if l == L - 1 else 1)",
    ),
    (
        "divided-by-fprime",
        "divided by f' instead of multiplied",
        "* self.architecture.activation(l).df",
        "/ self.architecture.activation(l).df",
    ),
    (
        "added",
        "f' added instead of multiplied",
        "* self.architecture.activation(l).df",
        "+ self.architecture.activation(l).df",
    ),
    ("delta-of-L", "every layer starts from delta^L", "@ delta[l + 1])", "@ delta[L])"),
    ("halved", "delta halved in each layer", "(self.W[l + 1].T @", "(self.W[l + 1].T / 2 @"),
    ("residual", "a delta^(l+1) too many", "@ delta[l + 1])", "@ delta[l + 1] + delta[l + 1])"),
    ("W-of-L", "W^L in every layer", "self.W[l + 1].T", "self.W[L].T"),
    ("W-squared", "W enters squared", "self.W[l + 1].T", "(self.W[l + 1] ** 2).T"),
    (
        "W-clipped",
        "negative weights are taken for zero",
        "self.W[l + 1].T",
        "((self.W[l + 1] > 0) * self.W[l + 1]).T",
    ),
    (
        "sums-multiplied",
        "a product of sums in the place of the sum of products",
        "(self.W[l + 1].T @ delta[l + 1])",
        "(self.W[l + 1].sum(axis=0, keepdims=True).T * delta[l + 1].sum(axis=0, keepdims=True))",
    ),
    (
        "mean-over-units",
        "a mean over the units above, not a sum",
        "@ delta[l + 1])",
        "@ delta[l + 1] / len(delta[l + 1]))",
    ),
    (
        "averaged-early",
        "delta is averaged over the samples on its way down",
        "@ delta[l + 1])",
        "@ (delta[l + 1].sum(axis=1, keepdims=True) / N))",
    ),
    ("samples-reversed", "delta of another sample", "@ delta[l + 1])", "@ delta[l + 1][:, ::-1])"),
    ("stops-early", "delta^2 is zero", ".df(z[l])", ".df(z[l]) * int(l > 2)"),
    (
        "bias-for-weights",
        "the gradient flows through b as well",
        "@ delta[l + 1])",
        "@ (delta[l + 1] + self.b[l + 1]))",
    ),
    (
        "W-after-a-step",
        "W is taken after an update, not before it",
        "self.W[l + 1].T",
        "(self.W[l + 1] - delta[l + 1] @ a[l].T / N).T",
    ),
)
OUTPUT: tuple[Line, ...] = (
    ("a-for-z", "the head is asked at a^L, not at z^L", "head.delta(z[L], self", "head.delta(a[L], self"),
    ("labels-shifted", "the labels of other samples", "head.labels(y, *z", "head.labels(y[:, ::-1], *z"),
    ("mean-twice", "delta^L is divided by N already", "*z[L].shape))}", "*z[L].shape)) / N}"),
)
WEIGHTS: tuple[Line, ...] = (
    ("transposed", "a delta^T", "delta[l] @ a[l - 1].T", "a[l - 1] @ delta[l].T"),
    ("negated", "-delta a^T", "{l: delta[l] @ a", "{l: -delta[l] @ a"),
    ("doubled", "2 delta a^T", "{l: delta[l] @ a", "{l: 2 * delta[l] @ a"),
    ("z-for-a", "delta z^T", "a[l - 1].T", "z.get(l - 1, a[1]).T"),
    ("from-x", "delta x^T in every layer", "a[l - 1].T", "a[1].T"),
    ("delta-above", "delta^(l+1) a^T", "{l: delta[l] @ a", "{l: delta[min(l + 1, L)] @ a"),
    ("mean-over-units", "divided by the number of units", "a[l - 1].T / N", "a[l - 1].T / len(delta[l])"),
    ("of-N-minus-1", "divided by N - 1", "a[l - 1].T / N", "a[l - 1].T / (N - 1)"),
    (
        "means-multiplied",
        "a product of means in the place of the mean of products",
        "delta[l] @ a[l - 1].T / N",
        "delta[l].sum(axis=1, keepdims=True) @ a[l - 1].sum(axis=1, keepdims=True).T / N**2",
    ),
    (
        "first-sample",
        "the first sample alone",
        "delta[l] @ a[l - 1].T",
        "delta[l][:, :1] @ a[l - 1][:, :1].T",
    ),
    (
        "last-sample-missing",
        "off by one: the last sample is left out",
        "delta[l] @ a[l - 1].T",
        "delta[l][:, :-1] @ a[l - 1][:, :-1].T",
    ),
    ("weight-decay", "a term W / 100 too many", "a[l - 1].T / N", "a[l - 1].T / N + self.W[l] / 100"),
    ("aliased", "all layers share one array", "dW = {l: delta[l] @ a[l - 1].T", "dW = {l: delta[2] @ a[1].T"),
    ("zero", "zeros", "{l: delta[l] @ a", "{l: 0 * delta[l] @ a"),
    (
        "samples-reversed",
        "delta of one sample times a of another",
        "delta[l] @ a[l",
        "delta[l][:, ::-1] @ a[l",
    ),
)
BIAS: tuple[Line, ...] = (
    ("sum-for-mean", "not divided by N", "keepdims=True) / N", "keepdims=True)"),
    ("mean-twice", "divided by N twice", "keepdims=True) / N", "keepdims=True) / N**2"),
    ("wrong-axis", "summed over the units", "delta[l].sum(axis=1", "delta[l].sum(axis=0"),
    ("negated", "-delta", "{l: delta[l].sum", "{l: -delta[l].sum"),
    ("first-sample", "the first sample alone", "delta[l].sum(axis=1, keepdims=True) / N", "delta[l][:, :1]"),
    (
        "largest-sample",
        "the largest of the samples, not their sum",
        "delta[l].sum(axis=1",
        "delta[l].max(axis=1",
    ),
    ("delta-above", "delta^(l+1)", "{l: delta[l].sum", "{l: delta[min(l + 1, L)].sum"),
    ("times-b", "delta times b", "{l: delta[l].sum", "{l: (self.b[l] * delta[l]).sum"),
    ("halved", "delta / 2", "keepdims=True) / N", "keepdims=True) / (2 * N)"),
)
TRACE: tuple[Line, ...] = (
    (
        "stale",
        "the first trace that the network ever saw is used for good",
        "z, a = trace",
        'z, a = vars(self).setdefault("_trace", trace)',
    ),
    (
        "off-by-one",
        "z^l of the layer above",
        "z, a = trace",
        "z, a = {l: trace.z[min(l + 1, max(trace.z))] for l in trace.z}, trace.a",
    ),
    (
        "overwritten",
        "a is overwritten by z in the trace",
        "z, a = trace",
        "z, a = trace.z, {**trace.a, **trace.z}",
    ),
)
UPDATE: tuple[Line, ...] = (
    ("uphill", "theta + alpha dJ/dtheta", "network.W[l] - learning_rate", "network.W[l] + learning_rate"),
    ("bias-uphill", "b + alpha dJ/db", "network.b[l] - learning_rate", "network.b[l] + learning_rate"),
    ("bias-kept", "b is not updated", "network.b[l] - learning_rate * gradients.db[l]", "network.b[l]"),
    ("weights-kept", "W is not updated", "network.W[l] - learning_rate * gradients.dW[l]", "network.W[l]"),
    (
        "doubled",
        "W goes two steps",
        "- learning_rate * gradients.dW[l]",
        "- 2 * learning_rate * gradients.dW[l]",
    ),
    ("alpha-squared", "alpha^2", "- learning_rate * gradients.dW[l]", "- learning_rate**2 * gradients.dW[l]"),
    (
        "replaced",
        "the step takes the place of W",
        "network.W[l] - learning_rate",
        "0 * network.W[l] - learning_rate",
    ),
    (
        "b-by-delta",
        "b goes along delta^l of the first sample, not along db",
        "gradients.db[l]",
        "gradients.delta[l][:, :1]",
    ),
    ("first-layer-frozen", "W^2 is not updated", "* gradients.dW[l]", "* gradients.dW[l] * (l > 2)"),
)
FLOW: tuple[Line, ...] = (
    ("W-of-l", "||W^l|| in the place of ||W^(l+1)||", "network.W[l + 1], 2)", "network.W[l], 2)"),
    (
        "frobenius",
        "the Frobenius norm in the place of the spectral norm",
        "network.W[l + 1], 2)",
        "network.W[l + 1])",
    ),
    ("norm-dropped", "the norms of the weights are left out", "np.linalg.norm(network.W[l + 1], 2) *", "1 *"),
    ("from-L", "every layer starts from ||delta^L||", "bound[l + 1] * stretch", "bound[L] * stretch"),
    (
        "largest-entry",
        "the largest entry in the place of the spectral norm",
        "np.linalg.norm(network.W[l + 1], 2)",
        "abs(network.W[l + 1]).max()",
    ),
    ("slope-squared", "sup|f'| squared", ".derivative_range.magnitude", ".derivative_range.magnitude ** 2"),
    (
        "slope-dropped",
        "sup|f'| is taken for 1",
        "* architecture.activation(l).derivative_range.magnitude",
        "* 1",
    ),
    (
        "delta-of-mean",
        "||delta|| of the mean over the samples",
        "LayerFlow(l, float(np.linalg.norm(delta[l]))",
        "LayerFlow(l, float(np.linalg.norm(delta[l].mean(axis=1)))",
    ),
)

EQUAL: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "weight-gradient",
        "weights-transposed-twice",
        "(a delta^T)^T = delta a^T",
        "delta[l] @ a[l - 1].T",
        "(a[l - 1] @ delta[l].T).T",
    ),
    (
        "bias-gradient",
        "bias-product-with-ones",
        "delta times a column of ones is the sum over the samples",
        "delta[l].sum(axis=1, keepdims=True) / N",
        "delta[l] @ np.ones((N, 1)) / N",
    ),
    (
        "hidden-delta",
        "hidden-commuted",
        "the elementwise product commutes",
        "(self.W[l + 1].T @ delta[l + 1]) * self.architecture.activation(l).df(z[l])",
        "self.architecture.activation(l).df(z[l]) * (self.W[l + 1].T @ delta[l + 1])",
    ),
    (
        "hidden-delta",
        "hidden-transposed-twice",
        "(delta^T W)^T = W^T delta",
        "(self.W[l + 1].T @ delta[l + 1])",
        "(delta[l + 1].T @ self.W[l + 1]).T",
    ),
    (
        "batch-mean",
        "mean-before-product",
        "(delta / N) a^T = (delta a^T) / N",
        "delta[l] @ a[l - 1].T / N",
        "(delta[l] / N) @ a[l - 1].T",
    ),
)


def _lines(
    formula: str, prefix: str, function: Any, lines: tuple[Line, ...], networks: tuple[Architecture, ...]
) -> Iterator[Mutant]:
    for id, description, old, new in lines:
        yield Mutant(f"{prefix}-{id}", formula, description, partial(rewritten, function, old, new), networks)


def _equal(formula: str, id: str, function: Any, old: str, new: str, claim: Equivalence) -> Mutant:
    plant = partial(rewritten, function, old, new)
    return Mutant(id, formula, claim.reason, plant, SQUARE, claim)


def mutants() -> Iterator[Mutant]:
    """All of them."""
    backward: Callable[..., Any] = Network.backward
    yield from _lines("forward", "forward", Network.forward, FORWARD, (LEAKY, MIXED))
    yield from _lines("batch-mean", "loss", Network.loss, LOSS, (LEAKY, SIGMOID))
    yield from _lines("hidden-delta", "hidden", backward, HIDDEN, (LEAKY, MIXED))
    yield from _lines("backpropagation", "output", backward, OUTPUT, (SOFTMAX, LEAKY))
    yield from _lines("weight-gradient", "weights", backward, WEIGHTS, SQUARE)
    yield from _lines("bias-gradient", "bias", backward, BIAS, SQUARE)
    yield from _lines("backpropagation", "trace", backward, TRACE, (LEAKY, MIXED))
    yield from _lines("update-descends", "update", update, UPDATE, (LEAKY, SIGMOID))
    yield from _lines("vanishing-gradient", "flow", gradient_flow, FLOW, (FLAT, CURVED, MIXED))
    for formula, id, reason, old, new in EQUAL:
        yield _equal(formula, id, backward, old, new, Equivalence(reason, same_over_the_field))
    yield _equal(
        "update-descends",
        "update-negative-rate",
        update,
        "network.W[l] - learning_rate * gradients.dW[l]",
        "network.W[l] + (-learning_rate) * gradients.dW[l]",
        Equivalence("theta + (-alpha) g = theta - alpha g", same_update),
    )
    yield Mutant(
        "flow-upper-slope",
        "vanishing-gradient",
        "sup f' in the place of sup|f'|",
        partial(
            rewritten,
            DerivativeRange.__dict__["magnitude"].fget,
            "max(-self.lower, self.upper)",
            "self.upper",
        ),
        (MIXED, *EVERY_ACTIVATION),
        Equivalence("no shipped activation falls more steeply than it rises", same_bound),
    )
