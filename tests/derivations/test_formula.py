"""Proved right sides as NumPy functions, against NumPy written by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations import UnknownTheorem, UnsupportedExpression, instantiate

widths = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)


def normal(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def slope(z):
    return 1 - np.tanh(z) ** 2


@given(k=widths, k_next=widths, seed=seeds)
def test_hidden_delta(k, k_next, seed):
    W, delta, z = normal(seed, (k_next, k), k_next, k)
    formula = instantiate("hidden-delta", (k, k_next))
    assert np.allclose(formula(W=W, delta=delta, z=z, fprime=slope), (W.T @ delta) * slope(z), rtol=1e-12)
    assert np.allclose(formula(W=W, delta=delta, fprime=slope(z)), (W.T @ delta) * slope(z), rtol=1e-12)


@given(k=widths, k_before=widths, seed=seeds)
def test_parameters_and_forward(k, k_before, seed):
    W, b, a, delta = normal(seed, (k, k_before), k, k_before, k)
    assert np.allclose(instantiate("weight-gradient", (k, k_before))(delta=delta, a=a), np.outer(delta, a))
    assert np.allclose(instantiate("bias-gradient", (k,))(delta=delta), delta)
    forward = instantiate("forward", (k, k_before))
    assert np.allclose(forward(W=W, a=a, b=b, f=np.tanh), np.tanh(W @ a + b), rtol=1e-12)


@given(k=widths, seed=seeds)
def test_heads(k, seed):
    z, y = normal(seed, k, k)
    share = np.exp(z) / np.exp(z).sum()
    assert np.allclose(instantiate("softmax-cross-entropy-delta", (k,))(z=z, y=y), share - y)
    general = instantiate("softmax-cross-entropy-delta", (k,), claim=1)
    assert np.allclose(general(z=z, y=y), y.sum() * share - y)
    half = instantiate("half-mse-delta", (k,))
    assert np.allclose(half(z=z, y=y, f=np.tanh, fprime=slope), (np.tanh(z) - y) * slope(z))
    one = instantiate("sigmoid-cross-entropy-delta")
    assert np.isclose(one(z=z[0], y=y[0]), 1 / (1 + np.exp(-z[0])) - y[0])


@given(k=widths, k_before=widths, samples=st.integers(1, 3), seed=seeds)
def test_batch_and_update(k, k_before, samples, seed):
    delta, A, theta, g = normal(seed, (k, samples), (k_before, samples), k, k)
    weights = instantiate("batch-mean", (k, k_before, samples), claim=1)
    assert np.allclose(weights(delta=delta, A=A), delta @ A.T / samples)
    biases = instantiate("batch-mean", (k, samples), claim=2)
    assert np.allclose(biases(delta=delta), delta.mean(axis=1))
    update = instantiate("update-descends", (k,), claim=0)
    assert np.allclose(update(theta=theta, alpha=0.25, g=g), theta - 0.25 * g)
    assert np.isclose(instantiate("update-descends", (k,))(g=g), -(g @ g))


def test_a_wrong_formula_would_be_seen():
    """In a square network the transpose still fits, and gives other numbers."""
    W, delta, z = normal(7, (3, 3), 3, 3)
    formula = instantiate("hidden-delta", (3, 3))
    assert not np.allclose(formula(W=W.T, delta=delta, z=z, fprime=slope), (W.T @ delta) * slope(z))


def test_cached_by_id_and_widths():
    assert instantiate("hidden-delta", (2, 3)) is instantiate("hidden-delta", [2, 3])


def test_sizes_and_arguments_are_named():
    formula = instantiate("hidden-delta", (2, 3))
    assert formula.sizes == ("k_l", "k_l+1")
    assert formula.arguments == ("W", "delta", "fprime", "z")


def test_misuse_is_named():
    formula = instantiate("hidden-delta", (2, 3))
    arrays = {"W": np.ones((3, 2)), "delta": np.ones(3), "z": np.ones(2), "fprime": slope}
    with pytest.raises(TypeError, match="missing argument 'delta'"):
        formula(W=arrays["W"], z=arrays["z"], fprime=slope)
    with pytest.raises(TypeError, match="unknown argument 'x'"):
        formula(**arrays, x=1)
    with pytest.raises(ValueError, match="W must have length 3"):
        formula(**{**arrays, "W": np.ones((2, 3))})
    with pytest.raises(ValueError, match="k_l, k_l\\+1 in this order"):
        instantiate("hidden-delta", (2,))
    with pytest.raises(ValueError, match=">= 1"):
        instantiate("hidden-delta", (2, 0))
    with pytest.raises(UnknownTheorem):
        instantiate("hidden", (2, 3))
    with pytest.raises(UnsupportedExpression, match="no equation"):
        instantiate("vanishing-gradient", ())
