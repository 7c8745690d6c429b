"""What kind of mistake it looks like, in words.

Three rounds, each asked where the one before was silent: guesses of the right gradient, put to the
slopes already measured (`claims`); patterns in the wrong entries (`entrywise`); and what the mistake
does at other points (`elsewhere`). What fits nothing is "unknown": a wrong explanation costs more
than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from checks.engine.claims import claims
from checks.engine.elsewhere import evaluations, experiments
from checks.engine.entrywise import (
    WHOLE,
    Block,
    invariances,
    measured,
    patterns,
    row_factors,
    shares_its_factors,
    slices,
)
from checks.engine.examination import Examination, LeafExamination
from checks.engine.fitting import CONVINCING, nice, times
from checks.engine.leaves import Array, entry_name
from checks.engine.localisation import Entry, Location, Measurements

UNKNOWN = "unknown"
PATIENCE = 2_500  # evaluations of fun, from where on the words cost more than they are worth
LARGEST_FACTOR = 1.3  # that f' has, of the usual activations


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A kind of mistake and a sentence about it.

    Attributes
    ----------
    kind : str
        ``sign``, ``factor``, ``factors``, ``zero``, ``transposed``, ``permuted``, ``another leaf``,
        ``missing term``, ``summed``, ``one sample``, ``activation derivative``, ``asymmetric``, ``float32``,
        ``stale buffer``; ``mutated``, ``nondeterministic`` or ``nonlinear``, of code that no check sees past;
        ``entries`` or ``invariance``, which say what is so and not why; or ``unknown``.
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


def claim(examination: Examination, found: LeafExamination, paths: Sequence[str]) -> Diagnosis | None:
    """Return what explains the whole leaf, judged by the slopes already measured; None if nothing does."""
    for explained in claims(examination, found, paths):
        return Diagnosis(explained.kind, explained.text, (paths[found.leaf],))
    return None


def merged(diagnosis: Sequence[Diagnosis]) -> list[Diagnosis]:
    """Say once what is true of several leaves; less where more is known.

    "unknown" and a bare invariance are said only where nothing else is. A missing f' is off by factors
    in all layers before its own, of a single sample: where f' is found, they are its consequence.
    """
    merged: dict[tuple[str, str], list[str]] = {}
    for one in diagnosis:
        merged.setdefault((one.kind, one.text), []).extend(one.paths)
    said = [Diagnosis(kind, text, tuple(paths)) for (kind, text), paths in merged.items()]
    kinds = {one.kind for one in said}
    for lesser in (UNKNOWN, "invariance"):
        kinds = kinds - {lesser} or kinds
    if "activation derivative" in kinds:
        kinds -= {"factors"}
    return [one for one in said if one.kind in kinds]


def diagnose_location(
    examination: Examination, found: LeafExamination, location: Location, measure: Measurements
) -> Diagnosis:
    """Return what the wrong entries, once found, look like."""
    path = (measure.path,)
    by_place = _by_place(location)
    if by_place is not None and len(location.entries) > 1 and _is_vector(measure.gradient):
        for kind, text in _shared_factors(examination, found, measured(examination, measure)):
            return Diagnosis(kind, text, path)
    few = 2 * len(location.entries) <= measure.gradient.size
    if by_place is not None and (few or location.extent not in ("entry", "entries", "leaf")):
        return Diagnosis(*by_place, path)
    if evaluations(examination) <= PATIENCE:
        for kind, text in _looked_at_longer(examination, found, measure):
            return Diagnosis(kind, text, path)
    return Diagnosis(*(by_place or (UNKNOWN, "is wrong in a way that fits none of the usual mistakes")), path)


def _looked_at_longer(
    examination: Examination, found: LeafExamination, measure: Measurements
) -> Iterator[tuple[str, str]]:
    """Entry by entry, at other points, and at last the bare facts."""
    block = measured(examination, measure)
    if block is not None:
        yield from _by_entries(examination, found, block, measure)
    yield from experiments(examination, found)
    if block is not None:
        yield from invariances(block)


# -- where the wrong entries are -------------------------------------------------------------------


def _by_place(location: Location) -> tuple[str, str] | None:
    entries = location.entries
    if len(entries) > 2 and _same_numbers(entries):
        return "permuted", "holds the right numbers in a wrong order"
    if location.extent in ("entry", "entries", "leaf") and entries:
        return ("entries", _about_entries(entries)) if location.extent != "leaf" else None
    if not location.extent.startswith(("row", "column", "slice")):
        return None
    if all(entry.analytic == 0 for entry in entries):
        return "zero", f"is zero throughout {location.extent} although fun moves: a missing contribution"
    ratio = _common_ratio(entries)
    told = f"is wrong throughout {location.extent} and right elsewhere"
    return "entries", told + (f"; there it is {times(ratio)} the right one" if ratio else "")


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
    if ratio is None or not nice(ratio):
        return told
    return told + f"; there it is {times(ratio)} the right one"


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


# -- what they have in common ----------------------------------------------------------------------


def _by_entries(
    examination: Examination, found: LeafExamination, block: Block, measure: Measurements
) -> Iterator[tuple[str, str]]:
    if measure.gradient.ndim == 2 and _one_sample(measure):
        yield (
            "one sample",
            "has rank one and the right gradient has not: as if one sample (the last, perhaps) were "
            "counted instead of the batch, or a product of sums were taken for the sum of products",
        )
    yield from _factors(examination, found, block, measure)
    yield from patterns(block)


def _factors(
    examination: Examination, found: LeafExamination, block: Block, measure: Measurements
) -> Iterator[tuple[str, str]]:
    """A factor for each row: f', where a bias beside its weights is wrong by the same."""
    if block.mine.ndim == 1:
        yield from _shared_factors(examination, found, block)
        return
    for axis in range(block.mine.ndim):
        seen = row_factors(block.turned(axis))
        if seen is None:
            continue
        whole = _every_factor(measure, axis) if measure.gradient.ndim == 2 else None
        shared = whole is not None and shares_its_factors(examination, found, whole)
        yield _about_factors(seen if whole is None else whole, slices(axis, block.mine.ndim), shared=shared)


