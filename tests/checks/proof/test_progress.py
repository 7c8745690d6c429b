"""The bar of a long run goes one way, from nothing to all."""

import re
from itertools import count

import pytest
from rich.console import Console

from checks.proof import prove, terminal
from checks.proof.flow.study import plan
from checks.proof.html import report as html_report
from checks.proof.mutants import CATALOGUE, noticed
from checks.proof.progress import parts


def steady(told):
    """Whether a run told of one total, never went back, and began every part of it."""
    shares = [done for _, done, _ in told]
    (total,) = {of for _, _, of in told}
    return shares == sorted(shares) and shares[0] == 0 and total - 1 <= shares[-1] <= total


def test_parts_fill_the_whole_once():
    told = []
    for told_in_part in parts(lambda *call: told.append(call), 3):
        told_in_part("begun", 0, 2)
        told_in_part("half", 1, 2)
    assert told == [(what, n + share, 3) for n in range(3) for what, share in (("begun", 0), ("half", 0.5))]
    assert steady(told)
    assert not steady([*told, ("begun", 0, 3)])
    assert not steady(told[:-2])


def test_prove(monkeypatch):
    monkeypatch.setitem(prove.PROFILES, "quick", prove.Profile(architectures=1, small=1, digits=1, epochs=1))
    oracles = {"rationals": prove.code.ORACLES["rationals"]}
    monkeypatch.setattr(prove.code, "ORACLES", oracles)
    monkeypatch.setattr(prove.derivations, "identifiers", lambda: ("half-mse-delta",))
    few = ("half-mse-delta", "weight-gradient")
    monkeypatch.setattr(prove, "EQUATIONS", {id: prove.EQUATIONS[id] for id in few})
    monkeypatch.setattr(prove, "BACKWARD", few)
    monkeypatch.setattr(noticed, "CATALOGUE", {id: CATALOGUE[id] for id in ("weights-zero", "tanh-df-1")})
    told = []
    assert prove.prove("quick", 0, lambda *call: told.append(call)).verdict == "PASS"
    assert steady(told)


@pytest.mark.parametrize("options", [{}, {"networks": 2}, {"data": "digits", "epochs": 2, "networks": 2}])
def test_flow(options):
    told = []
    study = plan([3, 4], ["tanh"], ["glorot"], width=3, **{"networks": 0} | options)
    list(study.look(lambda *call: told.append(call)))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert {of for _, _, of in told} == {2}


def test_the_report(monkeypatch):
    monkeypatch.setattr(html_report, "BUGS", ())
    monkeypatch.setattr(html_report, "METHODS", ("forward mode",))
    monkeypatch.setattr(html_report, "SIZES", (1e-3,))
    monkeypatch.setattr(html_report, "DETECTION_CASES", 1)
    told = []
    html_report.gather(prove.Proof((), (), "quick", 0, 1.0), progress=lambda *call: told.append(call))
    assert told == [("errors of 1e-03 by forward mode", 2, 3)]


def test_the_bar_says_what_it_does_and_how_long_it_will_take(monkeypatch):
    clock = count()
    written = Console(record=True, width=110, force_terminal=True, get_time=lambda: next(clock) / 10)
    monkeypatch.setattr(terminal, "Console", lambda **_: written)
    monkeypatch.setattr(terminal.sys.stderr, "isatty", lambda: True, raising=False)
    with terminal.progress() as bar:
        for done in range(5):
            bar("hidden-delta [1]", done, 8)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written.export_text())
    assert "hidden-delta [1]" in text
    assert "50%" in text
    assert re.search(r"so far, 0:00:\d\d left", text)


def test_without_a_terminal_there_is_no_bar(capsys):
    with terminal.progress() as bar:
        bar("hidden-delta", 1, 2)
    assert capsys.readouterr().err == ""
