"""Optimisation's test functions."""

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((5,))
def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@program((5,))
def rosenbrock_by_loop(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


@program((2,))
def himmelblau(p):
    x, y = p
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


@program((4,), low=-2)
def rastrigin(x):
    return 10 * x.size + (x**2 - 10 * np.cos(2 * np.pi * x)).sum()


@program((4,), low=-2)
def ackley(x):
    return (
        -20 * np.exp(-0.2 * np.sqrt(0.5 * (x**2).mean())) - np.exp(np.cos(2 * np.pi * x).mean()) + 20 + np.e
    )


@program((2,))
def vector_residuals(p):
    t = np.linspace(0, 1, 5)
    return p[0] * np.exp(-p[1] * t) - np.cos(t)


@program((2,))
def residuals_by_array(p):
    return np.array([p[0] ** 2 - 1, p[0] * p[1], np.sin(p[1])])


@program((2,))
def residuals_by_list_comprehension(p):
    return np.array([p[0] * np.exp(-p[1] * t) for t in (0.0, 0.5, 1.0)])


@program((3,))
def barrier(x):
    return x.sum() - 0.1 * np.log(x).sum()


@program((3,))
def augmented_lagrangian(x):
    c = x[0] * x[1] - x[2]
    return x @ x + 0.5 * c + 10 * max(c, 0) ** 2


@program((6,))
def total_variation(x):
    return np.abs(np.diff(x)).sum()


@program((4, 4))
def quadratic_form_einsum(A):
    v = np.arange(4.0)
    return np.einsum("i,ij,j", v, A, v)
