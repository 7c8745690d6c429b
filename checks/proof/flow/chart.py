"""The flow as text: a logarithmic bar for each layer, and where the bound stands."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from rich.text import Text

from checks.proof.flow.explain import advice, outcome, remedies, seen, trained, why
from checks.proof.flow.measure import PRECISIONS, Flow, Layer
from checks.proof.flow.study import Finding, Study

EIGHTHS = " ▏▎▍▌▋▊▉"
ROWS = 16
HEAD, BOUND = "||delta^l||", "| bound"
NEAR = 3  # decades: a flat flow looks flat, and a bound further above than that is marked by >
STYLES = {"arrives": "green", "dies": "bold yellow", "explodes": "bold red"}


def finding(found: Finding, study: Study, width: int) -> Iterator[Text]:
    """Return one finding, line by line."""
    drawn = "as drawn" if study.epochs else ""
    yield from _chart(found.flow, ", ".join(filter(None, (str(found.specimen), study.data, drawn))), width)
    yield _sentence(seen(found.flow), found.flow)
    yield Text(why(found.flow))
    if found.diverged:
        yield Text(found.diverged[0].upper() + found.diverged[1:] + ".", STYLES["explodes"])
    if found.trained:
        yield Text("")
        yield from _chart(
            found.trained, f"{found.specimen}, {study.data}, after {study.epochs} epochs", width
        )
        yield _sentence(seen(found.trained), found.trained)
        yield Text(trained(found.flow, found.trained, study.epochs))
    if found.explosions:
        yield Text(f"Random networks of this kind that explode: {found.explosions}.")
    yield from _tried(found, study)
    yield Text("")


def _tried(found: Finding, study: Study) -> Iterator[Text]:
    """Return what would help, and what became of it: the first remedy with which the gradient arrives."""
    tried = [(other, study.tried(other)) for other in remedies(found.specimen, found.flow)]
    if tried:
        other, flow = next((pair for pair in tried if outcome(pair[1]) == "arrives"), tried[0])
        yield Text(advice(found.specimen, other))
        yield _sentence(f"Tried, {other}: {seen(flow)}", flow)


def _sentence(text: str, flow: Flow) -> Text:
    return Text(text, STYLES[outcome(flow).split()[0]])


def _chart(flow: Flow, title: str, width: int) -> Iterator[Text]:
    low, high = _decades(flow)
    column = max(len(_number(layer.delta)) for layer in flow.layers)
    column = max(column, len(HEAD))
    notes = {layer.number: _note(layer, flow) for layer in flow.layers}
    margin = max(len(BOUND), *(len(note) for note in notes.values()))
    bar = max(10, width - len("layer") - column - margin - 7)
    left, right = f"1e{low:+03d}", f"1e{high:+03d}"
    yield Text(title, "bold")
    yield Text(f"layer  {HEAD:>{column}}  {left}{right:>{bar - len(left)}}   {BOUND}")
    for layer in _shown(flow):
        line = Text(f"{layer.number:5}  {_number(layer.delta):>{column}}  ") + _bar(layer, low, high, bar)
        if notes[layer.number]:
            line += Text(f"  {notes[layer.number]}", "yellow")
        line.rstrip()
        yield line


def _decades(flow: Flow) -> tuple[int, int]:
    """Return the powers of ten between which the chart lies: all lengths, and the bound where it is near."""
    lengths = [layer.delta for layer in flow.layers if 0 < layer.delta < math.inf] or [1.0]
    shortest, longest = math.floor(math.log10(min(lengths))), math.ceil(math.log10(max(lengths)))
    bounds = [math.ceil(math.log10(b)) for layer in flow.layers if 0 < (b := layer.bound) < math.inf]
    return min(shortest, longest - NEAR), max(longest, min(longest + NEAR, max(bounds, default=longest)))


def _bar(layer: Layer, low: int, high: int, width: int) -> Text:
    """Return the bar of one layer, with a stroke where the bound stands, or > when that is off the scale."""

    def place(length: float) -> float:
        if length == 0:
            return 0.0
        if not length < math.inf:
            return width
        return min(1.0, max(0.0, (math.log10(length) - low) / (high - low))) * width

    whole, part = divmod(round(8 * place(layer.delta)), 8)
    cells = list("█" * whole + EIGHTHS[part] * (part > 0) + " " * (width + 1 - whole - (part > 0)))
    beyond = not layer.bound <= 10.0**high
    mark = width if beyond else min(width, math.ceil(place(layer.bound)))
    cells[mark] = ">" if beyond else "|"
    drawn = "".join(cells)
    return Text(drawn[:mark], "cyan") + Text(drawn[mark]) + Text(drawn[mark + 1 :])


def _note(layer: Layer, flow: Flow) -> str:
    if any(layer is other for other in flow.exploding):
        return "explodes"
    where = [name for name in PRECISIONS if any(layer is other for other in flow.dead(name))]
    return f"dead in {', '.join(where)}" if where else ""


def _number(length: float) -> str:
    if not math.isfinite(length):
        return "overflow"
    return f"{length:.2e}" if length else "0"


def _shown(flow: Flow) -> list[Layer]:
    """Return every layer, or some evenly spaced ones with the first, the last and those where it dies."""
    layers = list(reversed(flow.layers))
    if len(layers) <= ROWS:
        return layers
    wanted = {round(i) for i in np.linspace(0, len(layers) - 1, ROWS)}
    turning = [*(flow.dead(name)[:1] for name in PRECISIONS), flow.exploding[:1]]
    wanted |= {layers.index(found[0]) for found in turning if found}
    return [layers[i] for i in sorted(wanted)]


def summary(findings: Iterable[Finding]) -> Iterator[tuple[str, str, str, str, str]]:
    """Return a row for each finding: network, outcome, factor a layer, its ceiling, explosions."""
    for found in findings:
        exploded = str(found.explosions).split(" (")[0] if found.explosions else ""
        flow = found.flow
        yield str(found.specimen), outcome(flow), f"{flow.factor:.2g}", f"{flow.ceiling:.2g}", exploded
