"""theta <- theta - alpha dJ/dtheta goes downhill, with slope -||dJ/dtheta||^2 at alpha = 0."""

from hypothesis import given
from hypothesis import strategies as st

from checks.proof import equations
from dnn import update
from tests.effort import costly


@costly
@given(data=st.data())
def test_update_descends(data, cases, holds):
    holds("update-descends", data.draw(cases()))


def test_an_update_uphill_is_refuted(broken, refutes, monkeypatch):
    monkeypatch.setattr(equations, "update", lambda network, g, alpha: update(network, g, -alpha))
    assert refutes("update-descends", broken("", 0)) == 5


def test_an_update_that_skips_a_layer_is_refuted(broken, refutes, monkeypatch):
    def skips(network, g, alpha):
        new = update(network, g, alpha)
        new.W[3] = network.W[3]
        return new

    monkeypatch.setattr(equations, "update", skips)
    assert refutes("update-descends", broken("", 0)) == 5
