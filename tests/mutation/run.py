"""Source-level mutants by mutmut: of dnn, or of the kernel, each killed by a test or kept with a reason.

    python tests/mutation/run.py dnn [--children 2] [--minutes 10]
    python tests/mutation/run.py kernel

The project is copied first, so that a checkout is never left mutated. Exit codes: 0 every mutant killed or
kept as equivalent; 1 a survivor that nothing explains, or a reason without its survivor; 2 not finished.

On two cores the 822 mutants of dnn took 83 seconds and the 1107 of the kernel 108 (142 and 195 of processor
time); half as fast a machine takes twice that. The few that are kept cost most: they meet every test.

Why mutmut (3.8) and not cosmic-ray (8.7), both tried on dnn: mutmut makes half as many, maps each to the
tests that run its function, and forks a process that has imported everything; cosmic-ray makes 1757, 1265 of
them one binary operator for another, edits the file in place and starts pytest anew for each, one after the
other unless a copy of the checkout is served to each worker. On one busy machine that was 0.8 mutants a
second against 0.15. mutmut leaves alone what is not a function body and what has a decorator: constants,
tables, properties, `half_mse`. Those are in the catalogue of `checks.proof.mutants`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EQUIVALENTS = Path(__file__).with_name("equivalents.json")
COPIED = ("dnn", "checks", "derivations", "tests", ".packaging", "pyproject.toml", "README.md")


CONFTEST = """
from hypothesis import Phase
from mutmut.mutation import trampoline

