"""Central differences over the rationals: exact, kinks decided, wrong lines seen."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from checks.proof.cases import Case
from checks.proof.code import rationals
from checks.proof.code.claims import claims
from checks.proof.numbers.rationals import rationals as lift
from checks.strategies import activations, architectures
from dnn import ACTIVATIONS, Architecture, Network
from tests.effort import costly

PIECEWISE_QUADRATIC = architectures(
    heads=["half_mse"], activations=activations(rationals.PIECEWISE_LINEAR), max_width=3, max_depth=4
)


@costly
@given(PIECEWISE_QUADRATIC, st.integers(0, 2**32 - 1))
def test_the_shipped_backward_pass_is_the_central_difference(architecture, seed):
    row = rationals.check([architecture], seed=seed)
    note(str(row))
    assert not row.failures
    compared = row.identities + int(row.note.split()[0] if row.note else 0)
    deltas = rationals.SAMPLES * sum(architecture.widths[1:])
    assert compared == architecture.parameters + deltas  # none is skipped silently


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("relu", lambda z: np.ones_like(z)),
        ("leaky_relu", lambda z: (z > 0).astype(z.dtype)),
        ("identity", lambda z: z),
    ],
)
def test_a_wrong_derivative_is_seen(name, wrong):
    activation = replace(ACTIVATIONS[name], df=wrong)
    row = rationals.check([Architecture((3, 5, 4, 2), activation, "half_mse")], seed=2)
    assert row.status == "fails"
    assert "delta^3 differs: hidden-delta at layer l = 3" in row.failures[0]
    assert "should be" in row.failures[0]


def test_what_leaves_the_rationals_is_not_a_pass():
    row = rationals.check([Architecture((2, 2, 2), "relu", "softmax_cross_entropy")], seed=0)
    assert row.status == "not applicable"
    assert "softmax_cross_entropy leaves the rationals" in row.note
    row = rationals.check([Architecture((2, 2, 2), "tanh")], seed=0)
    assert row.status == "not applicable"
    assert "tanh is not piecewise linear" in row.note


def one_unit(bias):
    """x = 1 through one relu of weight 1, then identity: z^2 = 1 + bias."""
    watch = rationals.Watch()
    one = lift(np.array([[1]]))
    network = Network(
        watch.over(Architecture((1, 1, 1), "relu")), {2: one, 3: one}, {2: lift(np.array([[bias]])), 3: one}
    )
    case = Case(network, one, one)
    return watch, {str(claim): claim for claim in claims(case)}


def test_a_unit_on_its_kink_has_no_derivative():
    watch, found = one_unit(-1)
    assert rationals._slope(found["dW^2"], (0, 0), watch) is None
    assert rationals._slope(found["delta^2"], (0, 0), watch) is None
    assert rationals._slope(found["dW^3"], (0, 0), watch) == 0


def test_a_unit_close_to_its_kink_has_the_derivative_of_its_side():
    for bias, slope in ((Fraction(-999, 1000), Fraction(1, 1000)), (Fraction(-1001, 1000), 0)):
        watch, found = one_unit(bias)
        assert rationals._slope(found["dW^2"], (0, 0), watch) == slope
