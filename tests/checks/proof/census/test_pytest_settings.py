"""Where pytest finds its settings, and what of them the gate holds."""

import json
import subprocess
import sys
from itertools import pairwise

import pytest

from checks.cli import main
from checks.proof.census.pytest_settings import TABLES, pages, settings_file

TOML = 'addopts = ["-x"]\nmarkers = ["slow"]\n'
INI = "addopts = -x\nmarkers = slow\n"
FILES = {
    "pytest.toml": "[pytest]\n" + TOML,
    ".pytest.toml": "[pytest]\n" + TOML,
    "pytest.ini": "[pytest]\n" + INI,
    ".pytest.ini": "[pytest]\n" + INI,
    "pyproject.toml": "[tool.pytest.ini_options]\n" + TOML,
    "tox.ini": "[pytest]\n" + INI,
    "setup.cfg": "[tool:pytest]\n" + INI,
}


@pytest.mark.parametrize("name", TABLES)
def test_what_has_a_say_is_found_in_each_file(tmp_path, name):
    (tmp_path / "tests").mkdir()
    (tmp_path / name).write_text(FILES[name])
    assert settings_file(tmp_path / "tests") == (tmp_path / name, {"addopts": '["-x"]'})


@pytest.mark.parametrize("name", ["pyproject.toml", "tox.ini", "setup.cfg"])
def test_a_file_of_another_tool_is_passed_by(tmp_path, name):
    (tmp_path / name).write_text("[other]\nx = 1\n")
    (tmp_path / "tests").mkdir()
    found = settings_file(tmp_path / "tests")
    assert found is None or not found[0].is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"])
def test_a_file_of_its_own_counts_even_when_it_is_empty(tmp_path, name):
    (tmp_path / name).write_text("")
    (tmp_path / "setup.cfg").write_text(FILES["setup.cfg"])
    assert settings_file(tmp_path) == (tmp_path / name, {})


KNOWN = [name for name in TABLES if pytest.__version__ >= "9" or not name.endswith("pytest.toml")]


@pytest.mark.parametrize("pair", list(pairwise(KNOWN)), ids=" before ".join)
def test_the_order_is_that_of_pytest(tmp_path, pair):
    """pytest itself is asked which of two files it takes; 8.4 does not know two of them."""
    for name in pair:
        (tmp_path / name).write_text(FILES[name])
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider"],
        cwd=tmp_path, capture_output=True, text=True,
    ).stdout  # fmt: skip
    (line,) = (line for line in told.splitlines() if line.startswith("configfile: "))
    assert line.split()[1] == pair[0]
    assert settings_file(tmp_path) == (tmp_path / pair[0], {"addopts": '["-x"]'})


def test_the_newer_heading_of_pyproject(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.pytest]\naddopts = ["-x"]\n')
    assert settings_file(tmp_path) == (tmp_path / "pyproject.toml", {"addopts": '["-x"]'})


@pytest.mark.parametrize("said", [["tests", "*.md"], "tests READ.md GUIDE.md"])
def test_the_pages_that_are_named(tmp_path, said):
    for name in ("READ.md", "GUIDE.md"):
        (tmp_path / name).write_text(">>> 1\n1\n")
    found = pages(tmp_path / "pyproject.toml", {"testpaths": json.dumps(said)})
    assert found == [tmp_path / "GUIDE.md", tmp_path / "READ.md"]
    assert pages(tmp_path / "pyproject.toml", {}) == []


EVIDENCE = {
    "schema": 1,
    "theorems": [{"id": "forward", "status": "proven", "steps": 1}],
    "code": [],
    "profile": "quick",
    "seed": 0,
}
SETTINGS = '[tool.pytest.ini_options]\ntestpaths = ["tests", "GUIDE.md"]\ngradproof_directions = "5"\n'


@pytest.fixture
def gate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prove.json").write_text(json.dumps(EVIDENCE))
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "GUIDE.md").write_text(">>> 1\n1\n>>> 2\n2\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text("def test_x():\n    assert f() == 1\n")
    command = ["gate", "--baseline", "b.json", "--evidence", "prove.json", "--tests", "tests"]
    assert main([*command, "--update"]) == 0
    assert main(command) == 0
    return command


WEAKENED = {
    "a test deselected": (
        "[tool.pytest.ini_options]\n",
        "[tool.pytest.ini_options]\naddopts = '--deselect tests/test_x.py::test_x'\n",
        'addopts is "--deselect tests/test_x.py::test_x", not set in the baseline',
    ),
    "a folder left out": (
        '"tests", "GUIDE.md"',
        '"GUIDE.md"',
        'testpaths is ["GUIDE.md"], ["tests", "GUIDE.md"] in the baseline',
    ),
    "fewer directions": ('"5"', '"1"', 'gradproof_directions is "1", "5" in the baseline'),
    "all of them gone": (SETTINGS, "", 'testpaths is not set, ["tests", "GUIDE.md"] in the baseline'),
}


@pytest.mark.parametrize("what", WEAKENED)
def test_the_gate_holds_the_settings(tmp_path, gate, capsys, what):
    old, new, told = WEAKENED[what]
    assert SETTINGS.count(old) == 1
    (tmp_path / "pyproject.toml").write_text(SETTINGS.replace(old, new))
    capsys.readouterr()
    assert main(gate) == 1
    assert f"test pytest: {told}" in capsys.readouterr().out


def test_the_gate_holds_that_there_were_none(tmp_path, gate, capsys):
    (tmp_path / "pyproject.toml").unlink()
    assert main([*gate, "--update"]) == 0
    assert main(gate) == 0
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --ignore=tests/test_x.py\n")
    capsys.readouterr()
    assert main(gate) == 1
    assert 'addopts is ["--ignore=tests/test_x.py"], not set' in capsys.readouterr().out


def test_the_gate_holds_the_pages(tmp_path, gate, capsys):
    (tmp_path / "GUIDE.md").write_text(">>> 1\n1\n>>> 2  # doctest: +SKIP\n2\n")
    capsys.readouterr()
    assert main(gate) == 1
    assert "test ../GUIDE.md: skips or assumes in 1 places, 0 in the baseline" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "text"), [("pyproject.toml", "[tool"), ("tox.ini", "addopts = -x")])
def test_a_file_that_cannot_be_parsed_is_one_line(tmp_path, gate, capsys, name, text):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / name).write_text(text)
    capsys.readouterr()
    assert main(gate) == 2
    err = capsys.readouterr().err
    assert err.startswith("gradproof: tests: cannot read tests: ")
    assert err.count("\n") == 1
