"""Gradient checkers side by side: the same cases, the same run, defaults untouched.

    python tests/benchmarks/peers.py --cases 1000 --json peers.json --insert README.md README.zh.md
    python tests/benchmarks/peers.py --from peers.json --insert README.md README.zh.md

Or in parts, side by side or with other numbers of cases (--tools, --only, --seed), put together by
``--from part.json another.json``.

Peers are used when they are installed. The seeds of this table are its own: what was tuned in the
checker was tuned on others (0 to 9).
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from peers_cases import KINKS, MUTANTS, RIGHT, Case, category, network
from peers_hostile import HOSTILE
from peers_table import NAMES, insert, whole
from peers_tools import RULES, Tool, available, run

from checks import gradcheck
from checks.oracles.finite_differences import derivative

SLOW = {"torch", "jax", "autograd", "scipy", "numdifftools", "jacobi", "statsmodels"}
ERRORS = [10.0**-k for k in range(1, 14)]
SCALINGS = ("smooth", "parameters x 1e-4", "parameters x 1e4", "loss x 1e-8", "loss x 1e8", "deep")

Row = dict[str, Any]
ONLY: list[str] = []  # rows whose name contains one of these, or all
DONE: set[str] = set()  # rows that a run which was interrupted has kept


def wanted(what: str) -> bool:
    """Whether this row is still to be made."""
    return what not in DONE and (not ONLY or any(part in what for part in ONLY))


def draw(name: str, index: int, seed: int) -> tuple[Case, np.random.Generator]:
    rng = np.random.default_rng([seed, index, zlib.crc32(name.encode())])
    return category(name, rng), rng


def right_gradients(tools: dict[str, Tool], cases: int, peer_cases: int, seed: int) -> Iterator[Row]:
    """How often is a right gradient rejected, and how often is it passed?"""
    for name in (*RIGHT, *KINKS, "float32 inside", "deep"):
        row: Row = {"what": f"right, {name}"}
        if not wanted(row["what"]):
            continue
        for label, tool in tools.items():
            count = min(cases, peer_cases) if label in SLOW else cases
            told = Counter(
                run(tool, case, case.grad) for case, _ in (draw(name, i, seed) for i in range(count))
            )
            row[label] = {"cases": count, **told}
        yield row


def mutants(tools: dict[str, Tool], cases: int, peer_cases: int, seed: int) -> Iterator[Row]:
    """How often is a structurally wrong gradient caught?"""
    for scaling in SCALINGS:
        for mutant in MUTANTS:
            row: Row = {"what": f"wrong, {scaling}: {mutant}"}
            if not wanted(row["what"]):
                continue
            for label, tool in tools.items():
                count = min(cases, peer_cases) if label in SLOW else cases
                told: Counter[str] = Counter()
                for i in range(10 * count):
                    case, _ = draw(scaling, i, seed)
                    if not _is_a_mistake(case, mutant):
                        continue
                    told[run(tool, case, case.spoiled(mutant).grad)] += 1
                    if sum(told.values()) == count:
                        break
                row[label] = {"cases": sum(told.values()), **told}
            yield row
    row = {"what": "wrong, kink, one exactly: W1 x 2"}
    if not wanted(row["what"]):
        return
    for label, tool in tools.items():
        count = min(cases, peer_cases) if label in SLOW else cases
        told = Counter()
        for i in range(count):
            case, _ = draw("kink, one exactly", i, seed)
            if np.any(case.grad(case.x0)[0]):
                told[run(tool, case, case.spoiled("W1 x 2").grad)] += 1
        row[label] = {"cases": sum(told.values()), **told}
    yield row


def _is_a_mistake(case: Case, mutant: str) -> bool:
    """Some mutants change nothing on some networks, or nothing beyond rounding."""
    right, wrong = case.grad(case.x0), case.spoiled(mutant).grad(case.x0)
    size = np.sqrt(sum(np.sum(g**2) for g in right))
    return any(np.linalg.norm(a - b) > 1e-3 * np.linalg.norm(a) and np.linalg.norm(a) > 1e-11 * size
               for a, b in zip(right, wrong, strict=True))  # fmt: skip


def smallest_error(tools: dict[str, Tool], cases: int, peer_cases: int, seed: int) -> Iterator[Row]:
    """The smallest error of one entry, relative to the norm of its leaf, that 99 % of runs catch."""
    for name in ("smooth", "relu", "deep"):
        row: Row = {"what": f"smallest wrong entry caught in 99 %, {name}"}
        if not wanted(row["what"]):
            continue
        for label, tool in tools.items():
            count = min(cases, peer_cases) if label in SLOW else cases
            # The larger an error, the more often it is caught: halve the list of sizes instead of walking it.
            first, last = -1, len(ERRORS)
            while last - first > 1:
                middle = (first + last) // 2
                if _catches_99(tool, name, ERRORS[middle], count, seed):
                    first = middle
                else:
                    last = middle
            smallest = ERRORS[first] if first >= 0 else None
            row[label] = {"cases": count, "smallest": smallest}
        yield row


def _catches_99(tool: Tool, name: str, error: float, cases: int, seed: int) -> bool:
    missed = 0
    for i in range(cases):
        case, rng = draw(name, i, seed)
        missed += run(tool, case, case.with_wrong_entry(error, rng)) != "FAIL"
        if missed > 0.01 * cases:
            return False
    return True


def promise(cases: int, seed: int) -> Iterator[Row]:
    """Errors of exactly the stated resolution, fixed before the directions are drawn: how many are caught?"""
    for method in ("auto", "finite differences"):
        if not wanted(f"promise kept, {method}"):
            continue
        caught = total = 0
        for i in range(cases):
            case, rng = draw("smooth", i, seed + 1)
            first = _check(case, case.grad, method, rng=i)
            leaf = int(rng.integers(len(first.leaves)))
            wrong, size = _error_at(case, leaf, first.leaves[leaf].resolution, rng)
            second = _check(case, wrong, method, rng=10**6 + i)
            if second.verdict == "PASS" and second.leaves[leaf].resolution > size:
                continue  # this run promised less than the error planted
            total += 1
            caught += second.verdict == "FAIL"
        yield {
            "what": f"promise kept, {method}",
            "gradproof": {"cases": total, "caught": caught, "promised": 0.99},
        }


def _error_at(case: Case, leaf: int, size: float, rng: np.random.Generator) -> tuple[Any, float]:
    """A gradient wrong by ``size`` of the leaf's norm, in one entry, a row, or everywhere."""
    x = case.x0[leaf]
    scaling = np.maximum(np.abs(x), np.sqrt(np.mean(x**2)))
    shape = rng.standard_normal(x.shape)
    kind = rng.integers(3)
    if kind == 0:
        shape = np.zeros(x.shape)
        shape.flat[rng.integers(x.size)] = 1.0
    elif kind == 1:
        shape[1:] = 0
    g = case.grad(case.x0)[leaf]
    error = shape / np.linalg.norm(shape) * np.linalg.norm(g * scaling) * size / scaling

    def grad(p: Any) -> Any:
        found = case.grad(p)
        found[leaf] = found[leaf] + error
        return found

    return grad, size


