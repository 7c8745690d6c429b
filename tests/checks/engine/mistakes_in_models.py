"""Mistakes made in gradients of larger models, and what should be said of each.

Written after the hypotheses, from other models than those they were found on.
"""

from __future__ import annotations

import numpy as np

from .mistakes_in_regressions import sigmoid, softmax


def mixture(rng, mistake):
    """Six Gaussians on a line: logits of the weights, means, logarithms of the widths."""
    data, k = 2 * rng.standard_normal(40), 6
    x0 = {
        "logits": rng.standard_normal(k),
        "mu": 2 * rng.standard_normal(k),
        "log_s": 0.3 * rng.standard_normal(k),
    }

    def log_joint(x):
        u = (data[:, None] - x["mu"]) / np.exp(x["log_s"])
        return np.log(softmax(x["logits"])) - 0.5 * u**2 - x["log_s"], u

    def fun(x):
        joint, _ = log_joint(x)
        return -np.sum(np.log(np.sum(np.exp(joint), axis=1)))

    def grad(x):
        joint, u = log_joint(x)
        r = softmax(joint, axis=1)
        if mistake == "hard assignments":
            r = np.eye(6)[r.argmax(axis=1)]
        dlogits = 40 * softmax(x["logits"]) - r.sum(0)
        dmu, dlog = -np.sum(r * u, axis=0) / np.exp(x["log_s"]), np.sum(r * (1 - u**2), axis=0)
        if mistake == "weights instead of logits":
            dlogits = dlogits / softmax(x["logits"])
        if mistake == "weights not normalised":
            dlogits = -r.sum(0)
        if mistake == "means divided by the variance":
            dmu = dmu / np.exp(x["log_s"])
        if mistake == "a mean for a sum":
            dmu = dmu / 40
        if mistake == "means sorted":
            dmu = dmu[np.argsort(x["mu"])]
        if mistake == "log_s forgotten in the density":
            dlog = -np.sum(r * u**2, axis=0)
        return {"logits": dlogits, "mu": dmu, "log_s": dlog}

    return fun, grad, x0


def pairwise(rng, mistake):
    """Bradley-Terry: strengths of eight players, and a prior on them."""
    first, second = rng.integers(0, 8, 40), rng.integers(0, 8, 40)
    x0 = rng.standard_normal(8)

    def fun(x):
        return np.sum(np.logaddexp(0, x[second] - x[first])) + 0.3 * np.sum(x**2)

    def grad(x):
        p = sigmoid(x[second] - x[first])
        g = np.zeros(8)
        np.add.at(g, first, -p)
        if mistake != "losers forgotten":
            np.add.at(g, second, p)
        if mistake == "prior forgotten":
            return g
        if mistake == "one player skipped":
            g[5] = 0.0
            return g + 0.6 * x * (np.arange(8) != 5)
        return {"winner and loser exchanged": -g, "prior halved": g - 0.3 * x}.get(mistake, g) + 0.6 * x

    return fun, grad, x0


def residual_flow(rng, mistake):
    """Euler steps of x' = tanh(A x + b), the same A and b in each."""
    start, target, h, steps = rng.standard_normal((4, 9)), rng.standard_normal((4, 9)), 0.3, 4
    x0 = {"A": rng.standard_normal((4, 4)), "b": rng.standard_normal((4, 1))}

    def path(x):
        states = [start]
        for _ in range(steps):
            states.append(states[-1] + h * np.tanh(x["A"] @ states[-1] + x["b"]))
        return states

    def fun(x):
        return 0.5 * np.sum((path(x)[-1] - target) ** 2)

    def grad(x):
        states = path(x)
        bar, dA, db = states[-1] - target, np.zeros((4, 4)), np.zeros((4, 1))
        for t in reversed(range(steps)):
            slope = 1 - np.tanh(x["A"] @ states[t] + x["b"]) ** 2
            if mistake == "derivative missing":
                slope = 1.0
            if mistake == "derivative at the state":
                slope = 1 - states[t] ** 2
            dz = h * bar * slope
            dA, db = dA + dz @ states[t].T, db + dz.sum(axis=1, keepdims=True)
            back = x["A"] if mistake == "A not transposed" else x["A"].T
            bar = back @ dz if mistake == "skip connection forgotten" else bar + back @ dz
        if mistake == "step length forgotten":
            dA, db = dA / h, db / h
        if mistake == "A by its transpose":
            dA = dA.T.copy()
        return {"A": dA, "b": db}

    return fun, grad, x0


