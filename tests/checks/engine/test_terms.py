"""What is missing, and by what it should be multiplied: said where it is so, and not beside it."""

import numpy as np
import pytest

from checks import gradcheck

RNG = np.random.default_rng(12)
X, C = RNG.standard_normal((3, 4)), RNG.standard_normal((3, 4))
WAVE = np.sin(np.arange(12.0)).reshape(3, 4)


def said(fun, grad, x0):
    report = gradcheck(fun, grad, x0, raise_exception=False)
    assert report.verdict == "FAIL"
    return " | ".join(f"{d.kind}: {', '.join(d.paths)} {d}" for d in report.diagnosis)


def data(x):
    return np.sum(C * np.sin(x))


def right(x):
    return C * np.cos(x)


# What fun has beside the data term; what grad returns; what is said.
SO = {
    "L1": (
        lambda x: 0.3 * np.sum(np.abs(x)), right,
        r"lacks 0\.3 times the signs of the parameters: a penalty \(L1\)",
    ),
    "a constant": (lambda x: 2 * np.sum(x), right, r"lacks 2 in each entry"),
    "an exponential": (lambda x: np.sum(np.exp(x)), right, r"lacks 1 times exp\(x\)"),
    "a barrier": (lambda x: -0.5 * np.sum(np.log(np.abs(x))), right, r"has 0\.5 times 1/x too much"),
    "a sum for a mean, beside a penalty": (
        lambda x: 0.2 * np.sum(x**2), lambda x: 20 * right(x) + 0.4 * x,
        r"right only when it is taken 1/20 times and 0\.38 times the parameters is added",
    ),
    "a ridge for a lasso": (
        lambda x: 0.7 * np.sum(np.abs(x)), lambda x: right(x) + 0.7 * x,
        r"lacks 0\.7 times the signs, and has 0\.7 times the parameters too much",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", SO)
def test_a_missing_term_is_named(mistake):
    beside, grad, words = SO[mistake]
    with pytest.raises(AssertionError, match=f"missing term: .*{words}"):
        raise AssertionError(said(lambda x: data(x) + beside(x), grad, X))


@pytest.mark.parametrize("mistake", SO)
def test_and_not_when_something_else_is_wrong_too(mistake):
    beside, grad, _ = SO[mistake]
    told = said(lambda x: data(x) + beside(x), lambda x: grad(x) + WAVE * np.cos(3 * x), X)
    assert told.startswith("unknown")


FACTORS = {
    "exp(x)": np.exp, "exp(-x)": lambda x: np.exp(-x), "x": lambda x: x, "1/x": lambda x: 1 / x,
    "the derivative of tanh(x)": lambda x: 1 - np.tanh(x) ** 2, "exp(2x)": lambda x: np.exp(2 * x),
}  # fmt: skip


@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_that_depends_on_the_parameter_is_named(factor):
    told = said(data, lambda x: right(x) / FACTORS[factor](x), X)
    assert f"factors: x0 must be multiplied by {factor}, entry by entry" in told


@pytest.mark.parametrize("factor", FACTORS)
def test_and_not_where_it_is_but_near(factor):
    told = said(data, lambda x: right(x) / FACTORS[factor](1.001 * x), X)
    assert "multiplied by" not in told or factor in ("x", "1/x")  # whose factor 1.001 is one


@pytest.mark.parametrize("power", [1, -1])
def test_a_factor_that_is_another_leaf_is_named(power):
    x0 = {"W": X, "gamma": np.array([0.7, 1.9, 2.4, 0.4])}

    def fun(x):
        return data(x["W"] * x["gamma"])

    def grad(x):
        g = right(x["W"] * x["gamma"])
        return {"W": g * x["gamma"] ** (1 - power), "gamma": np.sum(g * x["W"], axis=0)}

    named = "gamma" if power == 1 else "1/gamma"
    assert f"W must be multiplied by {named} along axis 1" in said(fun, grad, x0)


@pytest.mark.parametrize("size", [1e-300, 1e-150, 1e100, 1e150])
@pytest.mark.parametrize("method", ["auto", "finite differences"])
def test_terms_that_overflow_end_no_report(size, method):
    report = gradcheck(
        lambda x: np.sum(x * x) + np.sum(np.tanh(x)), lambda x: np.sin(7 * x) + 1, size * X[:2, :2],
        method=method, raise_exception=False,
    )  # fmt: skip
    assert report.verdict in ("FAIL", "INCONCLUSIVE", "PASS")
    assert {diagnosis.kind for diagnosis in report.diagnosis} <= {"unknown", "entries", "missing term"}
