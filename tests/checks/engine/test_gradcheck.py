"""For every right gradient that passes, a wrong one that fails."""

import json
import warnings

import numpy as np
import pytest

from checks import (
    GradientInconclusive,
    GradientMismatch,
    InputMutated,
    KinkWarning,
    NondeterministicFunction,
    NondifferentiablePoint,
    Verdict,
    gradcheck,
)

from .networks import network


def test_right_gradient_passes_with_a_promise():
    report = gradcheck(*network())
    assert report
    assert report.verdict == "PASS" == Verdict.PASS
    assert report.resolution < 1e-7
    assert report.probability == 0.99
    assert report.checked == sum(leaf.size for part in network()[2].values() for leaf in part)
    assert [row.path for row in report.leaves] == ["W[0]", "W[1]", "b[0]", "b[1]"]
    assert report.evaluations <= 70 * 4
    assert "would have been caught" in str(report)


def test_one_wrong_entry_is_found_and_named():
    loss, grad, x0 = network()

    def spoil(dW, db):
        dW[1][2, 3] *= 1 + 1e-6

    with pytest.raises(GradientMismatch, match=r"W\[1\]\[2, 3\]") as caught:
        gradcheck(loss, lambda x: grad(x, spoil), x0)
    report = caught.value.report
    assert not report
    assert (report.worst.path, report.worst.index) == ("W[1]", (2, 3))
    right = grad(x0)["W"][1][2, 3]
    assert report.worst.analytic == pytest.approx(right * (1 + 1e-6), rel=1e-12)
    assert abs(report.worst.numerical - right) <= report.worst.error
    assert "[2, 3]" in report.reproducer


def test_value_and_gradient_in_one():
    loss, grad, x0 = network()
    assert gradcheck(lambda x: (loss(x), grad(x)), True, x0)
    with pytest.raises(GradientMismatch):
        gradcheck(lambda x: (2 * loss(x), grad(x)), True, x0)


def test_report_is_json():
    report = gradcheck(*network(), rng=7)
    written = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert written["schema"].startswith("gradproof.gradcheck/")
    assert written["verdict"] == "PASS"
    assert written["seed"] == 7
    assert len(written["leaves"]) == 4


def relu_sum(x):
    return float(np.maximum(x, 0).sum() + np.sum(x**2))


def relu_grad(x):
    return (x > 0) + 2 * x


def at_kink():
    x = np.random.default_rng(1).standard_normal(30)
    x[[4, 7]] = 0.0
    return x


def test_kink_warns_and_is_true():
    with pytest.warns(KinkWarning, match="not a differentiable point"):
        report = gradcheck(relu_sum, relu_grad, at_kink())
    assert report
    assert report.verdict == "KINK"
    assert report.kinks[0].index in ((4,), (7,))
    assert report.kinks[0].left == pytest.approx(0, abs=1e-6)
    assert report.kinks[0].right == pytest.approx(1, abs=1e-6)


def test_kink_raises_on_demand():
    with pytest.raises(NondifferentiablePoint):
        gradcheck(relu_sum, relu_grad, at_kink(), kink="raise")
    assert not gradcheck(relu_sum, relu_grad, at_kink(), kink="raise", raise_exception=False)


def test_wrong_gradient_at_a_kink_fails():
    with pytest.raises(GradientMismatch):
        gradcheck(relu_sum, lambda x: (x > 0) + 2.001 * x, at_kink())


def test_noise_is_inconclusive_and_says_what_to_do():
    rng = np.random.default_rng(0)
    phases = rng.standard_normal(20) * 1e12

    def fun(x):
        return float(np.sum(x**2) + 1e-2 * np.sin(1e15 * np.sin(phases @ x)))

    with pytest.raises(GradientInconclusive, match=r"float64|rescale|another x0"):
        gradcheck(fun, lambda x: 2 * x, rng.standard_normal(20))


def test_mutated_input_is_named():
    def fun(x):
        x[1] *= 2
        return float(np.sum(x**2))

    with pytest.raises(InputMutated, match=r"x0\[1\]"):
        gradcheck(fun, lambda x: 2 * x, np.ones(3))
    report = gradcheck(fun, lambda x: 2 * x, np.ones(3), raise_exception=False)
    assert not report
    assert report.checked == 0