def costs(cases: int, seed: int) -> Iterator[Row]:
    """Evaluations of fun: a leaf, and to name one wrong entry among 3,000 parameters."""
    for method in ("auto", "finite differences"):
        if not wanted(f"evaluations and the wrong entry, {method}"):
            continue
        most = max(
            report.evaluations / len(report.leaves)
            for report in (
                _check(case, case.grad, method) for case, _ in (draw("smooth", i, seed) for i in range(cases))
            )
        )
        yield {"what": f"evaluations a leaf, at most, {method}", "gradproof": {"cases": cases, "value": most}}
        found, evaluations = 0, []
        for i in range(min(cases, 100)):
            rng = np.random.default_rng([seed, i, 3000])
            case = network(rng, activation="tanh", depth=1, widest=3)
            data, target = rng.standard_normal((59, 8)), rng.standard_normal((1, 8))
            x0 = [rng.standard_normal((50, 59)) / 8, rng.standard_normal((1, 50)) / 7]
            case = Case(
                "3000", [x0[0], np.zeros((50, 1)), x0[1], np.zeros((1, 1))], data, target, "tanh", "squares"
            )
            row, column = int(rng.integers(50)), int(rng.integers(59))

            def grad(p: Any, case: Case = case, at: tuple[int, int] = (row, column)) -> Any:
                g = case.grad(p)
                g[0][at] += 0.1 * np.linalg.norm(g[0])
                return g

            report = _check(case, grad, method)
            evaluations.append(report.evaluations)
            found += report.worst.index == (row, column) and report.worst.path == "x0[0]"
        yield {
            "what": f"wrong entry named at 3,000 parameters, {method}",
            "gradproof": {"cases": len(evaluations), "found": found, "most evaluations": max(evaluations)},
        }