def class_weighted(rng, mistake):
    """Sigmoids for five labels, each label with a weight, each sample with one."""
    X, Y = rng.standard_normal((14, 4)), rng.integers(0, 2, (14, 5)).astype(float)
    label, sample = rng.uniform(0.5, 4, 5), rng.uniform(0.5, 2, 14)
    x0 = {"W": rng.standard_normal((4, 5)), "b": rng.standard_normal(5)}

    def fun(x):
        z = X @ x["W"] + x["b"]
        return np.mean(sample[:, None] * label * (np.logaddexp(0, z) - Y * z))

    def grad(x):
        d = (sigmoid(X @ x["W"] + x["b"]) - Y) * label * sample[:, None] / Y.size
        if mistake == "label weights forgotten":
            d = d / label
        if mistake == "sample weights forgotten":
            d = d / sample[:, None]
        if mistake == "mean over samples only":
            d = d * 5
        if mistake == "squared error's derivative":
            p = sigmoid(X @ x["W"] + x["b"])
            d = d * p * (1 - p)
        if mistake == "one sample twice":
            d[3] *= 2
        if mistake == "targets forgotten":
            d = d + Y * label * sample[:, None] / Y.size
        dW, db = X.T @ d, d.sum(0)
        if mistake == "bias of the first sample":
            db = d[0].copy()
        if mistake == "float32":
            dW, db = dW.astype(np.float32).astype(float), db.astype(np.float32).astype(float)
        return {"W": dW, "b": db}

    return fun, grad, x0


def layer_norm(rng, mistake):
    X, Y = rng.standard_normal((9, 4)), rng.standard_normal((9, 6))
    x0 = {"W": rng.standard_normal((4, 6)), "gain": rng.uniform(0.5, 2, 6), "shift": rng.standard_normal(6)}

    def parts(x):
        z = X @ x["W"]
        sigma = np.sqrt(z.var(axis=1, keepdims=True))
        return (z - z.mean(axis=1, keepdims=True)) / sigma, sigma

    def fun(x):
        return 0.5 * np.sum((x["gain"] * parts(x)[0] + x["shift"] - Y) ** 2)

    def grad(x):
        u, sigma = parts(x)
        r = x["gain"] * u + x["shift"] - Y
        du = r if mistake == "gain left out" else r * x["gain"]
        mean = 0 if mistake == "mean taken as constant" else du.mean(axis=1, keepdims=True)
        spread = 0 if mistake == "variance taken as constant" else u * np.mean(du * u, axis=1, keepdims=True)
        dW = X.T @ ((du - mean - spread) / sigma)
        dgain, dshift = np.sum(r * u, axis=0), r.sum(0)
        if mistake == "gain and shift exchanged":
            dgain, dshift = dshift, dgain
        if mistake == "shift by the gain":
            dshift = dshift * x["gain"]
        if mistake == "shift the same everywhere":
            dshift = np.full(6, r.sum())
        return {"W": dW, "gain": dgain, "shift": dshift}

    return fun, grad, x0


def variational(rng, mistake):
    """An encoder's mu and log variance, the noise held fixed, and a KL term."""
    noise, target, M = rng.standard_normal((3, 4)), rng.standard_normal((3, 6)), rng.standard_normal((4, 6))
    x0 = {"mu": rng.standard_normal((3, 4)), "logvar": 0.5 * rng.standard_normal((3, 4))}

    def fun(x):
        z = x["mu"] + np.exp(0.5 * x["logvar"]) * noise
        divergence = 0.5 * np.sum(np.exp(x["logvar"]) + x["mu"] ** 2 - 1 - x["logvar"])
        return 0.5 * np.sum((np.sin(z) @ M - target) ** 2) + divergence

    def grad(x):
        sd = np.exp(0.5 * x["logvar"])
        z = x["mu"] + sd * noise
        dz = ((np.sin(z) @ M - target) @ M.T) * np.cos(z)
        if mistake == "cosine forgotten":
            dz = dz / np.cos(z)
        dmu, dlog = dz + x["mu"], 0.5 * dz * noise * sd + 0.5 * (sd**2 - 1)
        if mistake == "no divergence in mu":
            dmu = dz
        if mistake == "minus the divergence in mu":
            dmu = dz - x["mu"]
        if mistake == "1 of the divergence forgotten":
            dlog = dlog + 0.5
        if mistake == "no half in the deviation":
            dlog = 2 * dlog
        if mistake == "noise not multiplied":
            dlog = 0.5 * dz * sd + 0.5 * (sd**2 - 1)
        if mistake == "mu's for logvar":
            dlog = dmu.copy()
        return {"mu": dmu, "logvar": dlog}

    return fun, grad, x0


