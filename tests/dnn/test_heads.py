"""The heads stay finite where the textbook formulas overflow, and refuse labels outside their domain."""

import numpy as np
import pytest

from dnn import ACTIVATIONS
from dnn.heads import half_mse, sigmoid_cross_entropy, softmax, softmax_cross_entropy


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("size", [1.0, 1e4, 1e30])
@pytest.mark.parametrize("head", [softmax_cross_entropy, sigmoid_cross_entropy])
def test_finite_for_large_z(head, size, dtype):
    rows = 3 if head is softmax_cross_entropy else 1
    z = size * np.array([[1, -1, 0.5], [-1, 1, 0.25], [0, 0.5, -1]], dtype)[:rows]
    y = np.eye(3, dtype=dtype) if rows == 3 else np.array([[0, 1, 1]], dtype)
    loss, delta = head(z, y)
    assert np.isfinite(loss).all()
    assert np.isfinite(delta).all()
    assert loss.dtype == delta.dtype == dtype
    assert loss.shape == (3,)
    assert delta.shape == z.shape


def test_softmax_does_not_change_when_a_constant_is_added():
    z = np.array([[1.0, 2.0], [3.0, -4.0]])
    np.testing.assert_array_equal(softmax(z), softmax(z + 16.0))


def test_cross_entropy_of_a_hopeless_prediction_is_the_margin():
    loss, delta = softmax_cross_entropy(np.array([[0.0], [1000.0]]), np.array([[1.0], [0.0]]))
    assert loss == [1000.0]
    assert delta.tolist() == [[-1.0], [1.0]]


def test_half_mse_is_one_head_for_each_activation():
    assert half_mse(ACTIVATIONS["tanh"]) is half_mse(ACTIVATIONS["tanh"])
    loss, delta = half_mse(ACTIVATIONS["identity"])(np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]))
    assert loss == [2.0]
    assert delta.tolist() == [[2.0], [0.0]]


REFUSED = {
    "y must sum to one": (softmax_cross_entropy, [[1.0], [0.0]], [[1.0], [1.0]], ValueError),
    "y must sum to one for each sample.*sample 1": (
        softmax_cross_entropy,
        [[1.0, 1.0], [0.0, 0.0]],
        [[1.0, 0.5], [0.0, 0.4]],
        ValueError,
    ),
    "y must hold only 0 and 1": (sigmoid_cross_entropy, [[1.0]], [[0.5]], ValueError),
    "y must have shape": (softmax_cross_entropy, [[1.0], [0.0]], [[1.0], [0.0], [0.0]], ValueError),
    "z must hold floats.*int64": (softmax_cross_entropy, [[1], [0]], [[1.0], [0.0]], TypeError),
    "y must hold floats.*<U3": (softmax_cross_entropy, [[1.0], [0.0]], [["one"], ["two"]], TypeError),
    "y must be finite, got.*nan": (half_mse(ACTIVATIONS["tanh"]), [[1.0]], [[float("nan")]], ValueError),
    "z must be finite, got.*inf": (half_mse(ACTIVATIONS["tanh"]), [[float("inf")]], [[1.0]], ValueError),
    "z must have shape": (half_mse(ACTIVATIONS["tanh"]), [1.0, 2.0], [[1.0]], ValueError),
    "z must not be empty": (half_mse(ACTIVATIONS["tanh"]), np.empty((2, 0)), np.empty((2, 0)), ValueError),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    head, z, y, error = REFUSED[message]
    with pytest.raises(error, match=message):
        head(z, y)


def test_a_rounded_distribution_is_accepted():
    y = np.full((49, 1), 1 / 49)
    assert y.sum() != 1
    softmax_cross_entropy(np.zeros((49, 1)), y)
