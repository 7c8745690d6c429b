"""Code that finds out whether it has seen this x before, and answers from memory: no oracle may be fooled."""

import struct

import numpy as np
import pytest

from checks import GradientMismatch, gradcheck
from checks.oracles.forward_mode import derivative

X = np.abs(np.random.default_rng(0).standard_normal(12)) + 0.3


class Remembers:
    """A loss whose second layer is not computed again for the x of the last call."""

    def __init__(self, same):
        self.same, self.x = same, None

    def layer(self, x):
        if self.x is not None and self.same(x, self.x):
            return self.a
        if isinstance(x, np.ndarray) and x.dtype == float:
            self.x, self.a = x.copy(), np.cos(x)
        return np.cos(x)

    def loss(self, x):
        return np.sum(np.sin(x)) + np.sum(self.layer(x))


SAME = {
    "array_equal": np.array_equal,
    "array_equiv": np.array_equiv,
    "==": lambda x, y: (x == y).all(),
    "!=": lambda x, y: not np.any(x != y),
    "no difference": lambda x, y: not (x - y).any(),
    "no distance": lambda x, y: np.linalg.norm(x - y) == 0,
    "no squared distance": lambda x, y: np.sum((x - y) ** 2) == 0,
    "a tiny distance": lambda x, y: np.max(np.abs(x - y)) < 1e-12,
    "bytes": lambda x, y: x.tobytes() == y.tobytes(),
    "lists": lambda x, y: list(x) == list(y),
    "rounded": lambda x, y: (np.round(x, 12) == np.round(y, 12)).all(),
    "integers": lambda x, y: np.array_equal((x * 1e12).astype(int), (y * 1e12).astype(int)),
}


def right(x):
    return np.cos(x) - np.sin(x)


@pytest.mark.parametrize("how", SAME)
def test_a_forward_pass_that_is_remembered(how):
    assert gradcheck(Remembers(SAME[how]).loss, right, X)
    with pytest.raises(GradientMismatch):
        gradcheck(Remembers(SAME[how]).loss, np.cos, X)


BRANCHES = {
    "by the type of the array": lambda x: x if isinstance(x, np.ndarray) else X,
    "by the type of the number": lambda x: [
        v if isinstance(v, np.float64) else X[i] for i, v in enumerate(x)
    ],
    "by way of struct": lambda x: struct.unpack("12d", struct.pack("12d", *x)),
    "by way of round": lambda x: [round(v, 13) for v in x],
}


@pytest.mark.parametrize("how", BRANCHES)
def test_a_branch_that_plain_numbers_take_and_others_do_not(how):
    def fun(x):
        return np.sum(np.sin(x)) + np.sum(np.cos(BRANCHES[how](x)))

    assert gradcheck(fun, right, X)
    with pytest.raises(GradientMismatch):
        gradcheck(fun, np.cos, X)
    with pytest.raises(ValueError, match=r'method="forward mode" does not apply'):
        gradcheck(fun, right, X, method="forward mode")


@pytest.mark.parametrize("compare", [np.isclose, np.allclose, np.array_equal, np.array_equiv])
def test_equal_arrays_are_a_kink_where_they_move_apart(compare):
    def along(point, tangent, other=X):
        def fun(leaves):
            compare(leaves[0], other)
            return leaves[0].sum()

        return derivative(fun, [point], [tangent]).kinks

    assert along(X, np.ones(12)) == ((f"np.{compare.__name__}", 12),)
    assert along(X, np.zeros(12)) == ()
    assert along(X + 1, np.ones(12)) == ()
    assert (
        along(X, np.ones(12), other=X[:5] if compare in (np.array_equal, np.array_equiv) else X[0] + 9) == ()
    )


def test_the_exact_oracle_is_kept_where_nothing_denies_it():
    steep = gradcheck(lambda x: np.sum(np.sin(1e4 * x)), lambda x: 1e4 * np.cos(1e4 * x), X)
    flat = gradcheck(lambda x: 1 + 1e-14 * np.sum(np.sin(x)), lambda x: 1e-14 * np.cos(x), X)
    near_a_kink = gradcheck(
        lambda x: np.sum(np.maximum(x - X[0] - 1e-7, 0) + x**2), lambda x: (x > X[0] + 1e-7) + 2 * x, X
    )
    for report in (steep, flat, near_a_kink):
        assert [row.oracle for row in report.leaves] == ["forward mode"]
