"""What is drawn is valid, covers what it says, and shrinks to something a person can read."""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from checks.strategies import activations, architectures, networks, parameter_trees, samples
from dnn import ACTIVATIONS, HEADS, Activation, Architecture, Network


@given(st.data())
def test_samples_lie_in_the_heads_domain(data):
    architecture = data.draw(architectures())
    x, y = data.draw(samples(architecture))
    assert x.shape[0] == architecture.widths[0]
    architecture.head.labels(y, architecture.widths[-1], x.shape[1])


@given(st.from_type(Architecture), st.from_type(Network))
def test_registered_as_types(architecture, network):
    assert isinstance(architecture, Architecture)
    assert isinstance(network, Network)


@given(architectures(min_depth=3, max_depth=4, max_width=2, heads=["half_mse"]))
def test_limits_are_kept(architecture):
    assert 3 <= architecture.depth <= 4
    assert max(architecture.widths) <= 2
    assert architecture.head.name == "half_mse"


@given(networks())
def test_no_parameter_is_zero(network):
    assert all(np.all(p != 0) for group in (network.W, network.b) for p in group.values())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_drawn(name):
    assert find(activations(), lambda activation: activation.name == name) is ACTIVATIONS[name]


@pytest.mark.parametrize("head", HEADS)
def test_shrinks_to_the_smallest_architecture(head):
    found = find(architectures(), lambda architecture: architecture.head.name == head)
    assert found.widths == (1, 1)


def test_a_condition_on_one_layer_shrinks_the_others_away():
    found = find(architectures(max_depth=6), lambda a: any(f.name == "silu" for f in a.hidden))
    assert found.widths == (1, 1, 1)
    assert isinstance(found.activation(2), Activation)


def _leaves(tree):
    if isinstance(tree, dict):
        return [leaf for child in tree.values() for leaf in _leaves(child)]
    if isinstance(tree, list | tuple):
        return [leaf for child in tree for leaf in _leaves(child)]
    return [tree]


@given(parameter_trees())
def test_trees_of_float_arrays(tree):
    leaves = _leaves(tree)
    assert leaves
    assert all(leaf.dtype == np.float64 and leaf.size and leaf.ndim <= 2 for leaf in leaves)


@pytest.mark.parametrize("kind", [dict, list, tuple, np.ndarray])
def test_trees_of_every_kind(kind):
    drawn = find(
        parameter_trees(), lambda tree: isinstance(tree, kind), settings=settings(phases=[Phase.generate])
    )
    assert isinstance(drawn, kind)
