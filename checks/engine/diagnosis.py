"""What kind of mistake it looks like, in words.

Most mistakes make a claim that can be tested without another look at fun: "the right gradient is
this array" (the transpose of yours, its negative, another leaf's). The claim is put to the slopes
already measured along K random directions; one that reproduces all of them to their error is not
there by chance. What fits nothing is "unknown": a wrong explanation costs more than none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from checks.engine.examination import Examination, LeafExamination, in_float32
from checks.engine.leaves import Array, entry_name
from checks.engine.localisation import Entry, Location, Measurements
from checks.oracles.noise import EPS

UNKNOWN = "unknown"
MOST = 0.5  # of the entries
CONVINCING = 1e-3  # a claim is believed when it reproduces the slopes at least this well, relatively


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A kind of mistake and a sentence about it.

    Attributes
    ----------
    kind : str
        ``sign``, ``factor``, ``zero``, ``transposed``, ``permuted``, ``another leaf``, ``missing term``,
        ``one sample``, ``activation derivative``, ``float32``, ``stale buffer``, ``entries`` or ``unknown``.
    text : str
        One or two sentences for a person.
    paths : tuple of str
        The leaves it is about.
    """

    kind: str
    text: str
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Claim:
    kind: str
    text: str


def claim(examination: Examination, found: LeafExamination, paths: Sequence[str]) -> Diagnosis | None:
    """Return what explains the whole leaf, judged by the slopes already measured; None if nothing does."""
    for explained in _claims(examination, found, paths):
        return Diagnosis(explained.kind, explained.text, (paths[found.leaf],))
    return None


def merged(diagnosis: Sequence[Diagnosis]) -> list[Diagnosis]:
    """Say once what is true of several leaves, and "unknown" only where nothing else is said."""
    merged: dict[tuple[str, str], list[str]] = {}
    for one in diagnosis:
        merged.setdefault((one.kind, one.text), []).extend(one.paths)
    said = [Diagnosis(kind, text, tuple(paths)) for (kind, text), paths in merged.items()]
    return [one for one in said if one.kind != UNKNOWN] or said


def _claims(examination: Examination, found: LeafExamination, paths: Sequence[str]) -> Iterator[_Claim]:
    g = examination.gradient[found.leaf]
    if not np.any(g):
        yield _Claim(
            "zero", "is zero although fun moves: a missing contribution, or a buffer that was never filled"
        )
        return
    if _is_rounded_to_float32(g, found):
        yield _Claim(
            "float32",
            "is right to about seven digits only, and every entry is a float32: it was computed in float32",
        )
        return
    factor = _factor(found)
    if factor is not None:
        yield _factor_claim(factor)
    fits = _fitting(found)
    if g.ndim >= 2:
        flipped = g.reshape(g.shape[::-1]).T
        if g.ndim == 2 and g.shape[0] == g.shape[1] and fits(g.T):
            yield _Claim("transposed", "is the transpose of the right gradient")
        elif fits(flipped):
            yield _Claim(
                "transposed",
                "holds the right numbers in the other memory order: a transpose was dropped, or a reshape "
                "put in its place",
            )
    if g.ndim > 2:
        for a, b in combinations(range(g.ndim), 2):
            if g.shape[a] == g.shape[b] > 1 and fits(np.swapaxes(g, a, b)):
                yield _Claim("transposed", f"is the right gradient with axes {a} and {b} exchanged")
        if fits(np.flip(g, (-2, -1))):
            yield _Claim("permuted", "is the right gradient reversed along its last two axes")
    for axis_number in range(g.ndim):
        if fits(np.flip(g, axis_number)):
            yield _Claim("permuted", f"is the right gradient reversed along axis {axis_number}")
        for shift in (1, -1):
            if g.shape[axis_number] > 2 and fits(np.roll(g, shift, axis_number)):
                yield _Claim("permuted", f"is the right gradient shifted by one along axis {axis_number}")
    for other, theirs in enumerate(examination.gradient):
        if other == found.leaf or theirs.size != g.size or not np.any(theirs):
            continue
        if fits(theirs.reshape(g.shape)) or (theirs.ndim == 2 and fits(theirs.T.reshape(g.shape))):
            yield _Claim(
                "another leaf", f"is not its own: the gradient returned for {paths[other]} belongs here"
            )
    decay = _multiple_of_parameters(examination, found)
    if decay is not None:
        yield _Claim("missing term", _about_penalty(decay, examination.point[found.leaf]))


