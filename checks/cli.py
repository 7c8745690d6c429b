"""The roof: the `gradproof` command.

Exit codes: 0 all holds; 1 something is wrong; 2 could not check. What a user got wrong is one line on
standard error; a traceback is a defect of ours.
"""

import argparse
import importlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

HOLDS, WRONG, COULD_NOT_CHECK = 0, 1, 2
READABLE = 100
"""Columns beyond which a sentence is tiring to read."""
EXIT_CODES = {"PASS": HOLDS, "KINK": HOLDS, "FAIL": WRONG, "INCONCLUSIVE": COULD_NOT_CHECK}


class UserError(Exception):
    """What the user asked for cannot be done; the message is the one line that says why."""


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
    run: Callable[[argparse.Namespace], int] | None = None
    try:
        arguments = parser().parse_args(argv)
        run = arguments.run
        try:
            return arguments.run(arguments)  # type: ignore[no-any-return]
        except SystemExit as end:  # of the user's code: its exit code would pass for a verdict
            raise UserError(f"the code under test ended the program, with sys.exit({end.code!r})") from end
    except UserError as error:
        print(f"gradproof: {' '.join(str(error).split())}", file=sys.stderr)
        return COULD_NOT_CHECK
    except KeyboardInterrupt:
        print("gradproof: interrupted", file=sys.stderr)
        return COULD_NOT_CHECK
    except BrokenPipeError:  # the reader has seen enough: `gradproof derive --list | head`
        stop_writing()
        return HOLDS if run in (None, run_derive) else COULD_NOT_CHECK


def parser() -> Parser:
    """Return the parser of all subcommands."""
    top = Parser(
        prog="gradproof",
        description="Backpropagation derived, proved of the shipped code, and a checker for your gradients.",
        epilog="example: gradproof prove",
    )
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
        "gradproof check mymodule:loss mymodule:gradient --x0 point.npy",
    )
    check.add_argument("fun", metavar="MODULE:FUN", help="the function")
    check.add_argument("grad", metavar="MODULE:GRAD", help="its gradient")
    check.add_argument("--x0", required=True, metavar="FILE.npy|MODULE:NAME", help="the point")
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


def run_prove(arguments: argparse.Namespace) -> int:
    """`gradproof prove`."""
    from checks.proof import ci_page, terminal
    from checks.proof.code.network_protocol import ProtocolError
    from checks.proof.prove import prove, prove_network

    writable(arguments.json)
    writable(arguments.html, "--html")
    mutants = read_mutants(arguments)
    writable(arguments.junit, "--junit")
    writable(arguments.markdown, "--markdown")
    if arguments.network:
        sys.path.insert(0, os.getcwd())
        try:
            proof = prove_network(arguments.network, arguments.seed)
        except ProtocolError as error:
            raise UserError(str(error)) from error
    else:
        with terminal.progress() as progress:
            proof = prove(arguments.profile, arguments.seed, progress)
    terminal.show(proof)
    if arguments.json:
        write_json(arguments.json, proof.to_dict())
    if arguments.html:
        from checks.proof import html

        with terminal.progress() as progress:
            report = html.gather(proof, mutants=mutants, progress=progress)
        arguments.html.write_text(html.document(report), encoding="utf-8")
    if arguments.junit:
        arguments.junit.write_text(ci_page.junit([proof.to_dict()]), encoding="utf-8")
    if arguments.markdown:
        arguments.markdown.write_text(ci_page.markdown([proof.to_dict()]), encoding="utf-8")
    return EXIT_CODES[proof.verdict]


def run_derive(arguments: argparse.Namespace) -> int:
    """`gradproof derive`."""
    import derivations
    from checks.proof import terminal
    from derivations import catalogue, render

    if arguments.list:
        terminal.page(catalogue.listing(arguments.lang))
        return HOLDS
    if arguments.errata:
        from derivations import errata

        terminal.page(errata.render(arguments.lang))
        return HOLDS
    wanted = derivations.identifiers() if arguments.all else arguments.theorem
    if not wanted:
        raise UserError("name a theorem, or --all, --list or --errata (see gradproof derive --help)")
    try:
        theorems = [derivations.theorem(id) for id in wanted]
    except derivations.UnknownTheorem as error:
        raise UserError(str(error.args[0])) from None
    except derivations.ProofError as error:
        print(f"gradproof: refused: {' '.join(str(error).split())}", file=sys.stderr)
        return WRONG
    look = {"lang": arguments.lang, "width": min(terminal.width(), READABLE), "colour": terminal.colour()}
    terminal.page(render.document(theorems, arguments.format, **look))
    return HOLDS


