"""The examples in the docstrings do what they say; those of `checks/interop` run with its tests."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for room in ("dnn", "derivations", "checks")
    for path in (ROOT / room).rglob("*.py")
    if re.search(r"^ *>>> ", path.read_text(encoding="utf-8"), re.M) and "interop" not in path.parts
)


def failures(module):
    """How many examples fail, and how many there are."""
    return doctest.testmod(module, optionflags=FLAGS)


@pytest.mark.parametrize("name", MODULES)
def test_its_examples_hold(name):
    failed, attempted = failures(importlib.import_module(name))
    assert attempted
    assert not failed


def test_every_package_has_examples():
    assert {name.split(".")[0] for name in MODULES} == {"dnn", "derivations", "checks"}


def test_a_false_example_fails(capsys):
    false = type(doctest)("false", ">>> 1 + 1\n3\n")
    assert failures(false) == (1, 1)
