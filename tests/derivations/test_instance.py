"""The referee's derivative of explicit scalars against SymPy's ``diff``, and a referee that can say no."""

from functools import lru_cache

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import derivations
from derivations import instance
from derivations.instance import Instance, opaque_function
from derivations.setting import Setting
from derivations.terms import Size, Sum, Tensor, fresh
from tests.derivations.scalars import close, value

X, Y, Z = symbols = sympy.symbols("x y z")
F = opaque_function("f", 0)


def slope(expression, symbol):
    return Instance(Setting(), {})._slope(sympy.sympify(expression), symbol)


def above(smaller):
    pair = st.tuples(smaller, smaller)
    return st.one_of(
        pair.map(lambda p: p[0] + p[1]),
        pair.map(lambda p: p[0] * p[1]),
        smaller.map(lambda e: e**3),
        smaller.map(lambda e: 1 / (1 + sympy.exp(e))),
        smaller.map(lambda e: sympy.log(1 + sympy.exp(e))),
        smaller.map(F),
    )


scalars = st.recursive(
    st.sampled_from((*symbols, sympy.Integer(2), sympy.Rational(1, 3))), above, max_leaves=8
)


@given(expression=scalars, symbol=st.sampled_from(symbols))
def test_a_slope_is_the_derivative_that_sympy_takes(expression, symbol):
    assert close(value(slope(expression, symbol), 3), value(sympy.diff(expression, symbol), 3))


@pytest.mark.parametrize("expression", [X**Y, Y**X, X**X, X**-2, F(X) ** 2, F(F(X * Y)), sympy.exp(X) ** X])
def test_every_operation_has_its_rate_in_every_argument(expression):
    assert close(value(slope(expression, X), 5), value(sympy.diff(expression, X), 5))


def test_what_does_not_occur_has_slope_zero():
    assert slope(F(Y) * sympy.exp(Z), X) == 0
    assert slope(X, X) == 1


@pytest.mark.parametrize(
    "name", ["linear-derivative-matrix", "softmax-cross-entropy-delta", "nested-depth-2"]
)
def test_the_slopes_that_a_proof_asks_for_are_those_that_sympy_takes(name, monkeypatch):
    instances = []

    class Remembered(Instance):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            instances.append(self)

    monkeypatch.setattr(instance, "Instance", Remembered)
    monkeypatch.setattr(instance, "witness", lru_cache(maxsize=None)(instance.Witness))
    derivations.theorem(name)
    slopes = {pair: slope for each in instances for pair, slope in each._slopes.items() if slope != 0}
    assert slopes
    for (expression, symbol), found in slopes.items():
        assert close(value(found, 4), value(sympy.diff(expression, symbol), 4)), (expression, symbol)


def test_a_wrong_slope_is_noticed(monkeypatch):
    """The kernel checks its referee in turn: a rate that is off stops the proofs that use it."""
    right = instance._rate
    monkeypatch.setattr(instance, "witness", lru_cache(maxsize=None)(instance.Witness))
    monkeypatch.setattr(instance, "_rate", lambda e, place: right(e, place) * (2 if e.is_Pow else 1))
    with pytest.raises(derivations.ProofError, match=r"\(c\) the two sides disagree"):
        derivations.theorem("half-mse-delta")


def test_a_transpose_is_seen_where_all_widths_are_equal():
    n = Size("n")
    w, x, (i, j) = Tensor("W", (n, n)), Tensor("x", (n,)), (fresh("i", n), fresh("j", n))
    row, column = Sum(j, w[i, j] * x[j]), Sum(j, w[j, i] * x[j])
    assert instance.disagreement(row, row, Setting()) is None
    assert "n = 2" in str(instance.disagreement(row, column, Setting()))
