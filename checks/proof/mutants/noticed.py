"""Would it have been noticed? Each wrong formula before one oracle after the other, until one catches it.

The matrix asks every oracle about every mutant and takes a minute; this takes seconds, so `gradproof prove`
can say each time that its own checks would have failed.
"""

from dataclasses import dataclass
from typing import Any

from checks.proof.mutants.catalogue import CATALOGUE
from checks.proof.mutants.oracles import ORACLES, look
from checks.proof.mutants.planting import Mutant
from checks.proof.progress import Progress, silent
from dnn import Architecture

CHEAP = (
    "exploding-gradient", "vanishing-gradient", "forward", "sigmoid-cross-entropy-delta",
    "softmax-cross-entropy-delta", "half-mse-delta", "activation-derivatives", "balls", "update-descends",
)  # fmt: skip
CHEAP_FIRST = (*CHEAP, *(name for name in ORACLES if name not in CHEAP))


@dataclass(frozen=True)
class Noticed:
    """What came of the wrong formulas that were planted.

    Parameters
    ----------
    total : int
        How many were planted.
    caught : int
        By an oracle that finds nothing wrong with dnn as shipped on the same networks.
    equivalent : int
        Shown to be no mistake.
    survivors : tuple of str
        The rest.
    """

    total: int = 0
    caught: int = 0
    equivalent: int = 0
    survivors: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the counts for the JSON file."""
        return {
            "total": self.total,
            "caught": self.caught,
            "equivalent": self.equivalent,
            "survivors": len(self.survivors),
        }


NONE_PLANTED = Noticed()


def survey(seed: int = 0, progress: Progress = silent) -> Noticed:
    """Plant the whole catalogue, one by one.

    Parameters
    ----------
    seed : int, optional
        Of weights and samples.
    progress : callable, optional
    """
    caught, equivalent, survivors = 0, 0, []
    silent: dict[tuple[str, tuple[Architecture, ...]], bool] = {}
    for number, mutant in enumerate(CATALOGUE.values()):
        progress(f"wrong formula {mutant.id}", number, len(CATALOGUE))
        if mutant.equivalent is not None and mutant.equivalent.shown(mutant):
            equivalent += 1
        elif mutant.equivalent is None and any(_catches(name, mutant, seed, silent) for name in CHEAP_FIRST):
            caught += 1
        else:
            survivors.append(mutant.id)
    return Noticed(len(CATALOGUE), caught, equivalent, tuple(survivors))


def _catches(
    oracle: str, mutant: Mutant, seed: int, silent: dict[tuple[str, tuple[Architecture, ...]], bool]
) -> bool:
    """Whether it tells the mutant from dnn as shipped: one that accuses both tells nothing."""
    with mutant.plant():
        accused = look(oracle, mutant.architectures, seed).outcome == "caught"
    key = oracle, mutant.architectures
    if accused and key not in silent:
        silent[key] = look(oracle, mutant.architectures, seed).outcome != "caught"
    return accused and silent[key]
