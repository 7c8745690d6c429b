"""`gradproof mutants`: run the matrix and show it."""

import os

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.proof import terminal
from checks.proof.mutants.examination import Matrix, Row, matrix
from checks.proof.mutants.oracles import ORACLES

SIGNS = {"caught": ("x", "green"), "missed": (".", "dim"), "not applicable": (" ", "dim")}
STYLES = {"caught": "green", "equivalent": "cyan", "survived": "bold red"}


def run(seed: int, workers: int | None) -> Matrix:
    """Put the catalogue to the test, on all cores unless told otherwise, and print what came of it."""
    with terminal.progress() as progress:
        found = matrix(seed, workers or cores(), progress)
    show(found)
    return found


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def show(found: Matrix) -> None:
    """Print the matrix, its survivors and its totals."""
    console = Console(width=terminal.width(), highlight=False)
    letters = dict(zip(ORACLES, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", strict=False))
    table = Table(
        "mutant", "breaks", " ".join(letters.values()), "status", title="Wrong formulas, oracle by oracle"
    )
    for row in found.rows:
        table.add_row(row.id, row.formula, _marks(row), Text(row.status, STYLES[row.status]))
    console.print(table)
    for oracle, letter in letters.items():
        cells = [row.cells[oracle] for row in found.rows]
        caught = sum(cell.outcome == "caught" for cell in cells)
        console.print(f"  {letter}  {oracle}: {caught} caught in {sum(cell.seconds for cell in cells):.1f} s")
    for method, curve in found.detection.items():
        told = ", ".join(f"{point.size:.0e} {point.caught}/{point.of}" for point in curve)
        console.print(Text(f"one entry off, {method}: {told}"))
    for row in found.rows:
        if row.status == "survived":
            told = row.reason or "no oracle caught it, and nothing says that it is no mistake"
            console.print(Text(f"{row.id} survived: {row.description}; {told}", STYLES["survived"]))
    for alarm in found.alarms:
        console.print(Text(f"false alarm: {alarm}", STYLES["survived"]))
    for oracle in found.blind:
        console.print(Text(f"{oracle} caught nothing", STYLES["survived"]))
    counts = (len(found.rows), *(found.count(status) for status in ("caught", "equivalent", "survived")))
    console.print("{} wrong formulas: {} caught, {} are no mistake, {} survived;".format(*counts))
    console.print(f"{len(found.alarms)} false alarms in {found.controls} checks of dnn as shipped;")
    console.print(f"seed {found.seed}, {found.seconds:.1f} s")


def _marks(row: Row) -> Text:
    marks = Text()
    for number, oracle in enumerate(ORACLES):
        marks.append(
            (" " if number else "") + SIGNS[row.cells[oracle].outcome][0], SIGNS[row.cells[oracle].outcome][1]
        )
    return marks
