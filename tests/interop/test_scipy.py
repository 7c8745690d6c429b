"""SciPy's signatures: minimize's fun, jac, hess, hessp, args; least_squares' Jacobians."""

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
from hypothesis import given, note, settings
from hypothesis import strategies as st
from scipy.optimize import BFGS, rosen, rosen_der, rosen_hess, rosen_hess_prod
from scipy.sparse.linalg import aslinearoperator

from checks import GradientMismatch
from checks.interop.scipy import check_least_squares, check_minimize

POINT = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


def test_all_derivatives_of_rosenbrock_pass_in_one_report():
    report = check_minimize(rosen, POINT, jac=rosen_der, hess=rosen_hess, hessp=rosen_hess_prod)
    assert report
    assert report.what == "jac, hess and hessp of rosen"
    assert [row.path for row in report.leaves] == ["jac", "hess", "hessp"]


@settings(max_examples=20)
@given(n=st.integers(2, 9), entry=st.integers(0, 8), seed=st.integers(0, 99))
def test_one_wrong_entry_is_found_wherever_it_is(n, entry, seed):
    x0, entry = np.random.default_rng(seed).uniform(0.5, 2, n), entry % n
    size = np.linalg.norm(rosen_der(x0))

    def wrong(x):
        gradient = rosen_der(x)
        gradient[entry] += 0.01 * size
        return gradient

    report = check_minimize(rosen, x0, jac=wrong, raise_exception=False)
    note(str(report))
    assert report.verdict == "FAIL"
    assert [(one.path, one.index) for one in report.wrong] == [("jac", (entry,))]


def test_wrong_hessian_names_its_entry_and_spares_the_product_that_follows():
    def wrong(x):
        H = rosen_hess(x)
        H[3, 1] = 7.0
        return H

    with pytest.raises(GradientMismatch) as caught:
        check_minimize(rosen, POINT, jac=rosen_der, hess=wrong)
    assert [(one.path, one.index) for one in caught.value.report.wrong] == [("hess", (3, 1))]
    report = check_minimize(
        rosen, POINT, jac=rosen_der, hess=wrong, hessp=rosen_hess_prod, raise_exception=False
    )
    assert not report
    assert "not looked at: hessp" in str(report)


def test_wrong_gradient_is_told_before_a_hessian_is_held_against_it():
    report = check_minimize(rosen, POINT, jac=lambda x: -rosen_der(x), hess=rosen_hess, raise_exception=False)
    assert "jac has the wrong sign" in str(report)
    assert [row.path for row in report.leaves] == ["jac"]
    assert "not looked at: hess" in str(report)


def test_wrong_product():
    with pytest.raises(GradientMismatch, match="hessp is 2 times the right one"):
        check_minimize(rosen, POINT, jac=rosen_der, hessp=lambda x, p: 2 * rosen_hess_prod(x, p))


def quadratic(x, A, b):
    return x @ A @ x / 2 - b @ x, A @ x - b


@pytest.mark.parametrize("wrap", [np.asarray, scipy.sparse.csr_array, aslinearoperator])
def test_value_with_gradient_args_and_every_kind_of_hessian(wrap):
    A, b = np.diag([1.0, 2.0, 3.0]) + 0.1, np.ones(3)
    x0 = [0.5, -1.0, 2.0]
    assert check_minimize(quadratic, x0, (A, b), jac=True, hess=lambda x, A, b: wrap(A))
    with pytest.raises(GradientMismatch, match="hess is 1/2 times the right one"):
        check_minimize(quadratic, x0, (A, b), jac=True, hess=lambda x, A, b: wrap(A / 2))


def test_what_passes_here_goes_into_minimize_as_it_stands():
    A, b = np.diag([1.0, 2.0, 3.0]) + 0.1, np.ones(3)
    arguments = {"args": (A, b), "jac": True}
    assert check_minimize(quadratic, [0.5, -1.0, 2.0], **arguments)
    found = scipy.optimize.minimize(quadratic, [0.5, -1.0, 2.0], **arguments)
    assert np.allclose(A @ found.x, b, atol=1e-4)


def test_single_argument_integer_start_and_value_of_one_entry_as_scipy_takes_them():
    def power(x, n):
        return np.array([np.sum(x**n)])

    assert check_minimize(power, [1, 2], 3, jac=lambda x, n: n * x ** (n - 1))
    with pytest.raises(GradientMismatch):
        check_minimize(power, [1, 2], 3, jac=lambda x, n: x ** (n - 1))


T = np.linspace(0, 1, 9)


def decay(x, t=T, *, scale=1.0):
    return scale * x[0] * np.exp(-x[1] * t)


def slopes(x, t=T, *, scale=1.0):
    return scale * np.stack([np.exp(-x[1] * t), -t * x[0] * np.exp(-x[1] * t)], axis=1)


@pytest.mark.parametrize("wrap", [np.asarray, scipy.sparse.csr_array, aslinearoperator])
def test_least_squares_right_and_wrong(wrap):
    assert check_least_squares(decay, [2.0, 1.5], lambda x: wrap(slopes(x)))

    def forgotten(x):
        J = slopes(x)
        J[:, 1] /= x[0]  # the amplitude
        return wrap(J)

    with pytest.raises(GradientMismatch) as caught:
        check_least_squares(decay, [2.0, 1.5], forgotten)
    (entry,) = caught.value.report.wrong
    assert entry.path == "jac"
    assert entry.index[1] == 1


def test_least_squares_hands_args_and_kwargs_to_both():
    more = {"args": (T**2,), "kwargs": {"scale": 3.0}}
    assert check_least_squares(decay, [2.0, 1.5], slopes, **more)
    assert scipy.optimize.least_squares(decay, [2.0, 1.5], slopes, **more).success
    with pytest.raises(GradientMismatch, match="3 times the right one"):
        check_least_squares(decay, [2.0, 1.5], lambda x, t, scale: 3 * slopes(x, t, scale=scale), **more)


def test_single_residual():
    assert check_least_squares(lambda x: x[0] ** 2, [3.0], lambda x: np.array([[2 * x[0]]]))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_minimize(rosen, POINT, jac="2-point"), TypeError, "nothing of yours to check"),
        (lambda: check_minimize(rosen, POINT, jac=None), TypeError, "must be callable or True; got None"),
        (lambda: check_minimize(rosen, POINT, jac=rosen_der, hess=BFGS()), TypeError, "callable; got BFGS"),
        (lambda: check_minimize(rosen, [[1.0, 2.0]], jac=rosen_der), ValueError, "one dimension, as SciPy"),
        (lambda: check_least_squares(decay, [2.0, 1.5], "3-point"), TypeError, "'3-point' is SciPy's own"),
        (lambda: check_minimize(rosen, POINT, jac=True), TypeError, "must return the pair"),
        (lambda: check_minimize(4, POINT, jac=rosen_der), TypeError, "fun must be callable"),
    ],
)  # fmt: skip
def test_misuse_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
