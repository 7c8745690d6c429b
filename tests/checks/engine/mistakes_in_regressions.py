"""Mistakes made in gradients of regressions and likelihoods, and what should be said of each."""

from __future__ import annotations

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def logistic_regression(rng, mistake):
    X, y, penalty = rng.standard_normal((20, 7)), rng.integers(0, 2, 20), 0.1
    x0 = {"w": rng.standard_normal(7), "c": rng.standard_normal(1)}

    def fun(x):
        z = X @ x["w"] + x["c"]
        return np.mean(np.logaddexp(0, z) - y * z) + 0.5 * penalty * np.sum(x["w"] ** 2)

    def grad(x):
        p = sigmoid(X @ x["w"] + x["c"])
        delta = y - p if mistake == "labels minus predictions" else p - y
        dw, dc = X.T @ delta / 20, np.array([delta.mean()])
        if mistake == "predictions without a sigmoid":
            dw = X.T @ (X @ x["w"] + x["c"] - y) / 20
        if mistake == "sum for mean in w":
            dw = dw * 20
        dw = dw + {"no penalty": 0, "twice the penalty": 2}.get(mistake, 1) * penalty * x["w"]
        if mistake == "intercept forgotten":
            dc = 0 * dc
        if mistake == "minus the whole":
            dw, dc = -dw, -dc
        return {"w": dw, "c": dc}

    return fun, grad, x0


def softmax_regression(rng, mistake):
    X, y = rng.standard_normal((15, 5)), np.eye(4)[rng.integers(0, 4, 15)]
    x0 = {"W": rng.standard_normal((5, 4)), "b": rng.standard_normal(4)}

    def fun(x):
        return -np.mean(np.sum(y * np.log(softmax(X @ x["W"] + x["b"])), axis=1))

    def grad(x):
        p = softmax(X @ x["W"] + x["b"])
        delta = (p - y) / 15
        if mistake == "the derivative of softmax once more":
            delta = delta * p * (1 - p)
        if mistake == "labels not subtracted":
            delta = p / 15
        if mistake == "the true class only":
            delta = delta * y
        dW, db = X.T @ delta, delta.sum(0)
        if mistake == "bias by the mean":
            db = delta.mean(0)
        if mistake == "bias summed over everything":
            db = np.full(4, np.abs(delta).sum())
        if mistake == "weights read in the other order":
            dW = (delta.T @ X).reshape(5, 4)
        if mistake == "last class forgotten":
            dW[:, -1] = 0
        if mistake == "last sample only":
            dW, db = np.outer(X[-1], delta[-1]), delta[-1].copy()
        if mistake == "computed in float32":
            dW = (X.T.astype(np.float32) @ delta.astype(np.float32)).astype(float)
        if mistake == "first sample skipped":
            dW, db = X[1:].T @ delta[1:], delta[1:].sum(0)
        return {"W": dW, "b": db}

    return fun, grad, x0


def linear_regression(rng, mistake):
    """Several targets; features divided by their spread inside fun."""
    X, Y = rng.standard_normal((12, 6)) * np.arange(1, 7), rng.standard_normal((12, 4))
    spread, weight = X.std(0), rng.uniform(0.5, 2, 4)
    x0 = rng.standard_normal((6, 4))

    def fun(W):
        return 0.5 * np.sum(weight * (X / spread @ W - Y) ** 2)

    def grad(W):
        delta, Z = weight * (X / spread @ W - Y), X / spread
        if mistake == "features not divided":
            Z = X
        if mistake == "targets not weighted":
            delta = delta / weight
        if mistake == "targets forgotten":
            delta = weight * (Z @ W)
        g = Z.T @ delta
        return {"a 2 too much": 2 * g, "a step": -0.01 * g, "mean for sum": g / 12}.get(mistake, g)

    return fun, grad, x0


def poisson_regression(rng, mistake):
    X, exposure = rng.standard_normal((25, 6)), rng.uniform(0.5, 3, 25)
    y = rng.poisson(2, 25)
    x0 = 0.3 * rng.standard_normal(6)

    def fun(beta):
        z = X @ beta
        return np.sum(exposure * np.exp(z) - y * z) + 0.7 * np.sum(np.abs(beta))

    def grad(beta):
        rate = exposure * np.exp(X @ beta)
        g = X.T @ (rate - y) + (0 if mistake == "no lasso" else 0.7 * np.sign(beta))
        if mistake == "lasso as a ridge":
            g = X.T @ (rate - y) + 0.7 * beta
        if mistake == "exposure forgotten":
            g = X.T @ (rate / exposure - y) + 0.7 * np.sign(beta)
        if mistake == "log likelihood":
            g = -g
        if mistake == "coefficients in reverse":
            g = g[::-1].copy()
        return g

    return fun, grad, x0


