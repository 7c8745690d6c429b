"""f and f' are finite over the whole float range, keep the dtype, and know their range and kinks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.strategies import activations
from dnn import ACTIVATIONS

DTYPES = (np.float32, np.float64, np.longdouble)


def whole_range(dtype):
    """Zeros, the smallest and the largest floats of both signs, and 400 powers between."""
    info = np.finfo(dtype)
    exponents = np.linspace(np.log10(float(info.tiny)) if dtype != np.longdouble else -300, 37, 400)
    magnitudes = [*(10.0**exponents), 1e4, 88.8, 710.0, 745.2]
    positive = np.array([*magnitudes, info.smallest_subnormal, info.max], dtype)
    return np.concatenate([positive, -positive, np.zeros(1, dtype)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_finite_and_of_the_same_dtype_over_the_whole_range(name, dtype):
    z = whole_range(dtype)
    for function in (ACTIVATIONS[name].f, ACTIVATIONS[name].df):
        value = function(z)
        assert value.dtype == dtype
        assert value.shape == z.shape
        assert np.isfinite(value).all()


@given(activations(), st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_the_derivative_stays_in_its_range(activation, z):
    value = float(activation.df(np.array([[z]]))[0, 0])
    low, high = activation.derivative_range.lower, activation.derivative_range.upper
    if activation.derivative_range.ends == "{}":
        assert value in (low, high)
    else:
        # Two ulps of the larger end: the formula's own roundings at the extremum.
        slack = 2 * math.ulp(max(abs(low), abs(high)))
        assert low - slack <= value <= high + slack


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_range_is_not_wider_than_it_must_be(name):
    activation = ACTIVATIONS[name]
    z = np.linspace(-40, 40, 800_001).reshape(1, -1)
    value = activation.df(z)
    step = z[0, 1] - z[0, 0]
    # |f''| <= 2 for all of them, so a grid misses an attained end by step^2, and e^-40 one that is not.
    assert value.min() - activation.derivative_range.lower <= step**2 + math.exp(-40)
    assert activation.derivative_range.upper - value.max() <= step**2 + math.exp(-40)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slopes_differ_at_a_kink_and_nowhere_else(name):
    activation = ACTIVATIONS[name]
    for point in (-1.0, 0.0, 1.0):
        below, above = np.array([[math.nextafter(point, -9)]]), np.array([[math.nextafter(point, 9)]])
        jump = abs(activation.df(above) - activation.df(below))[0, 0]
        # Without a kink f' moves by |f''| <= 2 times two ulps, and by its own roundings.
        assert (jump > 16 * math.ulp(1.0)) == (point in activation.kinks)


def test_a_range_prints_as_mathematics():
    assert [
        str(ACTIVATIONS[name].derivative_range) for name in ("relu", "sigmoid", "identity", "softplus")
    ] == [
        "{0, 1}",
        "(0, 0.25]",
        "{1}",
        "(0, 1)",
    ]
    assert ACTIVATIONS["silu"].derivative_range.magnitude > 1


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        ("sigmoid", 2.0, 1 / (1 + math.exp(-2))),
        ("leaky_relu", -2.0, -0.02),
        ("elu", -2.0, math.exp(-2) - 1),
        ("softplus", -2.0, math.log(1 + math.exp(-2))),
        ("silu", -2.0, -2 / (1 + math.exp(2))),
        ("gelu_tanh", -2.0, -1 - math.tanh(math.sqrt(2 / math.pi) * (-2 - 0.044715 * 8))),
    ],
)
def test_values_by_hand(name, point, value):
    assert math.isclose(ACTIVATIONS[name].f(np.array([[point]]))[0, 0], value, rel_tol=4 * math.ulp(1.0))
