"""A tail is the rest of the network: at the z^l that occur it gives J back, and its delta is backward()'s."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from checks.proof.cases import Case, random_cases, tail, tail_delta
from checks.strategies import networks, samples


@given(st.data())
def test_a_tail_continues_the_forward_pass(data):
    network = data.draw(networks())
    x, y = data.draw(samples(network.architecture))
    case, trace = Case(network, x, y), network.forward(x)
    J = network.loss(x, y) * x.shape[1]
    gradients = network.backward(trace, y)
    for l in network.architecture.layers:
        # The same operations in the same order: only the mean's division and product can round.
        assert abs(tail(case, l)(trace.z[l]) - J) <= 4 * np.spacing(abs(J))
        np.testing.assert_array_equal(tail_delta(case, l)(trace.z[l]), gradients.delta[l])


@given(st.data())
def test_a_tail_follows_its_argument(data):
    network = data.draw(networks(min_depth=3))
    x, y = data.draw(samples(network.architecture))
    case, trace = Case(network, x, y), network.forward(x)
    moved = trace.z[2] + 1.0
    expected = network.architecture.activation(2).f(moved)
    for l in range(3, network.architecture.depth + 1):
        z = network.W[l] @ expected + network.b[l]
        expected = network.architecture.activation(l).f(z) if l < network.architecture.depth else z
    np.testing.assert_allclose(
        tail(case, 2)(moved), network.architecture.head.loss(z, y).sum(), rtol=1e-14, atol=1e-300
    )


def test_a_case_follows_from_seed_and_number_alone():
    five, two = list(random_cases(5, 3)), list(random_cases(2, 3))
    assert [str(case) for case in five[:2]] == [str(case) for case in two]
    np.testing.assert_array_equal(five[1].network.W[2], two[1].network.W[2])
    assert len({str(case) for case in five}) == 5
