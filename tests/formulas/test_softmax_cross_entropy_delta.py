"""delta^L = softmax(z^L) - y, against the numerical derivative of z^L -> J."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import costly


@costly
@given(data=st.data())
def test_output_delta(data, cases, holds):
    holds("softmax-cross-entropy-delta", data.draw(cases(heads=["softmax_cross_entropy"])))


@pytest.mark.parametrize("bug", ["label forgotten", "sign of delta^L"])
def test_a_wrong_one_is_refuted(bug, broken, refutes):
    assert refutes("softmax-cross-entropy-delta", broken(bug, 5, "softmax_cross_entropy")) == 5
