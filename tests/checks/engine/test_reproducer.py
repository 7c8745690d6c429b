"""The lines to paste do show what was found."""

import collections
import dataclasses
import re

import numpy as np
import pytest

from checks import gradcheck

X = np.array([0.5, -1.5, 2.0])
Pair = collections.namedtuple("Pair", "W b")


@dataclasses.dataclass(frozen=True)
class Layer:
    W: np.ndarray
    b: dict


def mapped(f, p):
    if isinstance(p, np.ndarray):
        return f(p)
    if isinstance(p, dict):
        return {key: mapped(f, child) for key, child in p.items()}
    if isinstance(p, Layer):
        return Layer(mapped(f, p.W), mapped(f, p.b))
    children = [mapped(f, child) for child in p]
    return Pair(*children) if isinstance(p, Pair) else type(p)(children)


def fun(p):
    cubes = []
    mapped(lambda leaf: cubes.append(float(np.sum(leaf**3))), p)
    return sum(cubes)


def wrong(p):
    return mapped(lambda leaf: 3.3 * leaf**2, p)


POINTS = {
    "array": X,
    "0-d": np.array(1.5),
    "Fortran order": np.asfortranarray(np.outer(X, X)),
    "float32": X.astype(np.float32),
    "big-endian": X.astype(">f8"),
    "dict": {"W": X, "b c": 1 + X},
    "keys": {0: X, (1, 2): 1 + X},
    "list": [X, [1 + X]],
    "named tuple": Pair(X, 1 + X),
    "dataclass": Layer(X, {"q": 1 + X}),
}


@pytest.mark.parametrize("kind", POINTS)
def test_the_lines_print_the_number_that_was_told(kind, capsys):
    report = gradcheck(fun, wrong, POINTS[kind], raise_exception=False)
    call, *lines = report.reproducer.splitlines()
    assert call == "gradcheck(fun, wrong, x0, rng=0)"
    exec("\n".join(lines), {"fun": fun, "x0": POINTS[kind]})
    (told,) = re.findall(r"about (\S+);", lines[-1])
    assert float(capsys.readouterr().out) == pytest.approx(float(told), rel=1e-3)


def test_no_line_moves_two_leaves_at_once():
    report = gradcheck(fun, wrong, {"W": X, "b": X}, raise_exception=False)
    assert report.reproducer == "gradcheck(fun, wrong, x0, rng=0)"
