"""A campaign comes to the same end whoever works on it, whoever dies of it, and finds what is planted."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import types
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.cli import main
from checks.proof import campaign as public
from checks.proof.campaign import Interrupted, Outcome, Plan, campaign, command, oracles, pools, run
from dnn import Gradients, Network

ROOT = Path(__file__).parents[3]


def found(result) -> dict:
    """The result without how long it took."""
    return {key: value for key, value in result.to_dict().items() if key != "run"}


def in_threads(cases, **options):
    with ThreadPoolExecutor(2) as executor:
        return campaign(cases, executor=executor, workers=2, **options)


class Mischief(ThreadPoolExecutor):
    """A pool whose worker dies, once of each victim, and every time of a poison."""

    def __init__(self, victims: set[int], poison: set[int]) -> None:
        super().__init__(2)
        self.victims, self.poison, self.broken, self.lock = victims, poison, False, threading.Lock()

    def submit(self, function, plan, start, stop) -> Future:  # type: ignore[override]
        if self.broken:
            raise BrokenExecutor("it is broken")
        return super().submit(self._do, function, plan, start, stop)

    def _do(self, function, plan, start, stop):
        with self.lock:
            killers = self.victims.intersection(range(start, stop))
            self.victims -= killers
            if self.broken or killers or self.poison.intersection(range(start, stop)):
                self.broken = True
                raise BrokenExecutor("a worker died")
        return function(plan, start, stop)


def make_instant(patch):
    """An oracle that costs nothing: every seventh case fails, every fifth is not its business."""

    def look(seed, number):
        verdict = "FAIL" if number % 7 == 3 else "PASS"
        return (
            None if number % 5 == 0 else Outcome(verdict, "made up", number, random.Random(number).random())
        )

    patch.setitem(oracles.ORACLES, "forward", look)
    patch.setattr(run, "regression_test", lambda oracle, seed, number: f"{oracle} {number}")


@pytest.fixture
def instant(monkeypatch):
    make_instant(monkeypatch)


@settings(max_examples=max(1, settings.default.max_examples // 4))
@given(
    cases=st.integers(1, 300),
    victims=st.sets(st.integers(0, 300), max_size=4),
    poison=st.sets(st.integers(0, 300), max_size=2),
)
def test_nothing_is_lost_or_counted_twice_when_workers_die(cases, victims, poison):
    executors = []

    def another(workers):
        executors.append(Mischief(victims, poison))
        return executors[-1]

    with pytest.MonkeyPatch.context() as patch:
        make_instant(patch)
        patch.setattr(pools, "processes", another)
        result = campaign(cases, oracles=["forward"], workers=2)
        sound = in_threads(cases, oracles=["forward"])
    tally = result.tallies["forward"]
    dead = {f.number for f in tally.failures if f.kind == "crashed"}
    assert dead == {number for number in poison if number < cases}
    assert tally.cases + tally.inapplicable == cases
    if not dead:
        assert found(result) == found(sound)


def test_processes_one_of_them_killed_find_what_threads_find(tmp_path, monkeypatch):
    started, killed = [], []

    def watched(workers, make=pools.processes):
        started.append(make(workers))
        return started[-1]

    def kill_one(told, done, of):
        if done and not killed:  # most chunks are not even sent, so one of them must meet its death
            process = next(iter(started[0]._processes.values()))
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)
            process.join()

    monkeypatch.setattr(pools, "processes", watched)
    result = campaign(240, seed=5, oracles=["forward"], workers=2, state=tmp_path / "s", progress=kill_one)
    assert len(started) > 1
    assert found(result) == found(in_threads(240, seed=5, oracles=["forward"]))
    assert len({tuple(json.loads(line)["cases"]) for line in _lines(tmp_path / "s")}) == len(
        _lines(tmp_path / "s")
    )


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:]


def test_processes_that_cannot_even_start_end_it(monkeypatch):
    monkeypatch.setattr(pools, "processes", lambda workers: Mischief(set(), set(range(1000))))
    with pytest.raises(Interrupted, match="before it has done anything"):
        campaign(1000, oracles=["forward"], workers=2)


def test_an_executor_that_was_given_is_not_replaced(tmp_path):
    with pytest.raises(Interrupted, match="broke down"):
        campaign(100, oracles=["forward"], executor=Mischief({50}, set()), workers=1, state=tmp_path / "s")
    kept = len(_lines(tmp_path / "s"))
    assert kept > 0
    result = in_threads(100, oracles=["forward"], state=tmp_path / "s")
    assert found(result) == found(in_threads(100, oracles=["forward"]))


def test_more_cases_continue_the_same_campaign(instant, tmp_path):
    in_threads(30, oracles=["forward"], state=tmp_path / "s")
    before = (tmp_path / "s").read_bytes()
    more = in_threads(100, oracles=["forward"], state=tmp_path / "s")
    assert (tmp_path / "s").read_bytes().startswith(before)
    assert found(more) == found(in_threads(100, oracles=["forward"]))
    with pytest.raises(ValueError, match="at least 100"):
        in_threads(30, oracles=["forward"], state=tmp_path / "s")


def test_other_seeds_are_other_campaigns():
    one, other = (in_threads(10, seed=seed, oracles=["forward"]).tallies["forward"] for seed in (0, 1))
    assert one.to_dict() != other.to_dict()


@pytest.mark.parametrize("group", sorted(public.GROUPS))
def test_every_oracle_decides_something_and_nothing_fails(group):
    result = in_threads(4 if group == "cheap" else 2, seed=1, oracles=[group])
    assert result.verdict == "PASS", result.to_dict()
    for name, tally in result.tallies.items():
        assert tally.cases + tally.inapplicable == result.cases, name


def _transposed(network, trace, y):
    gradients = SOUND(network, trace, y)
    dW = {l: g.T.copy() if g.shape[0] == g.shape[1] else g * 1.01 for l, g in gradients.dW.items()}
    return Gradients(gradients.delta, dW, gradients.db)


def _raises(network, trace, y):
    if network.architecture.depth > 3:
        raise IndexError("a layer too far")
    return SOUND(network, trace, y)


SOUND = Network.backward


def namespace(test: str) -> list:
    """The test functions of a module's text."""
    names: dict = {}
    exec(compile(test, "regression", "exec"), names)
    return [value for name, value in names.items() if name.startswith("test_")]


