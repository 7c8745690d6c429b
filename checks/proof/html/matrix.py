"""Would the checks have noticed: wrong formulas before the oracles, and how small an error is caught."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from checks.proof.code import Cell
from checks.proof.html.markup import Markup, joined, status, table, tag, unfolding

SIGNS = {
    "seen": ("●", "caught"),
    "caught": ("●", "caught"),
    "not seen": ("○", "not seen"),
    "missed": ("○", "not seen"),
    "not applicable": ("–", "not applicable"),
    "not installed": ("?", "not installed"),
}
LEGEND = "● caught, ○ not seen, – not applicable, ? its package is not installed."


def planted(cells: Sequence[Cell]) -> Markup:
    """Return the table of planted bugs: one changed line of dnn before each oracle."""
    oracles, bugs = list(dict.fromkeys(c.oracle for c in cells)), list(dict.fromkeys(c.bug for c in cells))
    at = {(cell.bug, cell.oracle): cell for cell in cells}
    rows = [
        [bug, *(_mark(at[bug, oracle].observed, at[bug, oracle].why) for oracle in oracles)] for bug in bugs
    ]
    missed = [bug for bug in bugs if not any(at[bug, oracle].observed == "seen" for oracle in oracles)]
    surprises = [cell for cell in cells if not cell.as_expected]
    notes = [
        tag("li", f"{c.bug} before {c.oracle}: expected {c.expected}, was {c.observed}") for c in surprises
    ]
    return joined(
        tag(
            "p",
            f"One line of the shipped code is changed, and every oracle looks at it: "
            f"{len(bugs) - len(missed)} of {len(bugs)} such bugs were caught in this run. {LEGEND}",
        ),
        table(
            "Planted bugs before the oracles", ["planted bug", *map(_upright, oracles)], rows, class_="matrix"
        ),
        tag("p", f"Not caught: {', '.join(missed)}.", class_="failure") if missed else "",
        tag("p", "Not as expected:") + tag("ul", *notes, class_="failure") if notes else "",
    )


def mutants(content: Mapping[str, Any]) -> Markup:
    """Return the mutant matrix that `gradproof mutants --json` wrote."""
    counts, oracles, alarms = content["mutants"], content["oracles"], content["false_alarms"]
    rows = [
        [
            tag("code", row["id"]) + Markup("<br>") + row["description"],
            status(row["status"]),
            *(_mark(row["cells"][oracle]["outcome"]) for oracle in oracles),
        ]
        for row in content["matrix"]
    ]
    survivors = [
        f"{row['id']}: {row['description']}" for row in content["matrix"] if row["status"] == "survived"
    ]
    whole = table(
        "Mutants before the oracles", ["mutant", "status", *map(_upright, oracles)], rows, class_="matrix"
    )
    return joined(
        tag(
            "p",
            f"{counts['total']} wrong formulas: {counts['caught']} caught, {counts['equivalent']} shown "
            f"to be equivalent to the right one, {counts['survivors']} survived. dnn as shipped was put "
            f"to the same oracles {alarms['checks']} times: {alarms['alarms']} false alarms. Seed "
            f"{content['seed']}.",
        ),
        tag("p", "Survived:") + tag("ul", *(tag("li", each) for each in survivors), class_="failure")
        if survivors
        else "",
        unfolding("Each mutant before each oracle", tag("p", LEGEND), whole),
    )


def _mark(outcome: str, why: str = "") -> Markup:
    sign, word = SIGNS[outcome]
    return tag("span", sign, aria_hidden="true", title=why) + tag("span", word, class_="spoken")


def _upright(name: str) -> Markup:
    return tag("span", name, class_="upright")


def detection(curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markup:
    """Return the detection curve, as a drawing and as a table.

    Parameters
    ----------
    curves : mapping
        Method -> points with ``size``, ``caught``, ``of``, as `checks.proof.mutants.numerical` measures them.
    """
    sizes = sorted({point["size"] for points in curves.values() for point in points}, reverse=True)
    by = {(method, point["size"]): point for method, points in curves.items() for point in points}
    rows = []
    for size in sizes:
        cells = [f"{p['caught']} of {p['of']}" if (p := by.get((m, size))) else "" for m in curves]
        rows.append([f"{size:.0e}", *cells])
    return joined(
        tag(
            "p",
            "One entry of a right gradient is off by a part of the norm of its array. How often each method "
            "noticed:",
        ),
        _drawing(curves, sizes),
        table("Errors caught, by their size", ["relative error", *curves], rows),
    )


WIDTH, HEIGHT, LEFT, BOTTOM = 640, 260, 52, 46
DASHES = ("", "7 4", "2 4", "9 3 2 3")
MARKS = "●■▲◆"


def _drawing(curves: Mapping[str, Sequence[Mapping[str, Any]]], sizes: Sequence[float]) -> Markup:
    left, right = math.log10(max(sizes)), math.log10(min(sizes))

    def x(size: float) -> float:
        return LEFT + (left - math.log10(size)) / ((left - right) or 1) * (WIDTH - LEFT - 20)

    def y(part: float) -> float:
        return 16 + (1 - part) * (HEIGHT - BOTTOM - 16)

    parts = [tag("title", "Detection curve"), tag("desc", "The table below holds the same numbers.")]
    for part in (0, 0.5, 1):
        at = f"{y(part):.1f}"
        parts.append(tag("line", x1=str(LEFT), x2=str(WIDTH - 20), y1=at, y2=at, class_="grid"))
        parts.append(tag("text", f"{part:.0%}", x=str(LEFT - 6), y=f"{y(part) + 4:.1f}", text_anchor="end"))
    for size in sizes:
        parts.append(
            tag("text", f"{size:.0e}", x=f"{x(size):.1f}", y=str(HEIGHT - BOTTOM + 20), text_anchor="middle")
        )
    middle = f"{(LEFT + WIDTH) / 2:.0f}"
    parts.append(tag("text", "relative error", x=middle, y=str(HEIGHT - 6), text_anchor="middle"))
    for number, points in enumerate(curves.values()):
        places = [(x(p["size"]), y(p["caught"] / p["of"])) for p in sorted(points, key=lambda p: -p["size"])]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        dash, mark = DASHES[number % len(DASHES)], MARKS[number % len(MARKS)]
        parts.append(tag("polyline", points=line, stroke_dasharray=dash, class_=f"curve curve{number % 4}"))
        for a, b in places:
            parts.append(
                tag(
                    "text",
                    mark,
                    x=f"{a:.1f}",
                    y=f"{b + 4:.1f}",
                    text_anchor="middle",
                    class_=f"mark{number % 4}",
                )
            )
    key = "; ".join(f"{MARKS[n % len(MARKS)]} {method}" for n, method in enumerate(curves))
    drawing = tag("svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label="Detection curve")
    return tag("figure", drawing, tag("figcaption", key))
