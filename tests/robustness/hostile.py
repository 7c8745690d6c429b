"""What user code may do to a checker: points, results and behaviours, each with its name.

The names are what a failing example shows. Each value is made anew by a call, so that nothing leaks from one
example to the next.
"""

import warnings
from collections import OrderedDict, UserDict, defaultdict
from decimal import Decimal
from fractions import Fraction

import numpy as np


class Own(Exception):  # noqa: N818 - named as a user might
    """An exception of the user's own."""


class Lying:
    """Says that it is an array of three, and is not."""

    shape, dtype, ndim, size = (3,), np.dtype(float), 1, 3

    def __init__(self, made):
        self.made = made

    def __array__(self, dtype=None, copy=None):
        return self.made()

    def __len__(self):
        return 3


class Refuses:
    """Has an __array__, which raises."""

    def __array__(self, dtype=None, copy=None):
        raise Own("no array here")


class Sparse:
    """Like a SciPy matrix: a shape, a toarray(), and no __array__."""

    shape, ndim = (3,), 1

    def toarray(self):
        return np.ones(3)


class Scalar:
    """A number to float(), and nothing else."""

    def __float__(self):
        return 1.0


class Shuffled(UserDict):
    """A mapping whose order changes whenever it is walked."""

    def __iter__(self):
        self.data = dict(reversed(self.data.items()))
        return iter(self.data)


class Awkward(np.ndarray):
    """An array whose methods are of no use."""

    def max(self, *arguments, **keywords):
        raise Own("no maximum")

    def copy(self, *arguments, **keywords):
        raise Own("no copy")


class TwoOf(list):
    """A list that is not made as lists are."""

    def __init__(self, item):
        super().__init__([item, item])


def generator():
    """Yield, once."""
    yield 1.0


def circular() -> list:
    """A list that holds itself."""
    found: list = [np.ones(3)]
    found.append(found)
    return found


def nested(depth: int) -> list:
    """A list in a list in a list."""
    found: list = [np.ones(3)]
    for _ in range(depth):
        found = [found]
    return found


POINTS = {
    "three": lambda: np.array([0.5, -1.5, 2.0]),
    "a dict": lambda: {"W": np.full((2, 2), 0.3), "b": np.array([1.0, 2.0])},
    "a tuple with a float": lambda: (np.ones(2), 0.25),
    "an ordered dict": lambda: OrderedDict(b=np.ones(2), a=np.ones(1)),
    "a shuffled mapping": lambda: Shuffled(W=np.ones(2), b=np.full(2, 3.0), c=np.ones(1)),
    "none beside an array": lambda: {"W": np.ones(2), "b": None},
    "a 0-d array": lambda: np.array(1.5),
    "a float": lambda: 1.5,
    "empty": lambda: np.zeros(0),
    "an empty leaf": lambda: [np.zeros((0, 3)), np.ones(2)],
    "an empty dict": dict,
    "twelve": lambda: np.linspace(-1, 1, 12),
    "zeros": lambda: np.zeros(3),
    "negative zeros": lambda: -np.zeros(3),
    "float32": lambda: np.ones(3, np.float32),
    "longdouble": lambda: np.ones(3, np.longdouble),
    "float16": lambda: np.ones(3, np.float16),
    "integers": lambda: np.ones(3, int),
    "booleans": lambda: np.ones(3, bool),
    "complex": lambda: np.ones(3, complex),
    "objects": lambda: np.array([1.0, 2.0, 3.0], object),
    "strings": lambda: np.array(["a", "b"]),
    "dates": lambda: np.array(["2020-01-01"], "M8[D]"),
    "records": lambda: np.ones(3, [("a", float)]),
    "nan": lambda: np.array([1.0, np.nan, 1.0]),
    "infinity": lambda: np.array([1.0, np.inf, 1.0]),
    "big-endian": lambda: np.ones(3, ">f8"),
    "strided": lambda: np.arange(12.0)[::-2],
    "a broadcast view": lambda: np.broadcast_to(np.array(1.0), (3,)),
    "Fortran order": lambda: np.asfortranarray(np.ones((2, 3))),
    "a generator": generator,
    "a set": lambda: {1.0, 2.0},
    "a string": lambda: "x0",
    "none": lambda: None,
    "lying": lambda: Lying(lambda: np.ones(3)),
    "sparse": Sparse,
    "deeply nested": lambda: nested(50),
    "far too deeply nested": lambda: nested(2000),
    "a circle": circular,
    "masked": lambda: np.ma.array([0.5, -1.5, 2.0], mask=[0, 1, 0]),
    "masked nowhere": lambda: np.ma.array([0.5, -1.5, 2.0]),
    "a subclass": lambda: np.ones(3).view(Awkward),
    "an integer too large": lambda: [np.ones(3), 10**400],
    "a defaultdict": lambda: defaultdict(list, W=np.ones(2)),
    "a list with a constructor of its own": lambda: TwoOf(np.ones(3)),
}

