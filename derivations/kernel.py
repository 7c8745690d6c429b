"""Index calculus and equality: what a reader has to trust.

A *term* is a real number written with indices: ``sum_j W[i,j] * f(z[j]) + b[i]``.  The kernel builds
terms, differentiates them, substitutes in them and decides equations between them, for every value
of the widths at once.  It uses Python's integers and fractions and nothing else: no computer
algebra system stands behind it.  (SymPy is the *referee* in ``instance.py`` and in the tests.)

Grammar
-------
::

    term     ::=  number                          an exact rational
               |  size                            a width: n, k_l, k_(l+1)
               |  tensor[index, ...]              one entry; a scalar has no index
               |  delta(index, index)             Kronecker: 1 when equal, else 0
               |  term + ... + term  |  term * ... * term  |  term ** integer
               |  sum(index, term)                the index runs over 1..its size
               |  function(term)                  exp, log, or an opaque f, f', f'' ...
               |  partial(term, tensor[...])      a derivative written down, not carried out
    index    ::=  a name with a size
    tensor   ::=  a name, perhaps a layer (``l+1``, ``L``, 3), and one size per index

Typing is part of the grammar.  An index whose size is not the size of its slot, a delta between two
ranges, a float, a non-integer power: each is refused when the term is *built*, by name.  What the
kernel cannot know it refuses too (``UnsupportedExpression``), such as ``d W^l / d W^L`` when nothing says
whether ``l = L``.  A tensor declared as a function of others keeps its derivative in writing, as an unknown.

What is decided
---------------
``canonical(t)`` expands ``t`` into a sum of products, carries out derivatives, contracts deltas,
takes constant factors out of sums, splits each sum into its connected parts, and names bound
indices by position.  Two terms have one canonical form if they are equal by commutativity,
associativity, distributivity, renaming of bound indices, exchange of sums, delta contraction and
``exp(a + b) = exp(a) exp(b)``.  ``equal(s, t)`` then also clears denominators.  ``True`` means equal
wherever no denominator vanishes; ``False`` means *not shown*, never "shown to be different".

Bound indices are named from the inside out: a sum's canonical name carries its nesting height, one
more than every sum within it, so an outer name can never be captured by an inner sum.  (Names
without the height turn ``sum_j f(sum_s W[j,s] x[s])`` into ``W[c,c]``, which then equals its own
transpose.)  Substitution renames bound indices whenever they could capture, height or no height.

What is trusted
---------------
This file, and the grammar that it reads in ``terms.py``; Python's ``int`` and ``Fraction``; the rules of
differentiation in ``derivative`` (linear,
product, integer power, the *scalar* chain rule, ``exp' = exp``, ``log' = 1/x``, differentiating a finite
sum term by term).  The multivariate chain rule is not here: proofs that need it name it as an axiom.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

from derivations.terms import (
    ONE,
    ZERO,
    Apply,
    Delta,
    Entry,
    Function,
    Index,
    Layer,
    Number,
    Partial,
    Plus,
    Power,
    RangeMismatch,
    Size,
    Sum,
    Tensor,
    Term,
    Times,
    UnsupportedExpression,
    bound_names_apart,
    children,
    entry_of,
    exp,
    free_indices,
    fresh,
    log,
    opaque,
    plus,
    rebuild,
    rename,
    substitute,
    term,
    times,
)

__all__ = [
    "ONE",
    "ZERO",
    "Apply",
    "Delta",
    "Entry",
    "Function",
    "Index",
    "Layer",
    "Number",
    "Partial",
    "Plus",
    "Power",
    "RangeMismatch",
    "Size",
    "Sum",
    "Tensor",
    "Term",
    "Times",
    "UnsupportedExpression",
    "bound_names_apart",
    "canonical",
    "children",
    "derivative",
    "equal",
    "exp",
    "fraction",
    "free_indices",
    "fresh",
    "log",
    "opaque",
    "plus",
    "rebuild",
    "substitute",
    "term",
    "times",
]  # fmt: skip


# ------------------------------------------------------------------------------------------ derivative


def derivative(t: Term, variable: Term) -> Term:
    """Return d ``t`` / d ``variable``, carried out.

    Parameters
    ----------
    t : Term
        Any term of the grammar.
    variable : Term
        An entry of a tensor that is not ``defined``: an independent variable.

    Raises
    ------
    UnsupportedExpression
        When ``variable`` is no independent entry, when a second derivative of a ``defined`` tensor would be
        needed, or when it cannot be known whether two tensors are the same one.
    """
    entry = entry_of(variable)
    if entry.tensor.defined:
        raise UnsupportedExpression(
            f"{entry.tensor} is a function of other tensors, not an independent variable"
        )
    return _derivative(t, entry)


def _derivative(t: Term, v: Entry) -> Term:
    match t:
        case Number() | Size() | Delta():
            return ZERO
        case Entry(tensor, indices):
            if tensor.defined:
                return Partial(t, v)
            if not _same_tensor(tensor, v.tensor):
                return ZERO
            return times(ONE, *(Delta(p, q) for p, q in zip(indices, v.indices, strict=True)))
        case Plus(terms):
            return plus(ZERO, *(_derivative(part, v) for part in terms))
        case Times(factors):
            # The product rule: one term for each factor, that factor differentiated.
            return plus(
                ZERO,
                *(
                    times(*factors[:i], _derivative(part, v), *factors[i + 1 :])
                    for i, part in enumerate(factors)
                ),
            )
        case Power(base, exponent):
            return times(Number(Fraction(exponent)), Power(base, exponent - 1), _derivative(base, v))
        case Sum(index, body):
            if index in v.indices:
                other = fresh(index.name, index.size)
                index, body = other, rename(body, {index: other})
            return Sum(index, _derivative(body, v))
        case Apply(function, argument):
            return times(_slope(function, argument), _derivative(argument, v))
        case Partial(body, variable):
            if isinstance(body, Entry) and body.tensor.defined:
                raise UnsupportedExpression(
                    f"a second derivative of {body.tensor}, which is a function of other tensors"
                )
            return _derivative(derivative(body, variable), v)
    raise UnsupportedExpression(f"{type(t).__name__} is outside the kernel's grammar")


def _slope(function: Function, argument: Term) -> Term:
    if function == exp:
        return Apply(exp, argument)
    if function == log:
        return Power(argument, -1)
    return Apply(function.prime, argument)


def _same_tensor(a: Tensor, v: Tensor) -> bool:
    if a.name != v.name:
        return False
    if a.layer != v.layer:
        if a.layer is None or v.layer is None or a.layer.symbol != v.layer.symbol:
            raise UnsupportedExpression(f"nothing says whether {a} and {v} are the same tensor")
        return False
    if a.sizes != v.sizes:
        shapes = [" x ".join(map(str, tensor.sizes)) or "scalar" for tensor in (a, v)]
        raise UnsupportedExpression(f"{a} is used both as {shapes[0]} and as {shapes[1]}")
    return True


# -------------------------------------------------------------------------------------- canonical form
#
# A polynomial maps monomials to their coefficients; a monomial is a set of (atom, integer exponent).
# Atoms are terms: entries, deltas, sizes, functions of canonical terms, inert derivatives, sums of
# canonical products, and (with negative exponents only) canonical sums of terms.

Monomial = frozenset[tuple[Term, int]]
Polynomial = dict[Monomial, Fraction]

_Key = tuple[list[tuple[tuple[tuple[str, int], ...], Fraction]], list[str]]
_UNIT: Monomial = frozenset()
_MOST_ORDERINGS = 5040
_HIGHEST_POWER = 64


def canonical(t: Term) -> Term:
    """Return the canonical form: an expanded sum of products, bound indices named by position."""
    return _as_term(_entering(t))


def fraction(t: Term) -> tuple[Term, Term]:
    """Return canonical ``(numerator, denominator)`` with ``t`` = numerator / denominator."""
    numerator, denominator = _clear(_entering(t))
    return _as_term(numerator), _as_term(denominator)


def equal(left: Term, right: Term) -> bool:
    """Say whether ``left = right`` is shown, for every width, wherever no denominator vanishes."""
    difference = _entering(term(left) - term(right))
    return not difference or not _clear(difference)[0]


def _entering(t: object) -> Polynomial:
    entering = term(t)
    for index in free_indices(entering):
        if _is_canonical(index):
            raise UnsupportedExpression(
                f"{index.name} names a bound index of a canonical form and cannot be free"
            )
    return _polynomial(entering)


def _as_term(p: Polynomial) -> Term:
    parts = []
    for monomial, coefficient in sorted(p.items(), key=lambda item: _monomial_key(item[0])):
        factors: list[Term] = [atom if n == 1 else Power(atom, n) for atom, n in _in_order(monomial)]
        if coefficient != 1 or not factors:
            factors.insert(0, Number(coefficient))
        parts.append(times(*factors))
    return plus(*parts) if parts else ZERO


def _in_order(monomial: Monomial) -> list[tuple[Term, int]]:
    return sorted(monomial, key=lambda item: (str(item[0]), item[1]))


def _monomial_key(monomial: Monomial) -> tuple[tuple[str, int], ...]:
    return tuple((str(atom), n) for atom, n in _in_order(monomial))


def _add(*polynomials: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for polynomial in polynomials:
        for monomial, coefficient in polynomial.items():
            value = total.get(monomial, Fraction(0)) + coefficient
            if value:
                total[monomial] = value
            else:
                total.pop(monomial, None)
    return total


def _multiply(*polynomials: Polynomial) -> Polynomial:
    product: Polynomial = {_UNIT: Fraction(1)}
    for p in polynomials:
        product = _add(
            *(_scale(_settle(_merge(m, n)), x * y) for m, x in product.items() for n, y in p.items())
        )
    return product


def _scale(p: Polynomial, by: Fraction) -> Polynomial:
    return {monomial: coefficient * by for monomial, coefficient in p.items()}


def _merge(m: Monomial, n: Monomial) -> Monomial:
    if not m or not n:
        return m or n
    exponents = dict(m)
    for atom, power in n:
        exponents[atom] = exponents.get(atom, 0) + power
    return frozenset((atom, power) for atom, power in exponents.items() if power)


def _raise(p: Polynomial, exponent: int) -> Polynomial:
    if exponent < 0:
        p, exponent = _invert(p), -exponent
    if len(p) > 1 and exponent > _HIGHEST_POWER:
        raise UnsupportedExpression(f"power {exponent} of a sum of {len(p)} terms: too large to expand")
    if len(p) == 1 and exponent:
        ((monomial, coefficient),) = p.items()
        # A delta is 0 or 1, so it is its own power.
        powers = frozenset((atom, n if isinstance(atom, Delta) else n * exponent) for atom, n in monomial)
        return {powers: coefficient**exponent}
    return _multiply(*([p] * exponent))


def _invert(p: Polynomial) -> Polynomial:
    p, denominator = _clear(p)
    if not p:
        raise UnsupportedExpression("division by zero: a denominator is identically 0")
    if len(p) == 1:
        ((monomial, coefficient),) = p.items()
        if any(isinstance(atom, Delta) for atom, _ in monomial):
            raise UnsupportedExpression("division by zero: a Kronecker delta stands in a denominator")
        return _scale(
            _multiply({frozenset((atom, -n) for atom, n in monomial): Fraction(1)}, denominator),
            1 / coefficient,
        )
    leading = p[min(p, key=_monomial_key)]
    monic = _as_term(_scale(p, 1 / leading))
    return _scale(_multiply({frozenset({(monic, -1)}): Fraction(1)}, denominator), 1 / leading)


def _clear(p: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return ``(numerator, denominator)`` without negative exponents at the top."""
    denominator: Polynomial = {_UNIT: Fraction(1)}
    while True:
        powers: dict[Term, int] = {}
        for monomial in p:
            for atom, n in monomial:
                if n < 0:
                    powers[atom] = max(powers.get(atom, 0), -n)
        if not powers:
            return p, denominator
        clearing: Monomial = frozenset(powers.items())
        p = _add(*(_scale(_expand(_merge(monomial, clearing)), c) for monomial, c in p.items()))
        denominator = _multiply(denominator, _expand(clearing))


