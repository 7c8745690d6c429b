"""Expressions are differentiated and compared as SymPy does it; nothing false is proved equal."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.numbers.symbols import Alphabet, number

LEAVES = st.sampled_from(["x", "y", "1", "2"])
NODES = st.recursive(
    LEAVES,
    lambda children: st.one_of(
        st.tuples(st.sampled_from(["+", "*", "/"]), children, children),
        st.tuples(st.sampled_from(["exp", "log", "tanh", "f"]), children),
    ),
    max_leaves=6,
)
F = sympy.Function("f")
SYMPY = {"exp": sympy.exp, "log": sympy.log, "tanh": sympy.tanh, "f": F}


def build(tree, atoms, function):
    if isinstance(tree, str):
        return atoms[tree]
    first, *rest = tree
    parts = [build(part, atoms, function) for part in rest]
    if first == "+":
        return parts[0] + parts[1]
    if first == "*":
        return parts[0] * parts[1]
    if first == "/":
        return parts[0] / parts[1]
    return function(first, parts[0])


def value(expression, at):
    """An expression's value at rational x, y with f(t) = t^3 + 1 and f'(t) = 3 t^2, in high precision."""
    generators = expression.ring.all

    def of(g):
        name, inner = generators[g].name, generators[g].of
        if inner is None:
            return at[name[0]]
        t = value(inner, at)
        known = {"1/": lambda t: 1 / t, "f": lambda t: t**3 + 1, "f'": lambda t: 3 * t**2}
        return known.get(name, lambda t: getattr(sympy, name)(t))(t).evalf(40)

    return sum(
        (
            sympy.Rational(str(c)) * sympy.Mul(*(of(g) ** e for g, e in m))
            for m, c in expression.terms.items()
        ),
        sympy.Integer(0),
    ).evalf(40)


@given(NODES)
def test_the_derivative_is_sympys(tree):
    alphabet = Alphabet(0)
    x, y = alphabet.symbols("x", 1), alphabet.symbols("y", 1)
    atoms = {"x": x, "y": y, "1": x.lift(1), "2": x.lift(2)}
    X, Y = sympy.symbols("x y")
    try:
        expression = build(tree, atoms, lambda name, z: z.opaque("f") if name == "f" else z.function(name))
        numbers = {"x": X, "y": Y, "1": sympy.S.One, "2": sympy.S(2)}
        theirs = build(tree, numbers, lambda name, t: SYMPY[name](t))
        ours = expression.v.reshape(-1)[0].derivative(number(x.v[0]))
        expected = sympy.diff(theirs, X).subs(F, sympy.Lambda(X, X**3 + 1)).doit()
        at = {"x": sympy.Rational(7, 5), "y": sympy.Rational(3, 11)}
        right = sympy.sympify(expected).subs({X: at["x"], Y: at["y"]}).evalf(40)
        left = value(ours, at)
    except ZeroDivisionError:
        return
    if right.is_finite and left.is_finite:
        assert abs(left - right) <= 1e-20 * (1 + abs(right))


def test_quotients_are_compared_by_multiplying_out():
    alphabet = Alphabet(0)
    x, y = alphabet.symbols("x", 1), alphabet.symbols("y", 1)

    def zero(array):
        return array.v[0].is_zero

    assert zero(1 / (1 + x) - (1 - x) / (1 - x * x) * np.ones_like(x)) == zero(x - x)
    assert zero(x / (x + y) + y / (x + y) - 1)
    assert zero(1 / (1 / x) - x)
    assert not zero(x / (x + y) + y / (x + y))
    assert not zero(np.exp(x) * np.exp(y) - np.exp(x + y))  # opaque: no law but the stated ones
    assert zero(np.expm1(x) - np.exp(x) + 1)
    assert zero(np.log1p(x) - np.log(1 + x))
    assert zero(np.exp(x - x) - 1)


def test_division_by_zero():
    x = Alphabet(0).symbols("x", 1)
    with pytest.raises(ZeroDivisionError):
        1 / (x - x)


@given(st.integers(0, 2**32 - 1))
def test_one_coin_decides_every_comparison_with_zero(seed):
    z = Alphabet(seed).symbols("z", 3)
    positive = z > 0
    assert ((z >= 0) == positive).all()
    assert ((-z > 0) == ~positive).all()
    assert ((z > 0 * z) == positive).all()
    assert (np.maximum(z, 0) - z * positive).v[0].is_zero
    assert (z > -30.0).all()
    assert (z < 1.5).all()
    assert not (z - z > 0).any()


def test_a_stand_in_falls_on_the_side_of_what_it_stands_for():
    for seed in range(20):
        alphabet = Alphabet(seed)
        x = alphabet.symbols("x", 2)
        z = np.exp(x * x) + 1
        stand_in = alphabet.stand_in("z", z)
        assert ((stand_in > 0) == (z > 0)).all()
        assert ((2 * np.tanh(stand_in) > 0) == (2 * np.tanh(z) > 0)).all()
        assert (np.tanh(stand_in).v[0].meant - np.tanh(z).v[0]).is_zero
