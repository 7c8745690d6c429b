"""statsmodels: a model's ``loglike`` with its ``score`` and ``hessian``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from checks.engine.gradcheck import gradcheck
from checks.engine.matrices import hesscheck
from checks.engine.options import Keywords
from checks.engine.report import Report
from checks.interop.frameworks import in_turn, missing, named, retold

try:
    from statsmodels.base.model import LikelihoodModel
except ModuleNotFoundError as error:
    raise missing("statsmodels", error) from error


def check_model(model: Any, params: Any, **keywords: Unpack[Keywords]) -> Report:
    """Check the score of a likelihood model against its log-likelihood, and the Hessian against the score.

    Parameters
    ----------
    model : statsmodels LikelihoodModel
        With ``loglike(params)``, ``score(params)`` and, where it defines one, ``hessian(params)``.
    params : array_like, shape (k,), or pandas Series
        Where to check. Not at the estimate: there the score is zero, and so is any multiple of it.
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        The score's leaves are the parameters, by the names that statsmodels gives them. The Hessian
        is looked at only where the score is right.

    Raises
    ------
    GradcheckError
        As :func:`checks.gradcheck` does.
    TypeError, ValueError
        On misuse; and where the model leaves its score to statsmodels, which differences loglike
        itself, so that there is nothing to check.

    Examples
    --------
    >>> import numpy as np, statsmodels.api as sm
    >>> from checks.interop.statsmodels import check_model
    >>> x = np.linspace(-1, 1, 20)
    >>> model = sm.Poisson(np.round(np.exp(1 + x)), sm.add_constant(x))
    >>> bool(check_model(model, [0.8, 0.7]))
    True
    """
    if not isinstance(model, LikelihoodModel):
        raise TypeError(f"model must be a statsmodels likelihood model; got {type(model).__name__}")
    point = np.asarray(params, dtype=np.float64)
    if point.ndim != 1:
        raise ValueError(f"params must have one dimension; got shape {point.shape}")
    name, origin = type(model).__name__, _origin(model.score)
    if origin in _ABSTRACT or origin in _DIFFERENCED:
        does = (
            "defines no score"
            if origin in _ABSTRACT
            else "leaves its score to statsmodels, which differences loglike"
        )
        raise TypeError(f"{name} {does}: there is nothing of yours to check. Define score(self, params)")
    names = _parameter_names(model, point.size)
    call = f"check_model({name}, params"

    def together(x: Any) -> Any:
        return np.stack([x[one] for one in names])

    def score(x: Any) -> dict[str, Any]:
        return dict(zip(names, np.asarray(model.score(together(x))), strict=True))

    loglike = named(lambda x: model.loglike(together(x)), f"{name}.loglike")
    checks: dict[str, Callable[[], Report]] = {
        "score": lambda: retold(
            lambda: gradcheck(loglike, score, dict(zip(names, point, strict=True)), **keywords),
            call=call, names={f"x0[{one!r}]": one for one in names},
        )
    }  # fmt: skip
    if _origin(model.hessian) not in _ABSTRACT | _DIFFERENCED:
        checks["hessian"] = lambda: retold(
            lambda: hesscheck(named(model.score, f"{name}.score"), model.hessian, point, **keywords),
            call=call, names={"x0": "hessian", "hess": "hessian"},
        )  # fmt: skip
    return in_turn(f"{' and '.join(checks)} of {name}", checks)


_ABSTRACT = {"LikelihoodModel.score", "LikelihoodModel.hessian"}
_DIFFERENCED = {
    f"{model}.{method}" for model in ("GenericLikelihoodModel", "MLEModel") for method in ("score", "hessian")
}


def _origin(method: Any) -> str:
    """Return the class and the name under which a method was defined."""
    return str(getattr(method, "__qualname__", ""))


def _parameter_names(model: Any, count: int) -> list[str]:
    """Return the names that statsmodels prints in its summary; numbers where it has too few."""
    names = [str(name) for name in getattr(model, "param_names", None) or model.exog_names]
    return names if len(set(names)) == len(names) == count else [f"params[{i}]" for i in range(count)]
