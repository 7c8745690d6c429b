"""What is done survives a kill at any byte, and nothing is counted twice."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.proof.campaign import Outcome, Plan, State, Tally, UnusableState, campaign
from checks.proof.campaign.state import Chunk, alone

PLAN = Plan.make(3, ("forward", "rationals"))
HOLDS = Outcome("PASS", "half_mse", 5, 0.25)


def chunk(start: int, stop: int) -> Chunk:
    tallies = {name: Tally() for name in PLAN.oracles}
    for number in range(start, stop):
        tallies["forward"].add(number, HOLDS)
        tallies["rationals"].add(number, None)
    return Chunk(start, stop, tallies)


def found(state: State) -> dict:
    return {name: tally.to_dict() for name, tally in state.tallies.items()}


def test_a_chunk_is_there_when_the_file_is_opened_again(tmp_path):
    state = State(PLAN, tmp_path / "s")
    state.add(chunk(0, 4))
    again = State(PLAN, tmp_path / "s")
    assert again.done == {0, 1, 2, 3}
    assert found(again) == found(state)
    assert again.tallies["forward"].cases == 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_killed_at_any_byte_it_goes_on_to_the_same_end(tmp_path, data):
    path = tmp_path / "s"
    path.unlink(missing_ok=True)
    state = State(PLAN, path)
    for start in (0, 4, 8):
        state.add(chunk(start, start + 4))
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)), label="killed at byte")])
    again = State(PLAN, path)
    assert again.done <= state.done
    for start in (0, 4, 8):
        if start not in again.done:
            again.add(chunk(start, start + 4))
    assert found(again) == found(state)
    assert path.read_bytes() == whole


def test_a_chunk_that_comes_twice_counts_once(tmp_path):
    state = State(PLAN, tmp_path / "s")
    state.add(chunk(0, 4))
    state.add(chunk(0, 4))
    assert state.tallies["forward"].cases == 4
    path = tmp_path / "s"
    first, line = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + line)
    assert State(PLAN, path).tallies["forward"].cases == 4


def test_one_that_is_known_in_part_is_refused():
    state = State(PLAN)
    state.add(chunk(0, 4))
    with pytest.raises(ValueError, match="known in part"):
        state.add(chunk(2, 6))


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Plan.make(4, PLAN.oracles), "seed 3, not 4"),
        (Plan.make(3, ("forward",)), "oracles forward, rationals, not forward"),
        (Plan(3, PLAN.oracles, {**PLAN.versions, "numpy": "0.1"}), "numpy 0.1"),
    ],
)
def test_another_campaign_is_refused(plan, says, tmp_path):
    State(PLAN, tmp_path / "s")
    with pytest.raises(UnusableState, match=says):
        State(plan, tmp_path / "s")


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000 + b"\n",
        b"not a state\n",
        b"no line",
        b"[1, 2]\n",
        b'{"schema": "other"}\n',
        b"\x00\xff\n",
    ],
)
def test_another_file_is_refused_and_left_alone(content, tmp_path):
    path = tmp_path / "s"
    path.write_bytes(content)
    with pytest.raises(UnusableState, match=str(path)):
        State(PLAN, path)
    assert path.read_bytes() == content


MORE_THAN_THERE_CAN_BE = {
    "cases": [0, 99999999999],
    "found": {name: Tally(inapplicable=99999999999).to_dict() for name in PLAN.oracles},
}


def test_more_cases_than_a_campaign_can_have_are_not_counted_one_by_one(tmp_path):
    path = tmp_path / "s"
    State(PLAN, path)
    path.write_bytes(path.read_bytes() + json.dumps(MORE_THAN_THERE_CAN_BE).encode() + b"\n")
    with pytest.raises(UnusableState, match=r"line 2 .* up to 10000000, got 0, 99999999999"):
        State(PLAN, path)


FAILS = Outcome("FAIL", "half_mse", 5, 2.0, "wrong at W[0]")


@pytest.mark.parametrize(
    "spoil",
    [
        None,
        (b'"number": 1', b'"number": 4'),
        (b'"number": 1', b'"number": 2'),
        (b'"number": 1', b'"number": true'),
        (b'"kind": "half_mse"', b'"kind": "crashed"'),
        (b'"kind": "half_mse"', b'"kind": null'),
        (b'"ratio": 2.0', b'"ratio": NaN'),
        (b'"text": "wrong at W[0]"', b'"text": 0'),
        (b'"FAIL": 2', b'"PASS": 2'),
        (b'"FAIL": 2', b'"FAIL": 1, "PASS": 1'),
    ],
)
def test_failures_that_are_not_those_counted_are_refused(spoil, tmp_path):
    path = tmp_path / "s"
    failed = chunk(0, 4)
    failed.tallies["forward"] = Tally()
    for number in range(4):
        failed.tallies["forward"].add(number, FAILS if number in (1, 2) else HOLDS)
    State(PLAN, path).add(failed)
    if spoil is None:
        assert found(State(PLAN, path))["forward"]["kinds"] == {"half_mse": {"FAIL": 2, "PASS": 2}}
        return
    content = path.read_bytes()
    assert spoil[0] in content
    path.write_bytes(content.replace(*spoil, 1))
    with pytest.raises(UnusableState, match="line 2 is not a chunk"):
        State(PLAN, path)


@pytest.mark.parametrize(
    "spoil",
    [
        (b'"numbers": 20', b'"numbers": "?"'),
        (b"[0, 4]", b"[4, 0]"),
        (b"[0, 4]", b"[0, 5]"),
        (b"[0, 4]", b"[0.0, 4]"),
        (b"[0, 4]", b"[-1, 3]"),
        (b"[0, 4]", b"[0, 4, 8]"),
        (b'"PASS": 4', b'"FAIL": 4'),
        (b'"PASS": 4', b'"GREAT": 4'),
        (b'"PASS": 4', b'"PASS": 4.0'),
        (b'"PASS": 4', b'"PASS": true'),
        (b'"PASS": 4', b'"PASS": 5, "KINK": -1'),
        (b'"PASS": 4', b'"PASS": 3'),
        (b'"inapplicable": 0', b'"inapplicable": "0"'),
        (b'"numbers": 20', b'"numbers": -20'),
        (b'"numbers": 20', b'"numbers": 1e400'),
        (b'"ratio": 0.25', b'"ratio": NaN'),
        (b'"ratio": 0.25', b'"ratio": Infinity'),
        (b'"ratio": 0.25', b'"ratio": -0.25'),
        (b'"ratio": 0.25', b'"ratio": null'),
        (b'"failures": []', b'"failures": [{"number": 0, "kind": "half_mse", "ratio": 2, "text": ""}]'),
        (b"{", b"[" * 100_000),
        (b'"rationals"', b'"field"'),
        (b"}", b""),
    ],
)
def test_a_spoilt_line_is_refused_by_its_number(spoil, tmp_path):
    path = tmp_path / "s"
    State(PLAN, path).add(chunk(0, 4))
    first, line = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line.replace(*spoil, 1))
    with pytest.raises(UnusableState, match="line 2"):
        State(PLAN, path)


def test_two_campaigns_do_not_share_a_file(tmp_path):
    path = tmp_path / "s"
    with alone(path):
        with pytest.raises(UnusableState, match="in use by another campaign"), alone(path):
            pass
        with pytest.raises(UnusableState, match="in use"):
            campaign(1, oracles=["rationals"], state=path)
        assert path.read_bytes() == b""
    with alone(path), alone(None), alone(tmp_path / "other"):
        State(PLAN, path).add(chunk(0, 4))
