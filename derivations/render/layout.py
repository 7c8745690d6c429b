"""Mathematics between the kernel and the page: what stands beside, above and below what.

A term or a piece of notation becomes a small tree of boxes here, once; ``text``, ``latex`` and ``html`` only
say how each of the few kinds of box is set in their medium.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from derivations import norms
from derivations import notation as n
from derivations.enclosure import Interval
from derivations.norm_claims import NormStatement
from derivations.notation import Indexed
from derivations.proof import AnyClaim, Statement
from derivations.ranges import Maximum, Range, RangeClaim
from derivations.terms import (
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
    Size,
    Sum,
    Tensor,
    Term,
    Times,
    free_indices,
)

GREEK = {"delta": "δ", "alpha": "α", "theta": "θ", "eta": "η", "sigma": "σ", "beta": "β"}
UPRIGHT = {
    "exp",
    "log",
    "sigmoid",
    "tanh",
    "softmax",
    "diag",
    "sum",
    "relu",
    "softplus",
    "silu",
    "elu",
    "sup",
    "inf",
    "max",
    "min",
}


@dataclass(frozen=True)
class Name:
    """A letter, or an upright word such as ``exp``; ``primes`` counts the marks behind it."""

    text: str
    primes: int = 0


@dataclass(frozen=True)
class Words:
    """Plain words inside a formula."""

    text: str


@dataclass(frozen=True)
class Numeral:
    """A whole number."""

    text: str


@dataclass(frozen=True)
class Sign:
    """A relation or an operation: = ≤ + − ⊙ ∂; ``spaced`` ones stand apart from their neighbours."""

    text: str
    spaced: bool = True


@dataclass(frozen=True)
class Row:
    """Boxes side by side."""

    parts: tuple[Box, ...]


@dataclass(frozen=True)
class Script:
    """A box with something above and below its right side."""

    base: Box
    above: Box | None = None
    below: Box | None = None


@dataclass(frozen=True)
class Quotient:
    """One box over another."""

    above: Box
    below: Box


@dataclass(frozen=True)
class Fence:
    """A box between brackets: ``()``, ``[]`` or ``‖‖``."""

    inner: Box
    marks: str = "()"


@dataclass(frozen=True)
class Big:
    """A sum or product sign with what runs below it and, perhaps, how far above it; ``body`` follows."""

    sign: str
    below: Box
    body: Box
    above: Box | None = None


Box = Name | Words | Numeral | Sign | Row | Script | Quotient | Fence | Big

# How tightly a box holds together: a looser one is bracketed inside a tighter context.
SUM, PRODUCT, FACTOR, ATOM = range(4)


def row(*parts: Box) -> Box:
    """Return the parts side by side, flattened."""
    flat = tuple(piece for part in parts for piece in (part.parts if isinstance(part, Row) else (part,)))
    return flat[0] if len(flat) == 1 else Row(flat)


def joined(parts: Iterable[Box], sign: str) -> Box:
    """Return the parts with a sign between them."""
    pieces: list[Box] = []
    for part in parts:
        pieces += [Sign(sign), part] if pieces else [part]
    return row(*pieces)


def name(text: str, primes: int = 0) -> Name:
    """Return the letter or word of a name."""
    return Name(GREEK.get(text, text), primes)


def layer(value: Layer) -> Box:
    """Return a layer number: l+1."""
    if not value.symbol:
        return Numeral(str(value.offset))
    if not value.offset:
        return Name(value.symbol)
    sign = "+" if value.offset > 0 else "−"
    return row(Name(value.symbol), Sign(sign, spaced=False), Numeral(str(abs(value.offset))))


def size(value: Size) -> Box:
    """Return a width: n, k_l."""
    return name(value.name) if value.layer is None else Script(name(value.name), below=layer(value.layer))


def tensor(value: Tensor, indices: tuple[Box, ...] = ()) -> Box:
    """Return a tensor's name with its layer above and its indices below."""
    above = None if value.layer is None else layer(value.layer)
    below = row(*indices) if indices else None
    return Script(name(value.name), above, below) if above or below else name(value.name)