def test_random_function_is_named():
    rng = np.random.default_rng(0)
    with pytest.raises(NondeterministicFunction, match=r"same x0"):
        gradcheck(lambda x: float(np.sum(x**2) + rng.random()), lambda x: 2 * x, np.ones(3))


def test_accumulating_buffer_is_named():
    buffer = np.zeros(3)

    def grad(x):
        buffer[:] += 2 * x
        return buffer

    with pytest.raises(NondeterministicFunction, match="not cleared"):
        gradcheck(lambda x: float(np.sum(x**2)), grad, np.array([1.0, 2.0, 3.0]))


def test_reused_buffer_is_fine():
    buffer = np.zeros(3)

    def grad(x):
        np.multiply(x, 2, out=buffer)
        return buffer

    assert gradcheck(lambda x: float(np.sum(x**2)), grad, np.array([1.0, 2.0, 3.0]))


def test_gradient_cached_at_the_first_call_fails():
    cache = []

    def grad(x):
        if not cache:
            cache.append(3 * x**2)
        return cache[0]

    with pytest.raises(GradientMismatch, match="stale") as caught:
        gradcheck(lambda x: float(np.sum(x**3)), grad, np.arange(1.0, 10.0))
    assert caught.value.report.diagnosis[0].kind == "stale buffer"


def test_state_left_by_fun_is_named():
    state = {}

    def fun(x):
        state["x"] = x.copy()
        return float(np.sum(x**3))

    with pytest.raises(NondeterministicFunction, match="saw last"):
        gradcheck(fun, lambda x: 3 * state["x"] ** 2, np.arange(1.0, 10.0))


def test_optimum_of_least_squares_passes_and_zeros_do_not():
    x0 = np.arange(1.0, 11.0)

    def fun(x):
        return float(0.5 * np.sum((x - x0) ** 2))

    assert gradcheck(fun, lambda x: x - x0, x0).verdict == "PASS"
    with pytest.raises(GradientMismatch):
        gradcheck(fun, np.zeros_like, x0)
    with pytest.raises(GradientMismatch):
        gradcheck(fun, lambda x: 2 * (x - x0), x0)


@pytest.mark.parametrize("size", [1e-8, 1.0, 1e8])
def test_zeros_never_pass_where_fun_moves(size):
    loss, grad, x0 = network()

    def zeros(x):
        return {"W": [0 * W for W in x["W"]], "b": [0 * b for b in x["b"]]}

    assert gradcheck(
        lambda x: size * loss(x), lambda x: {k: [size * g for g in v] for k, v in grad(x).items()}, x0
    )
    with pytest.raises(GradientMismatch, match="zero"):
        gradcheck(lambda x: size * loss(x), zeros, x0)


def test_unused_leaf_passes_zeros_and_nothing_else():
    x0 = {"used": np.arange(1.0, 9.0), "unused": np.ones(7)}

    def fun(x):
        return float(np.sum(x["used"] ** 2))

    assert gradcheck(fun, lambda x: {"used": 2 * x["used"], "unused": np.zeros(7)}, x0)
    with pytest.raises(GradientMismatch, match="unused"):
        gradcheck(fun, lambda x: {"used": 2 * x["used"], "unused": np.full(7, 1e-7)}, x0)


def test_thorough_looks_at_every_entry_and_reports_progress():
    loss, grad, x0 = network()
    seen = []
    report = gradcheck(loss, grad, x0, thorough=True, progress=lambda done, total: seen.append((done, total)))
    assert report.probability == 1.0
    assert seen[0] == (0, report.checked)
    assert seen[-1] == (report.checked, report.checked)


def test_given_tolerances_are_honoured():
    loss, grad, x0 = network()

    def slightly_wrong(x):
        return {k: [g * (1 + 1e-4) for g in v] for k, v in grad(x).items()}

    for thorough in (False, True):
        assert gradcheck(loss, slightly_wrong, x0, rtol=2e-4, thorough=thorough)
    with pytest.raises(GradientMismatch):
        gradcheck(loss, slightly_wrong, x0, rtol=1e-6, thorough=True)
    with pytest.raises(GradientMismatch):
        gradcheck(loss, slightly_wrong, x0)


def test_no_warning_without_a_kink():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradcheck(*network())
