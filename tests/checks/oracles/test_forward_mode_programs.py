"""Ordinary NumPy programs under forward mode: right, or refused by name, and never silently wrong.

Each program is run as it stands. Where forward mode applies, it must agree with finite differences (written
here, not borrowed); where it does not, it must say so. Which programs are refused is written down, so that a
program that is lost, or won, is noticed.
"""

import copy
import itertools
import zlib

import numpy as np
import pytest

from checks.oracles.forward_mode import DoesNotApply, derivative
from tests.checks.oracles.programs import PROGRAMS, REFUSED


def arguments(name):
    _, shapes, low, high = PROGRAMS[name]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return [rng.uniform(low, high, s) for s in shapes], [rng.standard_normal(s) for s in shapes]


def finite_difference(fun, x, v, scale, eps):
    """Central differences, extrapolated twice, at three steps: the one with the smallest error bar."""
    def difference(h):
        up, down = (np.asarray(fun(*(a + s * h * b for a, b in zip(x, v, strict=True)))) for s in (1, -1))
        return (up - down) / (2 * h)

    size = max(1, np.max(np.abs(fun(*copy.deepcopy(x)))))
    estimates = []
    for h in (scale * 2.0**-7, scale * 2.0**-10, scale * 2.0**-13):
        d = [difference(h / 2**k) for k in range(3)]
        r = [(4 * b - a) / 3 for a, b in itertools.pairwise(d)]
        best = (16 * r[1] - r[0]) / 15
        estimates.append((best, np.abs(best - r[1]) + 32 * eps * size / h))
    return min(estimates, key=lambda e: np.max(e[1]))


def run(name):
    """Return 'right', or why forward mode was refused; fail if it is wrong."""
    fun = PROGRAMS[name][0]
    x, v = arguments(name)
    before = copy.deepcopy(x)
    try:
        got = derivative(lambda leaves: fun(*leaves), x, v)
    except DoesNotApply as refusal:
        return str(refusal)
    finally:
        same = (np.array_equal(a, b) for a, b in zip(x, before, strict=True))
        assert all(same), "the caller's arrays changed"
    eps = max(got.eps, 2**-52)
    estimate, bar = finite_difference(fun, x, v, (eps / 2**-52) ** (1 / 3), eps)
    assert got.value.shape == np.shape(fun(*copy.deepcopy(x)))
    assert np.all(np.abs(got.tangent - estimate) <= 4 * bar), (name, got.tangent, estimate, bar)
    if eps < 1e-10:
        assert np.max(bar) <= 1e-6 * max(np.max(np.abs(got.tangent)), 1e-2), "the comparison could not fail"
    assert not got.kinks
    return "right"


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_is_right_or_refused_by_name(name):
    outcome = run(name)
    if name in REFUSED:
        assert outcome != "right", "won: take it off the list of refused programs"
        assert len(outcome.splitlines()) == 1
    else:
        assert outcome == "right"


def test_most_programs_are_right():
    """The test above holds each to its list; what remains is that the lists are worth something."""
    assert len(PROGRAMS) >= 120
    assert set(PROGRAMS) >= set(REFUSED)
    assert 1 - len(REFUSED) / len(PROGRAMS) > 51 / 83  # the share that the prototype reached
