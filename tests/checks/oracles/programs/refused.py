"""Programs that forward mode refuses: what leaves NumPy, or hides where a number came from."""

import math

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((3,), refused=True)
def writes_into_plain_zeros(x):
    out = np.zeros(3)
    out[:] = x**2
    return out.sum()


@program((3,), refused=True)
def fills_a_plain_array_by_entry(x):
    out = np.empty(3)
    for i in range(3):
        out[i] = x[i] ** 2
    return out.sum()


@program((3,), refused=True)
def adds_to_a_plain_array(x):
    out = np.zeros(3)
    out += x
    return out.sum()


@program((3,), refused=True)
def uses_math(x):
    return math.exp(x[0]) + math.sqrt(x[1])


@program((3,), refused=True)
def casts_to_float(x):
    return float((x**2).sum())


@program((3,), refused=True)
def takes_the_item(x):
    return (x**2).sum().item()


@program((3,), refused=True)
def asarray_of_float(x):
    return np.asarray(x, dtype=float).sum()


@program((3, 3), refused=True)
def object_array_to_solve(x):
    return np.linalg.solve(np.asarray(x), np.ones(3)).sum()


@program((3,), refused=True)
def hides_the_cast(x):
    try:
        return float(x[0]) + x.sum()
    except TypeError:
        return x.sum()


@program((3,), refused=True)
def roots_of_a_polynomial(c):
    return np.roots(c)[0].real


@program((3,), refused=True)
def plain_result_in_one_branch(x):
    return 3.0


@program((5,), refused=True)
def fsum_of_terms(x):
    return math.fsum(x)


@program((5,), refused=True)
def histogram_of_values(x):
    return np.histogram(x, bins=3)[1][1]


@program((5,), refused=True)
def from_iterator(x):
    return np.fromiter((v**2 for v in x), dtype=float).sum()


@program((4, 4), refused=True)
def iterates_with_nditer(x):
    return sum(v**2 for v in np.nditer(x))
