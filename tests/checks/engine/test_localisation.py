"""Which entries are wrong: named exactly, and in few evaluations whatever the number of parameters."""

import math

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from checks import gradcheck
from tests.effort import costly

seeds = st.integers(0, 2**32 - 1)
METHODS = ("forward mode", "finite differences")


def fun(x):
    return np.sum(np.sin(x) * np.arange(1, x.size + 1).reshape(x.shape) / x.size)


def grad(x):
    return np.cos(x) * np.arange(1, x.size + 1).reshape(x.shape) / x.size


def spoiled(at, share):
    """The gradient, wrong at some entries by a share of its norm."""

    def wrong(x):
        g = grad(x)
        for flat in at:
            g.flat[flat] += share * np.linalg.norm(grad(x))
        return g

    return wrong


@pytest.mark.parametrize("method", METHODS)
@costly
@given(seed=seeds, rows=st.integers(2, 9), columns=st.integers(20, 40), exponent=st.floats(-6, 1))
def test_one_wrong_entry_is_named_in_few_evaluations(method, seed, rows, columns, exponent):
    rng = np.random.default_rng(seed)
    x0, at = rng.standard_normal((rows, columns)), int(rng.integers(rows * columns))
    right = gradcheck(fun, grad, x0, method=method)
    report = gradcheck(fun, spoiled([at], 10**exponent), x0, method=method, raise_exception=False)
    looks = (
        2 + 1 + math.ceil(math.log2(1 + rows * columns / 8))
    )  # two slopes, the entry, and halves of an eighth
    a_look = 1 if method == "forward mode" else 14
    # Nine points beside x0, two more directions, and one line by differences, noise and all; or three lines
    # on which a kink across the leaves would show.
    heard = 9 + 2 + 22 if method == "forward mode" else 3 * 14
    note(f"{right.evaluations} evaluations for the right one, {report.evaluations} for the wrong one")
    assert report.verdict == "FAIL"
    assert report.worst.index == np.unravel_index(at, x0.shape)
    assert report.evaluations <= right.evaluations + heard + looks * a_look


@pytest.mark.parametrize("method", METHODS)
@costly
@given(seed=seeds, several=st.integers(2, 4))
def test_several_wrong_entries_are_all_named_and_no_right_one(method, seed, several):
    rng = np.random.default_rng(seed)
    x0 = rng.standard_normal((9, 20))
    at = rng.choice(x0.size, several, replace=False)
    report = gradcheck(fun, spoiled(at, 0.1), x0, method=method, raise_exception=False)
    named = {int(np.ravel_multi_index(entry.index, x0.shape)) for entry in report.wrong}
    assert named == set(at.tolist())


@given(seed=seeds)
def test_two_errors_that_cancel_along_one_direction_are_not_taken_for_one_between_them(seed):
    rng = np.random.default_rng(seed)
    x0, (i, j) = rng.standard_normal(200), rng.choice(200, 2, replace=False)

    def wrong(x):
        g = grad(x)
        g[i] += 1.0
        g[j] -= 1.0
        return g

    report = gradcheck(fun, wrong, x0, raise_exception=False)
    assert {entry.index for entry in report.wrong} == {(i,), (j,)}
