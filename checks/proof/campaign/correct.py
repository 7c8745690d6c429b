"""Gradients that are right, of functions of many kinds: an alarm on one of them is a false alarm.

Each problem is reproducible from the seed and its own number alone; its kind is the number modulo the kinds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checks import Report, gradcheck, jaccheck, vjpcheck
from checks.proof.cases import Case, random_architecture
from checks.strategies import random_network, random_samples
from dnn import Architecture
from dnn.activations import Array

Function = Callable[..., Any]


@dataclass(frozen=True)
class Problem:
    """A function with a derivative that is right, and where to look.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    name : str
        What a reader needs to know of it.
    fun, grad : callable
        As `check` takes them.
    x0 : array or containers of arrays
    check : callable, optional
        `checks.gradcheck` unless given.
    """

    kind: str
    name: str
    fun: Function
    grad: Function
    x0: Any
    check: Callable[..., Report] = gradcheck


def correct(seed: int, number: int) -> Problem:
    """Return the problem that `seed` and `number` stand for."""
    kind = tuple(KINDS)[number % len(KINDS)]
    return KINDS[kind](kind, np.random.default_rng((seed, number)))


def of_network(kind: str, case: Case) -> Problem:
    """J of a network as a function of all its parameters, with the shipped backward pass."""
    network, x, y = case.network, case.x, case.y

    def moved(p: dict[str, dict[int, Array]]) -> Any:
        return replace(network, W=p["W"], b=p["b"])

    def gradient(p: dict[str, dict[int, Array]]) -> dict[str, dict[int, Array]]:
        at = moved(p)
        gradients = at.backward(at.forward(x), y)
        return {"W": gradients.dW, "b": gradients.db}

    x0 = {"W": dict(network.W), "b": dict(network.b)}
    return Problem(kind, str(case), lambda p: moved(p).loss(x, y), gradient, x0)


def random_case(rng: np.random.Generator, architecture: Architecture) -> Case:
    """A network of this architecture with up to five samples."""
    network = random_network(architecture, int(rng.integers(2**32)))
    x, y = random_samples(architecture, int(rng.integers(1, 6)), int(rng.integers(2**32)))
    return Case(network, x, y)


def network(kind: str, rng: np.random.Generator) -> Problem:
    """Any activations, any head, ordinary weights."""
    return of_network(kind, random_case(rng, random_architecture(rng)))


def float32(kind: str, rng: np.random.Generator) -> Problem:
    """The same in single precision."""
    case = random_case(rng, random_architecture(rng))
    W, b = ({l: p.astype(np.float32) for l, p in of.items()} for of in (case.network.W, case.network.b))
    x, y = case.x.astype(np.float32), case.y.astype(np.float32)
    if case.network.architecture.head.name == "softmax_cross_entropy":
        y = (np.round(case.y * 1024) / 1024).astype(np.float32)  # so that they sum to one
        y[-1] = 1 - y[:-1].sum(axis=0)
    return of_network(kind, Case(replace(case.network, W=W, b=b), x, y))


def badly_scaled(kind: str, rng: np.random.Generator) -> Problem:
    """Each layer's parameters, and the inputs, larger or smaller by up to a thousand."""
    case = random_case(rng, random_architecture(rng, max_depth=4))
    factor = {l: 10 ** rng.uniform(-3, 3) for l in case.network.architecture.layers}
    W = {l: p * factor[l] for l, p in case.network.W.items()}
    b = {l: p * factor[l] for l, p in case.network.b.items()}
    return of_network(
        kind, replace(case, network=replace(case.network, W=W, b=b), x=case.x * 10 ** rng.uniform(-3, 3))
    )


def vanishing(kind: str, rng: np.random.Generator) -> Problem:
    """Deep, narrow and saturating: the first layers' gradients are far below the rounding of J."""
    L = int(rng.integers(6, 13))
    widths = [int(k) for k in rng.integers(1, 5, L)]
    f = str(rng.choice(["sigmoid", "tanh"]))
    return of_network(kind, random_case(rng, Architecture(widths, f, "half_mse", "identity")))


def saturated(kind: str, rng: np.random.Generator) -> Problem:
    """Units so far out that f' is lost to rounding, 1 - a^2 or a (1 - a) having few digits left."""
    depth = int(rng.integers(3, 6))
    widths = [int(k) for k in rng.integers(2, 9, depth)]
    case = random_case(
        rng, Architecture(widths, str(rng.choice(["sigmoid", "tanh"])), "half_mse", "identity")
    )
    factor = float(rng.choice([5.0, 20.0, 60.0]))
    W, b = ({l: factor * p for l, p in of.items()} for of in (case.network.W, case.network.b))
    return of_network(kind, replace(case, network=replace(case.network, W=W, b=b)))