def diagnose_location(
    examination: Examination, found: LeafExamination, location: Location, measure: Measurements
) -> Diagnosis:
    """Return what the wrong entries, once found, look like."""
    path = (measure.path,)
    entries = location.entries
    if len(entries) > 2 and _same_numbers(entries):
        return Diagnosis("permuted", "holds the right numbers in a wrong order", path)
    if location.extent in ("entry", "entries") and entries:
        return Diagnosis("entries", _about_entries(entries), path)
    if location.extent.startswith(("row", "column", "slice")):
        if all(entry.analytic == 0 for entry in entries):
            return Diagnosis(
                "zero",
                f"is zero throughout {location.extent} although fun moves: a missing contribution",
                path,
            )
        ratio = _common_ratio(entries)
        told = f"is wrong throughout {location.extent} and right elsewhere"
        return Diagnosis(
            "entries", told + (f"; there it is {_times(ratio)} the right one" if ratio else ""), path
        )
    g = measure.gradient
    if g.size <= 24 and g.size > 2:
        numerical = [measure.entry(i) for i in range(g.size)]
        if _same_numbers(numerical):
            return Diagnosis("permuted", "holds the right numbers in a wrong order", path)
    if g.ndim == 2 and min(g.shape) >= 2:
        if _one_sample(g, measure):
            return Diagnosis(
                "one sample",
                "has rank one and the right gradient has not: as if one sample (the last, perhaps) were "
                "counted instead of the batch, or a product of sums were taken for the sum of products",
                path,
            )
        along = _factor_per_row(g, measure)
        if along is not None:
            return Diagnosis(
                "activation derivative",
                f"is too large by a factor of its own in each {('row', 'column')[along]}: as if the "
                "activation's derivative f' were missing there, or taken at a, not at z, or another factor "
                f"that each {('row', 'column')[along]} has",
                path,
            )
    return Diagnosis(UNKNOWN, "is wrong in a way that fits none of the usual mistakes", path)


# -- claims about the whole leaf ---------------------------------------------------------------------


def _fitting(found: LeafExamination) -> Callable[[Array], bool]:
    """Return a test of whether an array, as the gradient, would reproduce every measured slope."""

    def fits(candidate: Array) -> bool:
        return _reproduces(
            found,
            [
                float(np.vdot(candidate.astype(np.float64), seen.direction.astype(np.float64)))
                for seen in found.probes
            ],
        )

    return fits


def _reproduces(found: LeafExamination, predicted: Sequence[float]) -> bool:
    size = math.hypot(*(seen.estimate.value for seen in found.probes))
    return all(
        abs(value - seen.estimate.value) <= 2 * seen.bound and seen.bound <= CONVINCING * size
        for value, seen in zip(predicted, found.probes, strict=True)
    )


def _factor(found: LeafExamination) -> float | None:
    """Return c where the right gradient is c times this one."""
    analytic = np.array([seen.analytic for seen in found.probes])
    numerical = np.array([seen.estimate.value for seen in found.probes])
    squares = float(analytic @ analytic)
    if squares == 0:
        return None
    c = float(analytic @ numerical) / squares
    if abs(c) < 1e-9 or not _reproduces(found, [c * a for a in analytic]):
        return None
    if abs(c - 1) * math.sqrt(squares) <= 4 * max(seen.bound for seen in found.probes):
        return None  # 1, to the error of the slopes: not a factor at all
    return c if len(found.probes) > 1 or _nice(c) else None


def _nice(c: float) -> str:
    """Return |c| as a person would write it, if a person would have written it; 1 is no factor."""
    size = abs(c)
    if abs(c - 1) <= 1e-6:
        return ""
    for value, inverse in ((size, False), (1 / size, True)):
        nearest = round(value)
        if 1 <= nearest <= 10**6 and abs(value - nearest) <= 1e-6 * nearest:
            return f"1/{nearest}" if inverse and nearest > 1 else str(nearest)
    return ""


def _times(c: float) -> str:
    digits = 6 if abs(c - 1) > 1e-4 else 3 - math.floor(math.log10(abs(c - 1) or EPS))
    return f"{'-' if c < 0 else ''}{_nice(c) or f'{abs(c):.{digits}g}'} times"


def _factor_claim(c: float) -> _Claim:
    if abs(c + 1) < 1e-6:
        return _Claim("sign", "has the wrong sign")
    mine = 1 / c
    told = f"is {_times(mine)} the right one"
    nice = _nice(mine)
    if mine < 0:
        return _Claim("factor", told)
    if nice in ("2", "1/2"):
        told += ": a factor 2 of a square, perhaps, or a 1/2 of a loss"
    elif nice and mine > 1:
        told += f": a sum where fun takes the mean of {nice}"
    elif nice:
        told += f": a mean of {nice[2:]} where fun takes the sum, or a division too many"
    return _Claim("factor", told)


def _is_rounded_to_float32(g: Array, found: LeafExamination) -> bool:
    small = all(abs(seen.residual) <= 1e-4 * max(found.norm, abs(seen.analytic)) for seen in found.probes)
    return small and in_float32(g) and not _in_few_digits(g)


def _in_few_digits(g: Array) -> bool:
    """Whether most entries are whole, halves or the like, which are a float32 whatever computed them."""
    some = g[g != 0]
    with np.errstate(over="ignore"):
        return bool(np.mean(some.astype(np.float16).astype(g.dtype) == some) > MOST)


