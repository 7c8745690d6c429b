"""What a reader has to trust: the index calculus that decides whether two terms are equal.

``Kernel(...).equal(left, right)`` reads two terms and says whether they are the same real number for every
value of the widths at once.  It computes with Python's integers and fractions and nothing else.

Grammar
-------
::

    term     ::=  number                          an exact rational
               |  size                            a width, a positive integer: n, k_l, k_(l+1)
               |  tensor[index, ...]              one entry; a scalar has no index
               |  delta(index, index)             Kronecker: 1 when equal, else 0
               |  term + ... + term  |  term * ... * term  |  term ** integer
               |  sum(index, term)                the index, bound, runs over 1..its size
               |  function(term)                  exp, log, or an opaque f, f', f'' ...
               |  partial(term, tensor[...])      a derivative, carried out where it can be
    index    ::=  a name with a size
    tensor   ::=  a name, perhaps a layer (``l+1``, ``L``, 3), and one size per index

The classes of ``terms.py`` are this grammar as data: the kernel reads their fields and believes nothing else
of them.  An index whose size is not that of its place, a delta between two ranges, a float, a fractional
power, a node of another kind is refused by name.  So is what cannot be known, such as ``d W^l / d W^L`` when
nothing says whether ``l = L``.  A tensor that is ``defined``, but by no formula that was given, keeps its
derivative in writing, as an unknown.

What is decided
---------------
A term is read as a polynomial in atoms: products expanded, definitions written out, derivatives carried
out, deltas contracted, constants taken out of sums, sums split into connected parts, bound indices named by
height and place.  Two terms are equal when their difference, denominators cleared, is 0.  That decides the
laws of arithmetic, renaming of bound indices, exchange of sums, contraction, ``exp(a + b) = exp(a) exp(b)``.
``True`` means equal wherever no denominator vanishes; ``False`` means *not shown*, never "shown to differ".

What is trusted
---------------
This file, and Python's ``int``, ``Fraction``, tuples and sets.  It rests on the laws of a commutative ring
and its fractions; on finite sums: linear, exchangeable, n c for a constant c over 1..n; on ``[p=q] g(q) =
[p=q] g(p)``; on the derivative of sums, products, integer powers and functions of *one* variable, ``exp' =
exp``, ``log' = 1/x``; and on what it is given: definitions, hypotheses, and the chain rule for each unknown
function.

Capture, the classic mistake: an index bound by a sum is read as a slot deeper than all in scope; in a normal
form its name lies above every name bound within that sum (its height) and apart from all that are free there;
and before anything is put below a sum, ``_opened`` renames what it would capture to what occurs nowhere else.

Which orders of naming are tried (``_orderings``) and which is taken (``_text``) only makes equal terms look
alike: every order is a true renaming.  A mistake there can refuse a true equation, never accept a false one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache, reduce
from typing import Any, NamedTuple

from derivations import terms
from derivations.terms import RangeMismatch, Term, UnsupportedExpression


class Name(NamedTuple):
    """A tensor, as it is read: ``layer`` is (symbol, offset) and each size (name, layer)."""

    name: str
    sizes: tuple[Any, ...]
    layer: tuple[str, int] | None
    defined: bool


class Slot(NamedTuple):
    """An index, as it is read; ``name`` is text if it is free in the term, a number if it was made here."""

    name: str | int
    size: tuple[Any, ...]
    serial: int
    height: int = 0


class Atom(NamedTuple):
    """What polynomials are made of.

    ``entry``: of the tensor ``head`` at ``slots``; ``partial``: the derivative in writing of one by another,
    ``head`` being both tensors; ``delta``; ``size``; ``apply``: the function ``head`` of the polynomial
    ``inside``; ``sum``: of that polynomial over ``slots``; ``plus``: that polynomial, in denominators only.
    """

    kind: str
    head: Any = None
    slots: tuple[Slot, ...] = ()
    inside: frozenset[tuple[Monomial, Coefficient]] = frozenset()


Coefficient = int | Fraction  # an int where it can be one, for speed
Monomial = frozenset[tuple[Atom, int]]
Polynomial = dict[Monomial, Coefficient]
Leaf = Callable[[Atom], Polynomial | None]
Scope = Mapping[Slot, Slot]

ONE: Polynomial = {frozenset(): 1}
_MOST_ORDERINGS = 720
_HIGHEST_POWER = 64
_serials = itertools.count(1)


# --------------------------------------------------------------------------------------------- polynomials


def _power(atom: Atom, n: int = 1) -> Polynomial:
    return {frozenset({(atom, n)}): 1}


def _linear(parts: Iterable[tuple[Polynomial, Coefficient]]) -> Polynomial:
    """Return the sum of polynomials, each times a number."""
    total: Polynomial = {}
    for polynomial, factor in parts:
        for monomial, coefficient in polynomial.items():
            total[monomial] = total.get(monomial, 0) + coefficient * factor
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def _multiply(p: Polynomial, q: Polynomial) -> Polynomial:
    return _linear((_settled(_merged(m, n)), x * y) for m, x in p.items() for n, y in q.items())


def _product(polynomials: Iterable[Polynomial]) -> Polynomial:
    return reduce(_multiply, polynomials, ONE)


def _merged(m: Monomial, n: Monomial) -> Monomial:
    exponents = dict(m)
    for atom, power in n:
        exponents[atom] = exponents.get(atom, 0) + power
    return frozenset((atom, power) for atom, power in exponents.items() if power)


def _settled(monomial: Monomial) -> Polynomial:
    """Apply delta[p,q] g(q) = delta[p,q] g(p), and delta ** n = delta."""
    for delta, n in monomial:
        if delta.kind == "delta":
            if n < 0:
                raise UnsupportedExpression("division by zero: a Kronecker delta stands in a denominator")
            (left, right), rest = delta.slots, monomial - {(delta, n)}
            if n > 1 or any(right in _free(atom) for atom, _ in rest):
                return _multiply(_mapped({rest: 1}, {right: left}), _power(delta))
    return {monomial: 1}


def _raised(p: Polynomial, exponent: int) -> Polynomial:
    if exponent < 0:
        p, exponent = _inverted(p), -exponent
    if len(p) <= 1 and exponent:
        return _linear(
            (_settled(frozenset((atom, n * exponent) for atom, n in monomial)), c**exponent)
            for monomial, c in p.items()
        )
    _refuse_high(exponent, len(p))
    return _product([p] * exponent)


def _refuse_high(exponent: int, count: int) -> None:
    if exponent > _HIGHEST_POWER:
        raise UnsupportedExpression(f"power {exponent} of a sum of {count} terms: too large to expand")


def _inverted(p: Polynomial) -> Polynomial:
    p, denominator = _cleared(p)
    if not p:
        raise UnsupportedExpression("division by zero: a denominator is identically 0")
    first = min(p, key=_text)
    scale = 1 / Fraction(p[first])
    inverse: Polynomial = {frozenset((atom, -n) for atom, n in first): 1}
    if len(p) > 1:  # one atom, in which the first coefficient is 1
        inverse = _power(Atom("plus", inside=frozenset(_linear([(p, scale)]).items())), -1)
    return _linear([(_multiply(inverse, denominator), scale)])


def _cleared(p: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return ``(numerator, denominator)`` without negative exponents at the top."""
    lowest: dict[Atom, int] = {}
    for atom, n in itertools.chain.from_iterable(p):
        lowest[atom] = min(n, lowest.get(atom, 0))
    clearing = frozenset((atom, -n) for atom, n in lowest.items() if n)
    if not clearing:
        return p, ONE
    cleared = _linear((_expanded(_merged(monomial, clearing)), c) for monomial, c in p.items())
    numerator, denominator = _cleared(cleared)
    return numerator, _multiply(denominator, _expanded(clearing))


