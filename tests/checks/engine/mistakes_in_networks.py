"""Mistakes made in backward passes of layers, and what should be said of each."""

from __future__ import annotations

import numpy as np

from .mistakes_in_regressions import sigmoid, softmax

F = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "softplus": (lambda z: np.logaddexp(0, z), sigmoid),
    "leaky relu": (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1.0, 0.1)),
}


def dense(rng, mistake):
    """Three layers, samples in rows; the middle one is square."""
    f, df = F[mistake.split(":")[0]]
    samples = 1 if mistake.endswith("one sample in all") else 8
    X, Y = rng.standard_normal((samples, 4)), rng.standard_normal((samples, 3))
    widths = ((4, 5), (5, 5), (5, 3))
    x0 = {
        "W": [0.7 * rng.standard_normal(s) for s in widths],
        "b": [rng.standard_normal(s[1]) for s in widths],
    }
    buffer = {}

    def forward(x):
        a1 = f(X @ x["W"][0] + x["b"][0])
        z2 = a1 @ x["W"][1] + x["b"][1]
        return a1, z2, f(z2), f(z2) @ x["W"][2] + x["b"][2]

    def fun(x):
        return 0.5 * np.mean(np.sum((forward(x)[3] - Y) ** 2, axis=1))

    def grad(x):
        W, said = x["W"], mistake.split(": ")[1]
        a1, z2, a2, out = forward(x)
        z1 = X @ W[0] + x["b"][0]
        d3 = (out - Y) / samples
        if said == "last sample only":
            d3[:-1] = 0
        slope2, slope1 = df(z2), df(z1)
        if said.startswith("derivative missing"):
            slope2 = 1.0
        if said.startswith("derivative at a"):
            slope1 = df(a1)
        if said == "a for its derivative":
            slope2 = a2
        if said == "1 - a for 1 - a squared":
            slope2 = 1 - a2
        if said == "no slope below zero":
            slope2 = np.where(z2 > 0, 1.0, 0.0)
        d2 = d3 @ W[2].T * slope2
        d1 = d2 @ (W[1] if said == "W not transposed on the way" else W[1].T) * slope1
        if said == "divided by the samples again":
            d1 = d1 / samples
        dW, db = [X.T @ d1, a1.T @ d2, a2.T @ d3], [d1.sum(0), d2.sum(0), d3.sum(0)]
        if said == "output of the layer for its input":
            dW[1] = a2.T @ d2
        if said == "delta and input the wrong way round":
            dW[1] = d2.T @ a1
        if said == "biases of two layers exchanged":
            db[0], db[1] = db[1], db[0]
        if said == "biases are the mean":
            db = [d1.mean(0), d2.mean(0), d3.mean(0)]
        if said == "one bias overwritten":
            db[1][2] = 0.0
        if said == "one list for all biases":
            db[0] = db[1].copy()
        if said == "kept from the first call":
            return buffer.setdefault("kept", {"W": dW, "b": db})
        return {"W": dW, "b": db}

    return fun, grad, x0


def recurrent(rng, mistake):
    steps, X, target = 5, rng.standard_normal((5, 4)), rng.standard_normal(4)
    x0 = {
        "Wx": rng.standard_normal((4, 4)),
        "Wh": 0.6 * rng.standard_normal((4, 4)),
        "b": rng.standard_normal(4),
    }

    def states(x):
        h = [0.5 * np.ones(4)]
        for t in range(steps):
            h.append(np.tanh(x["Wx"] @ X[t] + x["Wh"] @ h[t] + x["b"]))
        return h

    def fun(x):
        return 0.5 * np.sum((states(x)[-1] - target) ** 2)

    def grad(x):
        h = states(x)
        dh, g = h[-1] - target, {name: np.zeros_like(leaf) for name, leaf in x.items()}
        last = {"last step only": steps - 1, "first step forgotten": 1}.get(mistake, 0)
        for t in reversed(range(last, steps)):
            dz = dh * (1 if mistake == "derivative missing" else 1 - h[t + 1] ** 2)
            g["Wx"] += np.outer(dz, X[t])
            g["Wh"] += np.outer(dz, h[t + 1] if mistake == "next state for the last" else h[t])
            g["b"] = dz.copy() if mistake == "bias assigned, not added" else g["b"] + dz
            dh = (x["Wh"] if mistake == "Wh not transposed" else x["Wh"].T) @ dz
        if mistake == "divided by the steps":
            g["Wx"] /= steps
        if mistake == "Wx and Wh exchanged":
            g["Wx"], g["Wh"] = g["Wh"], g["Wx"]
        return g

    return fun, grad, x0


