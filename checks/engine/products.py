"""Products with a Jacobian: each is a gradient in disguise.

For y = fun(x) and a random cotangent u, the scalar <u, fun(x)> has the gradient J^T u, which is what
`vjp(x, u)` claims to be. A `jvp` is checked through the coefficients c of random directions:
fun(x0 + sum c_k v_k) has the derivative jvp(x0, v_k) in c_k. Outputs of any size count alike, see
:mod:`checks.engine.weights`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from checks.engine.calls import Finding, call, must_be_callable, refuse_mutation
from checks.engine.delivery import deliver
from checks.engine.directions import scalings
from checks.engine.leaves import Array
from checks.engine.options import Keywords, Options
from checks.engine.outputs import Outputs, homogeneous, outputs_at, outputs_of_gradient
from checks.engine.problem import Problem
from checks.engine.report import Report
from checks.engine.reproducer import name_of
from checks.engine.tangents import AlongTangents, Group, axes, random_tangents, told_of_leaves
from checks.engine.tree import Tree
from checks.engine.verdict import Verdict
from checks.engine.walk import check

COLUMNS_AT_MOST = 512  # entries up to which a failing jvp is taken apart column by column


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
    must_be_callable(fun, "fun")
    must_be_callable(vjp, "vjp")
    options = Options(**keywords)
    tree, outputs = outputs_at(x0, fun, options.seed)
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
    must_be_callable(grad, "grad")
    must_be_callable(hvp, "hvp")
    options = Options(**keywords)
    tree, outputs = outputs_of_gradient(x0, grad, options.seed)
    what = f"the Hessian-vector product of {name_of(grad)}"
    return _check_vjp(grad, hvp, tree, outputs, options, ("grad", "hvp"), what, "hvpcheck")


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
    must_be_callable(fun, "fun")
    must_be_callable(jvp, "jvp")
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
