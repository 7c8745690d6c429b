"""Identity testing over the field: the shipped code passes, a wrong line does not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from checks.proof.code import field
from checks.strategies import architectures
from dnn import ACTIVATIONS, Architecture
from tests.effort import costly

SEEDS = st.integers(0, 2**32 - 1)


@costly
@given(architectures(), SEEDS)
def test_the_shipped_backward_pass_holds_for_opaque_activations(architecture, seed):
    event(architecture.head.name)
    row = field.check_opaque([architecture], seed=seed)
    assert row.status == "holds", row.failures
    assert row.identities == field.TRIALS * 3 * (architecture.depth - 1)


@costly
@given(architectures(), SEEDS)
def test_the_shipped_activations_hold_over_opaque_functions(architecture, seed):
    row = field.check_shipped([architecture], seed=seed)
    assert row.status == "holds", row.failures


WRONG = {
    "identity": lambda z: 2 * np.ones_like(z),
    "sigmoid": lambda z: ACTIVATIONS["sigmoid"].f(z),
    "tanh": lambda z: 1 - np.tanh(z),
    "relu": lambda z: (z < 0).astype(z.dtype),
    "leaky_relu": lambda z: (z > 0).astype(z.dtype),
    "elu": lambda z: np.exp(z),
    "softplus": lambda z: 1 - ACTIVATIONS["sigmoid"].f(z),
    "silu": lambda z: ACTIVATIONS["sigmoid"].f(z),
    "gelu_tanh": lambda z: (1 + np.tanh(0.7978845608028654 * (z + 0.044715 * z * z * z))) / 2,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_wrong_derivative_of_each_activation_is_seen(name):
    wrong = replace(ACTIVATIONS[name], df=WRONG[name])
    for output in (None, wrong):
        architecture = Architecture((3, 6, 6, 2), wrong, "half_mse", output)
        row = field.check_shipped([architecture], seed=1)
        assert row.status == "fails"
        if output:
            assert "delta^4 differs: half-mse-delta at layer l = 4" in row.failures[0]
        else:
            assert "delta^3 differs: hidden-delta at layer l = 3" in row.failures[0]
        assert field.check_opaque([architecture], seed=1).status == "holds"  # it does not look at them


def test_any_shape_and_the_bound_is_computed():
    architecture = Architecture((20, 64, 3, 30, 10), "silu", "softmax_cross_entropy")
    row = field.check_shipped([architecture], seed=0)
    assert row.status == "holds"
    wider = field.check_shipped([Architecture((2, 3, 2), "silu", "softmax_cross_entropy")], seed=0)
    probability, other = (float(r.bound.split("<= ")[1].split()[0]) for r in (row, wider))
    assert 0 < other < probability < 1e-15


def test_the_row_is_reproducible_from_its_seed():
    architecture = [Architecture((3, 4, 2), "elu", "half_mse")]
    first, second = (field.check_shipped(architecture, seed=7) for _ in range(2))
    assert (first.bound, first.identities) == (second.bound, second.identities)


def test_a_function_that_the_field_does_not_have_is_not_a_pass():
    sine = replace(ACTIVATIONS["tanh"], name="sine", f=np.sin, df=np.cos)
    row = field.check_shipped([Architecture((2, 3, 1), sine, "half_mse")], seed=0)
    assert row.status == "not applicable"
    assert "sin leaves the finite field" in row.note
    assert row.architectures == row.identities == 0


def test_progress_is_reported():
    seen = []
    architecture = Architecture((1, 1))
    field.check_opaque([architecture] * 3, seed=0, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