def gaussian(rng, mistake):
    data = rng.standard_normal((30, 6)) * np.arange(1, 7) / 3 + 1
    x0 = {"mu": rng.standard_normal(6), "log_sigma": 0.5 * rng.standard_normal(6)}

    def fun(x):
        u = (data - x["mu"]) / np.exp(x["log_sigma"])
        return np.sum(0.5 * u**2) + 30 * np.sum(x["log_sigma"])

    def grad(x):
        sigma = np.exp(x["log_sigma"])
        u = (data - x["mu"]) / sigma
        dmu, dlog = -np.sum(u / sigma, axis=0), 30 - np.sum(u**2, axis=0)
        if mistake == "by sigma instead of its logarithm":
            dlog = dlog / sigma
        if mistake == "log determinant forgotten":
            dlog = dlog - 30
        if mistake == "log determinant of one sample":
            dlog = dlog - 29
        if mistake == "mean not divided by sigma":
            dmu = dmu * sigma
        if mistake == "mean with the wrong sign":
            dmu = -dmu
        if mistake == "the two exchanged":
            dmu, dlog = dlog, dmu
        return {"mu": dmu, "log_sigma": dlog}

    return fun, grad, x0


def covariance(rng, mistake):
    """A precision matrix and its Cholesky factor; the upper triangle of L is not used."""
    data = rng.standard_normal((20, 5))
    x0 = np.tril(rng.standard_normal((5, 5)) * 0.3) + 2 * np.eye(5) + np.triu(rng.standard_normal((5, 5)), 1)

    def fun(x):
        L = np.tril(x)
        return 0.5 * np.sum((data @ L) ** 2) - 20 * np.sum(np.log(np.diag(x)))

    def grad(x):
        g = data.T @ (data @ np.tril(x))
        if mistake == "triangle not cut":
            return g - np.diag(20 / np.diag(x))
        if mistake == "determinant forgotten":
            return np.tril(g)
        g = np.tril(g) - np.diag(20 / np.diag(x))
        if mistake == "below the diagonal doubled":
            return g + np.tril(g, -1)
        if mistake == "upper triangle":
            return g.T.copy()
        return g

    return fun, grad, x0


def matrix_factorisation(rng, mistake):
    n = 6
    R, seen = rng.standard_normal((n, n)), rng.random((n, n)) < 0.7
    x0 = {"U": rng.standard_normal((n, 3)), "V": rng.standard_normal((n, 3))}

    def fun(x):
        E = seen * (x["U"] @ x["V"].T - R)
        return np.sum(E**2) + 0.2 * np.sum(x["U"] ** 2) + 0.3 * np.sum(x["V"] ** 2)

    def grad(x):
        U, V = x["U"], x["V"]
        E = U @ V.T - R if mistake == "unseen counted" else seen * (U @ V.T - R)
        dU, dV = 2 * E @ V + 0.4 * U, 2 * E.T @ U + 0.6 * V
        if mistake == "penalty of the other":
            dU = 2 * E @ V + 0.6 * U
        if mistake == "penalty without its 2":
            dV = 2 * E.T @ U + 0.3 * V
        if mistake == "E not transposed":
            dV = 2 * E @ U + 0.6 * V
        if mistake == "2 of the square forgotten in E":
            dU = E @ V + 0.4 * U
        if mistake == "U already stepped":
            dV = 2 * E.T @ (U - 0.1 * dU) + 0.6 * V
        if mistake == "U and V exchanged":
            dU, dV = dV, dU
        return {"U": dU, "V": dV}

    return fun, grad, x0


def quadratic_form(rng, mistake):
    A, b = rng.standard_normal((8, 8)), rng.standard_normal(8)

    def fun(x):
        return 0.5 * x @ A @ x + b @ x

    def grad(x):
        if mistake == "A taken as symmetric":
            return A @ x + b
        return 0.5 * (A + A.T) @ x + (0 if mistake == "linear term forgotten" else b)

    return fun, grad, rng.standard_normal(8)


