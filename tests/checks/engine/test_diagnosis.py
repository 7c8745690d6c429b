"""A collection of wrong backward passes: what is said of each, and how often that is right."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import settings

from checks import gradcheck
from tests.effort import one_in

SAMPLES = 4


class Network:
    """tanh or sigmoid layers and a mean of squares; ``mutant`` names what is wrong with its gradient."""

    def __init__(self, rng, mutant, samples=SAMPLES, width=None, penalty=0.0):
        self.mutant, self.penalty = mutant, penalty
        self.sigmoid = bool(rng.integers(2))
        n, k, m = (int(rng.integers(3, 7)) for _ in range(3))
        if mutant in ("transposed", "another leaf"):
            n = k  # the shapes must allow the mistake
        self.data, self.target = rng.standard_normal((n, samples)), rng.standard_normal((m, samples))
        self.x0 = {
            "W": [rng.standard_normal((k, n)), rng.standard_normal((k, k)), rng.standard_normal((m, k))],
            "b": [rng.standard_normal((size, 1)) for size in (k, k, m)],
        }

    def f(self, z):
        return 1 / (1 + np.exp(-z)) if self.sigmoid else np.tanh(z)

    def df(self, a):
        return a * (1 - a) if self.sigmoid else 1 - a * a

    def forward(self, x):
        a = [self.data]
        for layer, (W, b) in enumerate(zip(x["W"], x["b"], strict=True)):
            z = W @ a[-1] + b
            a.append(z if layer == 2 else self.f(z))
        return a

    def loss(self, x):
        squares = 0.5 * np.sum((self.forward(x)[-1] - self.target) ** 2) / self.data.shape[1]
        return squares + 0.5 * self.penalty * sum(np.sum(W**2) for W in x["W"])

    def grad(self, x):
        a, mutant, N = self.forward(x), self.mutant, self.data.shape[1]
        if mutant == "float32":
            a = [np.asarray(each, np.float32) for each in a]
        delta = a[-1] - self.target.astype(a[-1].dtype)
        dW, db = [None] * 3, [None] * 3
        for layer in (2, 1, 0):
            if mutant == "one sample":
                dW[layer], db[layer] = delta[:, -1:] @ a[layer][:, -1:].T, delta[:, -1:].copy()
            else:
                dW[layer], db[layer] = delta @ a[layer].T / N, delta.mean(axis=1, keepdims=True)
            if layer:
                slope = self.df(a[layer])
                if layer == 1 and mutant == "activation derivative":
                    slope = np.ones_like(slope)
                if layer == 1 and mutant == "activation derivative at a":
                    slope = self.df(self.f(a[layer]))
                delta = x["W"][layer].T.astype(delta.dtype) @ delta * slope
        if mutant == "sign":
            dW[1] = -dW[1]
        if mutant == "factor 2":
            dW, db = [2 * g for g in dW], [2 * g for g in db]
        if mutant == "factor N":
            dW, db = [N * g for g in dW], [N * g for g in db]
        if mutant == "factor 1/2":
            dW[0] = dW[0] / 2
        if mutant == "zero bias":
            db = [np.zeros_like(g) for g in db]
        if mutant == "zero leaf":
            dW[1] = np.zeros_like(dW[1])
        if mutant == "transposed":
            dW[1] = dW[1].T.copy()
        if mutant == "transposed by reshape":
            dW[2] = dW[2].T.reshape(dW[2].shape)
        if mutant == "permuted rows":
            dW[0] = dW[0][::-1].copy()
        if mutant == "permuted entries":
            db[0] = np.random.default_rng(0).permutation(np.roll(db[0], 1)[::-1])
        if mutant == "another leaf":
            db[0], db[1] = db[1], db[0]
        if mutant == "one entry":
            dW[1][1, 2] *= 1.3
        if mutant == "one row":
            dW[1][1] *= 1.3
        if mutant == "one column":
            dW[1][:, 2] = 0
        if mutant == "wild":
            dW[1] = np.sin(7 * dW[1]) + np.cumsum(dW[1], axis=0)
        return {
            "W": [g.astype(np.float64) + 0 * x["W"][0][0, 0] for g in dW],
            "b": [g.astype(np.float64) for g in db],
        }


# mutant -> the kind that is right
EXPECTED = {
    "sign": "sign",
    "factor 2": "factor",
    "factor N": "factor",
    "factor 1/2": "factor",
    "zero bias": "zero",
    "zero leaf": "zero",
    "transposed": "transposed",
    "transposed by reshape": "transposed",
    "permuted rows": "permuted",
    "permuted entries": "permuted",
    "another leaf": "another leaf",
    "one sample": "one sample",
    "activation derivative": "activation derivative",
    "activation derivative at a": "activation derivative",
    "one entry": "entries",
    "one row": "entries",
    "one column": "zero",
    "weight decay": "missing term",
    "float32": "float32",
    "wild": "unknown",
}


def diagnose(mutant, seed, method):
    rng = np.random.default_rng([seed, sorted(EXPECTED).index(mutant)])
    one_sample_at_a_time = mutant.startswith("activation")
    network = Network(
        rng,
        mutant,
        samples=1 if one_sample_at_a_time else SAMPLES,
        penalty=0.05 if mutant == "weight decay" else 0.0,
    )
    return gradcheck(network.loss, network.grad, network.x0, method=method, raise_exception=False, rng=seed)


def test_the_specimen_is_right_without_a_mutant():
    for seed in range(4):
        network = Network(np.random.default_rng(seed), "")
        assert gradcheck(network.loss, network.grad, network.x0).verdict == "PASS"


@pytest.mark.parametrize("method", ["auto", "finite differences"])
def test_nine_of_ten_are_right_and_no_other_is_confident(method):
    repeats = max(1, settings.default.max_examples // 40)
    told, right, wrong = Counter(), Counter(), []
    for mutant, expected in one_in(2, EXPECTED.items()):
        for seed in range(repeats):
            report = diagnose(mutant, seed, method)
            assert report.verdict == "FAIL", f"{mutant}, seed {seed}: {report}"
            kinds = {diagnosis.kind for diagnosis in report.diagnosis}
            told[mutant] += 1
            right[mutant] += expected in kinds and kinds <= {expected, "unknown"}
            if not kinds <= {expected, "unknown", "entries"}:
                wrong.append((mutant, seed, kinds))
    assert not wrong
    assert sum(right.values()) >= 0.9 * sum(told.values()), told - right


@pytest.mark.parametrize(("mutant", "seed"), [("sign", 7), ("factor N", 1), ("factor N", 7), ("factor N", 8)])
def test_a_factor_is_fitted_to_the_sharpest_slopes(mutant, seed):
    """Once a leaf is wrong, its other slopes are known to a millionth of the error: they have less to say."""
    found = diagnose(mutant, seed, "finite differences").diagnosis
    assert {diagnosis.kind for diagnosis in found} == {EXPECTED[mutant]}


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        ("sign", r"W\[1\] has the wrong sign"),
        ("factor 2", "2 times the right one"),
        ("factor N", f"{SAMPLES} times the right one: a sum where fun takes the mean of {SAMPLES}"),
        ("factor 1/2", r"W\[0\] is 1/2 times"),
        ("zero bias", r"each of b\[0\], b\[1\], b\[2\] is zero although fun moves"),
        ("transposed", r"W\[1\] is the transpose"),
        ("another leaf", r"gradient returned for b\[1\] belongs here"),
        ("one entry", r"W\[1\] is wrong at \[1, 2\] and right elsewhere; there it is 1.3 times|\[1, 2\]"),
        ("one row", "wrong throughout row 1 and right elsewhere"),
        ("one column", "zero throughout column 2"),
        ("weight decay", "0.05 times the parameters"),
        ("float32", "float32"),
        ("one sample", "one sample"),
        ("wild", "none of the usual mistakes"),
    ],
)
def test_what_is_said(mutant, words):
    report = diagnose(mutant, 1, "auto")
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(str(report))


X = np.random.default_rng(2).standard_normal((4, 3))
BATCH = np.random.default_rng(3).standard_normal((5, 3))
KERNEL = np.random.default_rng(4).standard_normal((2, 3, 3, 3))


def squares(x):
    return float(np.sum(x**2))


def regression(W):
    return 0.5 * float(np.sum((BATCH @ W.T) ** 2))


def residuals(W):
    return (BATCH @ W.T).T


# A mistake; what must be said of it, and what must not although it is near at hand.
SAID = {
    "a term that is linear, at ones": (
        lambda x: np.sum(X * x**2) + 0.3 * x.sum(), lambda x: 2 * X * x, np.ones((4, 3)),
        r"lacks 0\.3 in each entry", "penalty",
    ),
    "half of a penalty": (
        lambda x: float(np.sum(np.sin(x))) + 0.1 * squares(x), lambda x: np.cos(x) + 0.1 * x, X,
        r"lacks 0\.1 times the parameters: .*or not as fun has it", "fun has not",
    ),
    "a step instead of a gradient": (
        squares, lambda x: -0.02 * x, X, "-1/100 times the right one", "mean|sum|division",
    ),
    "whole numbers that are off by little": (
        lambda x: squares(x) + 1e-5 * x.sum(), lambda x: 2 * x, np.arange(1.0, 13.0).reshape(4, 3),
        "It looks like this", "float32",
    ),
    "a product of sums": (
        regression, lambda W: np.outer(residuals(W).sum(1), BATCH.sum(0)), X,
        "a product of sums", "counted instead of the batch\\.",
    ),
    "a kernel that is flipped": (
        lambda x: float(np.sum(np.sin(x))), lambda x: np.cos(x)[:, :, ::-1, ::-1], KERNEL,
        "reversed along its last two axes", "unknown|usual",
    ),
    "a kernel that is transposed": (
        lambda x: float(np.sum(np.sin(x))), lambda x: np.cos(x).swapaxes(2, 3), KERNEL,
        "axes 2 and 3 exchanged", "unknown|usual",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", SAID)
def test_a_mistake_is_not_taken_for_its_neighbour(mistake):
    fun, grad, x0, words, never = SAID[mistake]
    report = gradcheck(fun, grad, x0, raise_exception=False)
    assert report.verdict == "FAIL"
    text = "\n".join(str(diagnosis) + "." for diagnosis in report.diagnosis)
    assert re.search(words, f"It looks like this: {text}"), text
    assert not re.search(never, text), text


@pytest.mark.parametrize("seed", [353, *range(4)])  # 353: the errors of one half cancel along the direction
def test_nothing_is_said_to_be_right_elsewhere_that_is_wrong(seed):
    rng = np.random.default_rng(seed)
    x0, error = rng.standard_normal(9), rng.standard_normal(9)
    report = gradcheck(
        lambda x: float(np.sum(np.sin(x))), lambda x: np.cos(x) + error, x0, raise_exception=False
    )
    assert report.verdict == "FAIL"
    assert not any("right elsewhere" in str(diagnosis) for diagnosis in report.diagnosis)


@pytest.mark.parametrize("seed", range(4))
def test_and_what_is_right_elsewhere_is_said_to_be(seed):
    rng = np.random.default_rng(seed)
    x0, error = rng.standard_normal(9), np.zeros(9)
    error[rng.choice(9, 3, replace=False)] = 1.0
    report = gradcheck(
        lambda x: float(np.sum(np.sin(x))), lambda x: np.cos(x) + error, x0, raise_exception=False
    )
    assert {entry.index for entry in report.wrong} == {(int(i),) for i in np.flatnonzero(error)}
    assert "right elsewhere" in str(report)
