"""The command: exit codes, one line for a user's mistake, the JSON contract."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

import checks
import derivations
from checks.cli import main
from checks.proof import cases, code, prove
from checks.proof.evidence import CodeEvidence
from checks.proof.mutants import CATALOGUE, noticed
from checks.proof.mutants.oracles import Sight
from dnn import HEADS, Architecture, Gradients, Network

SMALL = prove.Profile(architectures=4, small=1, digits=3, epochs=1)
FEW = ("weights-zero", "tanh-df-1", "update-negative-rate")
FORMULAS = ("hidden-delta", "weight-gradient")


@pytest.fixture
def small(monkeypatch):
    """The quick profile, made quicker: fewer networks, one number system, few wrong formulas."""
    monkeypatch.setitem(prove.PROFILES, "quick", SMALL)
    monkeypatch.setattr(code, "ORACLES", {"rationals": code.ORACLES["rationals"]})
    monkeypatch.setattr(noticed, "CATALOGUE", {id: CATALOGUE[id] for id in FEW})


@pytest.fixture
def two_theorems(monkeypatch):
    """Derive two theorems only, and hold the code against two equations."""
    monkeypatch.setattr(derivations, "identifiers", lambda: ("half-mse-delta", "hidden-delta"))
    monkeypatch.setattr(prove, "EQUATIONS", {id: prove.EQUATIONS[id] for id in FORMULAS})
    monkeypatch.setattr(prove, "BACKWARD", FORMULAS)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A user's module with a loss, a right and a wrong gradient, in the current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    name = f"user_{abs(hash(str(tmp_path)))}"
    Path(f"{name}.py").write_text(
        "import numpy as np\n"
        "def loss(x): return (x**4).sum()\n"
        "def right(x): return 4 * x**3\n"
        "def wrong(x): return 3 * x**3\n"
        "def raises(x): raise RuntimeError('no\\nluck')\n"
        "def right_pair(x): return loss(x), right(x)\n"
        "def wrong_pair(x): return loss(x), wrong(x)\n"
        "point = np.array([1.0, 2.0, 3.0])\n"
        "class Quartic:\n"
        "    def parameters(self): return {'W1': np.array([1.0, 2.0])}\n"
        "    def loss(self, p): return (p['W1'] ** 4).sum()\n"
        "    def gradients(self, p): return {'W1': 4 * p['W1'] ** 3}\n"
        "class Cubic(Quartic):\n"
        "    def gradients(self, p): return {'W1': 4 * p['W1'] ** 2}\n"
        "whole = np.array([1, 2, 3])\n"
        "import sys\n"
        "def leaves(x): sys.exit(0)\n"
        "def skips(x): raise BaseException('no gpu')\n"
        "deep = [point]\n"
        "for _ in range(3000): deep = [deep]\n"
    )
    Path("empty.npy").touch()
    Path("leaves_at_once.py").write_text("import sys\nsys.exit(3)\n")
    Path("lazy.py").write_text("def __getattr__(name):\n    raise ImportError('no such extra')\n")
    return name


def one_line(capsys) -> str:
    """The only line on standard error."""
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    return captured.err


def test_prove_holds(small, two_theorems, capsys):
    assert main(["prove"]) == 0
    out = capsys.readouterr().out
    assert "PASS" in out
    assert "hidden-delta" in out
    assert "handwritten digits" in out


def test_prove_writes_the_contract(small, tmp_path):
    path = tmp_path / "evidence.json"
    junit, markdown = tmp_path / "evidence.xml", tmp_path / "evidence.md"
    pages = ["--junit", str(junit), "--markdown", str(markdown)]
    assert main(["prove", "--seed", "3", "--json", str(path), *pages]) == 0
    assert 'tests="' in junit.read_text()
    assert "2 were caught, 1 are no mistake, 0 survived;\nprofile quick, seed 3." in markdown.read_text()
    evidence = json.loads(path.read_text())
    assert {"verdict", "theorems", "code", "mutants", "versions", "seed", "schema"} <= set(evidence)
    assert evidence["verdict"] == "PASS"
    assert evidence["seed"] == 3
    assert [theorem["id"] for theorem in evidence["theorems"]] == list(derivations.identifiers())
    for theorem in evidence["theorems"]:
        assert {"id", "status", "steps", "seconds"} <= set(theorem)
        assert theorem["status"] == "proven"
        assert theorem["steps"] > 0
    for row in evidence["code"]:
        assert {"oracle", "architectures", "identities", "failures", "bound"} <= set(row)
    assert sum(row["identities"] for row in evidence["code"]) > 100
    assert evidence["mutants"] == {"total": 3, "caught": 2, "equivalent": 1, "survivors": 0}


def _backward(mistake):
    sound = Network.backward

    def backward(self, trace, y):
        delta, _, db = sound(self, trace, y)
        L, z = self.architecture.depth, trace.z
        for l in range(L - 1, 1, -1):
            slope = self.architecture.activation(l).df(z[l])
            W = self.W[l + 1]
            square = W.shape[0] == W.shape[1]
            if mistake == "transpose" and square:
                delta[l] = (W @ delta[l + 1]) * slope
            elif mistake == "f'":
                delta[l] = W.T @ delta[l + 1]
            elif mistake == "layer" and l + 2 <= L and delta[l + 2].shape == delta[l + 1].shape:
                delta[l] = (W.T @ delta[l + 2]) * slope
            else:
                delta[l] = (W.T @ delta[l + 1]) * slope
        N = delta[L].shape[1]
        return Gradients(delta, {l: delta[l] @ trace.a[l - 1].T / N for l in delta}, db)

    return backward


@pytest.mark.parametrize("mistake", ["transpose", "f'", "layer"])
def test_prove_names_the_layer_of_a_broken_formula(mistake, small, two_theorems, monkeypatch, capsys):
    def square(rng, **_):
        head = str(rng.choice(HEADS))
        return Architecture((3, 3, 3, 1 if head == "sigmoid_cross_entropy" else 3), "tanh", head)

    monkeypatch.setattr(cases, "random_architecture", square)
    monkeypatch.setattr(Network, "backward", _backward(mistake))
    assert main(["prove"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert out.count("FAIL") == 1
    assert "No wrong formula was planted" in out
    row = (
        r"hidden-delta: delta\^l = \(\(W\^\(l\+1\)\)\^T delta\^\(l\+1\)\) ⊙ f'\(z\^l\) layer (\d): delta\^\1"
    )
    assert re.search(row, out)


def test_prove_says_when_a_theorem_is_refused(small, two_theorems, monkeypatch, capsys):
    sound = derivations.theorem

    def refuses(id):
        if id == "hidden-delta":
            raise derivations.ProofError("the third step is false")
        return sound(id)

    monkeypatch.setattr(derivations, "theorem", refuses)
    assert main(["prove"]) == 1
    assert "the third step is false" in capsys.readouterr().out


def test_prove_says_when_a_wrong_formula_would_have_passed(
    small, two_theorems, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(noticed, "look", lambda oracle, architectures, seed: Sight("missed"))
    path = tmp_path / "evidence.json"
    assert main(["prove", "--json", str(path)]) == 1
    assert "3 wrong formulas planted in the shipped code: 0 caught, 1 are no mistake, 2 survived" in " ".join(
        capsys.readouterr().out.split()
    )
    evidence = json.loads(path.read_text())
    assert evidence["mutants"] == {"total": 3, "caught": 0, "equivalent": 1, "survivors": 2}
    assert evidence["verdict"] == "FAIL"


def test_nothing_checked_is_no_success():
    nothing = prove.Proof((), (), "quick", 0, 0.0)
    assert nothing.verdict == "INCONCLUSIVE"


def test_derive_prints_a_derivation(capsys):
    assert main(["derive", "half-mse-delta"]) == 0
    assert "half-mse-delta" in capsys.readouterr().out


def test_derive_lists_every_theorem(capsys):
    assert main(["derive", "--list"]) == 0
    out = capsys.readouterr().out
    assert all(id in out for id in derivations.identifiers())


TERMINAL = {"TERM": "xterm", "LINES": "24", "COLUMNS": "80"}


def seen_at(master):
    """What has been written to a terminal when its other end is closed."""
    seen = b""
    while chunk := read_terminal(master):
        seen += chunk
    os.close(master)
    return seen.decode().replace("\r\n", "\n")


def read_terminal(master):
    try:
        return os.read(master, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.fixture
def in_a_terminal(monkeypatch):
    """A function: what a person sees in a terminal of 24 lines, of a command that starts no pager."""

    def run(*arguments, **environment):
        for name in ("NO_COLOR", "LESS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in (TERMINAL | environment).items():
            monkeypatch.setenv(name, value)
        master, slave = os.openpty()
        with ThreadPoolExecutor(1) as executor:
            seen = executor.submit(seen_at, master)
            with open(slave, "w", encoding="utf-8") as terminal, redirect_stdout(terminal):
                assert main(["derive", *arguments]) == 0
            return seen.result()

    return run


PAGER = "sed s/^/paged:/"


def test_a_long_derivation_is_paged_in_colour():
    """The pager writes to the terminal of the process that starts it, so this one is a process of its own."""
    master, slave = os.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "LESS")}
    with subprocess.Popen(
        [sys.executable, "-m", "checks", "derive", "half-mse-delta"],
        stdout=slave,
        env=plain | TERMINAL | {"PAGER": PAGER},
    ):
        os.close(slave)
        seen = seen_at(master)
    assert all(line.startswith("paged:") for line in seen.splitlines())
    assert "\x1b[36m" in seen
    assert "half-mse-delta" in seen


def test_what_fits_the_terminal_is_not_paged(in_a_terminal):
    seen = in_a_terminal("half-mse-delta", PAGER=PAGER, LINES="200")
    assert "paged:" not in seen
    assert "\x1b[36m" in seen


@pytest.mark.parametrize("pager", ["", "no-such-program"])
def test_without_a_pager_it_is_printed(pager, in_a_terminal):
    assert "half-mse-delta" in in_a_terminal("half-mse-delta", PAGER=pager)


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_is_left_out_where_it_is_not_wanted(setting, in_a_terminal):
    assert "\x1b" not in in_a_terminal("half-mse-delta", PAGER="", **setting)


def test_lines_fit_a_narrow_terminal(in_a_terminal):
    seen = in_a_terminal("half-mse-delta", PAGER="", NO_COLOR="1", COLUMNS="60")
    sentences = [line for line in seen.splitlines() if line.startswith("        ")]
    assert len(sentences) > 8
    assert all(len(line) <= 60 for line in sentences)


def test_piped_it_is_plain(monkeypatch, capsys):
    monkeypatch.setenv("PAGER", PAGER)
    assert main(["derive", "half-mse-delta"]) == 0
    seen = capsys.readouterr().out
    assert "paged:" not in seen
    assert "\x1b" not in seen


def test_derive_lists_the_errata(capsys):
    assert main(["derive", "--errata"]) == 0
    assert "RNN" in capsys.readouterr().out


def test_derive_says_when_a_theorem_is_refused(monkeypatch, capsys):
    def refuses(id):
        raise derivations.ProofError("the third step\nis false")

    monkeypatch.setattr(derivations, "theorem", refuses)
    assert main(["derive", "hadamard"]) == 1
    assert one_line(capsys) == "gradproof: refused: the third step is false\n"


def test_derive_suggests_the_nearest(capsys):
    assert main(["derive", "hiden-delta"]) == 2
    assert "hidden-delta" in one_line(capsys)


def test_derive_needs_a_theorem(capsys):
    assert main(["derive"]) == 2
    assert "--list" in one_line(capsys)


def test_check_a_right_gradient(module, capsys):
    assert main(["check", f"{module}:loss", f"{module}:right", "--x0", f"{module}:point"]) == 0
    assert "PASS" in capsys.readouterr().out


def test_check_a_wrong_gradient(module, tmp_path, capsys):
    np.save("point.npy", np.array([1.0, 2.0]))
    path = tmp_path / "report.json"
    assert main(["check", f"{module}:loss", f"{module}:wrong", "--x0", "point.npy", "--json", str(path)]) == 1
    assert "FAIL" in capsys.readouterr().out
    assert json.loads(path.read_text())["verdict"] == "FAIL"


def test_check_value_and_gradient_together(module, capsys):
    assert main(["check", f"{module}:right_pair", "True", "--x0", f"{module}:point"]) == 0
    assert main(["check", f"{module}:wrong_pair", "True", "--x0", f"{module}:point"]) == 1


def test_prove_somebody_elses_network(module, tmp_path, capsys):
    path = tmp_path / "evidence.json"
    assert main(["prove", "--network", f"{module}:Quartic", "--json", str(path)]) == 0
    assert main(["prove", "--network", f"{module}:Cubic"]) == 1
    assert "W1" in capsys.readouterr().out
    evidence = json.loads(path.read_text())
    assert evidence["network"] == f"{module}:Quartic"
    assert evidence["mutants"]["total"] == 0
    assert any(row["status"] == "not applicable" and row["note"] for row in evidence["code"])


def test_the_planted_bugs_before_an_oracle(small, capsys, monkeypatch):
    assert main(["mutants", "--planted"]) == 0
    out = capsys.readouterr().out
    assert "transpose dropped" in out
    assert "rationals cannot see f'(a) for f'(z)" in out
    blind = code.Oracle(lambda a, *, seed, progress=None: CodeEvidence("blind", 1, 1, (), "", 0.0), None, {})
    monkeypatch.setattr(code, "ORACLES", {"rationals": blind})
    assert main(["mutants", "--planted"]) == 1


def test_prove_a_network_that_is_not_there(module, capsys):
    assert main(["prove", "--network", f"{module}:Quintic"]) == 2
    assert "Quintic" in one_line(capsys)


MISTAKES = {
    "cannot import nowhere": ["nowhere:f", "{m}:right", "--x0", "{m}:point"],
    "has no nothing": ["{m}:nothing", "{m}:right", "--x0", "{m}:point"],
    "fun must be MODULE:NAME, got 'loss'": ["loss", "{m}:right", "--x0", "{m}:point"],
    "write {m}:loss instead of {m}.py:loss": ["{m}.py:loss", "{m}:right", "--x0", "{m}:point"],
    "grad must be callable, got ndarray": ["{m}:loss", "{m}:point", "--x0", "{m}:point"],
    "the code under test ended the program": [
        "{m}:leaves",
        "{m}:right",
        "--x0",
        "{m}:point",
    ],
    "BaseException: no gpu": ["{m}:skips", "{m}:right", "--x0", "{m}:point"],
    "with sys.exit(0)": ["{m}:loss", "{m}:leaves", "--x0", "{m}:point"],
    "cannot read empty.npy: No data left": ["{m}:loss", "{m}:right", "--x0", "empty.npy"],
    "x0 must be FILE.npy or MODULE:NAME, got 'point.npz'": ["{m}:loss", "{m}:right", "--x0", "point.npz"],
    "nested more than": ["{m}:loss", "{m}:right", "--x0", "{m}:deep"],
    "sys.exit(3)": ["leaves_at_once:f", "{m}:right", "--x0", "{m}:point"],
    "lazy:f: ImportError: no such extra": ["lazy:f", "{m}:right", "--x0", "{m}:point"],
    "cannot read missing.npy": ["{m}:loss", "{m}:right", "--x0", "missing.npy"],
    "RuntimeError: no luck": ["{m}:raises", "{m}:right", "--x0", "{m}:point"],
    "int64": ["{m}:loss", "{m}:right", "--x0", "{m}:whole"],
    "required: --x0": ["{m}:loss", "{m}:right"],
    "--json: cannot write": ["{m}:loss", "{m}:right", "--x0", "{m}:point", "--json", "/nowhere/at/all.json"],
}


@pytest.mark.parametrize("message", MISTAKES)
def test_a_users_mistake_is_one_line_and_exit_2(message, module, capsys):
    assert main(["check", *(argument.format(m=module) for argument in MISTAKES[message])]) == 2
    assert message.format(m=module) in one_line(capsys)


@pytest.mark.parametrize(
    "arguments", [["prove", "--profile", "slow"], ["dance"], [], ["prove", "--seed", "x"]]
)
def test_bad_arguments_are_one_line_and_exit_2(arguments, capsys):
    assert main(arguments) == 2
    assert one_line(capsys).startswith("gradproof: ")


def test_the_verdict_is_the_exit_code_even_where_nobody_reads_it(module):
    functions = [f"{module}:loss", f"{module}:wrong", "--x0", f"{module}:point"]
    source = str(Path(checks.__file__).parent.parent)
    with subprocess.Popen(
        [sys.executable, "-m", "checks", "check", *functions],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": source},
    ) as run:  # fmt: skip
        run.stdout.close()
        assert (run.wait(), run.stderr.read()) == (1, b"")


def test_help_shows_an_example(capsys):
    for command in ("prove", "derive", "check"):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0
        assert f"example: gradproof {command}" in " ".join(capsys.readouterr().out.split())


def test_it_says_its_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"gradproof {importlib.metadata.version('gradproof')}\n"


def test_the_module_is_the_command():
    run = subprocess.run(
        [sys.executable, "-m", "checks", "derive", "no-such"], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert run.stderr.startswith("gradproof: ")


@pytest.mark.parametrize("option", ["--json", "--html"])
@pytest.mark.parametrize("name", ["loop", "a" * 300])
def test_a_name_that_leads_nowhere_is_one_line(option, name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    for command in (
        ["prove", option, name],
        ["gate", "--baseline", name, "--evidence", name, "--update"],
        ["campaign", "--cases", "1", "--json", name, "--resume", "q.jsonl"],
    ):
        assert main(command) == 2
        err = capsys.readouterr().err
        assert err.startswith("gradproof: ")
        assert err.count("\n") == 1
