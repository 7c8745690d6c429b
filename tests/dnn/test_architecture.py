"""An architecture says what it is and refuses what it cannot be."""

import dataclasses

import pytest
from hypothesis import given

from checks.strategies import architectures
from dnn import ACTIVATIONS, Architecture


def test_layers_are_counted_as_in_the_source():
    architecture = Architecture((4, 3, 2), "tanh", "softmax_cross_entropy")
    assert architecture.depth == 3
    assert list(architecture.layers) == [2, 3]
    assert [architecture.width(l) for l in (1, 2, 3)] == [4, 3, 2]
    assert architecture.activation(2) is ACTIVATIONS["tanh"]
    assert architecture.parameters == (4 + 1) * 3 + (3 + 1) * 2


@given(architectures())
def test_its_representation_rebuilds_it(architecture):
    assert eval(repr(architecture)) == architecture
    assert hash(eval(repr(architecture))) == hash(architecture)


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Architecture((1, 1)).widths = (2, 2)


REFUSED = {
    "widths must be a sequence of integers, got 5": ((5,), TypeError),
    "widths must be a sequence of integers, got '34'": (("34",), TypeError),
    "at least an input and an output layer": (((3,),), ValueError),
    r"widths\[1\] must be at least 1, got 0": (((3, 0, 1),), ValueError),
    r"widths\[1\] must be an integer, got 2.0": (((3, 2.0, 1),), TypeError),
    r"widths\[0\] must be an integer, got True": (((True, 2),), TypeError),
    "an activation must be one of identity.*got 'swish'": (((3, 2, 1), "swish"), ValueError),
    "an activation must be a name or an Activation, got 7": (((3, 2, 1), (7,)), TypeError),
    "activations must be a name or a sequence of names, got 7": (((3, 2, 1), 7), TypeError),
    "one for each of the 1 hidden layers, got 2": (((3, 2, 1), ("tanh", "tanh")), ValueError),
    "head must be one of softmax_cross_entropy.*got 'mse'": (((3, 2, 1), "tanh", "mse"), ValueError),
    "widths must end in 1": (((3, 2, 2), "tanh", "sigmoid_cross_entropy"), ValueError),
    "output must be left out": (((3, 2, 2), "tanh", "softmax_cross_entropy", "tanh"), ValueError),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    arguments, error = REFUSED[message]
    with pytest.raises(error, match=message):
        Architecture(*arguments)
