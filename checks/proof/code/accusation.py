"""From the arrays that are wrong to the formula that is: what a teacher would say about a homework.

A wrong delta^l spoils dW and db of layer l and of all layers below it, and nothing above. So the deepest
layer with a wrong array is the place, and which of its arrays are wrong is the formula. Between the
suspects that are left, two experiments on the network itself decide: a missing transpose does no harm where
W is symmetric, and a wrong f' usually does none where z = 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from checks import Report, Verdict, gradcheck
from checks.proof.raised import OURS
from dnn.activations import Array

Arrays = dict[str, Array]


@dataclass(frozen=True)
class Role:
    """What a name says of an array.

    Parameters
    ----------
    layer : int or None
        The last number in it.
    bias : bool
        Its name begins with b or i, or it has one dimension.
    """

    layer: int | None
    bias: bool


def role(name: str, shape: tuple[int, ...]) -> Role:
    """The role of a parameter, read from its name and shape."""
    number = re.search(r"(\d+)\D*$", name)
    return Role(int(number[1]) if number else None, len(shape) < 2 or name[:1].lower() in "bi")


@dataclass(frozen=True)
class Suspect:
    """A formula at a layer.

    Parameters
    ----------
    formula : str
        The theorem that derives it; ``"delta of the head"`` where the head is not known.
    layer : int
        l.
    above : int or None
        The layer whose delta it starts from.
    """

    formula: str
    layer: int
    above: int | None = None

    def __str__(self) -> str:
        l, above = self.layer, self.above
        why = {
            "weight-gradient": "db is right there, so delta is; its product with the transpose of the a that "
            "enters is not",
            "bias-gradient": "dW is right there, so delta is; its sum over the samples is not",
            "delta of the head": "it is the last layer, and both its dW and its db are wrong",
            "hidden-delta": f"layer {above} is right, so the step from delta^{above} to delta^{l} is wrong, "
            f"((W^{above})^T delta^{above}) ⊙ f'(z^{l})",
        }
        return f"{self.formula} at layer l = {l}: {why[self.formula]}"


def suspect(wrong: set[str], at: Arrays) -> Suspect | None:
    """The formula that the wrong arrays point to; None where their names tell no layers."""
    roles = {name: role(name, p.shape) for name, p in at.items()}
    layers = sorted({r.layer for r in roles.values() if r.layer is not None})
    pairs = {(r.layer, r.bias) for r in roles.values()}
    if not wrong or any(r.layer is None for r in roles.values()):
        return None
    if (
        not len(pairs) == len(roles) == 2 * len(layers)
    ):  # one W and one b for each layer, or it is no such network
        return None
    l = max(layer for name in wrong if (layer := roles[name].layer) is not None)
    biases = {roles[name].bias for name in wrong if roles[name].layer == l}
    if len(biases) == 1:
        return Suspect("bias-gradient" if biases.pop() else "weight-gradient", l)
    if l == layers[-1]:
        return Suspect("delta of the head", l)
    return Suspect("hidden-delta", l, layers[layers.index(l) + 1])


def accused(wrong: set[str], at: Arrays) -> str:
    """The wrong arrays and the formula they point to, as a line."""
    found = suspect(wrong, at)
    return ", ".join(sorted(wrong)) + (f": {found}" if found else " differ")


def accusation(report: Report, network: Any, at: Arrays) -> str:
    """All that a failed check tells of a network: arrays, layer, formula, diagnosis and one entry."""
    wrong = {leaf.path for leaf in report.leaves if leaf.verdict is Verdict.FAIL} & set(at)
    parts = [accused(wrong, at)]
    found = suspect(wrong, at)
    if found is not None and found.formula == "hidden-delta":
        parts += _experiments(network, at, found)
    parts += [f"{', '.join(d.paths)} {d.text}" for d in report.diagnosis if d.kind != "unknown"]
    if report.worst is not None:
        index = ", ".join(map(str, report.worst.index or ()))
        found_there, right = report.worst.analytic, report.worst.numerical
        parts.append(f"{report.worst.path}[{index}] is {found_there:.6g} and should be {right:.6g}")
    return "; ".join(parts)


def _experiments(network: Any, at: Arrays, found: Suspect) -> list[str]:
    here = [name for name, p in at.items() if role(name, p.shape).layer == found.layer]
    (W,) = (n for n, p in at.items() if role(n, p.shape) == Role(found.above, bias=False))
    said = []
    square = at[W].ndim == 2 and at[W].shape[0] == at[W].shape[1]
    if square and _right(network, {**at, W: (at[W] + at[W].T) / 2}, here):
        said.append(f"it is right where {W} is symmetric, so the transpose of {W} is the mistake")
    if _right(network, {**at, **{name: 0 * at[name] for name in here}}, here):
        said.append(f"it is right where z^{found.layer} = 0, so its f' is the mistake")
    return said


def _right(network: Any, at: Arrays, names: list[str]) -> bool:
    """Whether the gradients of these arrays are right at another point."""
    try:
        report = gradcheck(network.loss, network.gradients, at, raise_exception=False, kink="raise")
        moves = any(np.any(network.gradients(at)[name]) for name in names)
    except OURS:
        raise
    except BaseException:  # somebody else's code need not run at another point
        return False
    verdicts = {leaf.path: leaf.verdict for leaf in report.leaves}
    return moves and all(verdicts.get(name) is Verdict.PASS for name in names)
