"""The tests of claims that a mutant is no mistake: exact equality, never a tolerance.

A quotient of polynomials that is equal at a random point of GF(2^61 - 1), its exponentials opaque, is equal,
except with a probability of about its degree over 2^61 (`checks.proof.code.field`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from checks.proof.code.field import random_case
from checks.proof.mutants.planting import rebuilt
from checks.proof.numbers.field import Field
from dnn import ACTIVATIONS, Architecture, update

if TYPE_CHECKING:
    from checks.proof.mutants.planting import Mutant

POINTS, SAMPLES = 3, 2


def same_over_the_field(mutant: "Mutant") -> bool:
    """Whether z, a, J, delta, dW and db are equal in every entry, at random points of the field."""
    return _same(mutant, _passes)


def same_update(mutant: "Mutant") -> bool:
    """Whether the updated W and b are, too."""
    return _same(mutant, _updated)


def same_bound(mutant: "Mutant") -> bool:
    """Whether sup|f'| is the same number for each shipped activation: the only ones whose range is known."""
    before = {name: f.derivative_range.magnitude for name, f in ACTIVATIONS.items()}
    with mutant.plant():
        return before == {name: f.derivative_range.magnitude for name, f in ACTIVATIONS.items()}


def _same(mutant: "Mutant", numbers: Callable[[Architecture, int], list[Any]]) -> bool:
    for architecture in mutant.architectures:
        for point in range(POINTS):
            before = numbers(rebuilt(architecture), point)
            with mutant.plant():
                after = numbers(rebuilt(architecture), point)
            if not all(np.array_equal(b.v, a.v) for b, a in zip(before, after, strict=True)):
                return False
    return True


def _passes(architecture: Architecture, point: int) -> list[Any]:
    case = random_case(architecture, Field(point), SAMPLES)
    trace = case.network.forward(case.x)
    gradients = case.network.backward(trace, case.y)
    found = [array for layers in (*trace, *gradients) for array in layers.values()]
    return [*found, case.network.loss(case.x, case.y)]


def _updated(architecture: Architecture, point: int) -> list[Any]:
    case = random_case(architecture, Field(point), SAMPLES)
    new = update(case.network, case.gradients(case.network), 3)
    return [*new.W.values(), *new.b.values()]
