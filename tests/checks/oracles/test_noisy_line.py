"""A fit to noisy values: its bar holds, whatever may hide in the noise; what does not fit is refused."""

import math

import numpy as np
import pytest
from hypothesis import example, given, note
from hypothesis import strategies as st

from checks.oracles.noisy_line import GRANTED, fitted
from tests.effort import costly

STEP = 0.2
noises = st.floats(-12, -2).map(lambda exponent: 10.0**exponent)
slopes = st.floats(-10, 10)
seeds = st.integers(0, 2**32 - 1)


class Line:
    """A function of t with noise, each value drawn once."""

    def __init__(self, f, noise, seed):
        self.f, self.noise, self.rng, self.seen = f, noise, np.random.default_rng(seed), {}

    def __call__(self, t):
        if t not in self.seen:
            self.seen[t] = float(self.f(t) + self.noise * self.rng.standard_normal())
        return self.seen[t]

    def pair(self, h):
        return self(h), self(-h)

    def slope(self, **how):
        return fitted(self.pair, STEP, value=self(0.0), noise=lambda _: self.noise, least=self.noise, **how)


@given(slopes, slopes, slopes, noises, seeds, st.sampled_from([math.inf, 0.0]))
def test_a_smooth_line_is_known_within_the_bar(slope, bend, twist, noise, seed, wanted):
    line = Line(lambda t: slope * t + bend * t**2 + twist * math.sin(t) ** 3, noise, seed)
    found = line.slope(wanted=wanted or noise / STEP * 4)
    note(f"{found}, after {len(line.seen)} values")
    assert found is not None
    assert abs(found.value - slope) <= GRANTED * found.error


@costly
@given(seeds, st.floats(1e-3, 1), st.booleans(), st.floats(0, 4).map(lambda exponent: 10.0**exponent))
def test_a_kink_that_hides_in_the_noise_is_within_the_bar(seed, place, left, size):
    """However large it is, and wherever: were it seen, the window would be another."""
    noise = 1e-6
    at, jump = -place * STEP if left else place * STEP, size * noise / STEP
    outside = 0
    for draw in range(100):
        line = Line(lambda t: 3 * t + jump * max((t - at) * np.sign(at), 0.0), noise, [seed, draw])
        found = line.slope()
        outside += found is not None and abs(found.value - 3) > GRANTED * found.error
    note(f"{outside} of 100 draws of the noise are outside")
    assert outside <= 3


@given(slopes, noises, seeds)
def test_a_kink_at_the_point_that_is_no_noise_is_refused(slope, noise, seed):
    line = Line(lambda t: slope * t + 1e4 * noise * abs(t) / STEP * 2**8, noise, seed)
    assert line.slope() is None


def test_more_values_are_asked_for_where_they_help():
    few, many = (Line(lambda t: t, 1e-6, 0) for _ in range(2))
    coarse = few.slope()
    fine = many.slope(wanted=coarse.error / 2)
    assert len(few.seen) < 30
    assert len(many.seen) > 100
    assert fine.error < coarse.error / 2


def test_where_no_number_of_values_helps_none_is_asked_for():
    line = Line(lambda t: t, 1e-3, 0)
    assert line.slope(wanted=1e-9) is None
    assert len(line.seen) == 1


@pytest.mark.parametrize("claimed", [0.1, 10.0])
@example(seed=790)
@given(seed=seeds)
def test_noise_that_was_misjudged_is_heard_in_the_values(claimed, seed):
    noise = 1e-6
    line = Line(lambda t: 3 * t + t**2, noise, seed)
    found = fitted(
        line.pair, STEP, value=line(0.0), noise=lambda _: claimed * noise, least=min(claimed, 0.1) * noise
    )
    if found is not None:
        # The least of eight windows, eight degrees of freedom each: below a sixth once in 100,000 times.
        assert noise / 6 < found.noise < 3 * noise
        assert abs(found.value - 3) <= GRANTED * found.error


def test_stairs_are_no_line():
    assert Line(lambda t: float(round(t)), 0.0, 0).slope() is None


def test_a_window_outside_the_domain_is_left_out():
    line = Line(lambda t: math.nan if t < -0.06 else 2 * t, 1e-9, 0)
    found = line.slope()
    assert found.step < 0.06
    assert abs(found.value - 2) <= GRANTED * found.error
