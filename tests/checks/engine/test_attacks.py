"""Right gradients that might fail, wrong ones that might pass, and inputs that might crash."""

import collections
import dataclasses
import math
import warnings

import numpy as np
import pytest

from checks import gradcheck

RNG = np.random.default_rng(5)
X = RNG.standard_normal(12)
READ_ONLY = RNG.standard_normal(7)
READ_ONLY.flags.writeable = False
FD = {"method": "finite differences"}
POSITIVE = np.abs(X) + 0.01


def cubes(x):
    return np.sum(x**3)


def squares(x):
    return float(np.sum(x**2))


def verdict(fun, grad, x0, **keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(gradcheck(fun, grad, x0, raise_exception=False, **keywords).verdict)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax_bias_grad(b):
    p = np.exp(X[:5] + b) / np.exp(X[:5] + b).sum()
    return (p - np.eye(5)[0]).sum()


RIGHT = {
    "steep": (lambda x: np.sum(np.sin(1e4 * x)), lambda x: 1e4 * np.cos(1e4 * x), X, {}),
    "steep, differenced": (lambda x: np.sum(np.sin(1e4 * x)), lambda x: 1e4 * np.cos(1e4 * x), X, FD),
    "huge x": (lambda x: np.sum(np.sin(x / 1e150)), lambda x: np.cos(x / 1e150) / 1e150, X * 1e150, {}),
    "huger x": (lambda x: np.sum(np.sin(x / 1e200)), lambda x: np.cos(x / 1e200) / 1e200, X * 1e200, FD),
    "tiny x": (lambda x: np.sum(np.sin(x * 1e200)), lambda x: np.cos(x * 1e200) * 1e200, X * 1e-200, FD),
    "tiny fun": (lambda x: 1e-300 * squares(x), lambda x: 2e-300 * x, X, {}),
    "huge fun": (lambda x: 1e300 * squares(x), lambda x: 2e300 * x, X, {}),
    "linear": (lambda x: np.sum(3 * x), lambda x: np.full(12, 3.0), X, {}),
    "constant": (lambda x: 1.0, np.zeros_like, X, {}),
    "constant zero": (lambda x: 0.0, np.zeros_like, X, {}),
    "x0 zero": (lambda x: np.sum(np.exp(x)), np.exp, np.zeros(9), {}),
    "0-d": (np.sin, np.cos, np.array(0.3), {}),
    "a float": (math.sin, math.cos, 0.3, {}),
    "float32": (lambda x: np.sum(np.sin(x)), np.cos, X.astype(np.float32), {}),
    "float32, differenced": (lambda x: np.sum(np.sin(x)), np.cos, X.astype(np.float32), FD),
    "longdouble": (lambda x: np.sum(np.sin(x)), np.cos, X.astype(np.longdouble), {}),
    "Fortran order": (cubes, lambda x: 3 * x**2, np.asfortranarray(RNG.standard_normal((4, 5))), {}),
    "a view": (cubes, lambda x: 3 * x**2, RNG.standard_normal((8, 10))[::2, ::-1], {}),
    "read-only": (cubes, lambda x: 3 * x**2, READ_ONLY, {}),
    "an empty leaf": (
        lambda p: cubes(p["a"]),
        lambda p: {"a": 3 * p["a"] ** 2, "e": np.zeros((0, 3))},
        {"a": X, "e": np.zeros((0, 3))},
        {},
    ),
    "log near its boundary": (lambda x: np.sum(np.log(x)), lambda x: 1 / x, 1e-6 * POSITIVE, FD),
    "math.log raises beside x0": (lambda x: sum(math.log(v) for v in x), lambda x: 1 / x, POSITIVE, {}),
    "NaN nearby": (
        lambda x: np.where(np.abs(x - 1) < 1e-3, x**2, np.nan).sum().item(), lambda x: 2 * x, np.ones(9), {},
    ),
    "saturated sigmoids": (
        lambda x: np.sum(sigmoid(x)), lambda x: sigmoid(x) * (1 - sigmoid(x)), np.linspace(-40, 40, 31), {},
    ),
    "a bias that softmax ignores": (
        lambda b: np.log(np.exp(X[:5] + b).sum()) - (X[0] + b), softmax_bias_grad, np.array(0.7), {},
    ),
    "values unsteady in the last digit": (
        lambda x: float(np.sum(x**2) * (1 + 1e-15 * RNG.standard_normal())), lambda x: 2 * x, X, {},
    ),
    "a list as gradient": (squares, lambda x: list(2 * x), X, {}),
    "one array twice": (lambda p: np.sum(p[0] * p[1]), lambda p: [p[1], p[0]], [X, X], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_gradient_passes(name):
    fun, grad, x0, keywords = RIGHT[name]
    assert verdict(fun, grad, x0, **keywords) == "PASS"


WRONG = {
    "steep": (lambda x: np.sum(np.sin(1e4 * x)), lambda x: 1.0001e4 * np.cos(1e4 * x), X, {}),
    "steep, differenced": (lambda x: np.sum(np.sin(1e4 * x)), lambda x: 1.0001e4 * np.cos(1e4 * x), X, FD),
    "tiny fun": (lambda x: 1e-300 * squares(x), lambda x: 2.001e-300 * x, X, {}),
    "constant": (lambda x: 1.0, lambda x: 0 * x + 1e-9, X, {}),
    "linear": (lambda x: np.sum(3 * x), lambda x: np.full(12, 3.0001), X, {}),
    "x0 zero": (lambda x: np.sum(np.exp(x)), lambda x: np.exp(x) * (1 + 1e-6), np.zeros(9), {}),
    "0-d": (np.sin, lambda x: np.cos(x) * 1.00001, np.array(0.3), {}),
    "float32, differenced": (
        lambda x: np.sum(np.sin(x)),
        lambda x: 1.2 * np.cos(x),
        X.astype(np.float32),
        FD,
    ),
    "longdouble": (
        lambda x: np.sum(np.sin(x)),
        lambda x: np.cos(x) * (1 + 1e-8),
        X.astype(np.longdouble),
        {},
    ),
    "math.log raises beside x0": (lambda x: sum(math.log(v) for v in x), lambda x: 1.001 / x, POSITIVE, {}),
    "|x| at zero": (lambda x: float(np.sum(np.abs(x))), lambda x: 2 * np.sign(x), np.zeros(3), {}),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradient_fails(name):
    fun, grad, x0, keywords = WRONG[name]
    assert verdict(fun, grad, x0, **keywords) == "FAIL"


UNCERTAIN = {
    "the largest of equals": (np.max, lambda x: (np.arange(12) == np.argmax(x)) * 1.0, np.ones(12), "KINK"),
    "|x| at zero": (lambda x: float(np.sum(np.abs(x))), np.sign, np.zeros(3), "KINK"),
    "sqrt at zero": (lambda x: float(np.sum(np.sqrt(x))), np.ones_like, np.zeros(3), "INCONCLUSIVE"),
    "random": (lambda x: squares(x) * (1 + 1e-3 * RNG.standard_normal()), lambda x: 2 * x, X, "INCONCLUSIVE"),
}


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_cannot_be_told_is_not_told(name):
    fun, grad, x0, expected = UNCERTAIN[name]
    assert verdict(fun, grad, x0) == expected


@dataclasses.dataclass(frozen=True)
class Layer:
    W: np.ndarray
    b: np.ndarray


Pair = collections.namedtuple("Pair", "u v")


def test_containers_of_every_kind():
    ones = np.ones(3)
    x0 = Layer(RNG.standard_normal((4, 3)), RNG.standard_normal(4))

    def fun(p):
        return np.sum((p.W @ ones + p.b) ** 2)

    def grad(p):
        delta = 2 * (p.W @ ones + p.b)
        return Layer(np.outer(delta, ones), delta)

    assert gradcheck(fun, grad, x0)
    assert [row.path for row in gradcheck(fun, grad, x0).leaves] == ["W", "b"]
    assert gradcheck(
        lambda p: np.sum(p.u**2) * np.sum(p.v),
        lambda p: Pair(2 * p.u * np.sum(p.v), np.sum(p.u**2) * np.ones(3)),
        Pair(X, np.arange(1.0, 4.0)),
    )
    nested = {"net": {"W": [None, X]}, 0: X}
    report = gradcheck(
        lambda p: np.sum(p["net"]["W"][1] ** 2) + cubes(p[0]),
        lambda p: {"net": {"W": [None, 2 * p["net"]["W"][1]]}, 0: 3 * p[0] ** 2},
        nested,
    )
    assert [row.path for row in report.leaves] == ["net['W'][1]", "x0[0]"]


def a_generator(x):
    yield 1.0


MISUSE = {
    "whole numbers": (squares, lambda x: 2 * x, np.arange(3), TypeError, r"x0 .*floating-point.*int"),
    "a whole number": (squares, lambda x: 2 * x, 3, TypeError, r"write 3\.0"),
    "nothing": (squares, lambda x: 2 * x, np.zeros(0), ValueError, "no entries"),
    "an empty dict": (squares, lambda x: 2 * x, {}, ValueError, "no entries"),
    "objects": (squares, lambda x: 2 * x, np.array([1, None]), TypeError, "object"),
    "complex": (squares, lambda x: 2 * x, X + 1j, TypeError, "complex"),
    "text": (squares, lambda x: 2 * x, "abc", TypeError, "must be an array"),
    "NaN in x0": (squares, lambda x: 2 * x, np.array([1, np.nan]), ValueError, r"x0\[1\] is nan"),
    "NaN from fun": (lambda x: math.nan, lambda x: 2 * x, X, ValueError, "must be finite; got nan"),
    "infinity from fun": (lambda x: math.inf, lambda x: 2 * x, X, ValueError, "must be finite; got inf"),
    "NaN from grad": (squares, lambda x: math.nan * x, X, ValueError, "must be finite"),
    "another shape": (squares, lambda x: 2 * x[:3], X, ValueError, r"\(12,\); it has \(3,\)"),
    "a row for a column": (squares, lambda x: 2 * x.T, X[:, None], ValueError, "Nothing is broadcast"),
    "another structure": (
        lambda p: squares(p["a"]),
        lambda p: [2 * p["a"]],
        {"a": X},
        TypeError,
        "structure",
    ),
    "another key": (lambda p: squares(p["a"]), lambda p: {"b": 2 * p["a"]}, {"a": X}, ValueError, "lacks"),
    "a vector from fun": (lambda x: x**2, lambda x: 2 * x, X, ValueError, "vjpcheck"),
    "None from fun": (lambda x: None, lambda x: 2 * x, X, TypeError, "NoneType"),
    "a pair from fun": (lambda x: (squares(x), 2 * x), lambda x: 2 * x, X, TypeError, "grad=True"),
    "a bool from fun": (lambda x: bool(x[0] > 0), lambda x: 0 * x, X, TypeError, "real scalar"),
    "no pair with grad=True": (squares, True, X, TypeError, "pair"),
    "a generator function": (a_generator, lambda x: 2 * x, X, TypeError, "generator"),
    "a generator": ((i for i in ()), lambda x: 2 * x, X, TypeError, "callable; got generator"),
    "an array as grad": (squares, 2 * X, X, TypeError, "pass the function"),
    "False as grad": (squares, False, X, TypeError, "callable or True"),
    "None from grad": (squares, lambda x: None, X, TypeError, "got None"),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_named(name):
    fun, grad, x0, error, words = MISUSE[name]
    with pytest.raises(error, match=words):
        gradcheck(fun, grad, x0)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"method": "magic"}, "method must be one of"),
        ({"kink": "ignore"}, "kink must be"),
        ({"directions": 0}, "directions must be at least 1; got 0"),
        ({"rtol": -1.0}, "rtol must be finite and at least 0"),
        ({"atol": math.nan}, "atol must be finite"),
        ({"rng": -1}, "rng must not be negative"),
        ({"rtol": 10**400}, "rtol must be a float; got a number too large"),
        ({"method": ["auto"]}, "method must be one of"),
        ({"kink": np.array(["warn", "raise"])}, "kink must be"),
    ],
)
def test_misuse_of_options_is_named(keywords, words):
    with pytest.raises(ValueError, match=words):
        gradcheck(squares, lambda x: 2 * x, X, **keywords)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"thorough": "no"}, "thorough must be True or False; got 'no'"),
        ({"raise_exception": None}, "raise_exception must be True or False; got None"),
        ({"progress": "yes"}, "progress must be callable, True or False; got str"),
        ({"rng": 1.0}, "rng must be a whole number or a numpy Generator; got float"),
        ({"directions": 3.0}, r"directions must be a whole number; got 3\.0"),
        ({"rtol": np.array(1e-3)}, "rtol must be a number or None"),
    ],
)
def test_so_are_options_of_another_type(keywords, words):
    with pytest.raises(TypeError, match=words):
        gradcheck(squares, lambda x: 2 * x, X, **keywords)


def test_progress_may_be_false(capsys):
    gradcheck(squares, lambda x: 2 * x, X, thorough=True, progress=False)
    assert capsys.readouterr().err == ""
    gradcheck(squares, lambda x: 2 * x, X, thorough=True, progress=True)
    assert "12 entries" in capsys.readouterr().err


def test_what_fun_raises_survives():
    class MyError(Exception):
        pass

    def fun(x):
        raise MyError("mine")

    with pytest.raises(MyError, match="mine"):
        gradcheck(fun, lambda x: 2 * x, X)


def test_an_oracle_that_was_asked_for_and_does_not_apply():
    with pytest.raises(ValueError, match=r"forward mode.*does not apply"):
        gradcheck(squares, lambda x: 2 * x, X, method="forward mode")
    with pytest.raises(ValueError, match=r"complex step.*does not apply"):
        gradcheck(lambda x: np.sum(np.abs(x)), np.sign, X, method="complex step")


def test_cost_does_not_grow_with_the_number_of_parameters():
    calls = []

    def fun(x):
        calls.append(1)
        return np.sum(np.sin(x))

    report = gradcheck(fun, np.cos, RNG.standard_normal(200_000))
    assert report
    assert len(calls) == report.evaluations <= 12
