"""Initialisation, shapes, and what the doors of a network refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.strategies import networks, samples
from dnn import Architecture, Network


@given(st.data())
def test_every_shape_is_that_of_the_source(data):
    network = data.draw(networks())
    x, y = data.draw(samples(network.architecture))
    trace = network.forward(x)
    gradients = network.backward(trace, y)
    k, N = network.architecture.width, x.shape[1]
    assert set(trace.a) == {1, *network.architecture.layers}
    assert trace.a[1] is x
    for l in network.architecture.layers:
        assert trace.z[l].shape == trace.a[l].shape == gradients.delta[l].shape == (k(l), N)
        assert gradients.dW[l].shape == network.W[l].shape
        assert gradients.db[l].shape == network.b[l].shape


@given(st.data())
def test_neither_pass_changes_what_it_is_given(data):
    network = data.draw(networks())
    x, y = data.draw(samples(network.architecture))
    arrays = [x, y, *network.W.values(), *network.b.values()]
    before = [array.copy() for array in arrays]
    trace = network.forward(x)
    kept = [array.copy() for array in trace.z.values()]
    network.backward(trace, y)
    for array, copy in zip([*arrays, *trace.z.values()], [*before, *kept], strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_one_dtype_from_end_to_end(dtype):
    network = Network.initialise(Architecture((3, 4, 2), "gelu_tanh", "half_mse", "silu"), 0, dtype)
    x, y = np.ones((3, 5), dtype), np.ones((2, 5), dtype)
    gradients = network.backward(network.forward(x), y)
    assert {array.dtype for group in gradients for array in group.values()} == {np.dtype(dtype)}
    assert network.loss(x, y).dtype == dtype


@pytest.mark.parametrize(
    ("activation", "variance"),
    [("relu", 2 / 400), ("silu", 2 / 400), ("tanh", 2 / 700), ("identity", 2 / 700)],
)
def test_the_weights_have_the_variance_of_their_law(activation, variance):
    W = Network.initialise(Architecture((400, 300, 5), activation), 3).W
    # The variance of n = 120,000 normal numbers is off by a relative sqrt(2 / n) = 0.4 %: five of those.
    assert abs(W[2].var() / variance - 1) < 5 * (2 / W[2].size) ** 0.5
    assert abs(W[3].var() / (2 / 305) - 1) < 5 * (2 / W[3].size) ** 0.5


def test_a_seed_is_a_network():
    first, again, other = (Network.initialise(Architecture((3, 4, 2)), seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.W[2], again.W[2])
    assert (first.W[2] != other.W[2]).all()
    assert not first.b[2].any()


def test_predict_takes_rows():
    network = Network.initialise(Architecture((3, 4, 2), "tanh", "softmax_cross_entropy"), 0)
    x = np.random.default_rng(0).standard_normal((5, 3))
    assert network.predict(x).shape == (5, 2)
    np.testing.assert_array_equal(network.predict(x), network.forward(x.T).a[3].T)
    np.testing.assert_array_equal(network.predict(x.tolist()), network.predict(x))


ARCHITECTURE = Architecture((3, 4, 2), "tanh", "softmax_cross_entropy")
NETWORK = Network.initialise(ARCHITECTURE, 0)
X, Y = np.ones((3, 5)), np.full((2, 5), 0.5)


def with_weight(layer, value):
    return Network(ARCHITECTURE, {**NETWORK.W, layer: value}, NETWORK.b)


REFUSED = {
    r"W\[2\] must have shape \(4, 3\), got \(3, 4\)": (lambda: with_weight(2, np.ones((3, 4))), ValueError),
    r"W\[3\] must hold floats.*int64": (lambda: with_weight(3, np.ones((2, 4), int)), TypeError),
    r"W\[3\] must hold floats.*float16": (lambda: with_weight(3, np.ones((2, 4), "f2")), TypeError),
    r"W\[3\] must be finite, got.*nan": (lambda: with_weight(3, np.full((2, 4), np.nan)), ValueError),
    r"W must map each of the layers 2\.\.3.*\[2, 3, 4\]": (lambda: with_weight(4, X), ValueError),
    "b must map each of the layers.*list": (lambda: Network(ARCHITECTURE, NETWORK.W, [X, X]), ValueError),
    r"x must have shape \(3, any\), got \(4, 5\)": (lambda: NETWORK.forward(np.ones((4, 5))), ValueError),
    "x must not be empty": (lambda: NETWORK.forward(np.ones((3, 0))), ValueError),
    "x must be finite": (lambda: NETWORK.forward(np.full((3, 1), np.inf)), ValueError),
    "x must hold floats.*<U1": (lambda: NETWORK.predict([["a", "b", "c"]]), TypeError),
    r"x must have shape \(any, 3\)": (lambda: NETWORK.predict(np.ones((5, 2))), ValueError),
    r"y must have shape \(2, 5\), got \(3, 5\)": (lambda: NETWORK.loss(X, np.ones((3, 5))), ValueError),
    "y must sum to one": (lambda: NETWORK.backward(NETWORK.forward(X), 2 * Y), ValueError),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    call, error = REFUSED[message]
    with pytest.raises(error, match=message):
        call()
