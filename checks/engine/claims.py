"""Guesses of the right gradient that cost nothing: put to the slopes already measured.

Most mistakes say what the right gradient is, given yours: its transpose, its negative, another leaf's.
One that reproduces the slopes along K random directions to their error is not there by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from checks.engine.examination import Examination, LeafExamination
from checks.engine.fitting import NICE, coefficients, fits, nice, reproduces, sharpness, times
from checks.engine.leaves import Array
from checks.engine.owed import in_float32
from checks.engine.terms import factors, missing_terms
from checks.engine.verdict import Probe

MOST = 0.5  # of the entries
MOST_BLOCKS = 4  # gates stacked in one array


@dataclass(frozen=True, slots=True)
class Claim:
    """A kind of mistake, and the rest of a sentence that begins with the leaf."""

    kind: str
    text: str


def claims(examination: Examination, found: LeafExamination, paths: Sequence[str]) -> Iterator[Claim]:
    """Yield what explains the whole leaf, the simplest first."""
    g = examination.gradient[found.leaf]
    if not np.any(g):
        yield Claim(
            "zero", "is zero although fun moves: a missing contribution, or a buffer that was never filled"
        )
        return
    if _is_rounded_to_float32(g, found):
        yield Claim(
            "float32",
            "is right to about seven digits only, and every entry is a float32: it was computed in float32",
        )
        return
    factor = _factor(found)
    if factor is not None:
        yield _factor_claim(factor)
    yield from _transposed(g, found)
    yield from _permuted(g, found)
    yield from _anothers(examination, found, paths)
    for told in missing_terms(examination, found):
        yield Claim("missing term", told)
    for told in factors(examination, found, paths):
        yield Claim("factors", told)
    yield from _triangles(g, found)


# -- one number is wrong ---------------------------------------------------------------------------


def _factor(found: LeafExamination) -> float | None:
    """Return c where the right gradient is c times this one."""
    analytic = np.array([seen.analytic for seen in found.probes])
    numerical = np.array([seen.estimate.value for seen in found.probes])
    squares = float(analytic @ analytic)
    if squares == 0:
        return None
    weight = sharpness(found) ** 2
    c = float(analytic @ (weight * numerical)) / float(analytic @ (weight * analytic))
    if abs(c) < 1e-9 or not reproduces(found, [c * a for a in analytic]):
        return None
    if abs(c - 1) * math.sqrt(squares) <= 4 * max(seen.bound for seen in found.probes):
        return None  # 1, to the error of the slopes: not a factor at all
    return c if len(found.probes) > 1 or nice(c) else None


def _factor_claim(c: float) -> Claim:
    if abs(c + 1) < 1e-6:
        return Claim("sign", "has the wrong sign")
    mine = 1 / c
    told = f"is {times(mine)} the right one"
    written = nice(mine)
    if mine < 0:
        return Claim("factor", told)
    if written in ("2", "1/2"):
        told += ": a factor 2 of a square, perhaps, or a 1/2 of a loss"
    elif written and mine > 1:
        told += f": a sum where fun takes the mean of {written}"
    elif written:
        told += f": a mean of {written[2:]} where fun takes the sum, or a division too many"
    return Claim("factor", told)


def _is_rounded_to_float32(g: Array, found: LeafExamination) -> bool:
    small = all(abs(seen.residual) <= 1e-4 * max(found.norm, abs(seen.analytic)) for seen in found.probes)
    return small and in_float32(g) and not _in_few_digits(g)


def _in_few_digits(g: Array) -> bool:
    """Whether most entries are whole, halves or the like, which are a float32 whatever computed them."""
    some = g[g != 0]
    with np.errstate(over="ignore"):
        return bool(np.mean(some.astype(np.float16).astype(g.dtype) == some) > MOST)


# -- the right numbers in the wrong places ---------------------------------------------------------


def _transposed(g: Array, found: LeafExamination) -> Iterator[Claim]:
    if g.ndim < 2:
        return
    if g.ndim == 2 and g.shape[0] == g.shape[1] and fits(found, g.T):
        yield Claim("transposed", "is the transpose of the right gradient")
    elif fits(found, g.reshape(g.shape[::-1]).T):
        yield Claim(
            "transposed",
            "holds the right numbers in the other memory order: a transpose was dropped, or a reshape "
            "put in its place",
        )
    if g.ndim == 2:
        return
    for a, b in combinations(range(g.ndim), 2):
        if g.shape[a] == g.shape[b] > 1 and fits(found, np.swapaxes(g, a, b)):
            yield Claim("transposed", f"is the right gradient with axes {a} and {b} exchanged")
    if fits(found, np.flip(g, (-2, -1))):
        yield Claim("permuted", "is the right gradient reversed along its last two axes")


def _permuted(g: Array, found: LeafExamination) -> Iterator[Claim]:
    for axis, length in enumerate(g.shape):
        if fits(found, np.flip(g, axis)):
            yield Claim("permuted", f"is the right gradient reversed along axis {axis}")
        for shift in (1, -1):
            if length > 2 and fits(found, np.roll(g, shift, axis)):
                yield Claim("permuted", f"is the right gradient shifted by one along axis {axis}")
        for count in range(2, MOST_BLOCKS + 1):
            if length % count or length == count:
                continue
            blocks = np.split(g, count, axis)
            for order in permutations(range(count)):
                if order != tuple(range(count)) and fits(
                    found, np.concatenate([blocks[i] for i in order], axis)
                ):
                    yield Claim(
                        "permuted",
                        f"is the right gradient with its {count} blocks along axis {axis} in another order "
                        f"(the right one is blocks {', '.join(map(str, order))} of yours)",
                    )


def _anothers(examination: Examination, found: LeafExamination, paths: Sequence[str]) -> Iterator[Claim]:
    g = examination.gradient[found.leaf]
    shape = g.shape
    for other, theirs in enumerate(examination.gradient):
        if other == found.leaf or theirs.size != math.prod(shape) or not np.any(theirs):
            continue
        if fits(found, theirs.reshape(shape)) or (theirs.ndim == 2 and fits(found, theirs.T.reshape(shape))):
            yield Claim(
                "another leaf", f"is not its own: the gradient returned for {paths[other]} belongs here"
            )
        right = not any(seen.wrong for seen in _probes_of(examination, other))
        if right and g.size > 1 and np.array_equal(theirs.ravel(), g.ravel()):
            yield Claim(
                "another leaf", f"is not its own: it is the gradient of {paths[other]}, entry for entry"
            )


def _probes_of(examination: Examination, leaf: int) -> Sequence[Probe]:
    return next((each.probes for each in examination.leaves if each.leaf == leaf), ())


def _triangles(g: Array, found: LeafExamination) -> Iterator[Claim]:
    """Parts of a square matrix that have a factor each: below the diagonal, on it, and above."""
    if g.ndim != 2 or g.shape[0] != g.shape[1]:
        return
    parts = {
        "below the diagonal": np.tril(g, -1),
        "on the diagonal": np.diag(np.diag(g)),
        "above the diagonal": np.triu(g, 1),
    }
    parts = {where: part for where, part in parts.items() if np.any(part)}
    c = coefficients(found, list(parts.values()))
    if c is None:
        return
    told = []
    for where, factor in zip(parts, c, strict=True):
        if abs(factor) <= NICE:
            told.append(f"is not zero {where}, where fun does not move")
        elif abs(factor - 1) > NICE:
            told.append(f"is {times(1 / factor)} the right one {where}")
    if told and all(abs(factor) <= NICE or abs(factor - 1) <= NICE or nice(factor) for factor in c):
        yield Claim("entries", " and ".join(told) + (" and is right elsewhere" if len(told) < len(c) else ""))
