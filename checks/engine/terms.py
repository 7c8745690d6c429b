"""Guesses made of yours and of functions of the parameters: what was added too little, or not multiplied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from checks.engine.examination import Examination, LeafExamination
from checks.engine.fitting import NICE, coefficients, fits, nice, times


def missing_terms(examination: Examination, found: LeafExamination) -> Iterator[str]:
    """Yield what must be added to this gradient to make it right: a penalty, a constant."""
    g = examination.gradient[found.leaf].astype(np.float64)
    x = examination.point[found.leaf].astype(np.float64)
    same = bool(np.all(x == x.flat[0]))  # then every term that is linear in the parameters is a constant
    with np.errstate(all="ignore"):
        terms = {
            "times the parameters": x,
            "in each entry": np.ones_like(x),
            "times the signs of the parameters": np.sign(x),
            "times 1/x": 1 / x,
            "times exp(x)": np.exp(x),
            "times the squares of the parameters": x * x,
        }
    for named, term in terms.items():
        if same and named != "in each entry":
            continue
        c = coefficients(found, [term], beside=g)
        if c is not None:
            yield _about_term(c[0], named)
    if same:
        return
    for named in ("times the parameters", "in each entry", "times the signs of the parameters"):
        c = coefficients(found, [g, terms[named]])
        if c is not None and nice(c[0]):
            told = f"is right only when it is taken {times(c[0])} and {c[1]:.6g} {named} is added"
            yield f"{told}: a factor on part of the terms, the penalty perhaps left out of it"
    c = coefficients(found, [terms["times the signs of the parameters"], x], beside=g)
    if c is not None:
        lasso, ridge = (
            _lacks(k, named) for k, named in zip(c, ("times the signs", "times the parameters"), strict=True)
        )
        yield f"{lasso}, and {ridge}: one penalty (L1, weight decay) in the place of another"


def _lacks(c: float, named: str) -> str:
    return f"lacks {c:.6g} {named}" if c > 0 else f"has {-c:.6g} {named} too much"


def _about_term(c: float, named: str) -> str:
    told = _lacks(c, named)
    if named not in ("times the parameters", "times the signs of the parameters"):
        return told
    penalty = "weight decay" if named == "times the parameters" else "L1"
    which = "that fun has and grad has not, or not as fun has it" if c > 0 else "not as fun has it"
    return f"{told}: a penalty ({penalty}) {which}"


def factors(examination: Examination, found: LeafExamination, paths: Sequence[str]) -> Iterator[str]:
    """Yield by what each entry must be multiplied: a derivative within the chain, another leaf."""
    g = examination.gradient[found.leaf].astype(np.float64)
    x = examination.point[found.leaf].astype(np.float64)
    if np.all(x == x.flat[0]):
        return
    with np.errstate(all="ignore"):
        a = 1 / (1 + np.exp(-x))
        e = np.exp(x - x.max())
        inner = {
            "x": x, "1/x": 1 / x, "exp(x)": np.exp(x), "exp(-x)": np.exp(-x), "exp(2x)": np.exp(2 * x),
            "exp(-2x)": np.exp(-2 * x), "x^2": x * x, "1/x^2": 1 / (x * x), "sigmoid(x)": a,
            "softmax(x)": e / e.sum(axis=-1, keepdims=True),
            "the derivative of sigmoid(x)": a * (1 - a), "the derivative of tanh(x)": 1 / np.cosh(x) ** 2,
            "1/sigmoid(x)": 1 / a, "the inverse of the derivative of sigmoid(x)": 1 / (a * (1 - a)),
            "the inverse of the derivative of tanh(x)": np.cosh(x) ** 2,
        }  # fmt: skip
    for named, factor in inner.items():
        c = coefficients(found, [g * factor])
        if c is not None and (abs(c[0] - 1) <= NICE or nice(c[0])):
            amount = "" if abs(c[0] - 1) <= NICE else f"{times(c[0])} "
            yield (
                f"must be multiplied by {amount}{named}, entry by entry, x being the parameter: as if a "
                "parameter that fun transforms (a logarithm, a square) were differentiated after that"
            )
    for other, theirs in enumerate(examination.point):
        if other == found.leaf or theirs.size < 2:
            continue
        for axis, length in enumerate(g.shape):
            if theirs.size != length or (g.ndim > 1 and g.size == length):
                continue
            row = theirs.astype(np.float64).reshape([-1 if a == axis else 1 for a in range(g.ndim)])
            with np.errstate(all="ignore"):
                of_another = {"": row, "1/": 1 / row, "exp of ": np.exp(row), "exp of minus ": np.exp(-row)}
            for told, factor in of_another.items():
                if np.isfinite(factor).all() and fits(found, g * factor):
                    yield (
                        f"must be multiplied by {told}{paths[other]} along axis {axis}: fun has that factor, "
                        "and grad has not"
                    )
