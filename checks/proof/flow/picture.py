"""The flow as a picture, where matplotlib is installed."""

import math
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from checks.proof.flow.explain import outcome
from checks.proof.flow.measure import Flow
from checks.proof.flow.study import Finding, Study

MARKS = "os^Dv*"
COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#000000",
)  # told apart by colour-blind eyes


class MatplotlibMissingError(Exception):
    """Matplotlib is not installed; the message says how to get it."""


def figure_class() -> Any:
    """Return matplotlib's Figure, imported now.

    Raises
    ------
    MatplotlibMissingError
    """
    try:
        return import_module("matplotlib.figure").Figure
    except ImportError as missing:
        raise MatplotlibMissingError("--png needs matplotlib: pip install 'gradproof[plot]'") from missing


def draw(findings: Sequence[Finding], study: Study, path: Path) -> None:
    """Write the picture: a panel for each activation and law, a line for each depth, the bound dashed.

    Raises
    ------
    MatplotlibMissingError
    """
    kinds = list(dict.fromkeys((f.specimen.activation, str(f.specimen.law)) for f in findings))
    moments = ["as drawn", f"after {study.epochs} epochs"] if study.epochs else [""]
    columns = (
        len(kinds) if len(moments) > 1 else len(kinds) if len(kinds) <= 3 else 2 if len(kinds) == 4 else 3
    )
    rows = len(moments) if len(moments) > 1 else math.ceil(len(kinds) / columns)
    figure = figure_class()(figsize=(max(5.6, 4.2 * columns + 0.3), 3.4 * rows + 0.5), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    panels = [(kind, moment) for moment in moments for kind in kinds]
    for ax, (kind, moment) in zip(axes.flat, panels, strict=False):
        own = [f for f in findings if (f.specimen.activation, str(f.specimen.law)) == kind]
        flows = [(f.flow if moment == moments[0] else f.trained) for f in own]
        _panel(ax, [flow for flow in flows if flow])
        ax.set_title(", ".join(filter(None, (f"{kind[0]}, {kind[1]} weights", moment))), fontsize=10)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax in axes[:, 0]:
        ax.set_ylabel(r"$\|\delta^l\|$")
    figure.suptitle(
        f"The gradient in each layer ({study.data}): measured, and its bound (dashed).\n"
        "A cross: there it dies (float32) or explodes.",
        fontsize=10,
    )
    figure.savefig(path, dpi=110)


def _panel(ax: Any, flows: Sequence[Flow]) -> None:
    measured = [layer.delta for flow in flows for layer in flow.layers if 0 < layer.delta < math.inf]
    for number, flow in enumerate(flows):
        colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
        l = [layer.number for layer in flow.layers]
        delta = [layer.delta if 0 < layer.delta < math.inf else math.nan for layer in flow.layers]
        bound = [layer.bound if 0 < layer.bound < math.inf else math.nan for layer in flow.layers]
        every = max(1, len(l) // 12)
        label = f"L = {flow.depth}: {outcome(flow)}"
        ax.plot(
            l, delta, color=colour, marker=mark, markersize=4, markevery=every, linewidth=1.4, label=label
        )
        ax.plot(l, bound, color=colour, linestyle="--", linewidth=0.9, alpha=0.7)
        if place := [*flow.exploding[:1], *flow.dead("float32")[:1]]:
            x, y = place[0].number, place[0].delta
            ax.plot([x], [y], color=colour, marker="X", markersize=10, markeredgecolor="black")
    ax.set_yscale("log")
    if measured:
        low, high = min(measured), max(measured)
        ax.set_ylim(low / 10, high * max(10.0, (high / low) ** 0.25))
    ax.set_xlabel("layer l")
    ax.grid(alpha=0.25)
    ax.legend(fontsize=8, loc="best")
