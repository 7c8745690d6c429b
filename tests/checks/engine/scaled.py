"""A right gradient of the campaign, and the same with one layer's weights times a factor."""

from __future__ import annotations


def check(problem, layer, factor, *, x0=None, **keywords):
    """Return the report on a problem whose gradient is wrong in W[layer] by this factor."""

    def grad(p):
        g = problem.grad(p)
        return {"W": {**g["W"], layer: factor * g["W"][layer]}, "b": g["b"]}

    return problem.check(
        problem.fun, grad, problem.x0 if x0 is None else x0, raise_exception=False, **keywords
    )