def _expanded(monomial: Monomial) -> Polynomial:
    return _product(
        _raised(dict(atom.inside), n) if atom.kind == "plus" and n > 0 else _power(atom, n)
        for atom, n in monomial
    )


def _applied(function: tuple[str, int], p: Polynomial) -> Polynomial:
    if function != ("exp", 0):
        return _power(Atom("apply", function, inside=frozenset(p.items())))
    # exp(c m) = exp(m / denominator of c) ** (numerator of c): one atom for all its powers.
    return _product(
        _power(Atom("apply", function, inside=frozenset({(m, Fraction(1, c.denominator))})), c.numerator)
        for m, c in p.items()
    )


def _prime(atom: Atom) -> Polynomial:
    """Return f' at the same argument."""
    if atom.head == ("exp", 0):
        return _power(atom)
    p, (name, order) = dict(atom.inside), atom.head
    return _raised(p, -1) if atom.head == ("log", 0) else _applied((name, order + 1), p)


def _delta(left: Slot, right: Slot) -> Polynomial:
    return ONE if left == right else _power(Atom("delta", None, tuple(sorted((left, right), key=str))))


# ----------------------------------------------------------------------------------- renaming and replacing


def _free_slots(atom: Atom) -> frozenset[Slot]:
    """Return the slots in ``atom`` that no sum binds."""
    inner = frozenset[Slot]().union(*(_free(part) for monomial, _ in atom.inside for part, _ in monomial))
    return inner - {*atom.slots} if atom.kind == "sum" else inner | {*atom.slots}


