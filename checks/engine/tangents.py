"""A Jacobian-vector product as a gradient: that of c -> <u, fun(x0 + sum_k c_k v_k)> at c = 0.

Its entries are <u, J v_k>. One group of tangents v_k moves one leaf; a last tangent moves all of them
at once, for a product that is right along each leaf, or along each axis, need not be linear.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from checks.engine.calls import Finding, call, refuse_mutation
from checks.engine.directions import axis, directions
from checks.engine.leaves import Array, entry_name, laid_out, not_finite
from checks.engine.localisation import Entry
from checks.engine.outputs import Outputs, homogeneous
from checks.engine.problem import Problem
from checks.engine.report import LeafRow, Report
from checks.engine.tree import Tree
from checks.engine.verdict import PROBABILITY

TOGETHER = "all of x0 at once"

Tangent = Mapping[int, Array]
"""By leaf, the direction; a leaf that is not named does not move."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tangents, and what they are a group of: a leaf by its axes or along random directions, or all."""

    path: str
    tangents: tuple[Tangent, ...]
    leaf: int | None = None
    axes: bool = False


def random_tangents(tree: Tree, sizes: Sequence[Array], count: int, rng: np.random.Generator) -> list[Group]:
    """Return a few tangents a leaf, its axes when that is no more work, and one that moves everything."""
    groups = []
    for leaf, (where, size, path) in enumerate(zip(tree.leaves, sizes, tree.paths, strict=True)):
        tangents = tuple({leaf: v} for v in directions(where, size, count, rng))
        groups.append(Group(path, tangents, leaf, where.size <= count))
    return [*groups, _together(tree, sizes, rng)]


def axes(tree: Tree, sizes: Sequence[Array], rng: np.random.Generator) -> list[Group]:
    """Return the axes of every leaf, and one tangent that moves everything."""
    groups = []
    for leaf, (where, size, path) in enumerate(zip(tree.leaves, sizes, tree.paths, strict=True)):
        tangents = tuple({leaf: axis(where, size, entry)} for entry in range(where.size))
        groups.append(Group(path, tangents, leaf, axes=True))
    return [*groups, _together(tree, sizes, rng)]


def _together(tree: Tree, sizes: Sequence[Array], rng: np.random.Generator) -> Group:
    tangent = {
        leaf: np.asarray(size * rng.standard_normal(where.shape)).astype(where.dtype)
        for leaf, (where, size) in enumerate(zip(tree.leaves, sizes, strict=True))
    }
    return Group(TOGETHER, (tangent,))


