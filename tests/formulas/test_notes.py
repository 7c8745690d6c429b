"""The source's three notes: the Hadamard product, y = f(x) elementwise, y = A x."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import vjpcheck
from tests.effort import costly


@pytest.mark.parametrize(
    "equation", ["elementwise-derivative", "linear-derivative-input", "linear-derivative-matrix"]
)
@costly
@given(data=st.data())
def test_note(equation, data, cases, holds):
    holds(equation, data.draw(cases(min_depth=3)))


def test_without_the_transpose_a_square_matrix_is_refuted(broken):
    W, a = broken("", 0).network.W[3], broken("", 0).x
    report = vjpcheck(lambda x: W @ x, lambda x, cotangent: W @ cotangent, a, raise_exception=False)
    assert report.verdict == "FAIL"


def test_the_matrix_product_in_the_other_order_is_refuted(broken):
    W, a = broken("", 0).network.W[3], broken("", 0).x
    report = vjpcheck(lambda A: A @ a, lambda A, cotangent: a @ cotangent.T, W, raise_exception=False)
    assert report.verdict == "FAIL"
