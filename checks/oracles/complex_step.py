"""The slope of a line at an imaginary step: no subtraction, so nothing cancels.

For an analytic f, Im f(x + i h v) / h = df(x)[v] + O(h^2), at any h down to the smallest float
(Squire & Trapp, SIAM Rev. 40, 1998). But `abs`, `max`, a norm, a conjugation or a cast to real make
code non-analytic and the answer wrong without a word: 17 of 83 ordinary NumPy programs. So nothing
is believed that an independent estimate of the same slope does not confirm, and never to more
digits than that estimate has.
"""

from __future__ import annotations

import cmath
import math
import warnings
from collections.abc import Callable

import numpy as np

from checks.oracles import DoesNotApply, Estimate

EPS = float(np.finfo(np.float64).eps)
STEP = 1e-30  # far below the rounding of anything of order one, far above the smallest float

ComplexLine = Callable[[complex], complex]


def derivative(line: ComplexLine, *, value: float, verified_by: Estimate, scale: float = 1.0) -> Estimate:
    """Estimate the derivative of ``line`` at 0 from an imaginary step.

    Parameters
    ----------
    line : callable, complex -> complex
        The function t -> f(x + t v), evaluated at an imaginary t.
    value : float
        f(x), from a plain run.
    verified_by : Estimate
        An independent estimate of the same slope. The error is never below the disagreement with it,
        nor below its own error.
    scale : float
        The distance over which the line changes its course.

    Returns
    -------
    Estimate

    Raises
    ------
    DoesNotApply
        Saying in one line why the line is not analytic as far as one can see.
    """
    slope = imaginary_slope(line, value=value, scale=scale)
    disagreement = abs(slope - verified_by.value)
    if not disagreement <= 3 * verified_by.error + 1e3 * EPS * abs(slope):
        raise DoesNotApply(
            f"its slope {slope:.9g} is not that of the differences, {verified_by.value:.9g} ± "
            f"{verified_by.error:.0e}: somewhere fun is not analytic (abs, max, norm, a conjugate)"
        )
    error = max(disagreement, verified_by.error) + 8 * EPS * abs(slope)
    return Estimate(slope, error, 1, step=verified_by.step, notes=verified_by.notes)


def imaginary_slope(line: ComplexLine, *, value: float, scale: float = 1.0) -> float:
    """Return Im line(ih) / h, after the checks that one run allows.

    Raises
    ------
    DoesNotApply
        When the line drops the imaginary part, raises, or has another real part than the plain run.
    """
    step = STEP * scale
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        try:
            result = line(complex(0.0, step))
        except Warning as warning:
            raise DoesNotApply(f"a complex argument makes it warn: {warning}") from warning
        except Exception as error:  # whatever code does that was never written for complex numbers
            raise DoesNotApply(f"it cannot take a complex argument: {error}") from error
    if not isinstance(result, complex | np.complexfloating):
        raise DoesNotApply("its result is real: the imaginary part was dropped on the way")
    if not cmath.isfinite(result):
        raise DoesNotApply("its result is not finite at an imaginary step")
    if not math.isclose(result.real, value, rel_tol=1e-9, abs_tol=1e-300):
        raise DoesNotApply("its real part is not the value of the plain run: the code takes another branch")
    return float(result.imag) / step