def kinked(kind: str, rng: np.random.Generator) -> Problem:
    """One unit at, or beside, the kink of its activation; integers, so that zero is hit exactly."""
    depth = int(rng.integers(3, 5))
    widths = [int(k) for k in rng.integers(1, 6, depth)]
    f = str(rng.choice(["relu", "leaky_relu"]))
    case = random_case(rng, Architecture(widths, f, "half_mse", "identity"))
    W = {l: np.round(4 * p) / 4 for l, p in case.network.W.items()}
    b = {l: np.round(4 * p) / 4 for l, p in case.network.b.items()}
    x = np.round(4 * case.x) / 4
    z = replace(case.network, W=W, b=b).forward(x).z
    l = int(rng.integers(2, depth))
    unit, sample = int(rng.integers(widths[l - 1])), int(rng.integers(x.shape[1]))
    beside = float(rng.choice([0.0, 1.0, -1.0])) * 10 ** rng.uniform(-12, -2)
    b[l][unit] -= z[l][unit, sample] - beside
    return of_network(kind, replace(case, network=replace(case.network, W=W, b=b), x=x))


def vector_jacobian(kind: str, rng: np.random.Generator) -> Problem:
    """One layer, or one activation, as a function with array results."""
    k, n, N = (int(size) for size in rng.integers(1, 8, 3))
    W, a = rng.standard_normal((k, n)), rng.standard_normal((n, N))
    which = int(rng.integers(3))
    if which == 0:
        return Problem(kind, f"a -> W a, {k} x {n} x {N}", lambda a: W @ a, lambda a, u: W.T @ u, a, vjpcheck)
    if which == 1:
        return Problem(kind, f"W -> W a, {k} x {n} x {N}", lambda W: W @ a, lambda W, u: u @ a.T, W, vjpcheck)
    name, g, dg = SMOOTH[int(rng.integers(len(SMOOTH)))]
    return Problem(kind, f"z -> {name}, {n} x {N}", g, lambda z, u: u * dg(z), a, vjpcheck)


def jacobian(kind: str, rng: np.random.Generator) -> Problem:
    """x -> g(A x + b), whose Jacobian is diag(g'(A x + b)) A."""
    k, n = (int(size) for size in rng.integers(1, 8, 2))
    A, b, x = rng.standard_normal((k, n)), rng.standard_normal(k), rng.standard_normal(n)
    name, g, dg = SMOOTH[int(rng.integers(len(SMOOTH)))]
    jac = lambda x: dg(A @ x + b)[:, None] * A  # noqa: E731
    return Problem(kind, f"{name} of A x + b, {k} x {n}", lambda x: g(A @ x + b), jac, x, jaccheck)


def ridges(kind: str, rng: np.random.Generator) -> Problem:
    """f(x) = sum_i c_i g_i(A x + b)_i, each g_i another smooth function."""
    x0, A, b, c, terms = _ridges(rng)

    def fun(x: Array) -> Any:
        t = A @ x + b
        return sum(c[i] * g(t[i]) for i, (_, g, _) in enumerate(terms))

    def grad(x: Array) -> Array:
        t = A @ x + b
        return sum(c[i] * dg(t[i]) * A[i] for i, (_, _, dg) in enumerate(terms))

    return Problem(
        kind, f"a sum of {', '.join(name for name, _, _ in terms)} in {len(x0)} variables", fun, grad, x0
    )


def offset(kind: str, rng: np.random.Generator) -> Problem:
    """The same, plus a constant up to a million times its value, which is then subtracted: fun is noisy."""
    ridge = ridges(kind, rng)
    constant = ridge.fun(ridge.x0) * 10 ** rng.uniform(0, 6)
    name = f"{ridge.name}, {constant:+.3g} {-constant:+.3g}"
    return replace(ridge, name=name, fun=lambda x: (ridge.fun(x) + constant) - constant)


def products(kind: str, rng: np.random.Generator) -> Problem:
    """f(x) = g(p(x)) q(x), p and q sums of ridges: the chain rule and the product rule; finite at x0."""
    p, q = ridges(kind, rng), ridges(kind, rng)
    n = min(len(p.x0), len(q.x0))
    name, g, dg = SMOOTH[int(rng.integers(len(SMOOTH)))]
    pad_p, pad_q = p.x0[n:], q.x0[n:]

    def both(x: Array) -> tuple[Array, Array]:
        return np.concatenate([x, pad_p]), np.concatenate([x, pad_q])

    def fun(x: Array) -> Any:
        xp, xq = both(x)
        return g(p.fun(xp)) * q.fun(xq)

    def grad(x: Array) -> Array:
        xp, xq = both(x)
        value = p.fun(xp)
        return dg(value) * q.fun(xq) * p.grad(xp)[:n] + g(value) * q.grad(xq)[:n]

    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(fun(p.x0[:n])):  # exp(exp(t)) is soon too large
            return products(kind, rng)
    return Problem(kind, f"{name} of ({p.name}) times ({q.name})", fun, grad, p.x0[:n].copy())


