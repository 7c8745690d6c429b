"""`gradproof campaign`: from its arguments to a result, or to the one line that says why there is none."""

import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.proof import terminal
from checks.proof.campaign import pools
from checks.proof.campaign.run import Campaign, Interrupted, campaign, chosen_oracles
from checks.proof.campaign.tally import CONFIDENCE, Tally
from checks.proof.progress import Progress

DEFAULT_STATE = Path("gradproof-campaign.jsonl")
SECONDS_BETWEEN_LINES = 30.0


class CouldNotCheck(Exception):  # noqa: N818 - the command's answer, not a defect
    """One line for the user: why there is no verdict."""


def run(
    cases: int,
    *,
    seed: int,
    oracles: list[str],
    workers: int | None,
    scheduler: str | None,
    resume: Path | None,
) -> Campaign:
    """Run a campaign, keeping what is done in `resume`, or in `DEFAULT_STATE` while it is not finished.

    Raises
    ------
    CouldNotCheck
        With the line to print.
    """
    state = resume or DEFAULT_STATE
    if resume is None and state.exists():
        raise CouldNotCheck(
            f"{state} holds a campaign that did not finish: go on with --resume {state}, or delete it"
        )
    try:
        with ExitStack() as stack:
            chosen_oracles(oracles)
            executor = None
            if scheduler is not None:
                executor, workers = stack.enter_context(pools.dask(scheduler))
            hands = pools.cores() if workers is None else workers
            told = stack.enter_context(progress())
            stack.enter_context(terminable())
            result = campaign(
                cases,
                seed=seed,
                oracles=oracles,
                executor=executor,
                workers=hands,
                state=state,
                progress=told,
            )
    except (Interrupted, KeyboardInterrupt) as reason:
        why = str(reason) or "interrupted"
        if not state.exists():
            raise CouldNotCheck(f"{why} before anything was done") from None
        raise CouldNotCheck(
            f"{why}; {state} keeps what was done: go on with {again(cases, seed, oracles, state)}"
        ) from None
    except pools.Unreachable as reason:
        raise CouldNotCheck(str(reason)) from None
    except ModuleNotFoundError as error:
        raise CouldNotCheck(f"--scheduler needs {error.name}: pip install 'gradproof[scale]'") from None
    except OSError as error:
        file = f"cannot keep what is done in {error.filename}: {error.strerror}"
        raise CouldNotCheck(file if error.filename else str(error)) from None
    except ValueError as error:
        raise CouldNotCheck(str(error)) from None
    if resume is None:
        state.unlink()
    return result


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end a campaign as Ctrl-C does: a batch system or a container sends it before it kills."""
    if threading.current_thread() is not threading.main_thread():  # no other may say what a signal does
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def again(cases: int, seed: int, oracles: list[str], state: Path) -> str:
    """The command that goes on."""
    names = [word for name in oracles for word in ("--oracle", name)]
    words = [
        "gradproof",
        "campaign",
        "--cases",
        str(cases),
        "--seed",
        str(seed),
        *names,
        "--resume",
        str(state),
    ]
    return shlex.join(words)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show a bar in a terminal; elsewhere a line now and then, for the log of a long run."""
    if sys.stderr.isatty():
        with terminal.progress() as bar:
            yield lambda told, done, of: bar(told.partition(", ")[0], done, of)  # the bar says what is left
        return
    last = time.monotonic()

    def line(told: str, done: float, of: float) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"{done} of {of} cases, {told}", file=sys.stderr, flush=True)

    yield line


def show(result: Campaign) -> None:
    """Print a row for each oracle, its failures, and the tests that show them again."""
    console = Console(width=terminal.width(), highlight=False)
    columns = (
        "oracle",
        "cases",
        "pass",
        "kink",
        "unclear",
        "fail",
        "P(fail) at most",
        "numbers",
        "error / bar",
    )
    table = Table(*columns, title=f"{result.cases} random cases, seed {result.plan.seed}")
    for name, tally in result.tallies.items():
        _add_row(table, name, tally, tally.upper_bound if tally.cases else None)
        kinds = sorted({kind for kind, _ in tally.verdicts})
        for kind in kinds if name.startswith("false-alarms") else ():
            verdicts = {key: n for key, n in tally.verdicts.items() if key[0] == kind}
            own = Tally(type(tally.verdicts)(verdicts))
            _add_row(table, f"  {kind}", own, own.upper_bound)
    console.print(table)
    for name, tally in result.tallies.items():
        for failure in tally.failures:
            console.print(Text(f"{name}, case {failure.number}: {failure.text}", "bold red"), soft_wrap=True)
    for test in result.tests.values():
        console.print("\nA test to keep:\n", style="bold")
        print(test)
    style, sentence = terminal.VERDICTS[result.verdict]
    console.print(
        Text(result.verdict, style), sentence, f"{result.seconds:.1f} s; P at {CONFIDENCE:.0%} confidence"
    )


def _add_row(table: Table, name: str, tally: Tally, bound: float | None) -> None:
    counts = [str(tally.count(verdict)) for verdict in ("PASS", "KINK", "INCONCLUSIVE", "FAIL")]
    numbers, ratio = (str(tally.numbers), f"{tally.ratio:.2g}") if tally.numbers else ("", "")
    told = "" if bound is None else f"{bound:.1e}"
    style = "bold red" if tally.count("FAIL") else ""
    table.add_row(name, str(tally.cases), *counts, told, numbers, ratio, style=style)
