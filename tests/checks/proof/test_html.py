"""prove --html: one file that stands alone, valid, readable without a script, a network or colours."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import derivations
from checks import cli
from checks.cli import main
from checks.proof import code, evidence, html, prove
from checks.proof.code import ORACLES, Cell
from checks.proof.evidence import SCHEMA, CodeEvidence, TheoremEvidence
from checks.proof.html import Report, markup, oracles
from checks.proof.html.words import DESCRIPTIONS
from checks.proof.mutants import CATALOGUE, noticed
from checks.proof.prove import Proof

VOID = {"meta", "input", "br", "mspace"}


class Page(HTMLParser):
    """A page as a tree of what matters here; refuses what is not nested as it should be."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], []
        self.feed(source)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, name, attributes):
        element = {"name": name, "in": tuple(e["name"] for e in self.open), **dict(attributes), "text": ""}
        assert len(dict(attributes)) == len(attributes), f"an attribute twice in {name}"
        self.elements.append(element)
        if name not in VOID:
            self.open.append(element)

    def handle_startendtag(self, name, attributes):
        assert name in VOID, f"{name} closes itself"
        self.elements.append(
            {"name": name, "in": tuple(e["name"] for e in self.open), **dict(attributes), "text": ""}
        )

    def handle_endtag(self, name):
        assert self.open, f"</{name}> closes nothing"
        assert self.open.pop()["name"] == name, f"</{name}> closes something else"

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, *names):
        return [element for element in self.elements if element["name"] in names]

    @property
    def text(self):
        return " ".join(self.all("body")[0]["text"].split())


THEOREMS = (
    "half-mse-delta",
    "hidden-delta",
    "vanishing-gradient",
    "activation-derivatives",
    "backpropagation",
)
KEYS = {"finite field, opaque f and f'": "field-opaque", "outside: torch": "torch"}
HOLDS = CodeEvidence("hidden-delta: delta^l = ...", 20, 654, (), "error at most 0.047 of its bar", 0.5)
FIELD = CodeEvidence("finite field, opaque f and f'", 13, 222, (), "probability <= 2e-28", 1.0, "a note")
TORCH = CodeEvidence("outside: torch", 0, 0, (), "", 0.0, "torch is missing: pip install torch")
FAILS = CodeEvidence("finite field, opaque f and f'", 13, 222, ("layer 3: <delta> & more",), "", 1.0)
CELLS = (
    Cell("f' dropped", "field-opaque", "seen", "seen", "", "layer 2"),
    Cell("wrong f' of tanh", "field-opaque", "not seen", "not seen", "f and f' are opaque to it", ""),
)
MUTANTS = {
    "schema": SCHEMA,
    "mutants": {"total": 2, "caught": 1, "equivalent": 0, "survivors": 1},
    "matrix": [
        {
            "id": f"mutant-{status}",
            "description": "W for <W^T>",
            "status": status,
            "cells": {"dual": {"outcome": outcome, "said": 'delta "2"'}},
        }
        for status, outcome in (("caught", "caught"), ("survived", "missed"))
    ],
    "oracles": ["dual"],
    "false_alarms": {"checks": 7, "alarms": 0},
    "seed": 5,
    "detection": {
        method: [{"size": 10.0**-n, "caught": 9 - n, "of": 10} for n in (3, 6, 9)]
        for method in ("finite differences", "forward mode")
    },
}


@pytest.fixture(scope="module")
def proved():
    return {id: derivations.theorem(id) for id in THEOREMS}


def report_of(proved, rows=(HOLDS, FIELD, TORCH), refused="", **more):
    theorems = [TheoremEvidence(id, len(theorem.steps), 0.1) for id, theorem in proved.items()]
    if refused:
        theorems.append(TheoremEvidence("forward", 0, 0.1, refused))
    return Report(
        proof=Proof(tuple(theorems), tuple(rows), "quick", 3, 12.5),
        proved=proved,
        keys=KEYS,
        **{
            "planted": CELLS,
            "versions": {"gradproof": "0.1.0", "numpy": "2"},
            "when": "now",
            "machine": "any",
        }
        | more,
    )


@pytest.fixture(scope="module")
def page(proved):
    return Page(html.document(report_of(proved)))


def test_it_stands_alone(proved):
    source = html.document(report_of(proved, mutants=MUTANTS, detection=MUTANTS["detection"]))
    assert source.startswith('<!DOCTYPE html>\n<html lang="en">')
    page = Page(source)
    assert not page.all("script", "link", "iframe", "img", "object", "embed")
    assert "url(" not in source
    assert "@import" not in source
    for element in page.elements:
        assert not any(name.startswith("on") for name in element), f"a script in {element}"
        assert element.get("href", "#").startswith("#")
        assert "src" not in element
    assert "http" not in source


