"""What the kernel must not believe, what it cannot know, and what is too large to expand."""

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
    fresh,
    opaque,
)

pytestmark = pytest.mark.usefixtures("forgetful")
N, M = Size("n"), Size("m")
W, X, Y = Tensor("W", (N, N)), Tensor("x", (N,)), Tensor("y", (N,))
I, J, P, S = (fresh(name, N) for name in "ijps")
B, Z, LOSS = Tensor("b", (N,), Layer("l")), Tensor("z", (N,), defined=True), Tensor("J", defined=True)
F = opaque("f")
K, K_NEXT = Size("k", Layer("l")), Size("k", Layer("l", 1))
FOREIGN = fresh("m", M)


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


def test_a_high_power_of_a_sum_under_a_sum_is_refused():
    with pytest.raises(UnsupportedExpression, match=r"^power 65 of a sum of 1 terms: too large to expand$"):
        Kernel().normal(Sum(I, Sum(J, W[I, J]) ** 65))


def test_layers_that_differ_by_a_number_are_different():
    near, far = Tensor("b", (N,), Layer("l")), Tensor("b", (N,), Layer("l", 1))
    assert equal(Partial(near[I] * far[J], near[P]), Delta(I, P) * far[J])


def test_widths_of_two_layers_are_different_numbers():
    assert equal(K * K_NEXT, K_NEXT * K)
    assert not equal(K, K_NEXT)
    assert equal(Sum(fresh("i", K), terms.ONE), K)