def _expand(monomial: Monomial) -> Polynomial:
    return _multiply(*(_raise(_polynomial(atom), n) if n > 0 else {frozenset({(atom, n)}): Fraction(1)}
                       for atom, n in monomial))  # fmt: skip


def _settle(monomial: Monomial) -> Polynomial:
    """Apply delta[p,q] g(q) = delta[p,q] g(p), and delta ** n = delta."""
    for delta, n in monomial:
        if isinstance(delta, Delta):
            if n < 0:
                raise UnsupportedExpression("division by zero: a Kronecker delta stands in a denominator")
            rest = monomial - {(delta, n)}
            if n > 1:
                return _settle(_merge(rest, frozenset({(delta, 1)})))
            if any(delta.right in free_indices(atom) for atom, _ in rest):
                return _multiply(
                    _renamed(rest, {delta.right: delta.left}), {frozenset({(delta, 1)}): Fraction(1)}
                )
    return {monomial: Fraction(1)}


def _renamed(monomial: Iterable[tuple[Term, int]], renaming: dict[Index, Index]) -> Polynomial:
    return _multiply(*(_raise(_polynomial(rename(atom, renaming)), n) for atom, n in monomial))


@lru_cache(maxsize=200_000)
def _polynomial(t: Term) -> Polynomial:
    match t:
        case Number(value):
            return {_UNIT: value} if value else {}
        case Entry() | Size():
            return {frozenset({(t, 1)}): Fraction(1)}
        case Delta(left, right):
            if left == right:
                return {_UNIT: Fraction(1)}
            return {frozenset({(Delta(*sorted((left, right), key=str)), 1)}): Fraction(1)}
        case Plus(terms):
            return _add(*map(_polynomial, terms))
        case Times(factors):
            return _multiply(*map(_polynomial, factors))
        case Power(base, exponent):
            return _raise(_polynomial(base), exponent)
        case Sum(index, body):
            if _is_canonical(index):
                index, body = _opened(index, body)
            return _add(*(_scale(_sum(index, m), c) for m, c in _polynomial(body).items()))
        case Apply(function, argument):
            p = _polynomial(argument)
            if function == exp:
                return _multiply(*(_exp(monomial, coefficient) for monomial, coefficient in p.items()))
            return {frozenset({(Apply(function, _as_term(p)), 1)}): Fraction(1)}
        case Partial(body, variable):
            if isinstance(body, Entry) and body.tensor.defined:
                return {frozenset({(t, 1)}): Fraction(1)}
            return _polynomial(derivative(body, variable))
    raise UnsupportedExpression(f"{type(t).__name__} is outside the kernel's grammar")


