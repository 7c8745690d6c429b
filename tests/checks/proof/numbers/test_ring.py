"""What every number system owes: literals enter exactly, nothing leaves, nothing is guessed."""

from fractions import Fraction

import numpy as np
import pytest

from checks.proof.numbers.dual import Dual
from checks.proof.numbers.field import Field
from checks.proof.numbers.rationals import Rationals, rationals
from checks.proof.numbers.ring import LeavesNumberSystem


@pytest.fixture(params=["rationals", "field"])
def array(request):
    return rationals(np.array([[1, 2], [3, 4]])) if request.param == "rationals" else Field(0).random(2, 2)


def test_a_float_is_lifted_exactly():
    assert (rationals(np.array([1])) * 0.1).v[0] == Fraction(0.1) != Fraction(1, 10)
    field = Field(0)
    assert ((field.lift(0.1) * 2**55) - field.lift(int(0.1 * 2**55))).v == 0


@pytest.mark.parametrize("cast", [float, int, bool, complex, np.asarray, lambda x: x.astype(float), hash])
def test_nothing_leaves(array, cast):
    with pytest.raises(TypeError):
        cast(array[0, 0])


@pytest.mark.parametrize(
    "operation",
    [
        np.sin,
        np.abs,
        np.isfinite,
        np.conjugate,
        lambda x: x**0.5,
        lambda x: x**-1,
        lambda x: 2**x,
        lambda x: np.add.reduce(x),
        lambda x: np.where(True, x, 0),
        lambda x: np.zeros_like(x),
        lambda x: x + 1j,
        lambda x: x + np.array(["a"]),
        lambda x: x.max(axis=2),
        lambda x: np.argsort(x),
    ],
)
def test_what_a_number_system_does_not_have_raises(array, operation):
    with pytest.raises(TypeError):
        operation(array)


def test_an_output_array_is_refused(array):
    with pytest.raises(TypeError):
        np.add(array, 1, out=np.zeros((2, 2)))


def test_number_systems_do_not_mix():
    with pytest.raises(TypeError):
        rationals(np.array([1])) + Field(0).random(1)
    with pytest.raises(LeavesNumberSystem, match="different random points"):
        Field(0).random(1) + Field(1).random(1)


def test_the_rationals_have_no_exponential():
    with pytest.raises(LeavesNumberSystem, match="exp leaves the rationals"):
        np.exp(rationals(np.array([1])))


def test_numpy_operations_on_rationals():
    x = rationals(np.array([[1, -2], [3, 4]]))
    third = Fraction(1, 3)
    assert (x / 3).v.tolist() == [[third, -2 * third], [1, 4 * third]]
    assert (2 - x).v.tolist() == [[1, 4], [-1, -2]]
    assert (x @ x).v.tolist() == [[-5, -10], [15, 10]]
    assert (x.T @ np.array([[1.0], [0.5]])).v.tolist() == [[Fraction(5, 2)], [0]]
    assert np.maximum(x, 0).v.tolist() == [[1, 0], [3, 4]]
    assert np.minimum(0, x).v.tolist() == [[0, -2], [0, 0]]
    assert (x > 0).tolist() == [[True, False], [True, True]]
    assert np.less(0, x).tolist() == [[True, False], [True, True]]
    assert x.max(axis=0, keepdims=True).v.tolist() == [[3, 4]]
    assert x.max(axis=1).v.tolist() == np.max(x, axis=-1).v.tolist() == [1, 4]
    assert np.max(x, axis=1, keepdims=True).v.tolist() == [[1], [4]]
    assert np.mean(x, axis=0).v.tolist() == [2, 1]
    assert x.mean().v == Fraction(3, 2)
    assert np.sum(x, axis=1).v.tolist() == [-1, 7]
    assert np.dot(np.transpose(x), x).v.tolist() == (x.T @ x).v.tolist()
    assert np.ones_like(x).v.tolist() == [[1, 1], [1, 1]]
    assert (x**2).v.tolist() == [[1, 4], [9, 16]]
    assert x.sum(axis=1, keepdims=True).v.tolist() == [[-1], [7]]
    assert isinstance(x.sum(), Rationals)
    assert x.sum().shape == ()


INDEXED = {
    "sum": lambda x: np.sum(x, 0),
    "mean": lambda x: np.mean(x, 1, keepdims=True),
    "transpose": np.transpose,
    "row": lambda x: x[1],
    "outer": lambda x: x[:, None] * x[None],
    "rows": lambda x: x[[1, 1, 0], 0],
}


@pytest.mark.parametrize("program", INDEXED.values(), ids=INDEXED)
def test_axes_by_position_and_indices_are_those_of_numpy(array, program):
    whole = np.array([[1, 2], [3, 5]])
    expected = array.lift(program(whole * 4))  # whole numbers: the mean of two of them is one
    assert np.all(program(array.lift(whole * 4)).v == expected.v)
    assert program(array.lift(whole * 4)).shape == expected.shape


@pytest.mark.parametrize("keepdims", [False, True])
def test_the_largest_of_all_is_one_element(keepdims):
    x = np.array([[3, 1], [7, 5]])
    found = np.max(rationals(x), keepdims=keepdims)
    assert found.shape == np.max(x, keepdims=keepdims).shape
    assert found.v.item() == 7


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda x: np.sum(x, 0, float), "np.sum with <class 'float'> leaves the"),
        (lambda x: np.mean(x, dtype=float), "np.mean with dtype leaves the"),
        (lambda x: np.max(x, initial=0), "np.max with initial leaves the"),
        (lambda x: np.transpose(x, (1, 0)), "np.transpose with axes leaves the"),
        (lambda x: np.sum(Dual(x, x), 0, None, None, True), "np.sum with None, None, True leaves the dual"),
    ],
)
def test_what_a_function_cannot_do_here_is_named(array, call, says):
    with pytest.raises(LeavesNumberSystem, match=says):
        call(array)
