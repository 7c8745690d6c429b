"""The cases on which checkers are compared: random networks, right gradients, and wrong ones.

Written here once more, small and plain: neither a checker nor the package's own network has a hand
in it. Parameters are a list of arrays [W2, b2, W3, b3, ...]; samples are columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

Parameters = list[np.ndarray]


def sigmoid(z: np.ndarray) -> np.ndarray:
    e = np.exp(-np.where(z > 0, z, -z))
    return np.where(z > 0, 1 / (1 + e), e / (1 + e))


ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    # f(z), and f' from (z, a) the way most people write it
    "tanh": (np.tanh, lambda z, a: 1 - a * a),
    "sigmoid": (sigmoid, lambda z, a: a * (1 - a)),
    "relu": (lambda z: np.where(z > 0, z, 0 * z), lambda z, a: np.where(z > 0, 1.0, 0.0) * np.ones_like(z)),
}


@dataclass(frozen=True)
class Case:
    """A scalar function of a list of arrays, its right gradient, and what is needed to spoil it."""

    name: str
    x0: Parameters
    data: np.ndarray
    target: np.ndarray
    activation: str
    head: str
    loss_scale: float = 1.0
    dtype: Any = np.float64
    mutant: str = ""

    def forward(self, p: Parameters) -> tuple[list[Any], list[Any]]:
        f = ACTIVATIONS[self.activation][0]
        z: list[Any] = [None]
        a: list[Any] = [self.data.astype(self.dtype)]
        layers = len(p) // 2
        for i in range(layers):
            W, b = p[2 * i], p[2 * i + 1]
            if self.dtype != np.float64:
                W, b = W.astype(self.dtype), b.astype(self.dtype)
            z.append(W @ a[-1] + b)
            a.append(z[-1] if i == layers - 1 else f(z[-1]))
        return z, a

    def fun(self, p: Parameters) -> Any:
        _, a = self.forward(p)
        y, N = self.target.astype(self.dtype), self.data.shape[1]
        if self.head == "softmax":
            shifted = a[-1] - np.max(a[-1], axis=0, keepdims=True)
            loss = (np.log(np.sum(np.exp(shifted), axis=0)) - np.sum(y * shifted, axis=0)).sum() / N
        else:
            loss = ((a[-1] - y) ** 2).sum() / (2 * N)
        return loss * self.dtype(self.loss_scale)

    def grad(self, p: Parameters) -> Parameters:
        z, a = self.forward(p)
        y, N, layers = self.target.astype(self.dtype), self.data.shape[1], len(p) // 2
        df = ACTIVATIONS[self.activation][1]
        delta = a[-1] - y
        if self.head == "softmax":
            e = np.exp(a[-1] - np.max(a[-1], axis=0, keepdims=True))
            delta = e / e.sum(axis=0) - y
        if self.mutant == "wrong delta":
            delta = a[-1] - 0.9 * y
        found: Parameters = []
        for i in reversed(range(layers)):
            divisor = 1 if self.mutant == "sum for mean" else N
            dW = delta @ a[i].T / divisor
            db = delta.sum(axis=1, keepdims=True) / divisor
            if self.mutant == "last sample":
                dW, db = delta[:, -1:] @ a[i][:, -1:].T, delta[:, -1:]
            found = [dW, db, *found]
            if i:
                W = p[2 * i].astype(self.dtype)
                back = W @ delta if self.mutant == "transpose" and W.shape[0] == W.shape[1] else W.T @ delta
                slope = df(z[i], a[i])
                if self.mutant == "f'(a)":
                    slope = df(a[i], ACTIVATIONS[self.activation][0](a[i]))
                if self.mutant == "no f'":
                    slope = np.ones_like(z[i])
                delta = back * slope
        factor = {"1/2": 0.5}.get(self.mutant, 1.0) * self.loss_scale
        found = [(g * self.dtype(factor)) for g in found]
        if self.mutant == "zeros":
            found = [0 * g for g in found]
        if self.mutant == "bias":
            found = [0 * g if i % 2 else g for i, g in enumerate(found)]
        if self.mutant == "W1 x 2":
            found[0] = 2 * found[0]
        return found

    def spoiled(self, mutant: str) -> Case:
        return replace(self, mutant=mutant, name=f"{self.name}, {mutant}")

    def with_wrong_entry(self, error: float, rng: np.random.Generator) -> Callable[[Parameters], Parameters]:
        """Return a gradient with one wrong entry, by ``error`` times the norm of a leaf that is alive."""
        alive = [leaf for leaf, g in enumerate(self.grad(self.x0)) if np.any(g)]
        leaf = int(rng.choice(alive))
        entry = int(rng.integers(self.x0[leaf].size))
        sign = float(rng.choice([-1.0, 1.0]))

        def grad(p: Parameters) -> Parameters:
            found = self.grad(p)
            found[leaf] = found[leaf].copy()
            found[leaf].flat[entry] += sign * error * np.linalg.norm(found[leaf])
            return found

        return grad


MUTANTS = ("transpose", "f'(a)", "no f'", "wrong delta", "bias", "1/2", "sum for mean", "zeros")


def network(
    rng: np.random.Generator,
    *,
    activation: str | None = None,
    depth: int | None = None,
    widest: int = 10,
    square: bool = False,
    name: str = "",
    **changes: Any,
) -> Case:
    """Draw a network: depth hidden layers, widths up to ``widest``, a batch, a head."""
    activation = activation or str(rng.choice(["tanh", "sigmoid"]))
    depth = int(rng.integers(1, 4)) if depth is None else depth
    widths = rng.integers(2, widest + 1, size=depth + 2)
    if square:
        widths[1:-1] = widths[1]
    samples = int(rng.integers(2, 9))
    head = str(rng.choice(["softmax", "squares"]))
    x0: Parameters = []
    for n, m in pairwise(widths):
        x0 += [rng.standard_normal((m, n)) / np.sqrt(n), 0.1 * rng.standard_normal((m, 1))]
    data = rng.standard_normal((widths[0], samples))
    target = rng.standard_normal((widths[-1], samples))
    if head == "softmax":
        target = np.eye(widths[-1])[:, rng.integers(widths[-1], size=samples)]
    return Case(name or activation, x0, data, target, activation, head, **changes)


def scaled(case: Case, factor: float) -> Case:
    return replace(case, x0=[factor * p for p in case.x0], name=f"parameters x {factor:g}")


def at_kink(rng: np.random.Generator, units: int, distance: float) -> Case:
    """A relu network some of whose pre-activations are zero, or nearly so, for one sample each."""
    case = network(
        rng, activation="relu", depth=int(rng.integers(1, 3)), name=f"kink, {units} at {distance:g}"
    )
    W, b = case.x0[0], case.x0[1]
    for unit in rng.permutation(W.shape[0])[:units]:
        sample = int(rng.integers(case.data.shape[1]))
        z = W[unit] @ case.data[:, sample]
        b[unit, 0] = -z + distance * rng.standard_normal()
        for _ in range(60):  # rounding leaves a last digit: move the bias until z is exactly zero
            z = (W @ case.data + b)[unit, sample]
            if distance or z == 0:
                break
            b[unit, 0] -= z
    return case


def category(name: str, rng: np.random.Generator) -> Case:
    """Draw a case of a category of the table."""
    smooth = network(rng)
    if name == "smooth":
        return smooth
    if name == "relu":
        return network(rng, activation="relu")
    if name.startswith("parameters x "):
        return scaled(network(rng, activation=str(rng.choice(["tanh", "sigmoid", "relu"]))), float(name[13:]))
    if name.startswith("loss x "):
        return replace(smooth, loss_scale=float(name[7:]), name=name)
    if name == "saturated":
        return replace(scaled(smooth, float(rng.choice([5.0, 20.0, 60.0]))), name=name)
    if name == "exploding":
        deep = network(rng, activation="relu", depth=10)
        return replace(scaled(deep, 3.0), name=name)
    if name == "deep":
        return network(rng, activation="sigmoid", depth=14, widest=8, square=True, name=name)
    if name == "float32 inside":
        return replace(
            network(rng, activation=str(rng.choice(["tanh", "relu"]))), dtype=np.float32, name=name
        )
    if name.startswith("kink"):
        units = {"kink, one exactly": 1, "kink, several exactly": 3}.get(name, int(rng.integers(1, 3)))
        return at_kink(rng, units, 0.0 if "exactly" in name else 1e-7)
    raise ValueError(f"unknown category {name!r}")


RIGHT = (
    "smooth", "relu", "parameters x 1e-4", "parameters x 1e4", "loss x 1e-8", "loss x 1e8", "saturated",
    "exploding",
)  # fmt: skip
KINKS = ("kink, within 1e-7", "kink, one exactly", "kink, several exactly")
