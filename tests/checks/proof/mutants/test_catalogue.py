"""The catalogue itself: large enough, about every formula, each mutant a change that is taken out again."""

import numpy as np
import pytest

import derivations
from checks.proof.code.floats import float_case
from checks.proof.equations import EQUATIONS
from checks.proof.mutants import CATALOGUE, rewritten, set_to
from checks.proof.mutants.oracles import NOT_OF_DNN
from checks.proof.mutants.planting import rebuilt
from dnn import ACTIVATIONS, Network, Trace, gradient_flow, update
from dnn import activations as dnn_activations


def numbers(architectures):
    """All that dnn computes on a few networks, and whether it raised on the way."""
    found = []
    for architecture in map(rebuilt, architectures):
        case = float_case(architecture, (0, 0))
        network, x, y = case.network, case.x, case.y
        try:
            with np.errstate(all="ignore"):
                trace = network.forward(x)
                first, again = network.backward(trace, y), network.backward(network.forward(x[:, ::-1]), y)
                moved = update(network, first, 0.1)
                at = Trace({l: z + 0.5 for l, z in trace.z.items()}, trace.a)
                second = network.backward(at, y)
                arrays = [*trace, *first, *again, *second, moved.W, moved.b]
                found += [array for layers in arrays for array in layers.values()]
                found += [network.loss(x, y)]
                found += [np.array([row.delta, row.bound]) for row in gradient_flow(network, x, y)]
        except Exception as error:  # so does the change show
            found.append(np.array([type(error).__name__]))
    return found


def differ(before, after):
    if len(before) != len(after):
        return True
    return not all(np.array_equal(b, a, equal_nan=False) for b, a in zip(before, after, strict=True))


def test_it_is_large():
    assert len(CATALOGUE) >= 80
    assert sum(mutant.equivalent is None for mutant in CATALOGUE.values()) >= 80


def test_every_equation_that_dnn_computes_is_broken_by_some():
    broken = {mutant.formula for mutant in CATALOGUE.values() if mutant.equivalent is None}
    computed = set(EQUATIONS) - {
        *NOT_OF_DNN,
        "elementwise-derivative",
    }  # that is activation-derivatives again
    assert computed <= broken <= set(derivations.identifiers())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_both_sides_of_every_activation_are_broken(name):
    ids = " ".join(CATALOGUE)
    assert f"{name}-f-1" in ids
    # softplus' is the function sigmoid itself
    assert f"{name}-df-1" in ids or name == "softplus"
    assert f"planted-wrong-fprime-of-{name.replace('_', '-')}" in ids


@pytest.mark.parametrize("mutant", CATALOGUE.values(), ids=CATALOGUE)
def test_each_is_a_change_and_is_taken_out_again(mutant):
    before = numbers(mutant.architectures)
    with mutant.plant():
        during = numbers(mutant.architectures)
    assert not differ(before, numbers(mutant.architectures))
    if mutant.equivalent is None:
        assert differ(before, during), mutant.description


def test_each_equivalence_stands():
    kept = [mutant for mutant in CATALOGUE.values() if mutant.equivalent is not None]
    assert kept
    for mutant in kept:
        assert mutant.equivalent.reason
        assert mutant.equivalent.shown(mutant), mutant.id


@pytest.mark.parametrize("id", ["weights-doubled", "bias-negated", "hidden-halved", "half-mse-doubled"])
def test_the_test_of_equivalence_refuses_mistakes(id):
    weights, updates = (CATALOGUE[i].equivalent for i in ("weights-transposed-twice", "update-negative-rate"))
    assert not weights.shown(CATALOGUE[id])
    assert not updates.shown(CATALOGUE["update-uphill"])
    assert not CATALOGUE["flow-upper-slope"].equivalent.shown(CATALOGUE["sigmoid-range-1"])


def test_a_line_that_has_gone_is_an_error():
    with pytest.raises(ValueError, match=r"must stand in Network\.backward once, stands 0 times"):
        rewritten(Network.backward, "no such line", "").__enter__()
    with pytest.raises(ValueError, match="stands 2 times"):
        rewritten(dnn_activations.leaky_relu_prime, "relu_prime(z)", "").__enter__()


def test_the_docstring_does_not_count():
    with rewritten(dnn_activations.tanh, "np.tanh(z)", "0 * z"):
        assert dnn_activations.tanh(np.ones(1)) == 0
    assert dnn_activations.tanh(np.ones(1)) != 0


def test_aliases_run_the_wrong_line_too():
    with CATALOGUE["sigmoid-f-1"].plant():
        assert ACTIVATIONS["softplus"].df(np.array([3.0])) < 0.5
    assert ACTIVATIONS["softplus"].df(np.array([3.0])) > 0.5


def test_it_is_taken_out_when_something_is_raised():
    code, slope = Network.backward.__code__, dnn_activations.SLOPE
    with CATALOGUE["weights-doubled"].plant():
        assert Network.backward.__code__ is not code
    with pytest.raises(KeyError), CATALOGUE["weights-doubled"].plant():
        raise KeyError
    with pytest.raises(KeyError), set_to(dnn_activations, "SLOPE", 0.5):
        raise KeyError
    assert (Network.backward.__code__, dnn_activations.SLOPE) == (code, slope)
