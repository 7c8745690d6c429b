"""The main job: derive every theorem again, and hold the shipped code against every oracle that applies.

When all holds, every wrong formula is planted, to see that it would not have held then.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

import derivations
from checks.proof import code, derived
from checks.proof.cases import Case, random_cases
from checks.proof.code import network_protocol
from checks.proof.equations import BACKWARD, EQUATIONS, OUTER_PRODUCT, Comparison, Equation, crashed
from checks.proof.evidence import SCHEMA, CodeEvidence, TheoremEvidence, digits, versions
from checks.proof.mutants.noticed import NONE_PLANTED, Noticed, survey
from checks.proof.progress import Progress, parts, silent
from dnn import Architecture, Network, fit, load_digits


@dataclass(frozen=True)
class Profile:
    """How much is looked at."""

    architectures: int
    """Random networks for each equation."""
    small: int
    """Small random networks, where every entry is looked at or every formula compiled."""
    digits: int
    """Samples of real data."""
    epochs: int
    """Of training on them."""


PROFILES: dict[code.Profile, Profile] = {
    "quick": Profile(architectures=20, small=4, digits=20, epochs=3),
    "ci": Profile(architectures=100, small=20, digits=50, epochs=5),
    "nightly": Profile(architectures=2000, small=300, digits=200, epochs=10),
}


@dataclass(frozen=True)
class Proof:
    """All the evidence of one run.

    Parameters
    ----------
    theorems : tuple of TheoremEvidence
    code : tuple of CodeEvidence
    profile : str
    seed : int
    seconds : float
    network : str
        Whose code was looked at, ``MODULE:CLASS``; empty for the shipped one.
    mutants : Noticed
        The wrong formulas that were planted: none in somebody else's code, and none in code that is wrong.
    """

    theorems: tuple[TheoremEvidence, ...]
    code: tuple[CodeEvidence, ...]
    profile: str
    seed: int
    seconds: float
    network: str = ""
    mutants: Noticed = NONE_PLANTED

    @property
    def verdict(self) -> str:
        """``FAIL`` with any failure or survivor; ``INCONCLUSIVE`` when nothing was checked; else ``PASS``."""
        if any(t.status == "refuted" for t in self.theorems) or any(c.failures for c in self.code):
            return "FAIL"
        if self.mutants.survivors:
            return "FAIL"
        checked = (self.theorems or self.network) and any(c.identities for c in self.code)
        return "PASS" if checked else "INCONCLUSIVE"

    def to_dict(self) -> dict[str, Any]:
        """Return what `gradproof prove --json` writes."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "theorems": [theorem.to_dict() for theorem in self.theorems],
            "code": [row.to_dict() for row in self.code],
            "mutants": self.mutants.to_dict(),
            "versions": versions(),
            "seed": self.seed,
            "profile": self.profile,
            "seconds": self.seconds,
            "network": self.network or "dnn",
        }


def prove(profile: code.Profile = "quick", seed: int = 0, progress: Progress = silent) -> Proof:
    """Check everything.

    Parameters
    ----------
    profile : {"quick", "ci", "nightly"}
    seed : int
        Every architecture, weight and sample follows from it.
    progress : callable, optional

    Returns
    -------
    Proof
    """
    size, start = PROFILES[profile], time.perf_counter()
    # the theorems, each row, and the planted formulas
    told = parts(progress, 1 + len(EQUATIONS) + 1 + 1 + 2 + len(code.ORACLES) + 1)
    theorems = tuple(theorem_rows(next(told)))
    rows = [*equation_rows(size, seed, told), derived_row(size, seed, next(told))]
    rows += [*digit_rows(size, seed, told), *number_system_rows(profile, seed, told)]
    proof = Proof(theorems, tuple(rows), profile, seed, 0.0)
    planted = survey(seed, next(told)) if proof.verdict == "PASS" else NONE_PLANTED
    return replace(proof, mutants=planted, seconds=time.perf_counter() - start)


def prove_network(target: str, seed: int = 0, progress: Progress = silent) -> Proof:
    """Let every oracle that applies look at somebody else's network.

    Parameters
    ----------
    target : str
        ``MODULE:CLASS``; see `checks.proof.code.network_protocol`.
    seed : int
    progress : callable, optional

    Raises
    ------
    ProtocolError
        Where the network cannot be made or does not keep to the protocol.
    """
    start = time.perf_counter()
    rows = network_protocol.check_network(network_protocol.load(target), seed=seed, progress=progress)
    return Proof((), tuple(rows), "", seed, time.perf_counter() - start, target)


def theorem_rows(progress: Progress) -> Iterator[TheoremEvidence]:
    """Derive each theorem again."""
    ids = derivations.identifiers()
    for number, id in enumerate(ids):
        progress(f"theorem {id}", number, len(ids))
        start = time.perf_counter()
        try:
            steps, refused = len(derivations.theorem(id).steps), ""
        except derivations.ProofError as error:
            steps, refused = 0, str(error)
        yield TheoremEvidence(id, steps, time.perf_counter() - start, refused)