def _exp(monomial: Monomial, coefficient: Fraction) -> Polynomial:
    """Return exp(c m) = exp(m / denominator of c) ** (numerator of c): one atom for all its powers."""
    argument = _as_term({monomial: Fraction(1, coefficient.denominator)})
    return {frozenset({(Apply(exp, argument), coefficient.numerator)}): Fraction(1)}


def _sum(index: Index, monomial: Monomial) -> Polynomial:
    """Return the sum of one product: constants go out, a delta contracts, the rest is one block."""
    inside = frozenset((atom, n) for atom, n in monomial if index in free_indices(atom))
    outside: Polynomial = {monomial - inside: Fraction(1)}
    if not inside:
        return _multiply(outside, _polynomial(index.size))
    for atom, n in inside:
        if isinstance(atom, Delta):
            other = atom.left if atom.right == index else atom.right
            return _multiply(outside, _renamed(inside - {(atom, n)}, {index: other}))
    return _multiply(outside, _block(index, inside))


def _block(index: Index, monomial: Monomial) -> Polynomial:
    """Return a sum that neither splits nor contracts, its indices named by height and position.

    Every inner sum that depends on ``index`` joins the block (Fubini), so that exchanged sums coincide;
    among the orders of its indices the one with the smallest written form is chosen.
    """
    indices, factors, waiting = [index], _UNIT, list(monomial)
    while waiting:
        atom, n = waiting.pop()
        if isinstance(atom, Sum) and n > 0:
            inner, body = _opened(atom.index, atom.body)
            indices.append(inner)
            waiting.extend(_written_factors(body))
            if n > 1:
                waiting.append((atom, n - 1))
        else:
            factors = _merge(factors, frozenset({(atom, n)}))
    height = max(_height(atom) for atom, _ in factors)
    # An index that an outer sum has already named keeps its name to itself.
    taken = {_height_of(i) for atom, _ in factors for i in free_indices(atom) if _is_canonical(i)}
    while height in taken:
        height += 1
    best: tuple[_Key, Polynomial, list[Index]] | None = None
    for ordering in _orderings(indices, factors):
        names = [_name(height, place, old.size) for place, old in enumerate(ordering)]
        product = _renamed(factors, dict(zip(ordering, names, strict=True)))
        key = sorted((_monomial_key(m), c) for m, c in product.items()), list(map(str, names))
        if best is None or key < best[0]:
            best = key, product, names
    assert best is not None
    total: Polynomial = {}
    for m, c in best[1].items():
        body = _as_term({m: Fraction(1)})
        for name in best[2]:
            body = Sum(name, body)
        total = _add(total, {frozenset({(body, 1)}): c})
    return total


