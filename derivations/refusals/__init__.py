"""False statements, and why each is refused.

A prover that accepts everything proves nothing.  Each entry is a mistake that people make: a transpose
forgotten in a square network, f' at the wrong layer, a missing sum, a missing hypothesis.  ``refusal``
returns the reason for which it is refused.  For a false equation both judges must refuse it *on their own*:
the kernel must not find one canonical form, and the instance at small widths must show numbers that differ.
"""

from derivations.refusals.algebra import BATCH, SLOPES, SUMS
from derivations.refusals.grammar import TYPING
from derivations.refusals.heads import HEADS
from derivations.refusals.layers import HIDDEN, PARAMETERS
from derivations.refusals.proofs import PROOFS
from derivations.refusals.statement import Accepted, FalseStatement, refusal

FALSE: tuple[FalseStatement, ...] = (
    *HIDDEN, *PARAMETERS, *HEADS, *SUMS, *SLOPES, *BATCH, *TYPING, *PROOFS,
)  # fmt: skip
"""All false statements, each with a name and the mistake in words."""

__all__ = ["FALSE", "Accepted", "FalseStatement", "refusal"]
