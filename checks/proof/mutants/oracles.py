"""The columns of the matrix: each oracle, asked about one network."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from checks import KinkWarning, gradcheck
from checks.proof import code
from checks.proof.cases import Case
from checks.proof.code.floats import float_case
from checks.proof.code.planted import Check
from checks.proof.equations import EQUATIONS, OUTER_PRODUCT, Comparison, Equation
from checks.proof.mutants.planting import rebuilt
from checks.proof.reference import U
from checks.strategies import random_samples
from dnn import Architecture, Network, gradient_flow

Outcome = Literal["caught", "missed", "not applicable"]


@dataclass(frozen=True)
class Sight:
    """What one oracle saw of one network.

    Parameters
    ----------
    outcome : {"caught", "missed", "not applicable"}
    said : str
        Its first failure, or why it does not apply.
    """

    outcome: Outcome
    said: str = ""


Oracle = Callable[[Architecture, int], Sight]
"""``oracle(architecture, seed)``."""


def _equation(equation: Equation, architecture: Architecture, seed: int) -> Sight:
    """Put one equation to the test; its first failure ends it."""
    case = _case(architecture, seed, equation)
    if not equation.applies(case):
        return Sight("not applicable", "the equation says nothing of this architecture")
    compared = 0
    for comparison in equation.check(case):
        if comparison.fails:
            return Sight("caught", comparison.detail or comparison.quantity)
        compared += comparison.entries if comparison.holds else 0
    return Sight("missed") if compared else Sight("not applicable", "undecided")


def _case(architecture: Architecture, seed: int, equation: Equation) -> Case:
    if equation is BOUND_ATTAINED:
        return _stretching_case(architecture, seed)
    return float_case(architecture, (seed, 0))


def _number_system(check: Check, architecture: Architecture, seed: int) -> Sight:
    row = check([architecture], seed=seed)
    if row.failures:
        return Sight("caught", row.failures[0])
    return Sight("missed") if row.identities else Sight("not applicable", row.note)


def _gradcheck(architecture: Architecture, seed: int) -> Sight:
    """All parameters at once, as a user would call it."""
    case = float_case(architecture, (seed, 0))

    def at(parameters: Any) -> Network:
        return replace(case.network, W=parameters["W"], b=parameters["b"])

    def grad(parameters: Any) -> Any:
        found = case.gradients(at(parameters))
        return {"W": found.dW, "b": found.db}

    parameters = {"W": dict(case.network.W), "b": dict(case.network.b)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KinkWarning)
        report = gradcheck(lambda p: at(p).loss(case.x, case.y), grad, parameters, raise_exception=False)
    if report.verdict == "FAIL":
        return Sight("caught", str(report.worst))
    return Sight("missed") if report.verdict == "PASS" else Sight("not applicable", str(report.verdict))


def _bound_attained(case: Case) -> Iterator[Comparison]:
    """||delta^l|| is the proved bound, not only below it, where every layer stretches as far as it can."""
    widths = case.network.architecture.widths
    for row in reversed(gradient_flow(case.network, case.x, case.y)[:-1]):
        bar = 2 * U * sum(8 * k + 8 for k in widths) * row.bound
        detail = f"||delta^{row.layer}|| = {row.delta}, and the bound that it should attain is {row.bound}"
        yield Comparison(f"||delta^{row.layer}||", row.layer, 1, abs(row.delta - row.bound) / bar, detail)


def _stretching_case(architecture: Architecture, seed: int) -> Case:
    """W^l = (1 + l/10) Q, Q^T Q = I, and b^l puts z^l where f' is largest, z = 0: one sample three times."""
    rng, k = np.random.default_rng(seed), architecture.width
    wide = (max(architecture.widths),) * 2
    Q = {l: np.linalg.qr(rng.standard_normal(wide))[0][: k(l), : k(l - 1)] for l in architecture.layers}
    W = {l: (1 + l / 10) * Q[l] for l in architecture.layers}
    b: dict[int, Any] = {}
    x, y = (np.repeat(values, 3, axis=1) for values in random_samples(architecture, 1, seed))
    a = x[:, :1]
    for l in architecture.layers:
        b[l] = -W[l] @ a
        a = architecture.activation(l).f(0 * b[l]) if l < architecture.depth else a
    return Case(Network(architecture, W, b), x, y)


STEEPEST_AT_ZERO = ("identity", "sigmoid", "tanh")

BOUND_ATTAINED = Equation(
    "exploding-gradient",
    "||delta^l|| = prod ||W|| prod sup|f'| ||delta^L|| for W^l = (1 + l/10) Q, Q^T Q = I",
    _bound_attained,
    lambda case: (
        len(set(case.network.architecture.widths)) == 1
        and case.network.architecture.depth > 2
        and all(f.name in STEEPEST_AT_ZERO for f in case.network.architecture.hidden)
    ),
)

NOT_OF_DNN = ("linear-derivative-input", "linear-derivative-matrix")
"""Equations of plain matrices: no line of dnn takes part, so no mutant of dnn can show in them."""

OUTSIDE = ("torch", "jax", "autograd", "scikit-learn")
"""Engines that are not everywhere: `checks.proof.code.table` sets bugs before them."""

ORACLES: dict[str, Oracle] = {
    "gradcheck": _gradcheck,
    **{id: partial(_equation, equation) for id, equation in EQUATIONS.items() if id not in NOT_OF_DNN},
    "exploding-gradient": partial(_equation, BOUND_ATTAINED),
    "delta a^T by oracles alone": partial(_equation, OUTER_PRODUCT),
    **{
        name: partial(_number_system, oracle.check)
        for name, oracle in code.ORACLES.items()
        if name not in OUTSIDE
    },
}


def look(oracle: str, architectures: tuple[Architecture, ...], seed: int) -> Sight:
    """Show an oracle one network after the other, until one gives the mutant away.

    Whatever the code under test raises gives it away as well.
    """
    missed = Sight("not applicable", "no network for it")
    for architecture in map(rebuilt, architectures):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore", RuntimeWarning)
                sight = ORACLES[oracle](architecture, seed)
        except Exception as error:  # a mutant may break anything
            return Sight("caught", f"{type(error).__name__}: {' '.join(str(error).split())}")
        if sight.outcome == "caught":
            return sight
        if sight.outcome == "missed" or missed.said == "no network for it":
            missed = sight
    return missed
