"""Jacobians and Hessians, whole or as products: each is a gradient in disguise.

For y = fun(x) and a random cotangent u, the scalar <u, fun(x)> has the gradient J^T u, which is what
`vjp(x, u)` claims to be, and what a Jacobian gives when contracted with u. A `jvp` is checked through
the coefficients c of random directions: fun(x0 + sum c_k v_k) has the derivative jvp(x0, v_k) in c_k.
Outputs of any size count alike, see :mod:`checks.engine.weights`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np

from checks.engine.directions import scalings
from checks.engine.leaves import Array
from checks.engine.localisation import Entry
from checks.engine.options import Options, Progress
from checks.engine.outputs import Outputs, homogeneous
from checks.engine.problem import OUTSIDE_THE_DOMAIN, Finding, Point, Problem, call, refuse_mutation
from checks.engine.report import Report
from checks.engine.reproducer import name_of
from checks.engine.tangents import AlongTangents, Group, axes, random_tangents, told_of_leaves
from checks.engine.tree import Tree
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
        On J^T u for one random cotangent u, drawn from the seed and larger where an output is smaller;
        that vjp is linear in u is checked too.

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
    options = Options(**keywords)
    tree, outputs = _at(x0, fun, options, "fun")
    what = f"the vjp of {name_of(fun)}"
    return _check_vjp(fun, vjp, tree, outputs, options, ("fun", "vjp"), what, "vjpcheck")


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
    options = Options(**keywords)
    tree, outputs = _at_gradient(x0, grad, options)
    what = f"the Hessian-vector product of {name_of(grad)}"
    return _check_vjp(grad, hvp, tree, outputs, options, ("grad", "hvp"), what, "hvpcheck")


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
    options = Options(**keywords)
    tree, outputs = _at(x0, fun, options, "fun")
    return _check_jacobian(
        fun, jac, tree, outputs, options, ("fun", "jac"), f"the Jacobian of {name_of(fun)}"
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
    options = Options(**keywords)
    tree, outputs = _at_gradient(x0, grad, options)
    what = f"the Hessian of {name_of(grad)}"
    return _check_jacobian(grad, hess, tree, outputs, options, ("grad", "hess"), what)


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
        On <u, J v_k> for one random cotangent u and a few random directions v_k a leaf, and one in which
        all of x0 moves; when it fails and x0 is small, or when thorough, on the single columns of J.
    """
    _callable(fun, "fun")
    _callable(jvp, "jvp")
    options = Options(**keywords)
    tree = Tree(x0)
    rng = np.random.default_rng(options.seed)
    outputs = Outputs(fun, tree, rng)
    with np.errstate(all="ignore"):
        sizes = scalings(tree.leaves)

    def look(groups: list[Group]) -> Report:
        along = AlongTangents(fun, jvp, tree, outputs, groups)
        report = check(
            along.problem(), options, what=f"the jvp of {name_of(fun)}",
            call=f"jvpcheck({name_of(fun)}, {name_of(jvp, 'jvp')}, x0",
            first=along.refuse_what_is_not_linear, deliver_it=False,
        )  # fmt: skip
        return told_of_leaves(report, tree, sizes, groups)

    with np.errstate(all="ignore"):
        few = (
            axes(tree, sizes, rng)
            if options.thorough
            else random_tangents(tree, sizes, options.directions, rng)
        )
    found = look(few)
    if found.verdict is Verdict.FAIL and found.leaves and tree.size <= COLUMNS_AT_MOST:
        columns = look(axes(tree, sizes, rng))
        found = columns if columns.verdict is Verdict.FAIL else found
    return deliver(found, options)


# -- what they share ------------------------------------------------------------------------------


def _check_vjp(
    fun: Callable[[Any], Any],
    vjp: Callable[[Any, Any], Any],
    tree: Tree,
    outputs: Outputs,
    options: Options,
    names: tuple[str, str],
    what: str,
    check_name: str,
) -> Report:
    def asked(x: Any, cotangent: list[Array]) -> Any:
        handed = outputs.tree.copies(cotangent)
        structure = outputs.tree.rebuild(handed)
        result = call(vjp, names[1], x, structure)
        told = f"{names[1]} changed the cotangent it was given"
        refuse_mutation(outputs.tree, cotangent, handed, structure, told)
        return result

    problem = Problem(
        fun, lambda x: asked(x, outputs.cotangent), tree.structure, names=names, value_of=outputs.pair
    )

    def examine_linearity() -> None:
        once = problem.gradient()
        point = tree.rebuild(tree.copies(tree.leaves))
        twice = asked(point, [-2 * u for u in outputs.cotangent])
        leaf = homogeneous(once, tree.match(twice, f"the result of {names[1]}"))
        if leaf is not None:
            raise Finding(
                "nonlinear",
                f"{names[1]} is not linear: -2 times the cotangent does not give "
                f"-2 times the result, at {tree.paths[leaf]}",
            )

    told = f"{check_name}({name_of(fun, names[0])}, {name_of(vjp, names[1])}, x0"
    return check(problem, options, what=what, call=told, first=examine_linearity)


