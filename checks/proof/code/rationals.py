"""Over the rationals a central difference is the derivative, exactly: no chain rule in the oracle at all.

With relu, leaky_relu or identity everywhere and half the squared error, J is piecewise quadratic along a line
within one layer (its W, its b or its z), so (J(h) - J(-h)) / 2h is the derivative at 0 as long as no unit
crosses its kink in between: which is decided, exactly, from the signs of all z at both ends. Where a unit
stands on its kink there is no derivative; such entries are counted and reported.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from checks.proof.cases import Case
from checks.proof.code.claims import Claim, claims
from checks.proof.code.row import Progress, Row
from checks.proof.evidence import CodeEvidence
from checks.proof.numbers.rationals import Rationals, random_rationals, rationals
from checks.proof.numbers.ring import LeavesNumberSystem
from dnn import Activation, Architecture, Network

SAMPLES = 2
PIECEWISE_LINEAR = ("identity", "relu", "leaky_relu")


def check(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """Every entry of delta^l, dW^l and db^l against the central difference of the shipped J."""
    row = Row("rationals, central difference", architectures, seed, progress)
    kinks = 0
    for number, architecture in row:
        with row.looking_at(architecture):
            _must_be_piecewise_quadratic(architecture)
            watch = Watch()
            case = random_case(watch.over(architecture), np.random.default_rng((seed, number)))
            for claim in claims(case):
                slopes = {index: _slope(claim, index, watch) for index in np.ndindex(*claim.at.shape)}
                kinks += sum(slope is None for slope in slopes.values())
                _compare(row, claim, {i: slope for i, slope in slopes.items() if slope is not None})
    note = f"{kinks} entries stand on a kink, where there is no derivative" if kinks else ""
    return row.evidence("exact", note, math.inf)


def _compare(row: Row, claim: Claim, slopes: dict[tuple[int, ...], Fraction]) -> None:
    gradient: Any = rationals(claim.gradient).v
    wrong = [index for index, slope in slopes.items() if gradient[index] != slope]
    detail = f"{len(wrong)} of {len(slopes)} entries"
    for index in wrong[:1]:
        entry, found, slope = ", ".join(map(str, index)), float(gradient[index]), float(slopes[index])
        detail += f", entry [{entry}] is {found:.6g} and should be {slope:.6g}"
    row.compare(claim, len(wrong), len(slopes), detail)


def random_case(architecture: Architecture, rng: np.random.Generator) -> Case:
    """Parameters and samples of small quotients."""
    k = architecture.width
    network = Network(
        architecture,
        W={l: random_rationals(rng, k(l), k(l - 1)) for l in architecture.layers},
        b={l: random_rationals(rng, k(l), 1) for l in architecture.layers},
    )
    x, y = (random_rationals(rng, k(l), SAMPLES) for l in (1, architecture.depth))
    return Case(network, x, y)


def _must_be_piecewise_quadratic(architecture: Architecture) -> None:
    activations = [*architecture.hidden, *([architecture.output] if architecture.output else [])]
    for activation in activations:
        if activation.name not in PIECEWISE_LINEAR:
            raise LeavesNumberSystem(f"{activation.name} is not piecewise linear")
    if architecture.head.name != "half_mse":
        raise LeavesNumberSystem(f"{architecture.head.name} leaves the rationals")


class Watch:
    """Remembers every z that meets an activation with a kink, in the order of the run."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def over(self, architecture: Architecture) -> Architecture:
        """The same architecture, watched."""
        output = None if architecture.output is None else self._over(architecture.output)
        hidden = [self._over(activation) for activation in architecture.hidden]
        return Architecture(architecture.widths, hidden, architecture.head.name, output)

    def _over(self, activation: Activation) -> Activation:
        def f(z: Any) -> Any:
            if activation.kinks:
                self.seen.append(z.v)
            return activation.f(z)

        return replace(activation, f=f)

    def run(self, fun: Callable[[Any], Any], at: Rationals) -> tuple[Fraction, list[Any]]:
        """J, and what was seen on the way."""
        self.seen = []
        J = rationals(fun(at)).v.item()
        return J, self.seen


def _slope(claim: Claim, index: tuple[int, ...], watch: Watch) -> Fraction | None:
    """The derivative of J along one entry; None where a unit that this entry moves stands on its kink."""
    _, here = watch.run(claim.fun, claim.at)
    unit = np.zeros(claim.at.shape, dtype=int)
    unit[index] = 1
    h = Fraction(1)
    while True:
        J_right, right = watch.run(claim.fun, claim.at + unit * h)
        J_left, left = watch.run(claim.fun, claim.at - unit * h)
        crossing = _first_crossing(here, left, right)
        if crossing is None:
            return (J_right - J_left) / (2 * h)
        if crossing == 0:
            return None
        h /= 8


def _first_crossing(here: list[Any], left: list[Any], right: list[Any]) -> Fraction | None:
    """None when no unit crosses zero between the ends; else the z at the centre of one that does.

    Layer by layer: as long as no unit before it has crossed, a z is affine between the ends, so opposite
    signs there are a crossing; and a crossing unit that is zero at the centre stands on its kink for every
    smaller h as well.
    """
    for centre, low, high in zip(here, left, right, strict=True):
        crossed = low * high < 0
        if crossed.any():
            return Fraction(min(np.abs(centre[crossed])))
    return None
