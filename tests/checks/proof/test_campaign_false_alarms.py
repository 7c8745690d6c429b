"""Gradients that are right are never called wrong: fresh cases of every kind, 20,000 checks of them by night.

A hundred thousand: ``gradproof campaign --cases 50000 --oracle false-alarms --resume alarms.jsonl``.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import gradcheck
from checks.proof.campaign import GROUPS, campaign, pools
from checks.proof.campaign.correct import KINDS, correct
from checks.proof.campaign.oracles import by_right_gradient
from tests.effort import BY_DAY

BY_NIGHT = settings.default.max_examples >= settings.get_profile("nightly").max_examples


@pytest.mark.parametrize("oracle", GROUPS["false-alarms"])
def test_none_is_called_wrong(oracle):
    if BY_NIGHT:
        problems = 20_000 // len(GROUPS["false-alarms"])
        result = campaign(problems, seed=6, oracles=[oracle], workers=pools.cores())
    else:
        with ThreadPoolExecutor(1) as executor:
            result = campaign(len(KINDS) * (1 if BY_DAY else 2), seed=6, oracles=[oracle], executor=executor)
    tally = result.tallies[oracle]
    assert not tally.failures, f"P(alarm) <= {tally.upper_bound:.1e} at 95 %"
    assert tally.count("PASS") > tally.cases / 2


def same(a, b) -> bool:
    if isinstance(a, dict):
        return all(same(a[key], b[key]) for key in a)
    return np.array_equal(a, b)


@given(st.integers(0, 2**32), st.integers(0, 10**6))
def test_a_problem_follows_from_its_seed_and_number(seed, number):
    one, again, other = correct(seed, number), correct(seed, number), correct(seed + 1, number)
    assert one.kind == tuple(KINDS)[number % len(KINDS)]
    assert same(one.x0, again.x0)
    assert one.name == again.name
    assert one.name != other.name or not same(one.x0, other.x0)


@pytest.mark.filterwarnings("ignore::checks.KinkWarning")  # of those that are not lively
@pytest.mark.parametrize("number", range(len(KINDS)))
def test_the_same_problem_with_a_wrong_gradient_is_an_alarm(number, monkeypatch):
    """A tenth too much in all entries: what reports no false alarm is not blind."""
    problem = next(p for p in (correct(6, number + i * len(KINDS)) for i in range(20)) if lively(p))

    def wrong(*arguments):
        return scaled(problem.grad(*arguments))

    report = problem.check(problem.fun, wrong, problem.x0, raise_exception=False)
    assert report.verdict == "FAIL"


def lively(problem) -> bool:
    """Whether its gradient is right by more than being zero."""
    return problem.check(problem.fun, problem.grad, problem.x0, raise_exception=False).verdict == "PASS" and (
        problem.check is not gradcheck or biggest(problem.grad(problem.x0)) > 1e-6
    )


def biggest(tree) -> float:
    return max(map(biggest, tree.values())) if isinstance(tree, dict) else float(np.max(np.abs(tree)))


def scaled(tree):
    if isinstance(tree, dict):
        return {key: scaled(child) for key, child in tree.items()}
    return (np.asarray(tree) * 1.1).astype(np.asarray(tree).dtype)


def test_an_alarm_is_reported(monkeypatch):
    kind = next(iter(KINDS))

    def planted(kind, rng, sound=KINDS[kind]):
        problem = sound(kind, rng)
        return type(problem)(kind, problem.name, problem.fun, lambda x: scaled(problem.grad(x)), problem.x0)

    monkeypatch.setitem(KINDS, kind, planted)
    outcome = by_right_gradient("finite differences", 6, 0)
    assert outcome.verdict == "FAIL"
    assert outcome.kind == kind
    assert outcome.ratio > 1
    assert "numerically" in outcome.failure


def test_a_product_that_would_be_too_large_is_drawn_again():
    """exp(exp(t)) of this one was infinite at x0."""
    problem = correct(20261508, 20170)
    assert np.isfinite(problem.fun(problem.x0))
    assert np.all(np.isfinite(problem.grad(problem.x0)))
