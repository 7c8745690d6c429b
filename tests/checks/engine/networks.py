"""A small tanh network with a right gradient, and a way to spoil it: the specimen of these tests."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def network(seed=0, widths=(4, 5, 3), samples=6, size=1.0):
    """Return (loss, grad, x0); grad takes an optional spoil(dW, db)."""
    rng = np.random.default_rng(seed)
    layers = list(pairwise(widths))
    x0 = {
        "W": [size * rng.standard_normal((m, n)) / np.sqrt(n) for n, m in layers],
        "b": [size * 0.3 * rng.standard_normal((m, 1)) for _, m in layers],
    }
    data = rng.standard_normal((widths[0], samples))
    target = rng.standard_normal((widths[-1], samples))

    def activations(x):
        a = [data]
        for W, b in zip(x["W"], x["b"], strict=True):
            a.append(np.tanh(W @ a[-1] + b))
        return a

    def loss(x):
        return 0.5 * np.sum((activations(x)[-1] - target) ** 2) / samples

    def grad(x, spoil=None):
        a = activations(x)
        delta = (a[-1] - target) * (1 - a[-1] ** 2)
        dW, db = [], []
        for layer in reversed(range(len(layers))):
            dW.insert(0, delta @ a[layer].T / samples)
            db.insert(0, delta.mean(axis=1, keepdims=True))
            delta = x["W"][layer].T @ delta * (1 - a[layer] ** 2)
        if spoil is not None:
            spoil(dW, db)
        return {"W": dW, "b": db}

    return loss, grad, x0
