"""The problem: user code made safe to call, and examined before anything is concluded from it.

Arrays go in as copies and come out as copies; a change of what was handed in, two answers to one
question, or a gradient that depends on what was asked before, is a finding of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from checks.engine.tree import Array, Tree, entry_name
from checks.oracles import Line
from checks.oracles.finite_differences import granularity

Point = Sequence[Array]

NOISE_AT_MOST = 1e-6  # relative: what threads and float32 may do to one and the same sum

OUTSIDE_THE_DOMAIN = (ArithmeticError, ValueError, np.linalg.LinAlgError)


class Finding(Exception):  # noqa: N818 - caught in gradcheck, which turns it into a report
    """The user's code does something that no gradient check can see past."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


class Problem:
    """A scalar function and its gradient at a point, both callable on plain lists of leaves.

    Parameters
    ----------
    fun : callable
        fun(x) -> real scalar; or -> (scalar, gradient) when ``grad`` is True.
    grad : callable or True
        grad(x) -> gradient with the structure of x.
    x0 : array or nested containers of arrays
        The point.
    names : pair of str
        What ``fun`` and ``grad`` are called in messages.

    Raises
    ------
    TypeError, ValueError
        On misuse, before fun is called more than once.
    """

    def __init__(self, fun: Any, grad: Any, x0: Any, *, names: tuple[str, str] = ("fun", "grad")) -> None:
        self.fun_name, self.grad_name = names
        if not callable(fun):
            raise TypeError(f"{self.fun_name} must be callable; got {type(fun).__name__}")
        if grad is not True and not callable(grad):
            hint = (
                " (pass the function, not its value)" if isinstance(grad, np.ndarray | list | float) else ""
            )
            raise TypeError(f"{self.grad_name} must be callable or True; got {type(grad).__name__}{hint}")
        self._fun, self._grad = fun, grad
        self.tree = Tree(x0)
        self.evaluations = self.gradient_evaluations = 0
        self.notes: list[str] = []
        self.moved: tuple[Array, ...] | None = None
        self._values: set[float] = set()

    # -- calling the user's code ------------------------------------------------------------------

    def value(self, point: Point) -> float:
        """Return fun at a point; finite, or ValueError."""
        handed = [leaf.copy(order="K") for leaf in point]
        result = self.evaluate(handed)
        self._refuse_mutation(point, handed, self.fun_name)
        if not math.isfinite(result):
            raise ValueError(f"{self.fun_name}(x0) must be finite; got {result}. Choose another x0")
        return result

    def gradient(self, point: Point) -> tuple[Array, ...]:
        """Return grad at a point, leaf by leaf, as copies."""
        handed = [leaf.copy(order="K") for leaf in point]
        structure = self.tree.rebuild(handed)
        self.gradient_evaluations += 1
        result = self._unpack(self._fun(structure))[1] if self._grad is True else self._grad(structure)
        self._refuse_mutation(point, handed, self.grad_name)
        name = "the gradient returned by fun" if self._grad is True else f"the result of {self.grad_name}"
        return self.tree.match(result, name)

    def line(self, point: Point, leaf: int, direction: Array) -> Line:
        """Return t -> fun(x + t v), v having entries in one leaf only.

        Where fun cannot be evaluated (it is not finite, or raises one of the errors of arithmetic
        and of a domain) the line is NaN: away from x0 that is the end of the domain, not a fault.
        """
        where, leaves = point[leaf], list(point)

        def along(t: float) -> float:
            leaves[leaf] = np.asanyarray(where + where.dtype.type(t) * direction)
            return self.nearby(
                [other if i == leaf else other.copy(order="K") for i, other in enumerate(leaves)]
            )

        return along

    def complex_line(self, point: Point, leaf: int, direction: Array) -> Callable[[complex], complex]:
        """Return t -> fun(x + t v) for complex t; whatever fun raises is the caller's to judge."""
        where, leaves = point[leaf], list(point)

        def along(t: complex) -> complex:
            self.evaluations += 1
            leaves[leaf] = np.asanyarray(where + t * direction.astype(np.complex128))
            moved = [other if i == leaf else other.copy(order="K") for i, other in enumerate(leaves)]
            result: Any = np.asarray(self.fun(self.tree.rebuild(moved)))[()]
            return result  # type: ignore[no-any-return]

        return along

    def nearby(self, point: list[Array]) -> float:
        """Return fun at a point of our own choice, NaN outside its domain. The arrays are given away."""
        with np.errstate(all="ignore"):
            try:
                result = self.evaluate(point)
            except OUTSIDE_THE_DOMAIN as error:
                raised = f"{self.fun_name} raised {type(error).__name__} beside x0 ({error})"
                note = f"{raised}: taken as outside its domain"
                if note not in self.notes:
                    self.notes.append(note)
                return math.nan
        return result

    def evaluate(self, leaves: list[Array]) -> float:
        """Return fun as a float, counted, whatever its value."""
        self.evaluations += 1
        result = self._fun(self.tree.rebuild(leaves))
        value = _scalar(self._unpack(result)[0] if self._grad is True else result, self.fun_name)
        if len(self._values) < 64:
            self._values.add(value)
        return value

    def fun(self, structure: Any) -> Any:
        """Return fun's value on any structure, uncounted and unchecked: for oracles with other numbers."""
        result = self._fun(structure)
        return self._unpack(result)[0] if self._grad is True else result

    @property
    def granularity(self) -> float:
        """The last digit that all the values seen so far have in common."""
        return granularity(self._values)

    # -- examining it ------------------------------------------------------------------------------

    def examine(self, elsewhere: Point) -> tuple[float, tuple[Array, ...], float]:
        """Call fun and grad at x0, then elsewhere, then at x0 again.

        Returns
        -------
        value, gradient, unsteadiness
            At x0; the last is by how much two values at x0 differ, which is noise.

        Raises
        ------
        Finding
            When the second answer is not the first.
        """
        here = self.tree.leaves
        value = self.value(here)
        first = self.gradient(here)
        moved_value = self.nearby([leaf.copy() for leaf in elsewhere])
        second = self.gradient(here)
        if not _alike(first, second):
            self._explain_second_gradient(first, second, None)
        moved = self._gradient_elsewhere(elsewhere) if math.isfinite(moved_value) else None
        if moved is not None:
            third = self.gradient(here)
            if not _alike(first, third):
                self._explain_second_gradient(first, third, moved)
        self.moved = moved
        again = self.value(here)
        if abs(again - value) > NOISE_AT_MOST * max(abs(value), abs(again)):
            raise Finding(
                "nondeterministic",
                f"{self.fun_name} gave {value:.9g} and then {again:.9g} at the same x0: it is random, or it "
                "remembers earlier calls. Fix its seed, switch dropout off, or reset its state in each call",
            )
        return value, second, abs(again - value)

    def _gradient_elsewhere(self, elsewhere: Point) -> tuple[Array, ...] | None:
        try:
            with np.errstate(all="ignore"):
                return self.gradient(elsewhere)
        except OUTSIDE_THE_DOMAIN:
            return None  # outside the domain: nothing to compare

    def _explain_second_gradient(
        self, first: tuple[Array, ...], later: tuple[Array, ...], moved: tuple[Array, ...] | None
    ) -> None:
        worst = max(range(len(first)), key=lambda i: float(np.max(np.abs(later[i] - first[i]), initial=0.0)))
        index = np.unravel_index(int(np.argmax(np.abs(later[worst] - first[worst]))), first[worst].shape)
        entry = entry_name(self.tree.paths[worst], tuple(int(i) for i in index))
        told = (
            f"{self.grad_name} gave {first[worst][index]:.9g} and then {later[worst][index]:.9g} "
            f"for {entry} at the same x0: "
        )
        if moved is not None and _alike(later, moved):
            cause = "the second is the gradient of the point asked before: a stale buffer or cache"
        elif _alike(later, [2 * leaf for leaf in first]) or (
            moved is not None and _alike(later, [2 * a + b for a, b in zip(first, moved, strict=True)])
        ):
            cause = "it adds to a buffer that is not cleared between calls"
        elif moved is None:
            cause = (
                f"it depends on which point {self.fun_name} saw last, or it is random. "
                f"Run the forward pass inside {self.grad_name}, fix seeds"
            )
        else:
            cause = "it is random, or it remembers earlier calls"
        raise Finding("nondeterministic", told + cause)

    def _refuse_mutation(self, before: Point, after: list[Array], name: str) -> None:
        for path, old, new in zip(self.tree.paths, before, after, strict=True):
            if not np.array_equal(old, new, equal_nan=True):
                index = tuple(int(i) for i in np.argwhere(old != new)[0])
                raise Finding(
                    "mutated",
                    f"{name} changed its input: {entry_name(path, index)} was {old[index]:.9g} and is "
                    f"{new[index]:.9g} after the call. Work on a copy",
                )

    def _unpack(self, result: Any) -> tuple[Any, Any]:
        if not (isinstance(result, tuple | list) and len(result) == 2):
            raise TypeError(
                f"with grad=True {self.fun_name} must return the pair (value, gradient); "
                f"got {type(result).__name__}"
            )
        return result[0], result[1]


def _scalar(result: Any, name: str) -> float:
    if isinstance(result, tuple | list):
        raise TypeError(
            f"{name} must return a real scalar; got a {type(result).__name__} of {len(result)}. "
            "If it returns (value, gradient), pass grad=True"
        )
    if getattr(result, "shape", ()) != ():
        shape = tuple(result.shape)
        advice = "return its .item()" if math.prod(shape) == 1 else "use vjpcheck, or return its sum"
        raise ValueError(f"{name} must return a scalar; got an array of shape {shape}: {advice}")
    kind = np.asarray(result).dtype.kind
    if kind not in "fiu":
        what = "a generator" if hasattr(result, "send") else type(result).__name__
        raise TypeError(f"{name} must return a real scalar; got {what}")
    return float(result)


def _alike(first: Sequence[Array], second: Sequence[Array]) -> bool:
    """Equal up to what threads may do to a sum."""
    for a, b in zip(first, second, strict=True):
        size = float(np.max(np.abs(a), initial=0.0))
        if float(np.max(np.abs(a - b), initial=0.0)) > NOISE_AT_MOST * size:
            return False
    return True
