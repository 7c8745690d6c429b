"""Oracles: independent ways to know the derivative of a function along a line.

An oracle looks at a *line*, t -> f(x + t v), and returns an :class:`Estimate` of its slope at
t = 0. It knows nothing of gradients, leaves or verdicts; those live one floor up, in
:mod:`checks.engine`. One file each: finite differences need nothing but values of f; the complex
step and forward mode evaluate the same line at another kind of t and first prove that f allows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Line = Callable[[float], float]
"""The function t -> f(x + t v), v being the direction."""


class DoesNotApply(Exception):  # noqa: N818 - a refusal, which the caller answers with another oracle
    """An oracle cannot vouch for this function; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A derivative and what is known of its error.

    Attributes
    ----------
    value : float
        The slope at t = 0; NaN when no step gave one.
    error : float
        Estimated bound of ``|value - true slope|``; infinite when nothing is known. Where the
        slopes from the left and from the right may differ, half their difference is included, so
        that both lie in ``value ± error``.
    evaluations : int
        How often the line was evaluated.
    left, right : float
        The slopes on both sides; different at a kink, and beside one.
    kink : bool
        They differ by more than can be explained by curvature and noise, down to the finest scale
        at which the values can tell.
    kink_within : float
        Not at a kink, but there is one at less than this distance; infinite when none was seen.
    step : float
        The coarsest step that served the estimate: a good first step for a similar line.
    noise : float
        The noise of the line's values that the error accounts for (one standard deviation).
    notes : tuple of str
        What a reader should know, such as a step back inside the domain.
    """

    value: float
    error: float
    evaluations: int
    left: float = float("nan")
    right: float = float("nan")
    kink: bool = False
    kink_within: float = float("inf")
    step: float = float("nan")
    noise: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def saw_kink(self) -> bool:
        """Whether the line has a kink at 0, or was seen to have one beside it."""
        return self.kink or self.kink_within < float("inf")
