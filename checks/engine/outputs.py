"""What a function of x returns, and the random cotangent that makes a scalar of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from checks.engine.calls import OUTSIDE_THE_DOMAIN, call
from checks.engine.leaves import Array
from checks.engine.tree import Tree
from checks.engine.weights import Ask, weights


class Outputs:
    """The results of fun at x0, and a random cotangent to pair them with.

    Parameters
    ----------
    fun : callable
        fun(x) -> array, or containers of arrays.
    tree : Tree
        x0.
    rng : numpy Generator
        Draws the cotangent, and where outputs are seen to move.
    name : str
        What ``fun`` is called in messages.

    Attributes
    ----------
    tree : Tree
        fun(x0).
    weights : list of ndarray
        By how much larger than this output the largest is, for each one that is known to be smaller.
    cotangent : list of ndarray
        u, normally distributed, times the weights: to <u, fun(x)> each output contributes alike.

    Raises
    ------
    TypeError, ValueError
        When the results are no arrays of finite real floats.
    """

    def __init__(
        self, fun: Callable[[Any], Any], tree: Tree, rng: np.random.Generator, name: str = "fun"
    ) -> None:
        self.name = name
        result = call(fun, name, tree.rebuild(tree.copies(tree.leaves)))
        self.tree = Tree(result, name=f"{name}(x0)")
        drawn = [rng.standard_normal(leaf.shape) for leaf in self.tree.leaves]
        with np.errstate(all="ignore"):
            self.weights = weights(self.tree.leaves, self._asked(fun, tree), tree.leaves, rng)
            self.cotangent = [
                np.asarray(u * weight).astype(leaf.dtype)
                for u, weight, leaf in zip(drawn, self.weights, self.tree.leaves, strict=True)
            ]

    def floats(self, result: Any, name: str) -> tuple[Array, ...]:
        """Return a result in their place, such as J v, as copies.

        Raises
        ------
        TypeError
            When it has not their structure, or holds no real floats.
        ValueError
            When it has not their shapes.
        """
        for path, y in self.tree.walk(result, name):
            if isinstance(y, np.ndarray | np.generic) and y.dtype.kind in "iu":
                raise TypeError(f"{name} must be an array of real floats for {path}; got dtype {y.dtype}")
        return self.tree.match(result, name)

    def pair(self, result: Any) -> Any:
        """Return <u, y>, in whatever numbers y is made of.

        Raises
        ------
        TypeError, ValueError
            When the results are not those of x0 in structure and shape, or no numbers.
        """
        total: Any = 0.0
        with np.errstate(all="ignore"):
            for u, y in zip(self.cotangent, self._like_those_at_x0(result), strict=True):
                total = total + np.sum(u * y)
        return total

    def _like_those_at_x0(self, result: Any) -> Iterator[Any]:
        told = f"the result of {self.name}"
        for mine, (path, y) in zip(self.tree.leaves, self.tree.walk(result, told), strict=True):
            if isinstance(y, np.ma.MaskedArray):
                raise TypeError(f"{told} must be a plain array; got a masked one for {path}")
            shape = getattr(y, "shape", None)
            if shape is None and not isinstance(y, int | float | complex):
                raise TypeError(f"{told} must be an array for {path}; got {type(y).__name__} beside x0")
            if (shape or ()) != mine.shape:
                raise ValueError(f"{path} has shape {mine.shape} at x0 and {shape or ()} beside it")
            yield y

    def _asked(self, fun: Callable[[Any], Any], tree: Tree) -> Ask:
        def ask(point: list[Array]) -> list[Array] | None:
            try:
                result = call(fun, self.name, tree.rebuild(point))
            except OUTSIDE_THE_DOMAIN:
                return None
            there = [np.asarray(y) for y in self._like_those_at_x0(result)]
            if any(y.dtype.kind not in "fiu" for y in there):
                return None  # refused where it is asked for in earnest
            return [y.astype(np.float64) for y in there]

        return ask


def homogeneous(once: Sequence[Array], twice: Sequence[Array]) -> int | None:
    """Return the first leaf where -2 times the argument gave other than -2 times the result.

    A power of two goes through floating point unrounded, so that little is left to tolerate.
    """
    for leaf, (a, b) in enumerate(zip(once, twice, strict=True)):
        eps = float(np.finfo(a.dtype).eps)
        rounding = 1e3 * eps * np.max(np.abs(b), initial=0.0)
        if not (np.array_equal(-2 * a, b) or np.max(np.abs(-2 * a - b), initial=0.0) <= rounding):
            return leaf
    return None


def outputs_at(x0: Any, fun: Callable[[Any], Any], seed: int, name: str = "fun") -> tuple[Tree, Outputs]:
    """Return x0 and the outputs there, with a random cotangent."""
    tree = Tree(x0)
    return tree, Outputs(fun, tree, np.random.default_rng([seed, 1]), name)


def outputs_of_gradient(x0: Any, grad: Callable[[Any], Any], seed: int) -> tuple[Tree, Outputs]:
    """Return the same for a gradient, which has the structure and the shapes of x0."""
    tree, outputs = outputs_at(x0, grad, seed, "grad")
    tree.match(outputs.tree.structure, "the result of grad")
    return tree, outputs