def test_every_link_leads_somewhere_and_every_id_is_one(page):
    ids = [element["id"] for element in page.elements if "id" in element]
    assert len(ids) == len(set(ids))
    for element in page.elements:
        for name in ("href", "aria-labelledby", "for"):
            if name in element:
                assert element[name].removeprefix("#") in ids, element


def test_headings_descend_one_by_one_and_landmarks_are_there(page):
    levels = [int(e["name"][1]) for e in page.elements if re.fullmatch("h[1-6]", e["name"])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    assert page.all("title")[0]["text"].startswith("PASS")


def test_tables_can_be_followed_by_ear(page):
    tables = page.all("table")
    assert len(tables) >= 4
    assert len(page.all("caption")) == len(tables)
    for cell in page.all("th"):
        assert cell["scope"] == ("col" if "thead" in cell["in"] else "row")
        assert cell["text"].strip()
    for cell in page.all("td"):
        assert "tbody" in cell["in"]


def test_the_verdict_comes_first_in_words(page):
    assert page.text.index("PASS All holds.") < page.text.index("What was derived")
    assert "5 of 5" in page.text
    assert "876" in page.text  # 654 + 222 numbers


def test_a_status_is_a_sign_and_a_word(page):
    statuses = [element for element in page.elements if element.get("class", "").startswith("status")]
    assert statuses
    for element in statuses:
        sign, word = element["text"].split("\N{NO-BREAK SPACE}")
        assert sign in "✓✗–?"
        assert word in markup.KINDS


def test_each_derivation_is_typeset_and_unfolds_step_by_step(page, proved):
    formulas = page.all("math")
    steps = [e for e in page.all("details") if e["in"][-2:] == ("ol", "li")]
    assert len(steps) == sum(len(theorem.steps) for theorem in proved.values())
    for step in steps:
        assert "open" not in step
    assert len(formulas) >= len(steps)
    for theorem in proved.values():
        for words in (*(step.sentence for step in theorem.steps), *theorem.hypotheses):
            assert " ".join(words["en"].split()) in page.text
    assert len(page.all("summary")) == len(page.all("details"))


def test_mathml_holds_no_empty_place(page):
    parts = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "munder": 2, "munderover": 3}
    for parent in page.all("math"):
        assert parent["text"].strip()
    assert all(set(e["in"]) & {"math"} for e in page.all(*parts))


def test_each_oracle_says_what_it_saw_and_what_it_cannot_see(page):
    terms = [element["text"] for element in page.all("dt")]
    assert terms == ["How it looks", "What it saw", "What it cannot see"] * 3
    assert "222 numbers on 13 networks" in page.text
    assert "Nothing: torch is missing" in page.text
    assert "wrong f' of tanh" in page.text


def test_every_oracle_has_words():
    assert set(DESCRIPTIONS) == set(ORACLES)
    assert sorted(oracles.keys().values()) == sorted(ORACLES)


def test_what_fails_is_said_at_the_top_and_escaped(proved):
    source = html.document(report_of(proved, [HOLDS, FAILS], refused="the third <step> is false"))
    page = Page(source)
    top = page.all("header")[0]["text"]
    assert "FAIL" in top
    assert "layer 3: <delta> & more" in top
    assert "the third <step> is false" in top
    assert "✗" in top
    assert "PASS" not in page.text


def test_nothing_checked_is_no_pass():
    page = Page(html.document(Report(Proof((), (), "quick", 0, 0.0), {}, {})))
    assert "INCONCLUSIVE" in page.all("header")[0]["text"]
    assert "Nothing was checked" in page.text


def test_somebody_elses_network_is_not_called_ours():
    rows = (CodeEvidence("forward mode", 1, 73, (), "an error of 3e-13 would be seen", 0.1), FAILS)
    page = Page(html.document(Report(Proof((), rows, "", 0, 0.1, network="mine:Network"), {}, KEYS)))
    assert "The backward pass of mine:Network" in page.text
    assert "gradproof ships" not in page.text
    assert "axioms" not in page.text
    assert "layer 3: <delta> & more" in page.text
    assert not page.all("dl")


def test_planted_bugs_and_who_saw_them(page):
    cells = [e["text"] for e in page.all("td") if e["text"].startswith(("●", "○"))]
    assert cells == ["●caught", "○not seen"]
    assert "1 of 2 such bugs were caught" in page.text
    assert "Not caught: wrong f' of tanh." in page.text


