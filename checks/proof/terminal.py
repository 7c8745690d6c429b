"""What a person sees in a terminal: the progress of a long run, and its table."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from checks.proof.evidence import CodeEvidence
from checks.proof.progress import Progress, silent
from checks.proof.prove import Proof

STYLES = {
    "holds": "green",
    "proven": "green",
    "fails": "bold red",
    "refuted": "bold red",
    "not applicable": "dim",
}
VERDICTS = {
    "PASS": ("bold green", "All holds."),
    "FAIL": ("bold red", "Something is wrong."),
    "INCONCLUSIVE": ("bold yellow", "Nothing was checked."),
}
PIPED_WIDTH = 110


def width() -> int:
    """Columns of the terminal; a fixed number when piped."""
    return Console().width if sys.stdout.isatty() else PIPED_WIDTH


def colour() -> bool:
    """Whether to use colour: in a terminal that has it, unless NO_COLOR is set."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def page(text: str) -> None:
    """Print a text to read: through PAGER, by default ``less``, where it is longer than the terminal.

    Without a terminal, with PAGER empty, and where there is no such program, it is printed as it is.
    """
    fits = len(text.splitlines()) < shutil.get_terminal_size().lines
    command = shlex.split(os.environ.get("PAGER", "less"))
    if fits or not sys.stdout.isatty() or not command or not shutil.which(command[0]):
        print(text, end="")
        return
    # Like git: less shows colours and leaves the page on the screen, unless LESS says otherwise.
    environment = {"LESS": "RX"} | os.environ
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the pager
    try:
        subprocess.run(
            command,
            input=text,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
            env=environment,
            check=False,
        )
    finally:
        signal.signal(signal.SIGINT, interrupt)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show a bar on standard error while the work runs; nothing when that is not a terminal.

    The time left is guessed from the pace of the last half minute. A new total begins anew: another job.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    bar = Bar(
        BarColumn(30),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("so far,"),
        TimeRemainingColumn(),
        TextColumn("left: {task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)

        def tell(what: str, done: float, of: float) -> None:
            if bar.tasks[task].total not in (None, of):
                bar.reset(task, total=of)
            bar.update(task, description=what, completed=done, total=of)

        yield tell


def show(proof: Proof) -> None:
    """Print the evidence: theorems, code, failures, verdict."""
    console = Console(width=width(), highlight=False)
    if proof.theorems:
        console.print(_theorems(proof))
    code = Table(
        "what was checked",
        "networks",
        "numbers",
        "status",
        "bound",
        title=proof.network or "The shipped code",
    )
    for row in proof.code:
        what = Text(row.oracle.partition(": ")[2] or row.oracle)
        status = Text(row.status, STYLES[row.status])
        bound = Text("; ".join(filter(None, (row.bound, row.note))))
        code.add_row(what, str(row.architectures), str(row.identities), status, bound)
    console.print(code)
    for theorem in proof.theorems:
        if theorem.refused:
            console.print(Text(f"{theorem.id}: {theorem.refused}", STYLES["refuted"]))
    for row in proof.code:
        _show_failures(console, row)
    _show_mutants(console, proof)
    style, sentence = VERDICTS[proof.verdict]
    console.print(
        Text(proof.verdict, style),
        sentence,
        f"{f'profile {proof.profile}, ' if proof.profile else ''}seed {proof.seed}, {proof.seconds:.1f} s",
    )


def _theorems(proof: Proof) -> Table:
    table = Table("theorem", "steps", "status", "seconds", title="Derived again, step by step")
    for theorem in proof.theorems:
        status = Text(theorem.status, STYLES[theorem.status])
        table.add_row(theorem.id, str(theorem.steps), status, f"{theorem.seconds:.2f}")
    return table


def _show_mutants(console: Console, proof: Proof) -> None:
    """Say what came of the wrong formulas, or why none was planted."""
    found = proof.mutants
    if found.total:
        console.print(
            f"{found.total} wrong formulas planted in the shipped code: {found.caught} caught, "
            f"{found.equivalent} are no mistake, {len(found.survivors)} survived."
        )
        for survivor in found.survivors:
            console.print(Text(f"{survivor} survived", STYLES["fails"]))
    elif not proof.network:
        console.print("No wrong formula was planted: that tells nothing about code that does not hold.")


def _show_failures(console: Console, row: CodeEvidence, at_most: int = 1) -> None:
    """Print the first failure of a row; the rest are counted."""
    for failure in row.failures[:at_most]:
        console.print(Text(f"{row.oracle}\n  {failure}", STYLES["fails"]))
    if len(row.failures) > at_most:
        console.print(f"  and {len(row.failures) - at_most} more")