NUMBERS = {
    "a float": lambda: 1.25,
    "numpy's": lambda: np.float64(1.25),
    "0-d": lambda: np.array(1.25),
    "shape (1,)": lambda: np.array([1.25]),
    "shape (3,)": lambda: np.ones(3),
    "an integer": lambda: 3,
    "a boolean": lambda: True,
    "float32": lambda: np.float32(1.25),
    "float16": lambda: np.float16(1.25),
    "complex": lambda: 1 + 2j,
    "nan": lambda: np.nan,
    "zero": lambda: 0.0,
    "a fraction": lambda: Fraction(1, 3),
    "a decimal": lambda: Decimal("1.25"),
    "a string": lambda: "1.25",
    "none": lambda: None,
    "a pair": lambda: (1.25, np.ones(3)),
    "an empty list": list,
    "a generator": generator,
    "a scalar object": Scalar,
    "a date": lambda: np.datetime64("2020-01-01"),
    "an object array": lambda: np.array(1.25, object),
    "lying": lambda: Lying(lambda: np.ones(3)),
    "lying of its shape": lambda: Lying(lambda: np.ones((2, 2))),
    "refusing": Refuses,
    "sparse": Sparse,
    "a function": lambda: print,
    "a type": lambda: float,
    "a huge integer": lambda: 10**400,
    "masked": lambda: np.ma.masked,
    "longdouble": lambda: np.longdouble("1e4000"),
}

ARRAYS = {
    **{name: made for name, made in NUMBERS.items() if name != "a pair"},
    "right in shape": lambda: np.ones(3),
    "integers": lambda: np.ones(3, int),
    "booleans": lambda: np.ones(3, bool),
    "objects": lambda: np.array([1.0, 2.0, 3.0], object),
    "objects of objects": lambda: np.array([None, "a", 3.0], object),
    "complex array": lambda: np.ones(3, complex),
    "float16 array": lambda: np.ones(3, np.float16),
    "a list": lambda: [1.0, 2.0, 3.0],
    "nan inside": lambda: np.array([1.0, np.nan, 1.0]),
    "infinity inside": lambda: np.array([1.0, np.inf, 1.0]),
    "zeros": lambda: np.zeros(3),
    "column": lambda: np.ones((3, 1)),
    "matrix": lambda: np.ones((3, 3)),
    "empty": lambda: np.zeros(0),
    "0 x 3": lambda: np.zeros((0, 3)),
    "a dict": lambda: {"W": np.ones((2, 2)), "b": np.ones(2)},
    "a dict in another order": lambda: {"b": np.ones(2), "W": np.ones((2, 2))},
    "a dict with a key too many": lambda: {"b": np.ones(2), "W": np.ones((2, 2)), "c": 1.0},
    "a set": lambda: {1.0},
    "strings": lambda: np.array(["a", "b", "c"]),
    "records": lambda: np.ones(3, [("a", float)]),
    "read-only": lambda: np.broadcast_to(np.array(1.0), (3,)),
    "ragged": lambda: [[1.0], [1.0, 2.0], 3.0],
    "huge integers": lambda: [10**400] * 3,
    "masked array": lambda: np.ma.array(np.ones(3), mask=[0, 1, 0]),
    "a circle": circular,
    "a subclass": lambda: np.ones(3).view(Awkward),
}


def leaves(x) -> list:
    """The arrays in a point, whatever holds them."""
    if isinstance(x, dict | UserDict):
        return [leaf for child in list(x.values()) for leaf in leaves(child)]
    if isinstance(x, list | tuple):
        return [leaf for child in x for leaf in leaves(child)]
    return [] if x is None else [x]


def total(f, x):
    """The sum of f over all entries."""
    found = 0.0
    for leaf in leaves(x):
        found = found + np.sum(f(leaf))
    return found


def mapped(f, x):
    """F of each leaf, in the structure of x."""
    if isinstance(x, dict | UserDict):
        return {key: mapped(f, child) for key, child in list(x.items())}
    if isinstance(x, list | tuple):
        return type(x)(mapped(f, child) for child in x)
    return None if x is None else f(x)


def fails_from(call: int, error):
    """A function that begins to raise."""
    calls = 0

    def fun(x, *rest):
        nonlocal calls
        calls += 1
        if calls >= call:
            raise error
        return total(lambda leaf: leaf**2, x)

    return fun


