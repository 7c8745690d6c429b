"""Which theorems there are, and how to get one."""

from __future__ import annotations

import difflib

from derivations.proof import Theorem
from derivations.theorems import BUILDERS
from derivations.theorems.titles import TITLES


class UnknownTheorem(KeyError):  # noqa: N818
    """No theorem has this id; the message suggests the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0])


def identifiers() -> tuple[str, ...]:
    """Return the ids of all theorems, in the order in which a reader needs them."""
    return tuple(BUILDERS)


def listing(lang: str = "en") -> str:
    """Return one line for each theorem, its id and its title, without proving anything."""
    widest = max(map(len, BUILDERS))
    return "\n".join(f"{id:{widest}}  {title[lang]}" for id, title in TITLES.items()) + "\n"


def theorem(id: str) -> Theorem:
    """Build the theorem ``id`` and check it, now.

    Raises
    ------
    UnknownTheorem
        When there is no such theorem.
    ProofError
        When a step is false; a false theorem is never returned.
    """
    if id not in BUILDERS:
        near = difflib.get_close_matches(str(id), BUILDERS, n=3, cutoff=0.4) or sorted(BUILDERS)[:3]
        raise UnknownTheorem(f"there is no theorem {id!r}; did you mean {' or '.join(near)}?")
    return BUILDERS[id]()
