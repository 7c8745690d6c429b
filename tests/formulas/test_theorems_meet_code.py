"""Three roads to one number: the theorems' right sides, the shipped code, the numerical derivative.

The theorems' own backward pass (checks.proof.derived) is put on trial in place of the shipped one, and the
two are compared without any bar over the rational numbers.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.proof import derived
from checks.proof.cases import Case
from checks.proof.equations import BACKWARD, EQUATIONS, reference_passes
from checks.strategies import SEEDS, architectures
from dnn import Activation, Architecture, Gradients, Network
from dnn.activations import DerivativeRange
from tests.effort import costly


@pytest.mark.parametrize("equation", BACKWARD)
@costly
@given(data=st.data())
def test_the_theorem_equals_the_numerical_derivative(equation, data, cases, refutes):
    heads = [head for head, id in derived.HEADS.items() if id == equation] or list(derived.HEADS)
    case = data.draw(cases(min_depth=3, max_depth=4, max_width=3, heads=heads))
    assert refutes(equation, replace(case, backward=derived.backward)) is None


@given(data=st.data())
def test_the_forward_theorem_equals_the_scalar_loops(data, cases):
    case = data.draw(cases(max_depth=4, max_width=3))
    for one in reference_passes(case):
        for l in case.network.architecture.layers:
            z = derived.affine(case.network, l, np.array(one.a[l - 1]))
            assert (abs(z - one.z[l]) <= one.z_bar[l]).all()


CUBIC = Activation(
    "cubic", lambda z: z * z * z - z, lambda z: 3 * z * z - 1, DerivativeRange(-1, np.inf, "[)")
)


def rational(rng, *shape):
    return rng.integers(-9, 10, shape).astype(object) * Fraction(1, int(rng.integers(1, 6)))


def rational_case(architecture, seed, N):
    rng, k = np.random.default_rng(seed), architecture.width
    network = Network(
        architecture,
        W={l: rational(rng, k(l), k(l - 1)) for l in architecture.layers},
        b={l: rational(rng, k(l), 1) for l in architecture.layers},
    )
    return Case(network, rational(rng, k(1), N), rational(rng, k(architecture.depth), N))


def equal(left: Gradients, right: Gradients) -> bool:
    return all((one[l] == other[l]).all() for one, other in zip(left, right, strict=True) for l in one)


CUBIC_NETWORKS = architectures(max_depth=4, max_width=3, heads=["half_mse"], activations=st.just(CUBIC))


@given(CUBIC_NETWORKS, SEEDS)
def test_the_theorems_equal_the_code_exactly_over_the_rationals(architecture, seed):
    # One sample: the compiled mean divides by N as a float. Batches meet the numerical derivative.
    case = rational_case(architecture, seed, N=1)
    shipped = case.gradients(case.network)
    assert isinstance(shipped.dW[2].flat[0], Fraction)
    assert equal(shipped, derived.backward(case.network, case.network.forward(case.x), case.y))


@pytest.mark.parametrize("mistake", ["W^T", "f'", "sum"])
def test_and_a_wrong_line_of_code_differs(mistake):
    architecture = Architecture((2, 2, 2, 2), CUBIC, "half_mse", CUBIC)
    case = rational_case(architecture, 3, N=1)
    trace = case.network.forward(case.x)
    delta, dW, db = case.network.backward(trace, case.y)
    if mistake == "W^T":
        delta[2] = (case.network.W[3] @ delta[3]) * CUBIC.df(trace.z[2])
    elif mistake == "f'":
        delta[2] = case.network.W[3].T @ delta[3]
    else:
        dW[3] = dW[3] * 2
    assert not equal(Gradients(delta, dW, db), derived.backward(case.network, trace, case.y))


def test_every_equation_of_the_backward_pass_is_on_trial():
    assert set(BACKWARD) == {
        id for id in EQUATIONS if id.endswith("delta") or id in ("weight-gradient", "bias-gradient")
    }
