"""What a kernel is given: definitions, functions written out, unknowns with their chain rule, hypotheses."""

import pytest

from derivations import terms
from derivations.kernel import Kernel
from derivations.terms import (
    Delta,
    Layer,
    Partial,
    RangeMismatch,
    Size,
    Sum,
    Tensor,
    UnsupportedExpression,
    exp,
    fresh,
    opaque,
)

pytestmark = pytest.mark.usefixtures("forgetful")
N, M = Size("n"), Size("m")
W, X, Y = Tensor("W", (N, N)), Tensor("x", (N,)), Tensor("y", (N,))
I, J, P, S = (fresh(name, N) for name in "ijps")
B, Z, LOSS = Tensor("b", (N,), Layer("l")), Tensor("z", (N,), defined=True), Tensor("J", defined=True)
F = opaque("f")
AFFINE = (Z, (I,), Sum(J, W[I, J] * X[J]))
FOREIGN = fresh("m", M)


def test_a_definition_is_read_at_every_index():
    given = Kernel(definitions=[AFFINE])
    assert given.equal(Z[P], Sum(S, W[P, S] * X[S]))
    assert given.equal(Sum(J, Z[J]), Sum(I, Sum(J, W[I, J] * X[J])))
    assert not given.equal(Z[P], Sum(S, W[S, P] * X[S]))
    assert given.equal(Partial(Z[P], X[S]), W[P, S])


def test_a_definition_does_not_see_the_indices_around_it():
    """The sum in the body runs over j, and so does the sum around it: two indices, one letter."""
    given = Kernel(definitions=[AFFINE])
    assert given.equal(Sum(J, X[J] * Z[J]), Sum(I, Sum(J, X[I] * W[I, J] * X[J])))
    assert not given.equal(Sum(J, X[J] * Z[J]), Sum(J, X[J] * W[J, J] * X[J]))


def test_an_index_that_a_definition_fixes_is_not_bound_outside():
    hot = Tensor("h", (N,), defined=True)
    given = Kernel(definitions=[(hot, (I,), Delta(I, P))])
    assert given.equal(Sum(P, hot[P] * X[P]), X[P])
    assert not given.equal(Sum(P, hot[P]), terms.term(N))


def test_a_definition_with_another_range_is_refused():
    for indices in ((FOREIGN,), (), (I, J)):
        with pytest.raises(
            RangeMismatch, match=r"^the indices in the definition of z do not have its ranges$"
        ):
            Kernel(definitions=[(Z, indices, Y[P])]).normal(Z[I])


def test_a_function_is_written_out_with_its_derivatives():
    g, x = opaque("g"), Tensor("x")
    given = Kernel(functions=[("g", x, x[()] ** 3 + Y[P])])
    assert given.equal(g(X[S]), X[S] ** 3 + Y[P])
    assert given.equal(g.prime(X[S] + 1), 3 * (X[S] + 1) ** 2)
    assert given.equal(g.prime.prime(X[S]), 6 * X[S])
    assert not given.equal(F(X[S]), X[S] ** 3 + Y[P])
    summed = Kernel(functions=[("g", x, Sum(I, Y[I] * x[()]))])
    assert summed.equal(Sum(J, g(X[J])), Sum(J, X[J]) * Sum(I, Y[I]))
    assert not summed.equal(Sum(J, g(X[J])), Sum(J, X[J] * Y[J]))


def test_the_chain_rule_is_applied_to_unknown_functions_alone():
    dj = Sum(I, Partial(LOSS[()], Z[I]) * W[I, P])
    assert Kernel([AFFINE], unknowns=[(LOSS, Z)]).equal(Partial(LOSS[()], X[P]), dj)
    assert not Kernel([AFFINE]).equal(Partial(LOSS[()], X[P]), dj)


def test_the_chain_rule_goes_through_what_is_defined_and_not_written_out():
    inner = Tensor("u", (N,), defined=True)
    given = Kernel(unknowns=[(LOSS, Z)])
    through = Sum(I, Partial(LOSS[()], Z[I]) * Partial(Z[I], inner[P]))
    assert given.equal(Partial(LOSS[()], inner[P]), through)
    assert not given.equal(
        Partial(LOSS[()], inner[P]), Sum(I, Partial(LOSS[()], Z[I]) * Partial(Z[P], inner[I]))
    )


