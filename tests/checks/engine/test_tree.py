"""Containers of every kind, taken apart and made again."""

import collections
import dataclasses
import types

import numpy as np
import pytest

from checks import gradcheck
from checks.engine.tree import LEVELS, Tree

X = np.array([0.5, -1.5, 2.0])


class ListOfTwo(list):
    def __init__(self, a, b):
        super().__init__([a, b])


class TupleOfTwo(tuple):
    def __new__(cls, a, b):
        return super().__new__(cls, (a, b))


class DictWithASize(dict):
    def __init__(self, size, **items):
        super().__init__(**items)
        self.size = size


@dataclasses.dataclass
class Casting:
    W: np.ndarray
    norm: float = dataclasses.field(init=False)

    def __post_init__(self):
        self.W = np.asarray(self.W, float)
        self.norm = float(np.linalg.norm(self.W))


@dataclasses.dataclass
class WithInitVar:
    W: np.ndarray
    size: dataclasses.InitVar[int]

    def __post_init__(self, size):
        self.doubled = 2 * size


@pytest.mark.parametrize(
    "x0",
    [
        collections.defaultdict(list, a=X),
        collections.OrderedDict(b=X, a=1 + X),
        collections.ChainMap({"a": X}),
        types.MappingProxyType({"a": X}),
        DictWithASize(3, a=X),
        {(1, 2): X, None: 1 + X, "a b": 2 * X},
    ],
)
def test_a_mapping_is_made_again_as_it_was(x0):
    seen = []

    def fun(p):
        seen.append(p)
        return float(sum(np.sum(leaf**2) for leaf in p.values()))

    assert gradcheck(fun, lambda p: {key: 2 * leaf for key, leaf in p.items()}, x0)
    assert all(type(p) is type(x0) and list(p) == list(x0) and vars_of(p) == vars_of(x0) for p in seen)
    assert not gradcheck(
        fun, lambda p: {key: 2.1 * leaf for key, leaf in p.items()}, x0, raise_exception=False
    )


def vars_of(value):
    return getattr(value, "size", None)


@pytest.mark.parametrize("x0", [ListOfTwo(X, 1 + X), TupleOfTwo(X, 1 + X)])
def test_so_is_a_sequence(x0):
    seen = []

    def fun(p):
        seen.append(type(p))
        return float(p[0] @ p[1])

    assert gradcheck(fun, lambda p: [p[1], p[0]], x0)
    assert set(seen) == {type(x0)}
    assert not gradcheck(fun, lambda p: [p[0], p[1]], x0, raise_exception=False)


def test_and_a_dataclass_with_what_it_derives():
    assert gradcheck(lambda p: p.norm**2, lambda p: {"W": 2 * p.W}, Casting(X))


def test_what_cannot_be_made_again_is_named():
    with pytest.raises(TypeError, match=r"x0 cannot be made again with other numbers.*size.*pass dicts"):
        gradcheck(lambda p: float(np.sum(p.W)), lambda p: p, WithInitVar(X, 3))


def nested(levels):
    found = X
    for _ in range(levels):
        found = [found]
    return found


def test_containers_nested_too_deep_are_refused_and_those_that_hold_themselves():
    assert Tree(nested(LEVELS)).size == 3
    circle = [X]
    circle.append(circle)
    for structure in (nested(LEVELS + 1), nested(5000), circle):
        with pytest.raises(ValueError, match=rf"x0\[.*not be nested more than {LEVELS} levels.*hold itself"):
            Tree(structure)


def test_a_circle_in_what_fun_returns_or_grad_returns_is_no_hang():
    circle = [X]
    circle.append(circle)
    with pytest.raises(TypeError, match="fun must return a real scalar; got a list"):
        gradcheck(lambda x: circle, lambda x: x, X)
    with pytest.raises(TypeError, match="the result of grad must be an array"):
        gradcheck(lambda x: float(x @ x), lambda x: circle, X)
