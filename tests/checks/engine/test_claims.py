"""Guesses put to the slopes: each is made where it is so, and not beside it."""

import numpy as np
import pytest

from checks import gradcheck

RNG = np.random.default_rng(11)
X, C = RNG.standard_normal((6, 6)), RNG.standard_normal((6, 6))
V = RNG.standard_normal(6)
WAVE = np.sin(np.arange(36.0)).reshape(6, 6)


def said(fun, grad, x0):
    report = gradcheck(fun, grad, x0, raise_exception=False)
    assert report.verdict == "FAIL"
    return " | ".join(f"{d.kind}: {', '.join(d.paths)} {d}" for d in report.diagnosis)


def fun(x):
    return np.sum(C * np.sin(x))


def right(x):
    return C * np.cos(x)


def swap_blocks(g):
    return np.concatenate([g[2:4], g[:2], g[4:]])


SO = {
    "blocks": (lambda x: swap_blocks(right(x)), "permuted: .*3 blocks along axis 0 in another order"),
    "below the diagonal": (
        lambda x: right(x) + np.tril(right(x), -1),
        "entries: .*2 times the right one below the",
    ),
    "above the diagonal": (
        lambda x: right(x) - np.triu(right(x), 1) / 2,
        "entries: .*1/2 times the right one above",
    ),
    "on the diagonal": (
        lambda x: right(x) - 2 * np.diag(np.diag(right(x))),
        "entries: .*-1 times the right one on",
    ),
}
NOT_SO = {
    "blocks, and something else": lambda x: swap_blocks(right(x)) + 1e-3 * WAVE,
    "a triangle with a pattern": lambda x: right(x) + np.tril(WAVE, -1),
    "rows in any order": lambda x: right(x)[[3, 0, 5, 2, 1, 4]],
}


@pytest.mark.parametrize("mistake", SO)
def test_it_is_said_where_it_is_so(mistake):
    grad, words = SO[mistake]
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(said(fun, grad, X))


@pytest.mark.parametrize("mistake", NOT_SO)
def test_it_is_not_said_where_it_is_not(mistake):
    told = said(fun, NOT_SO[mistake], X)
    assert "blocks" not in told
    assert "diagonal" not in told


def test_a_triangle_that_fun_does_not_read():
    told = said(lambda x: np.sum(C * np.sin(np.tril(x))), lambda x: C * np.cos(np.tril(x)), X)
    assert "is not zero above the diagonal, where fun does not move and is right elsewhere" in told


@pytest.mark.parametrize("theirs", [1.0, 1.5])
def test_the_gradient_of_another_leaf_entry_for_entry(theirs):
    x0 = {"a": V, "b": V[::-1] ** 3}

    def both(x):
        return np.sum(np.sin(x["a"])) + np.sum(np.exp(x["b"]))

    def grad(x):
        return {"a": theirs * np.exp(x["b"]), "b": theirs * np.exp(x["b"])}

    assert ("it is the gradient of b, entry for entry" in said(both, grad, x0)) is (theirs == 1.0)


@pytest.mark.parametrize("excess", [1e-14, 3e-14, 1e-13])
def test_an_error_near_the_bound_is_explained_by_nothing(excess):
    report = gradcheck(fun, lambda x: right(x) + excess * WAVE, X, raise_exception=False)
    assert {d.kind for d in report.diagnosis} <= {"unknown", "entries"}