def _shared_factors(
    examination: Examination, found: LeafExamination, block: Block | None
) -> Iterator[tuple[str, str]]:
    """A factor for each entry of a vector, and the same for the rows of a matrix that is wrong too."""
    if block is None or not block.whole or not np.all(block.mine):
        return
    factor = block.right / block.mine
    if shares_its_factors(examination, found, factor):
        yield _about_factors(factor, "entry", shared=True)


def _is_vector(g: Array) -> bool:
    return g.size > 1 and max(g.shape) == g.size


def _about_factors(factor: Array, name: str, *, shared: bool) -> tuple[str, str]:
    told = f"is off by a factor of its own in each {name}"
    if shared and factor.min() > -CONVINCING and factor.max() <= LARGEST_FACTOR:
        return "activation derivative", (
            f"{told}, and another leaf by the same factors: as if the activation's derivative f' were "
            "missing there, or taken at a, not at z"
        )
    return "factors", (
        f"{told}: as if something that each {name} is multiplied by were missing (a scale, a weight, a mask, "
        "an activation's derivative) or were another"
    )


def _every_factor(measure: Measurements, axis: int) -> Array | None:
    """Return the factor of every row or column, each from its largest entry."""
    g = np.moveaxis(measure.gradient, axis, 0)
    positions = np.moveaxis(np.arange(g.size).reshape(measure.gradient.shape), axis, 0)
    largest = np.argmax(np.abs(g), axis=1)
    if len(g) > WHOLE or not np.all(np.take_along_axis(g, largest[:, None], axis=1)):
        return None
    entries = [measure.entry(int(positions[i, j])) for i, j in enumerate(largest)]
    return np.array([entry.numerical / entry.analytic for entry in entries])


def _one_sample(measure: Measurements) -> bool:
    """Whether yours has rank one and the right one has not."""
    g = measure.gradient
    if g.size > 10**6 or min(g.shape) < 2 or any(np.all(np.ptp(g, axis=axis) == 0) for axis in (0, 1)):
        return False
    singular = np.linalg.svd(g.astype(np.float64) / (np.abs(g).max() or 1.0), compute_uv=False)
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
