"""delta^L = sigmoid(z^L) - y, against the numerical derivative of z^L -> J."""

import pytest
from hypothesis import given
from hypothesis import strategies as st


@given(data=st.data())
def test_output_delta(data, cases, holds):
    holds("sigmoid-cross-entropy-delta", data.draw(cases(heads=["sigmoid_cross_entropy"])))


@pytest.mark.parametrize("bug", ["label forgotten", "sign of delta^L"])
def test_a_wrong_one_is_refuted(bug, broken, refutes):
    assert refutes("sigmoid-cross-entropy-delta", broken(bug, 5, "sigmoid_cross_entropy")) == 5
