"""The exact range of f': inequalities in one variable, each with a certificate that is checked.

A bound ``left <= right`` is proved by showing ``right - left`` to be equal, by the kernel, to a term that is visibly
not negative: a square, a product of exponentials, and so on.  Where a maximum has no closed form it
is a root of f'', enclosed in an interval that provably contains it and nothing else of its kind.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from derivations import calculus, kernel, terms
from derivations.enclosure import Interval, enclose, point
from derivations.notation import Scalar
from derivations.proof import AnyStep, Claim, ProofError, Statement
from derivations.rules import Rule
from derivations.setting import Setting, Words, replace_entries
from derivations.terms import ZERO, Apply, Entry, Function, Number, Partial, Plus, Power, Tensor, Term, Times

X = Tensor("x")
x = Entry(X, ())

WHOLE_LINE = ({""}, {"x > 0", "x ≤ 0"}, {"x > 0", "x < 0"})
"""The domains of pieces that make up the line, or all of it but the kink."""

WIDTH = Decimal("1e-20")
"""How closely a root is enclosed: close enough to settle the nearest float64 of the maximum."""


def _judged_by_certificate(left: Term, right: Term, setting: Setting) -> bool:
    return False


def _rule(name: str, en: str, zh: str) -> Rule:
    return Rule(name, Words(en, zh), _judged_by_certificate)


CERTIFICATE = _rule("certificate", "The difference is visibly not negative.", "二者之差显然非负。")
VALUE = _rule("value", "Put in the point.", "代入该点。")
LIMIT = _rule("limit", "Squeezed by an exponential that tends to 0.", "被趋于 0 的指数函数夹住。")
ENCLOSURE = _rule("enclosure", "Interval arithmetic with outward rounding.", "向外舍入的区间算术。")


@dataclass(frozen=True)
class Range:
    """The set of values of f': an interval with attained (``[]``) or missed (``()``) ends, or a finite set (``{}``)."""

    lower: Fraction | Interval
    upper: Fraction | Interval
    ends: str


def sign(t: Term, domain: str = "") -> str:
    """Return what the shape of ``t`` alone shows: "+", "-", "0+" (not negative), "0-" (not positive) or "?".

    ``domain`` says what is known of x: ``"x > 0"``, ``"x ≤ 0"`` or nothing.  Scalars other than x are positive constants.
    """
    match t:
        case Number(value):
            return "+" if value > 0 else "-" if value < 0 else "0+"
        case Entry(tensor, ()):
            return {"x > 0": "+", "x ≤ 0": "0-"}.get(domain, "?") if tensor == X else "+"
        case Apply(function, argument):
            if function == terms.exp or (function.name == "sigmoid" and function.order == 0):
                return "+"
            return sign(argument, domain) if function.name == "tanh" and function.order == 0 else "?"
        case Plus((Number(one), Times((Number(minus), Apply(function, argument))))) if (
            function == terms.exp and one == 1 and minus == -1
        ):
            return {"+": "-", "-": "+", "0+": "0-", "0-": "0+"}.get(sign(argument, domain), "?")  # 1 - exp(u)
        case Plus(parts):
            return _sum_of_signs({sign(part, domain) for part in parts})
        case Times(factors):
            return _product_of_signs([sign(part, domain) for part in factors])
        case Power(base, exponent):
            inner = sign(base, domain)
            if exponent % 2 == 0:
                return "+" if inner in "+-" else "0+" if exponent > 0 else "?"
            return inner if exponent > 0 or inner in "+-" else "?"
    return "?"


def _sum_of_signs(signs: set[str]) -> str:
    for strict, weak in (("+", "0+"), ("-", "0-")):
        if signs <= {strict, weak}:
            return strict if strict in signs else weak
    return "?"


def _product_of_signs(signs: list[str]) -> str:
    if "?" in signs:
        return "?"
    negative = sum("-" in one for one in signs) % 2 == 1
    return ("0" if any("0" in one for one in signs) else "") + ("-" if negative else "+")


