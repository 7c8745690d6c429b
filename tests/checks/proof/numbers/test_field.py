"""The conventions of the field: opaque functions with a few facts, and one coin for each pair z, -z."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.numbers.field import Field
from checks.proof.numbers.modular import P

SEEDS = st.integers(0, 2**32 - 1)


def same(x, y):
    return bool((x.v == y.v).all())


@given(SEEDS)
def test_the_facts_about_opaque_functions(seed):
    field = Field(seed)
    z, zero, one = field.random(3), field.lift(np.zeros(3)), field.lift(np.ones(3))
    assert same(np.exp(zero), one)
    assert same(np.log(one), zero)
    assert same(np.tanh(zero), zero)
    assert same(np.expm1(zero), zero)
    assert same(np.log1p(zero), zero)
    assert same(np.expm1(z), np.exp(z) - 1)
    assert same(np.log1p(z), np.log(1 + z))
    assert same(np.exp(z), np.exp(z + 0))


@given(SEEDS)
def test_nothing_else_is_known_about_them(seed):
    field = Field(seed)
    x, y = field.random(3), field.random(3)
    assert not same(np.exp(x) * np.exp(y), np.exp(x + y))
    assert not same(np.log(x) + np.log(y), np.log(x * y))
    assert not same(np.tanh(-x), -np.tanh(x))
    assert not same(np.exp(x), Field(seed + 1).random(3))


@given(SEEDS)
def test_one_coin_decides_every_comparison_with_zero(seed):
    field = Field(seed)
    z = field.random(4, 2)
    positive = z > 0
    assert ((z >= 0) == positive).all()
    assert ((z < 0) == ~positive).all()
    assert (np.less_equal(0, z) == positive).all()
    assert ((-z > 0) == ~positive).all()
    assert ((z > 0 * z) == positive).all()
    for part in (np.maximum(z, 0), np.maximum(0, z), z - np.minimum(z, 0), z - np.minimum(z, 0 * z)):
        assert same(part, z * positive)


@given(SEEDS, st.floats(1e-3, 1e3))
def test_every_element_is_close_to_zero(seed, c):
    z = Field(seed).random(5)
    assert (z < c).all()
    assert (z > -c).all()
    assert same(np.minimum(np.maximum(z, -c), c), z)


def test_both_sides_of_zero_are_drawn():
    assert 400 < (Field(0).random(1000) > 0).sum() < 600


def test_zero_is_not_positive():
    zero = Field(0).lift(np.zeros(1))
    assert not (zero > 0).any()
    assert (zero >= 0).all()


@given(SEEDS)
def test_softmax_may_take_any_reference_point_but_always_the_same(seed):
    z = Field(seed).random(4, 3)
    largest = z.max(axis=0, keepdims=True)
    assert largest.shape == (1, 3)
    assert all(largest.v[0, n] in z.v[:, n] for n in range(3))
    assert same(largest, z[::-1].max(axis=0, keepdims=True))


def test_the_seed_decides_everything():
    x, y = Field(5).random(3), Field(5).random(3)
    assert same(x, x.field.lift(y.v.astype(object)))
    assert np.exp(x).v.tolist() == np.exp(y).v.tolist()


def test_collisions_are_bounded_from_what_was_evaluated():
    field = Field(0)
    np.exp(field.random(10) * field.random(10))
    assert field.collision() == 2 * 45 * 2
    assert field.collision() < P
