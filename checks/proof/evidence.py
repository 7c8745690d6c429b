"""What was checked and what came of it: the rows that `gradproof prove`, pytest and the JSON file share."""

import math
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

SCHEMA = 1
"""Version of the JSON files; raised whenever a key changes its meaning."""


Status = Literal["holds", "fails", "not applicable"]


@dataclass(frozen=True)
class CodeEvidence:
    """What one oracle saw of the shipped code: one row of the table.

    Parameters
    ----------
    oracle : str
        Which oracle, in the reader's words: ``"finite field, opaque f and f'"``.
    architectures : int
        How many networks it looked at.
    identities : int
        How many numbers of `dnn` it compared with its own.
    failures : tuple of str
        One line each, naming layer, formula and architecture; empty when all holds.
    bound : str
        What the row promises, computed from this run: the largest error over its bar, a probability, ulps.
    seconds : float
    note : str
        Why the oracle did not apply, what to install, or what it cannot see.
    strength : float, optional
        The bound as a number, larger is stronger: -log10 of the relative error, or of the probability, that
        the row may have missed. Infinite for an exact comparison; None where the row promises neither.
    """

    oracle: str
    architectures: int
    identities: int
    failures: tuple[str, ...]
    bound: str
    seconds: float
    note: str = ""
    strength: float | None = None

    @property
    def status(self) -> Status:
        """``fails`` with any failure; ``not applicable`` when nothing was compared; else ``holds``."""
        if self.failures:
            return "fails"
        return "holds" if self.identities else "not applicable"

    def to_dict(self) -> dict[str, Any]:
        """Return the row for the JSON file."""
        strength = EXACT if self.strength == math.inf else self.strength
        return {
            **asdict(self),
            "failures": list(self.failures),
            "strength": strength,
            "status": self.status,
        }


EXACT = "exact"
"""How JSON, which has no infinity, says that nothing may have been missed."""


def digits(missed: float) -> float | None:
    """Return the strength of a row that may have missed this much, None for one that tells nothing."""
    return -math.log10(missed) if missed else None


def read_strength(written: float | str | None) -> float | None:
    """Return the strength that a JSON file tells."""
    return math.inf if written == EXACT else None if written is None else float(written)


@dataclass(frozen=True)
class TheoremEvidence:
    """One theorem, checked again in this run.

    Parameters
    ----------
    id : str
    steps : int
        How many steps were re-checked.
    seconds : float
    refused : str
        Why the proof was refused; empty when it stands.
    """

    id: str
    steps: int
    seconds: float
    refused: str = ""

    @property
    def status(self) -> Literal["proven", "refuted"]:
        """``proven`` when every step was accepted."""
        return "refuted" if self.refused or not self.steps else "proven"

    def to_dict(self) -> dict[str, Any]:
        """Return the row for the JSON file."""
        row: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "steps": self.steps,
            "seconds": self.seconds,
        }
        return row | ({"refused": self.refused} if self.refused else {})


def versions() -> dict[str, str]:
    """Return the versions of all that took part."""
    found = {"python": platform.python_version()}
    for name in ("gradproof", "numpy", "sympy", "hypothesis", "python-flint"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