@dataclass(frozen=True)
class BoundStep:
    """``left < right`` or ``left <= right`` for every x of the domain, by a certificate for their difference.

    Raises
    ------
    ProofError
        When the certificate is not the difference, is not visibly of the right sign, or the bound fails at a point.
    """

    left: Term
    relation: Literal["<", "≤"]
    right: Term
    certificate: Term
    sentence: Words
    setting: Setting = field(repr=False)
    domain: str = ""
    constants: tuple[tuple[Tensor, Fraction], ...] = ()
    rule: Rule = CERTIFICATE
    kind: Literal["inequality"] = "inequality"

    def __post_init__(self) -> None:
        if not self.setting.equal(self.right - self.left, self.certificate):
            raise ProofError(f"the certificate {self.certificate} is not {self.right} - {self.left}")
        found = sign(self.certificate, self.domain)
        if found != "+" and not (found == "0+" and self.relation == "≤"):
            raise ProofError(
                f"nothing shows that {self.certificate} {'> 0' if self.relation == '<' else '>= 0'}"
            )
        written = self.setting.unfold(self.right - self.left)
        constants = {tensor: point(value) for tensor, value in self.constants}
        for value in sample(self.domain):
            gap = enclose(written, {X: point(value), **constants})
            if gap.upper < 0:
                raise ProofError(f"{self.left} {self.relation} {self.right} fails at x = {value}")


def holds_at(domain: str, at: Fraction) -> bool:
    """Whether a point lies in the domain of a piece."""
    return {"": True, "x > 0": at > 0, "x ≤ 0": at <= 0, "x < 0": at < 0}[domain]


def sample(domain: str) -> list[Fraction]:
    """Return points of the domain, near and far."""
    positive = [Fraction(n, 16) for n in (1, 5, 11, 16, 23, 38, 70, 160)]
    if domain == "x > 0":
        return positive
    if domain == "x ≤ 0":
        return [Fraction(0), *(-value for value in positive)]
    return [*(-value for value in positive), Fraction(0), *positive]


@dataclass(frozen=True)
class ValueStep:
    """``left`` at x = ``at`` is ``right``: the bound is attained there."""

    function: Term
    at: Fraction
    right: Term
    sentence: Words
    setting: Setting = field(repr=False)
    rule: Rule = VALUE
    kind: Literal["equality"] = "equality"
    relation: Literal["="] = "="

    @property
    def left(self) -> Term:
        """The function with the point put in."""
        return replace_entries(self.function, X, lambda _: Number(self.at))

    def __post_init__(self) -> None:
        value = replace_entries(self.setting.unfold(self.function), X, lambda _: Number(self.at))
        if not kernel.equal(value, self.right):
            raise ProofError(f"at x = {self.at} the value {value} is not {self.right}")


@dataclass(frozen=True)
class LimitStep:
    """``left`` tends to ``right`` as x goes to ``towards`` infinity, squeezed by ``c exp(-k |x|)``.

    Two certificates show 0 <= +-(left - right) <= c exp(-+k x) on that side.
    """

    left: Term
    right: Term
    towards: Literal["+", "-"]
    gap: Term
    certificate: Term
    sentence: Words
    setting: Setting = field(repr=False)
    rule: Rule = LIMIT
    kind: Literal["inequality"] = "inequality"
    relation: Literal["→"] = "→"

    def __post_init__(self) -> None:
        """``gap`` is |left - right|, written as a positive term; ``certificate`` is the exponential less the gap."""
        plus = self.setting.equal(self.left - self.right, self.gap)
        if not plus and not self.setting.equal(self.right - self.left, self.gap):
            raise ProofError(f"{self.gap} is neither {self.left} - {self.right} nor its negative")
        if sign(self.gap) != "+":
            raise ProofError(f"nothing shows that {self.gap} > 0")
        decay = terms.exp(-x if self.towards == "+" else x)
        bound = self.gap + self.certificate
        if not any(
            self.setting.equal(bound, Number(Fraction(c)) * decay**k) for c in (1, 2, 4) for k in (1, 2)
        ):
            raise ProofError(f"{bound} is not a multiple of {decay}")
        if sign(self.certificate) != "+":
            raise ProofError(f"nothing shows that {self.certificate} > 0")


@dataclass(frozen=True)
class Tail:
    """Why ``factor`` stays negative beyond ``start``: factor = scale * bound - rest, and the bound falls.

    ``scale`` and ``rest`` are visibly not negative for x > 0; ``fall`` is -(bound)', written so that it is visibly positive.
    """

    start: Fraction
    bound: Term
    scale: Term
    rest: Term
    fall: Term

    def check(self, factor: Term, setting: Setting) -> None:
        """Raise ``ProofError`` unless all of this holds; that the bound is negative at the start is left to the caller."""
        if not setting.equal(factor, self.scale * self.bound - self.rest):
            raise ProofError(f"{factor} is not {self.scale} * {self.bound} - {self.rest}")
        if not setting.equal(Partial(self.bound, x), -self.fall):
            raise ProofError(f"the derivative of {self.bound} is not the negative of {self.fall}")
        for part, allowed in ((self.scale, ("+",)), (self.rest, ("+", "0+")), (self.fall, ("+",))):
            if sign(part, "x > 0") not in allowed:
                raise ProofError(f"nothing shows the sign of {part} for x > 0")


