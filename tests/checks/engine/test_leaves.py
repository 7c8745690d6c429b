"""What may be a leaf, what may be its gradient, and that user code gets its own kind back."""

import re
import warnings

import numpy as np
import pytest

from checks import GradientMismatch, gradcheck, hvpcheck, jaccheck, vjpcheck

X = np.array([0.5, -1.5, 2.0])
MASKED = np.ma.array(X, mask=[False, True, False])


def squares(x):
    return float(np.sum(np.asarray(x) ** 2))


def twice(x):
    return 2 * np.asarray(x)


class Named(np.ndarray):
    """An array with a name, which survives in views and copies only."""

    name = "none"

    def __array_finalize__(self, other):
        self.name = getattr(other, "name", "none")


class Hostile(np.ndarray):
    """An array that is no good for arithmetic."""

    def __array_ufunc__(self, *arguments, **keywords):
        raise RuntimeError("not mine")

    def max(self, *arguments, **keywords):
        raise RuntimeError("not mine")

    def copy(self, *arguments, **keywords):
        raise RuntimeError("not mine")


@pytest.mark.parametrize(
    ("check", "arguments", "words"),
    [
        (gradcheck, (squares, twice, MASKED), "x0 is a masked array.*filled"),
        (gradcheck, (squares, lambda x: np.ma.array(2 * x), X), "the result of grad for x0 is a masked"),
        (gradcheck, (lambda x: np.ma.masked, twice, X), "fun must return a real scalar; got a masked one"),
        (hvpcheck, (twice, lambda x, v: np.ma.array(2 * v), X), "the result of hvp for x0 is a masked"),
        (vjpcheck, (lambda x: np.ma.array(x), lambda x, u: u, X), r"fun\(x0\) is a masked"),
        (jaccheck, (twice, lambda x: np.ma.array(2 * np.eye(3)), X), "the result of jac for x0 is a masked"),
    ],
)
def test_a_masked_array_is_refused_wherever_it_comes_from(check, arguments, words):
    with pytest.raises(TypeError, match=words):
        check(*arguments)


@pytest.mark.parametrize(
    ("check", "words"),
    [(gradcheck, "the result of grad"), (jaccheck, "the result of jac")],
)
def test_a_ragged_result_is_named(check, words):
    fun = squares if check is gradcheck else twice
    with pytest.raises(TypeError, match=rf"{words} must be an array of shape .* for x0; got list"):
        check(fun, lambda x: [[1.0], [1.0, 2.0], 3.0], X)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((lambda x: 10**400, twice, X), ValueError, "fun .* an integer too large for a float"),
        ((squares, lambda x: [10**400] * 3, X), TypeError, "the result of grad .*dtype object, of int"),
        ((squares, twice, [X, 10**400]), TypeError, r"x0\[1\] must be floating-point; got the int too large"),
        ((squares, twice, None), TypeError, "x0 must be an array.*None"),
        ((lambda p: sum(p), lambda p: np.ones(2), [1.0, 2.0]), TypeError, r"make x0 one array: np\.array"),
    ],
)
def test_what_is_no_number_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        gradcheck(*arguments)


def in_memory_order(leaf):
    """A function that depends on how its argument lies in memory, with its gradient."""
    weights = np.arange(1.0, leaf.size + 1)
    order = np.empty_like(leaf)
    order.ravel("K")[:] = weights
    return lambda x: float(x.ravel("K") @ weights), lambda x: order


@pytest.mark.parametrize(
    "x0",
    [
        np.asfortranarray(np.arange(1.0, 13.0).reshape(3, 4)),
        np.arange(1.0, 25.0).reshape(4, 2, 3).transpose(1, 0, 2),
    ],
)
@pytest.mark.parametrize("method", ["auto", "finite differences"])
def test_the_memory_order_is_that_of_x0_wherever_fun_is_asked(x0, method):
    fun, grad = in_memory_order(x0)
    assert gradcheck(fun, grad, x0, method=method)
    with pytest.raises(GradientMismatch):
        gradcheck(fun, lambda x: grad(x).T.reshape(x.shape), x0, method=method)


@pytest.mark.parametrize("dtype", [">f8", ">f4", "f4", "g"])
def test_so_is_the_dtype(dtype):
    seen = set()

    def fun(x):
        seen.add(x.dtype)
        return squares(x)

    gradcheck(fun, twice, np.ones(3, dtype), method="finite differences")
    assert seen == {np.dtype(dtype)}


def test_a_subclass_comes_back_with_its_attributes():
    x0 = X.view(Named)
    x0.name = "metres"
    names = set()

    def fun(x):
        names.add(getattr(x, "name", type(x)))
        return squares(x)

    assert gradcheck(fun, twice, x0, method="finite differences")
    assert names == {"metres"}


def test_a_subclass_that_is_no_good_for_arithmetic_does_not_get_in_the_way():
    assert gradcheck(squares, twice, X.view(Hostile), method="finite differences")
    assert gradcheck(squares, lambda x: twice(x).view(Hostile), X)
    with pytest.raises(GradientMismatch):
        gradcheck(squares, lambda x: (2.001 * np.asarray(x)).view(Hostile), X)


def test_a_matrix_is_multiplied_as_a_matrix():
    def fun(m):
        return float(np.trace(m * m))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        x0 = np.asmatrix(np.arange(1.0, 10.0).reshape(3, 3))
        assert gradcheck(fun, lambda m: 2 * m.T, x0)
        with pytest.raises(GradientMismatch):
            gradcheck(fun, lambda m: 2 * m, x0)


def test_a_function_that_cannot_be_called_so_is_named():
    with pytest.raises(TypeError, match=re.escape("grad cannot be called as grad(x): ")):
        gradcheck(squares, lambda: X, X)
    with pytest.raises(TypeError, match=re.escape("vjp cannot be called as vjp(x, v): ")):
        vjpcheck(twice, twice, X)


def test_and_a_type_error_from_within_is_left_alone():
    def grad(x):
        return len(3.0)

    with pytest.raises(TypeError, match=r"^object of type 'float' has no len\(\)$"):
        gradcheck(squares, grad, X)
