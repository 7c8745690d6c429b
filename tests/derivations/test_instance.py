"""The referee's derivative of explicit scalars against SymPy's ``diff``, and a referee that can say no."""

import decimal
import math
from functools import lru_cache

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

import derivations
from derivations import instance
from derivations.scalars import Point, Workshop
from derivations.setting import Setting
from derivations.terms import Size, Sum, Tensor, fresh
from tests.derivations.scalars import close, function, value

SHOP = Workshop()
LARGEST_EXPONENT = decimal.DefaultContext.Emax * math.log(10)  # exp of more has no Decimal
X, Y, Z = symbols = [SHOP.symbol(name) for name in "xyz"]


def in_sympy(e):
    """The same expression as SymPy writes it."""
    parts = [in_sympy(part) for part in e.parts]
    match e.kind:
        case "number":
            return sympy.Rational(e.head.numerator, e.head.denominator)
        case "symbol":
            return sympy.Symbol(e.head)
        case "add":
            return sympy.Add(*parts)
        case "mul":
            return sympy.Mul(*parts)
        case "pow":
            return parts[0] ** e.head
    return function(*e.head)(*parts)


def known(name, e):
    return SHOP.apply(name, 0, e)


def above(smaller):
    pair = st.tuples(smaller, smaller)
    plus_one = smaller.map(lambda e: SHOP.add((SHOP.number(1), known("exp", e))))
    return st.one_of(
        pair.map(SHOP.add),
        pair.map(SHOP.mul),
        smaller.map(lambda e: SHOP.power(e, 3)),
        plus_one.map(lambda e: SHOP.power(e, -1)),
        plus_one.map(lambda e: known("log", e)),
        smaller.map(lambda e: known("f", e)),
    )


scalars = st.recursive(st.sampled_from((*symbols, SHOP.number(2), SHOP.number(0))), above, max_leaves=8)


@given(e=scalars, symbol=st.sampled_from(symbols))
def test_a_slope_is_the_derivative_that_sympy_takes(e, symbol):
    taken = sympy.diff(in_sympy(e), in_sympy(symbol))
    assert close(value(in_sympy(SHOP.slope(e, symbol)), 3), value(taken, 3))


@given(e=scalars, by=scalars)
def test_replacing_is_what_sympy_does(e, by):
    replaced = in_sympy(SHOP.replaced(e, {X: by, Y: X}))
    expected = in_sympy(e).subs(
        {sympy.Symbol("x"): in_sympy(by), sympy.Symbol("y"): sympy.Symbol("x")}, simultaneous=True
    )
    assert close(value(replaced, 6), value(expected, 6))


@given(e=scalars)
@example(e=known("log", SHOP.add((SHOP.number(1), known("exp", SHOP.number(10**7))))))
def test_values_are_those_of_plain_arithmetic(e):
    """Against SymPy at the same point, and with the same function for f; or an exp is too large for any."""
    point = Point("seed")
    at = {in_sympy(symbol): sympy.Rational(str(point.value(symbol))) for symbol in symbols}
    f = in_sympy(e).replace(function("f", 0), lambda x: curve(point, x))
    there = f.subs(at)
    try:
        found = point.value(e)
    except decimal.Overflow:
        assert any(power.args[0].evalf() > LARGEST_EXPONENT for power in there.atoms(sympy.exp))
        return
    expected = there.evalf(45)
    assert abs(sympy.Float(str(found), 45) - expected) <= sympy.Float("1e-38", 45) * (1 + abs(expected))


def curve(point, x):
    """The rational function that stands for f, from three of its values."""
    a, b, c = sympy.symbols("a b c")
    zero, one, minus = (sympy.Rational(str(point.value(known("f", SHOP.number(n))))) for n in (0, 1, -1))
    found = sympy.solve([a - zero * c, a + b - one * (c + 1), a - b - minus * (c + 1)], [a, b, c], dict=True)[
        0
    ]
    return (found[a] + found[b] * x) / (found[c] + x**2)


def test_what_does_not_occur_has_slope_zero():
    assert SHOP.slope(known("f", Y), X) is SHOP.number(0)
    assert SHOP.slope(X, X) is SHOP.number(1)


def test_one_expression_is_made_once():
    assert SHOP.add((X, Y)) is SHOP.add((X, Y))
    assert SHOP.add((X, SHOP.number(0))) is X is SHOP.mul((X, SHOP.number(1)))


@pytest.mark.parametrize(
    "name", ["linear-derivative-matrix", "softmax-cross-entropy-delta", "nested-depth-2"]
)
def test_the_slopes_that_a_proof_asks_for_are_those_that_sympy_takes(name, monkeypatch):
    shops = []

    class Remembered(Workshop):
        def __init__(self):
            super().__init__()
            shops.append(self)

    monkeypatch.setattr(instance, "Workshop", Remembered)
    monkeypatch.setattr(instance, "witness", lru_cache(maxsize=None)(instance.Witness))
    derivations.theorem(name)
    slopes = {pair: slope for shop in shops for pair, slope in shop._slopes.items()}
    assert slopes
    for (e, symbol), found in slopes.items():
        taken = sympy.diff(in_sympy(e), in_sympy(symbol))
        assert close(value(in_sympy(found), 4), value(taken, 4)), (str(e), str(symbol))


def test_a_wrong_slope_is_noticed(monkeypatch):
    """The kernel checks its referee in turn: a rate that is off stops the proofs that use it."""
    right = Workshop.rate

    def wrong(self, e, place):
        rate = right(self, e, place)
        return self.mul((self.number(2), rate)) if e.kind == "pow" else rate

    monkeypatch.setattr(instance, "witness", lru_cache(maxsize=None)(instance.Witness))
    monkeypatch.setattr(Workshop, "rate", wrong)
    with pytest.raises(derivations.ProofError, match=r"\(c\) the two sides disagree"):
        derivations.theorem("half-mse-delta")


def test_a_transpose_is_seen_where_all_widths_are_equal():
    n = Size("n")
    w, x, (i, j) = Tensor("W", (n, n)), Tensor("x", (n,)), (fresh("i", n), fresh("j", n))
    row, column = Sum(j, w[i, j] * x[j]), Sum(j, w[j, i] * x[j])
    assert instance.disagreement(row, row, Setting()) is None
    assert "n = 2" in str(instance.disagreement(row, column, Setting()))
