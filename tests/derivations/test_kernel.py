"""What the kernel must never forget: each case was once wrong, here or in a prototype."""

import pytest

from derivations import kernel
from derivations.kernel import Delta, Size, Sum, Tensor, UnsupportedExpression, equal, exp, fresh, opaque

N, M = Size("n"), Size("m")
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


def test_a_power_of_a_sum_uses_a_new_index_for_each_factor():
    square = Sum(J, W[P, J]) ** 2
    assert equal(square, Sum(I, Sum(J, W[P, I] * W[P, J])))
    assert not equal(square, Sum(J, W[P, J] ** 2))


def test_differentiating_by_the_letter_that_a_sum_binds():
    assert equal(kernel.derivative(Sum(J, W[I, J] * X[J]), X[J]), W[I, J])


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
    assert equal(exp(X[P] - X[P]), kernel.term(1))


def test_what_is_defined_keeps_its_derivative_in_writing():
    z = Tensor("z", (N,), defined=True)
    slope = kernel.derivative(3 * z[I], X[P])
    assert not equal(slope, kernel.term(0))
    with pytest.raises(UnsupportedExpression, match="independent variable"):
        kernel.derivative(X[I], z[P])


def test_too_large_to_expand_is_refused_and_not_attempted():
    with pytest.raises(UnsupportedExpression, match="too large to expand"):
        kernel.canonical((X[P] + Y[P]) ** 1000)
    assert equal((X[P] * Y[P]) ** 10**9, X[P] ** 10**9 * Y[P] ** 10**9)


def test_too_many_like_sums_are_refused():
    indices = [fresh("i", N) for _ in range(4)]
    t = F(kernel.plus(Y[P], *(X[i] for i in indices)))
    for i in indices:
        t = Sum(i, t)
    assert equal(Sum(P, t), Sum(P, t))
    t = Sum(P, t**2)  # eight sums in one block, four in each factor
    with pytest.raises(UnsupportedExpression, match="cannot be told apart"):
        kernel.canonical(t)
