"""Numerical mutants: one entry of a right gradient is off, by less and less, until no oracle sees it.

The size is relative to the norm of the array that holds the entry, the unit of gradcheck's own promise. Every
case is a fresh network; finite differences and forward mode are asked as a user asks them, and the number
systems by the shipped backward pass with the error planted in it. The rationals, which are exact, see every
size.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checks import gradcheck
from checks.proof.campaign.tally import upper_bound
from checks.proof.cases import Case
from checks.proof.code import dual, rationals
from checks.proof.code.floats import float_case
from checks.proof.mutants.planting import set_to
from checks.proof.numbers.rationals import Rationals
from dnn import Architecture, Gradients, Network

SIZES = tuple(10.0**-n for n in range(3, 13))
SMOOTH = Architecture((3, 4, 4, 2), "tanh", "softmax_cross_entropy")
EXACT = Architecture((1, 2, 1, 1), "leaky_relu", "half_mse")


@dataclass(frozen=True)
class Detection:
    """How often an error of one size was caught.

    Parameters
    ----------
    size : float
        Relative to the norm of the array that holds the wrong entry.
    caught, of : int
    """

    size: float
    caught: int
    of: int

    @property
    def missed_at_most(self) -> float:
        """The probability of a miss, by its upper confidence bound."""
        return upper_bound(self.of - self.caught, self.of)

    def to_dict(self) -> dict[str, Any]:
        """Return the row for the JSON file."""
        return {
            "size": self.size,
            "caught": self.caught,
            "of": self.of,
            "missed_at_most": self.missed_at_most,
        }


def perturbed(gradients: Gradients, l: int, place: int, size: float) -> Gradients:
    """The same gradients, one entry of dW^l off by `size` of its norm."""
    dW = gradients.dW[l].copy()
    dW.flat[place % dW.size] += size * float(np.linalg.norm(dW))
    return gradients._replace(dW={**gradients.dW, l: dW})


def by_gradcheck(method: str) -> Callable[[Case, int, int, float], bool]:
    """Ask gradcheck, by one of its methods, about all parameters."""

    def caught(case: Case, l: int, place: int, size: float) -> bool:
        def at(p: Any) -> Network:
            return replace(case.network, W=p["W"], b=p["b"])

        def grad(p: Any) -> Any:
            wrong = perturbed(case.gradients(at(p)), l, place, size)
            return {"W": wrong.dW, "b": wrong.db}

        parameters = {"W": dict(case.network.W), "b": dict(case.network.b)}
        report = gradcheck(
            lambda p: at(p).loss(case.x, case.y), grad, parameters, method=method, raise_exception=False
        )
        return bool(report.verdict == "FAIL")

    return caught


def by_dual_numbers(case: Case, l: int, place: int, size: float) -> bool:
    """Ask dual numbers, whose bar is the proved rounding error, about the shipped backward pass."""
    with _wrong_backward(l, place, size):
        return bool(dual.check([case.network.architecture], seed=place).failures)


def by_rationals(case: Case, l: int, place: int, size: float) -> bool:
    """Ask the rationals, where numbers of about one are off by `size` and every comparison is exact."""
    with _wrong_backward(l, place, size):
        return bool(rationals.check([EXACT], seed=place).failures)


@contextmanager
def _wrong_backward(l: int, place: int, size: float) -> Iterator[None]:
    right = Network.backward

    def backward(self: Network, trace: Any, y: Any) -> Gradients:
        found = right(self, trace, y)
        if isinstance(found.dW[l], np.ndarray):
            return perturbed(found, l, place, size)
        if not isinstance(found.dW[l], Rationals):
            return found  # the bars of `dual` are those of the right gradient
        off = np.zeros(found.dW[l].shape)
        off.flat[place % off.size] = size
        return found._replace(dW={**found.dW, l: found.dW[l] + off})

    with set_to(Network, "backward", backward):
        yield


METHODS: dict[str, Callable[[Case, int, int, float], bool]] = {
    "finite differences": by_gradcheck("finite differences"),
    "forward mode": by_gradcheck("forward mode"),
    "dual numbers": by_dual_numbers,
    "rationals": by_rationals,
}


def detection(method: str, size: float, cases: int, seed: int) -> Detection:
    """Measure one point of a curve.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    size : float
    cases : int
        Networks, the same ones for each method and size.
    seed : int
    """
    return Detection(size, sum(_once(METHODS[method], seed, n, size) for n in range(cases)), cases)


def _once(catches: Callable[..., bool], seed: int, n: int, size: float) -> bool:
    rng = np.random.default_rng((seed, n))
    l, place = int(rng.choice(list(SMOOTH.layers))), int(rng.integers(2**16))
    return catches(float_case(SMOOTH, (seed, n)), l, place, size)
