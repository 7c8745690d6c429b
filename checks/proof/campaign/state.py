"""What is done, in a file that is only ever appended to: a line for the campaign, then one for each chunk.

A process may be killed at any moment: at worst the last line is torn, and its chunk is done again.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

import numpy as np

if sys.platform != "win32":
    import fcntl

from checks.proof.campaign.tally import Tally
from checks.proof.files import must_end, whole

SCHEMA = "gradproof.campaign-state/1"
MOST = 10_000_000  # cases: their numbers are kept in memory; another seed makes others


class UnusableState(ValueError):  # noqa: N818 - it says what the file is
    """The file does not hold a part of this campaign; the message says why and what to do."""


@contextmanager
def alone(path: Path | None) -> Iterator[None]:
    """Have the file to oneself: two campaigns would cut its cases into chunks that overlap.

    Raises
    ------
    UnusableState
        When another campaign has it.
    OSError
        When it cannot be written.
    """
    if path is not None:
        must_end(path)  # to open a pipe waits until somebody reads it
    if path is None or sys.platform == "win32":  # where files are not locked in this way
        yield
        return
    with path.open("ab") as file:  # the lock ends with it, however the process ends
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnusableState(
                f"{path} is in use by another campaign: wait for it, or give another file"
            ) from None
        yield


@dataclass(frozen=True)
class Plan:
    """What makes a campaign: the same plan gives the same outcome for each number.

    Parameters
    ----------
    seed : int
    oracles : tuple of str
    versions : mapping of str to str
        Of what the outcomes depend on.
    """

    seed: int
    oracles: tuple[str, ...]
    versions: Mapping[str, str]

    @classmethod
    def make(cls, seed: int, oracles: tuple[str, ...]) -> Self:
        """A plan under the versions that are installed."""
        try:
            own = version("gradproof")
        except PackageNotFoundError:
            own = "not installed"
        return cls(seed, oracles, {"gradproof": own, "numpy": np.__version__})

    def to_dict(self) -> dict[str, Any]:
        """Return the first line of the file."""
        return {
            "schema": SCHEMA,
            **asdict(self),
            "oracles": list(self.oracles),
            "versions": dict(self.versions),
        }


@dataclass(frozen=True)
class Chunk:
    """The cases start <= number < stop, and what each oracle found on them."""

    start: int
    stop: int
    tallies: dict[str, Tally]

    def to_dict(self) -> dict[str, Any]:
        """Return a line of the file."""
        found = {name: tally.to_dict() for name, tally in self.tallies.items()}
        return {"cases": [self.start, self.stop], "found": found}


class State:
    """The chunks that are done, in memory and on disk.

    Parameters
    ----------
    plan : Plan
    path : Path, optional
        Where they are kept; in memory only without one.

    Raises
    ------
    UnusableState
        When the file holds another campaign, or something else.
    OSError
        When it cannot be read or written.
    """

    def __init__(self, plan: Plan, path: Path | None = None) -> None:
        self.plan, self.path = plan, path
        self.done: set[int] = set()
        self.tallies = {name: Tally() for name in plan.oracles}
        if path is not None:
            self._open(path)

    def add(self, chunk: Chunk) -> None:
        """Keep a chunk, on disk first. One whose cases are all known already changes nothing.

        Raises
        ------
        ValueError
            When only some of its cases are known.
        """
        if self._is_new(chunk):
            if self.path is not None:
                self._append(chunk.to_dict())
            self._count(chunk)

    def _is_new(self, chunk: Chunk) -> bool:
        numbers = range(chunk.start, chunk.stop)
        known = sum(number in self.done for number in numbers)
        if 0 < known < len(numbers):
            raise ValueError(f"cases {chunk.start} to {chunk.stop - 1} are known in part")
        return known == 0

    def _count(self, chunk: Chunk) -> None:
        self.done.update(range(chunk.start, chunk.stop))
        for name, tally in chunk.tallies.items():
            self.tallies[name].merge(tally)

    def _append(self, line: dict[str, Any]) -> None:
        assert self.path is not None
        with self.path.open("ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _open(self, path: Path) -> None:
        content = whole(path) if path.exists() else b""
        lines, _, torn = content.rpartition(b"\n")
        if not lines:
            if torn and not json.dumps(self.plan.to_dict()).encode().startswith(torn):
                raise UnusableState(f"{path} is not the state of a campaign: it has no first line")
            path.write_bytes(b"")
            self._append(self.plan.to_dict())
            return
        first, *chunks = lines.split(b"\n")
        self._must_match(path, first)
        for number, line in enumerate(chunks, 2):
            try:
                chunk = self._chunk(json.loads(line))
                if self._is_new(chunk):
                    self._count(chunk)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise UnusableState(
                    f"{path}, line {number} is not a chunk of a campaign ({type(error).__name__}: {error}); "
                    "delete the line, and its cases are done again"
                ) from error
        if torn:
            os.truncate(path, len(lines) + 1)

    def _must_match(self, path: Path, first: bytes) -> None:
        try:
            theirs = dict(json.loads(first))
        except (ValueError, TypeError, RecursionError):
            raise UnusableState(
                f"{path} is not the state of a campaign: its first line is not JSON"
            ) from None
        if theirs.get("schema") != SCHEMA:
            raise UnusableState(f"{path} has the schema {theirs.get('schema')!r}, not {SCHEMA!r}")
        for key, mine in self.plan.to_dict().items():
            if theirs.get(key) != mine:
                raise UnusableState(
                    f"{path} holds a campaign with {key} {_told(theirs.get(key))}, not {_told(mine)}; "
                    "give it the same, or another file"
                )

    def _chunk(self, line: dict[str, Any]) -> Chunk:
        start, stop = line["cases"]
        if not (type(start) is type(stop) is int and 0 <= start < stop <= MOST):
            raise ValueError(
                f"cases must be start <= number < stop, whole numbers up to {MOST}, got {start}, {stop}"
            )
        if set(line["found"]) != set(self.plan.oracles):
            raise ValueError(f"oracles {sorted(line['found'])}")
        tallies = {name: Tally.from_dict(found) for name, found in line["found"].items()}
        for name, tally in tallies.items():
            if tally.cases + tally.inapplicable != stop - start:
                raise ValueError(f"{name} judged {tally.cases + tally.inapplicable} of {stop - start} cases")
            numbers = [failure.number for failure in tally.failures]
            if not {*numbers} <= {*range(start, stop)} or len({*numbers}) < len(numbers):
                raise ValueError(f"{name} failed on cases {numbers}, of {start} to {stop - 1}")
        return Chunk(start, stop, tallies)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {v}" for name, v in sorted(value.items()))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
