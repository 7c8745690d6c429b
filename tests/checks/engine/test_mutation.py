"""What user code does to what it is handed is found, and named."""

import dataclasses

import numpy as np
import pytest

from checks import InputMutated, gradcheck, hvpcheck, jaccheck, jvpcheck, vjpcheck

X = np.array([0.5, -1.5, 2.0])


@dataclasses.dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray


def cubes(x):
    return float(np.sum(x**3))


def after(result, action):
    """Return a result, having done something on the way."""
    action()
    return result


FILLS = {
    "fun": (gradcheck, lambda x: after(cubes(x), lambda: x.fill(0)), lambda x: 3 * x**2),
    "grad": (gradcheck, cubes, lambda x: after(3 * x**2, lambda: x.fill(0))),
    "fun of vjp": (vjpcheck, lambda x: after(x**3, lambda: x.fill(0)), lambda x, u: 3 * x**2 * u),
    "vjp": (vjpcheck, lambda x: x**3, lambda x, u: after(3 * x**2 * u, lambda: x.fill(0))),
    "the cotangent": (vjpcheck, lambda x: x**3, lambda x, u: after(3 * x**2 * u, lambda: u.fill(0))),
    "fun of jvp": (jvpcheck, lambda x: after(x**3, lambda: x.fill(0)), lambda x, v: 3 * x**2 * v),
    "jvp": (jvpcheck, lambda x: x**3, lambda x, v: after(3 * x**2 * v, lambda: x.fill(0))),
    "the tangent": (jvpcheck, lambda x: x**3, lambda x, v: after(3 * x**2 * v, lambda: v.fill(0))),
    "jac": (jaccheck, lambda x: x**3, lambda x: after(np.diag(3 * x**2), lambda: x.fill(0))),
    "hvp": (hvpcheck, lambda x: x**3, lambda x, v: after(3 * x**2 * v, lambda: x.fill(0))),
    "v of hvp": (hvpcheck, lambda x: x**3, lambda x, v: after(3 * x**2 * v, lambda: v.fill(0))),
}


@pytest.mark.parametrize("who", FILLS)
def test_an_array_that_was_changed_is_named(who):
    check, fun, derivative = FILLS[who]
    with pytest.raises(InputMutated, match=r"changed (its input|the (co)?tangent it was given): \w+.*0\]"):
        check(fun, derivative, X)


@pytest.mark.parametrize("who", FILLS)
def test_and_one_that_was_read_is_not(who):
    check, fun, derivative = FILLS[who]
    assert check(lambda x: fun(x.copy()), lambda *given: derivative(*(a.copy() for a in given)), X)


@pytest.mark.parametrize(
    "action",
    [lambda x: x.resize(2, refcheck=False), lambda x: x.resize((3, 1), refcheck=False)],
)
def test_another_shape_is_named(action):
    with pytest.raises(InputMutated, match=r"fun changed its input: x0 had the shape \(3,\) and has \("):
        gradcheck(lambda x: after(cubes(x), lambda: action(x)), lambda x: 3 * x**2, X)


CONTAINERS = {
    "taken out": ({"W": X, "b": X}, lambda p: p.pop("W")),
    "bound anew": ({"W": X, "b": X}, lambda p: p.update(W=2 * p["W"])),
    "replaced in a list": ([X, X], lambda p: p.__setitem__(0, p[0] + 1)),
    "removed from a list": ([X, X], lambda p: p.pop()),
    "a field bound anew": (Layer(X, X), lambda p: setattr(p, "W", 2 * p.W)),
    "deeper down": ({"net": [X, {"b": X}]}, lambda p: p["net"][1].clear()),
}


def arrays(p):
    if isinstance(p, np.ndarray):
        return [p]
    children = [p.W, p.b] if isinstance(p, Layer) else p.values() if isinstance(p, dict) else p
    return [leaf for child in children for leaf in arrays(child)]


def triple(p):
    if isinstance(p, np.ndarray):
        return 3 * p**2
    if isinstance(p, Layer):
        return Layer(triple(p.W), triple(p.b))
    return {k: triple(v) for k, v in p.items()} if isinstance(p, dict) else [triple(v) for v in p]


@pytest.mark.parametrize("how", CONTAINERS)
def test_an_array_that_is_not_there_afterwards_is_named(how):
    x0, action = CONTAINERS[how]

    def fun(p):
        return sum(cubes(leaf) for leaf in arrays(p))

    assert gradcheck(fun, triple, x0)
    with pytest.raises(InputMutated, match=r"fun changed its input: the array that was at .* is not there"):
        gradcheck(lambda p: after(fun(p), lambda: action(p)), triple, x0)


def test_a_key_that_is_added_leaves_the_point_as_it_was():
    def fun(p):
        p["cache"] = p["W"] ** 2
        return float(np.sum(p["cache"] * p["W"]))

    assert gradcheck(fun, lambda p: {"W": 3 * p["W"] ** 2}, {"W": X})
