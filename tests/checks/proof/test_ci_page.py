"""JUnit XML that a CI server reads, and Markdown that a person reads; hostile text breaks neither."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.ci_page import junit, markdown
from tests.effort import costly

THEOREM = {"id": "forward", "status": "proven", "steps": 3, "seconds": 0.5}
ORACLE = {
    "oracle": "symbols",
    "architectures": 2,
    "identities": 10,
    "failures": [],
    "bound": "exact",
    "seconds": 1.5,
    "note": "",
    "status": "holds",
}
MUTANT = {
    "id": "zero",
    "formula": "weight-gradient",
    "description": "zeros",
    "status": "caught",
    "reason": "",
    "caught_by": ["symbols"],
    "cells": {"symbols": {"outcome": "caught", "seconds": 0.1}},
}


def prove(theorem=THEOREM, oracle=ORACLE):
    return {"theorems": [theorem], "code": [oracle], "verdict": "PASS", "seed": 0, "versions": {"numpy": "2"}}


def mutants(mutant=MUTANT):
    counts = {"total": 1, "caught": 1, "equivalent": 0, "survivors": 0}
    return {"matrix": [mutant], "mutants": counts, "oracles": ["symbols"], "versions": {"python": "3"}}


def suites(xml):
    return {suite.get("name"): suite for suite in ElementTree.fromstring(xml)}


def test_all_is_well():
    found = suites(junit([prove(), mutants()]))
    assert list(found) == ["theorems", "oracles", "mutants"]
    assert all(suite.get("tests") == "1" and suite.get("failures") == "0" for suite in found.values())
    assert found["oracles"][0].get("name") == "symbols"
    assert found["oracles"].get("time") == "1.500"


@pytest.mark.parametrize(
    ("suite", "evidence"),
    [
        ("theorems", prove(theorem=THEOREM | {"status": "refuted", "refused": "a false step"})),
        ("oracles", prove(oracle=ORACLE | {"status": "fails", "failures": ["dW^2 differs", "db^2 differs"]})),
        ("mutants", mutants(MUTANT | {"status": "survived"})),
    ],
)
def test_what_is_wrong_fails(suite, evidence):
    found = suites(junit([evidence]))[suite]
    assert found.get("failures") == "1"
    assert found.find("testcase/failure") is not None


def test_what_does_not_apply_is_skipped_with_its_reason():
    row = ORACLE | {"status": "not applicable", "identities": 0, "note": "torch is missing"}
    found = suites(junit([prove(oracle=row)]))["oracles"]
    assert found.get("skipped") == "1"
    assert found.find("testcase/skipped").get("message") == "torch is missing"


def test_each_line_of_the_gate_fails():
    assert [case.get("name") for case in suites(junit([], ["weaker", "and weaker"]))["gate"]] == [
        "weaker",
        "and weaker",
    ]


@costly
@given(st.text(min_size=1))
def test_no_text_breaks_the_pages(text):
    evidence = [prove(oracle=ORACLE | {"oracle": text, "status": "fails", "failures": [text], "note": text})]
    suites(junit(evidence, [text]))
    table = [line for line in markdown(evidence).splitlines() if line.startswith("| ")]
    assert all(line.replace("\\|", "").count("|") == 6 for line in table)


def test_the_summary_tells_the_counts():
    page = markdown([prove(), mutants()], [])
    assert "1 of 1 theorems proven in 3 steps" in page
    assert "Of 1 wrong formulas 1 were caught, 0 are no mistake, 0 survived." in page
    assert "| symbols | 2 | 10 | holds | exact |" in page
    assert "no weaker than the baseline" in page
    assert "numpy 2, python 3" in page
    assert "baseline" not in markdown([prove()])
