"""The matrix: every column can fail and is silent about dnn as shipped; a survivor is never passed over."""

import json
from contextlib import nullcontext
from dataclasses import replace

import pytest

from checks.proof import code
from checks.proof.equations import EQUATIONS
from checks.proof.mutants import CATALOGUE, ORACLES, examination, examine, look, matrix, noticed, oracles
from checks.proof.mutants.examination import Matrix
from checks.proof.mutants.networks import LEAKY
from checks.proof.mutants.oracles import NOT_OF_DNN, OUTSIDE, Sight
from tests.effort import one_in

CAUGHT_BY = {
    "gradcheck": "weights-doubled",
    "forward": "elu-f-1",
    "softmax-cross-entropy-delta": "softmax-label-doubled",
    "half-mse-delta": "half-mse-doubled",
    "sigmoid-cross-entropy-delta": "sigmoid-head-halved",
    "hidden-delta": "hidden-f-for-fprime",
    "weight-gradient": "weights-zero",
    "bias-gradient": "bias-halved",
    "batch-mean": "bias-sum-for-mean",
    "update-descends": "update-replaced",
    "vanishing-gradient": "flow-slope-squared",
    "activation-derivatives": "tanh-df-1",
    "elementwise-derivative": "tanh-df-2",
    "exploding-gradient": "flow-frobenius",
    "delta a^T by oracles alone": "forward-residual",
    "symbols": "weights-doubled",
    "field-opaque": "hidden-residual",
    "field": "silu-df-1",
    "rationals": "bias-negated",
    "balls": "output-mean-twice",
    "dual": "gelu_tanh-df-2",
    "complex-step": "softmax-z-for-a",
}


def test_all_oracles_are_columns():
    assert set(ORACLES) == set(CAUGHT_BY)
    assert set(EQUATIONS) - set(NOT_OF_DNN) <= set(ORACLES)
    assert set(code.ORACLES) - set(OUTSIDE) <= set(ORACLES)


@pytest.mark.parametrize(("oracle", "id"), CAUGHT_BY.items())
def test_every_column_can_fail_and_is_silent_without_a_mutant(oracle, id):
    mutant = CATALOGUE[id]
    with mutant.plant():
        sight = look(oracle, mutant.architectures, 0)
    assert sight.outcome == "caught"
    assert sight.said
    assert look(oracle, mutant.architectures, 0).outcome == "missed"


def test_the_whole_catalogue_would_be_noticed(monkeypatch):
    planted = {id: CATALOGUE[id] for id in one_in(5, CATALOGUE)}  # the gate plants all
    monkeypatch.setattr(noticed, "CATALOGUE", planted)
    found = noticed.survey()
    assert found.total == len(planted)
    assert found.survivors == ()
    assert found.equivalent == sum(mutant.equivalent is not None for mutant in planted.values())
    assert found.caught + found.equivalent == found.total


def test_an_oracle_that_accuses_the_shipped_code_too_notices_nothing(monkeypatch):
    monkeypatch.setattr(noticed, "CATALOGUE", {"weights-zero": CATALOGUE["weights-zero"]})
    monkeypatch.setattr(noticed, "CHEAP_FIRST", ("weight-gradient",))
    assert noticed.survey().caught == 1
    monkeypatch.setattr(noticed, "look", lambda oracle, architectures, seed: Sight("caught", "it is wrong"))
    assert noticed.survey().survivors == ("weights-zero",)


def test_whatever_a_mutant_raises_gives_it_away(monkeypatch):
    def raises(architecture, seed):
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setitem(oracles.ORACLES, "forward", raises)
    assert look("forward", (LEAKY,), 0) == Sight("caught", "ZeroDivisionError: by zero")


def test_one_network_that_gives_it_away_is_enough(monkeypatch):
    sights = iter(
        [Sight("not applicable", "x"), Sight("missed"), Sight("not applicable", "y"), Sight("caught", "z")]
    )
    monkeypatch.setitem(oracles.ORACLES, "forward", lambda architecture, seed: next(sights))
    assert look("forward", (LEAKY,) * 3, 0).outcome == "missed"
    assert look("forward", (LEAKY,) * 3, 0).outcome == "caught"


@pytest.fixture
def two_oracles(monkeypatch):
    """Two cheap columns."""
    monkeypatch.setattr(
        examination, "ORACLES", {name: ORACLES[name] for name in ("vanishing-gradient", "update-descends")}
    )


@pytest.mark.usefixtures("two_oracles")
def test_a_matrix_as_json():
    found = matrix(ids=["update-uphill", "flow-slope-squared", "update-negative-rate"])
    written = json.loads(json.dumps(found.to_dict()))
    assert written["mutants"] == {"total": 3, "caught": 2, "equivalent": 1, "survivors": 0}
    assert [row["caught_by"] for row in written["matrix"]] == [
        ["update-descends"],
        ["vanishing-gradient"],
        [],
    ]
    assert isinstance(written["schema"], int)
    assert written["matrix"][0]["cells"]["update-descends"]["seconds"] >= 0
    assert found.holds
    assert found.controls >= 2


@pytest.mark.usefixtures("two_oracles")
def test_a_survivor_is_never_passed_over():
    found = matrix(ids=["update-uphill", "flow-slope-squared", "elu-f-1"])
    assert found.count("survived") == 1
    assert not found.holds


@pytest.mark.usefixtures("two_oracles")
def test_a_column_that_catches_nothing_is_never_passed_over():
    found = matrix(ids=["update-uphill"])
    assert found.blind == ["vanishing-gradient"]
    assert not found.holds


def test_nothing_planted_is_no_success():
    assert not Matrix((), (), 0, {}, 0, 0.0).holds


@pytest.mark.usefixtures("two_oracles")
def test_a_wrong_claim_of_equivalence_is_a_survivor():
    claim = CATALOGUE["update-negative-rate"].equivalent
    caught = examine(replace(CATALOGUE["update-uphill"], equivalent=claim), 0)
    assert (caught.status, "an oracle caught it" in caught.reason) == ("survived", True)
    differs = examine(replace(CATALOGUE["elu-f-1"], equivalent=replace(claim, shown=lambda m: False)), 0)
    assert (differs.status, "its numbers differ" in differs.reason) == ("survived", True)


@pytest.mark.usefixtures("two_oracles")
def test_dnn_as_shipped_would_survive():
    assert examine(replace(CATALOGUE["update-uphill"], plant=nullcontext), 0).status == "survived"


@pytest.mark.usefixtures("two_oracles")
def test_an_alarm_about_dnn_as_shipped_is_told(monkeypatch):
    alarm = {**examination.ORACLES, "update-descends": None}
    monkeypatch.setattr(examination, "ORACLES", alarm)
    monkeypatch.setitem(
        oracles.ORACLES, "update-descends", lambda architecture, seed: Sight("caught", "wrong")
    )
    found = matrix(ids=["flow-slope-squared"])
    assert found.alarms[0] == "update-descends: wrong"
    assert not found.holds
    assert found.to_dict()["false_alarms"]["alarms"] == len(found.alarms)
