"""What the page needs beside the proof: the derivations again, the planted bugs, the environment."""

import json
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import derivations
from checks.proof.code import BUGS, ORACLES, Bug, Cell, look, planted
from checks.proof.code.floats import float_case
from checks.proof.equations import EQUATIONS
from checks.proof.evidence import SCHEMA, versions
from checks.proof.files import whole
from checks.proof.html.oracles import keys
from checks.proof.mutants.examination import DETECTION_CASES
from checks.proof.mutants.numerical import METHODS, SIZES, detection
from checks.proof.progress import Progress, parts, silent
from checks.proof.prove import Proof


class MutantsFileError(Exception):
    """The file is none that `gradproof mutants --json` wrote; the message is the one line that says why."""


@dataclass(frozen=True)
class Report:
    """All that the page shows.

    Parameters
    ----------
    proof : Proof
    proved : mapping
        The theorems by their ids; those that were refused are not among them.
    keys : mapping
        Which row of the evidence belongs to which oracle.
    planted : sequence of Cell
        Planted bugs before the oracles; empty when that was not asked.
    detection : mapping
        How often each method caught an error of each size; empty when that was not asked.
    mutants : mapping or None
        What `gradproof mutants --json` wrote.
    command : str
        What shows the same again.
    when, machine : str
    versions : mapping
    """

    proof: Proof
    proved: Mapping[str, derivations.Theorem]
    keys: Mapping[str, str]
    planted: Sequence[Cell] = ()
    detection: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    mutants: Mapping[str, Any] | None = None
    command: str = "gradproof prove"
    when: str = ""
    machine: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


def gather(
    proof: Proof,
    *,
    mutants: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> Report:
    """Derive the theorems once more to typeset them, and put the oracles to their test.

    Parameters
    ----------
    proof : Proof
    mutants : mapping, optional
        What `gradproof mutants --json` wrote; without it, the planted bugs stand in, and the detection curves
        are measured.
    progress : callable, optional
    """
    typesetting, planting, measuring = parts(progress, 3)
    proved = {}
    for number, theorem in enumerate(proof.theorems):
        typesetting(f"typesetting {theorem.id}", number, len(proof.theorems))
        if theorem.status == "proven":
            proved[theorem.id] = derivations.theorem(theorem.id)
    asked = not (mutants or proof.network)
    profile = [] if proof.network else ["--profile", proof.profile]
    network = ["--network", proof.network] if proof.network else []
    return Report(
        proof=proof,
        proved=proved,
        keys=keys(),
        planted=_planted(proof.seed, planting) if asked else [],
        detection=_detection(proof.seed, measuring) if asked else (mutants or {}).get("detection", {}),
        mutants=mutants,
        command=shlex.join(
            ["gradproof", "prove", *profile, *network, "--seed", str(proof.seed), "--html", "report.html"]
        ),
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=f"{platform.system()} {platform.machine()}",
        versions=versions(),
    )


def _planted(seed: int, progress: Progress) -> list[Cell]:
    cells = []
    for number, bug in enumerate(BUGS):
        progress(f"planted bug: {bug.name}", number, len(BUGS))
        cells.append(_numerically(bug, seed))
        cells += [look(bug, name, oracle.check, seed=seed) for name, oracle in ORACLES.items()]
    return cells


def _detection(seed: int, progress: Progress) -> dict[str, list[dict[str, Any]]]:
    curves: dict[str, list[dict[str, Any]]] = {method: [] for method in METHODS}
    for number, (method, size) in enumerate(product(METHODS, SIZES)):
        progress(f"errors of {size:.0e} by {method}", number, len(METHODS) * len(SIZES))
        curves[method].append(detection(method, size, DETECTION_CASES, seed).to_dict())
    return curves


def _numerically(bug: Bug, seed: int) -> Cell:
    """Plant one bug, and put the equations to the test until the first fails."""
    with planted(bug):
        found = next(
            (
                f"{equation.id}: {comparison.detail}"
                for number, architecture in enumerate(bug.architectures)
                for case in [float_case(architecture, (seed, number))]
                for equation in EQUATIONS.values()
                if equation.applies(case)
                for comparison in equation.check(case)
                if comparison.fails
            ),
            "",
        )
    return Cell(bug.name, "numerical derivatives", "seen", "seen" if found else "not seen", "", found)


def read_mutants(path: Path) -> dict[str, Any]:
    """Return what `gradproof mutants --json` wrote to `path`.

    Raises
    ------
    MutantsFileError
        When it cannot be read, is another file, or was written by another version.
    """
    try:
        content = json.loads(whole(path))
    except OSError as error:
        raise MutantsFileError(f"--mutants: cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise MutantsFileError(f"--mutants: {path} is not JSON: {error}") from error
    parts = {"mutants", "matrix", "oracles", "false_alarms", "seed"}
    if not isinstance(content, dict) or not parts <= set(content):
        raise MutantsFileError(f"--mutants: {path} was not written by gradproof mutants --json")
    if content.get("schema") != SCHEMA:
        raise MutantsFileError(
            f"--mutants: {path} has schema {content.get('schema')}, this is schema {SCHEMA}"
        )
    return content