_free = lru_cache(maxsize=100_000)(_free_slots)


def _mapped(p: Polynomial, renaming: Scope, leaf: Leaf | None = None) -> Polynomial:
    """Return ``p`` with free slots renamed, then ``leaf(atom)``, if any, in place of atoms; normal again."""

    def moved(monomial: Monomial) -> Polynomial:
        still = frozenset(item for item in monomial if not leaf and _free(item[0]).isdisjoint(renaming))
        moving = (_raised(_mapped_atom(atom, renaming, leaf), n) for atom, n in monomial - still)
        return reduce(_multiply, moving, {still: 1})

    return _linear((moved(monomial), c) for monomial, c in p.items())


def _mapped_atom(atom: Atom, renaming: Scope, leaf: Leaf | None) -> Polynomial:
    live = {old: new for old, new in renaming.items() if old in _free(atom)}
    if leaf and not live and (found := leaf(atom)) is not None:
        return found
    if atom.kind == "sum":
        opened = _opened(atom, atom.slots if leaf else live.values())
        return _total(_mapped(dict(atom.inside), live | opened, leaf), opened.values())
    if atom.inside:
        p = _mapped(dict(atom.inside), live, leaf)
        return p if atom.kind == "plus" else _applied(atom.head, p)
    slots = tuple(live.get(slot, slot) for slot in atom.slots)
    if atom.kind == "delta":
        return _delta(*slots)
    moved = atom._replace(slots=slots)
    return _power(moved) if not leaf or (found := leaf(moved)) is None else found


def _opened(atom: Atom, taken: Container[Slot]) -> dict[Slot, Slot]:
    """Return the slots of a sum, those that are ``taken`` renamed to some that occur nowhere else."""
    return {slot: _unused(slot.size) if slot in taken else slot for slot in atom.slots}


def _unused(size: tuple[Any, ...]) -> Slot:
    return Slot(1, size, next(_serials))


def _pairs(these: Iterable[Any], those: Iterable[Any]) -> list[tuple[Any, Any]]:
    return list(zip(these, those, strict=True))


# ---------------------------------------------------------------------------------------------------- sums


def _total(p: Polynomial, slots: Iterable[Slot]) -> Polynomial:
    """Return the sum of ``p`` over each of the slots."""
    for slot in slots:
        p = _linear((_sum(slot, monomial), c) for monomial, c in p.items())
    return p


def _sum(slot: Slot, monomial: Monomial) -> Polynomial:
    """Return the sum of one product: constants go out, a delta contracts, the rest is one block."""
    inside = frozenset(item for item in monomial if slot in _free(item[0]))
    outside: Polynomial = {monomial - inside: 1}
    if not inside:
        return _multiply(outside, _power(Atom("size", slot.size)))
    for atom, n in inside:
        if atom.kind == "delta":
            (other,) = {*atom.slots} - {slot}
            return _multiply(outside, _mapped({inside - {(atom, n)}: 1}, {slot: other}))
    return _multiply(outside, _block(slot, inside))


