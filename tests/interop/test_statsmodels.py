"""statsmodels: loglike, score and hessian of shipped models and of one's own."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, note, settings
from hypothesis import strategies as st
from statsmodels.base.model import GenericLikelihoodModel

from checks import GradientMismatch
from checks.interop.statsmodels import check_model

RNG = np.random.default_rng(0)
SLOPE = np.linspace(-1, 1, 40)
COUNTS, DESIGN = RNG.poisson(np.exp(1 + SLOPE)), sm.add_constant(SLOPE)
BINARY = (COUNTS > 3).astype(float)

MODELS = {
    "Poisson": sm.Poisson(COUNTS, DESIGN),
    "Logit": sm.Logit(BINARY, DESIGN),
    "Probit": sm.Probit(BINARY, DESIGN),
    "GLM": sm.GLM(COUNTS, DESIGN, family=sm.families.Poisson()),
}


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=8)
@given(params=st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_shipped_models_pass_anywhere(name, params):
    report = check_model(MODELS[name], params, raise_exception=False)
    note(str(report))
    assert report
    assert [row.path for row in report.leaves] == ["const", "x1", "hessian"]


def test_names_come_from_the_formula():
    frame = pd.DataFrame({"y": COUNTS, "group": np.arange(40) % 3, "slope": SLOPE})
    model = smf.poisson("y ~ C(group) + slope", frame)
    report = check_model(model, pd.Series([0.5, 0.1, -0.1, 0.4], index=model.exog_names))
    assert [row.path for row in report.leaves] == [
        "Intercept",
        "C(group)[T.1]",
        "C(group)[T.2]",
        "slope",
        "hessian",
    ]


def test_parameters_that_statsmodels_does_not_name_are_numbered():
    report = check_model(sm.MNLogit(np.minimum(COUNTS, 2), DESIGN), [0.3, -0.2, 0.5, 0.1])
    assert [row.path for row in report.leaves][:2] == ["params[0]", "params[1]"]


class Exponential(GenericLikelihoodModel):
    """Waiting times with the rate exp(x'β), and derivatives by hand."""

    def loglike(self, params):
        eta = self.exog @ params
        return np.sum(eta - np.exp(eta) * self.endog)

    def score(self, params):
        return self.exog.T @ (1 - np.exp(self.exog @ params) * self.endog)

    def hessian(self, params):
        return -(self.exog.T * np.exp(self.exog @ params) * self.endog) @ self.exog


TIMES = RNG.exponential(size=40)


def test_own_model_passes():
    assert check_model(Exponential(TIMES, DESIGN), [0.1, 0.4])


def test_sign_of_the_score():
    class WrongSign(Exponential):
        def score(self, params):
            return -super().score(params)

    with pytest.raises(GradientMismatch, match="each of const, x1 has the wrong sign"):
        check_model(WrongSign(TIMES, DESIGN), [0.1, 0.4])


def test_mean_for_sum_in_one_parameter():
    class Mean(Exponential):
        def score(self, params):
            return super().score(params) * np.array([1, 1 / 40])

    report = check_model(Mean(TIMES, DESIGN), [0.1, 0.4], raise_exception=False)
    assert {row.path: row.verdict for row in report.leaves} == {"const": "PASS", "x1": "FAIL"}
    assert "not looked at: hessian" in str(report)


def test_hessian_of_the_opposite_sign():
    class WrongSign(Exponential):
        def hessian(self, params):
            return -super().hessian(params)

    with pytest.raises(GradientMismatch, match="hessian has the wrong sign"):
        check_model(WrongSign(TIMES, DESIGN), [0.1, 0.4])


def test_score_that_statsmodels_differences_itself_is_refused_and_such_a_hessian_left_out():
    class NoScore(GenericLikelihoodModel):
        loglike = Exponential.loglike

    class NoHessian(NoScore):
        score = Exponential.score

    with pytest.raises(TypeError, match="NoScore leaves its score to statsmodels"):
        check_model(NoScore(TIMES, DESIGN), [0.1, 0.4])
    report = check_model(NoHessian(TIMES, DESIGN), [0.1, 0.4])
    assert [row.path for row in report.leaves] == ["const", "x1"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_model(3, [0.1]), TypeError, "must be a statsmodels likelihood model; got int"),
        (lambda: check_model(MODELS["Logit"], 0.1), ValueError, r"one dimension; got shape \(\)"),
        (lambda: check_model(MODELS["Logit"], [0.1, np.nan]), ValueError, "x1 must be finite"),
        (lambda: check_model(MODELS["Logit"], [0.1, 0.2], kink="ignore"), ValueError, "kink must be"),
    ],
)  # fmt: skip
def test_misuse_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