def changes_its_mind(first, then, after: int):
    """A function that gives one kind of result and later another."""
    calls = 0

    def fun(x, *rest):
        nonlocal calls
        calls += 1
        return first() if calls <= after else then()

    return fun


def recursive(x, *rest):
    """Never ends."""
    return recursive(x, *rest)


def mutates(x, *rest):
    """Changes what it was given."""
    for leaf in leaves(x):
        if isinstance(leaf, np.ndarray):
            leaf += 1
    return total(lambda leaf: leaf**2, x)


def warns(x, *rest):
    """Gives a warning of the user's own."""
    warnings.warn("a warning of the user's", UserWarning, stacklevel=2)
    return total(lambda leaf: leaf**2, x)


def forgets_errstate(x, *rest):
    """Makes NumPy raise, and leaves it so."""
    np.seterr(all="raise")
    return total(lambda leaf: leaf**2, x)


def resizes(x, *rest):
    """Changes the shape of what it was given."""
    found = total(lambda leaf: leaf**2, x)
    for leaf in leaves(x):
        if isinstance(leaf, np.ndarray) and leaf.ndim:
            leaf.resize((*leaf.shape, 1), refcheck=False)
    return found


def empties(x, *rest):
    """Takes the leaves out of what it was given."""
    found = total(lambda leaf: leaf**2, x)
    if isinstance(x, dict | UserDict | list):
        x.clear()
    return found


class Random:
    """Another answer at every call."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __call__(self, x, *rest):
        return total(lambda leaf: leaf**2, x) + self.rng.standard_normal()


BEHAVIOURS = {
    "squares": lambda: lambda x, *rest: total(lambda leaf: leaf**2, x),
    "exponentials": lambda: lambda x, *rest: total(np.exp, x),
    "logarithms": lambda: lambda x, *rest: total(np.log, x),
    "roots": lambda: lambda x, *rest: total(np.sqrt, x),
    "magnitudes": lambda: lambda x, *rest: total(np.abs, x),
    "steps": lambda: lambda x, *rest: total(np.floor, x),
    "reciprocals": lambda: lambda x, *rest: total(lambda leaf: 1 / leaf, x),
    "cast to float16": lambda: lambda x, *rest: total(lambda leaf: np.float16(np.sum(leaf)), x),
    "its dtype": lambda: lambda x, *rest: total(lambda leaf: leaf**2, x).astype(np.float32),
    "raises at once": lambda: fails_from(1, Own("at once")),
    "raises later": lambda: fails_from(4, Own("later")),
    "raises IndexError later": lambda: fails_from(4, IndexError("the user's")),
    "raises AttributeError later": lambda: fails_from(9, AttributeError("the user's")),
    "raises ZeroDivisionError later": lambda: fails_from(4, ZeroDivisionError("the user's")),
    "raises FloatingPointError at once": lambda: fails_from(1, FloatingPointError("the user's")),
    "raises StopIteration later": lambda: fails_from(4, StopIteration("the user's")),
    "raises an AssertionError later": lambda: fails_from(4, AssertionError("the user's")),
    "raises MemoryError later": lambda: fails_from(4, MemoryError("the user's")),
    "recurses": lambda: recursive,
    "mutates": lambda: mutates,
    "resizes": lambda: resizes,
    "empties": lambda: empties,
    "takes no argument": lambda: lambda: 1.0,
    "warns": lambda: warns,
    "makes NumPy raise": lambda: forgets_errstate,
    "random": Random,
}

EXTREME_POINTS = {
    "denormal": lambda: np.full(3, 5e-324),
    "tiny": lambda: np.full(3, 1e-300),
    "huge": lambda: np.full(3, 1e300),
    "the largest": lambda: np.full(3, np.finfo(float).max),
    "of all sizes": lambda: np.array([1e-200, 1.0, 1e200]),
    "float32, huge": lambda: np.full(3, 3e38, np.float32),
    "longdouble, huge": lambda: np.full(3, np.finfo(np.longdouble).max),
}

EXTREME_NUMBERS = {
    "denormal": lambda: 5e-324,
    "the largest": lambda: np.finfo(float).max,
    "infinity": lambda: np.inf,
}

EXTREME_ARRAYS = {
    "of the largest": lambda: np.full(3, np.finfo(float).max),
    "of denormals": lambda: np.full(3, 5e-324),
}

EXTREME_BEHAVIOURS = {
    "times 1e300": lambda: lambda x, *rest: 1e300 * total(lambda leaf: leaf**2, x),
    "times 1e-300": lambda: lambda x, *rest: 1e-300 * total(lambda leaf: leaf**2, x),
}