def classic(kind: str, rng: np.random.Generator) -> Problem:
    """Textbook objectives: Rosenbrock, a quadratic form, log-sum-exp, a Gaussian log-likelihood."""
    n = int(rng.integers(2, 12))
    x, A, b = rng.standard_normal(n), rng.standard_normal((n, n)), rng.standard_normal(n)
    H = A @ A.T

    def rosenbrock(x: Array) -> Any:
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def rosenbrock_gradient(x: Array) -> Array:
        gap = x[1:] - x[:-1] ** 2
        first = np.concatenate([-400 * x[:-1] * gap - 2 * (1 - x[:-1]), [0.0]])
        return first + np.concatenate([[0.0], 200 * gap])

    def softmax(x: Array) -> Array:
        e = np.exp(A @ x - (A @ x).max())
        return e / e.sum()

    def likelihood(p: dict[str, Array]) -> Any:
        return np.sum(p["rho"] + 0.5 * (b - p["mu"]) ** 2 * np.exp(-2 * p["rho"]))

    def likelihood_gradient(p: dict[str, Array]) -> dict[str, Array]:
        weight = np.exp(-2 * p["rho"])
        return {"mu": (p["mu"] - b) * weight, "rho": 1 - (b - p["mu"]) ** 2 * weight}

    gaussian = {"mu": x, "rho": rng.standard_normal(n)}
    name, fun, grad, x0 = (
        ("Rosenbrock", rosenbrock, rosenbrock_gradient, x),
        ("a quadratic form", lambda x: 0.5 * (x @ H @ x) - b @ x, lambda x: H @ x - b, x),
        ("log-sum-exp", lambda x: np.log(np.sum(np.exp(A @ x))), lambda x: A.T @ softmax(x), x),
        ("a Gaussian log-likelihood", likelihood, likelihood_gradient, gaussian),
    )[int(rng.integers(4))]
    return Problem(kind, f"{name} in {n} variables", fun, grad, x0)


SMOOTH: tuple[tuple[str, Function, Function], ...] = (
    ("sin", np.sin, np.cos),
    ("cos", np.cos, lambda t: -np.sin(t)),
    ("exp", np.exp, np.exp),
    ("tanh", np.tanh, lambda t: 1 / np.cosh(t) ** 2),
    ("arctan", np.arctan, lambda t: 1 / (1 + t**2)),
    ("t^2", lambda t: t**2, lambda t: 2 * t),
    ("t^3", lambda t: t**3, lambda t: 3 * t**2),
    ("1 / (1 + t^2)", lambda t: 1 / (1 + t**2), lambda t: -2 * t / (1 + t**2) ** 2),
    ("sqrt(1 + t^2)", lambda t: np.sqrt(1 + t**2), lambda t: t / np.sqrt(1 + t**2)),
    ("log(1 + t^2)", lambda t: np.log1p(t**2), lambda t: 2 * t / (1 + t**2)),
    ("exp(-t^2)", lambda t: np.exp(-(t**2)), lambda t: -2 * t * np.exp(-(t**2))),
    ("sin(10 t)", lambda t: np.sin(10 * t), lambda t: 10 * np.cos(10 * t)),
)
"""Name, g and its derivative g', elementwise and smooth on the whole line."""


def _ridges(
    rng: np.random.Generator,
) -> tuple[Array, Array, Array, Array, list[tuple[str, Function, Function]]]:
    n, terms = int(rng.integers(1, 9)), int(rng.integers(1, 5))
    chosen = [SMOOTH[int(i)] for i in rng.integers(len(SMOOTH), size=terms)]
    return (rng.standard_normal(n), rng.standard_normal((terms, n)), rng.standard_normal(terms),
            rng.standard_normal(terms), chosen)  # fmt: skip


KINDS: dict[str, Callable[[str, np.random.Generator], Problem]] = {
    "networks": network,
    "float32 networks": float32,
    "badly scaled networks": badly_scaled,
    "vanishing networks": vanishing,
    "saturated networks": saturated,
    "kinked networks": kinked,
    "vector-Jacobian products": vector_jacobian,
    "Jacobians": jacobian,
    "sums of ridges": ridges,
    "noise": offset,
    "products": products,
    "classics": classic,
}
"""Each kind of function and what draws one."""
