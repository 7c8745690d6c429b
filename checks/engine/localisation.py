"""Which entries are wrong: bisection along a failing direction.

The slope along v is the sum of the slopes along its parts, so one measurement splits a residual in
two: what the first half does not explain, the second half must.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from checks.engine.directions import axis
from checks.engine.examination import Examination, LeafExamination
from checks.engine.examiner import probe
from checks.engine.leaves import Array
from checks.engine.verdict import SAFETY, Probe
from checks.oracles import Estimate

MOST_ENTRIES = 6
SAMPLE = 6
WORTH_A_RAMP = 32  # entries: for fewer, halving takes as few looks
SHARP = 1 / 300  # of the residual being halved: as well as a part needs to be known


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a gradient beside its numerical value.

    Attributes
    ----------
    path : str
        The leaf.
    index : tuple of int or None
        The entry within it; None when a whole direction is meant.
    analytic, numerical, error : float
        What grad says; what the oracle says; and the bound of the oracle's error.
    """

    path: str
    index: tuple[int, ...] | None
    analytic: float
    numerical: float
    error: float

    @property
    def wrong(self) -> bool:
        """Whether the two differ by more than the error."""
        return abs(self.analytic - self.numerical) > self.error


@dataclass(frozen=True, slots=True)
class Location:
    """Where a leaf is wrong.

    Attributes
    ----------
    extent : str
        "entry", "entries", "row 3", "column 2", "slice 1 of axis 2", "leaf", or "many".
    entries : tuple of Entry
        Wrong entries, measured one by one; the worst first.
    """

    extent: str
    entries: tuple[Entry, ...]


class Measurements:
    """Single entries of one leaf, each measured once."""

    def __init__(self, examination: Examination, found: LeafExamination, path: str) -> None:
        self.examination, self.leaf, self.path = examination, found.leaf, path
        self.gradient, self.size, self.rounding = examination.gradient[found.leaf], found.norm, found.rounding
        self._known: dict[int, Entry] = {}

    def entry(self, flat: int) -> Entry:
        """Return the entry at a flat index."""
        if flat not in self._known:
            where, size = self.examination.point[self.leaf], self.examination.sizes[self.leaf]
            direction = axis(where, size, flat)
            step = float(direction.flat[flat])
            seen = self.along(direction)
            index = tuple(int(i) for i in np.unravel_index(flat, self.gradient.shape))
            self._known[flat] = Entry(
                self.path,
                index,
                float(self.gradient.flat[flat]),
                seen.estimate.value / step,
                seen.bound / step,
            )
        return self._known[flat]

    def part(self, direction: Array, entries: Array, *, enough: float = 0.0) -> Probe:
        """Return the probe along the part of a direction that lies in some entries."""
        restricted = np.zeros_like(direction)
        restricted.flat[entries] = direction.flat[entries]
        return self.along(restricted, enough=enough)

    def along(self, direction: Array, *, enough: float = 0.0) -> Probe:
        """Return the probe along any direction of the leaf."""
        slopes = self.examination.slopes
        return probe(
            slopes, self.leaf, self.gradient, direction,
            size=self.size, rounding=self.rounding, enough=enough,
        )  # fmt: skip

    @property
    def known(self) -> dict[int, Entry]:
        """What has been measured so far, by flat index."""
        return self._known


