"""The bound on a degree holds for what SymPy multiplies out, and is not idle."""

import numpy as np
import sympy
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.numbers.degree import INDEPENDENT
from checks.proof.numbers.field import Field
from tests.effort import costly


@st.composite
def programs(draw):
    """A few operations on a stack of two arrays, each a pair of elements."""
    steps = st.sampled_from(["add", "multiply", "divide", "subtract", "square", "one"])
    return draw(st.lists(steps, max_size=6))


def run(program, x, y):
    for step in program:
        if step == "add":
            x = x + y
        elif step == "subtract":
            x = x - 2 * y
        elif step == "multiply":
            x, y = x * y, x
        elif step == "divide":
            x, y = x / y, x
        elif step == "square":
            y = y**2
        else:
            y = 1 + y
    return x


@costly
@given(programs(), st.integers(0, 2**32 - 1))
def test_no_numerator_has_a_larger_degree(program, seed):
    field = Field(seed)
    try:
        found = run(program, field.random(2), field.random(2)).degree
        symbols = [np.array(sympy.symbols(f"{name}:2"), dtype=object) for name in "xy"]
        expressions = run(program, *symbols)
    except ZeroDivisionError:
        return
    for expression in expressions:
        numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(expression)))
        degrees = [
            sympy.Poly(part, *symbols[0], *symbols[1]).total_degree() for part in (numerator, denominator)
        ]
        assert degrees[0] <= found.numerator
        assert degrees[1] <= found.denominator


def test_a_shared_denominator_is_counted_once():
    field = Field(0)
    e = field.random(5, 1)
    a = e / e.sum(axis=0, keepdims=True)
    assert a.degree.numerator == 1
    assert (a + a + a).degree == a.degree
    assert (a * a).degree.denominator == 2


def test_a_product_adds_degrees():
    assert (INDEPENDENT * INDEPENDENT).numerator == 2
