"""The error bar is the product: it covers the true error, and it is not simply huge."""

import math

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from checks.oracles.finite_differences import derivative
from checks.oracles.noise import EPS, granularity, noise_of

# name, f, f', point, scale, and how sharp the bar must be: error <= sharp * |f'|
HOSTILE = [
    ("exp", np.exp, np.exp, 1.0, 1.0, 1e-9),
    ("square of a thousand", lambda x: x * x, lambda x: 2 * x, 1e3, 1e3, 1e-9),
    ("cube of a millionth", lambda x: x**3, lambda x: 3 * x * x, 1e-6, 1e-6, 1e-9),
    ("sin(1e4 x)", lambda x: np.sin(1e4 * x), lambda x: 1e4 * np.cos(1e4 * x), 0.3, 0.3, 1e-6),
    ("sqrt near its boundary", np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e-6, 1.0, 1e-7),
    ("log near its boundary", np.log, lambda x: 1 / x, 1e-8, 1.0, 1e-7),
    ("tanh(50 x)", lambda x: np.tanh(50 * x), lambda x: 50 / np.cosh(50 * x) ** 2, 0.02, 1.0, 1e-8),
    ("Runge", lambda x: 1 / (1 + 25 * x * x), lambda x: -50 * x / (1 + 25 * x * x) ** 2, 0.3, 1.0, 1e-8),
    ("1e8 + sin", lambda x: 1e8 + np.sin(x), np.cos, 1.0, 1.0, 1e-3),
    ("1e-8 cos", lambda x: 1e-8 * np.cos(x), lambda x: -1e-8 * np.sin(x), 1.0, 1.0, 1e-9),
    ("exp(-1/x^2)", lambda x: np.exp(-1 / x**2), lambda x: np.exp(-1 / x**2) * 2 / x**3, 0.3, 1.0, 1e-8),
    ("x^x", lambda x: x**x, lambda x: x**x * (np.log(x) + 1), 2.0, 2.0, 1e-9),
    ("|x| a thousandth from its kink", np.abs, np.sign, 1e-3, 1.0, 1e-9),
    ("relu close to its kink", lambda x: max(x, 0.0) + x * x, lambda x: 1 + 2 * x, 1e-7, 1.0, 1e-6),
    ("tanh in float32", lambda x: float(np.tanh(np.float32(x))), lambda x: 1 / np.cosh(x) ** 2,
     0.5, 1.0, 1e-3),
    ("expm1(40 x)", lambda x: np.expm1(40 * x), lambda x: 40 * np.exp(40 * x), 1.0, 1.0, 1e-8),
    ("arctan(1e3 x)", lambda x: np.arctan(1e3 * x), lambda x: 1e3 / (1 + 1e6 * x * x), 1e-3, 1.0, 1e-8),
    ("cube root", np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2), 1e-4, 1.0, 1e-8),
    ("cancellation", lambda x: (1 - np.cos(x)) / x**2, lambda x: (x * np.sin(x) - 2 * (1 - np.cos(x))) / x**3,
     1e-2, 1.0, 1e-3),
    ("rounded to six digits", lambda x: round(float(np.sin(x)), 6), np.cos, 1.0, 1.0, 1e-2),
    ("a dead zone of a ten-millionth", lambda x: max(x - 1e-7, 0.0) + min(0.0, x + 1e-7), lambda x: 0.0,
     0.0, 1.0, 0.0),  # no step beyond the zone serves: the bar is rounding over a tenth of its width
]  # fmt: skip


@pytest.mark.parametrize(
    ("f", "slope", "x", "scale", "sharp"), [row[1:] for row in HOSTILE], ids=[r[0] for r in HOSTILE]
)
def test_true_error_lies_within_three_bars_and_the_bar_is_sharp(f, slope, x, scale, sharp):
    with np.errstate(all="ignore"):
        estimate = derivative(lambda t: float(f(x + t)), scale=scale)
    true = float(slope(x))
    assert abs(estimate.value - true) <= 3 * estimate.error
    assert estimate.error <= sharp * abs(true) or estimate.error < EPS / 1e-8
    assert not estimate.kink


