"""What a report says must be so, and be sayable: the sentences, read as a person would."""

import re
import warnings

import numpy as np
import pytest

from checks import gradcheck, hesscheck

X = np.random.default_rng(2).standard_normal(8)


def check(fun, grad, x0, **keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gradcheck(fun, grad, x0, raise_exception=False, **keywords)


def squares(x):
    return np.sum(x**2)


def bowl(p):
    return np.sum(p["x"] ** 2) + np.sin(p["c"]) * 3


@pytest.mark.parametrize("factor", [0.0, 1.3, 2.0])
def test_a_0d_leaf_has_no_index(factor):
    x0 = {"x": X, "c": np.array(0.4)}
    report = check(bowl, lambda p: {"x": 2 * p["x"], "c": np.asarray(factor * 3 * np.cos(p["c"]))}, x0)
    assert report.verdict == "FAIL"
    assert "at  and" not in str(report)
    assert "elsewhere" not in str(report)


@pytest.mark.parametrize("excess", [1e-4, 1e-7, 1e-10])
@pytest.mark.parametrize("method", ["forward mode", "finite differences"])
def test_a_factor_visibly_differs_from_one(excess, method):
    report = check(squares, lambda x: 2 * x * (1 + excess), X, method=method)
    told = re.search(r"is (\S+) times the right one", str(report))
    assert told is None or float(told[1]) != 1
    if report.verdict == "FAIL" and told:
        assert float(told[1]) == pytest.approx(1 + excess, rel=excess / 10)


def test_a_factor_is_told_to_the_digit_that_matters():
    assert "is 1.0001 times the right one" in str(check(squares, lambda x: 2 * x * 1.0001, X))
    assert "is 2 times the right one" in str(check(squares, lambda x: 4 * x, X))


def test_a_mutation_has_no_table():
    def grad(x):
        x *= 2
        return x

    report = check(squares, grad, X)
    assert report.verdict == "FAIL"
    assert "oracle" not in str(report).splitlines()
    assert "resolution" not in str(report)
    assert "resolution" in str(check(squares, lambda x: 3 * x, X))


def test_a_resolution_names_its_measure():
    assert "of a leaf's norm would" in str(check(squares, lambda x: 2 * x, X))
    vanishing = check(lambda x: 1 + 0 * squares(x), lambda x: 0 * x, X)
    assert "of a hundredth of fun would" in str(vanishing)
    assert "leaf's norm" not in str(vanishing)


def test_a_kink_names_both_oracles():
    x0 = X.copy()
    x0[3] = 0
    report = check(lambda x: np.sum(np.abs(x)), np.sign, x0)
    assert report.verdict == "KINK"
    assert "by forward mode, and by finite differences where that does not apply, in x0" in str(report)
    assert "where that does not apply" not in str(check(squares, lambda x: 2 * x, X))


def test_two_numbers_that_are_compared_differ():
    """A gradient in float32, of a fun in float64: just above the limit."""
    found = 0
    for n in range(6, 60):
        x0 = np.random.default_rng(n).standard_normal(n)
        report = check(squares, lambda x: (2 * x).astype(np.float32), x0)
        told = re.search(r"error of (\S+) of the gradient could hide \(at most (\S+) may\)", str(report))
        if told:
            found += 1
            assert float(told[1]) > float(told[2])
        assert "rough" not in str(report)
        assert report.verdict != "INCONCLUSIVE" or "return it in float64" in str(report)
    assert found


@pytest.mark.parametrize("excess", [1e-3, 1e-7, 1e-9, 1e-11, 1e-12])
def test_two_numbers_of_which_one_is_wrong_differ(excess):
    """As they are printed, however near they are; and by no more digits than that takes."""
    report = check(squares, lambda x: 2 * x * (1 + excess), X)
    assert report.verdict == "FAIL"
    rows = re.findall(r"^x0.*?  +(\S+)  +(\S+) ± ", str(report), re.MULTILINE)
    assert rows
    for grad, numerical in rows:
        assert grad != numerical
        assert len(grad) < 14 or excess < 1e-7


def test_where_a_resolution_is_measured_otherwise_is_told():
    """A leaf whose gradient vanishes beside another's is held to the other's."""
    x0 = {"W": 1e4 * np.random.default_rng(0).standard_normal((40, 40)), "b": np.full(6, 1e-8)}

    def fun(p):
        return float(np.sum(p["W"] ** 2) + np.sum(p["b"] ** 2))

    report = check(fun, lambda p: {"W": 2 * p["W"], "b": -2 * p["b"]}, x0)
    assert [row.relative_to for row in report.leaves] == ["its norm", "the largest leaf"]
    told = re.search(
        r"An error of (\S+) of a leaf's norm, in b of (\S+) of the largest leaf, would", str(report)
    )
    assert [float(size) for size in told.groups()] == pytest.approx(
        [row.resolution for row in report.leaves], rel=0.5
    )


def test_the_reproducer_calls_functions_by_their_names():
    def slope(x):
        return np.where(np.arange(8) == 2, 3, 2) * x

    report = check(squares, slope, X)
    assert "gradcheck(squares, slope, x0, rng=0)" in report.reproducer
    assert "print((squares(plus) - squares(minus)) / (2 * h))" in report.reproducer
    assert "gradcheck(fun, grad, x0" in check(lambda x: squares(x), lambda x: 3 * x, X).reproducer
    pair = check(lambda x: (squares(x), slope(x)), True, X)
    assert "print((fun(plus)[0] - fun(minus)[0]) / (2 * h))" in pair.reproducer
    namespace = {"fun": lambda x: (squares(x), slope(x)), "x0": X, "gradcheck": check, "np": np}
    exec(pair.reproducer, namespace)


def test_a_hessian_is_not_called_a_jacobian():
    def hess(x):
        h = 2 * np.eye(8)
        h[1, 2] = 1
        return h

    report = hesscheck(lambda x: 2 * x, hess, X, raise_exception=False)
    assert report.verdict == "FAIL"
    assert "hess[1, 2]" in str(report)
    assert "jac" not in str(report)