def gates(rng, mistake):
    """Gates i, f, o stacked in W, as in an LSTM."""
    h, v, c = 3, rng.standard_normal(5), rng.standard_normal(3)
    x0 = {"W": rng.standard_normal((9, 5)), "b": rng.standard_normal(9)}

    def parts(x):
        z = x["W"] @ v + x["b"]
        return sigmoid(z[:h]), sigmoid(z[h : 2 * h]), np.tanh(z[2 * h :])

    def fun(x):
        i, f, o = parts(x)
        return np.sum((f * c + i * o) ** 2)

    def grad(x):
        i, f, o = parts(x)
        d = 2 * (f * c + i * o)
        di, df, do = d * o * i * (1 - i), d * c * f * (1 - f), d * i * (1 - o**2)
        if mistake == "no derivative in one gate":
            df = d * c
        if mistake == "one gate forgotten":
            di = 0 * di
        dz = np.concatenate([df, di, do] if mistake == "two gates exchanged" else [di, df, do])
        return {"W": np.outer(dz, v), "b": dz}

    return fun, grad, x0


def convolution(rng, mistake):
    X, target = rng.standard_normal((4, 12, 3)), rng.standard_normal((4, 12, 3))
    padded = np.pad(X, ((0, 0), (2, 2), (0, 0)))
    x0 = {"K": rng.standard_normal((5, 3, 3)), "b": rng.standard_normal(3)}

    def residual(x):
        y = sum(padded[:, k : k + 12] @ x["K"][k] for k in range(5)) + x["b"]
        return np.tanh(y) - target, 1 - np.tanh(y) ** 2

    def fun(x):
        return 0.5 * np.sum(residual(x)[0] ** 2)

    def grad(x):
        r, slope = residual(x)
        d = r * slope
        if mistake == "last position left out":
            d[:, -1] = 0
        off = mistake == "off by one in the padding"
        source = np.pad(padded, ((0, 0), (0, 1), (0, 0)))[:, 1:] if off else padded
        dK = np.stack([np.einsum("ntc,ntd->cd", source[:, k : k + 12], d) for k in range(5)])
        if mistake == "kernel flipped":
            dK = dK[::-1].copy()
        if mistake == "channels exchanged":
            dK = dK.swapaxes(1, 2).copy()
        if mistake == "outermost tap forgotten":
            dK[-1] = 0
        db = d.sum((0, 1))
        return {"K": dK, "b": d.mean((0, 1)) if mistake == "bias by the mean" else db}

    return fun, grad, x0


def batch_norm(rng, mistake):
    X, Y = rng.standard_normal((10, 4)), rng.standard_normal((10, 6))
    x0 = {"W": rng.standard_normal((4, 6)), "gamma": rng.uniform(0.5, 3, 6), "beta": rng.standard_normal(6)}

    def normalised(x):
        z = X @ x["W"]
        return (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5), np.sqrt(z.var(0) + 1e-5), z

    def fun(x):
        return 0.5 * np.sum((np.tanh(x["gamma"] * normalised(x)[0] + x["beta"]) - Y) ** 2)

    def grad(x):
        u, sigma, z = normalised(x)
        a = np.tanh(x["gamma"] * u + x["beta"])
        d = (a - Y) * (1 - a**2)
        du = d if mistake == "gamma left out" else d * x["gamma"]
        if mistake == "statistics taken as constants":
            dz = du / sigma
        elif mistake == "path of the variance forgotten":
            dz = (du - du.mean(0)) / sigma
        else:
            dz = du - du.mean(0) - u * np.mean(du * u, axis=0)
            dz = dz if mistake == "sigma left out" else dz / sigma
            dz = dz / sigma if mistake == "variance for sigma" else dz
        dgamma, dbeta = np.sum(d * u, axis=0), d.sum(0)
        if mistake == "gamma by what is not normalised":
            dgamma = np.sum(d * z, axis=0)
        if mistake == "gamma and beta exchanged":
            dgamma, dbeta = dbeta, dgamma
        if mistake == "beta by the mean":
            dbeta = dbeta / 10
        return {"W": X.T @ dz, "gamma": dgamma, "beta": dbeta}

    return fun, grad, x0


