"""JAX: functions with a ``custom_vjp`` or ``custom_jvp``, and whatever calls them.

The claim is what ``jax.vjp`` (for a ``custom_jvp``: ``jax.jvp``) returns; the numerical side calls the
function alone. All runs in float64, under ``jax.enable_x64``, whatever the session's own setting.
The derivative of a function of float32 arrays is then computed in float32, too, and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

import numpy as np

from checks.engine.gradcheck import gradcheck
from checks.engine.options import Keywords
from checks.engine.products import jvpcheck, vjpcheck
from checks.engine.report import Report
from checks.engine.verdict import Verdict
from checks.errors import GradientMismatch
from checks.interop.frameworks import (
    an_ulp_beside,
    bound_names,
    compared_with_float32,
    first_line,
    missing,
    named,
    retold,
)

try:
    import jax
except ModuleNotFoundError as error:
    raise missing("jax", error) from error

_CANNOT_TRACE = (jax.errors.JAXTypeError, jax.errors.JAXIndexError)


def check_function(fun: Any, *args: Any, **keywords: Unpack[Keywords]) -> Report:
    """Check the derivative that a JAX function is given.

    Parameters
    ----------
    fun : callable
        fun(*args) -> array or pytree of arrays. The rule of a ``jax.custom_jvp`` is checked in
        forward mode; anything else in reverse mode, through the rules that it defines or calls.
    *args
        Arrays, numbers and pytrees of dicts, lists and tuples of them. Those whose leaves are all
        floating-point are differentiated by; all else (labels, sizes, strings) is handed on.
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        Leaves carry the names of fun's parameters. Of a result that is no scalar, the product with
        one random cotangent is checked.

    Raises
    ------
    GradcheckError
        As :func:`checks.gradcheck` does.
    TypeError, ValueError
        On misuse; and where JAX cannot trace fun or its rule, or refuses the rule, with what it says.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, numpy as np
    >>> from checks.interop.jax import check_function
    >>> @jax.custom_vjp
    ... def log1pexp(x):
    ...     return jnp.logaddexp(x, 0.0)
    >>> log1pexp.defvjp(lambda x: (log1pexp(x), x), lambda x, u: (u * jax.nn.sigmoid(x),))
    >>> bool(check_function(log1pexp, np.linspace(-2, 2, 5)))
    True
    """
    if not callable(fun):
        raise TypeError(f"fun must be callable; got {type(fun).__name__}")
    name, labels = str(getattr(fun, "__name__", type(fun).__name__)), bound_names(fun, args, "args")
    name = "fun" if name == "<lambda>" else name
    given = dict(zip(labels, args, strict=True))
    x0 = {label: _usable(value, label) for label, value in given.items() if _is_floating(value)}
    if not x0:
        raise TypeError(
            f"no argument of {name} is made of floating-point numbers, so there is nothing to check; "
            f"got {', '.join(type(value).__name__ for value in args) or 'no arguments'}"
        )
    constants = {label: value for label, value in given.items() if label not in x0}
    rules = _Rules(fun, name, labels, constants)
    narrow = any(leaf.dtype == np.float32 for leaf in jax.tree.leaves(x0))
    point = {label: jax.tree.map(lambda leaf: leaf.astype(np.float64), value) for label, value in x0.items()}
    if keywords.get("method", "auto") == "auto":  # NumPy's dual and complex numbers do not run through JAX
        keywords = {**keywords, "method": "finite differences"}

    def check() -> Report:
        derivative: Callable[..., Any] = rules.vjp
        result = rules.forward(point)
        if isinstance(fun, jax.custom_jvp):
            report = jvpcheck(named(rules.forward, name), rules.jvp, point, **keywords)
            seeds, derivative = _random_like(point, report.seed), rules.jvp
        elif np.shape(result) == () and not isinstance(result, dict | list | tuple):
            report = gradcheck(named(rules.forward, name), rules.gradient, point, **keywords)
            seeds = np.ones(())
        else:
            report = vjpcheck(named(rules.forward, name), rules.vjp, point, **keywords)
            seeds = _random_like(result, report.seed)
        if report and narrow:
            rng = np.random.default_rng(report.seed)
            beside = [jax.tree.map(lambda leaf: an_ulp_beside(leaf, rng), x0) for _ in range(3)]
            report = compared_with_float32(
                report,
                _flat(derivative(x0, seeds, x64=False)),
                [_flat(derivative(x, seeds, x64=False)) for x in beside],
                _flat(derivative(point, seeds)),
            )
        if report.verdict is Verdict.FAIL and keywords.get("raise_exception", True):
            raise GradientMismatch(report)
        return report

    return retold(check, call=f"check_function({', '.join([name, *labels])}")


class _Rules:
    """The function and its derivatives on dicts of NumPy pytrees.

    Parameters
    ----------
    fun : callable
        The user's.
    name : str
        What messages call it.
    labels : sequence of str
        The names of its arguments, in order.
    constants : mapping of str
        Those arguments that are not differentiated by.
    """

    def __init__(
        self, fun: Callable[..., Any], name: str, labels: Sequence[str], constants: Mapping[str, Any]
    ) -> None:
        self.name = name
        self._call: Callable[[Any], Any] = lambda x: fun(
            *(x[label] if label in x else constants[label] for label in labels)
        )

    def forward(self, x: Any) -> Any:
        """Return fun(x)."""
        return self._run(lambda: self._call(_to_jax(x)), x64=True)

    def gradient(self, x: Any) -> Any:
        """Return the gradient of a scalar function."""
        return self.vjp(x, np.ones(()))

    def vjp(self, x: Any, cotangent: Any, *, x64: bool = True) -> Any:
        """Return what the reverse mode makes of a cotangent."""

        def pulled() -> Any:
            result, pull = jax.vjp(self._call, _to_jax(x))
            return pull(jax.tree.map(lambda u, y: jax.numpy.asarray(u, dtype=y.dtype), cotangent, result))[0]

        return self._run(pulled, x64=x64)

    def jvp(self, x: Any, tangent: Any, *, x64: bool = True) -> Any:
        """Return what the forward mode makes of a tangent."""

        def pushed() -> Any:
            point = _to_jax(x)
            v = jax.tree.map(lambda v, leaf: jax.numpy.asarray(v, dtype=leaf.dtype), tangent, point)
            return jax.jvp(self._call, (point,), (v,))[1]

        return self._run(pushed, x64=x64)

    def _run(self, call: Callable[[], Any], *, x64: bool) -> Any:
        with jax.enable_x64(x64):
            try:
                return _arrays(call())
            except _CANNOT_TRACE as error:
                raise TypeError(
                    f"JAX cannot trace {self.name} or its rule: {first_line(error).rstrip('.')}. "
                    "Inside a differentiated function use jax.numpy for numpy, and jnp.where for if"
                ) from error


def _to_jax(x: Any) -> Any:
    return jax.tree.map(jax.numpy.asarray, x)


def _arrays(tree: Any) -> Any:
    return jax.tree.map(np.asarray, tree)


def _is_floating(value: Any) -> bool:
    leaves = jax.tree.leaves(value)
    dtypes = [np.dtype(float) if isinstance(leaf, float) else getattr(leaf, "dtype", None) for leaf in leaves]
    return bool(leaves) and all(
        dtype is not None and jax.numpy.issubdtype(dtype, np.floating) for dtype in dtypes
    )


def _usable(value: Any, label: str) -> Any:
    arrays = _arrays(value)
    for leaf in jax.tree.leaves(arrays):
        if leaf.dtype not in (np.float32, np.float64):
            raise TypeError(f"{label} holds {leaf.dtype}; only float32 and float64 are checked: convert it")
    return arrays


def _random_like(tree: Any, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf))), tree)


def _flat(tree: Any) -> dict[str, Any]:
    return {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}
