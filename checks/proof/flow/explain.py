"""What one sees, in sentences; and what the theorems, by their ids, say would help."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np

from checks.proof.flow.law import Law
from checks.proof.flow.measure import PRECISIONS, Flow
from checks.proof.flow.study import Specimen
from dnn import ACTIVATIONS


def outcome(flow: Flow) -> str:
    """Return one or two words: what becomes of the gradient on its way back to layer 2."""
    if flow.exploding:
        return f"explodes at layer {flow.exploding[0].number}"
    if dead := flow.dead("float32"):
        return f"dies at layer {dead[0].number}"
    return "arrives"


def seen(flow: Flow) -> str:
    """Return a sentence about the flow."""
    alpha, L = flow.learning_rate, flow.depth
    way = f"going back from layer {L}, delta {_times(flow.factor)} a layer"
    if flow.exploding:
        layer = flow.exploding[0]
        if not np.isfinite(layer.step):
            return f"The gradient explodes: {way}, and at layer {layer.number} the update overflows."
        return (
            f"The gradient explodes: {way}, and at layer {layer.number} one update (learning rate {alpha:g}) "
            f"would be {layer.step:.3g} times as long as W^{layer.number} itself."
        )
    places = {name: dead[0] for name in PRECISIONS if (dead := flow.dead(name))}
    if not places:
        last = flow.layers[0]
        return (
            f"The gradient arrives: {way}, and one update (learning rate {alpha:g}) still moves "
            f"W^{last.number} by {last.step:.1e} of its length."
        )
    name, layer = next(iter(places.items()))
    further = [f"layer {l.number} for {other}" for other, l in places.items() if other != name]
    return (
        f"The gradient dies at layer {layer.number} for {name}{''.join(f' and at {f}' for f in further)}: "
        f"{way}, and in layer {layer.number} one update (learning rate {alpha:g}) is shorter than the {name} "
        f"rounding of W^{layer.number}: {_percent(layer.kept[name])} of its entries stay exactly as they are."
    )


def why(flow: Flow) -> str:
    """Return a sentence that sets the measured factor beside the proved one."""
    stretch, slope = flow.a_layer(lambda p: p.stretch), flow.a_layer(lambda p: p.slope)
    most, steepest = flow.a_layer(lambda p: p.largest_stretch), flow.a_layer(lambda p: p.largest_slope)
    forced = " Below 1: with depth it has to vanish." if flow.ceiling < 1 else ""
    return (
        f"A layer multiplies it by at most ||W|| sup|f'| = {most:.2g} * {steepest:.2g} = {flow.ceiling:.2g} "
        f"(vanishing-gradient).{forced} Measured: {stretch:.2g} from the weights, {slope:.2g} from f'."
    )


def trained(before: Flow, after: Flow, epochs: int) -> str:
    """Return a sentence about training."""
    return (
        f"After {epochs} epochs J is {after.loss:.3g} (it was {before.loss:.3g}), and delta "
        f"{_times(after.factor)} a layer ({_times(before.factor)} before)."
    )


def remedies(specimen: Specimen, flow: Flow) -> list[Specimen]:
    """Return what the theorems say would help, as other specimens, the best founded first.

    Orthogonal weights stretch every vector alike, so that the bounds of `vanishing-gradient` and
    `exploding-gradient`, from above and from below, meet in W. Scaled by 1 / sup|f'| they cannot let the
    signal grow; scaled by what f' takes from a signal of variance one they keep its length on average. tanh
    loses least of it over great depths: its f' is 1 at zero, and small signals stay there. Where sup|f'| < 1
    it is the only remedy. Nothing is wrong with a gradient that arrives.
    """
    if not flow.exploding and not flow.dead("float32"):
        return []
    f = ACTIVATIONS[specimen.activation]
    scales = (
        [1 / f.derivative_range.magnitude, 1 / typical_slope(f.name)]
        if f.derivative_range.magnitude >= 1
        else []
    )
    laws = [Law("orthogonal", float(f"{scale:.3g}")) for scale in scales]
    other = replace(specimen, activation="tanh", law=Law("orthogonal"))
    return [*(replace(specimen, law=law) for law in laws), other]


def advice(specimen: Specimen, other: Specimen) -> str:
    """Return what changes from one specimen to the other, and which theorem says that it helps."""
    text = (
        "What would help: weights that stretch every vector alike, so that the bounds from above "
        "(vanishing-gradient) and from below (exploding-gradient) meet"
    )
    if other.activation != specimen.activation:
        own, its = (float(ACTIVATIONS[s.activation].df(np.zeros(1))[0]) for s in (specimen, other))
        text += (
            f"; and an f' near 1 where small signals are: {other.activation}'(0) = {its:g}, "
            f"{specimen.activation}'(0) = {own:g} (activation-derivatives)"
        )
    return text + "."


def typical_slope(activation: str, points: int = 1000) -> float:
    """Return the root mean square of f'(z) for z ~ N(0, 1), at evenly likely points."""
    z = np.array([NormalDist().inv_cdf((i + 0.5) / points) for i in range(points)])
    return float(np.sqrt(np.mean(ACTIVATIONS[activation].df(z) ** 2)))


def _times(factor: float) -> str:
    if factor == 0:
        return "loses its whole length"
    return f"keeps {_percent(factor)} of its length" if factor < 1 else f"grows {factor:.3g}-fold"


def _percent(part: float) -> str:
    return f"{100 * part:.3g} %"
