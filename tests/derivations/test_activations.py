"""The activations that dnn ships are those that are proved, with the same values, slopes and ranges."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.enclosure import Interval, enclose, point
from derivations.ranges import X, sample
from derivations.setting import FunctionDefinition
from derivations.theorems.activations import activations
from dnn.activations import ACTIVATIONS
from tests.effort import costly

PROVED = activations()


def piece_at(activation, x):
    for piece in activation.pieces:
        if piece.domain == "" or (piece.domain == "x > 0") == (x > 0):
            return piece
    raise LookupError(x)


def test_every_activation_shipped_is_proved():
    assert set(PROVED) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", PROVED)
@costly
@given(x=st.fractions(-12, 12, max_denominator=64).filter(bool))
def test_value_and_slope_are_those_of_dnn(name, x):
    proved, shipped = PROVED[name], ACTIVATIONS[name]
    piece = piece_at(proved, x)
    values = {X: point(x), **{tensor: point(value) for tensor, value in proved.constants}}
    z = np.array([float(x)])
    slope = enclose(unfolded(proved, piece.slope), values)
    assert_near(shipped.df(z)[0], slope)
    if name != "softplus":  # log has no enclosure here; its slope was checked
        assert_near(shipped.f(z)[0], enclose(unfolded(proved, piece.value), values))


def unfolded(activation, term):
    """Write out every function but sigmoid and tanh, which have enclosures of their own."""
    for claim in activation.claims:
        for definition in claim.setting.definitions:
            if isinstance(definition, FunctionDefinition) and definition.function.name == activation.name:
                return definition.write_out(term) if activation.name not in ("sigmoid", "tanh") else term
    return term


def assert_near(shipped, interval):
    """A few units in the last place around an interval that is sure to hold the true value."""
    middle = float((interval.lower + interval.upper) / 2)
    assert abs(shipped - middle) <= 64 * np.finfo(float).eps * max(1.0, abs(middle))


@pytest.mark.parametrize("name", PROVED)
def test_the_range_is_that_of_dnn(name):
    proved, shipped = PROVED[name].range, ACTIVATIONS[name].derivative_range
    assert proved.ends == shipped.ends
    for end, value in ((proved.lower, shipped.lower), (proved.upper, shipped.upper)):
        if isinstance(end, Interval):
            assert float(end.lower) == float(end.upper) == value  # the nearest float64 is settled
        else:
            assert value == float(end)


@pytest.mark.parametrize("name", PROVED)
def test_slopes_at_many_points_lie_in_the_range(name):
    activation = PROVED[name]
    lower, upper = (
        float(e.lower if isinstance(e, Interval) else e)
        for e in (activation.range.lower, activation.range.upper)
    )
    for x in map(Fraction, sample("")):
        if x:
            slope = ACTIVATIONS[name].df(np.array([float(x)]))[0]
            assert lower - 1e-12 <= slope <= upper + 1e-12


def test_a_wrong_range_would_be_seen():
    """The comparison is exact: a neighbouring float is another range."""
    top = PROVED["silu"].range.upper
    assert float(top.lower) != np.nextafter(float(top.lower), 2)
