"""The detection curve: one entry of a right gradient is off by 1e-3 ... 1e-12 of its norm; who notices?

Run `python tests/benchmarks/detection.py --cases 100 --json detection.json --svg detection.svg`.

The networks are fresh ones (--seed), not those on which anything was tuned. The band below each curve is what
the misses that were seen allow the probability of a miss to be, at the confidence of `checks.proof.campaign`.
Drawing needs the extra `plot`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from checks.proof.evidence import SCHEMA, versions
from checks.proof.mutants.numerical import METHODS, SIZES, SMOOTH, Detection, detection

COLOURS = {
    "finite differences": "#c1272d",
    "forward mode": "#0000a7",
    "dual numbers": "#008176",
    "rationals": "#bcbd22",
}
WIDTHS = (8.0, 5.5, 3.0, 1.0)  # where curves lie on each other, each is seen


def measure(cases: int, seed: int) -> dict[str, list[Detection]]:
    """Return the curves, telling each point as it is measured."""
    curves: dict[str, list[Detection]] = {}
    for method in METHODS:
        for size in SIZES:
            point = detection(method, size, cases, seed)
            curves.setdefault(method, []).append(point)
            print(f"{method:20} {size:.0e}  caught {point.caught} of {point.of}")
    return curves


def content(curves: dict[str, list[Detection]], seed: int) -> dict[str, Any]:
    """Return the curves for a JSON file."""
    return {
        "schema": SCHEMA,
        "detection": {method: [point.to_dict() for point in curve] for method, curve in curves.items()},
        "architecture": repr(SMOOTH),
        "seed": seed,
        "versions": versions(),
    }


def draw(curves: dict[str, list[Detection]], files: list[Path]) -> None:
    """Draw the curves into files, whose suffix is their format."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for (method, curve), width in zip(curves.items(), WIDTHS, strict=True):
        sizes = [point.size for point in curve]
        caught = [100 * point.caught / point.of for point in curve]
        at_least = [100 * (1 - point.missed_at_most) for point in curve]
        axes.plot(sizes, caught, "o-", color=COLOURS[method], label=method, lw=width, ms=width + 4)
        axes.fill_between(sizes, at_least, caught, color=COLOURS[method], alpha=0.1, linewidth=0)
    axes.set_xscale("log")
    axes.invert_xaxis()
    axes.set_ylim(-3, 103)
    axes.set_xlabel("error of one entry, relative to the norm of its array")
    axes.set_ylabel("caught, %")
    axes.set_title(f"Who notices a small error ({next(iter(curves.values()))[0].of} networks for each point)")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    for file in files:
        figure.savefig(file, dpi=150)


def main() -> None:
    """Measure, write and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2026)
    for name in ("json", "svg", "png"):
        parser.add_argument(f"--{name}", type=Path)
    arguments = parser.parse_args()
    curves = measure(arguments.cases, arguments.seed)
    if arguments.json:
        arguments.json.write_text(json.dumps(content(curves, arguments.seed), indent=1) + "\n")
    if pictures := [file for file in (arguments.svg, arguments.png) if file]:
        draw(curves, pictures)


if __name__ == "__main__":
    main()
