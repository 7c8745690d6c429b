"""Whole Jacobians and Hessians: contracted with a random cotangent, each is a gradient in disguise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from checks.engine.calls import OUTSIDE_THE_DOMAIN, must_be_callable
from checks.engine.delivery import deliver
from checks.engine.diagnosis import Diagnosis
from checks.engine.directions import scalings
from checks.engine.leaves import Array, entry_name
from checks.engine.localisation import Entry
from checks.engine.options import Keywords, Options, Tolerances
from checks.engine.outputs import Outputs, outputs_at, outputs_of_gradient
from checks.engine.problem import Point, Problem
from checks.engine.report import Report
from checks.engine.reproducer import name_of
from checks.engine.tree import Tree
from checks.engine.verdict import COARSEST, COARSEST_COARSE, FLOAT32_LIKE, ROUNDING, SAFETY, Verdict, bound
from checks.engine.walk import check
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
    what = f"the Jacobian of {name_of(fun)}"
    return deliver(_check_jacobian(fun, jac, tree, outputs, options, ("fun", "jac"), what), options)


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
        A Hessian that fits a grad whose own slopes are not symmetric is FAIL, "asymmetric": grad is then
        the gradient of no function. An asymmetry that is small, or that the values of grad cannot show, is
        a note.
    """
    must_be_callable(grad, "grad")
    must_be_callable(hess, "hess")
    if not isinstance(x0, np.ndarray):
        raise TypeError(f"x0 must be one array; got {type(x0).__name__}. For containers use hvpcheck")
    options = Options(**keywords)
    tree, outputs = outputs_of_gradient(x0, grad, options.seed)
    what = f"the Hessian of {name_of(grad)}"
    report = _check_jacobian(grad, hess, tree, outputs, options, ("grad", "hess"), what)
    return deliver(_with_symmetry(report, grad, hess, tree, outputs, options.tolerances), options)


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
    return report


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
    results = _results_along(fun, tree, outputs, point, leaf, index, size)
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


def _results_along(
    fun: Callable[[Any], Any],
    tree: Tree,
    outputs: Outputs,
    point: Point,
    leaf: int,
    index: tuple[int, ...],
    size: float,
) -> Callable[[float], Array]:
    """Return t -> fun where one entry of the point has moved by t sizes; NaN outside the domain."""

    def results(t: float) -> Array:
        moved = tree.copies(point)
        moved[leaf][index] += moved[leaf].dtype.type(t * size)
        try:
            ((_, y),) = outputs.tree.walk(fun(tree.rebuild(moved)), "the result of fun")
        except OUTSIDE_THE_DOMAIN:
            return np.full(outputs.cotangent[0].shape, np.nan)
        return np.asarray(y)

    return results


def _with_symmetry(
    report: Report,
    grad: Callable[[Any], Any],
    hess: Callable[[Any], Any],
    tree: Tree,
    outputs: Outputs,
    tolerances: Tolerances,
) -> Report:
    """Return the report with what the asymmetry of a Hessian that fits grad says of both."""
    if report.verdict is not Verdict.PASS:
        return report
    (x0,), (sizes,) = tree.leaves, scalings(tree.leaves)
    D = sizes.ravel()
    with np.errstate(all="ignore"):
        (found,) = tree.match(
            hess(tree.rebuild(tree.copies(tree.leaves))), "the result of hess", before=x0.shape
        )
        H = found.astype(np.float64).reshape(x0.size, x0.size)
        scaled = np.abs(H) * D[:, None] * D
        gap = np.abs(H - H.T) * D[:, None] * D
        i, j = (int(k) for k in np.unravel_index(int(np.argmax(gap)), gap.shape))
        here, there, apart = (i, j), (j, i), float(abs(H[i, j] - H[j, i]))
        eps = float(np.finfo(found.dtype).eps)
        allowed = sum(tolerances.allowance(H[at], np.ones(1), np.ones(1)) for at in (here, there))
        if not gap[here] > ROUNDING * eps * np.max(scaled) or apart <= allowed:
            return report
        slopes, bounds = zip(*(_slope(grad, tree, outputs, at, D) for at in (here, there)), strict=True)
    names = [entry_name("hess", _indices(at, x0.shape)) for at in (here, there)]
    # Less than a PASS may miss is no verdict: the inverse of a matrix is symmetric up to rounding only.
    large = gap[here] > (COARSEST_COARSE if eps > FLOAT32_LIKE else COARSEST) * np.max(scaled)
    if not (large and abs(slopes[0] - slopes[1]) > sum(bounds) + allowed):
        note = (
            f"hess is not symmetric: {names[0]} and {names[1]} differ by {apart:.1e}; where that is more "
            " than rounding, grad is the gradient of no function"
        )
        return replace(report, notes=(*report.notes, note))
    text = (
        f"{names[0]} is {H[here]:.9g} and {names[1]} is {H[there]:.9g}, and so are the slopes of grad, "
        f"{slopes[0]:.9g} ± {bounds[0]:.0e} and {slopes[1]:.9g} ± {bounds[1]:.0e}: not symmetric, so this is "
        "not the Hessian of any function, and grad is no gradient. If it is not meant to be one, use jaccheck"
    )
    return replace(report, verdict=Verdict.FAIL, worst=None, diagnosis=(Diagnosis("asymmetric", text),))


def _slope(
    grad: Callable[[Any], Any], tree: Tree, outputs: Outputs, at: tuple[int, int], sizes: Array
) -> tuple[float, float]:
    """Return the slope of one entry of grad along another entry of x, and what it may be off by."""
    (x0,) = tree.leaves
    entry, along = (_indices((k,), x0.shape) for k in at)
    size = float(sizes[at[1]])
    results = _results_along(grad, tree, outputs, tree.leaves, 0, along, size)
    estimate = finite_differences.derivative(lambda t: float(results(t)[entry]))
    eps = max(float(np.finfo(x0.dtype).eps), float(np.finfo(outputs.cotangent[0].dtype).eps))
    return estimate.value / size, bound(estimate, abs(estimate.value), eps) / size


def _indices(flat: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the flat indices of entries of x as indices into an array of its shape, one after another."""
    return tuple(int(i) for k in flat for i in np.unravel_index(k, shape))