def _named(slot: Slot, monomial: Monomial) -> Polynomial:
    """Return a sum that neither splits nor contracts, its slots named by height and place.

    Every inner sum that depends on ``slot`` joins the block (sums are exchangeable), so that exchanged sums
    coincide; of the orders of its slots the one with the smallest text is taken.
    """
    slots, p = [slot], ONE
    free = frozenset[Slot]().union(*(_free(atom) for atom, _ in monomial))
    for atom, n in monomial:
        if atom.kind == "sum" and n > 0:
            _refuse_high(n, 1)
            for _ in range(n):
                opened = _opened(atom, free.union(slots))
                slots += opened.values()
                p = _multiply(p, _mapped(dict(atom.inside), opened))
        else:
            p = _multiply(p, _power(atom, n))
    above = 1 + max(_height(atom) for atom, _ in itertools.chain.from_iterable(p))
    heights = {other.height for other in free - {slot}}
    height = min({*range(above, above + len(heights) + 1)} - heights)
    named = []
    for ordering in _orderings(slots, p):
        names = tuple(Slot(0, old.size, place, height) for place, old in enumerate(ordering))
        named.append((names, _mapped(p, dict(_pairs(ordering, names)))))
    if len(named) > 1:
        named.sort(key=lambda item: sorted(map(_text, item[1])))
    names, p = named[0]
    return _linear((_power(Atom("sum", None, names, frozenset({(m, 1)}))), c) for m, c in p.items())


def _greatest_height(atom: Atom) -> int:
    """Return the largest height of a slot that is bound in ``atom``."""
    bound = [slot.height for slot in atom.slots] if atom.kind == "sum" else []
    return max((0, *bound, *(_height(part) for monomial, _ in atom.inside for part, _ in monomial)))


_block = lru_cache(maxsize=100_000)(_named)
_height = lru_cache(maxsize=100_000)(_greatest_height)


def _orderings(slots: list[Slot], p: Polynomial) -> Iterator[tuple[Slot, ...]]:
    """Yield the orders of ``slots`` worth trying: those told apart by where they occur have one order."""

    def places(slot: Slot) -> list[str]:
        names = {other: "*" if other == slot else "" for other in slots}
        items = (item for monomial in p for item in monomial if slot in _free(item[0]))
        return sorted(_text(item, names) for item in items)

    if len(slots) == 1:
        yield tuple(slots)
        return
    keys = {slot: places(slot) for slot in slots}
    ranked = sorted(slots, key=keys.__getitem__)
    groups = [tuple(group) for _, group in itertools.groupby(ranked, key=keys.__getitem__)]
    count = math.prod(math.factorial(len(group)) for group in groups)
    if count > _MOST_ORDERINGS:
        raise UnsupportedExpression(f"{len(slots)} sums that cannot be told apart: {count} orders to compare")
    for choice in itertools.product(*map(itertools.permutations, groups)):
        yield tuple(itertools.chain.from_iterable(choice))


def _text(x: object, names: Mapping[Slot, str] = {}) -> str:
    """Return ``x`` in words that no order of factors and terms changes, with these names for its slots."""
    if isinstance(x, Slot):
        return names.get(x, str(tuple(x)))
    if isinstance(x, Atom) and x.kind == "delta":
        x = frozenset(x.slots)
    if isinstance(x, frozenset):
        return f"{{{' '.join(sorted(_text(part, names) for part in x))}}}"
    return f"({' '.join(_text(part, names) for part in x)})" if isinstance(x, tuple) else str(x)


# ------------------------------------------------------------------------------------------------- reading


def _layer(layer: terms.Layer | None) -> tuple[str, int] | None:
    return None if layer is None else (layer.symbol, layer.offset)


def _size(size: terms.Size) -> tuple[Any, ...]:
    return size.name, _layer(size.layer)


def _name(tensor: terms.Tensor) -> Name:
    return Name(tensor.name, tuple(map(_size, tensor.sizes)), _layer(tensor.layer), tensor.defined)


def _shown(name: Name) -> str:
    return name.name if name.layer is None else f"{name.name}^{terms.Layer(*name.layer)}"


def _slot(index: object) -> Slot:
    if not isinstance(index, terms.Index) or not isinstance(index.name, str):
        raise UnsupportedExpression(f"an Index is expected, not {type(index).__name__} {index!r}")
    return Slot(index.name, _size(index.size), index.serial)


def _refuse_unless_equal(what: str, size: terms.Size, other: terms.Size) -> None:
    if _size(size) != _size(other):
        raise RangeMismatch(f"{what} runs over 1..{size} here, and over 1..{other} there")


