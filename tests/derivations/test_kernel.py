"""What the kernel must never forget: each case was once wrong, here or in a prototype."""

from fractions import Fraction

import pytest

from derivations import terms
from derivations.kernel import Kernel, equal
from derivations.terms import (
    Delta,
    Partial,
    Size,
    Sum,
    Tensor,
    UnsupportedExpression,
    exp,
    fresh,
    log,
    opaque,
)

pytestmark = pytest.mark.usefixtures("forgetful")
N = Size("n")
W, X, Y = Tensor("W", (N, N)), Tensor("x", (N,)), Tensor("y", (N,))
I, J, P, S = (fresh(name, N) for name in "ijps")
F = opaque("f")


def test_bound_names_are_not_captured_through_a_function():
    row = Sum(J, F(Sum(S, W[J, S] * X[S])))
    column = Sum(J, F(Sum(S, W[S, J] * X[S])))
    diagonal = Sum(J, F(Sum(S, W[S, S] * X[S])))
    assert equal(row, Sum(P, F(Sum(J, W[P, J] * X[J]))))
    assert not equal(row, column)
    assert not equal(row, diagonal)


def test_a_power_of_a_product_with_a_delta_keeps_its_exponent():
    assert equal((X[P] * Delta(P, S)) ** 2, X[P] ** 2 * Delta(P, S))
    assert not equal((X[P] * Delta(P, S)) ** 2, X[P] * Delta(P, S))
    assert equal((2 * Delta(P, S)) ** 3, 8 * Delta(P, S))


def test_a_power_under_a_sum_keeps_its_exponent():
    assert not equal(Sum(I, X[I] ** 2), Sum(I, X[I]))
    assert not equal(Sum(I, X[I] ** 3 * Y[I]), Sum(I, X[I] ** 2 * Y[I]))
    assert equal(Sum(I, X[I] ** 2), Sum(J, X[J] * X[J]))


def test_a_power_of_a_sum_uses_a_new_index_for_each_factor():
    square = Sum(J, W[P, J]) ** 2
    assert equal(square, Sum(I, Sum(J, W[P, I] * W[P, J])))
    assert not equal(square, Sum(J, W[P, J] ** 2))


def test_differentiating_by_the_letter_that_a_sum_binds():
    assert equal(Partial(Sum(J, W[I, J] * X[J]), X[J]), W[I, J])


def test_an_inner_sum_over_the_same_index_is_its_own():
    assert equal(Sum(J, X[J] * Sum(J, Y[J])), Sum(I, X[I]) * Sum(J, Y[J]))


def test_sums_are_exchanged_and_constants_come_out():
    assert equal(Sum(I, Sum(J, W[I, J] * X[I] * Y[J])), Sum(J, Y[J] * Sum(I, X[I] * W[I, J])))
    assert equal(Sum(I, X[P]), N * X[P])


def test_denominators_are_cleared():
    total = Sum(I, exp(X[I]))
    share = exp(X[P]) / total
    assert equal(1 - share, (total - exp(X[P])) / total)
    assert equal(1 / (1 + exp(-X[P])), exp(X[P]) / (1 + exp(X[P])))
    assert not equal(share, exp(X[P]) / (total + 1))


def test_exponentials_multiply():
    assert equal(exp(X[P] + 2 * Y[P]), exp(X[P]) * exp(Y[P]) ** 2)
    assert equal(exp(X[P] - X[P]), terms.term(1))


def test_what_is_defined_keeps_its_derivative_in_writing():
    z = Tensor("z", (N,), defined=True)
    slope = Partial(3 * z[I], X[P])
    assert not equal(slope, terms.term(0))
    with pytest.raises(UnsupportedExpression, match="independent variable"):
        Kernel().normal(Partial(X[I], z[P]))


def test_derivatives_of_exp_and_log_are_not_themselves_exp_and_log():
    """log' is a name of which the kernel knows nothing: taken for log, its derivative would be 1/x."""
    x = X[P]
    assert equal(Partial(log(x), x), 1 / x)
    assert not equal(Partial(log.prime(x), x), 1 / x)
    assert equal(Partial(log.prime(x), x), log.prime.prime(x))
    assert equal(Partial(exp(2 * x), x), 2 * exp(2 * x))
    assert equal(Partial(exp(2 * x / 3), x), Fraction(2, 3) * exp(2 * x / 3))


def test_a_delta_inside_a_function_is_renamed_with_the_rest():
    assert equal(Sum(S, X[S] * F(Delta(P, S) + Y[S])), Sum(J, X[J] * F(Delta(P, J) + Y[J])))
    assert equal(Sum(S, Delta(S, I) * F(Delta(P, S))), F(Delta(P, I)))
    assert equal(Sum(S, Delta(S, P) * F(Delta(P, S))), F(terms.ONE))
    twice = Sum(I, Sum(J, F(X[I] + X[J] + 2 * Delta(I, J))))
    assert equal(twice, Sum(J, Sum(I, F(2 * Delta(J, I) + X[J] + X[I]))))
    assert not equal(twice, Sum(I, Sum(J, F(X[I] + X[J] + 2))))


