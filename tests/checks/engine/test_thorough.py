"""Every entry by itself: what random directions may miss, with thorough=True nothing does."""

import numpy as np

from checks import gradcheck

POINT = np.random.default_rng(0).uniform(1.0, 2.0, 40)
WRONG = 7


def fun(x):
    return np.sum(x**3)


def grad(x):
    return 3 * x**2


def check(times, rng, **keywords):
    """Let one entry be off by some times what rounding may make of the gradient."""
    error = times * 256 * np.finfo(float).eps * np.linalg.norm(grad(POINT) * POINT) / POINT[WRONG]

    def wrong(x):
        g = grad(x)
        g[WRONG] += error
        return g

    return gradcheck(fun, wrong, POINT, rng=rng, raise_exception=False, **keywords)


def test_a_wrong_entry_that_directions_miss_is_named():
    missed = [rng for rng in range(60) if check(1.2, rng).verdict == "PASS"]
    reports = [check(1.2, rng, thorough=True) for rng in missed]
    assert {report.verdict for report in reports} == {"FAIL"}
    assert {report.worst.index for report in reports} == {(WRONG,)}
    by_itself = "1 of 40 entries are wrong, which random directions did not show"
    assert any(by_itself in str(report) for report in reports)  # the others, by its further directions


def test_a_right_gradient_passes_with_certainty():
    report = check(0.0, 0, thorough=True)
    assert report.verdict == "PASS"
    assert report.probability == 1
