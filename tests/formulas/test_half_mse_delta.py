"""delta^L = (f(z^L) - y) ⊙ f'(z^L), against the numerical derivative of z^L -> J."""

import pytest
from hypothesis import given
from hypothesis import strategies as st


@given(data=st.data())
def test_output_delta(data, cases, holds):
    holds("half-mse-delta", data.draw(cases(heads=["half_mse"])))


@pytest.mark.parametrize("bug", ["label forgotten", "sign of delta^L"])
def test_a_wrong_one_is_refuted(bug, broken, refutes):
    assert refutes("half-mse-delta", broken(bug, 5, "half_mse")) == 5
