"""A row in the making: an oracle reports into it, architecture by architecture."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from checks.proof.code.claims import Claim
from checks.proof.evidence import CodeEvidence
from checks.proof.numbers.ring import LeavesNumberSystem, Undecided
from dnn import Architecture

Progress = Callable[[int, int], None]
"""Called as ``progress(done, of)`` after each architecture."""


class Row:
    """Counts what was compared and keeps what failed.

    Parameters
    ----------
    oracle : str
        Its name in the table.
    architectures : sequence of Architecture
        All that it is to look at.
    seed : int
        Named in each failure, so that it can be seen again.
    progress : callable, optional
    """

    def __init__(
        self, oracle: str, architectures: Sequence[Architecture], seed: int, progress: Progress | None
    ) -> None:
        self.oracle, self.seed = oracle, seed
        self._all, self._progress = architectures, progress
        self._start = time.perf_counter()
        self.seen = self.identities = 0
        self.failures: list[str] = []
        self._current: Architecture | None = None
        self._inapplicable: dict[str, int] = {}

    def __iter__(self) -> Iterator[tuple[int, Architecture]]:
        """Each architecture with its number, reporting progress."""
        for number, architecture in enumerate(self._all):
            yield number, architecture
            if self._progress is not None:
                self._progress(number + 1, len(self._all))

    @contextmanager
    def looking_at(self, architecture: Architecture) -> Iterator[None]:
        """Count it as seen unless its arithmetic leaves the number system; a crash is a failure."""
        identities, self._current = self.identities, architecture
        try:
            yield
        except (LeavesNumberSystem, Undecided) as reason:
            self.identities = identities
            self._inapplicable[str(reason)] = self._inapplicable.get(str(reason), 0) + 1
        except Exception as crash:  # whatever the code under test raises is a finding about it
            self.seen += 1
            self.failures.append(
                f"{type(crash).__name__}: {crash}: running {architecture!r}, seed {self.seed}"
            )
        else:
            self.seen += 1

    def compare(self, claim: Claim, wrong: int, of: int, detail: str) -> None:
        """Count `of` comparisons of one claim, `wrong` of which do not hold."""
        self.identities += of
        if wrong:
            self.failures.append(
                f"{claim} differs: {claim.formula} at layer l = {claim.layer} of {self._current!r}: "
                f"{detail}, seed {self.seed}"
            )

    def evidence(self, bound: str, note: str = "", strength: float | None = None) -> CodeEvidence:
        """The finished row; `strength` is the bound as a number."""
        for reason, count in self._inapplicable.items():
            note += "; " if note else ""
            note += f"not applicable to {count} of {len(self._all)} architectures: {reason}"
        return CodeEvidence(
            oracle=self.oracle,
            architectures=self.seen,
            identities=self.identities,
            failures=tuple(self.failures),
            bound=bound if self.identities else "",
            seconds=time.perf_counter() - self._start,
            note=note,
            strength=strength if self.identities else None,
        )