def _check_jacobian(
    fun: Callable[[Any], Any],
    jac: Callable[[Any], Any],
    tree: Tree,
    outputs: Outputs,
    options: Options,
    names: tuple[str, str],
    what: str,
) -> Report:
    if len(outputs.tree.leaves) != 1:
        raise TypeError(f"{names[0]} must return one array; got {len(outputs.tree.leaves)}. Use vjpcheck")
    (cotangent,) = outputs.cotangent

    def contracted(matrix: Any) -> Any:
        found = tree.match(matrix, f"the result of {names[1]}", before=cotangent.shape)
        with np.errstate(all="ignore"):
            u = cotangent.astype(np.float64)
            return tree.rebuild([np.tensordot(u, leaf, axes=u.ndim).astype(leaf.dtype) for leaf in found])

    problem = Problem(fun, jac, tree.structure, names=names, value_of=outputs.pair, gradient_of=contracted)
    told = f"{names[1]}check({name_of(fun, names[0])}, {name_of(jac, names[1])}, x0"
    report = check(problem, options, what=what, call=told, deliver_it=False)
    if report.verdict is Verdict.FAIL and report.wrong:
        wrong = tuple(
            _worst_output(fun, jac, tree, outputs, entry, names[1], report.beside or tree.leaves)
            for entry in report.wrong
        )
        report = replace(report, wrong=wrong, worst=wrong[0], reproducer=told + ")")
    return deliver(report, options)


def _worst_output(
    fun: Callable[[Any], Any],
    jac: Callable[[Any], Any],
    tree: Tree,
    outputs: Outputs,
    entry: Entry,
    name: str,
    point: Point,
) -> Entry:
    """Return the entry of the Jacobian that is most wrong in one column, beside the size of its output."""
    leaf, index = tree.paths.index(entry.path), entry.index or ()
    size = float(scalings(tree.leaves)[leaf][index])
    shape = outputs.cotangent[0].shape

    def results(t: float) -> Array:
        moved = tree.copies(point)
        moved[leaf][index] += moved[leaf].dtype.type(t * size)
        try:
            ((_, y),) = outputs.tree.walk(fun(tree.rebuild(moved)), "the result of fun")
        except OUTSIDE_THE_DOMAIN:
            return np.full(shape, np.nan)
        return np.asarray(y)

    with np.errstate(all="ignore"):
        matrix = tree.match(jac(tree.rebuild(tree.copies(point))), name, before=shape)[leaf]
        column = matrix[(slice(None),) * len(shape) + index]
        crude = (results(1e-4) - results(-1e-4)) / (2e-4 * size)
        worst = int(np.argmax(np.nan_to_num(np.abs(column - crude) * outputs.weights[0])))
        at = tuple(int(i) for i in np.unravel_index(worst, shape))
        estimate = finite_differences.derivative(lambda t: float(results(t)[at]))
        return Entry(
            name if len(tree.paths) == 1 else f"{name} {entry.path}", (*at, *index), float(column[at]),
            estimate.value / size, SAFETY * estimate.error / size,
        )  # fmt: skip


def _at(x0: Any, fun: Callable[[Any], Any], options: Options, name: str) -> tuple[Tree, Outputs]:
    """Return x0 and the outputs there, with a random cotangent."""
    tree = Tree(x0)
    return tree, Outputs(fun, tree, np.random.default_rng([options.seed, 1]), name)


def _at_gradient(x0: Any, grad: Callable[[Any], Any], options: Options) -> tuple[Tree, Outputs]:
    """Return the same for a gradient, which has the structure and the shapes of x0."""
    tree, outputs = _at(x0, grad, options, "grad")
    tree.match(outputs.tree.structure, "the result of grad")
    return tree, outputs


def _callable(value: Any, name: str) -> None:
    if not callable(value):
        raise TypeError(f"{name} must be callable; got {type(value).__name__}")
