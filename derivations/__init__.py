"""The equations of backpropagation, derived and machine-checked.

    >>> import derivations
    >>> proved = derivations.theorem("hidden-delta")       # builds the proof and checks every step
    >>> print(derivations.render.text.render(proved))      # doctest: +SKIP

A ``Theorem`` cannot be built with a false step: to hold one is to hold its proof.  What is trusted is
``kernel.py`` and what its docstring lists, no more.
"""

from derivations import render
from derivations.catalogue import UnknownTheorem, identifiers, theorem
from derivations.formula import Formula, instantiate
from derivations.proof import ProofError, Theorem
from derivations.terms import RangeMismatch, UnsupportedExpression

__all__ = [
    "Formula",
    "ProofError",
    "RangeMismatch",
    "Theorem",
    "UnknownTheorem",
    "UnsupportedExpression",
    "identifiers",
    "instantiate",
    "render",
    "theorem",
]
