"""gradcheck: is this gradient that of this function? The other checks are in `products` and `matrices`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checks.engine.options import Options, Progress
from checks.engine.problem import Problem
from checks.engine.report import Report
from checks.engine.reproducer import name_of
from checks.engine.walk import check


def gradcheck(
    fun: Callable[[Any], Any],
    grad: Callable[[Any], Any] | bool,
    x0: Any,
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
) -> Report:
    """Check a gradient against the function it claims to belong to.

    Parameters
    ----------
    fun : callable
        fun(x) -> real scalar.
    grad : callable or True
        grad(x) -> the gradient, with the structure and shapes of x; True when fun returns the pair
        (value, gradient).
    x0 : array, or dicts, lists, tuples, dataclasses of arrays
        Where to check; float32, float64 or longdouble.
    method : {"auto", "finite differences", "complex step", "forward mode"}
        The oracle. "auto" takes the sharpest that applies and says which.
    rng : int or numpy Generator
        The seed of the random directions.
    directions : int, optional
        Random directions a leaf: 5, or 8 when thorough; 3 are enough with forward mode, whose error bars
        are a thousand times finer. Leaves with fewer entries are checked along their axes.
    rtol, atol : float, optional
        Accept entries within atol + rtol * |entry|. Random directions, 8 then, catch what is far beyond
        (the resolution says how far); ``thorough=True`` holds each entry to them. Without them the
        verdict follows from the estimated error of the numerical derivative alone, which is the point of
        this function.
    kink : {"warn", "raise"}
        What to do where x0 is not a differentiable point.
    raise_exception : bool
        False returns the report whatever the verdict.
    thorough : bool
        Look at every entry by itself: about 14 evaluations of fun for each with finite differences.
    progress : callable or True, optional
        progress(done, entries), called while thorough works, first with done = 0; True writes to
        standard error.

    Returns
    -------
    Report
        True for PASS and KINK.

    Raises
    ------
    GradientMismatch, GradientInconclusive, NondifferentiablePoint, InputMutated, NondeterministicFunction
        See :mod:`checks.errors`; each carries the report.
    TypeError, ValueError
        On misuse, naming the argument, the rule and the value received.

    Examples
    --------
    >>> import numpy as np
    >>> from checks import gradcheck
    >>> report = gradcheck(lambda x: np.sum(x**3), lambda x: 3 * x**2, np.arange(1.0, 9.0))
    >>> report.verdict == "PASS"
    True
    """
    options = Options(
        method=method, rng=rng, directions=directions, rtol=rtol, atol=atol, kink=kink,
        raise_exception=raise_exception, thorough=thorough, progress=progress,
    )  # fmt: skip
    problem = Problem(fun, grad, x0)
    return check(
        problem,
        options,
        what=f"the gradient of {name_of(fun)}",
        call=f"gradcheck({name_of(fun)}, {name_of(grad, 'grad')}, x0",
    )
