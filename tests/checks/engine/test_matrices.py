"""Jacobians and Hessians: the right one passes, the wrong one fails and its entry is named."""

import numpy as np
import pytest

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
