"""The scalar loops by hand, and their bars: wide enough for every rounding, too narrow for a mistake."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof import reference
from checks.proof.cases import Case
from checks.proof.equations import reference_passes
from checks.strategies import networks, samples
from dnn import Network


def test_two_layers_by_hand():
    W, b = {2: [[1.0, 2.0]], 3: [[3.0], [-1.0]]}, {2: [0.5], 3: [0.0, 0.25]}
    found = reference.forward(W, b, ["relu", "identity"], "half_mse", [1.0, -0.5], [1.0, 0.0])
    assert found.z == {2: [0.5], 3: [1.5, -0.25]}
    assert found.a == {1: [1.0, -0.5], 2: [0.5], 3: [1.5, -0.25]}
    assert found.loss == (0.5**2 + 0.25**2) / 2


def test_softmax_cross_entropy_by_hand():
    W, b = {2: [[1.0], [0.0]]}, {2: [0.0, 0.0]}
    found = reference.forward(W, b, [""], "softmax_cross_entropy", [math.log(3)], [1.0, 0.0])
    assert found.a[2] == pytest.approx([0.75, 0.25], rel=1e-15)
    assert found.loss == pytest.approx(-math.log(0.75), rel=1e-15)


def test_one_sigmoid_neuron_by_hand():
    found = reference.forward({2: [[1.0]]}, {2: [0.0]}, [""], "sigmoid_cross_entropy", [math.log(3)], [1.0])
    assert found.a[2] == pytest.approx([0.75], rel=1e-15)
    assert found.loss == pytest.approx(-math.log(0.75), rel=1e-15)


def test_large_arguments_do_not_overflow():
    for name, f in reference.ACTIVATIONS.items():
        for z in (-1e4, 1e4):
            assert math.isfinite(f(z)), name


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=6), st.floats(-9, 9))
def test_the_bar_of_z_covers_its_rounding(pairs, offset):
    w, a = zip(*pairs, strict=True)
    found = reference.forward({2: [w]}, {2: [offset]}, ["identity"], "half_mse", a, [0.0])
    exact = sum((Fraction(x) * Fraction(y) for x, y in pairs), Fraction(offset))
    naive = sum(x * y for x, y in reversed(pairs)) + offset
    for value in (found.z[2][0], naive):
        assert abs(Fraction(value) - exact) <= Fraction(found.z_bar[2][0])


@given(st.data())
def test_the_bars_stay_near_the_last_digits(data):
    network = data.draw(networks())
    x, y = data.draw(samples(network.architecture))
    passes = reference_passes(Case(network, x, y))
    size = max(1.0, *(abs(v) for one in passes for z in one.z.values() for v in z))
    growth = np.prod([1 + np.abs(W).sum(axis=1).max() for W in network.W.values()])
    for one in passes:
        assert one.loss_bar <= 1e-12 * size**2 * growth


@given(st.data())
def test_long_double_lies_within_the_bars(data):
    network = data.draw(networks())
    x, y = data.draw(samples(network.architecture))
    wide = Network(
        network.architecture,
        {l: W.astype(np.longdouble) for l, W in network.W.items()},
        {l: b.astype(np.longdouble) for l, b in network.b.items()},
    )
    trace = wide.forward(x.astype(np.longdouble))
    for n, one in enumerate(reference_passes(Case(network, x, y))):
        for l in network.architecture.layers:
            assert (abs(trace.z[l][:, n] - one.z[l]) <= one.z_bar[l]).all()
            assert (abs(trace.a[l][:, n] - one.a[l]) <= one.a_bar[l]).all()