@pytest.mark.parametrize(
    ("oracle", "mistake"),
    [("weight-gradient", _transposed), ("weight-gradient", _raises), ("rationals", _raises)],
)
def test_a_planted_mistake_becomes_a_small_test(oracle, mistake, monkeypatch):
    monkeypatch.setattr(Network, "backward", mistake)
    result = in_threads(6, seed=2, oracles=[oracle])
    assert result.verdict == "FAIL"
    (_, number), text = next(iter(result.tests.items()))
    assert result.tallies[oracle].failures[0].number == number
    (test,) = namespace(text)
    with pytest.raises(AssertionError if mistake is _transposed or oracle == "rationals" else IndexError):
        test()
    widths = text.partition("Architecture((")[2].partition(")")[0]
    assert sum(map(int, widths.split(","))) <= 4, text
    monkeypatch.setattr(Network, "backward", SOUND)
    test()


def test_a_false_alarm_becomes_a_test(monkeypatch):
    def alarm(method, seed, number):
        return Outcome("FAIL", "made up", 1, 2.0, "a false alarm") if number == 2 else Outcome("PASS", "", 1)

    monkeypatch.setitem(oracles.ORACLES, "false-alarms-auto", lambda s, n: alarm("auto", s, n))
    result = in_threads(4, oracles=["false-alarms-auto"])
    ((_, number), text), *_ = result.tests.items()
    assert number == 2
    with pytest.raises(AssertionError, match="a false alarm"):
        namespace(text)[0]()
    assert result.tallies["false-alarms-auto"].upper_bound > 0.25


# -- the command ----------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current directory, and threads for processes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pools, "processes", ThreadPoolExecutor)
    return tmp_path


def line(capsys) -> str:
    """The only line on standard error."""
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    return err


