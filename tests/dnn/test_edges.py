"""Edges that a mutation run found unguarded: each of these tests kills a mutant that all others let live."""

import numpy as np
import pytest

from dnn import ACTIVATIONS, Architecture, Network, fit, gradient_flow, load_digits, update
from dnn.doors import matrix

EPS = np.finfo(float).eps


def test_the_digits_load_again():
    x, y = load_digits()
    assert (x.shape, y.shape, x.dtype, y.dtype) == ((1797, 64), (1797, 10), float, float)
    assert (x.min(), x.max()) == (0, 1)
    assert np.array_equal(x * 16, np.round(x * 16))
    assert np.array_equal(y.sum(axis=1), np.ones(1797))
    assert np.array_equal(y.sum(axis=0), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])


def test_flow_reports_the_norm_of_the_weights_gradient():
    network = Network.initialise(Architecture((2, 3, 2), "tanh"), 0)
    x, y = np.array([[1.0], [2.0]]), np.array([[0.5], [-0.5]])
    dW = network.backward(network.forward(x), y).dW
    assert [row.dW for row in gradient_flow(network, x, y)] == [np.linalg.norm(dW[l]) for l in (2, 3)]


@pytest.mark.parametrize("name", ["identity", "sigmoid", "tanh"])
def test_the_bound_is_attained_where_every_layer_is_steepest(name):
    architecture = Architecture((2, 2, 2, 2), name)
    x, y, f = np.array([[1.0], [2.0]]), np.array([[0.5], [-0.5]]), ACTIVATIONS[name].f
    W = {l: (1 + l / 10) * np.eye(2) for l in architecture.layers}
    b = {2: -W[2] @ x} | {l: -W[l] @ f(np.zeros((2, 1))) for l in (3, 4)}
    for row in gradient_flow(Network(architecture, W, b), x, y):
        assert row.delta == pytest.approx(row.bound, rel=1e-14)


def test_at_its_kink_a_derivative_is_the_left_slope():
    zero = np.zeros(1)
    assert ACTIVATIONS["relu"].df(zero) == 0
    assert ACTIVATIONS["leaky_relu"].df(zero) == 0.01


@pytest.mark.parametrize(("wrong", "samples", "accepted"), [(2, 1, True), (3, 1, False), (3, 8, False)])
def test_labels_may_miss_one_by_an_eps_for_each_class_and_no_more(wrong, samples, accepted):
    y = np.full((2, samples), 0.5)
    y[1] += wrong * EPS
    head = Architecture((2, 2), (), "softmax_cross_entropy").head
    if accepted:
        head(np.zeros((2, samples)), y)
    else:
        with pytest.raises(ValueError, match="must sum to one"):
            head(np.zeros((2, samples)), y)


def test_fit_takes_batches_of_32_in_the_order_of_seed_0():
    network = Network.initialise(Architecture((1, 1)), 0)
    x, y = np.arange(40.0)[:, None] / 40, np.ones((40, 1))
    order, expected = np.random.default_rng(0).permutation(40), network
    for batch in (order[:32], order[32:]):
        gradients = expected.backward(expected.forward(x[batch].T), y[batch].T)
        expected = update(expected, gradients, 0.1)
    fitted = fit(network, x, y, learning_rate=0.1, epochs=1)
    assert np.array_equal(fitted.W[2], expected.W[2])
    assert np.array_equal(fitted.b[2], expected.b[2])


@pytest.mark.parametrize(("learning_rate", "size"), [(1e10, 1.0), (1e300, 1e100), (0.0, 1e200)])
def test_training_that_diverges_is_one_error_and_no_warning(learning_rate, size):
    rng = np.random.default_rng(0)
    x, y = size * rng.standard_normal((8, 3)), size * rng.standard_normal((8, 2))
    network = Network.initialise(Architecture((3, 4, 4, 2), "identity"), 0)
    with pytest.raises(ValueError, match="training diverged in epoch"):
        fit(network, x, y, learning_rate=learning_rate, epochs=40, batch_size=2)


def test_the_output_activation_is_the_one_asked_for():
    assert Architecture((2, 2), head="half_mse", output="sigmoid").output is ACTIVATIONS["sigmoid"]
    assert Architecture((2, 2), head="half_mse").output is ACTIVATIONS["identity"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ((2, 2), "tanh", "mse"),
            r"one of softmax_cross_entropy, sigmoid_cross_entropy, half_mse, got 'mse'",
        ),
        (((2, 2, 2), "tan"), r"one of identity, sigmoid, tanh, .*, gelu_tanh, got 'tan'"),
        (((3, 4, 5), "tanh", "sigmoid_cross_entropy"), r"\(one neuron\), got 5$"),
    ],
)
def test_messages_tell_the_choice_and_what_was_given(arguments, told):
    with pytest.raises(ValueError, match=told):
        Architecture(*arguments)


@pytest.mark.parametrize("name", ["W", "b"])
@pytest.mark.parametrize("axis", [0, 1])
def test_each_side_of_each_parameter_is_held_and_named(name, axis):
    sound = Network.initialise(Architecture((2, 3, 4)), 0)
    parameters = {"W": dict(sound.W), "b": dict(sound.b)}
    wrong = np.repeat(parameters[name][3], 2, axis=axis)
    parameters[name][3] = wrong
    with pytest.raises(ValueError, match=rf"{name}\[3\] must have shape .*, got \({wrong.shape[0]}, "):
        Network(sound.architecture, **parameters)


class Duck:
    """An array of another kind, as the number systems have them."""

    dtype, ndim, shape = np.dtype(object), 2, (1, 1)
    __array_ufunc__ = None


def test_a_refused_shape_says_what_rows_and_columns_are():
    with pytest.raises(ValueError, match=r"got \(3,\); one row for each unit, one column for each sample$"):
        matrix("x", np.ones(3))


def test_duck_arrays_and_complex_numbers_pass_the_door_as_they_are():
    duck, number = Duck(), np.array([[1 + 2j]])
    assert matrix("x", duck) is duck
    assert matrix("x", number) is number