def function(value: Function) -> Name:
    """Return f, f′, f″."""
    return name(value.name, value.order)


class Names:
    """The letters by which indices are shown: two different indices in one place never share a letter."""

    def __init__(self, shown: dict[Index, str] | None = None) -> None:
        self._shown = dict(shown or {})

    def __getitem__(self, index: Index) -> Box:
        return Name(self._shown.get(index, index.name))

    def binding(self, index: Index, body: Term) -> Names:
        """Return these names with one for ``index``, which a sum over ``body`` binds."""
        taken = {self._shown.get(other, other.name) for other in free_indices(body) - {index}}
        letter = next(c for c in (index.name, *"ijrstuvmn") if c not in taken and not c.startswith("c0"))
        return Names({**self._shown, index: letter})


def term(t: Term, context: int = SUM, names: Names | None = None) -> Box:
    """Return the box of a term, bracketed when it is looser than ``context``."""
    box, tightness = _term(t, names or Names())
    return Fence(box) if tightness < context else box


def _term(t: Term, names: Names) -> tuple[Box, int]:
    match t:
        case Number(value):
            if value.denominator == 1:
                return (
                    (Numeral(str(value)), ATOM)
                    if value >= 0
                    else (row(Sign("−", False), Numeral(str(-value))), SUM)
                )
            shown = Quotient(Numeral(str(abs(value.numerator))), Numeral(str(value.denominator)))
            return (shown, FACTOR) if value > 0 else (row(Sign("−", False), shown), SUM)
        case Size():
            return size(t), ATOM
        case Entry(array, indices):
            return tensor(array, tuple(names[index] for index in indices)), ATOM
        case Delta(left, right):
            return Fence(row(names[left], Sign("="), names[right]), "[]"), ATOM
        case Plus(parts):
            return _plus(parts, names), SUM
        case Times(factors):
            return _times(factors, names)
        case Power(base, exponent):
            if exponent < 0:
                return Quotient(
                    Numeral("1"), term(Power(base, -exponent) if exponent < -1 else base, SUM, names)
                ), FACTOR
            return Script(_scriptable(base, names), Numeral(str(exponent))), ATOM
        case Sum(index, body):
            inner = names.binding(index, body)
            return Big("Σ", inner[index], term(body, PRODUCT, inner)), PRODUCT
        case Apply(value, argument):
            return row(function(value), Fence(term(argument, SUM, names))), ATOM
        case Partial(body, variable):
            below = row(Sign("∂", False), term(variable, ATOM, names))
            if isinstance(body, Entry):
                return Quotient(row(Sign("∂", False), term(body, ATOM, names)), below), FACTOR
            return _juxtaposed([Quotient(Sign("∂", False), below), term(body, ATOM, names)]), FACTOR
    raise TypeError(f"no box for {type(t).__name__}")


def _scriptable(base: Term, names: Names) -> Box:
    plain = isinstance(base, Number | Size) or (isinstance(base, Entry) and base.tensor.layer is None)
    return term(base, ATOM, names) if plain else Fence(term(base, SUM, names))


def _plus(terms: tuple[Term, ...], names: Names) -> Box:
    parts: list[Box] = []
    for part in terms:
        positive = _without_minus(part)
        if positive is None:
            parts += [Sign("+")] * bool(parts) + [term(part, PRODUCT, names)]
        else:
            parts += [Sign("−", spaced=bool(parts)), term(positive, PRODUCT, names)]
    return row(*parts)


def _without_minus(t: Term) -> Term | None:
    if isinstance(t, Number) and t.value < 0:
        return Number(-t.value)
    if isinstance(t, Times) and isinstance(t.factors[0], Number) and t.factors[0].value < 0:
        rest = t.factors[1:]
        number = -t.factors[0].value
        factors = rest if number == 1 and rest else (Number(number), *rest)
        return factors[0] if len(factors) == 1 else Times(factors)
    return None