def test_a_hypothesis_is_used_at_every_index_or_only_as_it_stands():
    total = Sum(I, X[I])
    assert Kernel(hypotheses=[(total, terms.ONE, ())]).equal(Y[P] * Sum(J, X[J]), Y[P])
    assert not Kernel().equal(Y[P] * total, Y[P])
    everywhere, once = Kernel(hypotheses=[(X[I], Y[I], (I,))]), Kernel(hypotheses=[(X[I], Y[I], ())])
    assert everywhere.equal(Sum(J, W[P, J] * X[J]), Sum(J, W[P, J] * Y[J]))
    assert once.equal(X[I], Y[I])
    assert not once.equal(X[J], Y[J])
    diagonal = Kernel(hypotheses=[(W[I, I], terms.ONE, (I,))])
    assert diagonal.equal(W[P, P], terms.ONE)
    assert not diagonal.equal(W[P, S], terms.ONE)
    slope = Kernel(hypotheses=[(Partial(LOSS[()], Z[I]), X[I], (I,))])
    assert slope.equal(Sum(J, Partial(LOSS[()], Z[J]) * Y[J]), Sum(J, X[J] * Y[J]))
    assert not slope.equal(Partial(LOSS[()], Z[P]), X[S])


def test_what_a_hypothesis_brings_is_not_captured():
    given = Kernel(hypotheses=[(Y[I], Sum(J, W[I, J]), (I,))])
    assert given.equal(Sum(J, X[J] * Y[J]), Sum(I, Sum(J, X[I] * W[I, J])))
    assert not given.equal(Sum(J, X[J] * Y[J]), Sum(J, X[J] * W[J, J]))


@pytest.mark.parametrize("left", [X[I] * Y[I], 2 * X[I], X[I] ** 2, X[I] + Y[I], terms.ONE])
def test_a_hypothesis_about_more_than_one_thing_is_refused(left):
    with pytest.raises(UnsupportedExpression, match="a hypothesis is about one entry"):
        Kernel(hypotheses=[(left, terms.ONE, ())]).normal(X[P])


def test_the_chain_rule_through_a_matrix_sums_over_both_of_its_indices():
    U = Tensor("u", (N, N), defined=True)
    given = Kernel(unknowns=[(LOSS, U)])
    both = Sum(I, Sum(J, Partial(LOSS[()], U[I, J]) * Partial(U[I, J], X[P])))
    assert given.equal(Partial(LOSS[()], X[P]), both)
    trace = Sum(I, Partial(LOSS[()], U[I, I]) * Partial(U[I, I], X[P]))
    assert not given.equal(Partial(LOSS[()], X[P]), trace)


def test_the_chain_rule_by_a_defined_tensor_stays_in_writing():
    """z is written out, but not below a derivative by u, which is itself a function of other things."""
    inner = Tensor("u", (N,), defined=True)
    given = Kernel([AFFINE], unknowns=[(LOSS, Z)])
    through = Sum(I, Partial(LOSS[()], Z[I]) * Partial(Z[I], inner[P]))
    assert given.equal(Partial(LOSS[()], inner[P]), through)
    assert not given.equal(Partial(LOSS[()], inner[P]), terms.ZERO)


def test_what_is_given_reaches_into_functions_and_sums():
    x, g = Tensor("x"), opaque("g")
    alike = Kernel(hypotheses=[(X[I], Y[I], (I,))])
    assert alike.equal(F(X[P] + Sum(J, W[P, J] * F(X[J]))), F(Y[P] + Sum(J, W[P, J] * F(Y[J]))))
    nested = Kernel(functions=[("g", x, F(Sum(I, Y[I] * F(x[()]))) / (1 + exp(x[()])))])
    assert nested.equal(g(X[P]), F(Sum(J, Y[J] * F(X[P]))) / (1 + exp(X[P])))


def test_a_function_that_sums_does_not_capture_what_a_hypothesis_puts_below_another_sum():
    """X_j = g(Y_j) under a sum over j, where g itself sums over an index that is named alike."""
    x, g = Tensor("x"), opaque("g")
    given = Kernel(functions=[("g", x, Sum(I, F(B[I] * x[()])))], hypotheses=[(X[I], g(Y[I]), (I,))])
    assert given.equal(Sum(J, W[P, J] * X[J]), Sum(J, Sum(S, W[P, J] * F(B[S] * Y[J]))))
    assert not given.equal(Sum(J, W[P, J] * X[J]), Sum(J, W[P, J] * F(B[J] * Y[J])))
