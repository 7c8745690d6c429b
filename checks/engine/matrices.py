"""Whole Jacobians and Hessians: contracted with a random cotangent, each is a gradient in disguise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from checks.engine.calls import OUTSIDE_THE_DOMAIN, must_be_callable
from checks.engine.directions import scalings
from checks.engine.leaves import Array
from checks.engine.localisation import Entry
from checks.engine.options import Keywords, Options
from checks.engine.outputs import Outputs, outputs_at, outputs_of_gradient
from checks.engine.problem import Point, Problem
from checks.engine.report import Report
from checks.engine.reproducer import name_of
from checks.engine.tree import Tree
from checks.engine.verdict import SAFETY, Verdict
from checks.engine.walk import check, deliver
from checks.oracles import finite_differences


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
    must_be_callable(fun, "fun")
    must_be_callable(jac, "jac")
    options = Options(**keywords)
    tree, outputs = outputs_at(x0, fun, options.seed)
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
    must_be_callable(grad, "grad")
    must_be_callable(hess, "hess")
    if not isinstance(x0, np.ndarray):
        raise TypeError(f"x0 must be one array; got {type(x0).__name__}. For containers use hvpcheck")
    options = Options(**keywords)
    tree, outputs = outputs_of_gradient(x0, grad, options.seed)
    what = f"the Hessian of {name_of(grad)}"
    return _check_jacobian(grad, hess, tree, outputs, options, ("grad", "hess"), what)


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
