"""z^l = W^l a^(l-1) + b^l and a^l = f(z^l), against scalar loops that share no line with dnn."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.cases import Case
from checks.strategies import random_network, random_samples
from dnn import ACTIVATIONS, HEADS, Architecture, Network


@given(data=st.data())
def test_forward(data, cases, holds):
    holds("forward", data.draw(cases(max_depth=6, max_width=8)))


@pytest.mark.parametrize("size", [1e-3, 1.0, 30.0, 1e3])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_forward_of_small_and_saturated_units(name, size, holds):
    network = random_network(Architecture((4, 5, 3), name, "half_mse", name), 0)
    x, y = random_samples(network.architecture, 5, 1)
    holds("forward", Case(network, size * x, y))


def _forgets_the_bias(network, x):
    return Network.forward(replace(network, b={l: 0 * b for l, b in network.b.items()}), x)


def _skips_f(network, x):
    trace = Network.forward(network, x)
    trace.a[2] = trace.z[2]
    return trace


def _off_in_the_eleventh_digit(network, x):
    trace = Network.forward(network, x)
    trace.z[3][0, 0] *= 1 + 1e-11
    return trace


@pytest.mark.parametrize(
    ("mistake", "layer"), [(_forgets_the_bias, 2), (_skips_f, 2), (_off_in_the_eleventh_digit, 3)]
)
@pytest.mark.parametrize("head", HEADS)
def test_a_wrong_forward_pass_is_refuted(head, mistake, layer, refutes):
    width = 1 if head == "sigmoid_cross_entropy" else 3
    network = random_network(Architecture((3, 3, width), "tanh", head), 0)
    kind = type("Wrong", (Network,), {"forward": mistake})
    x, y = random_samples(network.architecture, 2, 1)
    case = Case(kind(network.architecture, network.W, network.b), x, y)
    assert np.isfinite(case.network.loss(x, y))
    assert refutes("forward", case) == layer
