"""One entry off by a little: each method sees it down to some size, and nothing where nothing is off."""

import numpy as np
import pytest

from checks.proof.code.floats import float_case
from checks.proof.mutants.numerical import METHODS, SMOOTH, Detection, detection, perturbed


@pytest.mark.parametrize("method", METHODS)
def test_a_thousandth_is_seen_and_nothing_is_not(method):
    assert detection(method, 1e-3, 2, 0) == Detection(1e-3, 2, 2)
    assert detection(method, 0.0, 2, 0).caught == 0


def test_finite_differences_have_a_limit_that_forward_mode_does_not():
    assert detection("finite differences", 1e-12, 2, 0).caught == 0
    assert detection("forward mode", 1e-12, 2, 0).caught == 2
    assert detection("rationals", 1e-300, 1, 0).caught == 1


def test_one_entry_is_off_by_its_share_of_the_norm():
    case = float_case(SMOOTH, (0, 0))
    right = case.gradients(case.network)
    wrong = perturbed(right, 3, 5, 0.5)
    assert np.count_nonzero(wrong.dW[3] != right.dW[3]) == 1
    assert np.linalg.norm(wrong.dW[3] - right.dW[3]) == pytest.approx(0.5 * np.linalg.norm(right.dW[3]))
    assert wrong.dW[2] is right.dW[2]


def test_a_miss_is_bounded_by_what_was_tried():
    assert Detection(1e-3, 10, 10).missed_at_most < Detection(1e-3, 9, 10).missed_at_most < 1