def _times(factors: tuple[Term, ...], names: Names) -> tuple[Box, int]:
    positive = _without_minus(Times(factors))
    if positive is not None:
        return row(Sign("−", spaced=False), term(positive, PRODUCT, names)), SUM
    above = [part for part in factors if not (isinstance(part, Power) and part.exponent < 0)]
    below = [part for part in factors if isinstance(part, Power) and part.exponent < 0]
    if below:
        inverses = tuple(
            part.base if part.exponent == -1 else Power(part.base, -part.exponent) for part in below
        )
        above = [part for part in above if part != Number(Fraction(1))]
        numerator = above[0] if len(above) == 1 else Times(tuple(above)) if above else Number(Fraction(1))
        denominator = inverses[0] if len(inverses) == 1 else Times(inverses)
        return Quotient(term(numerator, SUM, names), term(denominator, SUM, names)), FACTOR
    boxes = []
    for place, part in enumerate(above):
        # A sum reaches as far right as it can: only the last factor may be one without brackets.
        last = place == len(above) - 1
        boxes.append(term(part, PRODUCT if last and isinstance(part, Sum) else FACTOR, names))
    return _juxtaposed(boxes), PRODUCT


def _juxtaposed(boxes: list[Box]) -> Box:
    parts: list[Box] = []
    for box in boxes:
        parts += [Sign(" ", spaced=False), box] if parts else [box]
    return row(*parts)


def notation(value: n.Notation, context: int = SUM) -> Box:
    """Return the box of a vector or matrix equation's side."""
    box, tightness = _notation(value)
    return Fence(box) if tightness < context else box


def _notation(value: n.Notation) -> tuple[Box, int]:
    match value:
        case n.Array(array):
            return tensor(array), ATOM
        case n.Scalar(inner):
            return _term(inner, Names())
        case n.Indexed(inner, _):
            return _term(inner, Names())
        case n.Identity():
            return Name("I"), ATOM
        case n.Transpose(inner):
            return _transposed(inner), ATOM
        case n.Product(left, right):
            return _juxtaposed([notation(left, PRODUCT), notation(right, FACTOR)]), PRODUCT
        case n.Outer(left, right):
            return _juxtaposed([notation(left, FACTOR), _transposed(right)]), PRODUCT
        case n.Hadamard(left, right):
            return joined([notation(left, FACTOR), notation(right, FACTOR)], "⊙"), PRODUCT
        case n.Added(left, right, minus):
            return joined([notation(left), notation(right, PRODUCT)], "−" if minus else "+"), SUM
        case n.Scaled(factor, inner):
            return _juxtaposed([term(factor, FACTOR), notation(inner, FACTOR)]), PRODUCT
        case n.Elementwise(of, inner):
            return row(function(of), Fence(notation(inner))), ATOM
        case n.Diagonal(inner):
            return row(Name("diag"), Fence(notation(inner))), ATOM
        case n.Softmax(inner):
            return row(Name("softmax"), Fence(notation(inner))), ATOM
        case n.Total(inner):
            return row(Name("sum"), Fence(notation(inner))), ATOM
        case n.SquaredNorm(inner):
            return Script(Fence(notation(inner), "‖‖"), Numeral("2")), ATOM
        case n.Gradient(scalar, variable):
            return _derivative_of(term(scalar, ATOM), isinstance(scalar, Entry), variable)
        case n.Jacobian(of, variable):
            return _derivative_of(notation(of), isinstance(of, n.Array), variable)
    raise TypeError(f"no box for {type(value).__name__}")


def _transposed(value: n.Notation) -> Box:
    plain = isinstance(value, n.Array) and value.tensor.layer is None
    return Script(notation(value) if plain else Fence(notation(value)), Name("T"))


def _derivative_of(above: Box, simple: bool, variable: Tensor) -> tuple[Box, int]:
    below = row(Sign("∂", False), tensor(variable))
    if simple:
        return Quotient(row(Sign("∂", False), above), below), FACTOR
    return _juxtaposed(
        [Quotient(Sign("∂", False), below), above if isinstance(above, Fence) else Fence(above)]
    ), FACTOR