def attention(rng, mistake):
    n, d = 5, 4
    X, Y = rng.standard_normal((n, d)), rng.standard_normal((n, d))
    x0 = {name: rng.standard_normal((d, d)) for name in ("Q", "K", "V", "O")}

    def forward(x):
        q, k, v = X @ x["Q"], X @ x["K"], X @ x["V"]
        P = softmax(q @ k.T / np.sqrt(d))
        return q, k, v, P, P @ v @ x["O"]

    def fun(x):
        return 0.5 * np.sum((forward(x)[4] - Y) ** 2)

    def grad(x):
        q, k, v, P, out = forward(x)
        r = out - Y
        dc = r @ x["O"].T
        dv, dP = (P if mistake == "P not transposed" else P.T) @ dc, dc @ v.T
        dS = (
            P * dP
            if mistake == "softmax without its sum"
            else P * (dP - np.sum(P * dP, axis=1, keepdims=True))
        )
        dS = dS if mistake == "scale left out" else dS / np.sqrt(d)
        dk = (dS if mistake == "scores not transposed" else dS.T) @ q
        g = {"Q": X.T @ (dS @ k), "K": X.T @ dk, "V": X.T @ dv, "O": (P @ v).T @ r}
        if mistake == "Q and K exchanged":
            g["Q"], g["K"] = g["K"], g["Q"]
        if mistake == "output transposed":
            g["O"] = r.T @ (P @ v)
        if mistake == "keys without gradient":
            g["K"] = 0 * g["K"]
        return g

    return fun, grad, x0


def embedding(rng, mistake):
    """Rows of E looked up, some twice, divided by their length."""
    words, target = np.array([0, 3, 3, 5, 1, 6, 6, 6]), rng.standard_normal((8, 4))
    x0 = {"E": rng.standard_normal((8, 4))}

    def fun(x):
        e = x["E"][words]
        return np.sum(target * e / np.sqrt(np.sum(e**2, axis=1, keepdims=True))) + np.sum(e[:, 0] ** 3)

    def grad(x):
        e = x["E"][words]
        length = np.sqrt(np.sum(e**2, axis=1, keepdims=True))
        u = e / length
        d = (
            target
            if mistake == "length taken as constant"
            else target - u * np.sum(u * target, 1, keepdims=True)
        )
        d = d if mistake == "length left out" else d / length
        d[:, 0] += 3 * e[:, 0] ** 2
        g = np.zeros_like(x["E"])
        if mistake == "repeated words assigned, not added":
            g[words] = d
        else:
            np.add.at(g, words, d)
        if mistake == "rows off by one":
            g = np.roll(g, 1, axis=0)
        return {"E": g}

    return fun, grad, x0


