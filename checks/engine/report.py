"""What a check found, for a person (``str``), a program (attributes) and a file (``to_dict``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.engine.diagnosis import Diagnosis
from checks.engine.leaves import Array, entry_name
from checks.engine.localisation import Entry
from checks.engine.verdict import Verdict

SCHEMA = "gradproof.gradcheck/1"
BESIDE_BOTH = 1e-3  # of what the slopes on both sides differ by: so far outside of them is outside

_HEADLINES = {
    Verdict.PASS: "no error found",
    Verdict.FAIL: "it is wrong",
    Verdict.KINK: "x0 is not a differentiable point; beside it the gradient is right",
    Verdict.INCONCLUSIVE: "it cannot be told",
}


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One leaf of x0 in the report.

    Attributes
    ----------
    path, shape : str, tuple of int
        Its name, and its shape.
    verdict : Verdict
        The verdict on this leaf alone.
    resolution : float
        The smallest error, relative to ``relative_to``, that would have been caught.
    relative_to : str
        "its norm", or what a vanishing leaf is measured against.
    probability : float
        With which it would have been caught; 1.0 where every entry was looked at by itself.
    oracle : str
        Which oracle saw it.
    reason : str
        Why, unless it is a plain PASS or FAIL.
    """

    path: str
    shape: tuple[int, ...]
    verdict: Verdict
    resolution: float
    relative_to: str
    probability: float
    oracle: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kink:
    """An entry at whose value fun has a kink, and the slopes on both sides of it."""

    path: str
    index: tuple[int, ...] | None
    left: float
    right: float
    analytic: float


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check. True in a boolean context for PASS, and for KINK unless ``kink="raise"``.

    Attributes
    ----------
    verdict : Verdict
        PASS, FAIL, KINK or INCONCLUSIVE; compares equal to these strings.
    what : str
        What was checked, such as "the gradient of loss".
    resolution : float
        The promise behind a PASS: an error of this size relative to the norm of its leaf (norms
        scaled by the size of the parameters) would have been caught with ``probability``. The
        coarsest over the leaves.
    probability : float
        See ``resolution``.
    leaves : tuple of LeafRow
        One row each.
    worst : Entry or None
        The entry (or, in a PASS, the direction) that disagrees most.
    wrong : tuple of Entry
        All entries found to be wrong, one by one.
    diagnosis : tuple of Diagnosis
        What the mistake looks like; empty without one.
    kinks : tuple of Kink
        Entries responsible for a KINK.
    evaluations, gradient_evaluations : int
        Calls of fun and of grad.
    checked : int
        How many entries of the gradient the verdict is about.
    seed : int
        The seed of the directions.
    method : str
        Which oracle was used, and why.
    notes : tuple of str
        What else a reader should know.
    reproducer : str
        Lines to paste that show the finding again.
    accepts_kinks : bool
        Whether a KINK is as good as a PASS.
    beside : list of ndarray or None
        The point that the figures are from, where it is not x0.
    """

    verdict: Verdict
    what: str
    resolution: float
    probability: float
    leaves: tuple[LeafRow, ...]
    worst: Entry | None
    wrong: tuple[Entry, ...]
    diagnosis: tuple[Diagnosis, ...]
    kinks: tuple[Kink, ...]
    evaluations: int
    gradient_evaluations: int
    checked: int
    seed: int
    method: str
    notes: tuple[str, ...] = ()
    reproducer: str = field(default="", repr=False)
    accepts_kinks: bool = field(default=True, repr=False)
    beside: Sequence[Array] | None = field(default=None, repr=False, compare=False)

    def __bool__(self) -> bool:
        return self.verdict is Verdict.PASS or (self.verdict is Verdict.KINK and self.accepts_kinks)

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.what}: {_HEADLINES[self.verdict]}"]
        lines += [""] * bool(self.leaves)
        lines += _table(self.leaves)
        lines += _finding(self)
        for diagnosis in self.diagnosis:
            about = ", ".join(diagnosis.paths) + " " if diagnosis.paths else ""
            about = f"each of {about}" if len(diagnosis.paths) > 1 else about
            lines += ["", f"It looks like this: {about}{diagnosis.text}."]
        lines += [f"Note: {note}." for note in self.notes]
        lines += [
            "",
            f"{self.evaluations} evaluations of fun and {self.gradient_evaluations} of the gradient; "
            f"{self.method}; seed {self.seed}.",
        ]
        if self.verdict is Verdict.FAIL and self.reproducer:
            lines += ["", "To see it again:", *("    " + line for line in self.reproducer.splitlines())]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON types; numbers that JSON has not (infinity, NaN) become None."""
        return {
            "schema": SCHEMA,
            "verdict": str(self.verdict),
            "what": self.what,
            "resolution": _number(self.resolution),
            "probability": self.probability,
            "leaves": [
                {
                    "path": row.path, "shape": list(row.shape), "verdict": str(row.verdict),
                    "resolution": _number(row.resolution), "relative_to": row.relative_to,
                    "probability": row.probability, "oracle": row.oracle, "reason": row.reason,
                }
                for row in self.leaves
            ],
            "worst": None if self.worst is None else _entry(self.worst),
            "wrong": [_entry(entry) for entry in self.wrong],
            "diagnosis": [{"kind": d.kind, "text": d.text, "paths": list(d.paths)} for d in self.diagnosis],
            "kinks": [
                {
                    "path": kink.path, "index": None if kink.index is None else list(kink.index),
                    "left": _number(kink.left), "right": _number(kink.right),
                    "analytic": _number(kink.analytic),
                }
                for kink in self.kinks
            ],
            "evaluations": self.evaluations,
            "gradient_evaluations": self.gradient_evaluations,
            "checked": self.checked,
            "seed": self.seed,
            "method": self.method,
            "notes": list(self.notes),
            "reproducer": self.reproducer,
        }  # fmt: skip


