"""A term at concrete widths: explicit scalars, their derivatives, exact enough numbers.

This is the second road to every equation, and it shares no code with the kernel: sums are written out, each
entry becomes a variable, derivatives are taken of explicit scalars, where there is neither an index nor a
delta nor a sum to get wrong, and both sides are evaluated at random points in decimal arithmetic of 50
digits.  Two sides agree when they differ by less than 1e-30 of their size: a few thousand operations lose 4
of the 50 digits, cancellation at these points a few more; two different analytic formulas agree to 30 digits
at a random point with no chance.

The referee has a referee: the tests compare the derivatives that it takes, and those that the proofs ask of
it, with SymPy's.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from derivations import terms
from derivations.scalars import Point, Scalar, Workshop
from derivations.setting import FunctionDefinition, Setting
from derivations.terms import (
    Apply,
    Delta,
    Entry,
    Function,
    Index,
    Number,
    Partial,
    Plus,
    Power,
    Size,
    Sum,
    Tensor,
    Term,
    Times,
    UnsupportedExpression,
)

AGREEMENT = Decimal(10) ** -30
POSITIONS = 4
"""How many entries are compared: one formula gives them all, and a wrong one is wrong nearly everywhere."""

Widths = Mapping[Size, int]
Position = Mapping[Index, int]


class Instance:
    """A setting at concrete widths."""

    def __init__(self, setting: Setting, widths: Widths) -> None:
        self.setting = setting
        self.widths = widths
        self.scalars = Workshop()
        self._written: dict[object, Scalar] = {}
        self._constraints = [
            h for h in setting.hypotheses if isinstance(h.left, Sum) and isinstance(h.left.body, Entry)
        ]
        for h in setting.hypotheses:
            if h not in self._constraints and not isinstance(h.left, Partial):
                raise UnsupportedExpression(f"no instance is known for the hypothesis {h.left} = {h.right}")

    def positions(self, indices: Iterable[Index]) -> Iterator[dict[Index, int]]:
        """Yield values that the indices can take together: all, or a few drawn once when there are many."""
        ordered = sorted(indices, key=str)
        every = list(itertools.product(*(range(1, self.widths[index.size] + 1) for index in ordered)))
        if len(every) > POSITIONS:
            every = random.Random(f"{[index.name for index in ordered]}").sample(every, POSITIONS)
        for values in every:
            yield dict(zip(ordered, values, strict=True))

    def positions_in_order(self, sizes: Sequence[Size]) -> Iterator[tuple[int, ...]]:
        """Yield the places of an array of these sizes, row by row."""
        yield from itertools.product(*(range(1, self.widths[size] + 1) for size in sizes))

    def explicit(self, t: Term, at: Position, cut: frozenset[Tensor] = frozenset()) -> Scalar:
        """Return ``t`` in scalars; tensors in ``cut`` stay symbols, even if defined."""
        place = frozenset((index, at[index]) for index in terms.free_indices(t) | self.setting.fixed)
        written = self._written.get((t, place, cut))
        if written is None:
            written = self._written[t, place, cut] = self._explicit(t, at, cut)
        return written

    def _explicit(self, t: Term, at: Position, cut: frozenset[Tensor]) -> Scalar:
        match t:
            case Number(value):
                return self.scalars.number(value)
            case Size():
                return self.scalars.number(self.widths[t])
            case Delta(left, right):
                return self.scalars.number(at[left] == at[right])
            case Plus(parts):
                return self.scalars.add(self.explicit(part, at, cut) for part in parts)
            case Times(factors):
                return self.scalars.mul(self.explicit(part, at, cut) for part in factors)
            case Power(base, exponent):
                return self.scalars.power(self.explicit(base, at, cut), exponent)
            case Sum(index, body):
                values = range(1, self.widths[index.size] + 1)
                return self.scalars.add(self.explicit(body, {**at, index: value}, cut) for value in values)
            case Apply(function, argument):
                return self._function(function, self.explicit(argument, at, cut))
            case Entry(tensor, indices):
                return self._entry(tensor, tuple(at[index] for index in indices), at, cut)
            case Partial(body, variable):
                return self._partial(body, variable, at, cut)
        raise UnsupportedExpression(f"{type(t).__name__} is outside the kernel's grammar")

    def sizes_met(self, *mentioned: Term) -> set[Size]:
        """Return the sizes that the terms mention, definitions included."""
        waiting, met = list(mentioned), set[Size]()
        seen: set[Tensor] = set()
        while waiting:
            t = waiting.pop()
            met.update(index.size for index in terms.free_indices(t))
            if isinstance(t, Sum):
                met.add(t.index.size)
            if isinstance(t, Entry) and t.tensor not in seen:
                seen.add(t.tensor)
                definition, unknown = self.setting.definition(t.tensor), self.setting.unknown(t.tensor)
                waiting += [definition.body] if definition else []
                met.update(unknown.of.sizes if unknown else ())
            waiting += terms.children(t)
        return met

    def symbol(self, tensor: Tensor, values: tuple[int, ...]) -> Scalar:
        """Return the scalar variable that an entry becomes."""
        return self.scalars.symbol(f"{tensor}[{','.join(map(str, values))}]")

    def _entry(self, tensor: Tensor, values: tuple[int, ...], at: Position, cut: frozenset[Tensor]) -> Scalar:
        if tensor in cut:
            return self.symbol(tensor, values)
        definition = self.setting.definition(tensor)
        if definition is not None:
            inner = {index: at[index] for index in self.setting.fixed}
            inner.update(zip(definition.indices, values, strict=True))
            return self.explicit(definition.body, inner, cut)
        unknown = self.setting.unknown(tensor)
        if unknown is not None:
            return self._unknown(tensor, values, unknown.of, at, cut)
        if tensor.defined and tensor not in self.setting.known:
            raise UnsupportedExpression(f"the setting does not define {tensor}")
        for hypothesis in self._constraints:
            solved = self._solved(hypothesis.left, hypothesis.right, tensor, values, cut)
            if solved is not None:
                return solved
        return self.symbol(tensor, values)

    def _solved(
        self, left: Term, right: Term, tensor: Tensor, values: tuple[int, ...], cut: frozenset[Tensor]
    ) -> Scalar | None:
        """Return the last entry of a vector whose entries must sum to ``right``."""
        assert isinstance(left, Sum)
        last = self.widths[left.index.size]
        if not (isinstance(left.body, Entry) and left.body.tensor == tensor and values == (last,)):
            return None
        others = self.scalars.add(self.symbol(tensor, (value,)) for value in range(1, last))
        minus = self.scalars.mul((self.scalars.number(-1), others))
        return self.scalars.add((self.explicit(right, {}, cut), minus))

    def _unknown(
        self, scalar: Tensor, values: tuple[int, ...], of: Tensor, at: Position, cut: frozenset[Tensor]
    ) -> Scalar:
        """Return a quadratic without symmetry, standing for any differentiable function of ``of``.

        Where a hypothesis prescribes the gradient, a linear function that has this gradient.
        """
        places = list(self.positions_in_order(of.sizes))
        entries = [self._entry(of, place, at, cut) for place in places]
        add, mul = self.scalars.add, self.scalars.mul
        for hypothesis in self.setting.hypotheses:
            if isinstance(hypothesis.left, Partial) and hypothesis.left.body == scalar[()]:
                slopes = [
                    self.explicit(
                        hypothesis.right, dict(zip(hypothesis.left.variable.indices, place, strict=True)), cut
                    )
                    for place in places
                ]
                return add(map(mul, zip(slopes, entries, strict=True)))
        draw = random.Random(f"{scalar}{values}")

        def drawn(denominator: int) -> Scalar:
            return self.scalars.number(Fraction(draw.randint(1, 97), denominator))

        straight = [mul((drawn(31), entry)) for entry in entries]
        neighbours = zip(entries, entries[1:] + entries[:1], strict=True)
        curved = [mul((a, add((mul((drawn(37), a)), mul((drawn(41), b)))))) for a, b in neighbours]
        return add((*straight, *curved))

    def _function(self, function: Function, argument: Scalar) -> Scalar:
        for definition in self.setting.definitions:
            if isinstance(definition, FunctionDefinition) and definition.function.name == function.name:
                symbol = self.symbol(definition.argument, ())
                body = self.explicit(definition.body, {})
                for _ in range(function.order):
                    body = self.scalars.slope(body, symbol)
                return self.scalars.replaced(body, {symbol: argument})
        return self.scalars.apply(function.name, function.order, argument)

    def _partial(self, body: Term, variable: Entry, at: Position, cut: frozenset[Tensor]) -> Scalar:
        tensor = variable.tensor
        place = tuple(at[index] for index in variable.indices)
        if not tensor.defined:
            return self.scalars.slope(self.explicit(body, at, cut), self.symbol(tensor, place))
        # d/dz^(l+1): cut the graph at z^(l+1), differentiate, put the definition back.
        slope = self.scalars.slope(self.explicit(body, at, cut | {tensor}), self.symbol(tensor, place))
        if tensor in cut:
            return slope
        places = self.positions_in_order(tensor.sizes)
        return self.scalars.replaced(
            slope, {self.symbol(tensor, p): self._entry(tensor, p, at, cut) for p in places}
        )


@dataclass(frozen=True)
class Disagreement:
    """Where two sides differ: the widths and indices in words, and both values."""

    where: str
    left: Decimal
    right: Decimal

    def __str__(self) -> str:
        return f"at {self.where}: {self.left:.6g} against {self.right:.6g}"


class Witness:
    """One setting at equal and at unequal small widths, with one random point for each."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        # Equal widths, where a wrong transpose still fits; unequal ones, where every range tells itself
        # apart.
        self._trials = [(Instance(setting, _Widths(cycle)), Point(cycle)) for cycle in ((2,), (2, 3, 1, 1))]

    def disagreement(self, left: Term, right: Term) -> Disagreement | None:
        """Return a counterexample to ``left = right``, or None where the two sides agree everywhere tried."""
        indices = terms.free_indices(left) | terms.free_indices(right) | self.setting.fixed
        for instance, point in self._trials:
            for at in instance.positions(indices):
                values = [point.value(instance.explicit(side, at)) for side in (left, right)]
                if abs(values[0] - values[1]) > AGREEMENT * (1 + abs(values[0]) + abs(values[1])):
                    involved = instance.sizes_met(left, right)
                    where = [
                        f"{size} = {width}" for size, width in instance.widths.items() if size in involved
                    ]
                    where += [f"{index.name} = {value}" for index, value in at.items()]
                    return Disagreement(", ".join(where) or "a random point", *values)
        return None


class _Widths(dict[Size, int]):
    """Widths handed out in turn to the sizes as they are met."""

    def __init__(self, cycle: tuple[int, ...]) -> None:
        self._cycle = itertools.cycle(cycle)

    def __missing__(self, size: Size) -> int:
        self[size] = next(self._cycle)
        return self[size]


witness = lru_cache(maxsize=None)(Witness)


def disagreement(left: Term, right: Term, setting: Setting) -> Disagreement | None:
    """Compare two terms at small widths and random points; see ``Witness.disagreement``."""
    return witness(setting).disagreement(left, right)