def _same(a: Name, v: Name) -> bool:
    if a.name != v.name:
        return False
    if a.layer != v.layer:
        if a.layer is None or v.layer is None or a.layer[0] != v.layer[0]:
            raise UnsupportedExpression(
                f"nothing says whether {_shown(a)} and {_shown(v)} are the same tensor"
            )
        return False
    if a.sizes != v.sizes:
        raise UnsupportedExpression(
            f"{_shown(a)} is used with two shapes, of {len(a.sizes)} and {len(v.sizes)} indices"
        )
    return True


class Kernel:
    """The judge of equations, in the light of what is given.

    Parameters
    ----------
    definitions : iterable of (tensor, indices, body)
        ``tensor[indices]`` is ``body``, at all values of the indices.
    functions : iterable of (name, argument, body)
        The function is ``body``, in which the scalar ``argument`` stands for its argument.
    unknowns : iterable of (scalar, tensor)
        ``scalar`` is a differentiable function of the entries of ``tensor``: the chain rule applies to it.
    hypotheses : iterable of (left, right, indices)
        ``left``, one entry, one derivative or one sum, is ``right``, at all values of the indices.
    """

    def __init__(
        self,
        definitions: Iterable[tuple[terms.Tensor, tuple[terms.Index, ...], Term]] = (),
        functions: Iterable[tuple[str, terms.Tensor, Term]] = (),
        unknowns: Iterable[tuple[terms.Tensor, terms.Tensor]] = (),
        hypotheses: Iterable[tuple[Term, Term, tuple[terms.Index, ...]]] = (),
    ) -> None:
        self._definitions = {_name(tensor): (indices, body) for tensor, indices, body in definitions}
        self._functions = {name: (argument, body) for name, argument, body in functions}
        self._unknowns = {_name(scalar): _name(of) for scalar, of in unknowns}
        self._hypotheses = tuple(hypotheses)
        self._known: dict[tuple[int, tuple[tuple[Slot, Slot], ...]], tuple[object, Polynomial]] = {}
        self._slope = cache(self._rate)

    def equal(self, left: Term, right: Term) -> bool:
        """Say whether ``left = right`` is shown, for every width, wherever no denominator vanishes."""
        return not _cleared(_linear([(self.normal(left), 1), (self.normal(right), -1)]))[0]

    def normal(self, t: Term) -> Polynomial:
        """Return the normal form of ``t``, every hypothesis used from left to right."""
        p = self._read(t, {})
        for hypothesis in self._hypotheses:
            p = _mapped(p, {}, self._assumed(*hypothesis))
        return p

    def _assumed(self, left: Term, right: Term, indices: tuple[terms.Index, ...]) -> Leaf:
        pattern, free = self._read(left, {}), {*map(_slot, indices)}
        atoms = [atom for atom, _ in itertools.chain.from_iterable(pattern)]
        if len(atoms) != 1 or pattern != _power(atoms[0]):
            raise UnsupportedExpression(
                f"a hypothesis is about one entry, derivative or sum, not about {left}"
            )

        def leaf(atom: Atom) -> Polynomial | None:
            if len(atom.slots) != len(atoms[0].slots):
                return None
            found = {old: new for old, new in _pairs(atoms[0].slots, atom.slots) if old in free}
            return self._read(right, found) if _mapped(pattern, found) == _power(atom) else None

        return leaf

    def _read(self, t: object, scope: Scope) -> Polynomial:
        key = id(t), tuple(scope.items())
        if key not in self._known:
            self._known[key] = t, self._fresh(t, scope)  # with t, so that its id remains its own
        return self._known[key][1]

    def _fresh(self, t: object, scope: Scope) -> Polynomial:
        match t:
            case terms.Number(value) if isinstance(value, Fraction):
                return _linear([(ONE, value.numerator if value.denominator == 1 else value)])
            case terms.Size():
                return _power(Atom("size", _size(t)))
            case terms.Delta(left, right):
                slots = [scope.get(slot, slot) for slot in map(_slot, (left, right))]
                _refuse_unless_equal("an index of a delta", left.size, right.size)
                return _delta(*slots)
            case terms.Plus(parts):
                return _linear((self._read(part, scope), 1) for part in parts)
            case terms.Times(factors):
                return _product(self._read(factor, scope) for factor in factors)
            case terms.Power(base, exponent) if type(exponent) is int:
                return _raised(self._read(base, scope), exponent)
            case terms.Sum(index, body):
                depth = 1 + max((slot.serial for slot in scope.values() if slot.name == 0), default=0)
                slot = _slot(index)._replace(name=0, serial=depth)
                return _total(self._read(body, {**scope, _slot(index): slot}), [slot])
            case terms.Apply(function, argument):
                return self._function((function.name, function.order), self._read(argument, scope))
            case terms.Entry():
                return self._value(self._entry(t, scope))
            case terms.Partial(body, terms.Entry() as variable):
                v = self._entry(variable, scope)
                if not v.head.defined:
                    return self._derivative(self._read(body, scope), v)
                if isinstance(body, terms.Entry) and body.tensor.defined:
                    return self._inert(self._entry(body, scope), v)
                raise UnsupportedExpression(
                    f"{_shown(v.head)} is a function of other tensors, not an independent variable"
                )
        raise UnsupportedExpression(f"{type(t).__name__} {t} is outside the kernel's grammar")

    def _entry(self, t: terms.Entry, scope: Scope) -> Atom:
        slots, sizes = tuple(map(_slot, t.indices)), t.tensor.sizes
        if len(slots) != len(sizes):
            raise UnsupportedExpression(f"{t.tensor} takes {len(sizes)} indices, not {len(slots)}")
        for index, size in _pairs(t.indices, sizes):
            _refuse_unless_equal(f"an index of {t.tensor}", size, index.size)
        return Atom("entry", _name(t.tensor), tuple(scope.get(slot, slot) for slot in slots))

    def _value(self, entry: Atom) -> Polynomial:
        """Return what an entry stands for: its definition, or itself."""
        if entry.head not in self._definitions:
            return _power(entry)
        indices, body = self._definitions[entry.head]
        slots = tuple(map(_slot, indices))
        if tuple(slot.size for slot in slots) != entry.head.sizes:
            raise RangeMismatch(
                f"the indices in the definition of {_shown(entry.head)} do not have its ranges"
            )
        return self._read(body, dict(_pairs(slots, entry.slots)))

    def _function(self, function: tuple[str, int], p: Polynomial) -> Polynomial:
        """Return a function of ``p``, written out where it is defined."""
        if function[0] not in self._functions:
            return _applied(function, p)
        argument, body = self._functions[function[0]]
        x, q = Atom("entry", _name(argument)), self._read(body, {})
        for _ in range(function[1]):
            q = self._derivative(q, x)
        return _mapped(q, {}, lambda atom: p if atom == x else None)

    def _derivative(self, p: Polynomial, v: Atom) -> Polynomial:
        """Return d ``p`` / d ``v``: one term for each factor, that factor differentiated."""
        return _linear(
            (_multiply({_merged(monomial, frozenset({(atom, -1)})): 1}, slope), c * n)
            for monomial, c in p.items()
            for atom, n in monomial
            if (slope := self._slope(atom, v))
        )

    def _rate(self, atom: Atom, v: Atom) -> Polynomial:
        p = dict(atom.inside)
        match atom.kind:
            case "entry" if atom.head.defined:
                return self._inert(atom, v)
            case "entry":
                return _product(map(_delta, atom.slots, v.slots)) if _same(atom.head, v.head) else {}
            case "partial":
                raise UnsupportedExpression(
                    f"a second derivative of {_shown(atom.head[0])}, which is not written out"
                )
            case "plus":
                return self._derivative(p, v)
            case "sum":
                opened = _opened(atom, v.slots)
                return _total(self._derivative(_mapped(p, opened), v), opened.values())
            case "apply":
                return _multiply(_prime(atom), self._derivative(p, v))
        return {}  # sizes and deltas

    def _inert(self, entry: Atom, v: Atom) -> Polynomial:
        """Return d ``entry`` / d ``v`` of a defined tensor: in writing, or by the chain rule if unknown."""
        of = self._unknowns.get(entry.head)
        if of is None or of == v.head:
            return _power(Atom("partial", (entry.head, v.head), entry.slots + v.slots))
        through = Atom("entry", of, tuple(map(_unused, of.sizes)))
        inner = self._inert(through, v) if v.head.defined else self._derivative(self._value(through), v)
        return _total(_multiply(self._inert(entry, through), inner), through.slots)


def equal(left: Term, right: Term) -> bool:
    """Say whether ``left = right`` is shown when nothing is given."""
    return Kernel().equal(left, right)
