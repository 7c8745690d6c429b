"""||delta^l|| <= prod ||W^m|| prod sup|f'| ||delta^L||: why gradients vanish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.cases import Case
from checks.strategies import random_network, random_samples
from dnn import Architecture, Gradients, Network


@given(data=st.data())
def test_flow_bound(data, cases, holds):
    holds("vanishing-gradient", data.draw(cases(min_depth=3)))


class Amplified(Network):
    """Its delta^3 is a thousand times too large."""

    def backward(self, trace, y):
        delta, dW, db = super().backward(trace, y)
        return Gradients({**delta, 3: 1000 * delta[3]}, dW, db)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "silu"])
def test_a_delta_above_the_bound_is_named(activation, refutes):
    network = random_network(Architecture((3, 4, 4, 4, 2), activation), 0)
    x, y = random_samples(network.architecture, 3, 0)
    assert (
        refutes("vanishing-gradient", Case(Amplified(network.architecture, network.W, network.b), x, y)) == 3
    )
