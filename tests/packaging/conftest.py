"""Builds and installs need minutes and an index: they run in the nightly profile (see tests/conftest.py)."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EPOCH = "1700000000"


@pytest.fixture(scope="session", name="run")
def run_fixture() -> Callable[..., str]:
    """A function that runs a command, which must succeed, and returns what it wrote."""
    return run


@pytest.fixture(scope="session", name="new_environment")
def new_environment_fixture() -> Callable[..., Path]:
    """A function that makes a virtual environment and returns its folder of commands."""
    return new_environment


def run(*command: object, cwd: Path, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def new_environment(place: Path, *installed: object) -> Path:
    venv.create(place, with_pip=True)
    commands = place / ("Scripts" if sys.platform == "win32" else "bin")
    run(commands / "python", "-m", "pip", "install", "-q", *installed, cwd=place)
    return commands


@pytest.fixture(scope="session")
def files() -> list[str]:
    """What a release may be made of: every file that is tracked, or would be."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    return sorted(name for name in listed if (ROOT / name).is_file())


@pytest.fixture(scope="session")
def checkout(files, tmp_path_factory) -> Callable[[], Path]:
    """A function that makes another copy of the project, elsewhere and at another time."""

    def copy() -> Path:
        place = tmp_path_factory.mktemp("checkout")
        for name in files:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place / name)
        return place

    return copy


@pytest.fixture(scope="session")
def tools(tmp_path_factory) -> Path:
    """The commands that build and check distributions."""
    return new_environment(
        tmp_path_factory.mktemp("tools"), "build", "hatchling", "twine", "check-wheel-contents"
    )


@pytest.fixture(scope="session")
def build(tools, checkout) -> Callable[[], tuple[Path, Path]]:
    """A function that builds the wheel and the sdist from a new copy."""

    def make() -> tuple[Path, Path]:
        place = checkout()
        run(
            tools / "python", "-m", "build", "--no-isolation", "--wheel", "--sdist",
            cwd=place, SOURCE_DATE_EPOCH=EPOCH,
        )  # fmt: skip
        (wheel,), (sdist,) = (place / "dist").glob("*.whl"), (place / "dist").glob("*.tar.gz")
        return wheel, sdist

    return make


@pytest.fixture(scope="session")
def built(build) -> tuple[Path, Path]:
    """The wheel and the sdist."""
    return build()


@pytest.fixture(scope="session")
def installed(built, tmp_path_factory) -> Path:
    """The commands of an environment with the wheel and its dependencies, nothing else."""
    return new_environment(tmp_path_factory.mktemp("installed"), built[0])