def test_mutants_and_the_detection_curve_when_given(proved):
    detection = MUTANTS["detection"]
    page = Page(html.document(report_of(proved, mutants=MUTANTS, planted=(), detection=detection)))
    assert "2 wrong formulas: 1 caught, 0 shown to be equivalent" in page.text
    assert "mutant-survived" in page.text
    assert len(page.all("polyline")) == 2
    assert "6 of 10" in page.text
    assert page.all("svg")[0]["role"] == "img"


def test_how_to_see_it_again(proved, monkeypatch):
    monkeypatch.setattr(html.report, "_planted", lambda seed, progress: [])
    monkeypatch.setattr(html.report, "_detection", lambda seed, progress: {})
    proof = report_of({}, [HOLDS]).proof
    report = html.gather(proof)
    assert report.command == "gradproof prove --profile quick --seed 3 --html report.html"
    assert cli.parser().parse_args(report.command.split()[1:]).seed == 3
    text = Page(html.document(report)).text
    assert report.command in text
    for name, version in evidence.versions().items():
        assert f"{name}{version}" in text.replace(" ", "")


@given(st.text(), st.text())
def test_text_is_escaped_once(inside, value):
    element = Page(f"<body>{markup.tag('p', inside, title=value)}</body>").all("p")[0]
    assert element["text"] == inside
    assert element.get("title", "") == value
    assert markup.text(markup.text(inside)) == markup.text(inside)


# The command


@pytest.fixture
def small(monkeypatch):
    """The quick profile, made quicker: few networks, one number system, theorem, planted bug and error."""
    monkeypatch.setattr(noticed, "CATALOGUE", {id: CATALOGUE[id] for id in ("weights-zero", "tanh-df-1")})
    size = prove.Profile(architectures=2, small=1, digits=2, epochs=1)
    monkeypatch.setitem(prove.PROFILES, "quick", size)
    monkeypatch.setattr(code, "ORACLES", {"rationals": ORACLES["rationals"]})
    monkeypatch.setattr(html.report, "ORACLES", {"rationals": ORACLES["rationals"]})
    monkeypatch.setattr(html.report, "BUGS", html.report.BUGS[:1])
    monkeypatch.setattr(html.report, "METHODS", ("forward mode",))
    monkeypatch.setattr(html.report, "SIZES", (1e-3,))
    monkeypatch.setattr(html.report, "DETECTION_CASES", 1)
    monkeypatch.setattr(derivations, "identifiers", lambda: ("half-mse-delta",))
    monkeypatch.setattr(prove, "EQUATIONS", {"weight-gradient": prove.EQUATIONS["weight-gradient"]})
    monkeypatch.setattr(prove, "BACKWARD", ("weight-gradient",))


def test_the_command_writes_the_page(small, tmp_path):
    path = tmp_path / "report.html"
    assert main(["prove", "--html", str(path)]) == 0
    source = path.read_text(encoding="utf-8")
    page = Page(source)
    assert "PASS" in page.text
    assert "transpose dropped" in page.text
    assert "1 of 1 such bugs were caught" in page.text
    assert "1 of 1" in [cell["text"] for cell in page.all("td")]
    assert len(source.encode()) < 2_000_000


MISTAKES = {
    "--html: cannot write": ["--html", "/nowhere/at/all.html"],
    "--mutants needs --html": ["--mutants", "mutants.json"],
    "--mutants: cannot read missing.json": ["--html", "r.html", "--mutants", "missing.json"],
    "is not JSON": ["--html", "r.html", "--mutants", "text.json"],
    "was not written by gradproof mutants": ["--html", "r.html", "--mutants", "other.json"],
    "is not JSON: maximum": ["--html", "r.html", "--mutants", "deep.json"],
    "has schema 999": ["--html", "r.html", "--mutants", "later.json"],
}


@pytest.mark.parametrize("message", MISTAKES)
def test_a_users_mistake_is_one_line_and_exit_2(message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.json").write_text("matrix")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "other.json").write_text('{"schema": 1}')
    (tmp_path / "later.json").write_text(json.dumps(MUTANTS | {"schema": 999}))
    assert main(["prove", *MISTAKES[message]]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("broken", ["<p>a</b>", "<p>a", "a</p>", '<p id="a" id="b">a</p>', "<p/>"])
def test_the_parser_of_these_tests_refuses_what_is_broken(broken):
    with pytest.raises(AssertionError):
        Page(broken)
