"""A comparison reads a report honestly, and a crash of the code under test is a finding with a layer."""

import math

import pytest

from checks.proof.cases import Case
from checks.proof.code import BUGS, planted
from checks.proof.equations import EQUATIONS, Comparison
from checks.strategies import random_network, random_samples
from dnn import Architecture


def bug(name):
    return next(bug for bug in BUGS if bug.name == name)


def case(*widths):
    network = random_network(Architecture(widths, "tanh"), 0)
    return Case(network, *random_samples(network.architecture, 2, 0))


@pytest.mark.parametrize("equation", ["half-mse-delta", "hidden-delta", "weight-gradient", "update-descends"])
def test_a_crash_names_the_layer_at_which_the_code_stopped(equation):
    with planted(bug("transpose dropped")):
        (found,) = EQUATIONS[equation].comparisons(case(2, 3, 3, 5))
    assert found.fails
    assert found.layer == 3
    assert "backward, l = 3: matmul" in found.detail


def test_without_a_bug_nothing_crashes():
    assert all(found.holds for found in EQUATIONS["hidden-delta"].comparisons(case(2, 3, 3, 5)))


def test_undecided_neither_holds_nor_fails():
    undecided = Comparison("delta^2", 2, 4, math.nan)
    assert not undecided.holds
    assert not undecided.fails
    assert Comparison("delta^2", 2, 4, 1.0).holds
    assert Comparison("delta^2", 2, 4, math.nextafter(1.0, 2.0)).fails
