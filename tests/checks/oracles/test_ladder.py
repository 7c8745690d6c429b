"""The values at the steps of a line: what stairs are, and what only looks like one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.oracles.ladder import FIRST_STEP, SHRINK, Ladder

heights = st.floats(-12, 0).map(lambda exponent: 10.0**exponent)


def climbed_down(f, steps=12):
    """A ladder whose values are known at so many steps, each half the last."""
    ladder = Ladder(f, f(0.0), 1)
    ladder.listen(0.0, FIRST_STEP)
    for k in range(steps):
        ladder.pair(FIRST_STEP / SHRINK**k)
    return ladder


@given(heights, st.floats(0.01, 0.2))
def test_stairs_of_one_height(height, width):
    ladder = climbed_down(lambda t: 1 + height * math.floor(t / width + 0.5))
    assert ladder.stairs() == pytest.approx(height, rel=1e-3)


@given(heights, st.floats(0.01, 0.05))
def test_stairs_that_are_no_multiples_of_one_height(height, width):
    """What is rounded in x, or on the way, comes out as stairs of many heights: the first is told."""

    def f(t):
        return 1 + height * math.expm1(math.floor(t / width + 0.5) * width)

    first = abs(f(-width) - f(0.0))  # of the two beside 0 the one that is met first, or the larger
    assert climbed_down(f).stairs() == pytest.approx(first, rel=0.2)


@given(heights, st.floats(0.01, 0.2))
def test_a_kink_farther_on_begins_at_nothing(slope, place):
    stairs = climbed_down(lambda t: 1 + slope * max(t - place, 0.0)).stairs()
    assert stairs <= 0.1 * slope * FIRST_STEP  # of short numbers all values may be multiples of little


@given(heights)
def test_what_is_smooth_has_no_stairs(slope):
    assert climbed_down(lambda t: 1 + slope * math.sin(t), steps=30).stairs() == 0


def test_each_step_is_asked_once():
    asked = []
    ladder = climbed_down(lambda t: asked.append(t) or t)
    ladder.pair(FIRST_STEP)
    assert len(asked) == ladder.evaluations == 1 + 2 * 12


def test_the_first_step_is_inside_the_domain():
    ladder = Ladder(lambda t: math.nan if t < -0.001 else t, 0.0, 0)
    step = ladder.first_step(FIRST_STEP)
    assert step <= 0.001
    assert ladder.left_the_domain
    assert Ladder(lambda t: math.nan, 0.0, 0).first_step(FIRST_STEP) is None


def test_slope_and_mismatch():
    ladder = climbed_down(lambda t: 2 * t + abs(t))
    assert ladder.slope(FIRST_STEP) == pytest.approx(2)
    assert ladder.mismatch(FIRST_STEP) == pytest.approx(1)