def side(value: object) -> Box:
    """Return the box of one side of a step, whatever kind of step it is."""
    match value:
        case Term():
            return term(value)
        case n.Notation():
            return notation(value)
        case Interval():
            return _interval(value)
        case Maximum(of):
            over = row(Name("x"), Sign("≥", False), Numeral("0"))
            return _juxtaposed([Script(Name("max"), below=over), Fence(term(of))])
        case tuple():
            return quantity(value)
    raise TypeError(f"no box for {type(value).__name__}")


def relation(left: Box, sign: str, right: Box) -> Box:
    """Return two boxes with a relation between them."""
    return row(left, Sign(sign), right)


def displayed(claim: AnyClaim) -> list[Box]:
    """Return how a claim is shown: in matrix form first where it has one, then by entries."""
    statement = claim.statement
    if isinstance(claim, RangeClaim):
        return [relation(term(claim.function.prime(claim.variable)), "∈", values(claim.range))]
    if isinstance(statement, NormStatement):
        return [relation(quantity(statement.left), statement.relation, quantity(statement.right))]
    assert isinstance(statement, Statement)
    by_entry = relation(side(claim.steps[0].left), "=", side(claim.steps[-1].right))
    if not statement.indices or isinstance(statement.right, Indexed):
        return [by_entry]
    return [relation(notation(statement.left), "=", notation(statement.right)), by_entry]


def values(found: Range) -> Box:
    """Return a range: (0, 1/4], {0, 1}, or an interval with enclosed ends."""
    ends = [_end(found.lower), _end(found.upper)]
    if found.ends == "{}" and found.lower == found.upper:
        ends = ends[:1]
    return Fence(row(*([ends[0]] if len(ends) == 1 else [ends[0], Sign(", ", False), ends[1]])), found.ends)


def _end(value: object) -> Box:
    if isinstance(value, Interval):
        digits = f"{value.lower:.13f}"[:-1]  # the digits on which both ends agree
        sign = (Sign("−", False),) if digits.startswith("-") else ()
        return row(*sign, Numeral(digits.lstrip("-")), Name("…"))
    assert isinstance(value, Fraction)
    return term(Number(value))


def _interval(value: Interval) -> Box:
    return Fence(row(_decimal(value.lower), Sign(", ", False), _decimal(value.upper)), "[]")


def _decimal(value: object) -> Box:
    digits = f"{value:.20f}"
    return row(Sign("−", False), Numeral(digits[1:])) if digits.startswith("-") else Numeral(digits)


def quantity(factors: norms.Quantity) -> Box:
    """Return the box of a product of numbers that are not negative."""
    if not factors:
        return Numeral("1")
    big = [f for f in factors if isinstance(f, norms.LayerProduct)]
    small = [f for f in factors if not isinstance(f, norms.LayerProduct)]
    boxes = [Fence(_factor(f)) if small else _factor(f) for f in big] + [_factor(f) for f in small]
    return _juxtaposed(boxes)


def _factor(value: norms.Factor) -> Box:
    match value:
        case norms.Norm(of):
            return Fence(notation(of), "‖‖")
        case norms.LeastStretch(of):
            return row(Script(Name("σ"), below=Name("min")), Fence(notation(of)))
        case norms.Largest(of):
            return row(Name("max"), Fence(notation(of), "||"))
        case norms.Smallest(of):
            return row(Name("min"), Fence(notation(of), "||"))
        case norms.Slope(which):
            return row(Name(which), Fence(Name("f", 1), "||"))
        case norms.Rate(letter, _):
            return Name(letter)
        case norms.RateToTheDepth(rate, start):
            return Script(Name(rate.name), above=row(Name("L"), Sign("−", False), layer(start)))
        case norms.LayerProduct(start, which):
            m = Tensor("W", (Size("r"), Size("c")), Layer("m"))
            own = norms.Norm(n.Array(m)) if which == "≤" else norms.LeastStretch(n.Array(m).T)
            body = _juxtaposed([_factor(norms.Slope("sup" if which == "≤" else "inf")), _factor(own)])
            below = row(Name("m"), Sign("=", False), layer(start + 1))
            return Big("∏", below, body, Name("L"))
    raise TypeError(f"no box for {type(value).__name__}")