def autoencoder(rng, mistake):
    """One W, used to encode and to decode."""
    X, keep = rng.standard_normal((7, 5)), 2.0 * (np.arange(5) % 2)
    x0 = {"W": rng.standard_normal((5, 5)), "c": rng.standard_normal(5)}

    def fun(x):
        return 0.5 * np.sum((np.tanh(X @ x["W"] + x["c"]) * keep @ x["W"].T - X) ** 2)

    def grad(x):
        W = x["W"]
        a = np.tanh(X @ W + x["c"])
        r = a * keep @ W.T - X
        d = r @ W * (1 if mistake == "dropout mask left out" else keep) * (1 - a**2)
        encoder, decoder = X.T @ d, r.T @ (a * keep)
        g = encoder + decoder
        if mistake == "decoder only":
            g = decoder
        if mistake == "encoder only":
            g = encoder
        if mistake == "decoder counted twice":
            g = encoder + 2 * decoder
        if mistake == "decoder transposed":
            g = encoder + decoder.T
        return {"W": g, "c": d.sum(0)}

    return fun, grad, x0


# Of each model: mistake -> the kinds that are right, decided before gradcheck was asked.
NETWORKS = {
    dense: {
        "tanh: kept from the first call": ("stale buffer",),
        "tanh: last sample only": ("one sample",),
        "tanh: derivative missing": ("activation derivative",),
        "sigmoid: derivative missing, one sample in all": ("activation derivative",),
        "sigmoid: derivative at a": ("activation derivative",),
        "tanh: derivative at a, one sample in all": ("activation derivative",),
        "sigmoid: a for its derivative": ("activation derivative",),
        "tanh: 1 - a for 1 - a squared": ("activation derivative",),
        "leaky relu: no slope below zero": ("activation derivative", "missing term"),
        "softplus: derivative missing": ("activation derivative",),
        "tanh: W not transposed on the way": ("transposed",),
        "softplus: divided by the samples again": ("factor",),
        "tanh: output of the layer for its input": ("unknown",),
        "sigmoid: delta and input the wrong way round": ("transposed",),
        "tanh: biases of two layers exchanged": ("another leaf",),
        "leaky relu: biases are the mean": ("factor",),
        "softplus: one bias overwritten": ("entries", "zero"),
        "tanh: one list for all biases": ("another leaf",),
    },
    recurrent: {
        "last step only": ("one sample", "missing term"),
        "first step forgotten": ("one sample", "missing term"),
        "derivative missing": ("activation derivative",),
        "next state for the last": ("unknown",),
        "bias assigned, not added": ("one sample", "missing term"),
        "Wh not transposed": ("transposed",),
        "divided by the steps": ("factor",),
        "Wx and Wh exchanged": ("another leaf",),
    },
    gates: {
        "no derivative in one gate": ("activation derivative",),
        "one gate forgotten": ("zero", "entries"),
        "two gates exchanged": ("permuted",),
    },
    convolution: {
        "last position left out": ("missing term", "one sample"),
        "off by one in the padding": ("permuted",),
        "kernel flipped": ("permuted",),
        "channels exchanged": ("transposed",),
        "outermost tap forgotten": ("zero", "entries"),
        "bias by the mean": ("factor",),
    },
    batch_norm: {
        "gamma left out": ("factors", "another leaf"),
        "statistics taken as constants": ("missing term", "invariance"),
        "path of the variance forgotten": ("missing term", "invariance"),
        "sigma left out": ("factors",),
        "variance for sigma": ("factors",),
        "gamma by what is not normalised": ("unknown",),
        "gamma and beta exchanged": ("another leaf",),
        "beta by the mean": ("factor",),
    },
    attention: {
        "P not transposed": ("transposed",),
        "softmax without its sum": ("missing term",),
        "scale left out": ("factor",),
        "scores not transposed": ("transposed",),
        "Q and K exchanged": ("another leaf",),
        "output transposed": ("transposed",),
        "keys without gradient": ("zero",),
    },
    embedding: {
        "length taken as constant": ("missing term",),
        "length left out": ("factors", "missing term"),
        "repeated words assigned, not added": ("entries", "one sample", "missing term"),
        "rows off by one": ("permuted",),
    },
    autoencoder: {
        "dropout mask left out": ("activation derivative", "factors"),
        "decoder only": ("missing term",),
        "encoder only": ("missing term",),
        "decoder counted twice": ("missing term",),
        "decoder transposed": ("transposed",),
    },
}
