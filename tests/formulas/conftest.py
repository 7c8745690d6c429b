"""Cases that Hypothesis draws, and networks whose backward pass has a planted mistake."""

import pytest
from hypothesis import strategies as st

from checks.proof.cases import Case
from checks.strategies import architectures, networks, random_network, random_samples, samples
from dnn import Architecture, Gradients, Network


@st.composite
def _cases(draw, **limits):
    network = draw(networks(architectures(**limits)))
    x, y = draw(samples(network.architecture))
    return Case(network, x, y)


@pytest.fixture(scope="session")
def cases():
    """The strategy of cases: ``data.draw(cases(min_depth=3))``."""
    return _cases


class Broken(Network):
    """The shipped backward pass with one mistake, made at one layer."""

    bug, layer = "", 0

    def backward(self, trace, y):
        z, a, L, N = *trace, self.architecture.depth, y.shape[1]
        head = self.architecture.head
        here = lambda bug, l: self.bug == bug and self.layer == l  # noqa: E731
        delta = {L: head.delta(z[L], y)}
        if here("label forgotten", L):
            delta[L] = delta[L] + y
        if here("sign of delta^L", L):
            delta[L] = -delta[L]
        for l in range(L - 1, 1, -1):
            W = self.W[l + 1] if here("transpose dropped", l) else self.W[l + 1].T
            df = self.architecture.activation(l).df
            slope = df(a[l] if here("f' at a for z", l) else z[l])
            slope = df(z[l - 1]) if here("f' of another layer", l) else slope
            slope = 1.0 if here("f' dropped", l) else slope
            delta[l] = (W @ delta[l + 1]) * slope
        other = {l: a[l] if here("a of its own layer", l) else a[l - 1] for l in self.architecture.layers}
        dW = {l: delta[l] @ other[l].T / (1 if here("sum for mean", l) else N) for l in delta}
        if self.bug == "transposed":
            dW[self.layer] = dW[self.layer].T
        db = {l: delta[l].sum(axis=1, keepdims=True) / N for l in delta}
        if self.bug == "last sample only":
            db[self.layer] = delta[self.layer][:, -1:]
        return Gradients(delta, dW, db)


@pytest.fixture(scope="session")
def broken():
    """A case on a square tanh network of five layers whose backward pass has one mistake at one layer."""

    def make(bug: str, layer: int, head: str = "half_mse") -> Case:
        widths = (3, 3, 3, 3, 1 if head == "sigmoid_cross_entropy" else 3)
        sound = random_network(Architecture(widths, "tanh", head), 7)
        x, y = random_samples(sound.architecture, 3, 11)
        kind = type("Broken", (Broken,), {"bug": bug, "layer": layer})
        return Case(kind(sound.architecture, sound.W, sound.b), x, y)

    return make
