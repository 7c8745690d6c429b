"""The gate on doctored evidence: each way to be weaker is one line, and what cannot be compared is exit 2."""

import copy
import errno
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from checks import cli
from checks.cli import main
from checks.proof import baseline as kept
from checks.proof import gate, mutants, prove
from checks.proof.campaign import campaign
from checks.proof.cases import Case
from checks.proof.equations import EQUATIONS
from checks.proof.evidence import SCHEMA, TheoremEvidence
from checks.proof.mutants import CATALOGUE
from checks.proof.mutants.planting import rebuilt
from checks.proof.prove import Proof, equation_row
from checks.strategies import random_network, random_samples

PROVE = {
    "schema": SCHEMA,
    "verdict": "PASS",
    "theorems": [
        {"id": "hidden-delta", "status": "proven", "steps": 5, "seconds": 0.1},
        {"id": "forward", "status": "proven", "steps": 3, "seconds": 0.1},
    ],
    "code": [
        {
            "oracle": name,
            "architectures": 20,
            "identities": 500,
            "failures": [],
            "bound": "",
            "seconds": 1.0,
            "note": "",
            "strength": strength,
            "status": "holds",
        }
        for name, strength in (
            ("symbols", "exact"),
            ("finite field", 27.7),
            ("weight-gradient", 8.2),
            ("plain", None),
        )
    ],
    "versions": {"python": "3.11.7", "numpy": "2.4.6"},
    "seed": 0,
    "profile": "quick",
    "seconds": 12.0,
}
MUTANTS = {
    "schema": SCHEMA,
    "mutants": {"total": 2, "caught": 1, "equivalent": 1, "survivors": 0},
    "matrix": [
        {
            "id": "weights-zero",
            "formula": "weight-gradient",
            "description": "zeros",
            "status": "caught",
            "reason": "",
            "caught_by": ["dual", "symbols"],
            "cells": {"dual": {"outcome": "caught", "seconds": 0.1}},
        },
        {
            "id": "commuted",
            "formula": "hidden-delta",
            "description": "",
            "status": "equivalent",
            "reason": "it commutes",
            "caught_by": [],
            "cells": {"dual": {"outcome": "missed", "seconds": 0.1}},
        },
    ],
    "oracles": ["dual", "symbols"],
    "detection": {
        "forward mode": [
            {"size": size, "caught": caught, "of": 10}
            for size, caught in ((1e-3, 10), (1e-6, 10), (1e-9, 10), (1e-12, 4))
        ],
    },
    "false_alarms": {"checks": 555, "alarms": 0},
    "versions": {"python": "3.11.7", "numpy": "2.4.6"},
    "seed": 0,
    "seconds": 60.0,
}
CAMPAIGN = {
    "schema": SCHEMA,
    "verdict": "PASS",
    "cases": 1000,
    "seed": 0,
    "oracles": [
        {
            "oracle": "gradcheck",
            "cases": 1000,
            "failure_bound": {"probability": 0.003, "confidence": 0.95},
            "failures": [],
        }
    ],
    "versions": {},
    "run": {"seconds": 1.0},
}
FILES = {"prove": PROVE, "mutants": MUTANTS, "campaign": CAMPAIGN}


def delete(path):
    def doctor(files):
        *parents, last = path
        for key in parents:
            files = files[key]
        del files[last]

    return doctor


def put(path, value):
    def doctor(files):
        *parents, last = path
        for key in parents:
            files = files[key]
        files[last] = value

    return doctor


