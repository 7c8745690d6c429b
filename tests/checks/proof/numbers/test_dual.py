"""Each rule of the dual numbers against the complex step, which shares nothing with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.numbers.dual import RULES, Dual
from checks.proof.numbers.field import Field
from checks.proof.numbers.opaque import opaque_activation
from checks.proof.numbers.rationals import rationals
from checks.proof.numbers.ring import COMPARISONS
from tests.effort import costly

CONSTANT = np.array([[0.7, -1.3, 0.4], [2.1, 0.6, -0.2], [0.3, 1.1, 0.9]])
PROGRAMS = {
    np.add: [lambda x: x + CONSTANT, lambda x: CONSTANT + x, lambda x: x + x, lambda x: x + 2],
    np.subtract: [lambda x: x - CONSTANT, lambda x: 1 - x, lambda x: 3 * x - x],
    np.multiply: [lambda x: x * CONSTANT, lambda x: 2 * x, lambda x: x * x],
    np.matmul: [lambda x: x @ CONSTANT, lambda x: CONSTANT @ x, lambda x: x @ x, lambda x: x.T @ x],
    np.true_divide: [lambda x: x / 3, lambda x: CONSTANT / (3 + x * x), lambda x: x / (1 + x * x)],
    np.negative: [lambda x: -x],
    np.power: [lambda x: x**2, lambda x: x**3, lambda x: x**1],
    np.exp: [np.exp],
    np.expm1: [np.expm1],
    np.log: [lambda x: np.log(x * x + 1)],
    np.log1p: [lambda x: np.log1p(x * x)],
    np.tanh: [np.tanh],
    np.maximum: [lambda x: np.maximum(x, 0), lambda x: np.maximum(0, x), lambda x: np.maximum(x, 0.3 * x)],
    np.minimum: [lambda x: np.minimum(x, 0), lambda x: np.minimum(x, 0 * x), lambda x: np.minimum(0, x)],
    "sum": [lambda x: x.sum(), lambda x: x.sum(axis=0, keepdims=True), lambda x: x.sum(axis=1)],
    "max": [lambda x: x.max(axis=0, keepdims=True), lambda x: np.max(x, axis=1), lambda x: x.max(axis=-1)],
    "positions": [
        lambda x: np.sum(x, 0),
        lambda x: np.sum(x, -1, keepdims=True),
        lambda x: np.mean(x, 1),
        lambda x: np.transpose(x) @ np.dot(x, CONSTANT),
    ],
    "largest of all": [lambda x: x.max(), lambda x: np.max(x), lambda x: np.max(x, None, keepdims=True)],
    "index": [
        lambda x: x[:, None] * x[None],
        lambda x: x[0] * x[-1, 1],
        lambda x: x[1:, ::2],
        lambda x: x[[2, 0, 0]],
        lambda x: x[..., 1] * len(x),
        lambda x: x[np.arange(3), [1, 0, 2]],
        lambda x: sum(row * row for row in x),
    ],
    "mean": [lambda x: x.mean(), lambda x: np.mean(x, axis=1, keepdims=True), lambda x: np.sum(x, axis=0)],
    "broadcast": [
        lambda x: x.sum(axis=1, keepdims=True) + CONSTANT,
        lambda x: CONSTANT / (1 + x.sum() * x.sum()),
    ],
}


def test_every_rule_is_tested():
    assert set(RULES) <= set(PROGRAMS)


@pytest.mark.parametrize("program", [p for programs in PROGRAMS.values() for p in programs])
@costly
@given(seed=st.integers(0, 2**32 - 1))
def test_rule(program, seed):
    rng = np.random.default_rng(seed)
    x, u = rng.standard_normal((3, 3)) + 0.1, rng.standard_normal((3, 3))
    h = 1e-30
    expected = program(x + 1j * h * u)
    found = program(Dual(x, u))
    assert found.v.shape == found.d.shape == expected.shape
    np.testing.assert_allclose(found.v, expected.real, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(found.d, expected.imag / h, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("ufunc", COMPARISONS)
def test_comparisons_are_those_of_the_values(ufunc):
    x = np.array([[-1.0, 0.0, 2.0]])
    assert (ufunc(Dual(x, x), 0) == ufunc(x, 0)).all()


@pytest.mark.parametrize("operation", [np.abs, np.sin, float, np.asarray, np.conjugate, np.add.reduce, hash])
def test_what_would_lose_the_derivative_raises(operation):
    with pytest.raises(TypeError):
        operation(Dual(np.ones((1, 1)), np.ones((1, 1))))


def test_over_the_rationals_it_is_exact():
    x = rationals(np.array([[3]]))
    square = Dual(x, x) ** 2 / 2
    assert square.d.v.tolist() == [[9]]


def test_over_the_field_expm1_and_exp_have_one_derivative():
    field = Field(0)
    z = Dual(field.random(3), field.random(3))
    assert np.expm1(z).d.v.tolist() == np.exp(z).d.v.tolist() == (np.exp(z.v) * z.d).v.tolist()


def test_an_opaque_function_has_its_opaque_derivative():
    field, f = Field(0), opaque_activation("f")
    z = Dual(field.random(3), field.random(3))
    assert f.f(z).d.v.tolist() == (f.df(z.v) * z.d).v.tolist()
    assert f.df(z.v).v.tolist() != f.f(z.v).v.tolist()
    with pytest.raises(TypeError, match="needs a number system"):
        f.f(np.ones(3))
