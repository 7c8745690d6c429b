"""Terms as data: indices are replaced without being captured, and what is not in the grammar is refused."""

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from derivations import terms
from derivations.setting import replace_entries
from derivations.terms import (
    Apply,
    Delta,
    Entry,
    Index,
    Partial,
    RangeMismatch,
    Sum,
    Tensor,
    UnsupportedExpression,
)
from tests.derivations.scalars import scalar

N, M = terms.Size("n"), terms.Size("m")
WIDTHS = {N: 2, M: 3}
I, J, K = (terms.fresh(name, N) for name in "ijk")
P = terms.fresh("p", M)
X, Y, A = Tensor("x", (N,)), Tensor("y", (N,)), Tensor("A", (N, N))
F = terms.opaque("f")

INDICES = st.sampled_from([I, J, K])
LEAVES = st.one_of(
    st.builds(lambda i: X[i], INDICES),
    st.builds(lambda i, j: A[i, j], INDICES, INDICES),
    st.builds(Delta, INDICES, INDICES),
    st.integers(-2, 2).map(terms.term),
)


def made_of(*more):
    """Terms of sums, products, sums over an index and applications, and of what else is given."""
    return st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a + b, inner, inner),
            st.builds(lambda a, b: a * b, inner, inner),
            st.builds(Sum, INDICES, inner),
            st.builds(lambda a: Apply(F, a), inner),
            *(make(inner) for make in more),
        ),
        max_leaves=8,
    )


TERMS = made_of(lambda inner: st.builds(lambda a, i: Partial(a, X[i]), inner, INDICES))
WITHOUT_DERIVATIVES = made_of()
PLACES = st.fixed_dictionaries({i: st.integers(1, WIDTHS[N]) for i in (I, J, K)})


def value(t, at):
    return sympy.expand(scalar(t, WIDTHS, at))


@given(t=TERMS, at=PLACES, renaming=st.dictionaries(INDICES, INDICES))
def test_a_replaced_index_stands_for_the_other(t, at, renaming):
    """With i replaced by j, t is at j = 2 what it was at i = 2: no sum over j captures it."""
    moved = {i: at[renaming.get(i, i)] for i in at}
    assert value(terms.substitute(t, renaming), at) == value(t, moved)


@given(t=TERMS, at=PLACES)
def test_bound_names_apart_mean_the_same_and_are_apart(t, at):
    apart = terms.bound_names_apart(t)
    assert value(apart, at) == value(t, at)
    assert terms.free_indices(apart) == terms.free_indices(t)
    bound = [part.index for part in parts(apart) if isinstance(part, Sum)]
    assert len(set(bound)) == len(bound)
    assert not set(bound) & {I, J, K}


def parts(t):
    yield t
    for part in terms.children(t):
        yield from parts(part)


@given(t=WITHOUT_DERIVATIVES, at=PLACES)
def test_a_replaced_entry_is_captured_by_no_sum(t, at):
    """y_k for every entry of x: a sum over k must not bind it."""
    replaced = replace_entries(t, X, lambda entry: Y[K] * Y[entry.indices[0]], frozenset((K,)))
    entries = {sympy.Symbol(f"x_{i}"): sympy.Symbol(f"y_{at[K]}") * sympy.Symbol(f"y_{i}") for i in (1, 2)}
    assert value(replaced, at) == sympy.expand(value(t, at).subs(entries, simultaneous=True))


def test_a_capture_would_be_seen():
    """What the three tests above hold: without renaming the sum would bind the newcomer."""
    t = Sum(J, X[I] * X[J])
    at = {I: 1, J: 2, K: 1}
    captured = Sum(J, X[J] * X[J])
    right = terms.substitute(t, {I: J})
    assert value(right, at) == value(t, at | {I: 2})
    assert value(captured, at) != value(right, at)
    assert right.index != J


REFUSED = {
    "an index of another range": (lambda: terms.substitute(X[I], {I: P}), RangeMismatch, "runs over 1..n"),
    "an entry at another range": (lambda: X[P], RangeMismatch, "index 1 of x runs over 1..n"),
    "a delta of two ranges": (lambda: Delta(I, P), RangeMismatch, "delta compares"),
    "a number for an index": (lambda: X[1], UnsupportedExpression, "x was indexed with int 1"),
    "an index too many": (lambda: X[I, J], UnsupportedExpression, "x takes 1 indices, not 2"),
    "a sum over a number": (lambda: Sum(3, X[I]), UnsupportedExpression, "a sum runs over an Index, not int"),
    "a derivative by a sum": (
        lambda: Partial(X[I], X[I] + X[J]),
        UnsupportedExpression,
        "a derivative is taken with respect to an entry",
    ),
    "a range that is a number": (
        lambda: terms.fresh("i", 3),
        UnsupportedExpression,
        "must be a Size, not int",
    ),
    "exp as a stranger": (lambda: terms.opaque("exp"), UnsupportedExpression, "is known to the kernel"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_term_is_refused(what):
    build, error, said = REFUSED[what]
    with pytest.raises(error, match=said):
        build()


def test_what_is_written_can_be_read():
    assert str(Delta(I, J)) == f"[{I}={J}]"
    assert str(Entry(X, (I,))) == f"x[{I}]"
    assert isinstance(I, Index)
