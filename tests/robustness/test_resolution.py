"""No PASS beyond its stated resolution, whatever the size of fun, of x0 and of the mistake."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from checks import gradcheck
from checks.engine.directions import scalings

exponents = st.integers(-60, 60) | st.integers(-280, 280)


def problem(n: int, fun_size: int, x_size: int, seed: int):
    """A cubic with its gradient, both of a given order of magnitude, at a point of another."""
    rng = np.random.default_rng(seed)
    x0, a, b = rng.standard_normal(n) * 10.0**x_size, rng.standard_normal(n), rng.standard_normal(n)

    def fun(x):
        t = x / 10.0**x_size
        return 10.0**fun_size * np.sum(a * t + b * t**3)

    def grad(x):
        t = x / 10.0**x_size
        return (a + 3 * b * t**2) * 10.0 ** (fun_size - x_size)

    return fun, grad, x0


@given(
    n=st.integers(1, 5),
    fun_size=exponents,
    x_size=st.integers(-99, 99),
    mistake=st.integers(-160, -80).map(lambda tenths: tenths / 10),
    entry=st.integers(0, 4),
    seed=st.integers(0, 2**32 - 1),
    method=st.sampled_from(["auto", "finite differences"]),
)
def test_a_pass_has_no_mistake_above_its_resolution(n, fun_size, x_size, mistake, entry, seed, method):
    assume(abs(fun_size - x_size) < 290)
    fun, grad, x0 = problem(n, fun_size, x_size, seed)
    right, e = grad(x0), np.zeros(n)
    e[entry % n] = right[entry % n] * 10**mistake
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = gradcheck(
            fun, lambda x: grad(x) + e, x0, method=method, raise_exception=False, rng=seed % 1000
        )
    event(str(report.verdict))
    (row,) = report.leaves
    if report.verdict == "PASS" and row.relative_to == "its norm":
        (size,) = scalings([x0])
        error, norm = math.hypot(*(e * size)), math.hypot(*((right + e) * size))
        assert error < row.resolution * norm * (1 + 1e-9), f"{error / norm:.3g} against {row.resolution:.3g}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", ["auto", "finite differences"])
@pytest.mark.parametrize("factor", [0.0, -1.0, 1.01, 1.0])
def test_zeros_and_other_factors_pass_at_no_size(factor, method):
    sizes, passed = list(range(-280, 281, 40)), []
    for size in sizes:
        fun, grad, x0 = problem(3, size, 0, 1)
        report = gradcheck(fun, lambda x: factor * grad(x), x0, method=method, raise_exception=False)  # noqa: B023
        passed += [size] * (report.verdict == "PASS")
    assert passed == (sizes if factor == 1 else [])