@pytest.mark.parametrize("jump", [1e-3, 1.0, 1e5])
def test_kink_shows_both_slopes(jump):
    estimate = derivative(lambda t: jump * max(t, 0.0) + math.sin(t))
    assert estimate.kink
    assert estimate.left == pytest.approx(1.0, rel=1e-6)
    assert estimate.right == pytest.approx(1.0 + jump, rel=1e-6)
    assert estimate.error >= jump / 2


def test_smooth_function_is_no_kink():
    assert not derivative(lambda t: abs(t) * t + t).kink


# What is below the noise of the values is not seen at any step.
AMPLITUDE = st.just(0.0) | st.floats(1e-13, 1) | st.floats(-1, -1e-13)


@pytest.mark.parametrize("enough", [0.0, 0.003, 0.01, 0.1, 0.3])
def test_a_rough_answer_shows_no_kink_either(enough):
    # From afar it bends like a kink; a step later the error is small enough, and hides as large a kink.
    def f(t):
        return (0.6 * math.tanh(7.4 * t - 1.5) + 1.6 * math.tanh(3.8 * t - 1.8)) ** 2 / 2

    assert not derivative(f, value=f(0.0), noise=EPS, enough=enough).kink


@given(a=AMPLITUDE, b=st.floats(-1, 1), frequency=st.floats(0.1, 50), exponent=st.integers(-8, 8))
def test_bar_covers_at_any_magnitude(a, b, frequency, exponent):
    size = 10.0**exponent
    estimate = derivative(lambda t: size * (a * math.sin(frequency * t + b) + math.exp(b * t)))
    true = size * (a * frequency * math.cos(b) + b)
    note(f"{estimate}")
    assert abs(estimate.value - true) <= 3 * estimate.error


def test_noise_of_float32_is_seen_where_float64_looks_quiet():
    noise, _ = noise_of(lambda t: float(np.float32(np.sin(0.3 + t))))
    assert 1e-9 < noise < 1e-7
    noise, _ = noise_of(lambda t: math.sin(0.3 + t))
    assert noise < 1e-15


def test_granularity():
    assert granularity([0.5, 0.75, 1.25]) == 0.25
    assert granularity([1.0, 1.0, 2.0]) == 0.0
    assert granularity([1.0, 1.0, 2.0], enough=2) == 1.0
    assert granularity([0.1, 0.2, 0.3]) < 1e-16
    assert granularity([float(np.float32(x)) for x in (0.1, 0.2, 0.3)]) > 1e-10


def test_nothing_is_known_where_the_function_ends():
    estimate = derivative(lambda t: math.sqrt(t) if t >= 0 else math.nan)
    assert estimate.error == math.inf
    assert "both sides" in estimate.notes[0]
    assert derivative(lambda t: math.inf).error == math.inf


def test_steps_are_shortened_inside_the_domain():
    estimate = derivative(lambda t: math.log(1e-3 + t) if t > -1e-3 else math.nan)
    assert estimate.value == pytest.approx(1e3, rel=1e-9)
    assert "finite" in estimate.notes[0]


def test_evaluations_are_counted():
    calls = []

    def line(t):
        calls.append(t)
        return math.sin(t)

    assert derivative(line).evaluations == len(calls)
    calls.clear()
    assert derivative(line, value=0.0, noise=1e-17).evaluations == len(calls)
    assert len(calls) <= 14


@pytest.mark.parametrize("exponent", [-300, -200, 0, 200])
def test_noise_is_heard_at_any_magnitude(exponent):
    size = 10.0**exponent
    noise, _ = noise_of(lambda t: size * (math.exp(-600.0 + t) * math.exp(600.0)))
    assert 1e-15 * size < noise < 1e-11 * size  # the last digit of the exponent, not that of the value