def decomposition(rng, mistake):
    """A tensor as a sum of three products (CP)."""
    T = rng.standard_normal((4, 5, 6))
    x0 = {name: rng.standard_normal((n, 3)) for name, n in (("A", 4), ("B", 5), ("C", 6))}

    def fun(x):
        return 0.5 * np.sum((np.einsum("ir,jr,kr->ijk", x["A"], x["B"], x["C"]) - T) ** 2)

    def grad(x):
        A, B, C = x["A"], x["B"], x["C"]
        E = np.einsum("ir,jr,kr->ijk", A, B, C) - T
        g = {
            "A": np.einsum("ijk,jr,kr->ir", E, B, C),
            "B": np.einsum("ijk,ir,kr->jr", E, A, C),
            "C": np.einsum("ijk,ir,jr->kr", E, A, B),
        }
        if mistake == "components rolled":
            g["B"] = np.roll(g["B"], 1, axis=1)
        if mistake == "unfolded in the other order":
            g["C"] = g["C"].T.reshape(6, 3)
        if mistake == "data forgotten":
            g["A"] = g["A"] + np.einsum("ijk,jr,kr->ir", T, B, C)
        if mistake == "last component not updated":
            g["A"][:, 2] = 0
        if mistake == "sign of one factor":
            g["C"] = -g["C"]
        if mistake == "last slice left out":
            g["B"] = np.einsum("ijk,ir,kr->jr", E[:, :, :-1], A, C[:-1])
        return g

    return fun, grad, x0


# Of each model: mistake -> the kinds that are right, decided before gradcheck was asked.
MODELS = {
    mixture: {
        "hard assignments": ("unknown",),
        "weights instead of logits": ("factors", "missing term"),
        "weights not normalised": ("missing term", "invariance"),
        "means divided by the variance": ("factors",),
        "a mean for a sum": ("factor",),
        "means sorted": ("permuted",),
        "log_s forgotten in the density": ("missing term",),
    },
    pairwise: {
        "losers forgotten": ("missing term",),
        "prior forgotten": ("missing term",),
        "winner and loser exchanged": ("sign", "missing term"),
        "prior halved": ("missing term",),
        "one player skipped": ("zero", "entries"),
    },
    residual_flow: {
        "derivative missing": ("activation derivative",),
        "derivative at the state": ("activation derivative",),
        "A not transposed": ("transposed",),
        "skip connection forgotten": ("missing term",),
        "step length forgotten": ("factor",),
        "A by its transpose": ("transposed",),
    },
    class_weighted: {
        "label weights forgotten": ("factors",),
        "sample weights forgotten": ("unknown", "factors"),
        "mean over samples only": ("factor",),
        "squared error's derivative": ("activation derivative",),
        "one sample twice": ("missing term", "one sample"),
        "targets forgotten": ("missing term",),
        "bias of the first sample": ("one sample",),
        "float32": ("float32",),
    },
    layer_norm: {
        "gain left out": ("factors", "missing term"),
        "mean taken as constant": ("missing term", "invariance"),
        "variance taken as constant": ("missing term", "invariance"),
        "gain and shift exchanged": ("another leaf",),
        "shift by the gain": ("factors",),
        "shift the same everywhere": ("summed",),
    },
    variational: {
        "cosine forgotten": ("activation derivative",),
        "no divergence in mu": ("missing term",),
        "minus the divergence in mu": ("missing term",),
        "1 of the divergence forgotten": ("missing term",),
        "no half in the deviation": ("factor",),
        "noise not multiplied": ("factors", "unknown"),
        "mu's for logvar": ("another leaf",),
    },
    decomposition: {
        "components rolled": ("permuted",),
        "unfolded in the other order": ("transposed",),
        "data forgotten": ("missing term",),
        "last component not updated": ("zero", "entries"),
        "sign of one factor": ("sign",),
        "last slice left out": ("missing term",),
    },
}