def test_the_command_holds_and_leaves_only_what_was_asked_for(here, capsys):
    assert main(["campaign", "--cases", "6", "--oracle", "forward", "--json", "out.json"]) == 0
    assert [path.name for path in here.iterdir()] == ["out.json"]
    content = json.loads(Path("out.json").read_text())
    assert content["verdict"] == "PASS"
    assert content["oracles"][0]["cases"] == 6
    assert 0 < content["oracles"][0]["failure_bound"]["probability"] < 1
    assert "PASS" in capsys.readouterr().out


def test_the_command_counts_false_alarms_kind_by_kind(here, capsys):
    assert main(["campaign", "--cases", "7", "--oracle", "false-alarms-auto"]) == 0
    out = capsys.readouterr().out
    assert "vanishing networks" in out
    assert "3.5e-01" in out  # 1 - 0.05^(1/7)


def test_the_command_prints_a_failure_with_its_test(here, monkeypatch, capsys):
    monkeypatch.setattr(Network, "backward", _transposed)
    assert main(["campaign", "--cases", "4", "--oracle", "rationals", "--json", "out.json"]) == 1
    out = capsys.readouterr().out
    (failure, *_) = json.loads(Path("out.json").read_text())["oracles"][0]["failures"]
    assert failure["test"] in out
    assert f"case {failure['number']}" in out


def test_a_campaign_that_decides_nothing_is_not_a_success(here, monkeypatch):
    monkeypatch.setitem(oracles.ORACLES, "forward", lambda seed, number: None)
    assert main(["campaign", "--cases", "4", "--oracle", "forward"]) == 2


def test_interrupted_it_says_how_to_go_on(here, monkeypatch, capsys):
    def interrupt(self, chunk, sound=public.State.add):
        sound(self, chunk)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(public.State, "add", interrupt)
        assert main(["campaign", "--cases", "60", "--workers", "1", "--oracle", "forward"]) == 2
    said = line(capsys)
    assert "interrupted" in said
    go_on = said.partition("go on with gradproof ")[2].split()
    assert main(["campaign", "--cases", "60", "--oracle", "forward"]) == 2
    assert "did not finish" in line(capsys)
    assert main(go_on) == 0
    assert "60" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cases", "0"], "cases must be at least 1"),
        (["--cases", "5", "--workers", "0"], "workers must be at least 1"),
        (["--cases", "5", "--oracle", "nope"], "'nope'"),
        (["--cases", "5", "--resume", "."], "directory"),
        (["--cases", "5", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"], "not allowed with"),
        (["--cases", "5", "--json", "no/such/file"], "--json"),
    ],
)
def test_a_mistake_is_one_line(arguments, says, here, capsys):
    assert main(["campaign", *arguments]) == 2
    assert says in line(capsys)


