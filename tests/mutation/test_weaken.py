"""The census sees every place under tests/ where a weakening can be done; a blind one would be told."""

from dataclasses import replace

import pytest

from checks.proof import code, prove
from checks.proof.mutants import CATALOGUE
from tests.effort import BY_DAY
from tests.mutation import weaken


def test_every_weakening_of_the_tests_is_noticed():
    scores = weaken.weakened_tests(2 if BY_DAY else 1)
    assert set(scores) == set(weaken.IN_TESTS)
    for what, score in scores.items():
        assert score.tried > (10 if BY_DAY else 20), what
        assert score.missed == [], what


@pytest.mark.parametrize("what", weaken.IN_TESTS)
def test_one_that_is_not_would_be_named(what, monkeypatch, tmp_path):
    (tmp_path / "test_it.py").write_text(
        "@pytest.mark.parametrize('n', [1, 2])\n"
        "@given(networks(max_depth=5))\n"
        "def test_it(n):\n"
        "    for i in range(9):\n"
        "        with pytest.raises(ValueError):\n"
        "            assert error(i) < 1e-9\n"
        "    assert f(n) == n\n"
        "    gradcheck(f, g, n)\n"
    )
    monkeypatch.setattr(weaken, "TESTS", tmp_path)
    assert weaken.weakened_tests()[what].missed == []
    monkeypatch.setattr(weaken, "counted", lambda tree: {"assertions": 1})
    assert weaken.weakened_tests()[what].missed


@pytest.mark.parametrize("id", ["weights-zero", "tanh-df-1"])
def test_a_wrong_formula_is_noticed(id, monkeypatch):
    monkeypatch.setattr(weaken, "CATALOGUE", {id: CATALOGUE[id]})
    score = weaken.wrong_formulas()
    assert score.tried == 1
    assert score.missed == []


def test_a_formula_left_right_would_not_be(monkeypatch):
    right = next(mutant for mutant in CATALOGUE.values() if mutant.equivalent is not None)
    monkeypatch.setattr(weaken, "CATALOGUE", {right.id: replace(right, equivalent=None)})
    monkeypatch.setattr(weaken, "CHEAP_FIRST", ("forward",))
    monkeypatch.setattr(code, "ORACLES", {"rationals": code.ORACLES["rationals"]})
    monkeypatch.setattr(prove, "EQUATIONS", {"hidden-delta": prove.EQUATIONS["hidden-delta"]})
    small = prove.Profile(architectures=2, small=1, digits=2, epochs=1)
    monkeypatch.setitem(prove.PROFILES, "quick", small)
    assert weaken.wrong_formulas().missed == [right.id]
