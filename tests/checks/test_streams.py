"""No encoding of the terminal, no name and no closed stream makes a traceback or changes the exit code."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import checks
from checks.cli import main
from checks.streams import any_character, kept

SOURCE = str(Path(checks.__file__).parent.parent)
MODULE = """
import sys
import numpy as np

def loss(x): return (x**4).sum()
def right(x): return 4 * x**3
def wrong(x): return 3 * x**3
def closes(x):
    sys.stdout.close()
    return loss(x)
def replaces(x):
    sys.stdout = None
    return loss(x)
def named(x): return loss(x)
def named_wrong(x): return wrong(x)
named.__name__ = named_wrong.__name__ = named.__qualname__ = named_wrong.__qualname__ = "\\ud800x"
point = np.array([1.0, 2.0])
class Network:
    def parameters(self): return {"θ1": np.array([1.0, 2.0])}
    def loss(self, p):
        sys.stdout.close()
        return (p["θ1"] ** 4).sum()
    def gradients(self, p): return {"θ1": 4 * p["θ1"] ** 3}
"""
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def here(tmp_path):
    """A folder with a user's module."""
    (tmp_path / "user.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


def run(arguments, folder, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "checks", *arguments],
        cwd=folder, capture_output=True, env={**os.environ, "PYTHONPATH": SOURCE, **environment},
    )  # fmt: skip


def checked(fun, grad, *more) -> list[str]:
    return ["check", f"user:{fun}", f"user:{grad}", "--x0", "user:point", *more]


@pytest.mark.parametrize(
    "environment",
    [ASCII, *({"PYTHONIOENCODING": name} for name in ("ascii", "cp1252", "latin-1"))],
    ids=lambda environment: environment.get("PYTHONIOENCODING", "LC_ALL=C"),
)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["derive", "hidden-delta"], 0),
        (checked("loss", "wrong"), 1),
        (["prove", "--network", "user:Network"], 0),
        (["flow", "--depths", "4", "--networks", "2", "--width", "4"], 0),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_encoding_that_lacks_a_character_changes_nothing_but_it(arguments, code, environment, here):
    done = run(arguments, here, **environment)
    assert (done.returncode, done.stderr) == (code, b"")
    assert done.stdout


@pytest.mark.parametrize(("grad", "code"), [("named", 0), ("named_wrong", 1)])
def test_half_a_surrogate_is_escaped(grad, code, here):
    grad = "right" if grad == "named" else grad
    done = run(checked("named", grad, "--json", "report.json"), here)
    assert (done.returncode, done.stderr) == (code, b"")
    assert b"\\ud800x" in done.stdout
    if code == 0:
        assert "\ud800x" in json.dumps(json.loads((here / "report.json").read_text()), ensure_ascii=False)


@pytest.mark.parametrize("fun", ["closes", "replaces"])
@pytest.mark.parametrize(("grad", "code"), [("right", 0), ("wrong", 1)])
def test_a_verdict_is_said_though_the_code_closed_standard_output(fun, grad, code, here):
    done = run(checked(fun, grad), here)
    assert (done.returncode, done.stderr) == (code, b"")
    assert b"PASS" in done.stdout if code == 0 else b"FAIL" in done.stdout


def test_the_streams_of_who_calls_main_are_as_they_were(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", out)
    with any_character():
        print("θ")
    assert out.errors == "strict"
    assert main(["derive", "hidden-delta"]) == 0
    out.flush()
    assert out.buffer.getvalue().startswith(b"\\u03b8\n")
    assert out.errors == "strict"


def test_what_code_put_in_their_place_is_taken_away(monkeypatch):
    before = sys.stdout, sys.stderr
    with kept():
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert (sys.stdout, sys.stderr) == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["derive", "hidden-delta"], 0), (checked("loss", "wrong"), 1)],
    ids=["derive", "check"],
)
def test_a_reader_who_left_makes_no_traceback(arguments, code, here):
    with subprocess.Popen(
        [sys.executable, "-m", "checks", *arguments],
        cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": SOURCE},
    ) as process:  # fmt: skip
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_one_line(here):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "checks", "derive", "hidden-delta"],
            cwd=here, stdout=full, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": SOURCE},
        )  # fmt: skip
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert done.stderr.startswith(b"gradproof: cannot write: ")
