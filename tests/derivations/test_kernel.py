"""What the kernel must never forget: each case was once wrong, here or in a prototype."""

import itertools
from fractions import Fraction

import pytest

from derivations import terms
from derivations.kernel import Kernel, equal
from derivations.terms import (
    Delta,
    Entry,
    Index,
    Layer,
    Number,
    Partial,
    Power,
    RangeMismatch,
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
N, M = Size("n"), Size("m")
W, C, X, Y = Tensor("W", (N, N)), Tensor("C", (N, N)), Tensor("x", (N,)), Tensor("y", (N,))
I, J, P, S = (fresh(name, N) for name in "ijps")
B, Z, LOSS = Tensor("b", (N,), Layer("l")), Tensor("z", (N,), defined=True), Tensor("J", defined=True)
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


def test_too_large_to_expand_is_refused_and_not_attempted():
    assert len(Kernel().normal((X[P] + Y[P]) ** 64)) == 65
    for power in (65, 10**9):
        with pytest.raises(
            UnsupportedExpression, match=f"^power {power} of a sum of 2 terms: too large to expand$"
        ):
            Kernel().normal((X[P] + Y[P]) ** power)
    assert equal((X[P] * Y[P]) ** 10**9, X[P] ** 10**9 * Y[P] ** 10**9)


def test_too_many_like_sums_are_refused():
    indices = [fresh("i", N) for _ in range(4)]
    t = F(terms.plus(Y[P], *(X[i] for i in indices)))
    for i in indices:
        t = Sum(i, t)
    assert equal(Sum(P, t), Sum(P, t))
    t = Sum(P, t**2)  # eight sums in one block, four in each factor
    with pytest.raises(UnsupportedExpression, match="cannot be told apart"):
        Kernel().normal(t)


# ---------------------------------------------------------------------------------- what it must not believe


def test_an_index_of_a_normal_form_is_an_index_like_another():
    """Names that the kernel gives cannot be met by a name of the same letters and numbers."""
    for name, serial in (("", 0), ("", 1), ("0", 1), ("1", 1)):
        alike = Index(name, N, serial)
        assert equal(Sum(I, X[I] * Y[alike]), Sum(J, X[J]) * Y[alike])
        assert not equal(Sum(I, X[I] * Y[alike]), Sum(I, X[I] * Y[I]))


def test_a_name_that_is_no_text_is_refused():
    with pytest.raises(UnsupportedExpression, match="Index is expected"):
        equal(X[Index(0, N, 1)], X[P])


class Forged:
    """Makes a term without the checks of its constructor."""

    def __new__(cls, kind, **fields):
        made = object.__new__(kind)
        made.__dict__.update(fields)
        return made


FOREIGN = fresh("m", M)
K, K_NEXT = Size("k", Layer("l")), Size("k", Layer("l", 1))


@pytest.mark.parametrize(
    ("term", "error", "match"),
    [
        (Forged(Entry, tensor=X, indices=(FOREIGN,)), RangeMismatch,
         r"^an index of x runs over 1\.\.n here, and over 1\.\.m there$"),
        (Forged(Entry, tensor=W, indices=(P,)), UnsupportedExpression, "takes 2 indices, not 1"),
        (Forged(Entry, tensor=X, indices=(1,)), UnsupportedExpression, "not int 1"),
        (Forged(Delta, left=P, right=FOREIGN), RangeMismatch,
         r"^an index of a delta runs over 1\.\.n here, and over 1\.\.m there$"),
        (Forged(Delta, left=fresh("i", K), right=fresh("i", K_NEXT)), RangeMismatch,
         r"1\.\.k_l here, and over 1\.\.k_l\+1 there$"),
        (Forged(Delta, left=P, right=2), UnsupportedExpression, "not int 2"),
        (Forged(Number, value=0.5), UnsupportedExpression, "Number 0.5 is outside the kernel's grammar"),
        (Forged(Power, base=X[P], exponent=Fraction(1, 2)), UnsupportedExpression, "outside the"),
        (Forged(Power, base=X[P], exponent=True), UnsupportedExpression, "outside the"),
        (Forged(Sum, index="i", body=X[P]), UnsupportedExpression, "not str 'i'"),
        (Forged(Partial, body=X[P], variable=X[P] ** 2), UnsupportedExpression, "outside the"),
        ("x", UnsupportedExpression, "str x is outside"),
    ],
)  # fmt: skip
def test_what_is_outside_the_grammar_is_refused_by_the_kernel_itself(term, error, match):
    """Even where the constructors of terms would not have noticed."""
    with pytest.raises(error, match=match):
        Kernel().normal(term)


@pytest.mark.parametrize(
    ("term", "match"),
    [
        (Partial(B[I], Tensor("b", (N,), Layer("L"))[J]), r"whether b\^l and b\^L"),
        (Partial(B[I], Tensor("b", (N,))[J]), r"whether b\^l and b are"),
        (Partial(Tensor("b", (N,))[I], B[J]), r"whether b and b\^l are"),
        (Partial(Tensor("W", (N,))[I], W[I, J]), "W is used with two shapes, of 1 and 2"),
        (Partial(Partial(LOSS[()], X[I]), X[I]), "second derivative of J"),
        (Partial(2 * LOSS[()], Z[I]), "z is a function of other"),
        (1 / (X[P] - X[P]), "^division by zero: a denominator is identically 0$"),
        (1 / Delta(P, S), "^division by zero: a Kronecker delta stands in a denominator$"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_refused(term, match):
    with pytest.raises(UnsupportedExpression, match=match):
        Kernel().normal(term)


def test_layers_that_differ_by_a_number_are_different():
    near, far = Tensor("b", (N,), Layer("l")), Tensor("b", (N,), Layer("l", 1))
    assert equal(Partial(near[I] * far[J], near[P]), Delta(I, P) * far[J])


def test_derivatives_of_exp_and_log_are_not_themselves_exp_and_log():
    """log' is a name of which the kernel knows nothing: taken for log, its derivative would be 1/x."""
    x = X[P]
    assert equal(Partial(log(x), x), 1 / x)
    assert not equal(Partial(log.prime(x), x), 1 / x)
    assert equal(Partial(log.prime(x), x), log.prime.prime(x))
    assert equal(Partial(exp(2 * x), x), 2 * exp(2 * x))
    assert equal(Partial(exp(2 * x / 3), x), Fraction(2, 3) * exp(2 * x / 3))


# -------------------------------------------------------------------------------------------- what is given

AFFINE = (Z, (I,), Sum(J, W[I, J] * X[J]))


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


def test_a_high_power_of_a_sum_under_a_sum_is_refused():
    with pytest.raises(UnsupportedExpression, match=r"^power 65 of a sum of 1 terms: too large to expand$"):
        Kernel().normal(Sum(I, Sum(J, W[I, J]) ** 65))


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


@pytest.mark.parametrize("order", list(itertools.permutations((I, J, P, S)))[1::5])
def test_a_delta_inside_a_function_reads_the_same_from_both_sides(order):
    def t(a, b, c, d):
        body = W[a, b] * W[b, c] * W[c, d] * W[d, a] * F(Delta(a, b))
        return Sum(I, Sum(J, Sum(P, Sum(S, body))))

    assert equal(t(I, J, P, S), t(*order))


def test_the_power_zero_is_one():
    for t in (X[P], X[P] + Y[P], Delta(P, S), X[P] - X[P], Sum(I, X[I])):
        assert equal(t**0, terms.ONE)


def test_widths_of_two_layers_are_different_numbers():
    assert equal(K * K_NEXT, K_NEXT * K)
    assert not equal(K, K_NEXT)
    assert equal(Sum(fresh("i", K), terms.ONE), K)


def test_widths_and_deltas_are_constants():
    assert equal(Partial(N * Delta(P, S) * X[P], X[S]), N * Delta(P, S))
    assert equal(Partial(N + Delta(P, S), X[S]), terms.ZERO)


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
