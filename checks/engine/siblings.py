"""Jacobians and Hessians, whole or as products: each is a gradient in disguise.

For y = fun(x) and a random cotangent u, the scalar <u, fun(x)> has the gradient J^T u, which is what
`vjp(x, u)` claims to be, and what a Jacobian gives when contracted with u. A `jvp` is checked through
the coefficients c of random directions: fun(x0 + sum c_k v_k) has the derivative jvp(x0, v_k) in c_k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np

from checks.engine.directions import directions, scalings
from checks.engine.localisation import Entry
from checks.engine.options import Options, Progress
from checks.engine.problem import Finding, Problem
from checks.engine.report import Report
from checks.engine.reproducer import name_of
from checks.engine.tree import Array, Tree
from checks.engine.verdict import SAFETY, Verdict
from checks.engine.walk import check, deliver
from checks.oracles import finite_differences

COLUMNS_AT_MOST = 512  # entries up to which a failing jvp is taken apart column by column


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


def vjpcheck(
    fun: Callable[[Any], Any], vjp: Callable[[Any, Any], Any], x0: Any, **keywords: Unpack[Keywords]
) -> Report:
    """Check a vector-Jacobian product: the backward pass of a function with array results.

    Parameters
    ----------
    fun : callable
        fun(x) -> array, or containers of arrays.
    vjp : callable
        vjp(x, cotangent) -> J(x)^T cotangent, with the structure of x; the cotangent has that of
        fun(x).
    x0 : array or containers of arrays
        Where to check.
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        On J^T u for one random cotangent u, drawn from the seed; that vjp is linear in u is checked too.

    Raises
    ------
    GradcheckError, TypeError, ValueError
        As :func:`checks.gradcheck` does; InputMutated also when the cotangent is changed.

    Examples
    --------
    >>> import numpy as np
    >>> from checks import vjpcheck
    >>> bool(vjpcheck(np.tanh, lambda x, u: u * (1 - np.tanh(x) ** 2), np.linspace(-1, 1, 7)))
    True
    """
    _callable(fun, "fun")
    _callable(vjp, "vjp")
    return _check_vjp(
        fun, vjp, x0, Options(**keywords), ("fun", "vjp"), f"the vjp of {name_of(fun)}", "vjpcheck"
    )


def hvpcheck(
    grad: Callable[[Any], Any], hvp: Callable[[Any, Any], Any], x0: Any, **keywords: Unpack[Keywords]
) -> Report:
    """Check a Hessian-vector product against the gradient it differentiates.

    Parameters
    ----------
    grad : callable
        grad(x) -> the gradient, with the structure of x; taken to be right (check it with gradcheck).
    hvp : callable
        hvp(x, v) -> H(x) v; v and the result have the structure of x.
    x0, **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        H being symmetric, hvp is checked as the vector-Jacobian product of grad.
    """
    _callable(grad, "grad")
    _callable(hvp, "hvp")
    what = f"the Hessian-vector product of {name_of(grad)}"
    return _check_vjp(grad, hvp, x0, Options(**keywords), ("grad", "hvp"), what, "hvpcheck")


def jaccheck(
    fun: Callable[[Any], Any], jac: Callable[[Any], Any], x0: Any, **keywords: Unpack[Keywords]
) -> Report:
    """Check a dense Jacobian.

    Parameters
    ----------
    fun : callable
        fun(x) -> one array y.
    jac : callable
        jac(x) -> array of shape y.shape + x.shape; for containers, one such array a leaf.
    x0, **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        Wrong entries are named by the index into the Jacobian, that of y first.
    """
    _callable(fun, "fun")
    _callable(jac, "jac")
    return _check_jacobian(
        fun, jac, x0, Options(**keywords), ("fun", "jac"), f"the Jacobian of {name_of(fun)}"
    )


def hesscheck(
    grad: Callable[[Any], Any], hess: Callable[[Any], Any], x0: Any, **keywords: Unpack[Keywords]
) -> Report:
    """Check a dense Hessian against the gradient it differentiates.

    Parameters
    ----------
    grad : callable
        grad(x) -> the gradient, an array of the shape of x; taken to be right (check it with gradcheck).
    hess : callable
        hess(x) -> array of shape x.shape + x.shape.
    x0 : array
        Where to check. For containers use hvpcheck.
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
    """
    _callable(grad, "grad")
    _callable(hess, "hess")
    if not isinstance(x0, np.ndarray):
        raise TypeError(f"x0 must be one array; got {type(x0).__name__}. For containers use hvpcheck")
    return _check_jacobian(
        grad, hess, x0, Options(**keywords), ("grad", "hess"), f"the Hessian of {name_of(grad)}"
    )


def jvpcheck(
    fun: Callable[[Any], Any], jvp: Callable[[Any, Any], Any], x0: Any, **keywords: Unpack[Keywords]
) -> Report:
    """Check a Jacobian-vector product: a forward-mode derivative.

    Parameters
    ----------
    fun : callable
        fun(x) -> array, or containers of arrays.
    jvp : callable
        jvp(x, v) -> J(x) v, with the structure of fun(x); v has that of x.
    x0, **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        On <u, J v_k> for one random cotangent u and a few random directions v_k a leaf; when it
        fails and x0 is small, on the single columns of J.
    """
    _callable(fun, "fun")
    _callable(jvp, "jvp")
    options = Options(**keywords)
    tree = Tree(x0)
    rng = np.random.default_rng(options.seed)
    outputs = _Outputs(fun, tree, rng)
    what = f"the jvp of {name_of(fun)}"
    call = f"jvpcheck({name_of(fun)}, {name_of(jvp, 'jvp')}, x0"
    sizes = scalings(tree.leaves)
    chosen = [
        list(directions(leaf, size, options.directions, rng))
        for leaf, size in zip(tree.leaves, sizes, strict=True)
    ]

    def report(bases: Sequence[Sequence[Array]]) -> Report:
        problem = _in_coefficients(fun, jvp, tree, outputs, bases)
        return check(problem, options, what=what, call=call, deliver_it=False)

    found = report(chosen)
    if found.verdict is Verdict.FAIL and tree.size <= COLUMNS_AT_MOST:
        columns = report([[_unit(leaf, i) for i in range(leaf.size)] for leaf in tree.leaves])
        found = columns if columns.verdict is Verdict.FAIL else found
    else:
        found = replace(found, notes=(*found.notes, "entries stand for random directions of the leaf"))
    return deliver(found, options)


# -- what they share ------------------------------------------------------------------------------


class _Outputs:
    """The results of fun at x0, and a random cotangent to pair them with."""

    def __init__(
        self, fun: Callable[[Any], Any], tree: Tree, rng: np.random.Generator, name: str = "fun"
    ) -> None:
        self.name = name
        result = fun(tree.rebuild([leaf.copy(order="K") for leaf in tree.leaves]))
        self.tree = Tree(result, name=f"{name}(x0)")
        self.cotangent = [
            np.asarray(rng.standard_normal(leaf.shape)).astype(leaf.dtype) for leaf in self.tree.leaves
        ]

    def structure(self) -> Any:
        """The cotangent as user code sees it: a copy."""
        return self.tree.rebuild([leaf.copy() for leaf in self.cotangent])

    def only_real_floats(self, result: Any, name: str) -> None:
        """Refuse what is no array of real floats, before a product could drop an imaginary part."""
        for path, y in self.tree.walk(result, f"the result of {name}"):
            kind = y.dtype if isinstance(y, np.ndarray | np.generic) else type(y).__name__
            if not (isinstance(y, float) or (isinstance(y, np.ndarray | np.generic) and y.dtype.kind == "f")):
                raise TypeError(f"{path} must be an array of real floats; got {kind}")

    def pair(self, result: Any) -> Any:
        """Return <u, y>, in whatever numbers y is made of."""
        total: Any = 0.0
        for u, (path, y) in zip(
            self.cotangent, self.tree.walk(result, f"the result of {self.name}"), strict=True
        ):
            if getattr(y, "shape", ()) != u.shape:
                raise ValueError(f"{path} has shape {u.shape} at x0 and {y.shape} beside it")
            total = total + np.sum(u * y)
        return total


def _check_vjp(
    fun: Callable[[Any], Any],
    vjp: Callable[[Any, Any], Any],
    x0: Any,
    options: Options,
    names: tuple[str, str],
    what: str,
    call: str,
) -> Report:
    outputs = _Outputs(fun, Tree(x0), np.random.default_rng([options.seed, 1]), names[0])
    linear: list[bool] = []

    def grad(x: Any) -> Any:
        handed = outputs.structure()
        result = vjp(x, handed)
        for before, (path, after) in zip(
            outputs.cotangent, outputs.tree.walk(handed, "the cotangent"), strict=True
        ):
            if not np.array_equal(before, after, equal_nan=True):
                raise Finding(
                    "mutated", f"{names[1]} changed the cotangent it was given, at {path}. Work on a copy"
                )
        return result

    problem = Problem(lambda x: outputs.pair(fun(x)), grad, x0, names=names)

    def examine_linearity() -> None:
        if linear:
            return
        linear.append(True)
        once = problem.gradient(problem.tree.leaves)
        twice = outputs.tree.rebuild([-2 * u for u in outputs.cotangent])
        point = problem.tree.rebuild([leaf.copy(order="K") for leaf in problem.tree.leaves])
        scaled = problem.tree.match(vjp(point, twice), f"the result of {names[1]}")
        for path, a, b in zip(problem.tree.paths, once, scaled, strict=True):
            eps = float(np.finfo(a.dtype).eps)
            if np.max(np.abs(-2 * a - b), initial=0.0) > 1e3 * eps * np.max(np.abs(b), initial=0.0):
                raise Finding(
                    "nonlinear",
                    f"{names[1]} is not linear: -2 times the cotangent does not give "
                    f"-2 times the result, at {path}",
                )

    told = f"{call}({name_of(fun, names[0])}, {name_of(vjp, names[1])}, x0"
    return check(problem, options, what=what, call=told, first=examine_linearity)


def _check_jacobian(
    fun: Callable[[Any], Any],
    jac: Callable[[Any], Any],
    x0: Any,
    options: Options,
    names: tuple[str, str],
    what: str,
) -> Report:
    tree = Tree(x0)
    outputs = _Outputs(fun, tree, np.random.default_rng([options.seed, 1]), names[0])
    if len(outputs.tree.leaves) != 1:
        raise TypeError(f"{names[0]} must return one array; got {len(outputs.tree.leaves)}. Use vjpcheck")
    (cotangent,) = outputs.cotangent

    def contracted(x: Any) -> Any:
        found = tree.match(jac(x), f"the result of {names[1]}", before=cotangent.shape)
        return tree.rebuild(
            [
                np.tensordot(cotangent.astype(np.float64), leaf, axes=cotangent.ndim).astype(leaf.dtype)
                for leaf in found
            ]
        )

    problem = Problem(lambda x: outputs.pair(fun(x)), contracted, x0, names=names)
    told = f"{names[1]}check({name_of(fun, names[0])}, {name_of(jac, names[1])}, x0"
    report = check(problem, options, what=what, call=told, deliver_it=False)
    if report.verdict is Verdict.FAIL and report.wrong:
        wrong = tuple(_worst_output(fun, jac, tree, outputs, entry, names[1]) for entry in report.wrong)
        report = replace(report, wrong=wrong, worst=wrong[0], reproducer=told + ")")
    return deliver(report, options)


def _worst_output(
    fun: Callable[[Any], Any],
    jac: Callable[[Any], Any],
    tree: Tree,
    outputs: _Outputs,
    entry: Entry,
    name: str,
) -> Entry:
    """Return the entry of the Jacobian that is most wrong in one column."""
    leaf, index = tree.paths.index(entry.path), entry.index or ()
    size = float(scalings(tree.leaves)[leaf][index])
    shape = outputs.cotangent[0].shape

    def results(t: float) -> Array:
        moved = [x.copy(order="K") for x in tree.leaves]
        moved[leaf][index] += moved[leaf].dtype.type(t * size)
        with np.errstate(all="ignore"):
            ((_, y),) = outputs.tree.walk(fun(tree.rebuild(moved)), "the result of fun")
        return np.asarray(y)

    matrix = tree.match(jac(tree.rebuild([x.copy() for x in tree.leaves])), name, before=shape)[leaf]
    column = matrix[(slice(None),) * len(shape) + index]
    crude = (results(1e-4) - results(-1e-4)) / (2e-4 * size)
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(column - crude))), shape))
    estimate = finite_differences.derivative(lambda t: float(results(t)[at]))
    return Entry(
        name if len(tree.paths) == 1 else f"{name} {entry.path}", (*at, *index), float(column[at]),
        estimate.value / size, SAFETY * estimate.error / size,
    )  # fmt: skip


def _in_coefficients(
    fun: Callable[[Any], Any],
    jvp: Callable[[Any, Any], Any],
    tree: Tree,
    outputs: _Outputs,
    bases: Sequence[Sequence[Array]],
) -> Problem:
    """Return the problem c -> <u, fun(x0 + sum c_k v_k)>, whose gradient is <u, jvp(x, v_k)>."""

    def moved(coefficients: Sequence[Any]) -> Any:
        leaves = []
        for x, basis, c in zip(tree.leaves, bases, coefficients, strict=True):
            leaves.append(sum((c[k] * v for k, v in enumerate(basis)), start=x.copy(order="K")))
        return tree.rebuild(leaves)

    def gradient(coefficients: Sequence[Array]) -> list[Array]:
        found = []
        for i, basis in enumerate(bases):
            found.append(np.zeros(len(basis)))
            for k, v in enumerate(basis):
                tangent = [v.copy() if j == i else np.zeros_like(x) for j, x in enumerate(tree.leaves)]
                product = jvp(moved(coefficients), tree.rebuild(tangent))
                outputs.only_real_floats(product, "jvp")
                found[i][k] = float(outputs.pair(product))
        return found

    problem = Problem(
        lambda c: outputs.pair(fun(moved(c))),
        gradient,
        [np.zeros(len(basis)) for basis in bases],
        names=("fun", "jvp"),
    )
    problem.tree.paths = tree.paths
    return problem


def _unit(leaf: Array, entry: int) -> Array:
    unit = np.zeros(leaf.shape, leaf.dtype)
    unit.flat[entry] = 1
    return unit


def _callable(value: Any, name: str) -> None:
    if not callable(value):
        raise TypeError(f"{name} must be callable; got {type(value).__name__}")
