"""The matrix mutant x oracle: who caught what, and at what cost."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass
from typing import Any, Literal

from checks.proof.campaign.pools import ended_at_once, one_blas_thread, processes
from checks.proof.evidence import SCHEMA, versions
from checks.proof.mutants.catalogue import CATALOGUE
from checks.proof.mutants.numerical import METHODS, SIZES, Detection, detection
from checks.proof.mutants.oracles import ORACLES, Outcome, look
from checks.proof.mutants.planting import Mutant
from checks.proof.progress import Progress, silent
from dnn import Architecture

Status = Literal["caught", "equivalent", "survived"]


@dataclass(frozen=True)
class Cell:
    """One mutant before one oracle."""

    outcome: Outcome
    seconds: float
    said: str

    def to_dict(self) -> dict[str, Any]:
        """Return the cell for the JSON file."""
        return {"outcome": self.outcome, "seconds": round(self.seconds, 4), "said": self.said[:300]}


@dataclass(frozen=True)
class Row:
    """One mutant before all oracles.

    Parameters
    ----------
    id, formula, description : str
    status : {"caught", "equivalent", "survived"}
    reason : str
        Why it is equivalent, or why that claim did not stand.
    cells : mapping of str to Cell
    """

    id: str
    formula: str
    description: str
    status: Status
    reason: str
    cells: dict[str, Cell]

    @property
    def caught_by(self) -> list[str]:
        """The oracles that gave it away."""
        return [oracle for oracle, cell in self.cells.items() if cell.outcome == "caught"]

    def to_dict(self) -> dict[str, Any]:
        """Return the row for the JSON file."""
        return {
            "id": self.id,
            "formula": self.formula,
            "description": self.description,
            "status": self.status,
            "reason": self.reason,
            "caught_by": self.caught_by,
            "cells": {oracle: cell.to_dict() for oracle, cell in self.cells.items()},
        }


@dataclass(frozen=True)
class Matrix:
    """All mutants before all oracles.

    Parameters
    ----------
    rows : tuple of Row
    alarms : tuple of str
        What the oracles said of dnn as shipped, on the same networks: every line is a false alarm.
    controls : int
        How often they were asked about it.
    detection : mapping of str to list of Detection
        The numerical mutants: how small an error each method still catches.
    seed : int
    seconds : float
    """

    rows: tuple[Row, ...]
    alarms: tuple[str, ...]
    controls: int
    detection: dict[str, list[Detection]]
    seed: int
    seconds: float

    def count(self, status: Status) -> int:
        """How many mutants ended so."""
        return sum(row.status == status for row in self.rows)

    @property
    def blind(self) -> list[str]:
        """Oracles that caught nothing: a column that cannot fail is no oracle."""
        return [name for name in ORACLES if not any(name in row.caught_by for row in self.rows)]

    @property
    def holds(self) -> bool:
        """Every mutant caught or shown to be equivalent, every oracle of use, and no false alarm."""
        return bool(self.rows) and not (self.count("survived") or self.alarms or self.blind)

    def to_dict(self) -> dict[str, Any]:
        """Return what `gradproof mutants --json` writes."""
        return {
            "schema": SCHEMA,
            "mutants": {
                "total": len(self.rows),
                "caught": self.count("caught"),
                "equivalent": self.count("equivalent"),
                "survivors": self.count("survived"),
            },
            "matrix": [row.to_dict() for row in self.rows],
            "oracles": list(ORACLES),
            "detection": {
                method: [point.to_dict() for point in curve] for method, curve in self.detection.items()
            },
            "false_alarms": {"checks": self.controls, "alarms": len(self.alarms)},
            "versions": versions(),
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
        }


def examine(mutant: Mutant, seed: int) -> Row:
    """Plant one mutant and ask every oracle."""
    with mutant.plant():
        cells = _cells(mutant.architectures, seed)
    caught = any(cell.outcome == "caught" for cell in cells.values())
    status: Status = "caught" if caught else "survived"
    reason = ""
    if mutant.equivalent is not None:
        reason = mutant.equivalent.reason
        if caught:
            status, reason = "survived", f"is kept as equivalent ({reason}), and an oracle caught it"
        elif mutant.equivalent.shown(mutant):
            status = "equivalent"
        else:
            reason = f"is kept as equivalent ({reason}), and its numbers differ"
    return Row(mutant.id, mutant.formula, mutant.description, status, reason, cells)


def _cells(architectures: tuple[Architecture, ...], seed: int) -> dict[str, Cell]:
    cells = {}
    for oracle in ORACLES:
        start = time.perf_counter()
        sight = look(oracle, architectures, seed)
        cells[oracle] = Cell(sight.outcome, time.perf_counter() - start, sight.said)
    return cells


NETWORKS = tuple(dict.fromkeys(a for mutant in CATALOGUE.values() for a in mutant.architectures))


def _control(network: int, seed: int) -> tuple[str, int]:
    """Ask every oracle about dnn as shipped; what was said, and how often it was asked."""
    cells = _cells((NETWORKS[network],), seed)
    asked = sum(cell.outcome != "not applicable" for cell in cells.values())
    said = [f"{oracle}: {cell.said}" for oracle, cell in cells.items() if cell.outcome == "caught"]
    return "; ".join(said), asked


DETECTION_CASES = 10


def _detect(point: tuple[str, float], seed: int) -> Detection:
    return detection(*point, DETECTION_CASES, seed)


def _by_id(id: str, seed: int) -> Row:
    return examine(CATALOGUE[id], seed)


def matrix(
    seed: int = 0,
    workers: int = 1,
    progress: Progress = silent,
    ids: Iterable[str] | None = None,
) -> Matrix:
    """Put the catalogue to the test.

    Parameters
    ----------
    seed : int, optional
        Of weights and samples. The matrix is the same for any number of workers.
    workers : int, optional
        Processes.
    progress : callable, optional
    ids : iterable of str, optional
        These mutants alone, and no numerical ones.
    """
    start = time.perf_counter()
    wanted = list(CATALOGUE if ids is None else ids)
    on = {architecture for id in wanted for architecture in CATALOGUE[id].architectures}
    jobs: list[tuple[Callable[..., Any], Any]] = [(_by_id, id) for id in wanted]
    jobs += [(_control, number) for number, network in enumerate(NETWORKS) if network in on]
    points = [(method, size) for method in METHODS for size in SIZES] if ids is None else []
    jobs += [(_detect, point) for point in points]
    done: dict[int, Any] = {}
    for number, result in _run(jobs, seed, workers):
        done[number] = result
        progress(getattr(result, "id", "dnn as shipped, and off by a little"), len(done), len(jobs))
    results = [done[number] for number in range(len(jobs))]
    rows, results = tuple(results[: len(wanted)]), results[len(wanted) :]
    controls, curves = results[: len(results) - len(points)], results[len(results) - len(points) :]
    measured: dict[str, list[Detection]] = {}
    for (method, _), found in zip(points, curves, strict=True):
        measured.setdefault(method, []).append(found)
    alarms = tuple(said for said, _ in controls if said)
    asked = sum(asked for _, asked in controls)
    return Matrix(rows, alarms, asked, measured, seed, time.perf_counter() - start)


def _run(jobs: list[tuple[Callable[..., Any], Any]], seed: int, workers: int) -> Iterator[tuple[int, Any]]:
    if workers == 1:
        yield from ((number, job(of, seed)) for number, (job, of) in enumerate(jobs))
        return
    pool = processes(workers)
    with one_blas_thread(), ended_at_once(pool):
        futures = {pool.submit(job, of, seed): number for number, (job, of) in enumerate(jobs)}
        for future in as_completed(futures):
            yield futures[future], future.result()
