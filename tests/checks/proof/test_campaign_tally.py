"""Outcomes add up to the same in any order, and the bound is the one that it says."""

import json
from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.campaign import Outcome, Tally, upper_bound

outcomes = st.none() | st.builds(
    Outcome,
    st.sampled_from(["PASS", "FAIL", "KINK", "INCONCLUSIVE"]),
    st.sampled_from(["networks", "noise"]),
    st.integers(0, 100),
    st.floats(0, 10) | st.just(inf),
    st.sampled_from(["", "wrong at W[0]"]),
)


def tally(numbered) -> Tally:
    found = Tally()
    for number, outcome in numbered:
        found.add(number, outcome)
    return found


@given(st.lists(outcomes).map(enumerate).map(list), st.data())
def test_any_order_and_any_division_give_the_same(numbered, data):
    shuffled = data.draw(st.permutations(numbered))
    cut = data.draw(st.integers(0, len(numbered)))
    parts = tally(shuffled[:cut])
    parts.merge(tally(shuffled[cut:]))
    assert parts.to_dict() == tally(numbered).to_dict()


@given(st.lists(outcomes.filter(lambda o: o is None or o.verdict == "FAIL" or o.ratio < inf)))
def test_a_tally_survives_its_file(found):
    written = tally(enumerate(found))
    read = Tally.from_dict(json.loads(json.dumps(written.to_dict(), allow_nan=False)))
    assert read.to_dict() == written.to_dict()
    assert read.cases + read.inapplicable == len(found)


def test_a_case_more_is_seen():
    one = tally([(0, Outcome("PASS", "noise", 3))])
    two = tally([(0, Outcome("PASS", "noise", 3)), (1, Outcome("PASS", "noise", 3))])
    assert one.to_dict() != two.to_dict()


@pytest.mark.parametrize(("found", "of"), [(0, 1), (0, 20_000), (1, 50), (3, 1000), (49, 50)])
def test_the_bound_is_where_so_few_would_be_seen_once_in_twenty(found, of):
    p = upper_bound(found, of)
    chance = sum(comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(found + 1))
    assert chance == pytest.approx(0.05, rel=1e-6)


def test_without_any_it_is_about_three_over_n():
    assert upper_bound(0, 20_000) == pytest.approx(1 - 0.05 ** (1 / 20_000), rel=1e-9)
    assert 2.99 < 20_000 * upper_bound(0, 20_000) < 3


def test_nothing_tried_bounds_nothing():
    assert upper_bound(0, 0) == upper_bound(5, 5) == 1.0
