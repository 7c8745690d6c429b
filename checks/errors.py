"""What a check can raise. Misuse is ValueError or TypeError; these are findings about the code checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.engine.report import Report


class GradcheckError(AssertionError):
    """A check did not pass. ``report`` is the whole evidence; the message is how it reads.

    Attributes
    ----------
    report : Report
        What ``raise_exception=False`` would have returned.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


class GradientMismatch(GradcheckError):  # noqa: N818
    """The gradient is wrong: verdict FAIL."""


class GradientInconclusive(GradcheckError):  # noqa: N818
    """It cannot be told at this point, for noise or for want of anything to see: verdict INCONCLUSIVE."""


class NondifferentiablePoint(GradcheckError):  # noqa: N818
    """x0 sits on a kink and ``kink="raise"`` was asked for: verdict KINK."""


class InputMutated(GradcheckError):  # noqa: N818
    """User code changed an array that was handed to it, or took it out of its container."""


class NondeterministicFunction(GradcheckError):  # noqa: N818
    """fun or grad gives two answers at the same point."""


class KinkWarning(UserWarning):
    """x0 is not a differentiable point; the gradient was checked beside it."""
