"""Terms as they are written: the same form, occurrences of a pattern, the same formula at another layer."""

from __future__ import annotations

from fractions import Fraction

from derivations import terms
from derivations.terms import (
    Apply,
    Delta,
    Entry,
    Index,
    Layer,
    Number,
    Partial,
    Plus,
    Power,
    Size,
    Sum,
    Tensor,
    Term,
    Times,
)


def same(left: Term, right: Term) -> bool:
    """Say whether two terms are written alike, up to order, names of bound indices, and zeros and ones."""
    return _skeleton(left, {}, 0) == _skeleton(right, {}, 0)


def _skeleton(t: Term, names: dict[Index, str], depth: int) -> str:
    def name(index: Index) -> str:
        return names.get(index, str(index))

    match t:
        case Number(value):
            return str(value)
        case Entry(tensor, indices):
            return f"{tensor}:{'x'.join(map(str, tensor.sizes))}[{','.join(map(name, indices))}]"
        case Delta(left, right):
            return f"[{'='.join(sorted((name(left), name(right))))}]"
        case Sum(index, body):
            inner = _skeleton(body, {**names, index: f"@{depth}:{index.size}"}, depth + 1)
            return "0" if inner == "0" else f"sum({index.size},{inner})"
        case Plus():
            parts = [_skeleton(part, names, depth) for part in flat(t, Plus)]
            kept = sorted(part for part in parts if part != "0")
            return "0" if not kept else kept[0] if len(kept) == 1 else f"({'+'.join(kept)})"
        case Times():
            factors = flat(t, Times)
            number = Fraction(1)
            others = []
            for factor in factors:
                if isinstance(factor, Number):
                    number *= factor.value
                else:
                    others.append(_skeleton(factor, names, depth))
            if number == 0 or "0" in others:
                return "0"
            kept = sorted(part for part in others if part != "1")
            if number != 1 or not kept:
                kept.insert(0, str(number))
            return kept[0] if len(kept) == 1 else f"({'*'.join(kept)})"
        case Power(base, exponent):
            inner = _skeleton(base, names, depth)
            return inner if exponent == 1 else "1" if exponent == 0 else f"{inner}**{exponent}"
    head = str(t.function) if isinstance(t, Apply) else type(t).__name__
    label = str(t) if not terms.children(t) else head
    return f"{label}({','.join(_skeleton(part, names, depth) for part in terms.children(t))})"


def flat(t: Term, kind: type[Plus] | type[Times]) -> list[Term]:
    """Return the operands of nested sums, or of nested products."""
    if not isinstance(t, kind):
        return [t]
    return [leaf for part in terms.children(t) for leaf in flat(part, kind)]


def instances(t: Term, left: Term, right: Term, indices: tuple[Index, ...]) -> Term:
    """Replace every occurrence of ``left``, at any values of ``indices``, by ``right`` at those values."""
    found: dict[Index, Index] = {}
    if _fits(left, t, frozenset(indices), found):
        return terms.substitute(right, found)
    if isinstance(t, Partial) and t.variable.tensor.defined:
        return t
    return terms.rebuild(t, (instances(part, left, right, indices) for part in terms.children(t)))


def _fits(pattern: Term, t: Term, free: frozenset[Index], found: dict[Index, Index]) -> bool:
    """Say whether ``t`` is ``pattern`` with its ``free`` indices replaced; ``found`` receives by what."""
    if not free:
        return same(pattern, t)
    if type(pattern) is not type(t):
        return False

    def fits(old: Index, new: Index) -> bool:
        if old not in free:
            return old == new
        return old.size == new.size and found.setdefault(old, new) == new

    if isinstance(pattern, Entry) and isinstance(t, Entry):
        return pattern.tensor == t.tensor and all(map(fits, pattern.indices, t.indices))
    if isinstance(pattern, Partial) and isinstance(t, Partial):
        return _fits(pattern.body, t.body, free, found) and _fits(pattern.variable, t.variable, free, found)
    if isinstance(pattern, Apply) and isinstance(t, Apply):
        return pattern.function == t.function and _fits(pattern.argument, t.argument, free, found)
    return False


def at_layer(t: Term, old: str, new: Layer) -> Term:
    """Return the same formula with the layer symbol ``old`` replaced: l becomes l+1, or L, or 3."""

    def layer(value: Layer | None) -> Layer | None:
        return new + value.offset if value is not None and value.symbol == old else value

    def size(value: Size) -> Size:
        return Size(value.name, layer(value.layer))

    def index(value: Index) -> Index:
        return Index(value.name, size(value.size), value.serial)

    def tensor(value: Tensor) -> Tensor:
        return Tensor(value.name, tuple(map(size, value.sizes)), layer(value.layer), value.defined)

    def move(part: Term) -> Term:
        match part:
            case Size():
                return size(part)
            case Entry():
                return Entry(tensor(part.tensor), tuple(map(index, part.indices)))
            case Delta(left, right):
                return Delta(index(left), index(right))
            case Sum():
                return Sum(index(part.index), move(part.body))
        return terms.rebuild(part, map(move, terms.children(part)))

    return move(t)


def tidy(t: Term) -> Term:
    """Drop zeros and ones, so that the next line reads well."""
    t = terms.rebuild(t, map(tidy, terms.children(t))) if not isinstance(t, Partial) else t
    if isinstance(t, Plus):
        kept = [part for part in t.terms if part != terms.ZERO]
        return terms.plus(*kept) if kept else terms.ZERO
    if isinstance(t, Times):
        if terms.ZERO in t.factors:
            return terms.ZERO
        numbers = [part.value for part in t.factors if isinstance(part, Number)]
        product = terms.ONE.value
        for value in numbers:
            product *= value
        kept = [part for part in t.factors if not isinstance(part, Number)]
        if product != 1 or not kept:
            kept.insert(0, Number(product))
        return terms.times(*kept)
    if isinstance(t, Sum) and t.body == terms.ZERO:
        return terms.ZERO
    if isinstance(t, Power) and t.exponent == 1:
        return t.base
    return t
