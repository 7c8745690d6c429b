"""Hypothesis profiles, workers, what a run leaves out, and the table with which plain `pytest` ends."""

import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, currently_in_test_context, note, settings

from checks.proof.cases import Case
from checks.proof.equations import EQUATIONS, OUTER_PRODUCT, Comparison, Equation

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "nightly", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

TESTS = Path(__file__).parent
NIGHTLY = settings.default.max_examples >= settings.get_profile("nightly").max_examples


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """A run of everything takes a worker for each core; tests that are named stay in one process (``-n``)."""
    everything = config.args_source is config.ArgsSource.TESTPATHS and not hasattr(config, "workerinput")
    if (
        everything
        and not hasattr(config, "workerinput")
        and getattr(config.option, "numprocesses", 0) is None
    ):
        config.option.numprocesses = "auto"
        config.option.dist = "worksteal"  # neighbours stay together, and with them what they share


LEFT_OUT = {
    "tests/interop": "needs the frameworks: python tests/interop/run.py",
    "tests/packaging/test_built_distributions.py": "builds, and needs an index: HYPOTHESIS_PROFILE=nightly",
    "tests/packaging/test_built_plugin.py": "installs, and needs an index: HYPOTHESIS_PROFILE=nightly",
}
"""Of a run that does not name it: asked for by name it runs, and fails where it lacks something."""


def left_out(config: pytest.Config) -> dict[Path, str]:
    """What this run would have collected and does not, and how it is run."""
    named = [(config.invocation_params.dir / arg.split("::")[0]).resolve() for arg in config.args]
    return {
        place: how
        for place, how in ((TESTS.parent / name, how) for name, how in LEFT_OUT.items())
        if not (NIGHTLY and "nightly" in how)
        and any(place.is_relative_to(path) for path in named)
        and not any(path.is_relative_to(place) for path in named)
    }


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return collection_path in left_out(config) or None


@dataclass
class Entry:
    """What was seen of one equation."""

    formula: str
    architectures: set[str] = field(default_factory=set)
    numbers: int = 0
    undecided: int = 0
    worst: float = 0.0


class Ledger(defaultdict[tuple[str, str], Entry]):
    """The equations that held, as they are checked."""

    def __missing__(self, key: tuple[str, str]) -> Entry:
        return self.setdefault(key, Entry(key[1]))

    def add(self, equation: Equation, case: Case, comparisons: list[Comparison]) -> None:
        entry = self[equation.id, equation.formula]
        entry.architectures.add(repr(case.network.architecture))
        for comparison in comparisons:
            if comparison.holds:
                entry.numbers += comparison.entries
                entry.worst = max(entry.worst, comparison.ratio)
            else:
                entry.undecided += comparison.entries


LEDGER = pytest.StashKey[Ledger]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEDGER] = Ledger()


@pytest.fixture(scope="session")
def holds(pytestconfig):
    """A function that checks an equation on a case, fails with the deepest layer, and keeps the books."""
    ledger = pytestconfig.stash[LEDGER]

    def check(equation: str | Equation, case: Case) -> None:
        equation = EQUATIONS[equation] if isinstance(equation, str) else equation
        if currently_in_test_context():
            note(f"{equation.formula} on {case}")
        comparisons = list(equation.comparisons(case))
        failed = [comparison for comparison in comparisons if comparison.fails]
        assert not failed, f"layer {failed[0].layer}: {failed[0].detail}"
        ledger.add(equation, case, comparisons)

    return check


@pytest.fixture(scope="session")
def refutes():
    """A function that checks an equation on a case that breaks it, and returns the layer that is named."""

    def check(equation: str | Equation, case: Case) -> int | None:
        equation = EQUATIONS[equation] if isinstance(equation, str) else equation
        return next((comparison.layer for comparison in equation.comparisons(case) if comparison.fails), None)

    return check


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under pytest-xdist, hand this worker's books to the controller."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["ledger"] = [
            [*key, sorted(entry.architectures), entry.numbers, entry.undecided, entry.worst]
            for key, entry in session.config.stash[LEDGER].items()
        ]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    for id, formula, architectures, numbers, undecided, worst in getattr(node, "workeroutput", {}).get(
        "ledger", []
    ):
        entry = node.config.stash[LEDGER][id, formula]
        entry.architectures.update(architectures)
        entry.numbers += numbers
        entry.undecided += undecided
        entry.worst = max(entry.worst, worst)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for place, how in left_out(config).items():
        terminalreporter.write_line(f"left out: {place.relative_to(TESTS.parent)} ({how})")
    ledger = config.stash[LEDGER]
    if not ledger:
        return
    order = [(e.id, e.formula) for e in (*EQUATIONS.values(), OUTER_PRODUCT)]
    rows = [("theorem", "equation", "architectures", "numbers", "error / bar")]
    for key in sorted(ledger, key=order.index):
        entry = ledger[key]
        undecided = f" ({entry.undecided} undecided)" if entry.undecided else ""
        rows.append(
            (*key, str(len(entry.architectures)), f"{entry.numbers}{undecided}", f"{entry.worst:.2g}")
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    terminalreporter.section("equations: what dnn computes, against an oracle")
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        terminalreporter.write_line("  ".join(cells).rstrip())
