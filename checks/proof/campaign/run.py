"""The campaign: chunks of cases go out to an executor, come back in any order, and are counted once."""

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.proof.campaign import oracles, pools
from checks.proof.campaign.oracles import Outcome, look
from checks.proof.campaign.shrink import regression_test
from checks.proof.campaign.state import MOST, Chunk, Plan, State, alone
from checks.proof.campaign.tally import CONFIDENCE, Tally
from checks.proof.evidence import SCHEMA
from checks.proof.progress import Progress, silent

CHUNK = 20
IN_FLIGHT = 4  # chunks for each worker: enough to keep it busy, few enough to lose little
HOPELESS = 8  # executors that broke down one after the other, before anything was done
SHRUNK = 3  # failures of each oracle that become tests


class Interrupted(Exception):  # noqa: N818 - no error: what is done is done
    """The campaign ended early; what was done is kept."""


@dataclass(frozen=True)
class Campaign:
    """What came of a campaign.

    Parameters
    ----------
    plan : Plan
    cases : int
    tallies : dict of str to Tally
        What each oracle found.
    tests : dict of (str, int) to str
        For the first failures of each oracle, by oracle and number: a test module, ready to paste.
    seconds : float
        Of this run.
    """

    plan: Plan
    cases: int
    tallies: dict[str, Tally]
    tests: dict[tuple[str, int], str]
    seconds: float

    @property
    def verdict(self) -> str:
        """``FAIL`` with any failure; ``INCONCLUSIVE`` when nothing was decided; else ``PASS``."""
        if any(tally.failures for tally in self.tallies.values()):
            return "FAIL"
        return "PASS" if any(tally.count("PASS") for tally in self.tallies.values()) else "INCONCLUSIVE"

    def to_dict(self) -> dict[str, Any]:
        """Return what `gradproof campaign --json` writes; all but "run" follows from plan and cases."""
        rows = []
        for name, tally in self.tallies.items():
            row = tally.to_dict()
            for failure in row["failures"]:
                failure["test"] = self.tests.get((name, failure["number"]))
            bound = {"probability": tally.upper_bound, "confidence": CONFIDENCE} if tally.cases else None
            rows.append({"oracle": name, "cases": tally.cases, "failure_bound": bound, **row})
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "cases": self.cases,
            "seed": self.plan.seed,
            "oracles": rows,
            "versions": dict(self.plan.versions),
            "run": {"seconds": self.seconds},
        }


