"""The keyword arguments that all checks share."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from checks.engine.leaves import Array

Progress = Callable[[int, int], None]

METHODS = ("auto", "finite differences", "complex step", "forward mode")


class Keywords(TypedDict, total=False):
    """What every check takes by keyword; see :func:`checks.gradcheck`."""

    method: str
    rng: int | np.random.Generator
    directions: int | None
    rtol: float | None
    atol: float | None
    kink: str
    raise_exception: bool
    thorough: bool
    progress: Progress | bool | None


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Tolerances given by the user, entry by entry: |error_i| <= atol + rtol |g_i|."""

    rtol: float | None = None
    atol: float | None = None

    @property
    def given(self) -> bool:
        """Whether the user gave any."""
        return self.rtol is not None or self.atol is not None

    def allowance(self, gradient: Array, direction: Array) -> float:
        """Return the largest residual along a direction that entries within tolerance can add up to."""
        if not self.given:
            return 0.0  # and not 0 * inf
        v = np.abs(direction.astype(np.float64))
        return float((self.atol or 0.0) * v.sum() + (self.rtol or 0.0) * (np.abs(gradient) * v).sum())


class Options:
    """The keyword arguments that all checks share, validated.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, the rule and the value.
    """

    def __init__(
        self,
        *,
        method: str = "auto",
        rng: int | np.random.Generator = 0,
        directions: int | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        kink: str = "warn",
        raise_exception: bool = True,
        thorough: bool = False,
        progress: Progress | bool | None = None,
    ) -> None:
        if not isinstance(method, str) or method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(map(repr, METHODS))}; got {method!r}")
        if not isinstance(kink, str) or kink not in ("warn", "raise"):
            raise ValueError(f'kink must be "warn" or "raise"; got {kink!r}')
        if directions is not None and (
            isinstance(directions, bool) or not isinstance(directions, int | np.integer)
        ):
            raise TypeError(f"directions must be a whole number; got {directions!r}")
        if directions is not None and directions < 1:
            raise ValueError(f"directions must be at least 1; got {directions}")
        for name, value in (("rtol", rtol), ("atol", atol)):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | np.floating):
                raise TypeError(f"{name} must be a number or None; got {value!r}")
            if not 0 <= value < math.inf:
                raise ValueError(f"{name} must be finite and at least 0; got {value}")
            if value > sys.float_info.max:
                raise ValueError(f"{name} must be a float; got a number too large for one")
        if isinstance(rng, np.random.Generator):
            rng = int(rng.integers(2**62))
        if isinstance(rng, bool) or not isinstance(rng, int | np.integer):
            raise TypeError(f"rng must be a whole number or a numpy Generator; got {type(rng).__name__}")
        if rng < 0:
            raise ValueError(f"rng must not be negative; got {rng}")
        for name, truth in (("raise_exception", raise_exception), ("thorough", thorough)):
            if not isinstance(truth, bool | np.bool_):
                raise TypeError(f"{name} must be True or False; got {truth!r}")
        if progress is not None and not isinstance(progress, bool) and not callable(progress):
            raise TypeError(f"progress must be callable, True or False; got {type(progress).__name__}")
        if callable(progress):
            _refuse_other_arguments(progress)
        self.method, self.seed, self.kink = method, int(rng), kink
        self.directions = int(directions) if directions is not None else 8 if thorough else 5
        self.directions_exact = self.directions if directions is not None or thorough else 3
        self.tolerances = Tolerances(*(None if given is None else float(given) for given in (rtol, atol)))
        self.raise_exception, self.thorough = bool(raise_exception), bool(thorough)
        self.progress = _to_stderr if progress is True else progress or None


def _refuse_other_arguments(progress: Progress) -> None:
    """Raise TypeError where progress cannot be called as progress(done, entries)."""
    try:
        signature = inspect.signature(progress)
    except ValueError:
        return  # written in C, and silent about its arguments
    try:
        signature.bind(0, 1)
    except TypeError as error:
        raise TypeError(
            f"progress must be callable as progress(done, entries); got one of signature {signature}, "
            f"which is not: {error}"
        ) from None


def _to_stderr(done: int, total: int) -> None:
    told = f"checking {total} entries one by one" if done == 0 else f"{done} of {total} entries"
    print(told, file=sys.stderr)
