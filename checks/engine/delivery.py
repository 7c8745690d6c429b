"""A report delivered: returned, raised, or returned with a warning, as its verdict and the options demand."""

from __future__ import annotations

import os
import sys
import warnings

from checks import errors
from checks.engine.options import Options
from checks.engine.report import Report
from checks.engine.verdict import Verdict

PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep

RAISED = {
    "mutated": errors.InputMutated,
    "nondeterministic": errors.NondeterministicFunction,
    "nonlinear": errors.GradientMismatch,
}
"""What a finding of each kind is raised as."""


def deliver(report: Report, options: Options) -> Report:
    """Raise or warn as the verdict demands; else return the report."""
    if options.raise_exception:
        if report.verdict is Verdict.FAIL:
            raise errors.GradientMismatch(report)
        if report.verdict is Verdict.INCONCLUSIVE:
            raise errors.GradientInconclusive(report)
        if report.verdict is Verdict.KINK and options.kink == "raise":
            raise errors.NondifferentiablePoint(report)
    if report.verdict is Verdict.KINK and options.kink == "warn":
        warnings.warn(errors.KinkWarning(str(report)), stacklevel=_level_of_the_caller())
    return report


def _level_of_the_caller() -> int:
    """Return the stacklevel, for the function that asks, of the first frame outside this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