def _written_factors(t: Term) -> list[tuple[Term, int]]:
    factors = t.factors if isinstance(t, Times) else (t,)
    return [(item.base, item.exponent) if isinstance(item, Power) else (item, 1) for item in factors]


def _opened(index: Index, body: Term) -> tuple[Index, Term]:
    other = fresh(index.name, index.size)
    return other, rename(body, {index: other})


_STRIDE = 1000


def _name(height: int, place: int, size: Size) -> Index:
    return Index(f"c{height}_{place}", size, -(1 + height * _STRIDE + place))


def _is_canonical(index: Index) -> bool:
    return index.serial < 0


def _height(t: Term) -> int:
    """Return one more than the height of every sum within ``t``, 0 when there is none."""
    own = 1 + _height_of(t.index) if isinstance(t, Sum) and _is_canonical(t.index) else 0
    return max(own, *map(_height, children(t)), 0)


def _height_of(index: Index) -> int:
    return (-index.serial - 1) // _STRIDE


def _orderings(indices: list[Index], factors: Monomial) -> Iterator[tuple[Index, ...]]:
    """Yield the orders of ``indices`` worth trying: those told apart by where they occur have one order."""
    places = {
        index: (
            str(index.size),
            sorted(place for atom, n in factors for place in _places(atom, index, f"{n}")),
        )
        for index in indices
    }
    ranked = sorted(indices, key=lambda index: places[index])
    groups = [tuple(group) for _, group in itertools.groupby(ranked, key=lambda index: places[index])]
    count = math.prod(math.factorial(len(group)) for group in groups)
    if count > _MOST_ORDERINGS:
        raise UnsupportedExpression(
            f"{len(indices)} sums that cannot be told apart: {count} orders to compare"
        )
    for choice in itertools.product(*(itertools.permutations(group) for group in groups)):
        yield tuple(itertools.chain.from_iterable(choice))


def _places(t: Term, index: Index, path: str) -> Iterator[str]:
    """Yield where ``index`` occurs in ``t``, in words that no renaming of indices changes."""
    if index not in free_indices(t):
        return
    match t:
        case Entry(tensor, indices):
            for place, other in enumerate(indices):
                if other == index:
                    yield f"{path}/{tensor}.{place}"
        case Delta():
            yield f"{path}/delta"
        case _:
            label = {Apply: str(getattr(t, "function", "")), Power: str(getattr(t, "exponent", ""))}.get(
                type(t), ""
            )
            for part in children(t):
                yield from _places(part, index, f"{path}/{label}" if label else path)