def hostile() -> Iterator[Row]:
    """True error within three times the estimated one, on hostile scalar functions."""
    if not wanted("true error within 3 bars"):
        return
    covered = 0
    for _, f, slope, x, scale in HOSTILE:
        with np.errstate(all="ignore"):
            estimate = derivative(lambda t, f=f, x=x: float(f(x + t)), scale=scale)
        covered += abs(estimate.value - float(slope(x))) <= 3 * estimate.error
    yield {"what": "true error within 3 bars", "gradproof fd": {"cases": len(HOSTILE), "covered": covered}}


def _check(case: Case, grad: Any, method: str, rng: int = 0) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gradcheck(case.fun, grad, case.x0, method=method, rng=rng, raise_exception=False)


TOTAL = len(RIGHT) + len(KINKS) + 2 + len(SCALINGS) * len(MUTANTS) + 1 + 3 + 2 + 4 + 1
"""Rows of a whole run."""


def told(rows: Iterator[Row], start: float) -> Iterator[Row]:
    """Tell each row, and how long the rest will take if its rows cost what the others did."""
    total = TOTAL - len(DONE)
    for number, row in enumerate(rows, 1):
        seconds = time.perf_counter() - start
        left = f"about {seconds / number * (total - number):.0f} s left" if not ONLY else "some left"
        print(f"[{number} of {total}, {seconds:.0f} s, {left}] {row}", file=sys.stderr, flush=True)
        yield row


def versions(labels: Iterable[str]) -> dict[str, str]:
    """Of the distributions compared."""
    return {name: version(name) for name in ("gradproof", *labels) if " " not in name}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1000, help="cases a row for this package (default 1000)")
    parser.add_argument(
        "--peer-cases", type=int, default=60, help="cases a row for the peers, which are slower"
    )
    parser.add_argument(
        "--mutant-cases", type=int, default=40, help="cases for each mutant and each error size"
    )
    parser.add_argument(
        "--tools", default="", help="only these, separated by commas (default: all installed)"
    )
    parser.add_argument("--only", nargs="+", default=[], help="only rows whose name contains one of these")
    parser.add_argument("--seed", type=int, default=2026, help="of the cases; 0 to 9 were used for tuning")
    parser.add_argument("--markdown", type=Path, help="write every row as a table")
    parser.add_argument("--json", type=Path, help="keep every row; an interrupted run goes on from it")
    parser.add_argument(
        "--insert", type=Path, nargs="+", default=[], help="put the short table into these READMEs"
    )
    parser.add_argument(
        "--from", dest="parts", type=Path, nargs="+", default=[], help="put together what --json wrote"
    )
    options = parser.parse_args()
    if options.insert and (options.tools or options.only):
        parser.error("--insert needs every tool and every row: leave out --tools and --only")
    run = put_together(options.parts) if options.parts else compared(options)
    table = whole(run)
    print(table)
    if options.markdown:
        options.markdown.write_text(table + "\n")
    for readme in options.insert:
        insert(run, readme)


