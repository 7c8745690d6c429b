"""Sums that look alike: told apart where something does, tried in every order where nothing does."""

import itertools

import pytest

from derivations import terms
from derivations.kernel import Kernel, equal
from derivations.terms import Delta, Size, Sum, Tensor, fresh, opaque

pytestmark = pytest.mark.usefixtures("forgetful")
N = Size("n")
W, C, X, Y = Tensor("W", (N, N)), Tensor("C", (N, N)), Tensor("x", (N,)), Tensor("y", (N,))
I, J, P, S = (fresh(name, N) for name in "ijps")
F = opaque("f")


def cycle(*indices):
    """The trace of a product of as many matrices W as there are indices."""
    t = terms.times(*(W[a, b] for a, b in zip(indices, indices[1:] + indices[:1], strict=True)))
    for index in sorted(indices, key=lambda index: index.name):
        t = Sum(index, t)
    return t


@pytest.mark.parametrize("order", [(S, J, P), (P, J, S)])
def test_sums_that_look_alike_are_tried_in_every_order(order):
    """Every index of the cycle occurs once as a row and once as a column: only trying them out tells."""
    assert equal(cycle(I, J, P, S), cycle(I, *order))
    turned = Sum(I, X[I] * F(cycle(J, P, S) + X[I]))
    assert equal(turned, Sum(I, X[I] * F(cycle(*order) + X[I])))
    assert not equal(cycle(I, J, P, S), cycle(I, J) ** 2)


def test_heights_tell_nested_sums_apart():
    """Three sums, each inside a function under the next: no name may stand for two of them."""

    def nest(outer, middle, inner):
        return Sum(P, F(Sum(J, W[outer, J] * F(Sum(S, W[middle, S] * F(Sum(I, W[inner, I] * X[I])))))))

    for wrong in ((P, J, J), (P, P, S), (J, J, S), (P, S, S), (P, J, I), (P, J, P)):
        assert not equal(nest(P, J, S), nest(*wrong)), wrong
    assert equal(nest(P, J, S), Sum(I, F(Sum(S, W[I, S] * F(Sum(P, W[S, P] * F(Sum(J, W[P, J] * X[J]))))))))


@pytest.mark.parametrize("order", list(itertools.permutations((I, J, P, S)))[1::5])
def test_a_delta_inside_a_function_reads_the_same_from_both_sides(order):
    def t(a, b, c, d):
        body = W[a, b] * W[b, c] * W[c, d] * W[d, a] * F(Delta(a, b))
        return Sum(I, Sum(J, Sum(P, Sum(S, body))))

    assert equal(t(I, J, P, S), t(*order))


@pytest.mark.parametrize("inner", [5, 6])
def test_sums_that_stand_in_different_places_are_not_tried_in_every_order(inner):
    """Five alike between two ends have 120 orders, not 5040; with six alike, 720 are still compared."""
    own = [fresh("i", N) for _ in range(inner + 2)]

    def chain(order):
        t = X[own[0]] * terms.times(*(W[a, b] for a, b in itertools.pairwise(own))) * Y[own[-1]]
        for index in order:
            t = Sum(index, t)
        return t

    if inner == 5:
        assert equal(chain(own), chain(own[::-1]))
    else:
        assert Kernel().normal(chain(own))


def test_deltas_inside_functions_tell_orders_apart():
    def t(a, b, c, d):
        body = F(X[a] + X[b] + X[c] + X[d]) * F(Delta(a, b)) * F(Delta(c, d))
        return Sum(I, Sum(J, Sum(P, Sum(S, body))))

    for order in itertools.permutations((I, J, P, S)):
        assert equal(t(I, J, P, S), t(*order))


def test_rows_and_columns_tell_sums_apart():
    """Each of seven is in two entries of W: one as a row twice, one as a column twice, the others as both."""
    own = [fresh("i", N) for _ in range(7)]

    def t(order):
        body = W[own[0], own[-1]] * terms.times(*(W[a, b] for a, b in itertools.pairwise(own)))
        for index in order:
            body = Sum(index, body)
        return body

    assert equal(t(own), t(own[::-1]))


def test_two_orders_are_compared_too():
    """The two middle indices occur in like places, and lead to different ends."""
    tip, left, right, x, y = (fresh("i", N) for _ in range(5))
    body = F(X[tip]) * W[tip, left] * W[tip, right] * C[left, x] * C[right, y] * X[x] * Y[y]

    def t(*order):
        summed = body
        for index in order:
            summed = Sum(index, summed)
        return summed

    for order in itertools.permutations((tip, left, right, x, y)):
        assert equal(t(*order), t(tip, left, right, x, y))
