"""Jacobians and Hessians: the right one passes, the wrong one fails and its entry is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from checks import GradientMismatch, hesscheck, hvpcheck, jaccheck

RNG = np.random.default_rng(3)
W = RNG.standard_normal((5, 4))
X = RNG.standard_normal(4)


def layer(x):
    return np.tanh(W @ x)


def jacobian(x):
    return (1 - layer(x) ** 2)[:, None] * W


def test_jacobian_names_row_and_column():
    assert jaccheck(layer, jacobian, X)

    def wrong(x):
        J = jacobian(x)
        J[3, 2] *= 1.0001
        return J

    with pytest.raises(GradientMismatch, match=r"jac\[3, 2\]") as caught:
        jaccheck(layer, wrong, X)
    assert caught.value.report.worst.index == (3, 2)
    with pytest.raises(ValueError, match="shape"):
        jaccheck(layer, lambda x: jacobian(x).T, X)


def test_hessian_and_its_product():
    H = RNG.standard_normal((6, 6))
    H = H + H.T
    x0 = RNG.standard_normal(6)

    def grad(x):
        return H @ x + x**3

    def hess(x):
        return H + np.diag(3 * x**2)

    assert hesscheck(grad, hess, x0)
    assert hvpcheck(grad, lambda x, v: hess(x) @ v, x0)
    with pytest.raises(GradientMismatch, match="the Hessian of grad"):
        hesscheck(grad, lambda x: H, x0)
    with pytest.raises(GradientMismatch, match="the Hessian-vector product"):
        hvpcheck(grad, lambda x, v: H @ v, x0)
    with pytest.raises(TypeError, match="hvpcheck"):
        hesscheck(grad, hess, [x0])


TURN = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
NO_GRADIENTS = {
    "a rotation": (lambda x: TURN @ x, lambda x: TURN),
    "a little of one": (lambda x: x**3 + 1e-3 * TURN @ x, lambda x: np.diag(3 * x**2) + 1e-3 * TURN),
    "curved": (
        lambda x: np.sin(TURN @ x) + x, lambda x: np.cos(TURN @ x)[:, None] * TURN + np.eye(3),
    ),
    "of a huge function": (
        lambda x: 1e9 * np.tanh(TURN @ x), lambda x: (1e9 / np.cosh(TURN @ x) ** 2)[:, None] * TURN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", ["auto", "finite differences"])
@pytest.mark.parametrize("name", NO_GRADIENTS)
def test_the_right_jacobian_of_what_is_no_gradient_fails_as_a_hessian(name, method):
    grad, hess = NO_GRADIENTS[name]
    with pytest.raises(GradientMismatch, match="not the Hessian of any function") as caught:
        hesscheck(grad, hess, X[:3], method=method)
    report = caught.value.report
    assert [diagnosis.kind for diagnosis in report.diagnosis] == ["asymmetric"]
    assert "hess[0, 1]" in str(report)
    assert "hess[1, 0]" in str(report)
    assert jaccheck(grad, hess, X[:3], method=method)


def test_float32_that_is_no_gradient_fails_too():
    turn = TURN.astype(np.float32)
    with pytest.raises(GradientMismatch, match="not the Hessian of any function"):
        hesscheck(lambda x: turn @ x, lambda x: turn, X[:3].astype(np.float32))


def test_a_hessian_of_matrices_is_named_by_four_indices():
    x0 = RNG.standard_normal((2, 3))
    J = np.zeros((2, 3, 2, 3))
    J[1, 0, 0, 2] = 1.0
    with pytest.raises(GradientMismatch, match=r"hess\[(1, 0, 0, 2|0, 2, 1, 0)\] is"):
        hesscheck(lambda x: np.tensordot(J, x), lambda x: J, x0)


@given(
    arrays(np.float64, (4, 4), elements=st.floats(-10, 10)),
    arrays(np.float64, 4, elements=st.floats(0.1, 10)),
    st.sampled_from([np.float64, np.float32]),
)
def test_a_symmetric_one_passes_without_a_word(A, x0, dtype):
    S = (A + A.T).astype(dtype)
    report = hesscheck(lambda x: S @ x + x**2, lambda x: S + np.diag(2 * x), x0.astype(dtype))
    assert report
    assert not any("symmetric" in note for note in report.notes)


@pytest.mark.parametrize("method", ["auto", "finite differences"])
@pytest.mark.parametrize("apart", [1e-12, 1e-9, 1e-6])
def test_an_asymmetry_that_may_be_rounding_is_noted(apart, method):
    """Such as that of an inverse, which is as large as its condition times the rounding unit."""
    S = np.array([[1.0, 0.5], [0.5 + apart, 2.0]])
    report = hesscheck(lambda x: S @ x, lambda x: S, X[:2], method=method)
    assert report
    assert [note for note in report.notes if "hess is not symmetric" in note]


def test_an_asymmetry_within_the_tolerance_asked_for_is_none():
    S = np.array([[1.0, 0.5], [0.5 + 1e-3, 2.0]])
    report = hesscheck(lambda x: S @ x, lambda x: S, X[:2], atol=1e-2)
    assert report
    assert not report.notes
    with pytest.raises(GradientMismatch, match="not symmetric"):
        hesscheck(lambda x: S @ x, lambda x: S, X[:2], atol=1e-6)