def test_killed_it_is_resumed_to_the_same_end(tmp_path):
    state = tmp_path / "state.jsonl"
    words = ["campaign", "--cases", "200", "--workers", "1", "--oracle", "forward", "--resume", str(state)]
    killed = subprocess.Popen([sys.executable, "-m", "checks", *words], cwd=ROOT, stderr=subprocess.DEVNULL)
    while killed.poll() is None and (not state.exists() or len(state.read_bytes().splitlines()) < 3):
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert 0 < len(_lines(state)) < 20
    assert found(in_threads(200, oracles=["forward"], state=state)) == found(
        in_threads(200, oracles=["forward"])
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_sigterm_ends_it_as_ctrl_c_does(tmp_path):
    words = ["campaign", "--cases", "100000", "--workers", "2", "--oracle", "forward"]
    state = tmp_path / "gradproof-campaign.jsonl"
    ended = subprocess.Popen(
        [sys.executable, "-m", "checks", *words],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    while ended.poll() is None and (not state.exists() or len(state.read_bytes().splitlines()) < 3):
        time.sleep(0.01)
    ended.terminate()
    _, said = ended.communicate(timeout=60)  # a worker that lived on would keep standard error open
    assert ended.returncode == 2
    assert said.count("\n") == 1
    assert "gradproof: interrupted; gradproof-campaign.jsonl keeps what was done: go on with" in said
    assert len(_lines(state)) >= 2


def test_what_sigterm_does_is_as_before(here, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    with command.terminable():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) != before
        with ThreadPoolExecutor(1) as other:
            other.submit(command.terminable().__enter__).result()
    assert signal.getsignal(signal.SIGTERM) == before


def test_interrupted_before_anything_was_done_there_is_nothing_to_go_on_with(here, monkeypatch, capsys):
    def interrupt(names):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "chosen_oracles", interrupt)
    assert main(["campaign", "--cases", "6", "--oracle", "forward"]) == 2
    assert line(capsys) == "gradproof: interrupted before anything was done\n"


def test_without_a_terminal_progress_is_a_line_now_and_then(here, monkeypatch, capsys):
    monkeypatch.setattr(command, "SECONDS_BETWEEN_LINES", 0.0)
    assert main(["campaign", "--cases", "6", "--workers", "1", "--oracle", "forward"]) == 0
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith("6 of 6 cases, ")
    assert last.endswith(" a second, 0 s left")


@pytest.mark.parametrize(("seconds", "told"), [(7.4, "7 s"), (240.0, "4 min"), (9000.0, "2.5 h")])
def test_time_left_as_a_person_says_it(seconds, told):
    assert run.duration(seconds) == told


# -- Dask, as far as it can be seen without it; with it: campaign_on_dask.py ----------------------


class Silent:
    """A scheduler that lets a client in and has no workers."""

    def __init__(self, *arguments, **options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        pass

    async def close(self):
        pass

    def wait_for_workers(self, n, timeout):
        raise TimeoutError


def scheduler(monkeypatch, connect):
    monkeypatch.setitem(sys.modules, "distributed", types.SimpleNamespace(Client=Silent))
    monkeypatch.setitem(sys.modules, "distributed.core", types.SimpleNamespace(connect=connect))


async def refuses(address, timeout):
    raise OSError("nobody there")


async def garbles(address, timeout):
    raise MemoryError("3 EiB")


async def hangs(address, timeout):
    await asyncio.sleep(1000)


async def lets_in(address, timeout):
    return Silent()


@pytest.mark.parametrize(
    ("connect", "says"),
    [
        (refuses, "nobody there"),
        (garbles, "3 EiB"),
        (hangs, "no Dask scheduler"),
        (lets_in, "has no workers"),
    ],
)
def test_a_scheduler_that_cannot_be_used_is_one_line(connect, says, here, monkeypatch, capsys):
    monkeypatch.setattr(pools, "PATIENCE", 0.01)
    scheduler(monkeypatch, connect)
    assert main(["campaign", "--cases", "5", "--scheduler", "tcp://far:1"]) == 2
    said = line(capsys)
    assert says in said
    assert "tcp://far:1" in said


def test_without_the_extra_it_says_what_to_install(here, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["campaign", "--cases", "5", "--scheduler", "tcp://far:1"]) == 2
    assert "gradproof[scale]" in line(capsys)


def test_a_worker_with_other_versions_is_refused():
    other = Plan(0, ("forward",), {"gradproof": "0.0", "numpy": "0.0"})
    with pytest.raises(RuntimeError, match="numpy"):
        run.work(other, 0, 1)

    class Remote(ThreadPoolExecutor):
        def submit(self, function, plan, *cases):
            return super().submit(function, other, *cases)

    with Remote(1) as executor, pytest.raises(Interrupted, match="a worker cannot do it"):
        campaign(5, oracles=["forward"], executor=executor)


@pytest.mark.parametrize("oracle", ["weight-gradient", "rationals"])
def test_what_does_not_fail_again_is_said_to_depend_on_more(oracle):
    assert "depends on more than its seed and number" in public.regression_test(oracle, 0, 0)


def test_the_result_is_not_written_over_what_was_done(tmp_path, capsys):
    path = tmp_path / "s.jsonl"
    path.write_text("what was done\n")
    assert main(["campaign", "--cases", "1", "--resume", str(path), "--json", str(path)]) == 2
    assert "is what --resume names; give it another file" in capsys.readouterr().err
    assert path.read_text() == "what was done\n"


def test_more_cases_than_can_be_counted_are_refused_at_once(tmp_path, capsys):
    path = tmp_path / "s.jsonl"
    assert main(["campaign", "--cases", "9" * 14, "--resume", str(path)]) == 2
    assert "cases must be at most 10000000, got 99999999999999" in capsys.readouterr().err
    assert not path.exists()
