"""Every entry by itself: certain, where random directions are only very likely."""

from __future__ import annotations

from collections.abc import Sequence

from checks.engine.diagnosis import Diagnosis
from checks.engine.examination import Examination
from checks.engine.localisation import Entry, Measurements
from checks.engine.options import Progress, Tolerances
from checks.engine.verdict import resolution

SHOWN, EVERY = 6, 100  # entries named in a report; entries between two reports of progress


def every_entry(
    found: Examination,
    paths: Sequence[str],
    tolerances: Tolerances,
    progress: Progress | None,
) -> tuple[list[Entry], dict[int, float]]:
    """Hold each entry of the gradient to the oracle.

    Parameters
    ----------
    found : Examination
        Of x0.
    paths : sequence of str
        The name of each leaf.
    tolerances : Tolerances
        The user's.
    progress : callable, optional
        Told how many entries are done, and of how many.

    Returns
    -------
    list of Entry
        Those that are wrong.
    dict
        For each leaf the smallest error that would have been caught, with certainty.
    """
    total = sum(found.gradient[leaf.leaf].size for leaf in found.leaves)
    done = 0
    if progress:
        progress(0, total)
    wrong: list[Entry] = []
    resolutions = {}
    for leaf in found.leaves:
        measure = Measurements(found, leaf, paths[leaf.leaf])
        scaled = []
        for flat in range(measure.gradient.size):
            entry = measure.entry(flat)
            allowed = entry.error + (tolerances.atol or 0.0) + (tolerances.rtol or 0.0) * abs(entry.analytic)
            if abs(entry.analytic - entry.numerical) > allowed:
                wrong.append(entry)
            scaled.append(allowed * float(found.sizes[leaf.leaf].flat[flat]))
            done += 1
            if progress and (done % EVERY == 0 or done == total):
                progress(done, total)
        resolutions[leaf.leaf] = resolution(scaled, axes=True)
    return wrong, resolutions


def several(wrong: Sequence[Entry], found: Examination) -> Diagnosis:
    """Say how many entries are wrong that no direction showed."""
    total = sum(found.gradient[leaf.leaf].size for leaf in found.leaves)
    paths = tuple(dict.fromkeys(entry.path for entry in wrong[:SHOWN]))
    return Diagnosis(
        "entries", f"{len(wrong)} of {total} entries are wrong, which random directions did not show", paths
    )