def run_check(arguments: argparse.Namespace) -> int:
    """`gradproof check`."""
    from checks import GradcheckError, gradcheck

    writable(arguments.json)
    sys.path.insert(0, os.getcwd())
    fun, grad = (
        load(name, reference) for name, reference in (("fun", arguments.fun), ("grad", arguments.grad))
    )
    for name, value in (("fun", fun), ("grad", grad)):
        if not callable(value):
            raise UserError(f"{name} must be callable, got {type(value).__name__}")
    x0 = load_point(arguments.x0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = gradcheck(fun, grad, x0, raise_exception=False)
    except GradcheckError as error:
        show(error)
        return WRONG
    except Exception as error:
        raise UserError(f"{type(error).__name__}: {error}") from error
    show(report)
    if arguments.json:
        write_json(arguments.json, report.to_dict())
    return EXIT_CODES[str(report.verdict)]


def run_campaign(arguments: argparse.Namespace) -> int:
    """`gradproof campaign`."""
    from checks.proof.campaign import command

    writable(arguments.json)
    try:
        result = command.run(
            arguments.cases,
            seed=arguments.seed,
            oracles=arguments.oracle or ["equations", "number-systems"],
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            resume=arguments.resume,
        )
    except command.CouldNotCheck as reason:
        raise UserError(str(reason)) from None
    command.show(result)
    if arguments.json:
        write_json(arguments.json, result.to_dict())
    return EXIT_CODES[result.verdict]


def run_flow(arguments: argparse.Namespace) -> int:
    """`gradproof flow`."""
    from checks.proof.flow import command

    try:
        study = command.study(arguments)
    except (ValueError, command.MatplotlibMissingError) as error:
        raise UserError(str(error)) from error
    wrong = command.run(study, arguments.png)
    for line in wrong:
        print(f"gradproof: {line}", file=sys.stderr)
    return WRONG if wrong else HOLDS


def run_mutants(arguments: argparse.Namespace) -> int:
    """`gradproof mutants`."""
    if arguments.planted:
        return show_planted(arguments.seed)
    from checks.proof.mutants import command

    writable(arguments.json)
    if arguments.workers is not None and arguments.workers < 1:
        raise UserError(f"--workers must be at least 1, got {arguments.workers}")
    found = command.run(arguments.seed, arguments.workers)
    if arguments.json:
        write_json(arguments.json, found.to_dict())
    return HOLDS if found.holds else WRONG


def show_planted(seed: int) -> int:
    """Print which number system sees which planted bug, and why the others cannot."""
    from checks.proof import code

    cells = code.table({name: oracle.check for name, oracle in code.ORACLES.items()}, seed=seed)
    print(code.table_text(cells))
    print("\nx seen, . not seen, - out of the oracle's reach, ? not installed, ! not as expected\n")
    reasons: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        if cell.why:
            reasons.setdefault((cell.oracle, cell.why), []).append(cell.bug)
    for (oracle, why), bugs in reasons.items():
        print(f"{oracle} cannot see {', '.join(bugs)}: {why}")
    return HOLDS if all(cell.as_expected for cell in cells) else WRONG


def run_gate(arguments: argparse.Namespace) -> int:
    """`gradproof gate`."""
    from checks.proof import gate, gate_command

    writable(arguments.junit, "--junit")
    writable(arguments.markdown, "--markdown")
    try:
        wrong = gate_command.run(
            arguments.baseline,
            arguments.evidence,
            tests=arguments.tests,
            update=arguments.update,
            junit=arguments.junit,
            markdown=arguments.markdown,
        )
    except gate.CouldNotCompare as reason:
        raise UserError(str(reason)) from None
    return WRONG if wrong else HOLDS


def seed(text: str) -> int:
    """Return the number that --seed was given."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number that is not negative, got {text!r}")
    return int(text)


def load(name: str, reference: str, form: str = "MODULE:NAME") -> Any:
    """Return what ``MODULE:NAME`` stands for."""
    module, _, attribute = reference.partition(":")
    if not module or not attribute:
        raise UserError(f"{name} must be {form}, got {reference!r}")
    try:
        found = importlib.import_module(module)
    except Exception as error:  # whatever the user's module raises when it is imported
        raise UserError(f"{name}: cannot import {module}: {type(error).__name__}: {error}") from error
    try:
        for part in attribute.split("."):
            found = getattr(found, part)
    except AttributeError as error:
        raise UserError(f"{name}: {module} has no {attribute}") from error
    except Exception as error:  # whatever a lazy module raises when it is looked into
        raise UserError(f"{name}: {reference}: {type(error).__name__}: {error}") from error
    return found


def load_point(reference: str) -> Any:
    """Return x0 from an .npy file, or from ``MODULE:NAME``."""
    import numpy as np

    if not reference.endswith(".npy"):
        return load("x0", reference, "FILE.npy or MODULE:NAME")
    try:
        return np.load(reference, allow_pickle=False)
    except Exception as error:  # a broken header can make it raise nearly anything
        raise UserError(f"x0: cannot read {reference}: {error}") from error


def show(text: object) -> None:
    """Print to whoever reads; the exit code is the same where nobody does."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        stop_writing()


def stop_writing() -> None:
    """Let what is still to be written go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def writable(path: Path | None, option: str = "--json") -> None:
    """Refuse a file that cannot be written before the work is done, not after."""
    if path is not None:
        try:
            with path.open("a"):
                pass
        except OSError as error:
            raise UserError(f"{option}: cannot write {path}: {error.strerror}") from error


def read_mutants(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Return what --mutants names, read before any work is done."""
    if arguments.mutants is None:
        return None
    from checks.proof.html import MutantsFileError, read_mutants

    if arguments.html is None:
        raise UserError("--mutants needs --html, where they are shown")
    try:
        return read_mutants(arguments.mutants)
    except MutantsFileError as error:
        raise UserError(str(error)) from error


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` to `path`."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
