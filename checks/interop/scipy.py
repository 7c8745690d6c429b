"""SciPy's signatures: what goes into ``minimize`` and ``least_squares`` is checked as it stands.

Pass the arguments you pass to SciPy. Nothing here calls SciPy but for sparse matrices and linear
operators, so NumPy objectives get the sharpest oracle there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Unpack

import numpy as np

from checks.engine.gradcheck import gradcheck
from checks.engine.leaves import Array
from checks.engine.matrices import hesscheck, jaccheck
from checks.engine.options import Keywords
from checks.engine.products import hvpcheck
from checks.engine.report import Report
from checks.engine.reproducer import name_of
from checks.interop.frameworks import in_turn, missing, retold

try:
    from scipy.sparse import issparse
    from scipy.sparse.linalg import LinearOperator
except ModuleNotFoundError as error:
    raise missing("scipy", error) from error


def check_minimize(
    fun: Callable[..., Any],
    x0: Any,
    args: Any = (),
    *,
    jac: Callable[..., Any] | bool,
    hess: Callable[..., Any] | None = None,
    hessp: Callable[..., Any] | None = None,
    **keywords: Unpack[Keywords],
) -> Report:
    """Check the derivatives handed to ``scipy.optimize.minimize``.

    Parameters
    ----------
    fun : callable
        fun(x, *args) -> float; or -> (float, gradient) when ``jac`` is True.
    x0 : array_like, shape (n,)
        Where to check. The start of a minimisation is a fair choice, its end is not: there the
        gradient is zero, and so is any multiple of it.
    args : tuple
        What fun, jac, hess and hessp get besides; anything else is taken to be the only one.
    jac : callable or True
        jac(x, *args) -> gradient, shape (n,).
    hess : callable, optional
        hess(x, *args) -> (n, n), an array, a sparse matrix or a LinearOperator.
    hessp : callable, optional
        hessp(x, p, *args) -> the Hessian times p, shape (n,).
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        One row for each of jac, hess and hessp. The latter two are checked against jac, so they are
        looked at only where jac is right.

    Raises
    ------
    GradcheckError, TypeError, ValueError
        As :func:`checks.gradcheck` does.

    Examples
    --------
    >>> from checks.interop.scipy import check_minimize
    >>> from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod
    >>> point = [1.3, 0.7, 0.8, 1.9, 1.2]
    >>> bool(check_minimize(rosen, point, jac=rosen_der, hess=rosen_hess, hessp=rosen_hess_prod))
    True
    """
    point, args = _vector(x0), args if isinstance(args, tuple) else (args,)
    _function(fun)
    _derivative(jac, "jac", or_true=True)
    value = _scalar(fun, args)
    grad: Callable[[Any], Any]
    if jac is True:
        grad = lambda x: fun(x, *args)[1]  # noqa: E731 - one of three spellings of the same arrow
    else:
        assert callable(jac)
        grad = _with(jac, args)
    name = name_of(fun)
    call = f"check_minimize({name}, x0, jac={_called(jac, 'jac')}"
    checks: dict[str, Callable[[], Report]] = {
        "jac": lambda: retold(
            lambda: gradcheck(value, True if jac is True else grad, point, **keywords),
            call=call, names={"x0": "jac"},
        )
    }  # fmt: skip
    if hess is not None:
        _derivative(hess, "hess")
        matrix = _dense(_with(hess, args), point.size)
        checks["hess"] = lambda: retold(
            lambda: hesscheck(grad, matrix, point, **keywords),
            call=f"{call}, hess={_called(hess, 'hess')}", names={"x0": "hess", "jac": "hess"},
        )  # fmt: skip
    if hessp is not None:
        _derivative(hessp, "hessp")
        product = hessp
        checks["hessp"] = lambda: retold(
            lambda: hvpcheck(grad, lambda x, p: product(x, p, *args), point, **keywords),
            call=f"{call}, hessp={_called(hessp, 'hessp')}", names={"x0": "hessp"},
        )  # fmt: skip
    return in_turn(f"{_listed(list(checks))} of {name}", checks)


def check_least_squares(
    fun: Callable[..., Any],
    x0: Any,
    jac: Callable[..., Any],
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    **keywords: Unpack[Keywords],
) -> Report:
    """Check the Jacobian handed to ``scipy.optimize.least_squares`` (or ``root``).

    Parameters
    ----------
    fun : callable
        fun(x, *args, **kwargs) -> residuals, shape (m,).
    x0 : array_like, shape (n,)
        Where to check.
    jac : callable
        jac(x, *args, **kwargs) -> (m, n), an array, a sparse matrix or a LinearOperator.
    args, kwargs : tuple, mapping
        What both get besides.
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report

    Raises
    ------
    GradcheckError, TypeError, ValueError
        As :func:`checks.jaccheck` does.

    Examples
    --------
    >>> import numpy as np
    >>> from checks.interop.scipy import check_least_squares
    >>> t = np.linspace(0, 1, 9)
    >>> decay = lambda x: x[0] * np.exp(-x[1] * t)
    >>> jac = lambda x: np.stack([np.exp(-x[1] * t), -t * x[0] * np.exp(-x[1] * t)], axis=1)
    >>> bool(check_least_squares(decay, [2.0, 1.5], jac))
    True
    """
    point, more = _vector(x0), dict(kwargs or {})
    _function(fun)
    _derivative(jac, "jac")

    def residuals(x: Any) -> Any:
        result = fun(x, *args, **more)
        return result if getattr(result, "shape", ()) else np.reshape(result, (1,))

    def matrix(x: Any) -> Any:
        return jac(x, *args, **more)

    residuals.__name__, matrix.__name__ = name_of(fun), name_of(jac)
    call = f"check_least_squares({name_of(fun)}, x0, {_called(jac, 'jac')}"
    return retold(
        lambda: jaccheck(residuals, _dense(matrix, point.size), point, **keywords),
        call=call,
        names={"x0": "jac"},
    )


def _vector(x0: Any) -> Array:
    """Return x0 as SciPy does: integers become floats, a number becomes a vector of one."""
    point = np.atleast_1d(np.asarray(x0))
    if point.ndim != 1:
        raise ValueError(f"x0 must have one dimension, as SciPy demands; got shape {point.shape}")
    return point.astype(np.float64) if point.dtype.kind in "iu" else point


def _function(given: Any) -> None:
    if not callable(given):
        raise TypeError(f"fun must be callable; got {type(given).__name__}")


def _derivative(given: Any, name: str, *, or_true: bool = False) -> None:
    if callable(given) or (or_true and given is True):
        return
    if isinstance(given, str):
        raise TypeError(f"{name}={given!r} is SciPy's own approximation: there is nothing of yours to check")
    allowed = "callable or True" if or_true else "callable"
    raise TypeError(f"{name} must be {allowed}; got {type(given).__name__}")


def _called(function: Any, otherwise: str) -> str:
    """Return the name of a function for the reproducer; that of its argument for a lambda."""
    return otherwise if getattr(function, "__name__", "") == "<lambda>" else name_of(function)


def _with(function: Callable[..., Any], args: tuple[Any, ...]) -> Callable[[Any], Any]:
    def bound(x: Any) -> Any:
        return function(x, *args)

    bound.__name__ = name_of(function)
    return bound


def _scalar(fun: Callable[..., Any], args: tuple[Any, ...]) -> Callable[[Any], Any]:
    """SciPy takes an array of one entry for a number; gradcheck does not."""

    def value(x: Any) -> Any:
        result = fun(x, *args)
        one = getattr(result, "shape", ()) in ((1,), (1, 1))
        return np.reshape(result, ()) if one else result

    value.__name__ = name_of(fun)
    return value


def _dense(matrix: Callable[[Any], Any], columns: int) -> Callable[[Any], Any]:
    def dense(x: Any) -> Any:
        result = matrix(x)
        if issparse(result):
            return result.toarray()
        return result @ np.eye(columns) if isinstance(result, LinearOperator) else np.asarray(result)

    dense.__name__ = name_of(matrix)
    return dense


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