def equation_rows(size: Profile, seed: int, told: Iterator[Progress]) -> Iterator[CodeEvidence]:
    """Each equation on random architectures of its own."""
    for number, equation in enumerate(EQUATIONS.values()):
        cases = islice(filter(equation.applies, random_cases(2**62, seed, number)), size.architectures)
        yield equation_row(equation, cases, size.architectures, next(told))
    small = random_cases(size.small, seed, len(EQUATIONS))
    yield equation_row(OUTER_PRODUCT, small, size.small, next(told))


def equation_row(equation: Equation, cases: Iterable[Case], of: int, progress: Progress) -> CodeEvidence:
    """Run one equation on many cases."""
    start, tally = time.perf_counter(), Tally()
    for number, case in enumerate(cases):
        progress(equation.formula, number, of)
        tally.add(case, equation.comparisons(case))
    return tally.row(f"{equation.id}: {equation.formula}", time.perf_counter() - start)


def derived_row(size: Profile, seed: int, progress: Progress) -> CodeEvidence:
    """The theorems' own right sides as the backward pass, against the same numerical derivatives."""
    start, tally = time.perf_counter(), Tally()
    for number, case in enumerate(random_cases(size.small, seed, len(EQUATIONS) + 1, max_width=3)):
        progress("the theorems' right sides as a backward pass", number, size.small)
        on_trial = replace(case, backward=derived.backward)
        for id in BACKWARD:
            if EQUATIONS[id].applies(case):
                tally.add(on_trial, EQUATIONS[id].comparisons(on_trial))
    return tally.row("theorems: their right sides, compiled, as a backward pass", time.perf_counter() - start)


def number_system_rows(profile: code.Profile, seed: int, told: Iterator[Progress]) -> Iterator[CodeEvidence]:
    """The shipped lines themselves in other number systems, and in other people's hands."""
    for name, oracle in code.ORACLES.items():
        yield oracle.run(profile, seed=seed, progress=partial(next(told), f"oracle: {name}"))


def digit_rows(size: Profile, seed: int, told: Iterator[Progress]) -> Iterator[CodeEvidence]:
    """All equations on a 64-32-10 network and real digits: as initialised, and after training."""
    x, y = load_digits()
    network = Network.initialise(Architecture((64, 32, 10), "tanh", "softmax_cross_entropy"), seed)
    rng = np.random.default_rng(seed)
    batch = rng.choice(len(x), size.digits, replace=False)
    for trained in (False, True):
        name = f"handwritten digits, {f'after {size.epochs} epochs' if trained else 'as initialised'}"
        start, tally = time.perf_counter(), Tally()
        training, looking = parts(next(told), 2)
        if trained:
            train = lambda epoch, _: training("training on the digits", epoch, size.epochs)  # noqa: B023, E731
            try:
                network = fit(network, x, y, learning_rate=0.3, epochs=size.epochs, seed=seed, callback=train)
            except Exception as crash:  # whatever the code under test raises is a finding about it
                tally.failures.append(f"training: {crashed(crash).detail}")
        case = Case(network, x[batch].T, y[batch].T, f"{name} ({size.digits} samples)")
        for number, equation in enumerate(EQUATIONS.values()):
            looking(f"{name}: {equation.formula}", number, len(EQUATIONS))
            if equation.applies(case):
                tally.add(case, equation.comparisons(case))
        yield tally.row(name, time.perf_counter() - start)


class Tally:
    """Comparisons, added up to one row."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.identities = 0
        self.failures: list[str] = []
        self.undecided = 0
        self.worst = self.coarsest = 0.0

    def add(self, case: Case, comparisons: Iterable[Comparison]) -> None:
        """Count what one equation found on one case; of its failures the deepest layer speaks."""
        if not any(case is seen for seen in self.cases[-1:]):
            self.cases.append(case)
        failures = []
        for comparison in comparisons:
            if comparison.fails:
                failures.append(f"layer {comparison.layer}: {comparison.detail}; {case}")
            elif comparison.holds:
                self.identities += comparison.entries
                self.worst = max(self.worst, comparison.ratio)
                self.coarsest = max(self.coarsest, comparison.resolution or 0.0)
            else:
                self.undecided += comparison.entries
        self.failures += failures[:1]

    def row(self, name: str, seconds: float) -> CodeEvidence:
        """Return the row."""
        note = (
            f"{self.undecided} numbers at a kink or below the noise were not counted"
            if self.undecided
            else ""
        )
        bound = f"error at most {self.worst:.2g} of its bar"
        return CodeEvidence(
            name,
            len(self.cases),
            self.identities,
            tuple(self.failures),
            bound,
            seconds,
            note,
            digits(self.coarsest),
        )