def kernel_regression(rng, mistake):
    """Weights alpha of a Gaussian kernel, and log length scales."""
    X, y = rng.standard_normal((10, 6)), rng.standard_normal(10)
    x0 = {"alpha": rng.standard_normal(10), "log_l": 0.2 * rng.standard_normal(6) + 0.5}

    def kernel(log_l):
        D = (X[:, None] - X[None]) ** 2 / np.exp(log_l) ** 2
        return np.exp(-0.5 * D.sum(-1)), D

    def fun(x):
        K, _ = kernel(x["log_l"])
        return 0.5 * np.sum((K @ x["alpha"] - y) ** 2) + 0.05 * x["alpha"] @ K @ x["alpha"]

    def grad(x):
        K, D = kernel(x["log_l"])
        alpha, r = x["alpha"], K @ x["alpha"] - y
        dalpha = K @ r + 0.1 * K @ alpha
        dK = np.outer(r, alpha) + 0.05 * np.outer(alpha, alpha)
        dl = np.einsum("ij,ij,ijd->d", dK, K, D)
        if mistake == "ridge of a plain regression":
            dalpha = K @ r + 0.1 * alpha
        if mistake == "kernel left out":
            dalpha = r + 0.1 * alpha
        if mistake == "by the length, not its logarithm":
            dl = dl / np.exp(x["log_l"])
        if mistake == "2 of the square in the exponent":
            dl = dl * 2
        if mistake == "length scales treated as fixed":
            dl = 0 * dl
        return {"alpha": dalpha, "log_l": dl}

    return fun, grad, x0


# Of each model: mistake -> the kinds that are right, decided before gradcheck was asked.
REGRESSIONS = {
    logistic_regression: {
        "labels minus predictions": ("sign", "missing term"),
        "predictions without a sigmoid": ("activation derivative", "unknown"),
        "sum for mean in w": ("factor", "missing term"),
        "no penalty": ("missing term",),
        "twice the penalty": ("missing term",),
        "intercept forgotten": ("zero",),
        "minus the whole": ("sign",),
    },
    softmax_regression: {
        "the derivative of softmax once more": ("activation derivative",),
        "labels not subtracted": ("missing term",),
        "the true class only": ("missing term",),
        "bias by the mean": ("factor",),
        "bias summed over everything": ("summed",),
        "weights read in the other order": ("transposed",),
        "last class forgotten": ("zero", "entries"),
        "last sample only": ("one sample",),
        "computed in float32": ("float32",),
        "first sample skipped": ("missing term", "one sample"),
    },
    linear_regression: {
        "features not divided": ("factors",),
        "targets not weighted": ("factors",),
        "targets forgotten": ("missing term",),
        "a 2 too much": ("factor",),
        "a step": ("factor",),
        "mean for sum": ("factor",),
    },
    poisson_regression: {
        "no lasso": ("missing term",),
        "lasso as a ridge": ("missing term",),
        "exposure forgotten": ("factors", "unknown"),
        "log likelihood": ("sign",),
        "coefficients in reverse": ("permuted",),
    },
    gaussian: {
        "by sigma instead of its logarithm": ("factors",),
        "log determinant forgotten": ("missing term",),
        "log determinant of one sample": ("missing term",),
        "mean not divided by sigma": ("factors",),
        "mean with the wrong sign": ("sign",),
        "the two exchanged": ("another leaf",),
    },
    covariance: {
        "triangle not cut": ("entries",),
        "determinant forgotten": ("missing term", "entries"),
        "below the diagonal doubled": ("entries", "factor"),
        "upper triangle": ("transposed",),
    },
    matrix_factorisation: {
        "unseen counted": ("missing term",),
        "penalty of the other": ("missing term",),
        "penalty without its 2": ("missing term",),
        "E not transposed": ("transposed", "unknown"),
        "2 of the square forgotten in E": ("factor", "missing term"),
        "U already stepped": ("unknown",),
        "U and V exchanged": ("another leaf",),
    },
    quadratic_form: {
        "A taken as symmetric": ("transposed", "missing term"),
        "linear term forgotten": ("missing term",),
    },
    kernel_regression: {
        "ridge of a plain regression": ("unknown",),
        "kernel left out": ("unknown",),
        "by the length, not its logarithm": ("factors",),
        "2 of the square in the exponent": ("factor",),
        "length scales treated as fixed": ("zero",),
    },
}
