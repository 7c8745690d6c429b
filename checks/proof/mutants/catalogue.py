"""All formula-level mutants: those of this package, and the bugs of `checks.proof.code.planted`."""

import re
from collections.abc import Iterator
from functools import partial

from checks.proof.code.planted import BUGS, planted
from checks.proof.mutants import activation_mutants, head_mutants, network_mutants
from checks.proof.mutants.planting import Mutant


def _planted() -> Iterator[Mutant]:
    for bug in BUGS:
        id = re.sub(r"[^a-z0-9]+", "-", bug.name.lower().replace("f'", "fprime")).strip("-")
        formula = "hidden-delta" if bug.formula == "delta" else bug.formula
        yield Mutant(f"planted-{id}", formula, bug.name, partial(planted, bug), tuple(bug.architectures))


CATALOGUE: dict[str, Mutant] = {
    mutant.id: mutant
    for mutant in (
        *network_mutants.mutants(),
        *head_mutants.mutants(),
        *activation_mutants.mutants(),
        *_planted(),
    )
}
