"""The problem: a function and its gradient, examined before anything is concluded from them.

Arrays go in as copies and come out as copies; a change of what was handed in, two answers to one
question, or a gradient that depends on what was asked before, is a finding of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from checks.engine.calls import (
    Finding,
    OutsideTheDomain,
    asked,
    call,
    refuse_mutation,
    scalar,
)
from checks.engine.leaves import Array, entry_name, not_finite
from checks.engine.steadiness import NOISE_AT_MOST, alike, other_gradient
from checks.engine.tree import Tree
from checks.oracles import Line
from checks.oracles.noise import granularity

Point = Sequence[Array]


SILENT: Any = {"all": "ignore"}


class Examined(NamedTuple):
    """What the first look at the user's code found.

    Attributes
    ----------
    value, gradient : float, tuple of ndarray
        At x0.
    unsteadiness : float
        By how much two values at x0 differ, which is noise.
    elsewhere, moved : list of ndarray, tuple of ndarray; or None
        The first point beside x0 at which both can be evaluated, and the gradient there.
    """

    value: float
    gradient: tuple[Array, ...]
    unsteadiness: float
    elsewhere: list[Array] | None
    moved: tuple[Array, ...] | None


class Problem:
    """A scalar function and its gradient at a point, both callable on plain lists of leaves.

    NumPy's own warnings are heard at x0 only, as the caller has set them: elsewhere is our choice.

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
    value_of, gradient_of : callable, optional
        What makes a scalar of fun's result, and a gradient of grad's. What they raise is a refusal of
        ours, wherever the point is.

    Raises
    ------
    TypeError, ValueError
        On misuse, before fun is called.
    """

    def __init__(
        self,
        fun: Any,
        grad: Any,
        x0: Any,
        *,
        names: tuple[str, str] = ("fun", "grad"),
        value_of: Callable[[Any], Any] | None = None,
        gradient_of: Callable[[Any], Any] | None = None,
    ) -> None:
        self.fun_name, self.grad_name = names
        if not callable(fun):
            raise TypeError(f"{self.fun_name} must be callable; got {type(fun).__name__}")
        if grad is not True and not callable(grad):
            hint = (
                " (pass the function, not its value)" if isinstance(grad, np.ndarray | list | float) else ""
            )
            raise TypeError(f"{self.grad_name} must be callable or True; got {type(grad).__name__}{hint}")
        self._fun, self._grad = fun, grad
        self._value_of, self._gradient_of = value_of, gradient_of
        self._errstate = np.geterr()
        self.tree = Tree(x0)
        self.evaluations = self.gradient_evaluations = 0
        self.notes: list[str] = []
        self._values: set[float] = set()
        self._granularity = 0, 0.0  # of how many values

    # -- calling the user's code ------------------------------------------------------------------

    def value(self) -> float:
        """Return fun at x0; finite, or ValueError."""
        handed = self.tree.copies(self.tree.leaves)
        structure = self.tree.rebuild(handed)
        self.evaluations += 1
        with np.errstate(**self._errstate):
            result = call(self._fun, self.fun_name, structure)
        refuse_mutation(self.tree, self.tree.leaves, handed, structure, f"{self.fun_name} changed its input")
        value = self._noted(result)
        if not math.isfinite(value):
            raise ValueError(f"{self.fun_name}(x0) must be finite; got {value}. Choose another x0")
        return value

    def gradient(self, point: Point | None = None) -> tuple[Array, ...]:
        """Return grad at x0 or at a point of our own choice, leaf by leaf, as copies, all finite.

        Raises
        ------
        ValueError
            Where it is not finite at x0.
        OutsideTheDomain
            Where it is not finite at another point, or raises an error of arithmetic or of a domain.
        """
        here = point is None or point is self.tree.leaves
        where = self.tree.leaves if point is None else point
        with np.errstate(**self._errstate if here else SILENT):
            found = self._gradient(where, call if here else asked)
        for path, leaf in zip(self.tree.paths, found, strict=True):
            index = not_finite(leaf)
            if index is None:
                continue
            told = f"{entry_name(path, index)} is {leaf[index]}"
            if here:
                raise ValueError(f"{self._gradient_name} must be finite at x0; its entry {told}")
            raise OutsideTheDomain(f"is not finite ({told})")
        return found

    def gradient_in_finer_numbers(self, point: Point) -> tuple[Array, ...]:
        """Return grad at a point whose numbers have more digits than those of x0; whatever it raises."""
        with np.errstate(**SILENT):
            return self._gradient(point, call, handed=[leaf.copy(order="K") for leaf in point])

    def gradient_nearby(self, point: Point) -> tuple[Array, ...] | None:
        """Return grad at a point of our own choice; None, and a note, where it cannot be evaluated."""
        try:
            return self.gradient(point)
        except OutsideTheDomain as refusal:
            self._note(f"{self.grad_name} {refusal} beside x0, where {self.fun_name} is finite")
            return None

    def line(self, point: Point, leaf: int, direction: Array) -> Line:
        """Return t -> fun(x + t v), v having entries in one leaf only.

        Where fun cannot be evaluated (it is not finite, or raises one of the errors of arithmetic
        and of a domain) the line is NaN: away from x0 that is the end of the domain, not a fault.
        """
        where, leaves = point[leaf], list(point)

        def along(t: float) -> float:
            with np.errstate(**SILENT):
                leaves[leaf] = np.asarray(where + where.dtype.type(t) * direction)
            return self.nearby(leaves)

        return along

    def complex_line(self, point: Point, leaf: int, direction: Array) -> Callable[[complex], complex]:
        """Return t -> fun(x + t v) for complex t; whatever fun raises is the caller's to judge."""
        where, leaves = point[leaf], list(point)

        def along(t: complex) -> complex:
            self.evaluations += 1
            leaves[leaf] = np.asarray(where + t * direction.astype(np.complex128))
            result: Any = np.asarray(self.fun(self.tree.rebuild(self.tree.copies(leaves))))[()]
            return result  # type: ignore[no-any-return]

        return along

    def nearby(self, point: Point) -> float:
        """Return fun at a point of our own choice, NaN outside its domain."""
        try:
            return self.evaluate(point)
        except OutsideTheDomain as refusal:
            self._note(f"{self.fun_name} {refusal} beside x0: taken as outside its domain")
            return math.nan

    def evaluate(self, point: Point) -> float:
        """Return fun at a point of our own choice, counted, whatever its value.

        Raises
        ------
        OutsideTheDomain
            Where fun raises an error of arithmetic or of a domain.
        """
        if any(not_finite(leaf) is not None for leaf in point):
            return math.nan  # a step beyond the largest float: no point at all
        with np.errstate(**SILENT):
            structure = self.tree.rebuild(self.tree.copies(point))
            self.evaluations += 1
            return self._noted(asked(self._fun, self.fun_name, structure))

    def fun(self, structure: Any) -> Any:
        """Return fun's value on any structure, uncounted and unchecked: for oracles with other numbers."""
        result = self._fun(structure)
        result = self._unpack(result)[0] if self._grad is True else result
        return self._value_of(result) if self._value_of else result

    @property
    def unmoved(self) -> bool:
        """Whether fun had the same value wherever it was asked so far."""
        return len(self._values) < 2

    @property
    def granularity(self) -> float:
        """The last digit that all the values seen so far have in common."""
        if self._granularity[0] < len(self._values):
            # They come from random points: no two are round by chance.
            self._granularity = len(self._values), granularity(self._values, enough=2)
        return self._granularity[1]

    @property
    def _gradient_name(self) -> str:
        asked = "the gradient returned by" if self._grad is True else "the result of"
        return f"{asked} {self.fun_name if self._grad is True else self.grad_name}"

    def _gradient(
        self, point: Point, ask: Callable[..., Any], handed: list[Array] | None = None
    ) -> tuple[Array, ...]:
        handed = self.tree.copies(point) if handed is None else handed
        structure = self.tree.rebuild(handed)
        self.gradient_evaluations += 1
        if self._grad is True:
            result = self._unpack(ask(self._fun, self.fun_name, structure))[1]
        else:
            result = ask(self._grad, self.grad_name, structure)
        refuse_mutation(self.tree, point, handed, structure, f"{self.grad_name} changed its input")
        return self.tree.match(
            self._gradient_of(result) if self._gradient_of else result, self._gradient_name
        )

    def _noted(self, result: Any) -> float:
        result = self._unpack(result)[0] if self._grad is True else result
        value = scalar(self._value_of(result) if self._value_of else result, self.fun_name)
        if len(self._values) < 64:
            self._values.add(value)
        return value

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    # -- examining it ------------------------------------------------------------------------------

    def examine(self, candidates: Iterable[list[Array]]) -> Examined:
        """Call fun and grad at x0, then elsewhere, then at x0 again.

        Parameters
        ----------
        candidates : iterable of points
            Where elsewhere may be; the first at which fun and grad can both be evaluated is taken.

        Raises
        ------
        Finding
            When the second answer is not the first.
        """
        value = self.value()
        first = self.gradient()
        elsewhere, moved, second = None, None, None
        for candidate in candidates:
            moved_value = self.nearby(candidate)
            if second is None:  # after fun, and before grad, has seen another point
                second = self.gradient()
                if not alike(first, second):
                    raise self._second_gradient(first, second, None)
            moved = self.gradient_nearby(candidate) if math.isfinite(moved_value) else None
            if moved is not None:
                elsewhere = candidate
                break
        if moved is not None:
            third = self.gradient()
            if not alike(first, third):
                raise self._second_gradient(first, third, moved)
        again = self.value()
        if abs(again - value) > NOISE_AT_MOST * max(abs(value), abs(again)):
            raise Finding(
                "nondeterministic",
                f"{self.fun_name} gave {value:.9g} and then {again:.9g} at the same x0: it is random, or it "
                "remembers earlier calls. Fix its seed, switch dropout off, or reset its state in each call",
            )
        return Examined(value, second or first, abs(again - value), elsewhere, moved)

    def _second_gradient(
        self, first: tuple[Array, ...], later: tuple[Array, ...], moved: tuple[Array, ...] | None
    ) -> Finding:
        return other_gradient(first, later, moved, self.tree.paths, (self.fun_name, self.grad_name))

    def _unpack(self, result: Any) -> tuple[Any, Any]:
        if not (isinstance(result, tuple | list) and len(result) == 2):
            raise TypeError(
                f"with grad=True {self.fun_name} must return the pair (value, gradient); "
                f"got {type(result).__name__}"
            )
        return result[0], result[1]
