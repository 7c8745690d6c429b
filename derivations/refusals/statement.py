"""A false statement, and the reason for which it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivations import instance
from derivations.proof import ProofError
from derivations.setting import Setting
from derivations.terms import (
    RangeMismatch,
    Term,
    UnsupportedExpression,
)

Equation = tuple[Term, Term, Setting]


@dataclass(frozen=True)
class FalseStatement:
    """A false equation (``equation``), or something that must not be built (``build``)."""

    id: str
    mistake: str
    equation: Callable[[], Equation] | None = None
    build: Callable[[], object] | None = None


class Accepted(AssertionError):  # noqa: N818
    """A false statement was accepted: the prover is broken."""


def refusal(statement: FalseStatement) -> str:
    """Return the reason for which a false statement is refused.

    Raises
    ------
    Accepted
        When it is not refused, or refused by only one of the two judges.
    """
    if statement.equation is not None:
        left, right, setting = statement.equation()
        if setting.equal(left, right):
            raise Accepted(f"the kernel accepts {statement.id}: {left} = {right}")
        shown = instance.disagreement(left, right, setting)
        if shown is None:
            raise Accepted(f"no counterexample to {statement.id}: {left} = {right}")
        return f"the canonical forms differ; {shown}"
    assert statement.build is not None
    try:
        statement.build()
    except (ProofError, RangeMismatch, UnsupportedExpression) as reason:
        return f"{type(reason).__name__}: {reason}"
    raise Accepted(f"{statement.id} was built")
