"""What is done survives a kill at any byte, and nothing is counted twice."""

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
    "content", [b"not a state\n", b"no line", b"[1, 2]\n", b'{"schema": "other"}\n', b"\x00\xff\n"]
)
def test_another_file_is_refused_and_left_alone(content, tmp_path):
    path = tmp_path / "s"
    path.write_bytes(content)
    with pytest.raises(UnusableState, match=str(path)):
        State(PLAN, path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "spoil",
    [
        (b'"numbers": 20', b'"numbers": "?"'),
        (b"[0, 4]", b"[4, 0]"),
        (b"[0, 4]", b"[0, 5]"),
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