def localise(found: LeafExamination, measure: Measurements, rng: np.random.Generator) -> Location:
    """Return where a failing leaf is wrong."""
    gradient, worst = measure.gradient, found.worst
    if gradient.size <= len(found.probes):
        wrong = [measure.entry(flat) for flat in range(gradient.size)]
        return _described([entry for entry in wrong if entry.wrong], measure, gradient.size)

    wrong_at: list[int] = []
    rest: _Part | None = _Part(worst, _where_one_entry_would_be(worst, measure), worst.residual, worst.bound)
    while rest is not None and len(wrong_at) < MOST_ENTRIES:
        more, slice_ = _bisected(rest, measure, rng)
        if slice_ is not None and not wrong_at:
            return slice_
        if not more:
            break
        wrong_at += more
        rest = _unexplained(found, wrong_at, measure)
    if rest is None:
        return _described([measure.entry(flat) for flat in wrong_at], measure, gradient.size)
    sample = rng.choice(gradient.size, size=min(SAMPLE, gradient.size), replace=False)
    for flat in sample:
        measure.entry(int(flat))
    share = np.mean([measure.entry(int(flat)).wrong for flat in sample])
    extent_name = "leaf" if share >= 0.8 else "many"
    candidates = {*wrong_at, *(int(flat) for flat in sample)}
    return _located(extent_name, [measure.entry(flat) for flat in candidates])


@dataclass(frozen=True, slots=True)
class _Part:
    """Some entries along a direction, the residual that they are to explain, and what it may be by chance."""

    seen: Probe
    entries: Array
    residual: float
    allowed: float


def _bisected(
    whole: _Part, measure: Measurements, rng: np.random.Generator
) -> tuple[list[int], Location | None]:
    """Return the wrong entries of a part; or the row, column or slice that holds them all."""
    suspects, wrong_at = [whole], list[int]()
    while suspects and len(wrong_at) < MOST_ENTRIES:
        suspects.sort(key=lambda part: abs(part.residual) / max(part.allowed, 5e-324))
        part = suspects.pop()
        if len(part.entries) > 1:
            suspects += _halves(part, measure)
            continue
        wrong_at.append(int(part.entries[0]))
        if len(wrong_at) == 1 and suspects:
            slice_ = _slice_that_explains(wrong_at[0], whole.seen.direction, measure, rng)
            if slice_ is not None:
                return wrong_at, slice_
    return wrong_at, None


def _where_one_entry_would_be(worst: Probe, measure: Measurements) -> Array:
    """Return the entries among which the wrong one is, if there is but one; else all of them.

    Along v the residual of one wrong entry is e_i v_i; along v_j (1 + j / n) it is e_i v_i (1 + i / n). The
    two tell i, as sharply as they are known.
    """
    everything, n = np.arange(worst.direction.size), worst.direction.size
    if n < WORTH_A_RAMP:
        return everything
    ramp = np.asarray(worst.direction * (1 + everything / n).reshape(worst.direction.shape))
    sharp = abs(worst.residual) / (4 * n)
    seen = measure.along(ramp.astype(worst.direction.dtype), enough=sharp)
    at = n * (seen.residual / worst.residual - 1)
    blur = n * (seen.bound + 2 * worst.bound) / abs(worst.residual)
    if not blur < n / 8:
        return everything
    few = everything[(everything >= at - blur - 1 / 2) & (everything <= at + blur + 1 / 2)]
    if len(few) == 0:
        return everything
    if len(few) == 1:
        entry, v = measure.entry(int(few[0])), float(worst.direction.flat[few[0]])
        explained, allowed = (entry.analytic - entry.numerical) * v, entry.error * abs(v)
    else:
        part = measure.part(worst.direction, few, enough=SHARP * abs(worst.residual))
        explained, allowed = part.residual, part.bound
    return few if abs(worst.residual - explained) <= worst.bound + allowed else everything


def _unexplained(found: LeafExamination, wrong_at: Sequence[int], measure: Measurements) -> _Part | None:
    """Return what these entries leave, along the direction where it is most; None where they are all.

    Along one direction, the errors of a whole half may cancel.
    """
    worst, most = None, 1.0
    entries = np.setdiff1d(np.arange(measure.gradient.size), wrong_at)
    for seen in found.probes:
        rest, allowed = seen.residual, seen.bound
        for entry, v in ((measure.entry(flat), float(seen.direction.flat[flat])) for flat in wrong_at):
            rest -= (entry.analytic - entry.numerical) * v
            allowed += entry.error * abs(v)
        if abs(rest) > most * allowed:
            worst = _Part(seen, entries, rest, allowed)
            most = abs(rest) / allowed if allowed > 0 else math.inf
    return worst


