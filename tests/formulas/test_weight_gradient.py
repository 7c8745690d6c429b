"""dJ/dW^l = delta^l (a^(l-1))^T: backward() against an oracle, and the identity by oracles alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.equations import OUTER_PRODUCT
from tests.effort import costly


@costly
@given(data=st.data())
def test_weight_gradient(data, cases, holds):
    holds("weight-gradient", data.draw(cases()))


@costly
@given(data=st.data())
def test_delta_times_a_with_neither_side_from_backward(data, cases, holds):
    holds(OUTER_PRODUCT, data.draw(cases(max_depth=4, max_width=3)))


@pytest.mark.parametrize("bug", ["a of its own layer", "sum for mean", "transposed"])
@pytest.mark.parametrize("layer", [2, 4])
def test_a_wrong_layer_is_named(bug, layer, broken, refutes):
    assert refutes("weight-gradient", broken(bug, layer)) == layer


def test_neither_side_of_the_product_sees_backward(broken, refutes):
    assert refutes(OUTER_PRODUCT, broken("f' dropped", 3)) is None


def test_the_product_with_another_layers_a_is_refuted(broken, refutes, monkeypatch):
    from checks.proof import equations

    sound = equations.reference_passes

    def shifted(case):
        passes = sound(case)
        for one in passes:
            one.a[2] = one.a[3]
        return passes

    monkeypatch.setattr(equations, "reference_passes", shifted)
    assert refutes(OUTER_PRODUCT, broken("", 0)) == 3
