"""Each source-level mutant kept as no mistake computes the very same numbers, or gives the same verdicts."""

import importlib.util
import json
import sys
from functools import reduce
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.proof.mutants import rewritten
from checks.strategies import networks, samples
from derivations import kernel, terms
from derivations.kernel import Kernel, UnsupportedExpression
from dnn.doors import matrix
from tests.derivations import test_kernel_against_sympy as fuzz
from tests.effort import costly, one_in

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("mutation_run", HERE / "run.py")
run = importlib.util.module_from_spec(SPEC)
ROWS = json.loads((HERE / "equivalents.json").read_text())


def function(name):
    module, rest = ".".join(name.split(".")[:2]), name.split(".")[2:]
    return reduce(getattr, rest, import_module(module))


@pytest.fixture(scope="module", autouse=True)
def script():
    """The script, loaded by its path."""
    sys.modules["mutation_run"] = run
    SPEC.loader.exec_module(run)
    yield
    del sys.modules["mutation_run"]


def numbers(network, x, y):
    trace = network.forward(x)
    gradients = network.backward(trace, y)
    arrays = [array for layers in (*trace, *gradients) for array in layers.values()]
    return [*arrays, network.loss(x, y)]


def same(before, after):
    return all(
        np.array_equal(b, a) and np.shape(b) == np.shape(a) for b, a in zip(before, after, strict=True)
    )


@pytest.mark.parametrize("row", ROWS["dnn"], ids=lambda row: f"{row['function']}: {row['new']}")
@costly
@given(data=st.data())
def test_it_computes_the_same(row, data):
    network = data.draw(networks(heads=["softmax_cross_entropy"], max_depth=3))
    x, y = data.draw(samples(network.architecture))
    before = numbers(network, x, y)
    with rewritten(function(row["function"]), row["old"], row["new"]):
        assert same(before, numbers(network, x, y))
    assert row["reason"]


def answer(value):
    try:
        return matrix("x", value, 2, 3)
    except (TypeError, ValueError) as refusal:
        return f"{type(refusal).__name__}: {refusal}"


DOORS = [row for row in ROWS["dnn"] if row["function"] == "dnn.doors.matrix"]


@pytest.mark.parametrize("row", DOORS, ids=lambda row: row["new"])
def test_a_door_lets_the_same_in(row):
    values = [
        np.ones(shape, kind) for shape in ((), (2,), (2, 3), (3, 2), (2, 3, 1)) for kind in "efdgFDil?O"
    ]
    before = [str(answer(value)) for value in values]
    assert len(set(before)) > 8
    with rewritten(matrix, row["old"], row["new"]):
        assert [str(answer(value)) for value in values] == before


def test_a_mistake_does_not():
    row = ROWS["dnn"][2]
    z = np.array([[1.0, 2.0], [3.0, 4.0]])
    softmax = function(row["function"])
    before = softmax(z)
    with rewritten(softmax, row["old"], "return e / e.sum(axis=1, keepdims=True)"):
        assert not same([before], [softmax(z)])


def forget():
    for remembered in (kernel._free, kernel._block, kernel._height):
        remembered.cache_clear()


def verdicts(t):
    """What the kernel says of a term written otherwise, and of wrong ones, with and without hypotheses."""
    forget()
    (i, j), (x, c) = fuzz.FREE[fuzz.N], (fuzz.X, fuzz.C)
    given = Kernel(hypotheses=[(x[i], terms.Sum(j, c[i, j]), (i,)), (c[i, j], terms.ONE, ())])
    pairs = ((t, fuzz.rewritten(t)), (t, fuzz.swapped(t)), (t, t + 1), (t, terms.Sum(i, t)))
    slope = terms.Partial(t, x[i])
    asked = [*pairs, (slope, fuzz.calculus.derivative(t, x[i])), (slope, terms.ZERO)]
    return [judged(judge, left, right) for judge in (Kernel(), given) for left, right in asked]


def judged(judge, left, right):
    try:
        return judge.equal(left, right)
    except UnsupportedExpression:  # too many orders of sums to compare
        return None


@pytest.mark.parametrize("row", one_in(4, ROWS["kernel"]), ids=lambda row: f"{row['function']}: {row['new']}")
@settings(max_examples=10)
@given(t=fuzz.random_terms())
def test_it_judges_the_same(row, t):
    """Or it gives up on sums that the kernel can tell apart: nothing is proved by that."""
    before = verdicts(t)
    with rewritten(function(row["function"]), row["old"], row["new"]):
        after = verdicts(t)
    assert all(now in (then, None) for then, now in zip(before, after, strict=True))
    forget()
    assert row["reason"]


def test_a_mistake_of_the_kernel_does_not():
    t = fuzz.X[fuzz.FREE[fuzz.N][0]] ** 2
    before = verdicts(t)
    with rewritten(kernel._linear, "coefficient * factor", "coefficient"):
        assert verdicts(t) != before
    forget()


def test_what_mutmut_shows_is_read():
    shown = "# x: survived\n--- dnn/heads.py\n+++ dnn/heads.py\n def f():\n-    a\n+    b\n"
    assert run.survivor("dnn.heads.x_softmax__mutmut_9", shown) == run.Survivor("dnn.heads.softmax", "a", "b")
    assert run.function_of("dnn.network.xǁNetworkǁloss__mutmut_3") == "dnn.network.Network.loss"


def test_a_survivor_without_a_reason_and_a_reason_without_its_survivor_are_told():
    explained = run.kept("dnn")
    known = list(explained)
    assert list(run.verdict(known, explained)) == []
    assert list(run.verdict([*known, run.Survivor("dnn.f", "a", "b")], explained)) == [
        "survived: dnn.f\n    - a\n    + b"
    ]
    assert [line.split(":")[0] for line in run.verdict(known[1:], explained)] == ["stale"]
    assert list(run.verdict(known[1:], explained, finished=False)) == []  # it may not have been run
    method = run.Survivor("derivations.kernel.Kernel._read", "a", "b")
    assert run.survivor("derivations.kernel.xǁKernelǁ_read__mutmut_3", "-a\n+b\n") == method


@pytest.mark.parametrize("name", ["dnn", "kernel"])
def test_the_targets_exist(name):
    target = run.TARGETS[name]
    assert all((run.ROOT / path).exists() for path in (*target.tests, target.source))
    assert 'source_paths = ["' in run.configuration(target)
