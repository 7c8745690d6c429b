"""What the commands do, from their arguments to their exit code.

Exit codes: 0 all holds; 1 something is wrong; 2 could not check.
"""

import argparse
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from checks.proof.raised import OURS, told
from checks.streams import kept
from checks.user_input import UserError, apart, each_apart, load, load_point, read_mutants, writable

HOLDS, WRONG, COULD_NOT_CHECK = 0, 1, 2
READABLE = 100
"""Columns beyond which a sentence is tiring to read."""
EXIT_CODES = {"PASS": HOLDS, "KINK": HOLDS, "FAIL": WRONG, "INCONCLUSIVE": COULD_NOT_CHECK}


def run_prove(arguments: argparse.Namespace) -> int:
    """`gradproof prove`."""
    from checks.proof import ci_page, terminal
    from checks.proof.code.network_protocol import ProtocolError
    from checks.proof.prove import prove, prove_network

    files = {option: getattr(arguments, option) for option in ("json", "html", "junit", "markdown")}
    each_apart(mutants=arguments.mutants, **files)
    writable(arguments.json)
    writable(arguments.html, "--html")
    mutants = read_mutants(arguments)
    writable(arguments.junit, "--junit")
    writable(arguments.markdown, "--markdown")
    if arguments.network is not None:
        sys.path.insert(0, os.getcwd())
        try:
            with kept(), terminal.progress() as progress:
                proof = prove_network(arguments.network, arguments.seed, progress)
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
        write(arguments.html, html.document(report))
    if arguments.junit:
        write(arguments.junit, ci_page.junit([proof.to_dict()]))
    if arguments.markdown:
        write(arguments.markdown, ci_page.markdown([proof.to_dict()]))
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

    point = Path(arguments.x0) if arguments.x0.endswith(".npy") else None
    apart(arguments.json, "--json", [("--x0", point)])
    writable(arguments.json)
    sys.path.insert(0, os.getcwd())
    with kept():
        fun = load("fun", arguments.fun)
        grad = True if arguments.grad == "True" else load("grad", arguments.grad)
        x0 = load_point(arguments.x0)
    for name, value in (("fun", fun), ("grad", grad)):
        if not callable(value) and value is not True:
            raise UserError(f"{name} must be callable, got {type(value).__name__}")
    try:
        with kept(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = gradcheck(fun, grad, x0, raise_exception=False)
    except GradcheckError as error:
        show(error)
        return WRONG
    except OURS:
        raise
    except BaseException as error:  # that of the code under test would pass for a verdict
        raise UserError(told(error)) from error
    show(report)
    if arguments.json:
        write_json(arguments.json, report.to_dict())
    return EXIT_CODES[str(report.verdict)]


def run_campaign(arguments: argparse.Namespace) -> int:
    """`gradproof campaign`."""
    from checks.proof.campaign import command

    apart(arguments.json, "--json", [("--resume", arguments.resume)])
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
    try:
        wrong = command.run(study, arguments.png)
    except MemoryError as error:
        raise UserError(f"such networks do not fit into memory: {error}") from error
    for line in wrong:
        print(f"gradproof: {line}", file=sys.stderr)
    return WRONG if wrong else HOLDS


def run_mutants(arguments: argparse.Namespace) -> int:
    """`gradproof mutants`."""
    if arguments.planted:
        for option, value in (("--json", arguments.json), ("--workers", arguments.workers)):
            if value is not None:
                raise UserError(
                    f"{option} must be left out with --planted, which has no use for it, got {value}"
                )
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
    from checks.proof import gate_command
    from checks.proof.baseline import CouldNotCompare

    held = [("--baseline", arguments.baseline), *(("--evidence", path) for path in arguments.evidence)]
    each_apart(junit=arguments.junit, markdown=arguments.markdown)
    for option, path in (("--junit", arguments.junit), ("--markdown", arguments.markdown)):
        apart(path, option, held)
        writable(path, option)
    if arguments.update:
        new = not arguments.baseline.exists()
        writable(arguments.baseline, "--baseline")
        if new:  # there is none until all of it is known
            arguments.baseline.unlink()
    try:
        wrong = gate_command.run(
            arguments.baseline,
            arguments.evidence,
            tests=arguments.tests,
            update=arguments.update,
            junit=arguments.junit,
            markdown=arguments.markdown,
        )
    except CouldNotCompare as reason:
        raise UserError(str(reason)) from None
    return WRONG if wrong else HOLDS


def show(text: object) -> None:
    """Print to whoever reads; the exit code is the same where nobody does."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        stop_writing()


def stop_writing() -> None:
    """Let what is still to be written go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` to `path`."""
    write(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write(path: Path, text: str) -> None:
    """Write `text` to `path`; half a surrogate, which a name may hold, is escaped, as it is in JSON."""
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
