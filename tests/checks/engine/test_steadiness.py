"""A gradient that is another the second time: what it looks like is told, and rounding is no such thing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import NondeterministicFunction, gradcheck
from checks.engine.steadiness import NOISE_AT_MOST, alike, other_gradient

X0 = np.array([0.3, -1.2, 2.0])


def fun(x):
    return np.sum(x**4) / 4


class Stale:
    """Right at first; later the gradient of the point that was asked before."""

    def __init__(self):
        self.before = None

    def __call__(self, x):
        last, self.before = self.before, x.copy()
        return (x if last is None or np.array_equal(last, x) else last) ** 3


class Adding:
    """Adds to a buffer that nobody clears."""

    def __init__(self):
        self.buffer = np.zeros(3)

    def __call__(self, x):
        self.buffer += x**3
        return self.buffer.copy()


class Random:
    """Right up to noise of one per cent."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __call__(self, x):
        return x**3 * (1 + self.rng.standard_normal(3) / 100)


class Late(Random):
    """Noisy from the third call on."""

    calls = 0

    def __call__(self, x):
        self.calls += 1
        return x**3 if self.calls < 3 else super().__call__(x)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Stale, "a stale buffer or cache"),
        (Adding, "adds to a buffer that is not cleared"),
        (Random, "it depends on which point fun saw last, or it is random"),
        (Late, "it is random, or it remembers earlier calls"),
    ],
)
def test_what_it_looks_like_is_said(kind, said):
    with pytest.raises(NondeterministicFunction, match=said) as told:
        gradcheck(fun, kind(), X0)
    assert "at the same x0" in str(told.value)


def test_noise_in_the_last_digits_is_none():
    class Threads(Random):
        def __call__(self, x):
            return x**3 * (1 + self.rng.uniform(-1, 1, 3) * 1e-15)

    assert gradcheck(fun, Threads(), X0).verdict == "PASS"


VECTORS = st.lists(st.floats(-9, 9), min_size=3, max_size=3).map(np.array)


@given(first=VECTORS, moved=VECTORS)
def test_each_cause_by_its_numbers(first, moved):
    def said(later, moved):
        return str(other_gradient([first], [later], moved, ["x0"], ("fun", "grad")))

    bent = first + 1 + np.abs(moved) + np.arange(3)
    seen = {
        name: alike([bent], [other])
        for name, other in (("moved", moved), ("twice", 2 * first), ("both", 2 * first + moved))
    }
    assert "a stale buffer or cache" in said(moved, [moved])
    assert "a stale buffer or cache" in said(bent, [first])
    if not alike([moved], [first]) and not any(seen.values()):
        assert "it is random, or it remembers" in said(bent, [moved])
    if not seen["twice"]:
        assert "which point fun saw last" in said(bent, None)
    assert "not cleared between calls" in said(2 * first, None)
    if not alike([2 * first + moved], [moved]) and not alike([moved], [first]):
        assert "not cleared between calls" in said(2 * first + moved, [moved])


@given(first=VECTORS, share=st.floats(0, 3))
def test_alike_is_relative_to_the_largest_entry(first, share):
    size = np.max(np.abs(first))
    other = first + np.array([share * NOISE_AT_MOST * size, 0, 0])
    if abs(share - 1) > 1e-6:
        assert alike([first], [other]) == (share < 1 or size == 0)
