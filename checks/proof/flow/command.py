"""`gradproof flow`: look, say what is seen, and draw it."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from checks.proof import terminal
from checks.proof.flow import chart, picture
from checks.proof.flow.picture import MatplotlibMissingError
from checks.proof.flow.study import Finding, Study, plan

__all__ = ["MatplotlibMissingError", "run", "study"]


def study(arguments: argparse.Namespace) -> Study:
    """Return what is asked for.

    Raises
    ------
    ValueError
        As `plan`, or a file that cannot be written.
    MatplotlibMissingError
        When a picture is asked for and cannot be drawn.
    """
    asked = plan(
        arguments.depths,
        arguments.activation,
        arguments.init,
        width=arguments.width,
        data=arguments.data,
        epochs=arguments.epochs,
        learning_rate=arguments.learning_rate,
        networks=arguments.networks,
        seed=arguments.seed,
    )
    if arguments.png:
        picture.figure_class()
        try:
            with arguments.png.open("ab"):
                pass
        except OSError as error:
            raise ValueError(f"--png: cannot write {arguments.png}: {error.strerror}") from error
    return asked


def run(asked: Study, png: Path | None) -> list[str]:
    """Look at everything and show it.

    Returns
    -------
    list of str
        A line for each layer whose gradient is longer than the theorem allows: none, or something is wrong.
    """
    console = Console(width=terminal.width(), highlight=False, no_color=not terminal.colour())
    findings: list[Finding] = []
    with terminal.progress() as progress:
        for found in asked.look(progress):
            findings.append(found)
    for found in findings:
        for line in chart.finding(found, asked, console.width):
            console.print(line)
    if len(findings) > 1:
        _summary(findings, console)
    if png:
        picture.draw(findings, asked, png)
        print(f"written: {png}", file=sys.stderr)
    return [
        f"{found.specimen}: ||delta^{layer.number}|| = {layer.delta} is above its bound {layer.bound}"
        for found in findings
        for flow in (found.flow, found.trained)
        if flow
        for layer in flow.beyond_the_bound
    ]


def _summary(findings: list[Finding], console: Console) -> None:
    table = Table("network", "the gradient", "a layer", "at most", "explosions", title="Together")
    for row in chart.summary(findings):
        table.add_row(*row)
    console.print(table)