def compared(options: argparse.Namespace) -> dict[str, Any]:
    """Run everything that is asked for."""
    start, tools, seed = time.perf_counter(), available(), options.seed
    if options.tools:
        tools = {name: tools[name] for name in options.tools.split(",")}
    several = min(options.mutant_cases, options.cases)
    global ONLY
    ONLY = options.only
    parts = [
        right_gradients(tools, options.cases, options.peer_cases, seed),
        mutants(tools, several, options.peer_cases, seed),
        smallest_error(tools, several * 5, options.peer_cases, seed),
        promise(options.cases, seed),
        costs(min(options.cases, 200), seed),
        hostile(),
    ]
    sizes = f"--cases {options.cases} --peer-cases {options.peer_cases} --mutant-cases {options.mutant_cases}"
    of = f" --tools {shlex.quote(options.tools)}" if options.tools else ""
    of += f" --only {shlex.join(options.only)}" if options.only else ""
    run: dict[str, Any] = {
        "schema": "gradproof.peers/2",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": f"python tests/benchmarks/peers.py {sizes} --seed {seed}{of}",
        "cases": {
            "ours": options.cases,
            "peers": min(options.cases, options.peer_cases),
            "mutants": several,
            "sizes": several * 5,
        },
        "seed": seed,
        "labels": list(tools),
        "versions": versions(tools),
        "rules": RULES,
        "rows": [],
        "seconds": 0.0,
    }
    if options.json and options.json.exists():
        run["rows"], run["seconds"] = kept(options.json, run)
        DONE.update(row["what"] for row in run["rows"])
    before = run["seconds"]
    for row in told(chain(*parts), start):
        run["rows"].append(row)
        run["seconds"] = before + time.perf_counter() - start
        if options.json:
            options.json.write_text(json.dumps(run, indent=1) + "\n")
    return run


def put_together(paths: list[Path]) -> dict[str, Any]:
    """One run of several parts: what the first says, and each part's rows and labels.

    Raises
    ------
    SystemExit
        Where two were made with other versions, or hold the same cell.
    """
    run, *others = (json.loads(path.read_text()) for path in paths)
    for path, other in zip(paths[1:], others, strict=True):
        versions = {**run["versions"], **other["versions"]}
        if versions != {**versions, **run["versions"]}:
            sys.exit(f"{path} was made with other versions than {paths[0]}")
        rows = {row["what"]: row for row in run["rows"]}
        for row in other["rows"]:
            together = rows.setdefault(row["what"], {"what": row["what"]})
            if together.keys() & row.keys() != {"what"}:
                sys.exit(f"{path} repeats {row['what']!r}: leave one of the two parts out")
            together.update(row)
        run["rows"], run["versions"] = list(rows.values()), versions
        run["labels"] = [label for label in NAMES if label in {*run["labels"], *other["labels"]}]
        run["seconds"] += other["seconds"]
        run["rules"] |= other["rules"]
        run["seed"] = " and ".join(dict.fromkeys(f"{run['seed']} and {other['seed']}".split(" and ")))
        run["command"] += f"`, `{other['command']}"
    return run


def kept(path: Path, run: dict[str, Any]) -> tuple[list[Row], float]:
    """What an interrupted run of the same command with the same versions has made."""
    old = json.loads(path.read_text())
    if any(old.get(name) != run[name] for name in ("command", "labels", "versions", "rules")):
        sys.exit(f"{path} holds another run: delete it, or name another file")
    of_methods = ("promise kept", "evaluations", "wrong entry", "true error")  # quick, and made again
    return [row for row in old["rows"] if not row["what"].startswith(of_methods)], old["seconds"]


if __name__ == "__main__":
    main()
