"""What proves a range, taken apart: each condition of each step is broken alone, and it is refused for that.

The steps broken are those of the activations, which are proved; one field is bent, the others stay true.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from derivations import terms
from derivations.enclosure import enclose, point
from derivations.proof import ProofError
from derivations.ranges import (
    BoundStep,
    EnclosureStep,
    LimitStep,
    Maximum,
    Range,
    RangeClaim,
    ValueStep,
    X,
    holds_at,
    sample,
    sign,
    x,
)
from derivations.setting import Setting, Words
from derivations.terms import Number, exp, opaque
from derivations.theorems.activations import Piece, _proved, activations

SAY = Words("", "")
sigmoid, tanh = opaque("sigmoid"), opaque("tanh")


def claim(name) -> RangeClaim:
    (found,) = (c for c in activations()[name].claims if isinstance(c, RangeClaim))
    return found


def step(name, kind, number=0):
    return [s for s in claim(name).steps if isinstance(s, kind)][number]


def number(value):
    return Number(Fraction(value))


# ------------------------------------------------------------------ signs
POSITIVE = st.sampled_from([exp(x), exp(-x), sigmoid(x), 1 + exp(x), x**2 + 1, number(3), x**2 * exp(x)])
PLAIN = [x, number(2), number(-3), number(0), exp(x), exp(-x), sigmoid(x), tanh(x)]
PARTS = st.recursive(
    st.sampled_from(PLAIN) | POSITIVE,
    lambda inner: (
        st.builds(lambda a, b: a + b, inner, inner)
        | st.builds(lambda a, b: a * b, inner, inner)
        | st.builds(lambda a, n: a**n, inner, st.sampled_from([2, 3]))
        | st.builds(lambda a: 1 - exp(a), inner)
    ),
    max_leaves=6,
)
MEANS = {"+": lambda v: v > 0, "-": lambda v: v < 0, "0+": lambda v: v >= 0, "0-": lambda v: v <= 0}


@given(t=PARTS, domain=st.sampled_from(["", "x > 0", "x ≤ 0"]), at=st.fractions(-3, 3, max_denominator=8))
def test_a_sign_that_is_seen_is_the_sign(t, domain, at):
    assume(holds_at(domain, at))
    found = sign(t, domain)
    assume(found != "?")
    try:
        value = enclose(SETTING.unfold(t), {X: point(at)})
    except ArithmeticError:  # exp of exp of exp: no Decimal is so large
        assume(False)
    assert MEANS[found](value.upper if "+" in found else value.lower), (t, domain, at)


SETTING = step("softplus", LimitStep).setting


@pytest.mark.parametrize(
    ("t", "domain", "seen"),
    [
        (x, "", "?"),
        (x, "x > 0", "+"),
        (x, "x ≤ 0", "0-"),
        (x**2, "", "0+"),
        (x**2, "x > 0", "+"),
        (x**-1, "x ≤ 0", "?"),
        (x**-1, "x > 0", "+"),
        (1 - exp(x), "x ≤ 0", "0+"),
        (1 - exp(x), "x > 0", "-"),
        (1 - exp(x), "", "?"),
        (terms.log(x), "x > 0", "?"),
        (x - 1, "x > 0", "?"),
        (x * (x - 1), "x > 0", "?"),
        (tanh(x), "x > 0", "+"),
        (number(0), "", "0+"),
        (-x, "x > 0", "-"),
        (-exp(x) - 1, "", "-"),
    ],
    ids=str,
)
def test_what_the_shape_shows(t, domain, seen):
    assert sign(t, domain) == seen


@pytest.mark.parametrize("domain", ["", "x > 0", "x ≤ 0"])
def test_the_points_tried_lie_in_the_domain(domain):
    assert all(holds_at(domain, at) for at in sample(domain))
    assert max(map(abs, sample(domain))) >= 10


def test_a_half_line_ends_where_it_says():
    assert [holds_at(domain, Fraction(0)) for domain in ("", "x > 0", "x ≤ 0", "x < 0")] == [
        True, False, True, False,
    ]  # fmt: skip


# ------------------------------------------------------------------ steps
s = sigmoid(x)
e = exp(-x)
ENCLOSED = step("silu", EnclosureStep)
TAIL = ENCLOSED.tail
LIMIT = step("sigmoid", LimitStep)
RIGHT = step("softplus", LimitStep, 1)
STEPS = {
    "a certificate that is not seen to be positive": (
        lambda: BoundStep(x, "<", 2 * x, x, SAY, Setting(), "x > 0"),
        lambda: BoundStep(x, "<", 2 * x, x, SAY, Setting()),
        "nothing shows that",
    ),
    "a bound that may be met, said to be strict": (
        lambda: BoundStep(number(0), "≤", x**2, x**2, SAY, Setting()),
        lambda: BoundStep(number(0), "<", x**2, x**2, SAY, Setting()),
        "nothing shows that",
    ),
    "a limit of something that is not positive": (
        lambda: LIMIT,
        lambda: LimitStep(-e, number(0), "+", -e, 2 * e, SAY, Setting()),
        "nothing shows that .* > 0",
    ),
    "a gap to another number": (
        lambda: RIGHT,
        lambda: replace(RIGHT, right=number(0)),
        "is neither",
    ),
    "a limit on the wrong side": (
        lambda: RIGHT,
        lambda: replace(RIGHT, towards="-"),
        "is not a multiple of exp",
    ),
    "squeezed by nothing": (
        lambda: LIMIT,
        lambda: replace(LIMIT, certificate=LIMIT.certificate + 1),
        "is not a multiple of exp",
    ),
    "a gap beyond what squeezes it": (
        lambda: LIMIT,
        lambda: LimitStep(2 * e, number(0), "+", 2 * e, -e, SAY, Setting()),
        "nothing shows that .* > 0",
    ),
    "a value at another point": (
        lambda: step("elu", ValueStep, 1),
        lambda: replace(step("elu", ValueStep, 1), at=Fraction(-1)),
        "is not 1",
    ),
    "another derivative": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, factor=ENCLOSED.factor + 1),
        "the derivative of .* is not",
    ),
    "a factor that is not shown to be positive": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, certificate=ENCLOSED.certificate + 1),
        "nothing shows that .* > 0",
    ),
    "the same factor written so that nobody sees it": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, certificate=ENCLOSED.positive),
        "nothing shows that .* > 0",
    ),
    "a factor of the other sign": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, positive=-ENCLOSED.positive, factor=-ENCLOSED.factor),
        "not shown to change its sign|nothing shows that",
    ),
    "a tail before the root": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, tail=replace(TAIL, start=Fraction(1))),
        "not shown to change its sign",
    ),
    "a tail of something else": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, tail=replace(TAIL, rest=number(1))),
        "is not .* - 1",
    ),
    "a bound that falls otherwise": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, tail=replace(TAIL, fall=TAIL.fall + 1)),
        "is not the negative of",
    ),
    "a rest that may be negative": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, tail=replace(TAIL, bound=TAIL.bound - 1, rest=number(-1))),
        "nothing shows the sign of -1",
    ),
    "a scale that may be negative": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, tail=replace(TAIL, scale=number(-1), bound=-TAIL.bound, fall=-TAIL.fall)),
        "nothing shows the sign of",
    ),
    "a bound that is not negative where the tail begins": (
        lambda: ENCLOSED,
        lambda: replace(ENCLOSED, tail=replace(TAIL, bound=TAIL.bound + 9, rest=number(9))),
        "not shown negative at 6",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", STEPS)
def test_a_step_with_one_thing_wrong_is_refused(what):
    right, wrong, said = STEPS[what]
    right()
    with pytest.raises(ProofError, match=said):
        wrong()


def test_a_sign_that_was_misjudged_is_noticed_at_a_point(monkeypatch):
    """Every bound is also tried out: a mistake in `sign` would have to be made twice."""
    monkeypatch.setattr("derivations.ranges.sign", lambda *_: "+")
    with pytest.raises(ProofError, match="fails at x = "):
        BoundStep(x, "≤", number(1), 1 - x, SAY, Setting())


def with_factor(factor, function, **changes):
    """An enclosure whose derivative is another factor, and nothing else."""
    return replace(
        ENCLOSED, function=function, positive=number(1), certificate=number(1), factor=factor, **changes
    )


def test_a_root_that_a_middle_hits_is_not_settled():
    """[0, 6] is halved at 3, where 3 - x is zero."""
    with pytest.raises(ProofError, match="the sign of the factor is not settled at 3"):
        with_factor(3 - x, 3 * x - x**2 / 2)


def test_a_second_root_is_not_passed_over():
    """(1 - x) (x - 2)^2 falls through 1 and touches zero at 2: no halving settles the rest of [0, 6]."""
    factor = (1 - x) * (x - 2) ** 2
    with pytest.raises(ProofError, match="the sign of the factor is not settled on"):
        with_factor(factor, -(x**4) / 4 + 5 * x**3 / 3 - 4 * x**2 + 4 * x)


def test_a_factor_that_is_flat_at_its_root_does_not_fall_through_it():
    """(2 - x)^3 changes its sign at 2, and its slope there is zero."""
    with pytest.raises(ProofError, match="the factor is not shown to fall through its root"):
        with_factor((2 - x) ** 3, -((2 - x) ** 4) / 4)


def test_the_maximum_is_enclosed():
    assert ENCLOSED.left == Maximum(ENCLOSED.function)
    assert ENCLOSED.right == ENCLOSED.maximum
    assert 0 < float(ENCLOSED.maximum.upper - ENCLOSED.maximum.lower) < 1e-15


# ------------------------------------------------------------------ ranges
def bent(name, **changes):
    return replace(claim(name), **changes)


def steps_of(name, kind, change):
    """The steps of a range, one of a kind bent."""
    old = step(name, kind)
    return tuple(change(one) if one is old else one for one in claim(name).steps)


RANGES = {
    "the derivative of another": lambda: bent("elu", function=opaque("selu")),
    "a piece left out": lambda: bent("elu", derived=claim("elu").derived[:1]),
    "a piece twice": lambda: bent("elu", derived=(*claim("elu").derived, claim("elu").derived[0])),
    "a piece on another domain": lambda: bent(
        "elu", derived=tuple(zip(("x > 0", ""), (c for _, c in claim("elu").derived), strict=True))
    ),
    "the pieces exchanged": lambda: bent(
        "elu", derived=tuple(zip(("x ≤ 0", "x > 0"), (c for _, c in claim("elu").derived), strict=True))
    ),
    "a step about something else": lambda: bent("elu", steps=(*claim("elu").steps, step("tanh", ValueStep))),
    "a constant beyond the end": lambda: bent("elu", range=Range(Fraction(0), Fraction(1, 2), "(]")),
    "a constant at an end that is missed": lambda: bent("elu", range=Range(Fraction(0), Fraction(1), "()")),
    "a value too many": lambda: bent("relu", range=Range(Fraction(0), Fraction(2), "{}")),
    "a value too few": lambda: bent("relu", range=Range(Fraction(0), Fraction(0), "{}")),
    "an enclosed end said to be missed": lambda: bent("silu", range=replace(claim("silu").range, ends="(]")),
    "an end that was not enclosed": lambda: bent(
        "silu", range=replace(claim("silu").range, upper=claim("gelu_tanh").range.upper)
    ),
    "a least value that is not the mirror's": lambda: bent(
        "silu", range=replace(claim("silu").range, lower=claim("gelu_tanh").range.lower)
    ),
    "no sign on the right": lambda: bent(
        "silu", steps=tuple(s for s in claim("silu").steps if not isinstance(s, BoundStep))
    ),
}
SAID = {
    "the derivative of another": "is not the derivative of selu",
    "a piece left out": "do not make up the line",
    "a piece twice": "do not make up the line",
    "a piece on another domain": "do not make up the line",
    "the pieces exchanged": "is not shown to",
    "a step about something else": "a step is not about the derivative",
    "a constant beyond the end": "1 is not within the range",
    "a constant at an end that is missed": "1 is not within the range",
    "a value too many": "does not take just these values",
    "a value too few": "does not take just these values",
    "an enclosed end said to be missed": "is not proved",
    "an end that was not enclosed": "is not proved",
    "a least value that is not the mirror's": "not 1 minus the greatest",
    "no sign on the right": "is not proved",
}


@pytest.mark.parametrize("what", RANGES)
def test_a_range_with_one_thing_wrong_is_refused(what):
    with pytest.raises(ProofError, match=SAID[what]):
        RANGES[what]()


def two_pieces(right, left, found, *steps):
    """Claim a range of a function of two pieces, each a value and its slope."""
    function = opaque("f")
    pieces = (Piece("x > 0", *right), Piece("x ≤ 0", *left))
    return _proved(function, pieces, found, *steps)


def test_a_value_counts_only_where_the_piece_is_the_function():
    """f' is exp(-x) for x > 0 and 1/2 elsewhere: 1 = exp(-0) is never taken."""
    half = Fraction(1, 2)
    bounds = (
        BoundStep(number(0), "<", e, e, SAY, Setting()),
        BoundStep(e, "≤", number(1), 1 - e, SAY, Setting(), "x > 0"),
        LimitStep(e, number(0), "+", e, e, SAY, Setting()),
    )
    value = ValueStep(e, Fraction(0), number(1), SAY, Setting())
    with pytest.raises(ProofError, match="1 is not shown to be attained"):
        two_pieces((1 - e, e), (x / 2, number(half)), Range(Fraction(0), Fraction(1), "(]"), *bounds, value)
    two_pieces((x / 2, number(half)), (exp(x), exp(x)), Range(Fraction(0), Fraction(1), "(]"), *(
        BoundStep(number(0), "<", exp(x), exp(x), SAY, Setting()),
        BoundStep(exp(x), "≤", number(1), 1 - exp(x), SAY, Setting(), "x ≤ 0"),
        LimitStep(exp(x), number(0), "-", exp(x), exp(x), SAY, Setting()),
        ValueStep(exp(x), Fraction(0), number(1), SAY, Setting()),
    ))  # fmt: skip


def test_a_limit_counts_only_where_the_piece_is_the_function():
    """f' is exp(-x) for x <= 0, at least 1: that exp(-x) tends to 0 on the other side is nothing to it."""
    steps = (
        BoundStep(number(0), "<", e, e, SAY, Setting()),
        LimitStep(e, number(0), "+", e, e, SAY, Setting()),
    )
    with pytest.raises(ProofError, match="0 is not shown to be approached"):
        two_pieces((x, number(1)), (1 - e, e), Range(Fraction(0), Fraction(9), "(]"), *steps)