code, matrix, sizes = ("prove", "code"), ("mutants", "matrix"), ("mutants", "detection", "forward mode")
WEAKENINGS = {
    "theorem hidden-delta: is in the baseline, and has vanished": delete(("prove", "theorems", 0)),
    "theorem hidden-delta: 4 steps, 5 in the baseline": put(("prove", "theorems", 0, "steps"), 4),
    "theorem forward: is refuted": put(("prove", "theorems", 1, "status"), "refuted"),
    "oracle symbols: is in the baseline, and has vanished": delete((*code, 0)),
    "oracle finite field: is in the baseline, and has vanished": delete((*code, 1)),
    "oracle plain: is in the baseline, and has vanished": delete((*code, 3)),
    "oracle symbols: no longer applies": put((*code, 0, "status"), "not applicable"),
    "oracle symbols: fails": put((*code, 0, "status"), "fails"),
    "oracle plain: looked at 499 numbers, 500 in the baseline": put((*code, 3, "identities"), 499),
    "oracle plain: looked at 19 networks, 20 in the baseline": put((*code, 3, "architectures"), 19),
    "oracle symbols: its bound is weaker: 12.00 digits, exact in the baseline": put(
        (*code, 0, "strength"), 12.0
    ),
    "oracle finite field: its bound is weaker: 13.80 digits, 27.70 digits in the baseline": put(
        (*code, 1, "strength"), 13.8
    ),
    "oracle weight-gradient: its bound is weaker: none, 8.20 digits in the baseline": put(
        (*code, 2, "strength"), None
    ),
    "oracle weight-gradient: its bound is weaker: 7.90 digits, 8.20 digits in the baseline": put(
        (*code, 2, "strength"),
        7.9,  # a tolerance doubled
    ),
    "mutant weights-zero: is in the baseline, and has vanished": delete((*matrix, 0)),
    "mutant weights-zero: survived": put((*matrix, 0, "status"), "survived"),
    "mutant weights-zero: is no longer caught by dual": put((*matrix, 0, "caught_by"), ["symbols"]),
    "mutant weights-zero: was caught, and is declared equivalent now": put(
        (*matrix, 0, "status"), "equivalent"
    ),
    "detection by forward mode: is in the baseline, and has vanished": delete(sizes),
    "detection by forward mode: the smallest error always caught is 1e-06, 1e-09 in the baseline": put(
        (*sizes, 2, "caught"), 9
    ),
    "detection by forward mode: the smallest error always caught is none, 1e-09 in the baseline": put(
        (*sizes, 0, "caught"), 9
    ),
    "detection by forward mode: measured on 4 cases, 10 in the baseline": put((*sizes, 3, "of"), 4),
    "false alarms of mutants: 1 in 555": put(("mutants", "false_alarms", "alarms"), 1),
    "false alarms of mutants: 500 checks of correct code, 555 in the baseline": put(
        ("mutants", "false_alarms", "checks"), 500
    ),
    "false alarms of campaign: gradcheck: 999 checks of correct code, 1000 in the baseline": put(
        ("campaign", "oracles", 0, "cases"), 999
    ),
    "no evidence of prove, which the baseline has": delete(("prove",)),
    "no evidence of mutants, which the baseline has": delete(("mutants",)),
    "no evidence of campaign, which the baseline has": delete(("campaign",)),
}


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """A function that writes files, runs the gate on them, and returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(files=FILES, *options):
        evidence = []
        for name, content in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
            evidence += ["--evidence", f"{name}.json"]
        code = main(["gate", "--baseline", "baseline.json", *evidence, *options])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def baseline(command, tmp_path):
    """A baseline of the sound evidence."""
    code, out, _ = command(FILES, "--update")
    assert code == 0
    assert "+ theorem hidden-delta" in out
    return tmp_path / "baseline.json"


def test_the_same_evidence_is_no_weaker(command, baseline):
    code, out, err = command()
    assert (code, err) == (0, "")
    assert out.startswith("no weaker than baseline.json: 2 theorems, 4 oracles, 2 mutants, 1 detection")


@pytest.mark.parametrize("line", WEAKENINGS)
def test_every_weakening_is_one_line(line, command, baseline):
    files = copy.deepcopy(FILES)
    WEAKENINGS[line](files)
    code, out, err = command(files)
    assert (code, err) == (1, "")
    assert out.splitlines() == [line, "1 weaker than baseline.json"]


def test_without_evidence_it_proves_and_plants_as_the_baseline_did(monkeypatch, tmp_path, capsys):
    asked = []

    def prove_again(profile, seed, progress):
        asked.append((profile, seed))
        return SimpleNamespace(to_dict=lambda: PROVE)

    def plant_again(seed, workers, progress):
        asked.append(seed)
        return SimpleNamespace(to_dict=lambda: MUTANTS)

    monkeypatch.setattr(prove, "prove", prove_again)
    monkeypatch.setattr(mutants, "matrix", plant_again)
    path = tmp_path / "baseline.json"
    assert main(["gate", "--baseline", str(path), "--update"]) == 0
    assert main(["gate", "--baseline", str(path)]) == 0
    assert asked == [("quick", 0), 0] * 2
    held = json.loads(path.read_text())
    held["runs"] = {"prove": {"profile": "ci", "seed": 7}, "mutants": {"seed": 8}}
    path.write_text(json.dumps(held))
    assert main(["gate", "--baseline", str(path)]) == 2  # what comes back says that it is another run
    assert asked[4:] == [("ci", 7), 8]


def test_timings_are_not_compared(command, baseline):
    files = copy.deepcopy(FILES)
    put(("prove", "seconds"), 999.0)(files)
    put((*code, 0, "seconds"), 999.0)(files)
    assert command(files)[0] == 0
    assert "seconds" not in baseline.read_text()


def test_stronger_is_no_weaker(command, baseline):
    files = copy.deepcopy(FILES)
    for path, value in (
        ((*code, 1, "strength"), 30.0),
        ((*code, 3, "identities"), 900),
        ((*sizes, 3, "caught"), 10),
    ):
        put(path, value)(files)
    files["prove"]["theorems"].append({"id": "batch-mean", "status": "proven", "steps": 1, "seconds": 0.1})
    exit_code, out, _ = command(files)
    assert exit_code == 0
    assert "not held yet, see --update: theorem batch-mean: new" in out


def test_rounding_of_another_processor_is_no_weakening(command, baseline):
    files = copy.deepcopy(FILES)
    put((*code, 2, "strength"), 8.0)(files)
    put((*sizes, 2, "size"), 1e-8)(files)  # where it begins to fall
    assert command(files)[0] == 0
    put((*sizes, 2, "size"), 1e-7)(files)
    assert command(files)[0] == 1


def test_other_versions_are_told_beside_a_weakening(command, baseline):
    files = copy.deepcopy(FILES)
    put(("prove", "versions", "numpy"), "9.9")(files)
    put(("mutants", "versions", "numpy"), "9.9")(files)
    assert command(files)[0] == 0
    put(("prove", "theorems", 0, "steps"), 4)(files)
    assert "versions differ from the baseline's: numpy 9.9 (was 2.4.6)" in command(files)[1]


def test_an_update_shows_what_it_changes_and_is_held_from_then_on(command, baseline):
    files = copy.deepcopy(FILES)
    delete((*code, 3))(files)
    put(("prove", "theorems", 0, "steps"), 9)(files)
    exit_code, out, _ = command(files, "--update")
    assert exit_code == 0
    assert out.splitlines() == [
        "  theorem hidden-delta: steps 5 -> 9",
        "- oracle plain",
        "wrote baseline.json",
    ]
    assert command(files)[0] == 0
    assert command(FILES)[0] == 1


def test_an_update_never_makes_a_failure_the_norm(command, baseline):
    before = baseline.read_text()
    files = copy.deepcopy(FILES)
    put((*matrix, 0, "status"), "survived")(files)
    exit_code, out, _ = command(files, "--update")
    assert exit_code == 1
    assert "mutant weights-zero: survived" in out
    assert baseline.read_text() == before


CORRUPT = {
    "cannot read": None,
    "is not JSON": "{",
    "is not JSON: maximum": "[" * 100_000,
    "has no schema version;": '{"schema": true}',
    "has no schema version": "[]",
    "update gradproof": json.dumps({"schema": SCHEMA + 1}),
    "is of project 'another'": json.dumps({"schema": SCHEMA, "project": "another"}),
    "is corrupt: theorems": json.dumps({"schema": SCHEMA, "project": "gradproof", "theorems": []}),
    "holds nothing": json.dumps(
        {"schema": SCHEMA, "project": "gradproof", **{part: {} for part in kept.PARTS}}
    ),
}


@pytest.mark.parametrize("told", CORRUPT)
def test_a_baseline_that_cannot_be_compared_with(told, command, tmp_path):
    if CORRUPT[told] is not None:
        (tmp_path / "baseline.json").write_text(CORRUPT[told])
    exit_code, out, err = command()
    assert (exit_code, out) == (2, "")
    assert err.startswith("gradproof: baseline: ")
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("told", [told for told in CORRUPT if CORRUPT[told] is not None])
def test_nor_is_it_overwritten(told, command, tmp_path):
    (tmp_path / "baseline.json").write_text(CORRUPT[told])
    assert command(FILES, "--update")[0] == 2
    assert (tmp_path / "baseline.json").read_text() == CORRUPT[told]


@pytest.mark.parametrize(
    ("doctor", "told"),
    [
        (
            put(("prove", "profile"), "ci"),
            "prove ran as profile ci, seed 0, the baseline as profile quick, seed 0",
        ),
        (put(("mutants", "seed"), 7), "mutants ran as seed 7, the baseline as seed 0"),
        (put(("prove",), {"schema": SCHEMA}), "none of what gradproof prove, mutants or campaign write"),
        (delete((*matrix, 0, "caught_by")), "a mutants file is corrupt"),
        (put(("prove", "schema"), 99), "update gradproof"),
        (put(("prove", "versions"), None), "versions are None"),
        (put(("prove", "theorems", 0, "steps"), "many"), "has steps 'many'"),
        (put(("prove", "theorems", 0, "status"), None), "has status None"),
        (put(("prove", "code", 0, "strength"), "strong"), "has strength 'strong'"),
        (put(("prove", "code", 0, "identities"), None), "has identities None"),
    ],
)
def test_evidence_that_cannot_be_compared(doctor, told, command, baseline):
    files = copy.deepcopy(FILES)
    doctor(files)
    exit_code, out, err = command(files)
    assert (exit_code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def test_nothing_is_no_evidence(command, baseline):
    empty = {"prove": PROVE | {"theorems": [], "code": []}}
    assert command(empty)[0] == 2


def test_the_pages_for_ci(command, baseline, tmp_path):
    files = copy.deepcopy(FILES)
    put(("prove", "theorems", 0, "steps"), 4)(files)
    assert command(files, "--junit", "gate.xml", "--markdown", "gate.md")[0] == 1
    line = "theorem hidden-delta: 4 steps, 5 in the baseline"
    assert line in (tmp_path / "gate.xml").read_text()
    assert f"**Weaker:**\n\n- {line}" in (tmp_path / "gate.md").read_text()


def test_a_page_that_cannot_be_written_is_told_at_once(command, baseline):
    exit_code, _, err = command(FILES, "--junit", "/nowhere/at/all.xml")
    assert exit_code == 2
    assert err.startswith("gradproof: --junit: cannot write")


@pytest.mark.parametrize("id", ["weights-doubled", "elu-f-1", "update-replaced", "hidden-halved"])
def test_a_planted_mutant_fails_in_real_evidence(id):
    """Not only on doctored files: the rows of `prove` on dnn with a wrong line do not pass the gate."""
    mutant = CATALOGUE[id]

    def evidence():
        rows = [
            equation_row(equation, [Case(random_network(a, 0), *random_samples(a, 3, 0))], 1, lambda *_: None)
            for a in map(rebuilt, mutant.architectures)
            for equation in (EQUATIONS["forward"], EQUATIONS["weight-gradient"], EQUATIONS["update-descends"])
        ]
        rows = [row for row in rows if row.identities or row.failures]
        return kept.summarised(
            [Proof((TheoremEvidence("forward", 3, 0.1),), tuple(rows), "quick", 0, 1.0).to_dict()]
        )

    sound = evidence()
    assert gate.weakenings(sound, evidence()) == []
    with mutant.plant():
        assert any("fails" in line for line in gate.weakenings(sound, evidence()))


def test_what_a_campaign_writes_is_evidence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(1) as executor:
        done = campaign(2, oracles=["rationals"], executor=executor)
    Path("campaign.json").write_text(json.dumps(done.to_dict()))
    held = ["gate", "--baseline", "baseline.json", "--evidence", "campaign.json"]
    assert main([*held, "--update"]) == 0
    assert "+ false alarms of campaign: rationals" in capsys.readouterr().out
    assert main(held) == 0
    Path("campaign.json").write_text(json.dumps(replace(done, tallies={}).to_dict()))
    assert main(held) != 0


def test_a_baseline_that_cannot_be_written_is_told_before_any_work(monkeypatch, tmp_path, capsys):
    worked = []
    monkeypatch.setattr(prove, "prove", lambda *_: worked.append(1))
    assert main(["gate", "--baseline", str(tmp_path / "none" / "b.json"), "--update"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("gradproof: --baseline: cannot write")
    assert err.count("\n") == 1
    assert worked == []


@pytest.mark.parametrize("option", ["--junit", "--markdown"])
@pytest.mark.parametrize("read", ["baseline.json", "prove.json"])
def test_a_page_is_not_written_over_what_is_read(option, read, command, baseline, tmp_path):
    before = (tmp_path / read).read_text()
    exit_code, out, err = command(FILES, option, str(tmp_path / read))
    assert (exit_code, out) == (2, "")
    assert f"{option}: " in err
    assert "give it another file" in err
    assert (tmp_path / read).read_text() == before
    assert command(FILES, option, str(tmp_path / "page"))[0] == 0


def test_a_full_disk_is_one_line(command, baseline, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept, "write", full)
    monkeypatch.setattr(cli, "stop_writing", lambda: None)  # or pytest could not write either
    exit_code, _, err = command(FILES, "--update")
    assert (exit_code, err) == (2, "gradproof: cannot write: No space left on device\n")


@pytest.mark.parametrize("part", kept.HELD[:5])
def test_a_baseline_that_was_cut_by_hand_holds_nothing_and_is_told(part, command, baseline):
    held = json.loads(baseline.read_text())
    assert held[part]
    baseline.write_text(json.dumps(held | {part: {}}))
    exit_code, out, err = command()
    assert (exit_code, out) == (2, "")
    assert f"it holds no {part.replace('_', ' ')}, and the evidence does" in err


DOCTORED = {
    "no run of prove": put(("runs",), {}),
    "the run of prove is no object": put(("runs", "prove"), 3),
    "theorems: forward is no object": put(("theorems", "forward"), 3),
    "theorems: forward has status 'refuted'": put(("theorems", "forward", "status"), "refuted"),
    "theorems: forward has steps '3'": put(("theorems", "forward", "steps"), "3"),
    "theorems: forward has steps -1": put(("theorems", "forward", "steps"), -1),
    "theorems: forward has steps None": delete(("theorems", "forward", "steps")),
    "oracles: plain has status 'off'": put(("oracles", "plain", "status"), "off"),
    "oracles: plain has identities None": put(("oracles", "plain", "identities"), None),
    "oracles: plain has strength 'strong'": put(("oracles", "plain", "strength"), "strong"),
    "mutants: commuted has status 'survived'": put(("mutants", "commuted", "status"), "survived"),
    "mutants: commuted has caught_by 'dual'": put(("mutants", "commuted", "caught_by"), "dual"),
    "has smallest '1'": put(("detection", "forward mode", "smallest"), "1"),
    "has of None": put(("detection", "forward mode", "of"), None),
    "has alarms 1": put(("false_alarms", "mutants", "alarms"), 1),
    "has checks 5.5": put(("false_alarms", "mutants", "checks"), 5.5),
    **{
        f"tests: {name} holds no counts": put(("tests",), {name: counts})
        for name, counts in {
            "text.py": {"assertions": "many"},
            "listed.py": {"assertions": [1]},
            "nan.py": {"assertions": float("nan")},
            "half.py": {"cases": 1.5},
            "number.py": {"escapes": 3},
            "list.py": {"escapes": [3]},
            "one.py": {"tolerances": 5},
            "infinite.py": {"tolerances": [float("inf")]},
            "limit.py": {"limits": 3},
            "range.py": {"ranges": 3},
            "named.py": {"ceilings": {"a": 3}},
            "setting.py": {"settings": {"addopts": 3}},
            "strange.py": {"courage": 3},
            "none.py": None,
        }.items()
    },
}


@pytest.mark.parametrize("told", DOCTORED)
def test_a_baseline_that_gradproof_did_not_write_so(told, command, baseline):
    held = json.loads(baseline.read_text())
    held["runs"]["tests"] = {"of": "tests"}
    DOCTORED[told](held)
    baseline.write_text(json.dumps(held))
    exit_code, out, err = command()
    assert (exit_code, out) == (2, "")
    assert "baseline.json is corrupt" in err
    assert told in err
    assert err.count("\n") == 1


def test_the_gate_loads_no_algebra():
    """It reads JSON: nothing that takes long to import has a part in it."""
    loaded = "import checks.cli, checks.proof.gate_command, checks.proof.ci_page, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert {"sympy", "hypothesis", "pytest", "derivations", "dnn"}.isdisjoint(run.stdout.split())
