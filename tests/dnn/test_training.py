"""The update follows its formula; fit learns real data, reproducibly, and refuses bad input."""

import numpy as np
import pytest

from dnn import Architecture, Network, fit, load_digits, update

ARCHITECTURE = Architecture((64, 16, 10), "tanh", "softmax_cross_entropy")
NETWORK = Network.initialise(ARCHITECTURE, 0)
X, Y = load_digits()


def test_update_is_theta_minus_alpha_times_the_gradient():
    gradients = NETWORK.backward(NETWORK.forward(X[:5].T), Y[:5].T)
    new = update(NETWORK, gradients, 0.5)
    for l in (2, 3):
        np.testing.assert_array_equal(new.W[l], NETWORK.W[l] - 0.5 * gradients.dW[l])
        np.testing.assert_array_equal(new.b[l], NETWORK.b[l] - 0.5 * gradients.db[l])


def test_fit_learns_the_digits():
    seen = []
    trained = fit(
        NETWORK,
        X[:1500],
        Y[:1500],
        learning_rate=0.3,
        epochs=8,
        callback=lambda epoch, network: seen.append((epoch, float(network.loss(X.T, Y.T)))),
    )
    assert [epoch for epoch, _ in seen] == list(range(1, 9))
    assert seen[-1][1] < seen[0][1] < NETWORK.loss(X.T, Y.T)
    right = (trained.predict(X[1500:]).argmax(axis=1) == Y[1500:].argmax(axis=1)).mean()
    assert (
        right > 0.8
    )  # 0.1 is chance; the data's own test writers are other people than its training writers


def test_the_last_batch_may_be_smaller_and_a_seed_fixes_the_order():
    runs = [
        fit(NETWORK, X[:10], Y[:10], learning_rate=0.1, epochs=2, batch_size=4, seed=seed)
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(runs[0].W[2], runs[1].W[2])
    assert (runs[0].W[3] != runs[2].W[3]).any()


def test_one_batch_of_everything_is_one_update():
    gradients = NETWORK.backward(NETWORK.forward(X[:1].T), Y[:1].T)
    one = fit(NETWORK, X[:1], Y[:1], learning_rate=0.1, epochs=1)
    np.testing.assert_array_equal(one.W[2], update(NETWORK, gradients, 0.1).W[2])


GOOD = {"x": X[:4], "y": Y[:4], "learning_rate": 0.1, "epochs": 1}
REFUSED = {
    "learning_rate must be finite, got inf": ({"learning_rate": float("inf")}, ValueError),
    "learning_rate must be a real number, got 'fast'": ({"learning_rate": "fast"}, TypeError),
    "epochs must be at least 1, got 0": ({"epochs": 0}, ValueError),
    "batch_size must be an integer, got 2.5": ({"batch_size": 2.5}, TypeError),
    r"y must have shape \(4, 10\), got \(3, 10\)": ({"y": Y[:3]}, ValueError),
    r"x must have shape \(any, 64\)": ({"x": X[:4, :3]}, ValueError),
    "x must not be empty": ({"x": X[:0], "y": Y[:0]}, ValueError),
    "y must sum to one": ({"y": 2 * Y[:4]}, ValueError),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    change, error = REFUSED[message]
    with pytest.raises(error, match=message):
        fit(NETWORK, **{**GOOD, **change})


def test_a_step_that_explodes_says_so():
    with pytest.raises(ValueError, match=r"diverged in epoch 3 with learning_rate 1e.308.*must be finite"):
        fit(NETWORK, X[:4], Y[:4], learning_rate=1e308, epochs=3)


def test_the_digits_are_the_digits():
    assert X.shape == (1797, 64)
    assert Y.shape == (1797, 10)
    assert X.min() == 0
    assert X.max() == 1
    assert set(Y.sum(axis=1)) == {1.0}
