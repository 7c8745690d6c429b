"""The keyword arguments that all checks share."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from checks.engine.directions import scaled_norm
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


BEYOND_CHANCE = 7.2
"""Standard deviations that a normal number exceeds less than once in 10^12."""

WITH_TOLERANCES = 8
"""Directions where the user gave tolerances: they are wide, and each direction sees the less."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Tolerances given by the user: |error_i| <= atol + rtol |g_i|.

    ``each`` says that every entry is going to be held to them by itself, whatever directions show.
    """

    rtol: float | None = None
    atol: float | None = None
    each: bool = False

    @property
    def given(self) -> bool:
        """Whether the user gave any."""
        return self.rtol is not None or self.atol is not None

    def allowance(self, gradient: Array, direction: Array, scaling: Array) -> float:
        """Return a residual along v ~ N(0, D^2), or an axis, that entries within tolerance stay below.

        They add up to sum tolerance_i |v_i| at most; and, fixed before v is drawn, to a normal number of
        standard deviation at most ||D tolerance||, which grows with the root of their number only.
        """
        if not self.given:
            return 0.0  # and not 0 * inf
        worst = float(np.sum(self._of(gradient) * np.abs(direction.astype(np.float64))))
        return min(worst, BEYOND_CHANCE * self.norm(gradient, scaling))

    def norm(self, gradient: Array, scaling: Array) -> float:
        """Return ||D tolerance||: how large an error of entries within tolerance can be, scaled by D."""
        return scaled_norm(self._of(gradient), scaling.astype(np.float64)) if self.given else 0.0

    def _of(self, gradient: Array) -> Array:
        return (self.atol or 0.0) + (self.rtol or 0.0) * np.abs(gradient.astype(np.float64))


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
        relative, absolute = (None if given is None else float(given) for given in (rtol, atol))
        self.tolerances = Tolerances(relative, absolute, each=bool(thorough))
        more = WITH_TOLERANCES if thorough or self.tolerances.given else None
        self.directions = int(directions) if directions is not None else more or 5
        self.directions_exact = self.directions if directions is not None or more else 3
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
