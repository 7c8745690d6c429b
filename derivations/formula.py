"""A proved right side at concrete widths, as a NumPy function.

Nothing is written by hand here: the term that the proof ends with is written out in scalars at the given
widths and handed to SymPy's ``lambdify``.  So what runs is what was proved.

    >>> from derivations import instantiate
    >>> formula = instantiate("hidden-delta", (3, 2))        # k_l = 3, k_(l+1) = 2
    >>> formula.sizes, formula.arguments
    (('k_l', 'k_l+1'), ('W', 'delta', 'fprime', 'z'))
    >>> W, delta, z = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [1.0, -1.0], [0.5, 1.0, 2.0]
    >>> formula(W=W, delta=delta, z=z, fprime=[1.0, 1.0, 2.0])
    array([-3., -3., -6.])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from derivations import terms
from derivations.catalogue import theorem
from derivations.instance import Instance
from derivations.proof import Claim, Statement
from derivations.scalars import Scalar
from derivations.setting import FunctionDefinition, Setting
from derivations.terms import (
    Apply,
    Entry,
    Function,
    Index,
    Partial,
    Size,
    Sum,
    Tensor,
    Term,
    UnsupportedExpression,
)

_KNOWN = (terms.exp, terms.log)


class Formula:
    """The right side of a claim as a function of arrays.

    Parameters
    ----------
    term : Term
        The proved right side.
    indices : tuple of Index
        The indices of the result, in order: none for a number, one for a vector, two for a matrix.
    widths : sequence of int
        The value of each size in ``sizes``: first those of the result, then the others as they occur.

    Attributes
    ----------
    sizes : tuple of str
        The names of the widths, in the order in which they are given.
    arguments : tuple of str
        The names of the keyword arguments: one array for each tensor (``W``, ``delta``, ``z``, ``y``,
        ``a``), and ``f`` or
        ``fprime`` for an activation: a callable that maps arrays elementwise, or the array of its values.  An
        argument that only a callable needs (``z`` when ``fprime`` is given as values) may be left out.
    """

    def __init__(self, term: Term, indices: tuple[Index, ...], widths: Sequence[int]) -> None:
        loose = terms.free_indices(term) - set(indices)
        if loose:
            raise UnsupportedExpression(
                f"the right side depends on the fixed index {min(i.name for i in loose)}"
            )
        self._indices = indices
        names = list(dict.fromkeys([*(index.size for index in indices), *_sizes(term)]))
        if len(widths) != len(names) or any(not isinstance(w, int) or w < 1 for w in widths):
            raise ValueError(
                f"widths gives {', '.join(map(str, names))} in this order, as integers >= 1; got {widths!r}"
            )
        self._widths = dict(zip(names, widths, strict=True))
        self.sizes = tuple(map(str, names))
        self.arguments: tuple[str, ...] = ()
        self._inner: list[tuple[Function, Tensor, Formula | Tensor]] = []
        self._term = self._without_functions(term)
        self._tensors = _tensors(self._term)
        self._names = _unambiguous(self._tensors)
        own = {name for tensor, name in self._names.items() if tensor not in self._values}
        own |= {_argument(function) for function, _, _ in self._inner}
        for _, _, inner in self._inner:
            own |= set(inner.arguments if isinstance(inner, Formula) else (inner.name,))
        self.arguments = tuple(sorted(own))
        self._compiled = self._compile()

    @property
    def _values(self) -> dict[Tensor, int]:
        return {values: place for place, (_, values, _) in enumerate(self._inner)}

    def _without_functions(self, t: Term) -> Term:
        """Replace f(u), the outermost first, by an array of its values; u becomes a formula of its own."""
        if isinstance(t, Partial) and isinstance(t.body, Entry):
            gradient = Tensor(f"d{t.body.tensor.name}_d{t.variable.tensor.name}", t.variable.tensor.sizes)
            return Entry(gradient, t.variable.indices)
        if isinstance(t, Apply) and t.function not in _KNOWN:
            indices = tuple(sorted(terms.free_indices(t.argument), key=str))
            simple = isinstance(t.argument, Entry)
            if simple:
                indices = t.argument.indices  # type: ignore[attr-defined]
            values = Tensor(
                f"{_argument(t.function)}_values_{len(self._inner)}", tuple(i.size for i in indices)
            )
            widths = [
                self._widths[size]
                for size in dict.fromkeys([*(i.size for i in indices), *_sizes(t.argument)])
            ]
            inner = (
                t.argument.tensor if isinstance(t.argument, Entry) else Formula(t.argument, indices, widths)
            )
            self._inner.append((t.function, values, inner))
            return Entry(values, indices)
        return terms.rebuild(t, map(self._without_functions, terms.children(t)))

    def _compile(self) -> Callable[..., Any]:
        instance = Instance(Setting(known=tuple(self._tensors)), self._widths)
        symbols = [
            instance.symbol(tensor, place)
            for tensor in self._tensors
            for place in instance.positions_in_order(tensor.sizes)
        ]
        sizes = [index.size for index in self._indices]
        entries = [
            instance.explicit(self._term, dict(zip(self._indices, place, strict=True)))
            for place in instance.positions_in_order(sizes)
        ]
        shape = [self._widths[size] for size in sizes]
        import sympy  # takes as long to import as half of the proofs take to check

        known: dict[Scalar, Any] = {}
        flat = [_written_out(entry, sympy, known) for entry in entries]
        body = sympy.ImmutableDenseNDimArray(flat, shape) if shape else flat[0]
        variables = [_written_out(symbol, sympy, known) for symbol in symbols]
        return sympy.lambdify(variables, body, modules="numpy")  # type: ignore[no-any-return]

    def __call__(self, **arguments: Any) -> Any:
        """Return the right side for these arrays.

        Raises
        ------
        TypeError
            When an argument is missing or unknown.
        ValueError
            When an array does not have the shape that the widths prescribe.
        """
        unknown = sorted(set(arguments) - set(self.arguments))
        if unknown:
            raise TypeError(
                f"unknown argument {unknown[0]!r}; this formula takes {', '.join(self.arguments)}"
            )
        flat: list[Any] = []
        for tensor in self._tensors:
            place = self._values.get(tensor)
            name = self._names[tensor]
            value = self._function_values(place, arguments) if place is not None else _given(arguments, name)
            flat.extend(_flatten(value, [self._widths[size] for size in tensor.sizes], name))
        return self._compiled(*flat)

    def _function_values(self, place: int, arguments: dict[str, Any]) -> Any:
        function, _, inner = self._inner[place]
        name = _argument(function)
        value = _given(arguments, name)
        if not callable(value):
            return value
        if isinstance(inner, Tensor):
            return value(_given(arguments, inner.name))
        return value(inner(**{k: v for k, v in arguments.items() if k in inner.arguments}))


def _written_out(e: Scalar, sympy: Any, known: dict[Scalar, Any]) -> Any:
    """Return an expression, of numbers, variables, exp and log, as SymPy writes it."""
    if e not in known:
        parts = [_written_out(part, sympy, known) for part in e.parts]
        match e.kind:
            case "number":
                known[e] = sympy.Rational(e.head.numerator, e.head.denominator)
            case "symbol":
                known[e] = sympy.Symbol(e.head)
            case "add":
                known[e] = sympy.Add(*parts)
            case "mul":
                known[e] = sympy.Mul(*parts)
            case "pow":
                known[e] = parts[0] ** e.head
            case _:
                known[e] = {("exp", 0): sympy.exp, ("log", 0): sympy.log}[e.head](*parts)
    return known[e]


def _given(arguments: dict[str, Any], name: str) -> Any:
    if name not in arguments:
        raise TypeError(f"missing argument {name!r}")
    return arguments[name]


def _argument(function: Function) -> str:
    return function.name + "prime" * function.order


def _flatten(value: Any, shape: list[int], name: str) -> Iterator[Any]:
    if not shape:
        yield value
        return
    if not hasattr(value, "__len__") or len(value) != shape[0]:
        raise ValueError(f"{name.split('_values_')[0]} must have length {shape[0]} here, not {value!r}")
    for part in value:
        yield from _flatten(part, shape[1:], name)


def _walk(t: Term) -> Iterator[Term]:
    yield t
    for part in terms.children(t):
        yield from _walk(part)


def _sizes(t: Term) -> list[Size]:
    found: list[Size] = []
    for part in _walk(t):
        if isinstance(part, Size):
            found.append(part)
        if isinstance(part, Sum):
            found.append(part.index.size)
        if isinstance(part, Entry):
            found.extend(part.tensor.sizes)
    return found


def _tensors(t: Term) -> list[Tensor]:
    return list(dict.fromkeys(part.tensor for part in _walk(t) if isinstance(part, Entry)))


def _unambiguous(tensors: list[Tensor]) -> dict[Tensor, str]:
    """Name each tensor by its letter, with its layer where two share one."""
    letters = [tensor.name for tensor in tensors]
    return {
        tensor: tensor.name
        if letters.count(tensor.name) == 1
        else f"{tensor.name}_{tensor.layer}".replace("+", "_plus_")
        for tensor in tensors
    }


_proved = lru_cache(maxsize=64)(theorem)


@lru_cache(maxsize=4096)
def _formula(identifier: str, widths: tuple[int, ...], place: int) -> Formula:
    claim = _proved(identifier).claims[place]
    if not isinstance(claim, Claim) or not isinstance(claim.statement, Statement):
        raise UnsupportedExpression(
            f"claim {place} of {identifier} is no equation with a derivation of its own"
        )
    functions = tuple(d for d in claim.setting.definitions if isinstance(d, FunctionDefinition))
    right = Setting(functions).unfold(claim.steps[-1].right)
    return Formula(right, claim.statement.indices, widths)


def instantiate(identifier: str, widths: Sequence[int] = (), *, claim: int | None = None) -> Formula:
    """Return the proved right side of a theorem at concrete widths, as a function of NumPy arrays.

    Parameters
    ----------
    identifier : str
        The id of a theorem.
    widths : sequence of int
        First the sizes of the result, then the others as they occur: (k_l, k_(l+1)) for ``hidden-delta``,
        (k_l, k_(l-1)) for ``weight-gradient`` and ``forward``, (k_L,) for the heads.  Cached by id and
        widths.
    claim : int, optional
        The place of the claim in ``theorem(identifier).claims``; by default the one the theorem is known for.

    Raises
    ------
    UnknownTheorem, UnsupportedExpression, ValueError
        When there is no such theorem, when the claim is not an equation, when the widths do not fit.
    """
    proved = _proved(identifier)
    place = proved.main if claim is None else claim
    return _formula(identifier, tuple(widths), place % len(proved.claims))