def campaign(
    cases: int,
    *,
    seed: int = 0,
    oracles: Sequence[str] = ("equations", "number-systems"),
    executor: Executor | None = None,
    workers: int = 1,
    state: Path | None = None,
    progress: Progress = silent,
) -> Campaign:
    """Put `cases` random cases to the oracles.

    Parameters
    ----------
    cases : int
        The numbers 0..cases-1; more of them later continue the same campaign.
    seed : int, optional
        With its number it makes a case, whoever works on it.
    oracles : sequence of str, optional
        Names of oracles, or of groups of them; see `checks.proof.campaign.oracles`.
    executor : concurrent.futures.Executor, optional
        Who does the work; processes of our own unless given. A given one is not shut down.
    workers : int, optional
        How many processes of our own, or how many tasks the given executor runs at a time.
    state : Path, optional
        Where to keep what is done; a file that is there is continued.
    progress : callable, optional

    Returns
    -------
    Campaign

    Raises
    ------
    ValueError
        For a number of cases or workers below 1, or of cases above `MOST`, an unknown oracle, or a state
        of another campaign or in use.
    Interrupted
        When the executor broke down, or on Ctrl-C.
    """
    for name, value in (("cases", cases), ("workers", workers)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    if cases > MOST:
        raise ValueError(
            f"cases must be at most {MOST}, got {cases}; for more of them take another seed, too"
        )
    start = time.perf_counter()
    plan = Plan.make(seed, chosen_oracles(oracles))
    with alone(state):
        kept = State(plan, state)
        if kept.done and max(kept.done) >= cases:
            raise ValueError(
                f"cases must be at least {max(kept.done) + 1}, which {state} has done already, got {cases}"
            )
        missing = [number for number in range(cases) if number not in kept.done]
        if missing:
            with _hands(executor, workers) as hands:
                _Run(kept, cases, hands, workers, progress).walk(missing)
    tests = {
        (name, failure.number): regression_test(name, seed, failure.number)
        for name, tally in kept.tallies.items()
        for failure in tally.failures[:SHRUNK]
    }
    return Campaign(kept.plan, cases, kept.tallies, tests, time.perf_counter() - start)


def chosen_oracles(names: Sequence[str]) -> tuple[str, ...]:
    """The names of the oracles that names and groups stand for."""
    return oracles.chosen(tuple(names))


_ONE_AT_A_TIME = threading.Lock()  # warnings and contexts belong to the process, so threads take turns


def work(plan: Plan, start: int, stop: int) -> Chunk:
    """Look at the cases start <= number < stop: what a worker does."""
    mine = Plan.make(plan.seed, plan.oracles)
    if mine != plan:
        raise RuntimeError(f"a worker has {mine.versions}, and the campaign {plan.versions}")
    tallies = {name: Tally() for name in plan.oracles}
    with _ONE_AT_A_TIME:
        for number in range(start, stop):
            for name, tally in tallies.items():
                tally.add(number, look(name, plan.seed, number))
    return Chunk(start, stop, tallies)


class _Hands:
    """An executor, and how to get another one when it is broken."""

    def __init__(self, executor: Executor, renewed: Callable[[], Executor] | None) -> None:
        self.executor, self._renewed = executor, renewed

    @property
    def ours(self) -> bool:
        """Whether the pool was made here."""
        return self._renewed is not None

    def renew(self) -> None:
        if self._renewed is None:
            raise Interrupted("the executor broke down")
        self.executor.shutdown(wait=True, cancel_futures=True)
        self.executor = self._renewed()


@contextmanager
def _hands(executor: Executor | None, workers: int) -> Iterator[_Hands]:
    if executor is not None:
        yield _Hands(executor, None)
        return
    with pools.one_blas_thread():
        hands = _Hands(pools.processes(workers), lambda: pools.processes(workers))
        try:
            yield hands
        except BaseException:
            pools.end(hands.executor)
            raise
        finally:
            hands.executor.shutdown(wait=True, cancel_futures=True)


Cases = tuple[int, int]
"""start <= number < stop."""


class _Run:
    """The chunks on their way.

    When a worker dies, nobody knows which of the chunks in flight killed it: each is repeated alone. One
    that dies alone is halved; a single case that dies alone twice is a failure of its own.
    """

    def __init__(self, state: State, cases: int, hands: _Hands, workers: int, progress: Progress) -> None:
        self.state, self.cases, self.hands, self.workers = state, cases, hands, workers
        self.waiting: deque[Cases] = deque()
        self.suspect: deque[Cases] = deque()
        self.flying: dict[Future[Chunk], Cases] = {}
        self.alone = False
        self.renewals = 0
        self.deaths: Counter[Cases] = Counter()
        self._progress, self._start, self._before = progress, time.perf_counter(), len(state.done)

    def walk(self, missing: Sequence[int]) -> None:
        """Do all that is missing."""
        self.waiting.extend(chunks(missing, min(CHUNK, math.ceil(len(missing) / self._room))))
        self._tell()
        try:
            while self.waiting or self.suspect or self.flying:
                self._send()
                self._receive()
        except KeyboardInterrupt:
            raise Interrupted("interrupted") from None
        finally:
            if not self.hands.ours:  # else they end with their pool
                for future in self.flying:
                    future.cancel()

    def _send(self) -> None:
        if not self.flying:
            self.alone = bool(self.suspect)
        if self.alone and not self.flying:
            self._submit(self.suspect.popleft(), self.suspect)
        while self.waiting and not self.suspect and not self.alone and len(self.flying) < self._room:
            self._submit(self.waiting.popleft(), self.waiting)

    @property
    def _room(self) -> int:
        return IN_FLIGHT * self.workers

    def _submit(self, cases: Cases, queue: deque[Cases]) -> None:
        try:
            self.flying[self.hands.executor.submit(work, self.state.plan, *cases)] = cases
        except BrokenExecutor:  # it died of what is in flight, or of nothing that we know
            queue.appendleft(cases)
            self._renew()

    def _receive(self) -> None:
        finished, _ = wait(self.flying, return_when=FIRST_COMPLETED)
        broken = False
        for future in finished:
            cases = self.flying.pop(future)
            try:
                chunk = future.result()
            except CancelledError:
                raise Interrupted("the executor gave up its work") from None
            except Exception as error:
                died = isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"
                if not died:
                    raise Interrupted(f"a worker cannot do it: {type(error).__name__}: {error}") from error
                broken |= isinstance(error, BrokenExecutor)
                self._died(cases)
            else:
                self.state.add(chunk)
                self._tell()
        if broken:
            self._renew()

    def _renew(self) -> None:
        """Take a new executor; what was in flight died with the old one."""
        self.renewals += 1
        if self.renewals > HOPELESS and len(self.state.done) == self._before:
            raise Interrupted("every process dies before it has done anything")
        lost, self.flying = self.flying, {}
        for future, cases in lost.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self.state.add(future.result())
            else:
                self._died(cases)
        self.hands.renew()

    def _died(self, cases: Cases) -> None:
        start, stop = cases
        if self.alone and stop - start > 1:
            middle = (start + stop) // 2
            self.suspect.extend([(start, middle), (middle, stop)])
            return
        self.deaths[cases] += self.alone
        if self.deaths[cases] < 2:
            self.suspect.append(cases)
            return
        outcome = Outcome("FAIL", "crashed", 0, math.inf, "the process that looked at it died, twice")
        tallies = {name: Tally() for name in self.state.plan.oracles}
        for tally in tallies.values():
            tally.add(start, outcome)
        self.state.add(Chunk(start, stop, tallies))

    def _tell(self) -> None:
        done = len(self.state.done)
        seconds = time.perf_counter() - self._start
        rate = (done - self._before) / seconds if seconds else 0.0
        told = f"{rate:.0f} a second, {duration((self.cases - done) / rate)} left" if rate else "starting"
        self._progress(told, done, self.cases)


def chunks(numbers: Sequence[int], size: int) -> Iterator[Cases]:
    """Cut ascending numbers into runs without gaps of at most `size`."""
    start = 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or i - start == size or numbers[i] != numbers[i - 1] + 1:
            yield numbers[start], numbers[i - 1] + 1
            start = i


def duration(seconds: float) -> str:
    """A time as a person says it."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
