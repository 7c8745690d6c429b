"""A campaign on a real Dask cluster, one of whose worker processes is killed half-way.

It needs ``dask[distributed]``, and so it is not collected by a plain ``pytest``:

    pip install -e '.[scale,test]' && pytest tests/checks/proof/campaign_on_dask.py
"""

import json
import os
import signal

import pytest
from distributed import Client, LocalCluster

from checks.cli import main
from checks.proof.campaign import Interrupted, campaign, pools

pytestmark = pytest.mark.filterwarnings("default")  # what distributed warns of is its own business


@pytest.fixture
def cluster():
    """Three worker processes on this machine, each under a nanny that starts another when it dies."""
    made = LocalCluster(
        n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    )
    with made:
        yield made


def found(result) -> dict:
    return {key: value for key, value in result.to_dict().items() if key != "run"}


def lines(path) -> list[list[int]]:
    return [json.loads(line)["cases"] for line in path.read_text().splitlines()[1:]]


def test_nothing_is_lost_or_counted_twice_when_a_worker_is_killed(cluster, tmp_path):
    killed = []

    def kill_one(told, done, of):
        if done >= 200 and not killed:
            with Client(cluster) as client:
                pids = sorted(client.run(os.getpid).values())
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)

    with pools.dask(cluster.scheduler_address) as (executor, hands):
        assert hands == 3
        on_dask = campaign(
            600, seed=11, oracles=["cheap"], executor=executor, workers=hands,
            state=tmp_path / "state", progress=kill_one,
        )  # fmt: skip
    assert killed
    with pytest.raises(ProcessLookupError):
        os.kill(killed[0], 0)
    numbers = [number for start, stop in lines(tmp_path / "state") for number in range(start, stop)]
    assert sorted(numbers) == list(range(600))
    assert found(on_dask) == found(campaign(600, seed=11, oracles=["cheap"], workers=2))


def test_the_command_uses_the_cluster(cluster, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pools, "processes", lambda workers: pytest.fail("processes of our own"))
    words = ["campaign", "--cases", "40", "--oracle", "forward", "--scheduler", cluster.scheduler_address]
    assert main(words) == 0
    assert "40" in capsys.readouterr().out


def test_a_cluster_that_goes_away_leaves_what_was_done(tmp_path):
    made = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    )

    def close(told, done, of):
        if done >= 60:
            made.close()

    with (
        made,
        pytest.raises(Interrupted),
        pools.dask(made.scheduler_address) as (executor, _),
    ):
        campaign(5000, seed=1, oracles=["forward"], executor=executor, state=tmp_path / "s", progress=close)
    assert len(lines(tmp_path / "s")) >= 3


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "nonsense://", ":::", "tcp://no-such-host.invalid:8786"]
)
def test_an_unreachable_scheduler_is_one_line_within_ten_seconds(address, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["campaign", "--cases", "5", "--scheduler", address]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert address in err


def test_its_patience_leaves_room_within_ten_seconds():
    assert 2 * pools.PATIENCE <= 8


def test_a_scheduler_without_workers_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as empty:
        assert main(["campaign", "--cases", "5", "--scheduler", empty.scheduler_address]) == 2
    assert "has no workers" in capsys.readouterr().err
