"""The promise, exactly: simulated against the worst noise that the bounds allow."""

import math

import numpy as np
import pytest

from checks.engine.verdict import Probe, Verdict, judge, resolution
from checks.oracles import Estimate


def adversarial_share_caught(count, dimension, size_factor, bounds, trials=4000, seed=0):
    """How often an error of size_factor * resolution is caught, noise always hiding it as best it can."""
    rng = np.random.default_rng([seed, count, dimension])
    caught = 0
    for _ in range(trials):
        v = rng.standard_normal((count, dimension))
        error = rng.standard_normal(dimension)
        t = bounds(v, error / np.linalg.norm(error))
        error *= size_factor * resolution(list(t), axes=False) / np.linalg.norm(error)
        seen = v @ error
        caught += bool(np.any(np.abs(seen - np.sign(seen) * t) > t))
    return caught / trials


BOUNDS = {
    "constant": lambda v, e: np.ones(len(v)),
    "larger along larger directions": lambda v, e: np.sum(v**2, axis=1) / v.shape[1],
    "larger along the error": lambda v, e: np.abs(v @ e) + 0.1,
}


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize(("count", "dimension"), [(1, 20), (3, 7), (5, 1), (5, 50), (8, 20)])
def test_an_error_of_the_resolution_is_caught_as_often_as_promised(count, dimension, bounds):
    assert adversarial_share_caught(count, dimension, 1.0, BOUNDS[bounds]) >= 0.985  # 0.99 less 3 sigma


def test_that_test_can_fail():
    assert adversarial_share_caught(5, 20, 0.3, BOUNDS["constant"]) < 0.95


def test_the_published_factors():
    factors = {count: resolution([1.0] * count, axes=False) for count in (1, 3, 5, 8)}
    assert factors == pytest.approx({1: 159.6, 3: 7.32, 5: 3.83, 8: 2.58}, rel=0.01)


def test_along_axes_the_promise_is_certain():
    assert resolution([3.0, 4.0], axes=True) == 10.0


def probe(residual=0.0, bound=1e-9, **estimate):
    return Probe(np.ones(3), residual, Estimate(0.0, bound / 3, 1, **estimate), bound)


def judged(*probes, norm=1.0, reference=1.0, coarse=False, **keywords):
    return judge(
        probes,
        axes=False,
        norm=norm,
        reference=reference,
        reference_name="the largest leaf",
        coarse=coarse,
        **keywords,
    )


def test_verdicts():
    assert judged(*[probe()] * 5).verdict is Verdict.PASS
    assert judged(*[probe()] * 4, probe(residual=2e-9)).verdict is Verdict.FAIL
    assert judged(*[probe(bound=1e-3)] * 5).verdict is Verdict.INCONCLUSIVE
    assert judged(*[probe(bound=1e-3)] * 5, coarse=True).verdict is Verdict.PASS
    assert judged(*[probe(bound=1e-2)] * 5, coarse=True).verdict is Verdict.INCONCLUSIVE
    assert judged(*[probe(bound=1e-2)] * 5, tolerated=0.01).verdict is Verdict.PASS
    assert judged(*[probe(bound=1.0)] * 5, tolerated=0.01).verdict is Verdict.INCONCLUSIVE
    assert judged(*[probe(bound=1.0)] * 5, tolerated=2.0).verdict is Verdict.PASS
    assert judged(*[probe(bound=math.inf)] * 5).verdict is Verdict.INCONCLUSIVE
    assert judged(*[probe(bound=math.nan)] * 5).verdict is Verdict.INCONCLUSIVE
    assert judged(*[probe()] * 4, probe(bound=1.0, kink=True)).verdict is Verdict.KINK
    assert judged(*[probe()] * 5, norm=0.0).relative_to == "the largest leaf"


def test_a_gradient_of_nothing_is_measured_against_something():
    judgement = judged(*[probe(bound=1e-12)] * 5, norm=0.0, reference=1.0)
    assert judgement.verdict is Verdict.PASS
    assert judgement.resolution == pytest.approx(3.83e-12, rel=0.01)