def told_by(method: str, rows: Sequence[LeafRow]) -> str:
    """Return which oracle was used, and where another one answered for it."""
    others = [row for row in rows if not method.startswith(f"by {row.oracle}")]
    if not others:
        return method
    paths = ", ".join(row.path for row in others)
    return f"{method}, and by {others[0].oracle} where that does not apply, in {paths}"


def _outside(kink: Kink) -> str:
    low, high = sorted((kink.left, kink.right))
    aside = BESIDE_BOTH * (high - low)
    return "" if low - aside <= kink.analytic <= high + aside else ", which is not between the two"


def _finding(report: Report) -> list[str]:
    if report.verdict is Verdict.PASS:
        chance = "" if report.probability == 1 else f", with a probability of {report.probability:g}"
        return ["", f"An error of {_noticed(report.leaves)} would have been caught{chance}."]
    lines = [""]
    if report.verdict is Verdict.KINK:
        for kink in report.kinks:
            where = entry_name(kink.path, kink.index or ())
            lines.append(
                f"At {where} the slope is {kink.left:.6g} from the left and {kink.right:.6g} from the right; "
                f"grad says {kink.analytic:.6g}{_outside(kink)}."
            )
        return lines
    if report.verdict is Verdict.INCONCLUSIVE:
        return [*lines, *(f"{row.path}: {row.reason}." for row in report.leaves if row.reason)]
    shown = report.wrong[:6] or ((report.worst,) if report.worst else ())
    if shown:
        names = [
            entry_name(e.path, e.index or ()) + ("" if e.index is not None else " (a direction)")
            for e in shown
        ]
        width, digits = max(map(len, names)), max(map(_digits, shown))
        column = digits + 6
        lines.append(f"{'':{width}}  {'grad':>{column}}  {'numerical':>{column}}")
        for name, entry in zip(names, shown, strict=True):
            both = (f"{number:{column}.{digits}g}" for number in (entry.analytic, entry.numerical))
            lines.append(f"{name:{width}}  {'  '.join(both)} ± {entry.error:.0e}")
    return lines


def _digits(entry: Entry) -> int:
    """Return how many digits show that two numbers differ, and by how much: nine, if they do."""
    told = (d for d in range(9, 17) if f"{entry.analytic:.{d - 1}g}" != f"{entry.numerical:.{d - 1}g}")
    return next(told, 17)


def _noticed(rows: Sequence[LeafRow]) -> str:
    """Return which errors would have been caught: the coarsest, and where they are measured otherwise."""
    told: list[str] = []
    for measure in sorted({row.relative_to for row in rows}, key=lambda measure: measure != "its norm"):
        these = [row for row in rows if row.relative_to == measure]
        coarsest = max(these, key=lambda row: row.resolution)
        size = f"{coarsest.resolution:.0e}" + _against(coarsest, its_norm=" of a leaf's norm")
        where = ", ".join(row.path for row in these[:SHOWN]) + (", ..." if len(these) > SHOWN else "")
        told.append(f"in {where} of {size}" if told else size)
    return ", ".join(told) + "," * (len(told) > 1)


SHOWN = 4
"""Leaves that are named where not all are meant."""


def _against(row: LeafRow, *, its_norm: str = "") -> str:
    """Return what a resolution is a share of, in words."""
    return {"its norm": its_norm, "one": ""}.get(row.relative_to, f" of {row.relative_to}")


def _table(rows: Sequence[LeafRow]) -> list[str]:
    if not rows:
        return []
    cells = [("leaf", "shape", "verdict", "resolution", "oracle")]
    for row in rows:
        stated = f"{row.resolution:.0e}{_against(row)}" if row.verdict is not Verdict.FAIL else ""
        cells.append((row.path, str(row.shape), str(row.verdict), stated, row.oracle))
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "index": None if entry.index is None else list(entry.index),
        "analytic": _number(entry.analytic),
        "numerical": _number(entry.numerical),
        "error": _number(entry.error),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
