"""scikit-learn's habit, one function that returns (loss, gradient), needs no adapter: grad=True says it."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model._linear_loss import LinearModelLoss
from sklearn.neighbors import NeighborhoodComponentsAnalysis

from checks import GradientMismatch, gradcheck

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((30, 4)), RNG.integers(0, 2, 30).astype(float)


def logistic(coefficients):
    from sklearn._loss.loss import HalfBinomialLoss

    loss = LinearModelLoss(base_loss=HalfBinomialLoss(), fit_intercept=True)
    return loss.loss_gradient(coefficients, X, Y, l2_reg_strength=0.1)


def marginal_likelihood(theta):
    model = GaussianProcessRegressor(RBF() + WhiteKernel(0.1), optimizer=None).fit(X, X[:, 0] + Y)
    return model.log_marginal_likelihood(theta, eval_gradient=True)


def components(transformation):
    model = NeighborhoodComponentsAnalysis()
    model.n_iter_ = 0
    return model._loss_grad_lbfgs(transformation, X, Y[:, None] == Y[None, :], -1.0)


PAIRS = {
    logistic: np.full(5, 0.3),
    marginal_likelihood: np.array([0.2, -1.0]),
    components: np.eye(4)[:2].ravel(),
}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.__name__)
def test_pairs_of_scikit_learn_pass(pair):
    assert gradcheck(pair, True, PAIRS[pair])


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.__name__)
def test_and_a_penalty_forgotten_in_the_gradient_is_found(pair):
    def penalised(x):
        value, gradient = pair(x)
        return value + 0.05 * x @ x, gradient

    with pytest.raises(GradientMismatch):
        gradcheck(penalised, True, PAIRS[pair])
