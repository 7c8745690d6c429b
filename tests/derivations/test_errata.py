"""The source text held to account: enough of it, in both languages, with counterexamples that are found."""

import pytest

from derivations import catalogue, counterexamples, errata
from derivations.counterexamples import Counterexample
from derivations.errata import ERRATA, SOURCE
from derivations.setting import Setting
from derivations.terms import Size, Sum, Tensor, fresh


def test_there_are_enough_of_both_kinds():
    kinds = [erratum.kind for erratum in ERRATA]
    assert kinds.count("misprint") >= 10
    assert kinds.count("half-truth") > 15
    assert len({erratum.id for erratum in ERRATA}) == len(ERRATA)


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda erratum: erratum.id)
def test_an_erratum_names_a_theorem_and_is_bilingual(erratum):
    assert erratum.theorem in catalogue.identifiers()
    for words in (erratum.place, erratum.printed, erratum.corrected):
        assert words["en"]
        assert words["zh"]


@pytest.mark.parametrize("erratum", [e for e in ERRATA if e.search], ids=lambda erratum: erratum.id)
def test_a_counterexample_is_found(erratum):
    found = erratum.counterexample()
    assert isinstance(found, Counterexample)
    assert found.claimed != found.true


def test_most_half_truths_are_false_without_their_hypothesis():
    false = [e for e in ERRATA if e.kind == "half-truth" and e.search]
    assert len(false) >= 20


def test_every_passage_maps_to_theorems():
    for passage in SOURCE:
        assert passage.theorems
        assert set(passage.theorems) <= set(catalogue.identifiers())
    named = {identifier for passage in SOURCE for identifier in passage.theorems}
    assert named == {name for name in catalogue.identifiers() if not name.startswith("nested")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_shows_all_of_it(lang):
    page = "".join(errata.render(lang).split())
    for erratum in ERRATA:
        assert "".join(erratum.corrected[lang].split()) in page


def test_a_true_equation_has_no_counterexample():
    n = Size("n")
    x, i, j = Tensor("x", (n,)), fresh("i", n), fresh("j", n)
    with pytest.raises(LookupError, match="no counterexample"):
        counterexamples.of_equation(Sum(i, x[i]), Sum(j, x[j]), Setting())


def test_a_search_without_a_find_says_so():
    with pytest.raises(LookupError, match="stays between 0 and 1"):
        counterexamples.slope_outside("tanh")


def test_explosion_depends_on_the_scale_of_the_weights():
    assert counterexamples.explosions(0.5) == 0
    assert counterexamples.explosions(2.0) == 1
