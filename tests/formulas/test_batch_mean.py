"""The gradient of a mean over samples is the mean of the samples' gradients."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import costly


@costly
@given(data=st.data())
def test_batch_mean(data, cases, holds):
    holds("batch-mean", data.draw(cases(max_depth=4)))


@pytest.mark.parametrize("bug", ["sum for mean", "last sample only"])
def test_a_wrong_mean_is_refuted(bug, broken, refutes):
    assert refutes("batch-mean", broken(bug, 3)) == 3