settings.register_profile(
    "mutation",
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mutation")
del pytest_ignore_collect, pytest_terminal_summary

asked = trampoline.get_mutant_under_test


def pytest_sessionstart() -> None:
    mutant = asked()
    trampoline.get_mutant_under_test = lambda: mutant
"""
"""What is added to the copy's conftest.py.

A mutant that matters shows in 10 examples, or in a named test; the first example that fails is enough, and
need be neither small nor explained. Tests are named one by one, so none is left out; nobody reads a table.
mutmut asks the environment at each call of a function which mutant it is to be; once for each run is enough.
"""

QUIET = ("-p", "no:gradproof", "-p", "no:xdist", "-p", "no:cacheprovider", "--tb=no", "--assert=plain")
"""Of pytest in each of a thousand processes, only the exit code is read."""


@dataclass(frozen=True)
class Target:
    """What is mutated, and the tests that should notice."""

    source: str
    only: str
    tests: tuple[str, ...]


TARGETS = {
    "dnn": Target("dnn/", "dnn/*.py", ("tests/dnn", "tests/formulas")),
    "kernel": Target(
        "derivations/",
        "derivations/kernel.py",
        (
            "tests/derivations/test_kernel.py",
            "tests/derivations/test_kernel_refusals.py",
            "tests/derivations/test_kernel_given.py",
            "tests/derivations/test_kernel_orders.py",
            "tests/derivations/test_kernel_against_sympy.py",
        ),
    ),
}


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test killed.

    Parameters
    ----------
    function : str
        ``"dnn.heads.softmax"``.
    old, new : str
        The line, as it was and as it is.
    """

    function: str
    old: str
    new: str


def configuration(target: Target) -> str:
    """The section of pyproject.toml that mutmut reads."""
    copied = [name for name in COPIED if name not in ("tests", "pyproject.toml", target.source.rstrip("/"))]
    return "\n".join(
        [
            "\n[tool.mutmut]",
            f"source_paths = {json.dumps([target.source])}",
            f"only_mutate = {json.dumps([target.only])}",
            f"also_copy = {json.dumps(copied)}",
            f"pytest_add_cli_args_test_selection = {json.dumps(target.tests)}",
            f"pytest_add_cli_args = {json.dumps(QUIET)}",
            "timeout_constant = 3.0",  # five times what the tests took while they were mapped, and 15 s
            "timeout_multiplier = 5.0",
            "",
        ]
    )


def function_of(mutant: str) -> str:
    """The function that a mutant's name stands for: ``dnn.network.xǁNetworkǁloss__mutmut_3``."""
    module, _, mangled = mutant.rpartition("__mutmut_")[0].rpartition(".")
    names = mangled.removeprefix("xǁ").split("ǁ") if "ǁ" in mangled else [mangled.removeprefix("x_")]
    return ".".join([module, *names])


def survivor(mutant: str, diff: str) -> Survivor:
    """Read what ``mutmut show`` prints."""
    lines = {"-": "", "+": ""}
    for line in diff.splitlines():
        if line[:1] in lines and not line.startswith(("---", "+++")):
            lines[line[0]] += line[1:].strip()
    return Survivor(function_of(mutant), lines["-"], lines["+"])


def shown(mutants: Sequence[str], cwd: Path) -> list[Survivor]:
    """What ``mutmut show`` prints of each, read by one process: to start it takes a second."""
    script = (
        "import json, sys\n"
        "from mutmut.mutation.diff_apply import get_diff_for_mutant\n"
        "print(json.dumps([get_diff_for_mutant(mutant) for mutant in sys.argv[1:]]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *mutants], cwd=cwd, text=True, stdout=subprocess.PIPE, check=True
    )
    return [survivor(mutant, diff) for mutant, diff in zip(mutants, json.loads(ran.stdout), strict=True)]


def kept(name: str) -> dict[Survivor, str]:
    """The survivors that are no mistake, with the reason."""
    rows = json.loads(EQUIVALENTS.read_text(encoding="utf-8"))[name]
    return {Survivor(row["function"], row["old"], row["new"]): row["reason"] for row in rows}


def verdict(
    found: Sequence[Survivor], explained: dict[Survivor, str], *, finished: bool = True
) -> Iterator[str]:
    """One line for each survivor without a reason; of a finished run, for each reason without one too."""
    for one in found:
        if one not in explained:
            yield f"survived: {one.function}\n    - {one.old}\n    + {one.new}"
    for one in explained:
        if finished and one not in found:
            yield f"stale: {one.function} is kept as equivalent and did not survive: {one.new}"


def mutmut(*arguments: str, cwd: Path, timeout: float | None = None, quiet: bool = True) -> str:
    """Run it; its output."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    ran = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=cwd,
        env=environment,
        timeout=timeout,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
        check=False,
    )
    return ran.stdout or ""


def copy(target: Target, to: Path) -> None:
    """Copy the project and tell mutmut what to do with it."""
    for name in COPIED:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", ".hypothesis")
        shutil.copytree(source, to / name, ignore=ignore) if source.is_dir() else shutil.copy(source, to)
    with (to / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(configuration(target))
    with (to / "tests" / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(CONFTEST)


def main(argv: Sequence[str] | None = None) -> int:
    """Mutate, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--children", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        there, target = Path(name), TARGETS[arguments.target]
        copy(target, there)
        finished = True
        try:
            children = str(arguments.children)
            mutmut("run", "--max-children", children, cwd=there, timeout=60 * arguments.minutes, quiet=False)
        except subprocess.TimeoutExpired:
            finished = False
        found = re.findall(r"^\s*(\S+): (.+)$", mutmut("results", "--all", "true", cwd=there), re.MULTILINE)
        statuses = Counter(status for _, status in found)
        survivors = shown([mutant for mutant, status in found if status == "survived"], cwd=there)
    checked = sum(statuses.values()) - statuses["not checked"]
    print(f"\n{arguments.target}: {dict(statuses)}")
    finished &= bool(checked) and not statuses["not checked"]
    complaints = list(verdict(survivors, kept(arguments.target), finished=finished))
    print(*complaints, sep="\n")
    if not finished:
        print(f"not finished: {checked} of {sum(statuses.values())} mutants were run")
        return 2
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
