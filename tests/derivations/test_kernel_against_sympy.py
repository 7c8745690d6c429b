"""The kernel's derivative, normal form and fraction against plain scalar SymPy, on random terms.

Terms nest sums inside functions, reuse index names, square sums, and are written out at equal widths
(where a wrong transpose or a captured index still fits) and at unequal ones.  Under the nightly profile
5,000 terms, more than 50,000 comparisons.
"""

import itertools

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from derivations import calculus, terms
from derivations.kernel import Kernel, _cleared
from derivations.terms import Delta, Partial, Power, Size, Sum, Tensor, exp, fresh, opaque
from tests.derivations.scalars import close, normal_scalar, scalar, slot, symbol, value

N, M = Size("n"), Size("m")
A, B, C = Tensor("A", (M, N)), Tensor("B", (N, M)), Tensor("C", (N, N))
X, Y, S = Tensor("x", (N,)), Tensor("y", (M,)), Tensor("s")
F = opaque("f")
FREE = {N: [fresh("q", N), fresh("s", N)], M: [fresh("p", M), fresh("r", M)]}
WIDTHS = ({N: 2, M: 2}, {N: 2, M: 3}, {N: 3, M: 1})
LARGEST = 60
pytestmark = pytest.mark.usefixtures("forgetful")
TERMS = settings.default.max_examples * (10 if settings.default.max_examples > 100 else 1)


@st.composite
def random_terms(draw, scope=None, depth=4):
    """A random term whose free indices lie in ``scope``."""
    scope = {size: list(indices) for size, indices in (scope or FREE).items()}

    def index(size):
        return draw(st.sampled_from(scope[size]))

    def leaf():
        kind = draw(st.integers(0, 8))
        match kind:
            case 0:
                return A[index(M), index(N)]
            case 1:
                return B[index(N), index(M)]
            case 2 | 3:
                return C[index(N), index(N)]
            case 4:
                return X[index(N)]
            case 5:
                return Y[index(M)]
            case 6:
                return Delta(index(N), index(N))
            case 7:
                return S[()]
        return terms.term(draw(st.integers(-2, 3)))

    def bound(size, inner):
        # Now and then an index that is free outside: shadowing.
        binder = draw(st.sampled_from(FREE[size])) if draw(st.booleans()) else fresh("j", size)
        extended = {**scope, size: [*scope[size], binder]}
        return Sum(binder, draw(random_terms(extended, inner)))

    if depth == 0:
        return leaf()
    match draw(st.integers(0, 10)):
        case 0:
            return draw(random_terms(scope, depth - 1)) + draw(random_terms(scope, depth - 1))
        case 1 | 2:
            return draw(random_terms(scope, depth - 1)) * draw(random_terms(scope, depth - 1))
        case 3:
            return F(draw(random_terms(scope, depth - 1)))
        case 4:
            return exp(draw(random_terms(scope, depth - 1)))
        case 5:
            return bound(N, depth - 1)
        case 6:
            return bound(M, depth - 1)
        case 8:
            # A denominator that is never 0, and one that sums, as in softmax.
            return Power(1 + exp(draw(random_terms(scope, depth - 1))), draw(st.sampled_from((-1, -2))))
        case 9:
            j = fresh("j", N)
            extended = {**scope, N: [*scope[N], j]}
            share = Power(Sum(j, exp(draw(random_terms(extended, max(depth - 2, 0))))), -1)
            return draw(random_terms(scope, depth - 1)) * share
        case 7:
            # The shape that caught a kernel out: a function of a sum, under a sum.
            j = fresh("j", N)
            extended = {**scope, N: [*scope[N], j]}
            row = draw(st.sampled_from(extended[N]))
            return F(Sum(j, draw(random_terms(extended, max(depth - 2, 0))) * C[row, j]))
        case _:
            base = draw(random_terms(scope, depth - 1))
            return Power(base, draw(st.sampled_from((2, 3)))) if depth < 3 else base


