"""Whatever fun, grad and x0 do, a check answers with a verdict or a documented exception.

What a check does not do is end a function that blocks: user code is run in the caller's own thread and for as
long as it takes, and nothing but Ctrl-C ends it. So Ctrl-C must get through, at any call.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from checks import gradcheck, hesscheck, hvpcheck, jaccheck, jvpcheck, vjpcheck
from tests.robustness.contract import answer
from tests.robustness.hostile import (
    ARRAYS,
    BEHAVIOURS,
    EXTREME_ARRAYS,
    EXTREME_BEHAVIOURS,
    EXTREME_NUMBERS,
    EXTREME_POINTS,
    NUMBERS,
    POINTS,
    changes_its_mind,
    mapped,
)


def named(table: dict[str, Callable[[], Any]]) -> st.SearchStrategy[tuple[str, Callable[[], Any]]]:
    return st.sampled_from(list(table.items()))


def returns(made: Callable[[], Any]) -> Callable[..., Any]:
    return lambda *arguments: made()


METHODS = st.sampled_from(["auto", "finite differences", "complex step", "forward mode"])


def steady(results: dict[str, Callable[[], Any]]) -> st.SearchStrategy[tuple[str, Callable[[], Any]]]:
    return named({f"returns {name}": lambda made=made: returns(made) for name, made in results.items()})


def fickle(
    results: dict[str, Callable[[], Any]], calls: int
) -> st.SearchStrategy[tuple[str, Callable[[], Any]]]:
    def changing(first, then, after):
        name = f"returns {first[0]}, after {after} calls {then[0]}"
        return name, lambda: changes_its_mind(first[1], then[1], after)

    return st.builds(changing, named(results), named(results), st.integers(1, calls))


ORDINARY = ("three", "a dict", "a tuple with a float", "a float", "twelve", "zeros")


def points(
    hostile: dict[str, Callable[[], Any]] = POINTS,
) -> st.SearchStrategy[tuple[str, Callable[[], Any]]]:
    """Half of them ordinary, lest nearly every example be refused at the door."""
    ordinary = {name: POINTS[name] for name in ORDINARY}
    return st.booleans().flatmap(lambda tame: named(ordinary if tame else hostile))


def many(test: Any) -> Any:
    """Most examples are over in a millisecond."""
    return settings(max_examples=4 * settings.default.max_examples)(test)


RIGHT = st.sampled_from(
    [
        ("twice the point", lambda: lambda x, *rest: mapped(lambda leaf: 2 * leaf, x)),
        ("its square", lambda: lambda x, *rest: mapped(lambda leaf: leaf**2, x)),
        ("the point itself", lambda: lambda x, *rest: x),
        ("zeros", lambda: lambda x, *rest: mapped(np.zeros_like, x)),
    ]
)


@many
@given(
    fun=named(BEHAVIOURS) | named(BEHAVIOURS) | steady(NUMBERS) | fickle(NUMBERS, 12),
    grad=RIGHT | RIGHT | RIGHT | named(BEHAVIOURS) | steady(ARRAYS) | fickle(ARRAYS, 5),
    point=points(), method=METHODS, raises=st.booleans(), thorough=st.booleans(),
)  # fmt: skip
def test_gradcheck(fun, grad, point, method, raises, thorough):
    options = {"method": method, "raise_exception": raises, "thorough": thorough}
    event(answer(gradcheck, fun[1](), grad[1](), point[1](), **options))


NUMBERS_TOO = {**NUMBERS, **EXTREME_NUMBERS}
ARRAYS_TOO = {**ARRAYS, **EXTREME_ARRAYS}
BEHAVIOURS_TOO = {**BEHAVIOURS, **EXTREME_BEHAVIOURS}


@many
@given(
    fun=named(BEHAVIOURS_TOO) | steady(NUMBERS_TOO) | fickle(NUMBERS_TOO, 12),
    grad=RIGHT | RIGHT | RIGHT | named(BEHAVIOURS_TOO) | steady(ARRAYS_TOO) | fickle(ARRAYS_TOO, 5),
    point=points(EXTREME_POINTS),
    method=METHODS, raises=st.booleans(), thorough=st.booleans(),
)  # fmt: skip
def test_gradcheck_at_the_ends_of_the_range(fun, grad, point, method, raises, thorough):
    options = {"method": method, "raise_exception": raises, "thorough": thorough}
    event(answer(gradcheck, fun[1](), grad[1](), point[1](), **options))


@many
@given(fun=named(BEHAVIOURS) | steady(NUMBERS), gradient=named(ARRAYS), point=points())
def test_gradcheck_of_a_pair(fun, gradient, point):
    value = fun[1]()
    event(answer(gradcheck, lambda x: (value(x), gradient[1]()), True, point[1]()))


@many
@given(
    check=st.sampled_from([vjpcheck, hvpcheck, jaccheck, hesscheck, jvpcheck]),
    fun=RIGHT | named(BEHAVIOURS) | steady(ARRAYS), derivative=RIGHT | named(BEHAVIOURS) | steady(ARRAYS),
    point=points(), method=METHODS, raises=st.booleans(),
)  # fmt: skip
def test_the_other_checks(check, fun, derivative, point, method, raises):
    event(answer(check, fun[1](), derivative[1](), point[1](), method=method, raise_exception=raises))


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("call", [1, 5, 30])
def test_what_must_end_the_program_does(end, call):
    calls = 0

    def fun(x):
        nonlocal calls
        calls += 1
        if calls == call:
            raise end
        return np.sum(x**2)

    with pytest.raises(end):
        gradcheck(fun, lambda x: 2 * x, np.ones(3), method="finite differences")


@pytest.mark.parametrize(
    "crash",
    [
        "[][1]",
        "None.shape",
        "{}['W']",
        "float('x')",
        "__import__('numpy').zeros(3) + __import__('numpy').ones(2)",
    ],
)
def test_and_a_crash_of_ours_would_be_noticed(crash):
    inside = compile(crash, gradcheck.__code__.co_filename, "eval")
    with pytest.raises(AssertionError, match=r"gradcheck\.py"):
        answer(lambda: eval(inside))


def test_so_would_a_warning_of_ours():
    inside = compile("__import__('numpy').array(1e308) * 10", gradcheck.__code__.co_filename, "eval")
    with pytest.raises(AssertionError, match="RuntimeWarning"):
        answer(lambda: eval(inside))


def test_and_a_report_that_cannot_be_trusted():
    report = gradcheck(lambda x: np.sum(x**2), lambda x: 2 * x, np.ones(3))
    assert answer(lambda: report) == "PASS"
    for wrong in ({"checked": 0}, {"resolution": np.inf}, {"probability": 0.5}):
        with pytest.raises(AssertionError):
            answer(lambda wrong=wrong: replace(report, **wrong))
