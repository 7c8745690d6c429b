"""The plugin under pytest-xdist, in another order, unused, and beside another package called `checks`."""

import json
import random
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

GRADIENTS = """
import numpy as np
import pytest

def cube(x):
    return np.sum(x**3)

@pytest.mark.parametrize("factor", [3, 3.001])
@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_cube(n, factor, gradcheck):
    gradcheck(cube, lambda x: factor * x**2, np.arange(1.0, n + 1))
"""


@pytest.fixture(autouse=True)
def without_hypothesis(pytester, monkeypatch):
    """Hypothesis' own plugin has no part in these runs, and is most of their time."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")


def report(pytester: pytest.Pytester) -> dict:
    return json.loads((pytester.path / "report.json").read_text())


def table(run: pytest.RunResult) -> list[str]:
    return [line for line in run.outlines if "  the gradient of cube  " in line]


# -- workers, order --------------------------------------------------------------------------------


@pytest.fixture
def serial(pytester):
    """The table and the report of a plain run."""
    pytester.makepyfile(test_gradients=GRADIENTS)
    run = pytester.runpytest("--gradproof-report=report.json", "--tb=no")
    run.assert_outcomes(passed=4, failed=4)
    found = report(pytester)
    assert found["verdicts"] == {"FAIL": 4, "PASS": 4}
    assert len(table(run)) == 8
    return table(run), found


def test_workers_hand_their_rows_to_the_controller(serial, pytester):
    run = pytester.runpytest_subprocess("-n2", "--gradproof-report=report.json", "--tb=short")
    run.assert_outcomes(passed=4, failed=4)
    assert (table(run), report(pytester)) == serial
    run.stdout.fnmatch_lines(["E*FAIL: the gradient of cube: it is wrong"])


def test_what_a_worker_checked_before_it_died_is_kept(pytester):
    pytester.makepyfile(
        test_gradients=GRADIENTS + "\ndef test_dies(gradcheck):\n    import os; os._exit(3)\n"
    )
    run = pytester.runpytest_subprocess("-n1", "--gradproof-report=report.json", "--tb=no")
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    assert report(pytester)["verdicts"] == {"FAIL": 4, "PASS": 4}


def test_nothing_checked_is_no_success_with_workers_either(pytester):
    pytester.makepyfile("def test_other():\n    pass\n")
    run = pytester.runpytest_subprocess("-n1", "--gradproof-report=report.json")
    assert run.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert report(pytester)["checks"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_tests_changes_nothing(seed, serial, pytester):
    order = list(range(8))
    random.Random(seed).shuffle(order)
    pytester.makeconftest(
        f"def pytest_collection_modifyitems(items):\n    items[:] = [items[i] for i in {order}]\n"
    )
    run = pytester.runpytest("--gradproof-report=report.json", "--tb=no")
    assert (table(run), report(pytester)) == serial


# -- a project that does not use it ----------------------------------------------------------------

WATCH = """
import sys

def pytest_sessionfinish():
    ours = {"gradproof_pytest", "checks", "dnn", "derivations", "numpy", "sympy", "rich"}
    print("\\nloaded:", *sorted(ours & set(sys.modules)))
"""


def loaded(run: pytest.RunResult) -> list[str]:
    (line,) = (line for line in run.outlines if line.startswith("loaded:"))
    return line.split()[1:]


@pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "controller"])
def test_unused_it_loads_nothing(workers, pytester):
    pytester.makeconftest(WATCH)
    pytester.makepyfile("def test_other():\n    assert 1 + 1 == 2\n")
    run = pytester.runpytest_subprocess("-s", *workers)
    run.assert_outcomes(passed=1)
    assert loaded(run) == ["gradproof_pytest"]


def test_and_used_it_would_be_noticed(pytester):
    pytester.makeconftest(WATCH)
    pytester.makepyfile("def test_asks(gradcheck):\n    pass\n")
    assert loaded(pytester.runpytest_subprocess("-s")) == ["checks", "gradproof_pytest", "numpy"]


def test_it_can_be_switched_off(pytester):
    pytester.makeconftest(WATCH)
    pytester.makepyfile("def test_other():\n    pass\n")
    run = pytester.runpytest_subprocess("-s", "-p", "no:gradproof")
    run.assert_outcomes(passed=1)
    assert loaded(run) == []


# -- a project with its own `checks` ---------------------------------------------------------------


@pytest.fixture
def other_checks(pytester):
    """A project whose own package is called checks."""
    package = pytester.mkpydir("checks")
    (package / "spelling.py").write_text("def right(word):\n    return word == 'gradient'\n")
    pytester.makepyfile(
        "from checks.spelling import right\n\ndef test_right():\n    assert right('gradient')\n"
    )
    return pytester


def test_a_project_with_its_own_checks_runs_unharmed(other_checks):
    run = other_checks.run(sys.executable, "-m", "pytest", "-Werror")
    run.assert_outcomes(passed=1)
    run.stdout.no_fnmatch_line("*gradproof:*")


def test_the_fixture_says_what_stands_in_the_way(other_checks):
    other_checks.makepyfile(test_asks="def test_asks(gradcheck):\n    pass\n")
    run = other_checks.run(sys.executable, "-m", "pytest")
    run.assert_outcomes(passed=1, errors=1)
    place = other_checks.path / "checks" / "__init__.py"
    run.stdout.fnmatch_lines([f"*gradproof's package `checks`, but*finds another one: {place}*importlib*"])
    run.stdout.no_fnmatch_line("*Traceback*")


def test_the_way_out_that_it_names_works(pytester):
    pytester.mkpydir("checks")
    pytester.makepyfile("def test_asks(gradcheck):\n    assert gradcheck.__module__.startswith('checks')\n")
    command = [sys.executable, "-P", "-m", "pytest", "--import-mode=importlib"]  # what `pytest` itself does
    run = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True)
    assert "1 passed" in run.stdout


def test_a_checks_that_cannot_be_imported_is_told_too(pytester):
    pytester.makepyfile(checks="raise RuntimeError('not on this machine')")
    pytester.makepyfile("def test_asks(gradcheck):\n    pass\n")
    run = pytester.run(sys.executable, "-m", "pytest")
    run.assert_outcomes(errors=1)
    run.stdout.fnmatch_lines(["*`import checks` raises RuntimeError: not on this machine"])