def size_of(t):
    return 1 + sum(map(size_of, terms.children(t)))


def positions(t, widths):
    indices = sorted(terms.free_indices(t), key=str)
    for values in itertools.product(*(range(1, widths[i.size] + 1) for i in indices)):
        yield dict(zip(indices, values, strict=True))


variables = st.sampled_from(
    [
        C[FREE[N][0], FREE[N][1]],
        C[FREE[N][0], FREE[N][0]],
        X[FREE[N][0]],
        Y[FREE[M][0]],
        A[FREE[M][1], FREE[N][1]],
        S[()],
    ]
)


@settings(max_examples=TERMS)
@given(t=random_terms(), variable=variables)
def test_derivative_and_normal_form_are_those_of_plain_sympy(t, variable):
    assume(size_of(t) <= LARGEST)
    event(f"{sum(isinstance(part, Sum) for part in walk(t))} sums")
    slope = Partial(t, variable)
    numerator, denominator = _cleared(Kernel().normal(slope))
    for widths in WIDTHS:
        at = dict.fromkeys(terms.free_indices(slope), 1)
        for place, index in enumerate(sorted(at, key=str)):
            at[index] = 1 + place % widths[index.size]
        plain = scalar(t, widths, at)
        v = symbol(variable.tensor, [at[i] for i in variable.indices])
        derived = plain.diff(v)

        def normal(p, widths=widths, at=at):
            return normal_scalar(p, widths, {slot(index): place for index, place in at.items()})

        for what, found, expected in (
            ("term", normal(Kernel().normal(t)), plain),
            ("derivative", normal(Kernel().normal(slope)), derived),
            ("fraction", normal(numerator) / normal(denominator), derived),
            ("written derivative", scalar(calculus.derivative(t, variable), widths, at), derived),
        ):
            assert close(value(found, 1), value(expected, 1)), what


def walk(t):
    yield t
    for part in terms.children(t):
        yield from walk(part)


@given(t=random_terms())
def test_the_normal_form_is_canonical(t):
    """It does not depend on how the term was written."""
    assume(size_of(t) <= LARGEST)
    assert Kernel().normal(rewritten(t)) == Kernel().normal(t)
    assert Kernel().equal(t, rewritten(t))


def rewritten(t):
    """The same term with operands reversed and bound indices renamed."""
    if isinstance(t, Sum):
        index = fresh("z", t.index.size)
        return Sum(index, rewritten(terms.substitute(t.body, {t.index: index})))
    parts = [rewritten(part) for part in terms.children(t)]
    return terms.rebuild(t, parts[::-1] if isinstance(t, terms.Plus | terms.Times) else parts)


@given(left=random_terms(depth=3), right=random_terms(depth=3))
def test_what_the_kernel_calls_equal_is_equal_in_numbers(left, right):
    """Soundness, on pairs that differ by a transposed matrix as well as on unrelated pairs."""
    for other in (right, swapped(left)):
        if Kernel().equal(left, other):
            event("equal")
            for widths in WIDTHS:
                for at in positions(left + other, widths):
                    assert close(value(scalar(left, widths, at), 2), value(scalar(other, widths, at), 2))


def swapped(t):
    """The same term with every C transposed: equal only where that makes no difference."""
    if isinstance(t, terms.Entry) and t.tensor == C:
        return C[t.indices[1], t.indices[0]]
    return terms.rebuild(t, [swapped(part) for part in terms.children(t)])


@pytest.mark.parametrize("widths", WIDTHS)
def test_the_comparison_itself_can_fail(widths):
    """A wrong derivative, off by one index, is seen at every set of widths wider than one."""
    q, j = FREE[N][0], fresh("j", N)
    t = Sum(j, C[q, j] * X[j])
    wrong = C[FREE[N][1], q]
    at = {FREE[N][0]: 1, FREE[N][1]: 2}
    expected = scalar(t, widths, at).diff(symbol(X, [2]))
    assert not close(value(scalar(wrong, widths, at), 1), value(expected, 1))