class AlongTangents:
    """fun and its jvp at x0 + sum_k c_k v_k.

    Parameters
    ----------
    fun, jvp : callable
        The user's.
    tree : Tree
        x0.
    outputs : Outputs
        fun(x0) and the cotangent.
    groups : sequence of Group
        The v_k.
    """

    def __init__(
        self,
        fun: Callable[[Any], Any],
        jvp: Callable[[Any, Any], Any],
        tree: Tree,
        outputs: Outputs,
        groups: Sequence[Group],
    ) -> None:
        self.fun, self.jvp, self.tree, self.outputs, self.groups = fun, jvp, tree, outputs, groups

    def problem(self) -> Problem:
        """Return the problem in c."""
        coarsest = np.result_type(*(leaf.dtype for leaf in self.tree.leaves))
        origin = [
            np.zeros(
                len(group.tangents), coarsest if group.leaf is None else self.tree.leaves[group.leaf].dtype
            )
            for group in self.groups
        ]
        problem = Problem(
            lambda c: call(self.fun, "fun", self.tree.rebuild(self._moved(c))), self._products, origin,
            names=("fun", "jvp"), value_of=self.outputs.pair, gradient_of=self._paired,
        )  # fmt: skip
        problem.tree.paths = tuple(group.path for group in self.groups)
        return problem

    def refuse_what_is_not_linear(self) -> None:
        """Look whether fun changes its input, and whether -2 v gives -2 times the product of v.

        Raises
        ------
        Finding
            When it does, and when it does not.
        """
        handed = self.tree.copies(self.tree.leaves)
        structure = self.tree.rebuild(handed)
        call(self.fun, "fun", structure)
        refuse_mutation(self.tree, self.tree.leaves, handed, structure, "fun changed its input")
        tangent = self.groups[-1].tangents[0]
        once, twice = (
            self.outputs.floats(self._product(self.tree.leaves, times), "the result of jvp")
            for times in (tangent, {leaf: -2 * v for leaf, v in tangent.items()})
        )
        for path, y in zip(self.outputs.tree.paths, once, strict=True):
            index = not_finite(y)
            if index is not None:
                told = f"{entry_name(path, index)} is {y[index]}"
                raise ValueError(f"the result of jvp must be finite at x0; its entry {told}")
        leaf = homogeneous(once, twice)
        if leaf is not None:
            raise Finding(
                "nonlinear",
                "jvp is not linear: -2 times the tangent does not give -2 times the result, at "
                f"{self.outputs.tree.paths[leaf]}",
            )

    def _moved(self, coefficients: Sequence[Any]) -> list[Any]:
        leaves: list[Any] = list(self.tree.leaves)
        for group, c in zip(self.groups, coefficients, strict=True):
            for k, tangent in enumerate(group.tangents):
                for leaf, v in tangent.items():
                    leaves[leaf] = leaves[leaf] + c[k] * v
        return [
            laid_out(leaf, mine) if isinstance(leaf, np.ndarray) else leaf
            for leaf, mine in zip(leaves, self.tree.leaves, strict=True)
        ]

    def _products(self, coefficients: Sequence[Array]) -> list[list[Any]]:
        where = self._moved(coefficients)
        return [[self._product(where, tangent) for tangent in group.tangents] for group in self.groups]

    def _product(self, where: Sequence[Array], tangent: Tangent) -> Any:
        x, v = (
            self.tree.copies(leaves)
            for leaves in (
                where,
                [tangent.get(leaf, np.zeros_like(mine)) for leaf, mine in enumerate(self.tree.leaves)],
            )
        )
        before = self.tree.copies(v)
        x_structure, v_structure = self.tree.rebuild(x), self.tree.rebuild(v)
        result = call(self.jvp, "jvp", x_structure, v_structure)
        refuse_mutation(self.tree, where, x, x_structure, "jvp changed its input")
        refuse_mutation(self.tree, before, v, v_structure, "jvp changed the tangent it was given")
        # at once, since the next call may overwrite it
        return self.outputs.tree.rebuild(self.outputs.floats(result, "the result of jvp"))

    def _paired(self, products: Sequence[Sequence[Any]]) -> list[Array]:
        return [np.array([float(self.outputs.pair(y)) for y in group]) for group in products]


def told_of_leaves(report: Report, tree: Tree, sizes: Sequence[Array], groups: Sequence[Group]) -> Report:
    """Return the report with what it says of coefficients said of leaves.

    Along axes, a coefficient is an entry, times its size D. Along K random directions the promise is
    that of a gradient (see :mod:`checks.engine.verdict`), whose norm is known from the slopes alone: as
    the root of their mean square.
    """
    by_path = {group.path: group for group in groups}

    def row(seen: LeafRow) -> LeafRow:
        group = by_path[seen.path]
        if group.leaf is None:
            return seen
        if group.axes:
            return replace(seen, shape=tree.leaves[group.leaf].shape)
        k = len(group.tangents)
        unseen = NormalDist().inv_cdf((1 + (1 - PROBABILITY) ** (1 / k)) / 2)
        return replace(
            seen, shape=tree.leaves[group.leaf].shape, probability=PROBABILITY,
            resolution=seen.resolution * math.sqrt(k) / unseen,
        )  # fmt: skip

    def entry(seen: Entry) -> Entry:
        group = by_path[seen.path]
        if seen.index is None or group.leaf is None or not group.axes:
            return seen
        size = float(sizes[group.leaf].flat[seen.index[0]])
        index = tuple(int(i) for i in np.unravel_index(seen.index[0], sizes[group.leaf].shape))
        return Entry(seen.path, index, seen.analytic / size, seen.numerical / size, seen.error / size)

    rows = tuple(map(row, report.leaves))
    wrong = [seen for seen in report.wrong if by_path[seen.path].leaf is not None] or report.wrong
    random = [group.path for group in groups if group.leaf is not None and not group.axes]
    told = (f"entries stand for random directions of the leaf, in {', '.join(random)}",) * bool(random)
    return replace(
        report,
        leaves=rows,
        resolution=max((r.resolution for r in rows), default=report.resolution),
        probability=min((r.probability for r in rows), default=report.probability),
        worst=report.worst and entry(report.worst),
        wrong=tuple(map(entry, wrong)),
        diagnosis=tuple(d for d in report.diagnosis if d.paths != (TOGETHER,)) or report.diagnosis,
        notes=(*report.notes, *told),
    )
