"""Searches for counterexamples: what is found refutes the claim, and a search without a find says so."""

from fractions import Fraction

import pytest

from derivations import counterexamples
from dnn.activations import ACTIVATIONS


def test_a_slope_that_leaves_the_unit_interval_is_found_where_there_is_one():
    for name, activation in ACTIVATIONS.items():
        if len(counterexamples.activations()[name].pieces) > 1:
            continue
        if activation.derivative_range.upper > 1:
            slope = float(counterexamples.slope_outside(name).true.removeprefix("f′(x) = "))
            assert not 0 <= slope <= 1
        else:
            with pytest.raises(LookupError, match="stays between 0 and 1"):
                counterexamples.slope_outside(name)


@pytest.mark.parametrize(
    ("name", "nothing", "search"),
    [
        ("growth", lambda *_: Fraction(1), counterexamples.growth_without_steep_slopes),
        ("growth", lambda *_: Fraction(1), counterexamples.growth_with_ordinary_weights),
        ("explosions", lambda scale: 0.5, counterexamples.improbable_explosion),
        ("Fraction", lambda *_: Fraction(0), counterexamples.step_that_climbs),
        ("max", lambda z, zero: z, counterexamples.kink),  # smooth
        ("max", lambda z, zero: Fraction(1, 2), counterexamples.kink),  # flat
        ("max", lambda *_: 0, counterexamples.vanishing_maximum_norm),
    ],
)
def test_a_search_without_a_find_says_so(name, nothing, search, monkeypatch):
    assert search().true
    monkeypatch.setattr(counterexamples, name, nothing, raising=False)
    with pytest.raises(LookupError):
        search()
