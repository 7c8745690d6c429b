"""delta^l = ((W^(l+1))^T delta^(l+1)) ⊙ f'(z^l), against the numerical derivative of the tail z^l -> J."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import costly


@costly
@given(data=st.data())
def test_hidden_delta(data, cases, holds):
    holds("hidden-delta", data.draw(cases(min_depth=3)))


@pytest.mark.parametrize("layer", [2, 3, 4])
@pytest.mark.parametrize("bug", ["transpose dropped", "f' at a for z", "f' dropped"])
def test_a_wrong_layer_is_named_although_all_below_it_are_wrong_too(bug, layer, broken, refutes):
    assert refutes("hidden-delta", broken(bug, layer)) == layer


def test_the_slope_of_another_layer_is_refuted(broken, refutes):
    assert refutes("hidden-delta", broken("f' of another layer", 4)) == 4
