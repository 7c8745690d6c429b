"""Bring your own network: every oracle that applies to somebody else's NumPy code.

`gradproof prove --network MODULE:CLASS` makes one object of the class and asks it for three things:

    class Homework:
        def parameters(self) -> dict[str, np.ndarray]: ...     # where to check: named arrays of floats
        def loss(self, parameters) -> float: ...               # J, its samples and labels known to itself
        def gradients(self, parameters) -> dict[str, np.ndarray]: ...   # dJ/d each of them, same names

A name that ends in a number says its layer, growing towards the output: ``W1, b1, W2, b2``. Names that
begin with a b or an i (bias, intercept), and arrays of one dimension, are biases. Layers and the role of
each array are what turns "W1 and b1 are wrong, W2 and b2 are right" into "the step from delta^2 to delta^1
is wrong".

When loss and gradients are plain arithmetic on whatever arrays they are handed (``@``, ``+``, ``np.exp``,
no cast to float), the number systems run them as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from checks import GradcheckError, Verdict, gradcheck
from checks.proof.code.accusation import accusation, accused
from checks.proof.evidence import CodeEvidence
from checks.proof.numbers.dual import Dual
from checks.proof.numbers.field import Field
from checks.proof.numbers.modular import P
from checks.proof.numbers.ring import LeavesNumberSystem, RingArray, Undecided
from checks.proof.numbers.rounded import rounded
from checks.proof.progress import Progress, silent
from checks.proof.raised import OURS, text, told
from dnn.activations import Array

Arrays = dict[str, Array]
TRIALS = 2
SAME = 1e-9


class NetworkUnderTest(Protocol):
    """What a network must offer."""

    def parameters(self) -> Arrays:
        """The point at which to check: arrays of float32 or float64, by name."""

    def loss(self, parameters: Arrays) -> Any:
        """J at these parameters: a scalar. Must depend on nothing else and change nothing."""

    def gradients(self, parameters: Arrays) -> Arrays:
        """dJ / d each parameter, under the same names and in the same shapes."""


class ProtocolError(ValueError):
    """The network does not keep to the protocol."""


def load(target: str) -> NetworkUnderTest:
    """Make the object that ``MODULE:CLASS`` names.

    Raises
    ------
    ProtocolError
        No such module, no such class, a class that needs arguments, or a method that is missing.
    """
    module, separator, name = target.partition(":")
    if not (module and separator and name):
        raise ProtocolError(f"network must be MODULE:CLASS, got {target!r}")
    try:
        made = getattr(import_module(module), name)()
        missing = [m for m in ("parameters", "loss", "gradients") if not callable(getattr(made, m, None))]
    except OURS:
        raise
    except BaseException as reason:  # whatever somebody else's module or class raises
        raise ProtocolError(f"network {target!r} cannot be made: {told(reason)}") from reason
    if missing:
        raise ProtocolError(f"{target} lacks {', '.join(missing)}; a network has parameters, loss, gradients")
    network: NetworkUnderTest = made
    return network


def check_network(
    network: NetworkUnderTest, *, seed: int = 0, progress: Progress = silent
) -> list[CodeEvidence]:
    """Let every oracle that applies look at a network.

    Parameters
    ----------
    network : NetworkUnderTest
    seed : int
    progress : callable, optional

    Returns
    -------
    list of CodeEvidence
        One row for each oracle; those that could not run say why.

    Raises
    ------
    ProtocolError
        Gradients of other names or shapes, parameters that are changed, answers that depend on what was
        asked before.
    """
    at = _honest_point(network, seed)
    methods = ("forward mode", "complex step", "finite differences")
    looks = {
        "dual numbers, proved rounding error": _by_dual,
        "finite field, opaque exp, log and tanh": _by_field,
    }
    rows: list[CodeEvidence] = []
    for method in methods:
        progress(method, len(rows), len(methods) + len(looks))
        rows.append(_by_gradcheck(network, at, method, seed))
    for oracle, look in looks.items():
        progress(oracle, len(rows), len(methods) + len(looks))
        start = time.perf_counter()
        failures, identities, bound, note = look(network, at, seed)
        rows.append(CodeEvidence(oracle, 1, identities, failures, bound, time.perf_counter() - start, note))
    why = "asks for the architecture, which the protocol does not tell"
    rows += [CodeEvidence(oracle, 0, 0, (), "", 0.0, why) for oracle in ("symbols", "rationals", "balls")]
    return rows


# ---- honesty: what would make every later verdict worthless


def _honest_point(network: NetworkUnderTest, seed: int) -> Arrays:
    try:
        parameters = network.parameters()
    except OURS:
        raise
    except BaseException as crash:
        raise ProtocolError(f"parameters raised {told(crash)}") from crash
    at = _floats(parameters)
    rng = np.random.default_rng(seed)
    beside = {name: p + (0.01 * rng.standard_normal(p.shape)).astype(p.dtype) for name, p in at.items()}
    first_loss, first = _asked(network.loss, at), _gradients(network, at)
    if np.ndim(first_loss) or not np.isfinite(first_loss):
        raise ProtocolError(f"loss must return one finite number, got {first_loss!r}")
    _asked(network.loss, beside)  # what it keeps of its last forward pass is now another's
    if not _same(first, _gradients(network, at)):
        raise ProtocolError(
            "gradients must depend on its argument alone: the same parameters gave other gradients after "
            "loss was asked elsewhere, so it keeps the state of an earlier forward pass"
        )
    _gradients(network, beside)
    if not _close(first_loss, _asked(network.loss, at)):
        raise ProtocolError("loss must depend on its argument alone: the same parameters gave two values")
    return at


def _floats(parameters: Any) -> Arrays:
    if not isinstance(parameters, Mapping) or not parameters:
        raise ProtocolError(f"parameters must return a dict of arrays by name, got {parameters!r}")
    for name, p in parameters.items():
        kind = p.dtype.name if isinstance(p, np.ndarray) else type(p).__name__
        if not isinstance(name, str) or kind not in ("float32", "float64"):
            raise ProtocolError(f"parameters must be arrays of float32 or float64, {name!r} is {kind}")
        if not p.size or not np.isfinite(p).all():
            raise ProtocolError(f"parameters must be finite and not empty, {name!r} is not")
    return {name: p.copy() for name, p in parameters.items()}


def _asked(method: Callable[[Arrays], Any], at: Arrays) -> Any:
    """The answer to a copy, which must come back as it was."""
    lent = {name: p.copy() for name, p in at.items()}
    called = getattr(method, "__name__", type(method).__name__)
    try:
        answer = method(lent)
    except OURS:
        raise
    except BaseException as crash:
        raise ProtocolError(f"{called} raised {told(crash)}") from crash
    if set(lent) != set(at) or not all(np.array_equal(lent[name], at[name]) for name in at):
        raise ProtocolError(f"{called} must leave the parameters as they are: it changed them")
    return answer


def _gradients(network: NetworkUnderTest, at: Arrays) -> Arrays:
    found = _asked(network.gradients, at)
    if not isinstance(found, Mapping) or set(found) != set(at):
        names = sorted(found) if isinstance(found, Mapping) else type(found).__name__
        raise ProtocolError(f"gradients must return the names {sorted(at)}, got {names}")
    for name, p in at.items():
        if np.shape(found[name]) != p.shape:
            raise ProtocolError(
                f"gradients must have the shapes of the parameters: {name!r} has {np.shape(found[name])} and "
                f"should have {p.shape}"
            )
        if not np.isfinite(found[name]).all():
            raise ProtocolError(f"gradients must be finite: {name!r} holds NaN or infinity")
    return {name: np.array(found[name], copy=True) for name in at}


def _same(x: Arrays, y: Arrays) -> bool:
    return all(_close(x[name], y[name]) for name in y)


def _close(x: Any, y: Any) -> bool:
    """Equal, but for what threads may do to one and the same sum."""
    return bool(np.max(np.abs(np.asarray(x) - y)) <= SAME * np.max(np.abs(y)))


# ---- the oracles


def _by_gradcheck(network: NetworkUnderTest, at: Arrays, method: str, seed: int) -> CodeEvidence:
    start = time.perf_counter()

    def row(identities: int, failures: tuple[str, ...], bound: str, note: str = "") -> CodeEvidence:
        return CodeEvidence(method, 1, identities, failures, bound, time.perf_counter() - start, note)

    try:
        report = gradcheck(
            network.loss, network.gradients, at, method=method, rng=seed, raise_exception=False, kink="raise"
        )
    except GradcheckError as finding:
        return row(0, (f"{' '.join(str(finding).split())}; seed {seed}",), "")
    except OURS:
        raise
    except (TypeError, ValueError) as reason:
        return row(0, (), "", text(reason))
    except BaseException as reason:  # it did not run at the parameters themselves only
        return row(0, (), "", told(reason))
    if report.verdict is Verdict.FAIL:
        return row(report.checked, (f"{accusation(report, network, at)}; seed {seed}",), "")
    if report.verdict is Verdict.PASS:
        return row(
            report.checked, (), f"an error of {report.resolution:.0e} of an array's norm would be seen"
        )
    return row(
        0, (), "", f"{report.verdict}: {'; '.join(leaf.reason for leaf in report.leaves if leaf.reason)}"
    )


UNDECIDED = (
    "not decided: the gradient of {name} is no identity over opaque exp, log and tanh. It is wrong, or right "
    "by a law of theirs, or the labels do not sum to exactly one"
)

Look = tuple[tuple[str, ...], int, str, str]
"""Failures, identities, bound, note."""


def _by_dual(network: NetworkUnderTest, at: Arrays, seed: int) -> Look:
    """<gradient, v> against forward mode, both with their rounding errors."""
    rng = np.random.default_rng(seed)
    try:
        bounded = {name: rounded(p) for name, p in at.items()}
        gradients = {name: bounded[name].lift(g) for name, g in network.gradients(bounded).items()}
        worst, wrong = 0.0, set()
        for name, p in bounded.items():
            v = rounded(rng.standard_normal(p.shape))
            claimed = (gradients[name] * v).sum()
            true = _derivative(network.loss({**bounded, name: Dual(p, v)}))
            error, bar = abs(float(claimed.v - true.v)), float(claimed.e + true.e)
            worst = max(worst, error / bar)
            if not error <= bar:
                wrong.add(name)
    except OURS:
        raise
    except BaseException as reason:  # any step of the code may be one that this array does not have
        return (), 0, "", _lacks(reason)
    failures = (f"{accused(wrong, at)}; seed {seed}",) if wrong else ()
    return failures, len(at), f"largest error {worst:.1e} of its bar, the proved rounding error of both", ""


def _by_field(network: NetworkUnderTest, at: Arrays, seed: int) -> Look:
    """<gradient, v> against forward mode at random points of GF(2^61 - 1)."""
    survives = 1.0
    try:
        for trial in range(TRIALS):
            field = Field(seed * TRIALS + trial)
            point: Arrays = {name: field.random(*p.shape) for name, p in at.items()}
            gradients, degree = network.gradients(point), 0
            for name, p in point.items():
                v = field.random(*p.shape)
                true = field.lift(_derivative(network.loss({**point, name: Dual(p, v)})))
                difference = (field.lift(gradients[name]) * v).sum() - true
                degree = max(degree, difference.degree.numerator)
                if difference.v:
                    return (), 0, "", UNDECIDED.format(name=name)
            survives *= min((degree + field.collision()) / P, 1.0)
    except OURS:
        raise
    except BaseException as reason:  # as above
        return (), 0, "", _lacks(reason)
    bound = f"a wrong formula survives with probability <= {survives:.1e} ({TRIALS} trials)"
    return (), TRIALS * len(at), bound, ""


def _lacks(reason: BaseException) -> str:
    """Why a number system could not run the code, in its own words where it has them."""
    if isinstance(reason, LeavesNumberSystem | Undecided):
        return text(reason)
    if isinstance(reason, AttributeError) and isinstance(reason.obj, Dual | RingArray):
        system = "the dual numbers" if isinstance(reason.obj, Dual) else reason.obj.system
        return f".{reason.name} leaves {system}: their arrays have no such attribute"
    return f"the code does not run on arrays of other numbers than floats: {told(reason)}"


def _derivative(J: Any) -> Any:
    if not isinstance(J, Dual):
        raise LeavesNumberSystem(
            f"loss returned {type(J).__name__} for a dual argument: the derivative was lost"
        )
    return J.d
