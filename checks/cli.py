"""The roof: the `gradproof` command.

What a user got wrong is one line on standard error; a traceback is a defect of ours.
"""

import argparse
import errno
import importlib.metadata
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from checks.commands import (
    COULD_NOT_CHECK,
    HOLDS,
    run_campaign,
    run_check,
    run_derive,
    run_flow,
    run_gate,
    run_mutants,
    run_prove,
    stop_writing,
)
from checks.proof.raised import shown
from checks.streams import any_character
from checks.user_input import UserError, seed

FULL = (errno.ENOSPC, errno.EDQUOT)
NO_PATH = (errno.ENAMETOOLONG, errno.ELOOP)
"""What a file that was writable can come to while it is written."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage."""
        raise UserError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, those of the process unless given.

    Returns
    -------
    int
        The exit code.
    """
    with any_character():
        return answer(argv)


def answer(argv: Sequence[str] | None) -> int:
    """Do what `main` does, on streams that take any character."""
    run: Callable[[argparse.Namespace], int] | None = None
    try:
        arguments = parser().parse_args(argv)
        run = arguments.run
        try:
            code: int = arguments.run(arguments)
            if sys.stdout is not None:
                sys.stdout.flush()  # here a full disk and a reader who left are one line
            return code
        except SystemExit as end:  # of the user's code: its exit code would pass for a verdict
            raise UserError(
                f"the code under test ended the program, with sys.exit({shown(end.code)})"
            ) from end
    except UserError as error:
        print(f"gradproof: {' '.join(str(error).split())}", file=sys.stderr)
        return COULD_NOT_CHECK
    except KeyboardInterrupt:
        print("gradproof: interrupted", file=sys.stderr)
        return COULD_NOT_CHECK
    except BrokenPipeError:  # the reader has seen enough: `gradproof derive --list | head`
        stop_writing()
        return HOLDS if run in (None, run_derive) else COULD_NOT_CHECK
    except OSError as error:
        if error.errno in NO_PATH:
            print(f"gradproof: {str(error.filename)[:80]}: {error.strerror}", file=sys.stderr)
            return COULD_NOT_CHECK
        if error.errno not in FULL:
            raise
        stop_writing()
        print(f"gradproof: cannot write: {error.strerror}", file=sys.stderr)
        return COULD_NOT_CHECK


def parser() -> Parser:
    """Return the parser of all subcommands."""
    top = Parser(
        prog="gradproof",
        description="Backpropagation derived, proved of the shipped code, and a checker for your gradients.",
        epilog="example: gradproof prove",
    )
    version = f"gradproof {importlib.metadata.version('gradproof')}"
    top.add_argument("--version", action="version", version=version)
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=Parser)

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str, example: str) -> Parser:
        sub = commands.add_parser(name, help=text, description=text, epilog=f"example: {example}")
        sub.set_defaults(run=run)
        return sub

    prove = command(
        "prove",
        run_prove,
        "Derive every theorem and hold the shipped code against every oracle.",
        "gradproof prove --profile ci --json evidence.json",
    )
    prove.add_argument(
        "--profile", choices=("quick", "ci", "nightly"), default="quick", help="how much to look at"
    )
    prove.add_argument("--seed", type=seed, default=0, help="of the architectures, weights and samples")
    prove.add_argument("--json", type=Path, metavar="FILE", help="write the evidence to FILE")
    prove.add_argument("--html", type=Path, metavar="FILE", help="write a report to read: one page, one file")
    matrix = "what mutants wrote as --json, for --html; planted bugs stand in for it unless given"
    prove.add_argument("--mutants", type=Path, metavar="FILE", help=matrix)
    prove.add_argument("--junit", type=Path, metavar="FILE", help="write it as JUnit XML")
    prove.add_argument("--markdown", type=Path, metavar="FILE", help="write a summary for a CI page")
    prove.add_argument(
        "--network",
        metavar="MODULE:CLASS",
        help="look at this network instead of the shipped one; runs the code that it is given",
    )

    derive = command(
        "derive", run_derive, "Print derivations, step by step.", "gradproof derive half-mse-delta"
    )
    derive.add_argument("theorem", nargs="*", metavar="THEOREM", help="the ids of the theorems; see --list")
    derive.add_argument("--format", choices=("text", "markdown", "latex", "html"), default="text")
    derive.add_argument("--list", action="store_true", help="list the theorems")
    derive.add_argument("--all", action="store_true", help="print every theorem")
    derive.add_argument("--errata", action="store_true", help="misprints and half-truths of the source text")
    derive.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the sentences")

    check = command(
        "check",
        run_check,
        "Check a gradient of your own. Runs the code that it is given.",
        "gradproof check mymodule:loss mymodule:gradient --x0 mymodule:point",
    )
    check.add_argument("fun", metavar="MODULE:FUN", help="the function")
    pair = "its gradient; True when the function returns the pair (value, gradient)"
    check.add_argument("grad", metavar="MODULE:GRAD", help=pair)
    point = "the point: an array, or dicts, lists, tuples, dataclasses of arrays in a module"
    check.add_argument("--x0", required=True, metavar="FILE.npy|MODULE:NAME", help=point)
    check.add_argument("--json", type=Path, metavar="FILE", help="write the report to FILE")

    campaign = command(
        "campaign",
        run_campaign,
        "Put many random networks to the oracles, on this machine or on a Dask cluster.",
        "gradproof campaign --cases 20000 --oracle false-alarms --resume alarms.jsonl",
    )
    campaign.add_argument("--cases", type=int, required=True, metavar="N", help="how many")
    campaign.add_argument("--seed", type=seed, default=0, help="with its number it makes a case")
    names = "a group (cheap, equations, number-systems, false-alarms) or one oracle; may be repeated"
    campaign.add_argument("--oracle", action="append", metavar="NAME", help=names)
    hands = campaign.add_mutually_exclusive_group()
    hands.add_argument("--workers", type=int, metavar="N", help="processes; one for each core unless given")
    hands.add_argument("--scheduler", metavar="ADDRESS", help="of Dask, such as tcp://10.0.0.1:8786")
    campaign.add_argument("--resume", type=Path, metavar="FILE", help="keep what is done there, and go on")
    campaign.add_argument("--json", type=Path, metavar="FILE", help="write the result to FILE")

    mutants = command(
        "mutants",
        run_mutants,
        "Plant wrong formulas and show which oracle would have noticed.",
        "gradproof mutants --json mutants.json",
    )
    mutants.add_argument("--seed", type=seed, default=0, help="of the weights and samples")
    mutants.add_argument(
        "--planted", action="store_true", help="plant the bugs of the number systems only: bug by oracle"
    )
    mutants.add_argument("--workers", type=int, metavar="N", help="processes; one for each core unless given")
    mutants.add_argument("--json", type=Path, metavar="FILE", help="write the matrix to FILE")

    gate = command(
        "gate",
        run_gate,
        "Fail when any evidence is weaker than the baseline.",
        "gradproof gate --baseline tests/baseline.json --evidence prove.json --evidence mutants.json",
    )
    gate.add_argument("--baseline", type=Path, required=True, metavar="FILE", help="what to hold")
    files = "what prove, mutants or campaign wrote as --json; prove and mutants are run unless given"
    gate.add_argument("--evidence", type=Path, action="append", default=[], metavar="FILE", help=files)
    gate.add_argument("--tests", type=Path, metavar="DIR", help="hold what the tests in DIR assert, too")
    gate.add_argument("--update", action="store_true", help="write the baseline anew and show what changes")
    gate.add_argument("--junit", type=Path, metavar="FILE", help="write the evidence as JUnit XML")
    gate.add_argument("--markdown", type=Path, metavar="FILE", help="write a summary for a CI page")

    flow = command(
        "flow",
        run_flow,
        "Show how far the gradient reaches: vanishing and exploding gradients beside the proved bound.",
        "gradproof flow --depths 10 40 --activation sigmoid tanh --init glorot 1.2*orthogonal --png flow.png",
    )
    flow.add_argument("--depths", nargs="+", type=int, default=[20], metavar="L", help="with the input")
    flow.add_argument("--activation", nargs="+", default=["sigmoid", "tanh", "relu"], metavar="F")
    laws = "of the weights: shipped, glorot, he, lecun, normal, orthogonal, NUMBER*NAME, or NUMBER of normal"
    flow.add_argument("--init", nargs="+", default=["shipped"], metavar="LAW", help=laws)
    flow.add_argument("--width", type=int, default=64, metavar="K", help="units in each hidden layer")
    flow.add_argument("--data", choices=("noise", "digits"), default="noise", help="what goes in")
    flow.add_argument("--epochs", type=int, default=0, metavar="N", help="train on the digits; look again")
    flow.add_argument("--learning-rate", type=float, default=0.1, metavar="ALPHA", help="of the updates")
    flow.add_argument(
        "--networks", type=int, default=100, metavar="N", help="networks among which to count explosions"
    )
    flow.add_argument("--seed", type=seed, default=0, help="of the weights and samples")
    flow.add_argument("--png", type=Path, metavar="FILE", help="draw it to FILE (needs the extra 'plot')")
    return top