def _about_penalty(decay: float, x: Array) -> str:
    told, amount = "times the parameters", decay
    if np.all(x == x.flat[0]):  # then every term that is linear in the parameters looks like a penalty
        told, amount = "in each entry", decay * float(x.flat[0])
    told = f"lacks {amount:.6g} {told}" if amount > 0 else f"has {-amount:.6g} {told} too much"
    if "parameters" not in told:
        return told
    which = "that fun has and grad has not, or not as fun has it" if amount > 0 else "not as fun has it"
    return f"{told}: a penalty (weight decay) {which}"


def _multiple_of_parameters(examination: Examination, found: LeafExamination) -> float | None:
    x = examination.point[found.leaf].astype(np.float64)
    along = np.array([float(np.vdot(x, seen.direction)) for seen in found.probes])
    missing = np.array([-seen.residual for seen in found.probes])
    squares = float(along @ along)
    if squares == 0 or len(found.probes) < 2:
        return None
    factor = float(along @ missing) / squares
    explained = [seen.analytic + factor * a for seen, a in zip(found.probes, along, strict=True)]
    convincing = all(seen.bound <= 0.1 * abs(float(m)) for seen, m in zip(found.probes, missing, strict=True))
    return factor if convincing and _reproduces(found, explained) else None


# -- claims that need single entries -----------------------------------------------------------------


def _about_entries(entries: Sequence[Entry]) -> str:
    names = ", ".join(entry_name("", entry.index or ()) for entry in entries)
    told = f"is wrong at {names} and right elsewhere" if names else "is wrong"
    if len(entries) == 2:
        a, b = entries
        if abs(a.analytic - b.numerical) <= b.error and abs(b.analytic - a.numerical) <= a.error:
            return told + "; the two are exchanged"
    ratio = _common_ratio(entries)
    if all(entry.analytic == 0 for entry in entries):
        return told + "; there it is zero" if names else "is zero although fun moves"
    if ratio is not None and abs(ratio + 1) < 1e-4:
        return told + "; the sign is wrong there"
    if ratio is None or not _nice(ratio):
        return told
    return told + f"; there it is {_times(ratio)} the right one"


def _common_ratio(entries: Sequence[Entry]) -> float | None:
    """Return the common factor of yours to the right one, where all entries have one."""
    if not entries or any(abs(entry.numerical) <= 100 * entry.error for entry in entries):
        return None
    ratios = [entry.analytic / entry.numerical for entry in entries]
    spread = [
        2 * abs(r) * entry.error / abs(entry.numerical) for r, entry in zip(ratios, entries, strict=True)
    ]
    same = all(abs(r - ratios[0]) <= s + spread[0] for r, s in zip(ratios, spread, strict=True))
    return ratios[0] if same and ratios[0] != 0 and abs(ratios[0] - 1) > spread[0] else None


def _same_numbers(entries: Sequence[Entry]) -> bool:
    mine = sorted(entries, key=lambda entry: entry.analytic)
    right = sorted(entries, key=lambda entry: entry.numerical)
    close = all(abs(a.analytic - b.numerical) <= 2 * b.error for a, b in zip(mine, right, strict=True))
    sharp = max(e.error for e in entries) < CONVINCING * max(abs(e.numerical) for e in entries)
    return close and sharp


def _one_sample(g: Array, measure: Measurements) -> bool:
    if g.size > 10**6:
        return False
    singular = np.linalg.svd(g.astype(np.float64), compute_uv=False)
    if singular[1] > 1e-6 * singular[0]:
        return False
    rows, columns = (np.argsort(-np.abs(g).sum(axis=1 - along))[:2] for along in (0, 1))
    (a, b), (c, d) = [
        [measure.entry(int(np.ravel_multi_index((i, j), g.shape))) for j in columns] for i in rows
    ]  # fmt: skip
    minor = a.numerical * d.numerical - b.numerical * c.numerical
    doubt = sum(abs(x.numerical) * y.error + abs(y.numerical) * x.error for x, y in ((a, d), (b, c)))
    return abs(minor) > 3 * doubt and abs(minor) > 1e-6 * (
        abs(a.numerical * d.numerical) + abs(b.numerical * c.numerical)
    )


def _factor_per_row(g: Array, measure: Measurements) -> int | None:
    """Return 0 when each row has its own factor between 0 and 1 (of right to yours), 1 for columns."""
    rows, columns = (np.argsort(-np.abs(g).sum(axis=1 - along))[:3] for along in (0, 1))
    entries = [[measure.entry(int(np.ravel_multi_index((i, j), g.shape))) for j in columns] for i in rows]
    if any(entry.analytic == 0 for row in entries for entry in row):
        return None
    ratio = np.array([[entry.numerical / entry.analytic for entry in row] for row in entries])
    error = np.array([[entry.error / abs(entry.analytic) for entry in row] for row in entries])
    if ratio.min() < -error.max() or ratio.max() > 1.3 or error.max() > 0.01:
        return None
    for along in (0, 1):
        within = np.ptp(ratio, axis=1 - along).max()
        between = np.ptp(ratio.mean(axis=1 - along))
        if within <= 2 * error.max() + 1e-6 and between > 10 * error.max():
            return along
    return None
