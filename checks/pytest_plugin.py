"""The pytest plugin: gradient checks as fixtures, a closing table, a report file.

It is installed as the module ``gradproof_pytest``, a name of its own, because every pytest run of every
project on the interpreter loads it, and many a project has a package called ``checks``. Until a test asks
for a fixture nothing of gradproof is imported, nor NumPy.

The way of a finding: the fixture's function runs the check and notes the report at the running test;
the notes leave with pytest's own test reports, which pytest-xdist carries from its workers to the
controller; the controller prints the table and writes the file.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import math
import os
import platform
import warnings
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from inspect import signature
from itertools import compress
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from checks import Report

SCHEMA = "gradproof.pytest/1"
GRAVEST_FIRST = ("FAIL", "INCONCLUSIVE", "KINK", "PASS")
ROWS_SHOWN = 25

Row = dict[str, Any]
Notes = dict[tuple[str, str], Row]

DEFAULTS = pytest.StashKey[dict[str, Any]]()  # of the configuration: keywords from the ini file
RUNNING = pytest.StashKey[pytest.Item]()  # of the configuration: the test that runs now
NOTES = pytest.StashKey[Notes]()  # of a test: what its checks found since its last report


SETTINGS: dict[str, tuple[Literal["string", "int", "bool"], str]] = {
    "method": ("string", "the name of a method"),
    "rng": ("int", "a whole number"),
    "directions": ("int", "a whole number"),
    "kink": ("string", "'warn' or 'raise'"),
    "thorough": ("bool", "true or false"),
}
"""The ini options, without ``gradproof_``: how pytest reads each, and what it must be."""


# -- configuration ---------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add one option, and the keywords that a project may want to set for all its tests."""
    group = parser.getgroup("gradproof", "gradient checks")
    group.addoption(
        "--gradproof-report",
        metavar="FILE",
        help="write what the gradcheck fixtures found to FILE, as JSON; exit code 5 when nothing was checked",
    )
    about = "what the gradcheck fixtures take for {}, unless the marker or the call says otherwise"
    for keyword, (kind, _) in SETTINGS.items():
        parser.addini(f"gradproof_{keyword}", about.format(keyword), type=kind, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; refuse an unreadable ini value and an unwritable file before any work."""
    config.addinivalue_line(
        "markers",
        "gradproof(**keywords): keywords for the gradcheck fixtures in this test, such as method, rng",
    )
    config.stash[DEFAULTS] = dict(_configured(config))
    if hasattr(config, "workerinput"):
        return
    name = config.getoption("--gradproof-report")
    if name == "":  # of a variable that is not set: the job asked for evidence
        raise pytest.UsageError("--gradproof-report: must name a file; got ''")
    path = Path(config.invocation_params.dir, name) if name and not config.option.collectonly else None
    if path is not None:
        try:
            with path.open("a"):
                pass
        except OSError as error:
            raise pytest.UsageError(f"--gradproof-report: cannot write {path}: {error.strerror}") from error
    config.pluginmanager.register(Evidence(path), "gradproof-evidence")


def _configured(config: pytest.Config) -> Iterator[tuple[str, Any]]:
    """Yield the keywords that the ini file sets; what they may be is gradcheck's to judge."""
    for keyword, (_, rule) in SETTINGS.items():
        try:
            value = config.getini(f"gradproof_{keyword}")
        except (TypeError, ValueError, pytest.UsageError) as error:
            raise pytest.UsageError(f"gradproof_{keyword} must be {rule}: {error}") from None
        if value is not None:
            yield keyword, value


# -- the fixtures ----------------------------------------------------------------------------------


def _fixture(name: str) -> Any:
    # For the session, not for the function: Hypothesis refuses function-scoped fixtures under @given,
    # and these hold nothing that one test could leave to the next.
    @pytest.fixture(name=name, scope="session")
    def fixture(pytestconfig: pytest.Config) -> Callable[..., Report]:
        return _noting(getattr(_our_checks(name), name), pytestconfig)

    return fixture


gradcheck = _fixture("gradcheck")
vjpcheck = _fixture("vjpcheck")
jvpcheck = _fixture("jvpcheck")
jaccheck = _fixture("jaccheck")
hesscheck = _fixture("hesscheck")
hvpcheck = _fixture("hvpcheck")


def _our_checks(fixture: str) -> ModuleType:
    """Import gradproof's package ``checks``, or fail the test saying what stands in its way."""
    try:
        import checks
    except Exception as error:  # whatever a foreign package raises when it is imported
        pytest.fail(
            f"the fixture {fixture} needs gradproof's package `checks`, and `import checks` raises "
            f"{type(error).__name__}: {error}",
            pytrace=False,
        )
    if not hasattr(checks, "GradcheckError"):
        place = checks.__file__ or ", ".join(checks.__path__)
        pytest.fail(
            f"the fixture {fixture} needs gradproof's package `checks`, but here `import checks` finds "
            f"another one: {place}. A process can hold one package of a name: rename that one, or keep its "
            "folder off sys.path (`pytest --import-mode=importlib` instead of `python -m pytest`)",
            pytrace=False,
        )
    return checks


def _noting(check: Callable[..., Report], config: pytest.Config) -> Callable[..., Report]:
    """Return the check with this run's keywords, noting every report at the running test."""
    from checks import GradcheckError, KinkWarning, gradcheck

    keywords_of_all = [p.name for p in signature(gradcheck).parameters.values() if p.kind is p.KEYWORD_ONLY]

    @functools.wraps(check)
    def noting(*arguments: Any, **given: Any) -> Report:
        __tracebackhide__ = True
        item = config.stash[RUNNING]
        keywords = config.stash[DEFAULTS] | _marked(item, keywords_of_all) | given
        try:
            with warnings.catch_warnings():
                # Warned of below instead: at the caller's line, and after the report was noted, since the
                # warning may be an error there.
                warnings.simplefilter("ignore", KinkWarning)
                report = check(*arguments, **keywords)
        except Exception as error:
            if isinstance(error, GradcheckError):
                _note(item, check.__name__, error.report)
            if not config.option.fulltrace:
                error.with_traceback(_telling(error))
            raise
        _note(item, check.__name__, report)
        if report.verdict == "KINK" and keywords.get("kink", "warn") == "warn":
            warnings.warn(KinkWarning(str(report)), stacklevel=2)
        return report

    return noting


def _telling(error: Exception) -> TracebackType | None:
    """Return the traceback without the engine's frames: the caller's functions alone, or nothing.

    An exception that the engine raises on its own account says everything in its message, unless it is
    none of those that are documented: that is a defect of the engine, and nothing is left out.
    """
    import checks

    engine = os.path.join(checks.__path__[0], "")
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    theirs = [not frame.tb_frame.f_code.co_filename.startswith(engine) for frame in frames]
    if not theirs[-1] and not isinstance(error, checks.GradcheckError | TypeError | ValueError):
        return error.__traceback__
    for frame in reversed(list(compress(frames, theirs))):
        traceback = TracebackType(traceback, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return traceback


def _marked(item: pytest.Item, known: list[str]) -> dict[str, Any]:
    """Return the keywords of the test's markers, of which the nearest wins."""
    keywords: dict[str, Any] = {}
    for marker in item.iter_markers("gradproof"):
        unknown = [repr(value) for value in marker.args] + [k for k in marker.kwargs if k not in known]
        if unknown:
            pytest.fail(
                f"the marker gradproof takes the keywords {', '.join(known)}; got {', '.join(unknown)}",
                pytrace=False,
            )
        keywords = {**marker.kwargs, **keywords}
    return keywords


# -- from the test to the controller ---------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Know which test runs."""
    item.config.stash[RUNNING] = item
    item.stash[NOTES] = {}
    return (yield)


def _note(item: pytest.Item, check: str, report: Report) -> None:
    """Note a report: one row for each thing checked, however often it is checked (think of @given)."""
    found = report.to_dict()
    new: Row = {
        "check": check,
        "what": found["what"],
        "times": 1,
        "entries": found["checked"],
        "verdict": found["verdict"],
        "verdicts": {found["verdict"]: 1},
        "resolution": found["resolution"],
        "oracles": sorted({leaf["oracle"] for leaf in found["leaves"]}),
        "gravest": found,
    }
    notes = item.stash[NOTES]
    old = notes.get((check, new["what"]))
    if old is None:
        notes[check, new["what"]] = new
        return
    graver = new if _weight(new) > _weight(old) else old
    notes[check, new["what"]] = {
        **graver,
        "times": old["times"] + 1,
        "entries": old["entries"] + new["entries"],
        "verdicts": dict(Counter(old["verdicts"]) + Counter(new["verdicts"])),
        "oracles": sorted({*old["oracles"], *new["oracles"]}),
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the notes along with the test's report: as text, for a worker can send nothing of NumPy's."""
    report = yield
    notes = item.stash.get(NOTES, {})
    if notes:
        report.gradproof = json.dumps(list(notes.values()))  # type: ignore[attr-defined]
        notes.clear()
    return report


# -- on the controller -----------------------------------------------------------------------------


class Evidence:
    """What all tests found, wherever they ran: the closing table and the file.

    Parameters
    ----------
    path : Path or None
        Where the report goes, if anywhere.
    """

    def __init__(self, path: Path | None) -> None:
        self.path, self.unwritten = path, ""
        self.rows: dict[str, list[Row]] = {}
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the notes of a test's setup, call or teardown, and how that ended."""
        notes = getattr(report, "gradproof", None)
        if notes:
            self.rows.setdefault(report.nodeid, []).extend(json.loads(notes))
        if report.failed or report.nodeid not in self.outcomes or self.outcomes[report.nodeid] == "passed":
            outcome: str = report.outcome
            if hasattr(report, "wasxfail"):
                outcome = "xfailed" if report.skipped else "xpassed"
            self.outcomes[report.nodeid] = outcome

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file; a run that was to report on gradients and checked none is no success."""
        if self.path is None:
            return
        try:
            self.path.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:  # a disk that is full by now
            self.unwritten = f"--gradproof-report: cannot write {self.path}: {error.strerror}"
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if not self.rows and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def to_dict(self) -> dict[str, Any]:
        """Return the report: a row for each thing that a test checked, with the gravest finding in full."""
        return {
            "schema": SCHEMA,
            "versions": {
                "gradproof": importlib.metadata.version("gradproof"),
                "numpy": importlib.metadata.version("numpy"),
                "python": platform.python_version(),
            },
            "checks": sum(row["times"] for rows in self.rows.values() for row in rows),
            "verdicts": self._verdicts(),
            "tests": [
                {"test": test, "outcome": self.outcomes[test], "checked": self.rows[test]}
                for test in sorted(self.rows)
            ],
        }

    def _verdicts(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for rows in self.rows.values():
            for row in rows:
                total.update(row["verdicts"])
        return {verdict: total[verdict] for verdict in GRAVEST_FIRST if total[verdict]}

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Print what was checked, and what a PASS could have missed."""
        if not self.rows and self.path is None:
            return
        terminalreporter.section("gradproof: gradients checked, and at which resolution")
        if self.unwritten:
            terminalreporter.write_line(self.unwritten, red=True)
        if not self.rows:
            terminalreporter.write_line("No gradient was checked.", yellow=True)
            return
        lines = self._table(math.inf if config.get_verbosity() > 0 else ROWS_SHOWN)
        for line in lines if config.get_verbosity() >= 0 else ():
            terminalreporter.write_line(line)
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self._verdicts().items())
        terminalreporter.write_line(f"{counts}.")

    def _table(self, most: float) -> list[str]:
        """Return the rows by test; when there are too many, the gravest and coarsest of them."""
        rows = [(test, row) for test in sorted(self.rows) for row in self.rows[test]]
        by_weight = sorted(rows, key=lambda item: _weight(item[1]), reverse=True)
        shown = rows if len(rows) <= most else by_weight[: int(most)]
        cells = [("test", "what", "checks", "verdict", "resolution", "oracle")]
        for test, row in shown:
            right = row["verdict"] in ("PASS", "KINK")
            cells.append((
                test,
                row["what"],
                str(row["times"]),
                row["verdict"] + " (the test passed)" * (not right and self.outcomes[test] == "passed"),
                f"{row['resolution']:.0e}" if row["verdict"] == "PASS" else "",
                ", ".join(row["oracles"]),
            ))  # fmt: skip
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in cells
        ]
        hidden = len(rows) - len(shown)
        return [*lines, f"and {hidden} more, none graver or coarser (-v shows them)"] if hidden else lines


def _weight(row: Row) -> tuple[int, float]:
    """How grave a finding is: its verdict, then how coarse."""
    resolution = math.inf if row["resolution"] is None else row["resolution"]
    return -GRAVEST_FIRST.index(row["verdict"]), resolution