@dataclass(frozen=True)
class Maximum:
    """The greatest value of a term over x >= 0."""

    of: Term


@dataclass(frozen=True)
class EnclosureStep:
    """On x >= 0, ``function`` has its maximum at the one root of ``factor``, and the maximum is enclosed.

    The derivative of ``function`` is ``positive * factor`` (checked by the kernel), so it grows where the factor is positive
    and falls where it is negative.  Interval arithmetic shows the factor positive before the root's interval,
    strictly falling through zero inside it, and negative from there to the start of the tail.
    """

    function: Term
    positive: Term
    certificate: Term
    factor: Term
    tail: Tail
    constants: tuple[tuple[Tensor, Fraction], ...]
    sentence: Words
    setting: Setting = field(repr=False)
    rule: Rule = ENCLOSURE
    kind: Literal["inequality"] = "inequality"
    relation: Literal["∈"] = "∈"

    def __post_init__(self) -> None:
        if not self.setting.equal(Partial(self.function, x), self.positive * self.factor):
            raise ProofError(f"the derivative of {self.function} is not {self.positive} * {self.factor}")
        if not self.setting.equal(self.positive, self.certificate) or sign(self.certificate) != "+":
            raise ProofError(f"nothing shows that {self.positive} > 0")
        bracket = self.bracket
        self._settle(Interval(Decimal(0), bracket.lower), positive=True)
        self._settle(Interval(bracket.upper, self._far), positive=False)
        falling = calculus.derivative(self.setting.unfold(self.factor), x)
        if (
            not self.setting.equal(falling, Partial(self.factor, x))
            or self._enclosed(falling, bracket).upper >= 0
        ):
            raise ProofError("the factor is not shown to fall through its root")
        self.tail.check(self.factor, self.setting)
        if self._enclosed(self.tail.bound, point(self.tail.start)).upper >= 0:
            raise ProofError(f"the bound of the tail is not shown negative at {self.tail.start}")

    def _settle(self, stretch: Interval, *, positive: bool) -> None:
        """Show the sign of the factor on a stretch, halving it until every piece is settled."""
        value = self._factor(stretch)
        if value.lower > 0 if positive else value.upper < 0:
            return
        if stretch.upper - stretch.lower < Decimal("1e-9"):
            raise ProofError(f"the sign of the factor is not settled on {stretch}")
        middle = (stretch.lower + stretch.upper) / 2
        self._settle(Interval(stretch.lower, middle), positive=positive)
        self._settle(Interval(middle, stretch.upper), positive=positive)

    @property
    def _far(self) -> Decimal:
        return point(self.tail.start).upper

    def _enclosed(self, t: Term, at: Interval) -> Interval:
        return enclose(t, {X: at, **{tensor: point(value) for tensor, value in self.constants}})

    def _factor(self, at: Interval) -> Interval:
        return self._enclosed(self.factor, at)

    @cached_property
    def bracket(self) -> Interval:
        """An interval, not yet narrow, outside which the sign of the factor is settled."""
        return self._bisected(Interval(Decimal(0), self._far), Decimal("1e-6"))

    @cached_property
    def root(self) -> Interval:
        """A narrow interval around the root."""
        return self._bisected(self.bracket, WIDTH)

    def _bisected(self, start: Interval, width: Decimal) -> Interval:
        """Halve an interval: the factor is surely positive at its lower end and surely negative at its upper."""
        lower, upper = start.lower, start.upper
        if self._factor(Interval(lower, lower)).lower <= 0 or self._factor(Interval(upper, upper)).upper >= 0:
            raise ProofError(f"the factor is not shown to change its sign on {start}")
        while upper - lower > width:
            middle = (lower + upper) / 2
            value = self._factor(Interval(middle, middle))
            if value.lower > 0:
                lower = middle
            elif value.upper < 0:
                upper = middle
            else:
                raise ProofError(f"the sign of the factor is not settled at {middle}")
        return Interval(lower, upper)

    @cached_property
    def maximum(self) -> Interval:
        """An interval that contains the maximum."""
        return self._enclosed(self.function, self.root)

    @property
    def left(self) -> Maximum:
        """The maximum of the function over x >= 0."""
        return Maximum(self.function)

    @property
    def right(self) -> Interval:
        """The enclosure of the maximum."""
        return self.maximum


