"""The oracles that look at floats: balls, dual numbers, complex step, scikit-learn."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checks.proof.code import BUGS, ORACLES, balls, complex_step, dual, outside, planted
from checks.proof.code.claims import claims
from checks.proof.code.floats import float_case, lifted
from checks.proof.numbers.rounded import rounded
from checks.strategies import architectures
from dnn import Architecture
from tests.effort import costly

DIGITS = Architecture((64, 32, 32, 10), "tanh", "softmax_cross_entropy")
DEAD = Architecture((6, 1, 1, 1, 1, 1), ("identity", "identity", "sigmoid", "relu"), "sigmoid_cross_entropy")
FLOATS = [dual.check, complex_step.check, balls.check]
SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("check", FLOATS, ids=["dual", "complex", "balls"])
@costly
@given(architecture=architectures(max_depth=6, max_width=6), seed=SEEDS)
def test_the_shipped_gradients_hold(check, architecture, seed):
    row = check([architecture], seed=seed)
    assert not row.failures
    assert row.status == "holds" or "missing" in row.note or "rounding may" in row.note


@pytest.mark.parametrize("check", FLOATS, ids=["dual", "complex", "balls"])
def test_at_full_size_on_digits(check):
    row = check([DIGITS], seed=0)
    assert row.status == "holds", (row.failures, row.note)


@example(
    Architecture((6, 1, 1, 1, 1, 1), ("identity", "identity", "sigmoid", "relu"), "sigmoid_cross_entropy"),
    1227,
)
@given(architectures(max_depth=6, max_width=6), SEEDS)
def test_the_bars_are_tight_enough_to_mean_something(architecture, seed):
    case = float_case(architecture, (seed, 0))
    for claim in claims(lifted(case, rounded)):
        # behind a dead relu the gradient is 0, and for its label 0 nothing but the leaf has a size
        size = sum(np.linalg.norm(v) for v in (claim.gradient.v, np.asarray(case.y), claim.at.v))
        assert np.linalg.norm(claim.at.lift(claim.gradient).e) < 1e-7 * size


def test_where_rounding_hides_the_gradient_nothing_is_said_to_hold():
    deep = Architecture((3,) * 40, "sigmoid", "half_mse")
    row = dual.check([deep], seed=0)
    assert row.status == "not applicable"
    assert "rounding may hide more than 1e-06 of d" in row.note
    with planted(next(bug for bug in BUGS if bug.name == "sign of delta")):
        assert dual.check([deep], seed=0).status == "fails"  # what is seen in spite of it is said


def test_the_error_in_ulps_is_reported_for_both_precisions():
    row = balls.check([DIGITS], seed=0)
    double, single = map(float, re.findall(r"float\d\d: ([\d.]+) ulp", row.bound))
    assert 0 < double < 100
    assert 0 < single < 100


def test_scikit_learn_takes_the_same_step_on_digits():
    row = outside.check_sklearn([DIGITS], seed=0)
    assert row.status == "holds", row.failures
    assert row.identities == DIGITS.parameters
    row = outside.check_sklearn([Architecture((3, 2, 2), "tanh")], seed=0)
    assert row.status == "not applicable"


@pytest.mark.parametrize("engine", ["torch", "jax", "autograd"])
def test_an_engine_differentiates_the_replica_or_the_row_says_what_to_install(engine):
    oracle = ORACLES[engine]
    row = oracle.check([DIGITS, Architecture((3, 4, 2), "gelu_tanh", "half_mse", "elu")], seed=0)
    if row.status == "not applicable":
        assert row.note == f"{engine} is missing: pip install {engine}"
    else:
        assert row.status == "holds", row.failures
        assert row.architectures == 2


def test_labels_that_are_drawn_for_softmax_sum_to_exactly_one():
    case = float_case(Architecture((2, 7), head="softmax_cross_entropy"), (3, 0))
    for dtype in (np.float64, np.float32):
        assert (case.y.astype(dtype).sum(axis=0) == 1).all()
