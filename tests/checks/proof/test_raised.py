"""Somebody else's code may raise anything: it is one line, and never a traceback or a verdict."""

import sys
from pathlib import Path

import pytest

from checks.cli import main
from checks.proof.raised import told

MODULE = """
import numpy as np

class Odd(Exception):
    def __str__(self): raise RuntimeError("no words")
class Gone(BaseException): pass

def loss(x): return (x**4).sum()
def right(x): return 4 * x**3
def odd(x): raise Odd
def gone(x): raise Gone("no gpu")
class Hidden:
    def __repr__(self): raise RuntimeError
def leaves(x): raise SystemExit(Hidden())
point = np.array([1.0, 2.0])

class Network:
    asked = 0
    def parameters(self): return {"W1": np.array([1.0, 2.0])}
    def loss(self, p): return (p["W1"] ** 4).sum()
    def gradients(self, p): return {"W1": 4 * p["W1"] ** 3}
class OddMade(Network):
    def __init__(self): raise Odd
class GoneMade(Network):
    def __init__(self): raise Gone("no gpu")
class OddLoss(Network):
    def loss(self, p): raise Odd
class GoneLoss(Network):
    def loss(self, p): raise Gone("no gpu")
class GoneGradients(Network):
    def gradients(self, p): raise Gone("no gpu")
class GoneParameters(Network):
    def parameters(self): raise Gone("no gpu")
class Late(Network):
    kind = ZeroDivisionError
    def loss(self, p):
        self.asked += 1
        if self.asked > 4: raise self.kind
        return super().loss(p)
class LateOdd(Late):
    kind = Odd
class LateGone(Late):
    kind = Gone
class NumPyOnly(Network):
    def loss(self, p):
        if not isinstance(p["W1"], np.ndarray): raise Gone("not NumPy's")
        return super().loss(p)
class Callables(Network):
    class Loss:
        def __call__(self, p): raise Odd
    loss = Loss()
"""
AT_IMPORT = {
    "odd": "class Odd(Exception):\n    def __str__(self): raise RuntimeError\nraise Odd\n",
    "gone": "class Gone(BaseException): pass\nraise Gone('no gpu')\n",
    "lazy_odd": "class Odd(Exception):\n    def __str__(self): raise RuntimeError\n"
    "def __getattr__(name): raise Odd\n",
    "lazy_gone": "class Gone(BaseException): pass\ndef __getattr__(name): raise Gone('no gpu')\n",
}
CANNOT_SAY = "Odd: (its text cannot be had: __str__ raised RuntimeError)"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a user's modules, each under names of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    number = abs(hash(str(tmp_path)))
    for name, text in {"user": MODULE, **AT_IMPORT}.items():
        Path(f"{name}_{number}.py").write_text(text)
    return number


def one_line(capsys) -> str:
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1, captured.err
    assert captured.out == ""
    return captured.err


@pytest.mark.parametrize("command", ["check", "prove"])
@pytest.mark.parametrize("name", AT_IMPORT)
def test_raised_by_the_module_itself(name, command, here, capsys):
    target = f"{name}_{here}:f"
    point = ["--x0", f"user_{here}:point"]
    words = ["check", target, target, *point] if command == "check" else ["prove", "--network", target]
    assert main(words) == 2
    assert (CANNOT_SAY if "odd" in name else "Gone: no gpu") in one_line(capsys)


@pytest.mark.parametrize(
    ("fun", "grad"), [("odd", "right"), ("loss", "odd"), ("gone", "right"), ("loss", "gone")]
)
def test_raised_by_a_function(fun, grad, here, capsys):
    assert (
        main(["check", *(f"user_{here}:{name}" for name in (fun, grad)), "--x0", f"user_{here}:point"]) == 2
    )
    assert (CANNOT_SAY if "odd" in (fun, grad) else "Gone: no gpu") in one_line(capsys)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("OddMade", f"cannot be made: {CANNOT_SAY}"),
        ("GoneMade", "cannot be made: Gone: no gpu"),
        ("OddLoss", f"loss raised {CANNOT_SAY}"),
        ("GoneLoss", "loss raised Gone: no gpu"),
        ("GoneGradients", "gradients raised Gone: no gpu"),
        ("GoneParameters", "parameters raised Gone: no gpu"),
        ("Callables", f"Loss raised {CANNOT_SAY}"),
    ],
)
def test_raised_by_a_network(name, says, here, capsys):
    assert main(["prove", "--network", f"user_{here}:{name}"]) == 2
    assert says in one_line(capsys)


@pytest.mark.parametrize(
    ("name", "says"), [("Late", "ZeroDivisionError"), ("LateOdd", "Odd: (its text"), ("LateGone", "Gone")]
)
def test_a_network_that_runs_at_its_parameters_only_has_nothing_checked(name, says, here, capsys):
    assert main(["prove", "--network", f"user_{here}:{name}"]) == 2
    captured = capsys.readouterr()
    assert captured.err == ""
    assert says in captured.out
    assert "Nothing was checked." in captured.out


def test_what_raises_on_other_arrays_is_looked_at_by_the_others(here, capsys):
    assert main(["prove", "--network", f"user_{here}:NumPyOnly"]) == 0
    assert "Gone: not NumPy's" in " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_an_exit_code_that_cannot_be_shown(here, capsys):
    assert (
        main(
            ["check", *(f"user_{here}:{name}" for name in ("leaves", "right")), "--x0", f"user_{here}:point"]
        )
        == 2
    )
    assert "with sys.exit((its text cannot be had: __repr__ raised RuntimeError))" in one_line(capsys)


def test_an_interrupt_while_it_says_what_it_is_is_an_interrupt():
    class SlowError(Exception):
        def __str__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        told(SlowError())


@pytest.mark.parametrize(
    ("error", "says"), [(ValueError("a: b"), "ValueError: a: b"), (ValueError(), "ValueError")]
)
def test_the_words(error, says):
    assert told(error) == says