@dataclass(frozen=True)
class RangeClaim:
    """The exact range of f', from steps that prove both its ends.

    ``derived`` are the derivations of f', each with the domain of its piece; ``mirror``, where the ends are enclosed, proves that f'(-x) is
    1 - f'(x).

    Raises
    ------
    ProofError
        When the pieces do not make up the line, when an end is not a bound of every piece, or when it is said to be
        attained or missed and is not shown to be, where that piece is the function.
    """

    function: Function
    range: Range
    derived: tuple[tuple[str, Claim], ...]
    steps: tuple[AnyStep, ...]
    setting: Setting = field(repr=False)
    title: Words
    mirror: Claim | None = None
    variable: Term = x
    axioms: tuple[str, ...] = ("exponential",)

    @property
    def slopes(self) -> tuple[tuple[str, Term], ...]:
        """The formulas of f', each with its domain, as they were derived."""
        return tuple((domain, claim.steps[-1].right) for domain, claim in self.derived)

    def __post_init__(self) -> None:
        if any(claim.steps[0].left != self.function.prime(self.variable) for _, claim in self.derived):
            raise ProofError(f"what was derived is not the derivative of {self.function}")
        if {domain for domain, _ in self.derived} not in WHOLE_LINE or len(self.derived) > 2:
            raise ProofError(f"the pieces of {self.function} do not make up the line")
        for step in self.steps:
            if isinstance(step, BoundStep | LimitStep | ValueStep | EnclosureStep):
                about = step.function if isinstance(step, ValueStep | EnclosureStep) else None
                sides = (about,) if about is not None else (step.left, step.right)
                if not any(side == slope for side in sides for _, slope in self.slopes):
                    raise ProofError(f"a step is not about the derivative of {self.function}")
        lower, upper = self.range.lower, self.range.upper
        if isinstance(lower, Interval) or isinstance(upper, Interval):
            self._check_enclosed()
        elif self.range.ends == "{}":
            values = [slope.value for _, slope in self.slopes if isinstance(slope, Number)]
            if (
                len(values) != len(self.slopes)
                or {min(values), max(values)} != {lower, upper}
                or len(values) > 2
            ):
                raise ProofError(f"the derivative of {self.function} does not take just these values")
        else:
            self._check_end(lower, self.range.ends[0] == "[", above=False)
            self._check_end(upper, self.range.ends[1] == "]", above=True)

    def _check_end(self, end: Fraction, attained: bool, *, above: bool) -> None:
        bounds = [step for step in self.steps if isinstance(step, BoundStep)]
        for domain, slope in self.slopes:
            if isinstance(slope, Number):
                inside = slope.value <= end if above else slope.value >= end
                if not inside or (slope.value == end and not attained):
                    raise ProofError(f"{slope} is not within the range")
                continue
            sides = (slope, Number(end)) if above else (Number(end), slope)
            if not any(
                (b.left, b.right) == sides and b.domain in ("", domain) and (attained or b.relation == "<")
                for b in bounds
            ):
                raise ProofError(f"{end} is not shown to bound {slope}")
        if not any(self._shows(step, end, attained) for step in self.steps):
            raise ProofError(f"{end} is not shown to be {'attained' if attained else 'approached'}")

    def _shows(self, step: AnyStep, end: Fraction, attained: bool) -> bool:
        """Whether a step shows the end attained, or approached, by a piece where that piece is the function."""
        if step.right != Number(end):
            return False
        if attained:
            return isinstance(step, ValueStep) and any(
                step.function == slope and holds_at(domain, step.at) for domain, slope in self.slopes
            )
        return isinstance(step, LimitStep) and any(
            step.left == slope and holds_at(domain, Fraction(1 if step.towards == "+" else -1))
            for domain, slope in self.slopes
        )

    def _check_enclosed(self) -> None:
        ((_, slope),) = self.slopes
        tops = [step.maximum for step in self.steps if isinstance(step, EnclosureStep)]
        positive = any(
            isinstance(b, BoundStep)
            and (b.left, b.relation, b.right, b.domain) == (ZERO, "<", slope, "x > 0")
            for b in self.steps
        )
        mirrored = replace_entries(slope, X, lambda _: -x)
        proved = self.mirror is not None and (
            self.mirror.steps[0].left == mirrored and self.mirror.steps[-1].right == 1 - slope
        )
        if self.range.ends != "[]" or self.range.upper not in tops or not positive or not proved:
            raise ProofError(f"the enclosed range of the derivative of {self.function} is not proved")
        assert isinstance(self.range.upper, Interval)
        if self.range.lower != self.range.upper.reflected() or self.range.upper.lower <= 1:
            raise ProofError("the least value is not 1 minus the greatest")

    @property
    def statement(self) -> Statement:
        """f'(x), whose range this is."""
        slope = Scalar(self.function.prime(self.variable))
        return Statement(slope, slope)
