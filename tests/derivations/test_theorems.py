"""Every theorem can be built, which is to say: proved."""

import pytest

import derivations


@pytest.mark.parametrize("identifier", derivations.identifiers())
def test_a_theorem_is_proved_when_it_is_built(identifier):
    theorem = derivations.theorem(identifier)
    assert theorem.id == identifier
    assert theorem.steps


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("identifier", derivations.identifiers())
def test_a_theorem_can_be_read(identifier, lang):
    theorem = derivations.theorem(identifier)
    page = derivations.render.text.render(theorem, lang=lang)
    assert theorem.title[lang] in page
    for step in theorem.steps:
        assert "".join(step.sentence[lang].split()) in "".join(page.split())


def test_an_unknown_theorem_suggests_its_neighbours():
    with pytest.raises(derivations.UnknownTheorem, match="hidden-delta"):
        derivations.theorem("hiden-delta")
    assert issubclass(derivations.UnknownTheorem, KeyError)
