"""`gradproof mutants`: what it prints, its exit codes, and its file."""

import json

import pytest

from checks.cli import main
from checks.proof.mutants import CATALOGUE, ORACLES, command, examination
from checks.proof.mutants.numerical import METHODS
from checks.proof.mutants.oracles import Sight

FEW = ("update-uphill", "update-negative-rate", "flow-slope-squared")


@pytest.fixture
def few(monkeypatch):
    """Three wrong formulas, two oracles, and one point of one detection curve."""
    catalogue = {id: CATALOGUE[id] for id in FEW}
    columns = {name: ORACLES[name] for name in ("vanishing-gradient", "update-descends")}
    monkeypatch.setattr(examination, "CATALOGUE", catalogue)
    monkeypatch.setattr(examination, "NETWORKS", CATALOGUE["update-uphill"].architectures)
    monkeypatch.setattr(examination, "METHODS", {"rationals": METHODS["rationals"]})
    monkeypatch.setattr(examination, "SIZES", (1e-3,))
    for module in (examination, command):
        monkeypatch.setattr(module, "ORACLES", columns)


@pytest.mark.usefixtures("few")
def test_it_shows_who_caught_what(capsys, tmp_path):
    path = tmp_path / "mutants.json"
    assert main(["mutants", "--workers", "1", "--json", str(path)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "b update-descends: 1 caught in" in out
    assert "one entry off, rationals: 1e-03 10/10" in out
    assert "3 wrong formulas: 2 caught, 1 are no mistake, 0 survived;" in out
    assert "0 false alarms in" in out
    assert json.loads(path.read_text())["mutants"]["caught"] == 2


@pytest.mark.usefixtures("few")
def test_a_survivor_is_named_and_exit_1(monkeypatch, capsys):
    monkeypatch.setattr(examination, "look", lambda oracle, architectures, seed: Sight("missed"))
    assert main(["mutants", "--workers", "1"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "update-uphill survived:" in out
    assert "update-descends caught nothing" in out


@pytest.mark.usefixtures("few")
def test_a_false_alarm_is_told_and_exit_1(monkeypatch, capsys):
    monkeypatch.setattr(
        examination, "look", lambda oracle, architectures, seed: Sight("caught", "it is wrong")
    )
    assert main(["mutants", "--workers", "1"]) == 1
    assert "false alarm: vanishing-gradient: it is wrong" in capsys.readouterr().out


def test_no_workers_are_refused_before_any_work(capsys):
    assert main(["mutants", "--workers", "0"]) == 2
    assert "--workers must be at least 1, got 0" in capsys.readouterr().err


def test_two_processes_find_what_one_finds():
    jobs = [(examination._detect, ("rationals", size)) for size in (1e-3, 1e-12)]
    assert dict(examination._run(jobs, 0, 2)) == dict(examination._run(jobs, 0, 1))