def most_kinked(found: LeafExamination, measure: Measurements) -> tuple[Entry, float, float] | None:
    """Return an entry responsible for a kink, and its slopes from the left and from the right."""
    worst = max(found.probes, key=lambda seen: _jump(seen.estimate))
    entries = np.arange(measure.gradient.size)
    while len(entries) > 1:
        half = len(entries) // 2
        parts = entries[:half], entries[half:]
        jumps = [_jump(measure.part(worst.direction, part).estimate) for part in parts]
        entries = parts[int(np.argmax(jumps))]
    flat = int(entries[0])
    where, size = measure.examination.point[measure.leaf], measure.examination.sizes[measure.leaf]
    direction = axis(where, size, flat)
    step = float(direction.flat[flat])
    estimate = measure.examination.slopes.along(measure.leaf, direction)
    if _jump(estimate) == 0:
        return None
    index = tuple(int(i) for i in np.unravel_index(flat, measure.gradient.shape))
    entry = Entry(
        measure.path, index, float(measure.gradient.flat[flat]), estimate.value / step,
        SAFETY * estimate.error / step,
    )  # fmt: skip
    return entry, estimate.left / step, estimate.right / step


def _jump(estimate: Estimate) -> float:
    """By how much the slopes on both sides differ, where they do."""
    return abs(estimate.right - estimate.left) if estimate.saw_kink else 0.0


def _halves(part: _Part, measure: Measurements) -> list[_Part]:
    """Return the halves that are wrong; the second is only measured when the first leaves doubt."""
    half = len(part.entries) // 2
    first, second = part.entries[:half], part.entries[half:]
    look = partial(measure.part, part.seen.direction, enough=SHARP * abs(part.residual))
    seen = look(first)
    rest, allowed = part.residual - seen.residual, part.allowed + seen.bound
    wrong = [replace(part, entries=first, residual=seen.residual, allowed=seen.bound)] if seen.wrong else []
    if abs(rest) > allowed:
        wrong.append(replace(part, entries=second, residual=rest, allowed=allowed))
    elif not wrong:
        seen = look(second)
        if seen.wrong:
            wrong.append(replace(part, entries=second, residual=seen.residual, allowed=seen.bound))
    return wrong


def _slice_that_explains(
    flat: int, direction: Array, measure: Measurements, rng: np.random.Generator
) -> Location | None:
    """Return the row or column that holds all of the error, if one does and is wrong throughout."""
    shape = measure.gradient.shape
    index = np.unravel_index(flat, shape)
    if len(shape) < 2:
        return None
    positions = np.arange(measure.gradient.size).reshape(shape)
    for along, at in enumerate(index):
        if shape[along] == 1 or measure.gradient.size == shape[along]:
            continue
        inside = np.take(positions, at, axis=along).ravel()
        outside = np.delete(positions, at, axis=along).ravel()
        if measure.part(direction, outside).wrong:
            continue
        sample = rng.choice(inside, size=min(SAMPLE, inside.size), replace=False)
        entries = [measure.entry(int(i)) for i in {flat, *sample.tolist()}]
        if all(entry.wrong for entry in entries):
            name = ("row", "column")[along] + f" {at}" if len(shape) == 2 else f"slice {at} of axis {along}"
            return _located(name, entries)
        return None
    return None


def _described(wrong: list[Entry], measure: Measurements, size: int) -> Location:
    if not wrong:
        return Location("many", ())
    if len(wrong) == size and size > 1:
        return _located("leaf", wrong)
    return _located("entry" if len(wrong) == 1 else "entries", wrong)


def _located(extent: str, entries: list[Entry]) -> Location:
    def badness(entry: Entry) -> float:
        return abs(entry.analytic - entry.numerical) / max(entry.error, 5e-324)

    return Location(extent, tuple(sorted((e for e in entries if e.wrong), key=badness, reverse=True)))
