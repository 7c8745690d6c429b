"""Numbers that refute a claim, found by computation.

Equations are refuted by writing both sides out at small widths (``instance``).  The other claims of the source text
are about sizes, signs and frequencies; the searches for those are here, each over an obvious list of candidates.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from derivations import instance
from derivations.enclosure import enclose, point
from derivations.ranges import X, sample
from derivations.setting import Setting
from derivations.terms import Term
from derivations.theorems.activations import activations
from derivations.theorems.flow import growth


@dataclass(frozen=True)
class Counterexample:
    """Where a claim fails: the case in short, what is claimed of it, and what is true of it."""

    case: str
    claimed: str
    true: str


def of_equation(true: Term, claimed: Term, setting: Setting) -> Counterexample:
    """Return widths and a random point at which the claimed right side is wrong.

    Raises
    ------
    LookupError
        When the two sides agree everywhere they were tried: then this is no counterexample at all.
    """
    found = instance.disagreement(true, claimed, setting)
    if found is None:
        raise LookupError(f"no counterexample found to {true} = {claimed}")
    return Counterexample(found.where, f"{found.right:.6g}", f"{found.left:.6g}")


def slope_outside(name: str) -> Counterexample:
    """Return a point at which f' of an activation is certainly below 0 or above 1."""
    activation = activations()[name]
    (piece,) = activation.pieces
    constants = {tensor: point(value) for tensor, value in activation.constants}
    for x in sample(""):
        value = enclose(piece.slope, {X: point(x), **constants})
        if value.lower > 1 or value.upper < 0:
            return Counterexample(f"{name}, x = {x}", "0 ≤ f′(x) ≤ 1", f"f′(x) = {value.lower:.6f}")
    raise LookupError(f"f' of {name} stays between 0 and 1 at every point tried")


def step_that_climbs() -> Counterexample:
    """Return a step size at which the update of J = theta^2 raises the loss."""
    theta = Fraction(1)
    for alpha in (Fraction(n, 4) for n in range(1, 20)):
        moved = theta - alpha * 2 * theta
        if moved**2 > theta**2:
            return Counterexample(
                f"J = θ², θ = {theta}, α = {alpha}", "J(θ − α J′) ≤ J(θ) = 1", f"J = {moved**2}"
            )
    raise LookupError("no step raised the loss")


def kink() -> Counterexample:
    """Return the two slopes of half (relu(z) - y)^2 at z = 0, which differ: there is no derivative there.

    Beside every point the slopes to either side differ; of a smooth function the nearer, the less.
    """
    y = Fraction(1)

    def slope(h: Fraction) -> Fraction:
        there, here = ((max(z, Fraction(0)) - y) ** 2 / 2 for z in (h, Fraction(0)))
        return (there - here) / h

    gap, nearer = (slope(h) - slope(-h) for h in (Fraction(1, 1024), Fraction(1, 2048)))
    if abs(nearer) <= Fraction(3, 4) * abs(gap):
        raise LookupError("the slopes to either side meet")
    right, left = slope(Fraction(1, 1024)), slope(Fraction(-1, 1024))
    return Counterexample(
        "relu, z = 0, y = 1",
        "∂J/∂z exists",
        f"slope {float(left):g} on the left, {float(right):.3f} on the right",
    )


def growth_without_steep_slopes() -> Counterexample:
    """Return weights that make the signal grow although f' = 1 everywhere (f the identity, or relu where it is active)."""
    for factor in (Fraction(n, 2) for n in range(1, 8)):
        times = growth(factor, 20)
        if times > 1000:
            return Counterexample(
                f"f′ = 1, W = {factor} I, 20 layers",
                "‖δ²‖ tiny against ‖δᴸ‖",
                f"‖δ²‖/‖δᴸ‖ = {float(times):.4g}",
            )
    raise LookupError("no growth found")


def growth_with_ordinary_weights() -> Counterexample:
    """Return weights near 1 that make the signal explode."""
    for hundredths in range(100, 200, 5):
        factor = Fraction(hundredths, 100)
        times = growth(factor, 100)
        if times > 10_000:
            return Counterexample(
                f"f′ = 1, W = {float(factor)} I, 100 layers",
                "explodes only with very large weights",
                f"factor {float(times):.4g}",
            )
    raise LookupError("no explosion found")


def explosions(scale: float, *, width: int = 8, layers: int = 30, networks: int = 40, seed: int = 1) -> float:
    """Return the share of random linear networks whose error signal grows more than a thousandfold.

    Parameters
    ----------
    scale : float
        Weights are normal with standard deviation ``scale / sqrt(width)``; at 1 the expected squared length stays.
    """
    draw = random.Random(seed)
    grown = 0
    for _ in range(networks):
        signal = [draw.gauss(0, 1) for _ in range(width)]
        start = math.hypot(*signal)
        for _ in range(layers - 1):
            signal = [
                math.fsum(draw.gauss(0, scale / math.sqrt(width)) * v for v in signal) for _ in range(width)
            ]
        grown += math.hypot(*signal) > 1000 * start
    return grown / networks


def improbable_explosion() -> Counterexample:
    """Return the smallest scale of weights tried at which most random networks explode."""
    shares = []
    for scale in (0.5, 1.0, 1.25, 1.5, 2.0):
        share = explosions(scale)
        shares.append(f"{share:.0%} at scale {scale:g}")
        if share > 0.5:
            return Counterexample(
                "random weights, 30 layers of width 8", "explosion is improbable", ", ".join(shares)
            )
    raise LookupError("explosion stayed improbable")


def vanishing_maximum_norm() -> Counterexample:
    """Return a matrix whose transpose stretches a vector, in the maximum norm, by more than the matrix's own norm."""
    W = ((1, 1), (0, 0))  # rows; its maximum norm is the largest row sum
    for candidate in (((1, 0), (0, 1)), W, ((1, 0), (1, 0))):
        norm = max(sum(map(abs, row)) for row in candidate)
        for v in ((1, 1), (1, -1), (1, 0), (0, 1)):
            carried = tuple(sum(candidate[i][p] * v[i] for i in range(2)) for p in range(2))
            if max(map(abs, carried)) > norm * max(map(abs, v)):
                return Counterexample(
                    f"W = {candidate}, δ = {v}",
                    f"‖Wᵀδ‖∞ ≤ ‖W‖∞ ‖δ‖∞ = {norm * max(map(abs, v))}",
                    f"‖Wᵀδ‖∞ = {max(map(abs, carried))}",
                )
    raise LookupError("no such matrix among the candidates")


Search = Callable[[], Counterexample]
