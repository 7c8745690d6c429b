"""How far a long run has come: what it is doing, how much is done, and of how much."""

from collections.abc import Callable, Iterator
from functools import partial

Progress = Callable[[str, float, float], None]
"""Called as progress(what, done, of)."""


def silent(what: str, done: float, of: float) -> None:
    """Tell nobody."""


def parts(progress: Progress, of: int) -> Iterator[Progress]:
    """Yield the progress of each part of a longer run: the whole has one bar, and one time left.

    Parameters
    ----------
    progress : callable
        Of the whole.
    of : int
        How many parts there are; each counts alike.
    """
    yield from (partial(_inside, progress, number, of) for number in range(of))


def _inside(progress: Progress, number: int, of: int, what: str, done: float, whole: float) -> None:
    progress(what, number + done / whole, of)
