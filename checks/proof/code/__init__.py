"""The oracles: one file each, running the shipped network in a number system of its own.

from checks.proof.code import ORACLES
for name, oracle in ORACLES.items():
row = oracle.run("quick", seed=0)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from checks.proof.code import balls, complex_step, dual, field, outside, rationals, symbols
from checks.proof.code.drawn import drawn
from checks.proof.code.planted import BUGS, Bug, Cell, Check, look, planted, table, table_text
from checks.proof.code.row import Progress
from checks.proof.evidence import CodeEvidence
from checks.strategies import activations, architectures
from dnn import Architecture

Profile = Literal["quick", "ci", "nightly"]


@dataclass(frozen=True)
class Oracle:
    """An oracle and how much it is given to look at.

    Parameters
    ----------
    check : callable
        ``check(architectures, *, seed, progress=None) -> CodeEvidence``.
    architectures : strategy
        Those that it is drawn.
    sizes : mapping
        How many of them in each profile.
    always : sequence of Architecture
        Looked at in every profile, beside the drawn ones.
    """

    check: Check
    architectures: st.SearchStrategy[Architecture]
    sizes: Mapping[Profile, int]
    always: tuple[Architecture, ...] = ()

    def run(self, profile: Profile, *, seed: int, progress: Progress | None = None) -> CodeEvidence:
        """The oracle's row: the same one for the same profile and seed."""
        networks = [*self.always, *drawn(self.architectures, self.sizes[profile], seed)]
        return self.check(networks, seed=seed, progress=progress)


def _sizes(quick: int, ci: int, nightly: int) -> dict[Profile, int]:
    return {"quick": quick, "ci": ci, "nightly": nightly}


DIGITS = Architecture((64, 32, 32, 10), "tanh", "softmax_cross_entropy")
DIGITS_RELU = Architecture((64, 32, 32, 10), "relu", "softmax_cross_entropy")
SMALL = architectures(max_depth=4, max_width=3)
PIECEWISE_QUADRATIC = architectures(
    max_depth=4,
    max_width=4,
    heads=["half_mse"],
    activations=activations(rationals.PIECEWISE_LINEAR),
)
ANY = architectures(max_depth=6, max_width=8)
FOR_SKLEARN = st.builds(
    lambda hidden, f: Architecture((64, *hidden, 10), f, "softmax_cross_entropy"),
    st.lists(st.integers(1, 16), min_size=1, max_size=3),
    activations(tuple(outside.SKLEARN)),
)

ORACLES: dict[str, Oracle] = {
    "symbols": Oracle(symbols.check, SMALL, _sizes(12, 60, 1000)),
    "field-opaque": Oracle(field.check_opaque, ANY, _sizes(12, 60, 1000), (DIGITS,)),
    "field": Oracle(field.check_shipped, ANY, _sizes(12, 60, 1000), (DIGITS,)),
    "rationals": Oracle(rationals.check, PIECEWISE_QUADRATIC, _sizes(6, 40, 500)),
    "balls": Oracle(balls.check, ANY, _sizes(8, 40, 500), (DIGITS,)),
    "dual": Oracle(dual.check, ANY, _sizes(12, 60, 1000), (DIGITS, DIGITS_RELU)),
    "complex-step": Oracle(complex_step.check, ANY, _sizes(12, 60, 1000), (DIGITS, DIGITS_RELU)),
    "torch": Oracle(outside.check_torch, ANY, _sizes(6, 30, 300), (DIGITS,)),
    "jax": Oracle(outside.check_jax, ANY, _sizes(1, 3, 60), (DIGITS,)),
    "autograd": Oracle(outside.check_autograd, ANY, _sizes(6, 30, 300), (DIGITS,)),
    "scikit-learn": Oracle(outside.check_sklearn, FOR_SKLEARN, _sizes(2, 8, 100), (DIGITS,)),
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
