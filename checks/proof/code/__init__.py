"""The oracles: one file each, running the shipped network in a number system of its own.

from checks.proof.code import ORACLES
for name, oracle in ORACLES.items():
row = oracle.run("quick", seed=0)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from checks.proof.code import balls, complex_step, dual, field, outside, rationals, symbols
from checks.proof.code.drawn import Draw, anything, drawn, on_digits, piecewise, small
from checks.proof.code.planted import BUGS, Bug, Cell, Check, look, planted, table, table_text
from checks.proof.code.row import Progress
from checks.proof.evidence import CodeEvidence
from dnn import Architecture

Profile = Literal["quick", "ci", "nightly"]


@dataclass(frozen=True)
class Oracle:
    """An oracle and how much it is given to look at.

    Parameters
    ----------
    check : callable
        ``check(architectures, *, seed, progress=None) -> CodeEvidence``.
    architecture : callable
        Draws one that it can take from a generator.
    sizes : mapping
        How many of them in each profile.
    always : sequence of Architecture
        Looked at in every profile, beside the drawn ones.
    """

    check: Check
    architecture: Draw
    sizes: Mapping[Profile, int]
    always: tuple[Architecture, ...] = ()

    def run(self, profile: Profile, *, seed: int, progress: Progress | None = None) -> CodeEvidence:
        """The oracle's row: the same one for the same profile and seed."""
        networks = [*self.always, *drawn(self.architecture, self.sizes[profile], seed)]
        return self.check(networks, seed=seed, progress=progress)


def _sizes(quick: int, ci: int, nightly: int) -> dict[Profile, int]:
    return {"quick": quick, "ci": ci, "nightly": nightly}


DIGITS = Architecture((64, 32, 32, 10), "tanh", "softmax_cross_entropy")
DIGITS_RELU = Architecture((64, 32, 32, 10), "relu", "softmax_cross_entropy")

ORACLES: dict[str, Oracle] = {
    "symbols": Oracle(symbols.check, small, _sizes(12, 60, 1000)),
    "field-opaque": Oracle(field.check_opaque, anything, _sizes(12, 60, 1000), (DIGITS,)),
    "field": Oracle(field.check_shipped, anything, _sizes(12, 60, 1000), (DIGITS,)),
    "rationals": Oracle(rationals.check, piecewise(rationals.PIECEWISE_LINEAR), _sizes(6, 40, 500)),
    "balls": Oracle(balls.check, anything, _sizes(8, 40, 500), (DIGITS,)),
    "dual": Oracle(dual.check, anything, _sizes(12, 60, 1000), (DIGITS, DIGITS_RELU)),
    "complex-step": Oracle(complex_step.check, anything, _sizes(12, 60, 1000), (DIGITS, DIGITS_RELU)),
    "torch": Oracle(outside.check_torch, anything, _sizes(6, 30, 300), (DIGITS,)),
    "jax": Oracle(outside.check_jax, anything, _sizes(1, 3, 60), (DIGITS,)),
    "autograd": Oracle(outside.check_autograd, anything, _sizes(6, 30, 300), (DIGITS,)),
    "scikit-learn": Oracle(
        outside.check_sklearn, on_digits(tuple(outside.SKLEARN)), _sizes(2, 8, 100), (DIGITS,)
    ),
}

__all__ = [
    "BUGS",
    "ORACLES",
    "Bug",
    "Cell",
    "Oracle",
    "Profile",
    "drawn",
    "look",
    "planted",
    "table",
    "table_text",
]
