"""f' is the derivative of f, for every activation that is shipped."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.cases import Case
from checks.strategies import random_network, random_samples
from dnn import ACTIVATIONS, Architecture


@given(data=st.data())
def test_activation_derivative(data, cases, holds):
    holds("activation-derivatives", data.draw(cases(min_depth=3)))


def one_hidden_layer(activation):
    network = random_network(Architecture((3, 4, 2), activation), 0)
    return Case(network, *random_samples(network.architecture, 5, 0))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_one(name, holds):
    holds("activation-derivatives", one_hidden_layer(ACTIVATIONS[name]))


@pytest.mark.parametrize(
    "mistake",
    [lambda df, z: df(z) * (1 + 1e-6), lambda df, z: -df(z), lambda df, z: df(z) + 1e-6 * np.ones_like(z)],
)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_wrong_one_is_refuted(name, mistake, refutes):
    df = ACTIVATIONS[name].df
    wrong = replace(ACTIVATIONS[name], df=lambda z: mistake(df, z))
    assert refutes("activation-derivatives", one_hidden_layer(wrong)) == 2
