"""Terms as they are written: what is called the same means the same; rewriting keeps what a term means."""

from itertools import combinations

import sympy
from hypothesis import given
from hypothesis import strategies as st

from derivations import terms
from derivations.terms import Apply, Delta, Entry, Index, Layer, Partial, Size, Sum, Tensor
from derivations.written import at_layer, instances, same, tidy
from tests.derivations.test_terms import (
    INDICES,
    PLACES,
    TERMS,
    WITHOUT_DERIVATIVES,
    A,
    F,
    I,
    J,
    K,
    N,
    X,
    Y,
    parts,
    value,
)


@given(t=TERMS)
def test_other_names_of_bound_indices_and_another_order_are_the_same(t):
    assert same(t, t)
    assert same(t, terms.bound_names_apart(t))
    for part in (X[I], terms.term(3)):
        assert same(t + part, part + t)
        assert same(t * part, part * t)
    assert same(t + 0, t)
    assert same(t * 1, t)
    assert same(t**1, t)


@given(some=st.lists(TERMS, min_size=2, max_size=12), at=PLACES)
def test_what_is_the_same_means_the_same(some, at):
    for one, other in combinations(some, 2):
        if same(one, other):
            assert value(one, at) == value(other, at)


DIFFERENT = [
    (X[I], X[J]),
    (X[I], Y[I]),
    (A[I, J], A[J, I]),
    (Sum(I, X[I]), Sum(I, X[J])),
    (Sum(I, A[I, J]), Sum(I, A[J, I])),
    (Delta(I, J), Delta(I, K)),
    (Apply(F, X[I]), Apply(F.prime, X[I])),
    (Partial(Apply(F, X[I]), X[I]), Partial(Apply(F, X[I]), X[J])),
    (X[I] ** 2, X[I] ** 3),
    (2 * X[I], 3 * X[I]),
    (Sum(I, X[I]), Sum(terms.fresh("m", Size("m")), terms.ONE)),
    (Tensor("z", (N,), Layer("l"))[I], Tensor("z", (N,), Layer("l", 1))[I]),
]


def test_what_differs_is_not_the_same():
    for one, other in DIFFERENT:
        assert not same(one, other), f"{one} and {other}"
    assert same(Delta(I, J), Delta(J, I))


@given(t=TERMS, at=PLACES)
def test_tidying_keeps_the_value(t, at):
    assert value(tidy(t), at) == value(t, at)
    assert value(tidy(t * 0 + t * 1 + 0), at) == value(t, at)


@given(t=WITHOUT_DERIVATIVES, at=PLACES, index=INDICES)
def test_every_occurrence_is_replaced_at_its_own_index(t, at, index):
    """x_i becomes y_i, whatever i is called where it occurs, and no x is left."""
    replaced = instances(t, X[index], Y[index], (index,))
    entries = {sympy.Symbol(f"x_{i}"): sympy.Symbol(f"y_{i}") for i in (1, 2)}
    assert value(replaced, at) == sympy.expand(value(t, at).subs(entries, simultaneous=True))
    assert X not in {part.tensor for part in parts(replaced) if isinstance(part, Entry)}


def test_a_pattern_fits_with_its_indices_only():
    slope = Partial(Apply(F, A[I, J]), A[I, J])
    assert instances(slope, slope, terms.term(7), (I, J)) == terms.term(7)
    moved = Partial(Apply(F, A[J, K]), A[J, K])
    assert instances(moved, slope, Y[I], (I, J)) == Y[J]
    for unlike in (
        Partial(Apply(F, A[J, K]), A[K, J]),
        Partial(Apply(F.prime, A[J, K]), A[J, K]),
        Apply(F, A[I, I]) * 2,
    ):
        assert instances(unlike, slope, terms.term(7), (I, J)) == unlike
    twice = A[I, J]
    assert instances(A[J, J], twice, X[I], (I, J)) == X[J]
    assert instances(X[K], X[K], Y[K], ()) == Y[K]


l, L = Layer("l"), Layer("L")


def of_layer(layer, name="i"):
    size = Size("n", layer)
    return Tensor("z", (size,), layer), Index(name, size, 1)


@given(offset=st.integers(-3, 3), new=st.sampled_from([Layer("l", 1), L, Layer("", 3)]))
def test_a_formula_moves_with_all_its_layers(offset, new):
    """Sizes, tensors and bound indices alike; of other layers nothing moves."""

    def formula(layer):
        z, i = of_layer(layer)
        _, j = of_layer(layer, "j")
        return Sum(i, z[i] * Delta(i, j)) + Partial(Apply(F, z[j]), z[j]) * Size("n", layer)

    moved = at_layer(formula(l + offset), "l", new)
    assert moved == formula(new + offset)
    assert at_layer(formula(L), "l", new) == formula(L)
