"""Patterns among the entries: said where they are so, and not beside them."""

import numpy as np
import pytest

from checks import gradcheck

RNG = np.random.default_rng(13)
X, C = RNG.standard_normal((5, 5)), RNG.standard_normal((5, 5))
U, V, P, Q = RNG.standard_normal((4, 5))
ROWS, NOISE = RNG.uniform(0.2, 3, (5, 1)), RNG.standard_normal((5, 5))
VECTOR, D = RNG.standard_normal(9), RNG.standard_normal(9)


def said(fun, grad, x0):
    report = gradcheck(fun, grad, x0, raise_exception=False)
    assert report.verdict == "FAIL"
    return " | ".join(f"{d.kind}: {', '.join(d.paths)} {d}" for d in report.diagnosis)


def fun(x):
    return np.sum(C * np.sin(x))


def right(x):
    return C * np.cos(x)


def shifted(g):
    return np.concatenate([g[1:], np.ones_like(g[:1])])


SO = {
    "row factors": (lambda x: right(x) * ROWS, "factors: x0 is off by a factor of its own in each row"),
    "column factors": (
        lambda x: right(x) * ROWS.T,
        "factors: x0 is off by a factor of its own in each column",
    ),
    "row constants": (
        lambda x: right(x) + ROWS * np.ones(5),
        "missing term: .*same amount throughout each row",
    ),
    "row multiples of x": (
        lambda x: right(x) + ROWS * x,
        "missing term: .*multiple of the parameters, of its own",
    ),
    "one sample": (lambda x: right(x) + np.outer(U, V), "missing term: .*product of one column with one row"),
    "a part transposed": (lambda x: right(x) + NOISE - NOISE.T, "transposed: .*antisymmetric"),
    "two rows": (
        lambda x: right(x) + np.diag([0, 1, 0, 1.0, 0]) @ NOISE,
        "entries: .*rows 1, 3 and right elsewhere",
    ),
    "off by one": (lambda x: shifted(right(x)), "permuted: .*shifted by one along axis 0: off by one"),
    "summed": (
        lambda x: np.tile(right(x).sum(0), (5, 1)),
        "summed: .*the same number throughout each column",
    ),
}
NOT_SO = {
    "row factors, and something else": lambda x: right(x) * ROWS + 1e-3 * NOISE,
    "row constants, and something else": lambda x: right(x) + ROWS + 1e-3 * NOISE,
    "row multiples of x, and something else": lambda x: right(x) + ROWS * x + 1e-3 * NOISE,
    "two samples": lambda x: right(x) + np.outer(U, V) + np.outer(P, Q),
    "nearly antisymmetric": lambda x: right(x) + NOISE - 0.999 * NOISE.T,
    "off by one, and something else": lambda x: shifted(right(x)) + 1e-3 * NOISE,
}


@pytest.mark.parametrize("mistake", SO)
@pytest.mark.parametrize("method", ["forward mode", "finite differences"])
def test_it_is_said_where_it_is_so(mistake, method):
    grad, words = SO[mistake]
    report = gradcheck(fun, grad, X, method=method, raise_exception=False)
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(" | ".join(f"{d.kind}: {', '.join(d.paths)} {d}" for d in report.diagnosis))


@pytest.mark.parametrize("mistake", NOT_SO)
def test_it_is_not_said_where_it_is_not(mistake):
    # The error is a function of x, so that no other point explains it either.
    assert said(fun, lambda x: NOT_SO[mistake](x) + 0.1 * NOISE * np.sin(5 * x), X).startswith("unknown")


def mask(x):
    return np.sum(D * np.sin(2 * x * (np.arange(9) % 3 > 0)))


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_mask_left_out(scale):
    told = said(mask, lambda x: scale * D * np.cos(2 * x), VECTOR)
    assert "a mask (dropout, relu) is missing" in told or "is not zero in 3 entries" in told or "[0]" in told


def test_no_mask_where_the_others_are_wrong_in_their_own_ways():
    assert "mask" not in said(mask, lambda x: D * np.cos(x), VECTOR)


def test_a_vector_that_was_summed_over_everything():
    told = said(lambda x: np.sum(D * np.sin(x)), lambda x: np.full(9, np.sum(D * np.cos(x))), VECTOR)
    assert "summed: x0 is the same number in every entry" in told


def unit(x):
    return np.sum(C * x / np.sqrt(np.sum(x * x)))


def centred(x):
    return np.sum(C * np.sin(x - x.mean(axis=1, keepdims=True)))


@pytest.mark.parametrize(("f", "words"), [(unit, "scaled"), (centred, "constant is added")])
def test_what_leaves_fun_as_it_is(f, words):
    told = said(f, lambda x: C * np.cos(x) + x**2, X)
    assert told.startswith("invariance")
    assert words in told


def test_no_invariance_where_fun_has_none():
    assert said(fun, lambda x: np.cos(x) + x**2, X).startswith("unknown")


@pytest.mark.parametrize("size", [1e-150, 1e150, 1e200])
def test_patterns_of_any_size(size):
    told = said(lambda x: size * fun(x), lambda x: size * (right(x) + np.outer(U, V)), X)
    assert told.startswith("missing term")
    assert "one column with one row" in told
    assert said(lambda x: size * fun(x), lambda x: size * (right(x) + NOISE * np.sin(5 * x)), X).startswith(
        "unknown"
    )
