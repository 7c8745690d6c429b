"""Somebody else's network: right ones pass, mistakes are named, a protocol that lies is one clear error."""

import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from checks.proof.code.accusation import Role, role, suspect
from checks.proof.code.network_protocol import ProtocolError, check_network, load

sys.path.insert(0, str(Path(__file__).parent))
import homework

README = Path(__file__).parents[4] / "README.md"


def rows_of(network):
    return {row.oracle: row for row in check_network(network)}


@cache
def rows_of_homework(mistake):
    return rows_of(homework.Homework(mistake))


def test_a_right_homework_passes_every_oracle_that_applies():
    rows = rows_of(homework.Homework())
    assert not any(row.failures for row in rows.values())
    held = {name for name, row in rows.items() if row.status == "holds"}
    assert held == {
        "forward mode",
        "complex step",
        "finite differences",
        "dual numbers, proved rounding error",
        "finite field, opaque exp, log and tanh",
    }
    assert all(row.note for name, row in rows.items() if name not in held)


@pytest.mark.parametrize(
    ("mistake", "names", "formula", "diagnosis"),
    [
        ("sign", "W1, W2, W3, b1, b2, b3", "delta of the head at layer l = 3", "wrong sign"),
        ("derivative", "W1, W2, b1, b2", "hidden-delta at layer l = 2", "right where z^2 = 0"),
        ("transpose", "W1, b1", "hidden-delta at layer l = 1", "the transpose of W2 is the mistake"),
        ("activation", "W2", "weight-gradient at layer l = 2", "db is right there"),
        ("mean", "b2", "bias-gradient at layer l = 2", "1/6 times the right one"),
    ],
)
def test_a_mistake_is_named(mistake, names, formula, diagnosis):
    rows = rows_of_homework(mistake)
    (line,) = rows["forward mode"].failures
    assert line.startswith(f"{names}: {formula}")
    assert diagnosis in line
    assert "\n" not in line
    assert rows["dual numbers, proved rounding error"].failures[0].startswith(f"{names}: {formula}")
    assert "not decided" in rows["finite field, opaque exp, log and tanh"].note


def test_a_derivative_that_is_wrong_is_not_taken_for_a_transpose():
    (line,) = rows_of_homework("derivative")["forward mode"].failures
    assert "transpose of" not in line


def test_scikit_learns_mlp_through_the_readmes_adapter():
    code = re.search(
        r"```python\n((?:(?!```).)*class ScikitLearn.*?)```", README.read_text("utf-8"), re.DOTALL
    )[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    defined = {}
    exec(code, defined)
    rows = rows_of(defined["ScikitLearn"]())
    assert rows["finite differences"].status == "holds"
    assert rows["finite differences"].identities == 64 * 8 + 8 + 8 * 6 + 6 + 6 * 10 + 10
    for name in ("forward mode", "complex step", "finite field, opaque exp, log and tanh"):
        assert rows[name].status == "not applicable"
        assert rows[name].note


def test_a_cast_to_float_leaves_finite_differences():
    rows = rows_of(homework.CastsToFloat())
    assert [name for name, row in rows.items() if row.status == "holds"] == ["finite differences"]
    assert "a cast to a plain number or array" in rows["finite field, opaque exp, log and tanh"].note


ORACLES_OF_NUMBERS = ("dual numbers, proved rounding error", "finite field, opaque exp, log and tanh")


@pytest.mark.parametrize("network", ["ByPosition", "ByIndex"])
def test_axes_by_position_and_indices_keep_every_oracle(network):
    rows = rows_of(getattr(homework, network)())
    assert [rows[name].status for name in ORACLES_OF_NUMBERS] == ["holds", "holds"]


@pytest.mark.parametrize(
    ("network", "says"),
    [
        ("Reshapes", ".reshape leaves"),
        ("Squares", "np.square"),
        ("Assigns", "does not support item assignment"),
    ],
)
def test_what_a_number_system_lacks_is_named(network, says):
    rows = rows_of(getattr(homework, network)())
    for name in ORACLES_OF_NUMBERS:
        assert rows[name].status == "not applicable"
        assert says in rows[name].note


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("Mutates", "loss must leave the parameters as they are"),
        ("KeepsState", "gradients must depend on its argument alone"),
        ("Drifts", "loss must depend on its argument alone"),
        ("OtherShapes", r"'b2' has \(5, 1\) and should have \(5,\)"),
        ("OtherNames", "gradients must return the names"),
        ("Nan", "gradients must be finite: 'W1'"),
        ("Losses", "loss must return one finite number"),
        ("Crashes", "gradients raised ValueError: matmul"),
        ("Integers", "'W1' is int64"),
        ("Unfinished", "lacks gradients"),
        ("NeedsArguments", "missing 1 required positional argument"),
        ("Absent", "has no attribute 'Absent'"),
    ],
)
def test_a_protocol_that_lies_is_one_clear_error(network, message):
    with pytest.raises(ProtocolError, match=message) as caught:
        check_network(load(f"homework:{network}"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("target", ["homework", ":Homework", "homework:", "no_such_module:Homework"])
def test_a_target_that_names_nothing(target):
    with pytest.raises(ProtocolError, match="network"):
        load(target)


def test_load_makes_the_network():
    assert isinstance(load("homework:Homework"), homework.Homework)


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("W1", (2, 3), Role(1, False)),
        ("b12", (3,), Role(12, True)),
        ("bias_2", (3, 1), Role(2, True)),
        ("layer3.weight", (3, 2), Role(3, False)),
        ("intercept", (3, 1), Role(None, True)),
        ("kernel", (3, 3), Role(None, False)),
    ],
)
def test_a_name_tells_layer_and_role(name, shape, expected):
    assert role(name, shape) == expected


def test_names_without_layers_accuse_no_formula():
    assert suspect({"W"}, {"W": np.ones((2, 2)), "b": np.ones(2)}) is None
    assert suspect({"W1"}, {"W1": np.ones((2, 2)), "V1": np.ones((2, 2))}) is None
