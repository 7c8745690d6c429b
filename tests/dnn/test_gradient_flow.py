"""The measured flow never exceeds the proved bound, and explicit families attain it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from checks.strategies import networks, samples
from dnn import Architecture, Network, gradient_flow


@given(st.data())
def test_the_bound_holds(data):
    network = data.draw(networks())
    x, y = data.draw(samples(network.architecture))
    flow = gradient_flow(network, x, y)
    assert [row.layer for row in flow] == list(network.architecture.layers)
    # Each layer adds an inner product of k terms, a spectral norm and a product to either side.
    roundings = sum(8 * k + 8 for k in network.architecture.widths)
    for row in flow:
        assert row.delta <= row.bound * (1 + roundings * np.finfo(float).eps)


def chain(depth, scale):
    architecture = Architecture((2,) * depth, "identity", "half_mse")
    W = {l: scale * np.eye(2) for l in architecture.layers}
    return Network(architecture, W, {l: np.zeros((2, 1)) for l in architecture.layers})


def test_ordinary_weights_over_a_hundred_layers_explode_exactly_as_bounded():
    flow = gradient_flow(chain(101, 1.1), np.ones((2, 1)), np.zeros((2, 1)))
    np.testing.assert_allclose(flow[0].delta / flow[-1].delta, 1.1**99, rtol=400 * np.finfo(float).eps)
    np.testing.assert_allclose(flow[0].bound, flow[0].delta, rtol=400 * np.finfo(float).eps)


def test_and_weights_below_one_vanish():
    flow = gradient_flow(chain(101, 0.9), np.ones((2, 1)), np.zeros((2, 1)))
    assert flow[0].delta < 1e-4 * flow[-1].delta
