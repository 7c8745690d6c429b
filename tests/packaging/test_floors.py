"""The versions that pyproject.toml promises are the versions that are tested."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOX = PROJECT["tool"]["tox"]
ONLY_LINTERS = {"ruff", "mypy"}


def floors() -> dict[str, str]:
    """The lower bound of everything that the tests import."""
    metadata = PROJECT["project"]
    wanted = [
        *metadata["dependencies"],
        *(r for e in ("exact", "test") for r in metadata["optional-dependencies"][e]),
    ]
    bounds = dict(r.split(">=") for r in wanted if not r.startswith("gradproof["))
    return {name: bound for name, bound in bounds.items() if name not in ONLY_LINTERS}


def release(version: str) -> list[int]:
    """(1, 26) for 1.26.0."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


def disagreements(floors: dict[str, str], pins: list[str]) -> set[str]:
    pinned = dict(pin.split("==") for pin in pins)
    return {
        name
        for name in floors.keys() | pinned.keys()
        if name not in floors or name not in pinned or release(floors[name]) != release(pinned[name])
    }


def test_every_floor_is_tested():
    assert disagreements(floors(), TOX["env"]["oldest"]["deps"]) == set()


@pytest.mark.parametrize(
    ("pins", "wrong"),
    [
        (["numpy==2.1.0", "rich==13.8"], {"rich"}),
        (["numpy==2.1"], {"rich"}),
        (["numpy==2.1", "rich==13.7", "six==1"], {"six"}),
    ],
)
def test_and_another_would_be_noticed(pins, wrong):
    assert disagreements({"numpy": "2.1", "rich": "13.7"}, pins) == wrong


def test_every_python_is_tested():
    classified = {
        match[1]
        for line in PROJECT["project"]["classifiers"]
        if (match := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line))
    }
    tested = {f"3.{env[3:]}" for env in TOX["env_list"] if re.fullmatch(r"py3\d+", env)}
    assert classified == tested
    oldest, newest = sorted(tested, key=release)[0], sorted(tested, key=release)[-1]
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert TOX["env"]["oldest"]["base_python"] == [f"python{oldest}"]
    assert TOX["env"]["newest"]["base_python"] == [f"python{newest}"]
