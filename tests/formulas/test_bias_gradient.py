"""dJ/db^l = delta^l, the mean over the batch, against the numerical derivative of b^l -> J."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import costly


@costly
@given(data=st.data())
def test_bias_gradient(data, cases, holds):
    holds("bias-gradient", data.draw(cases()))


@pytest.mark.parametrize("layer", [2, 3, 4, 5])
def test_a_wrong_layer_is_named(layer, broken, refutes):
    assert refutes("bias-gradient", broken("last sample only", layer)) == layer