def test_differentiating_by_an_entry_whose_index_is_bound_outside():
    assert equal(Sum(P, Partial(Sum(J, F(X[J])), X[P])), Sum(I, F.prime(X[I])))
    assert equal(
        Sum(P, Y[P] * Partial(Sum(J, W[P, J] * F(X[J])), X[P])), Sum(I, Y[I] * W[I, I] * F.prime(X[I]))
    )
    inner = Sum(J, W[P, J] * F(X[J]))
    assert equal(Sum(J, Partial(inner, X[J])), Sum(I, W[P, I] * F.prime(X[I])))


def test_the_derivative_of_a_quotient():
    e, v = exp(X[P]), Y[P]
    assert equal(Partial(1 / (1 + e), X[P]), -e / (1 + e) ** 2)
    assert equal(Partial(v / (X[P] + v), v), X[P] / (X[P] + v) ** 2)
    total = Sum(I, exp(X[I]))
    assert equal(Partial(1 / total, X[S]), -exp(X[S]) / total**2)
    assert equal(Partial((1 + total) ** -2, X[S]), -2 * exp(X[S]) / (1 + total) ** 3)


def test_numbers_in_denominators():
    x, y = X[P], Y[P]
    assert equal(1 / (2 * x), Fraction(1, 2) / x)
    assert equal(3 / (2 * x + 4 * y), Fraction(3, 2) / (x + 2 * y))
    assert not equal(1 / (2 * x), 2 / x)


def test_a_quotient_inside_a_function_has_one_form():
    """There denominators cannot be cleared: both ways to write the quotient must be read alike."""
    x, y, s = X[P], Y[P], X[S]
    assert equal(F(1 / (2 * x + 2 * y)), F(Fraction(1, 2) / (y + x)))
    assert equal(F(1 / (x + 3 * y)), F(1 / (3 * y + x)))
    assert equal(F(1 / (x + 2 * y + 3 * s)), F(Fraction(1, 2) / (Fraction(3, 2) * s + y + x / 2)))
    assert not equal(F(1 / (x + 3 * y)), F(1 / (3 * x + y)))


def test_powers_of_one_denominator_are_cleared_together():
    d = 1 + exp(X[P])
    assert equal(1 / d + 1 / d**2, (d + 1) / d**2)
    assert equal(1 / d + 1 / d**3, (exp(2 * X[P]) + 2 * exp(X[P]) + 2) / d**3)
    assert equal(1 / d - 1 / (d + 1), 1 / (d * (d + 1)))
    assert equal(1 / (1 + 1 / d), d / (d + 1))
    assert equal(d / d, terms.ONE)


def test_exponentials_of_fractions_are_powers_of_one_another():
    x = X[P]
    assert equal(exp(x / 2) ** 3, exp(3 * x / 2))
    assert equal(exp(2 * x / 3) * exp(-x / 3), exp(x / 3))
    assert equal(exp(-x) * exp(x), terms.ONE)
    assert not equal(exp(x / 2), exp(x))
    assert not equal(exp(x / 2), exp(2 * x))
    assert not equal(exp(3 * x / 2), exp(x) ** 3)
    assert equal(exp(terms.ZERO), terms.ONE)


def test_sums_that_join_do_not_share_an_index():
    """Both inner sums have the same name for their index when they meet under the outer one."""
    powers = Sum(J, Y[J] * Sum(I, W[J, I]) ** 2)
    assert equal(powers, Sum(J, Sum(I, Sum(S, Y[J] * W[J, I] * W[J, S]))))
    assert not equal(powers, Sum(J, Sum(I, Y[J] * W[J, I] ** 2)))
    two = Sum(J, Sum(I, W[J, I] * X[I]) * Sum(I, W[J, I] * Y[I]))
    assert equal(two, Sum(J, Sum(I, Sum(S, W[J, I] * X[I] * W[J, S] * Y[S]))))
    assert not equal(two, Sum(J, Sum(I, W[J, I] ** 2 * X[I] * Y[I])))


def test_the_power_zero_is_one():
    for t in (X[P], X[P] + Y[P], Delta(P, S), X[P] - X[P], Sum(I, X[I])):
        assert equal(t**0, terms.ONE)


def test_widths_and_deltas_are_constants():
    assert equal(Partial(N * Delta(P, S) * X[P], X[S]), N * Delta(P, S))
    assert equal(Partial(N + Delta(P, S), X[S]), terms.ZERO)
