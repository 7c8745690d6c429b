"""Every entry of the shipped gradients, symbol by symbol."""

from hypothesis import event, given
from hypothesis import strategies as st

from checks.proof.code import symbols
from checks.strategies import architectures
from dnn import Architecture
from tests.effort import costly


@costly
@given(architectures(max_depth=4, max_width=3), st.integers(0, 2**32 - 1))
def test_the_shipped_gradients_are_the_derivative_of_the_shipped_loss(architecture, seed):
    event(architecture.head.name)
    row = symbols.check([architecture], seed=seed)
    assert row.status == "holds", row.failures
    assert row.identities == architecture.parameters + symbols.SAMPLES * sum(architecture.widths[1:])


def test_what_is_too_large_is_not_a_pass():
    row = symbols.check([Architecture((64, 10, 10), "tanh")], seed=0)
    assert row.status == "not applicable"
    assert "more than 200 parameters" in row.note
