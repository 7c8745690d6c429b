"""Every vectorised operation against Python's integers, extremes included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.numbers import modular
from checks.proof.numbers.modular import P

RESIDUES = st.one_of(st.integers(0, P - 1), st.sampled_from([0, 1, P - 1, 2**31, 2**31 - 1, 2**60, P // 2]))


def residues(values):
    return np.array(values, dtype=np.uint64)


@given(st.lists(st.tuples(RESIDUES, RESIDUES), min_size=1, max_size=8))
def test_elementwise_operations_are_those_of_integers(pairs):
    x, y = residues([a for a, _ in pairs]), residues([b for _, b in pairs])
    assert modular.add(x, y).tolist() == [(a + b) % P for a, b in pairs]
    assert modular.subtract(x, y).tolist() == [(a - b) % P for a, b in pairs]
    assert modular.multiply(x, y).tolist() == [a * b % P for a, b in pairs]


@given(RESIDUES, st.integers(0, 2**20))
def test_power(base, exponent):
    assert modular.power(residues([base]), exponent).tolist() == [pow(base, exponent, P)]


@given(st.lists(st.integers(1, P - 1), min_size=1, max_size=9))
def test_inverse(values):
    inverses = modular.inverse(residues(values))
    assert [a * int(b) % P for a, b in zip(values, inverses, strict=True)] == [1] * len(values)


def test_zero_has_no_inverse():
    with pytest.raises(ZeroDivisionError):
        modular.inverse(residues([1, 0]))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_matrix_product(n, k, m, seed):
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(0, P, shape, dtype=np.uint64) for shape in ((n, k), (k, m)))
    expected = (x.astype(object) @ y.astype(object)) % P
    assert modular.matmul(modular.limbs(x), y).tolist() == expected.tolist()


@pytest.mark.parametrize("inner", [2047, 2048, 2049, 5000])
def test_matrix_product_of_the_largest_residues_is_exact(inner):
    x = np.full((1, inner), P - 1, dtype=np.uint64)
    assert modular.matmul(modular.limbs(x), x.T).tolist() == [[inner % P]]  # (-1)(-1) = 1


def test_sum_of_many_large_residues_does_not_overflow():
    x = np.full((3, 4000), P - 1, dtype=np.uint64)
    assert modular.total(x, 1, False).tolist() == [-4000 % P] * 3
    assert modular.total(x, None, False).item() == -12000 % P
