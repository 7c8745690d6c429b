"""A certified enclosure of the true gradient, and in it the rounding error of the float gradient, certified.

The enclosure never calls backward(). The shipped tail z^l -> J runs over dual balls, one copy of the sample
for each unit, each along its own axis: that is delta^l. And z^l = W^l a^(l-1) + b^l is linear in W^l and
b^l, so dJ/dW^l = delta^l (a^(l-1))^T and dJ/db^l = delta^l follow from it and from the forward pass, whose
z^l is checked to be just that.

Entry by entry, the float gradient must be within the rounding error that running error analysis allows it;
what it really was, normwise and in ulps of the norm, goes into the row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from checks.proof.cases import Case
from checks.proof.code.claims import Claim, claims
from checks.proof.code.dual import COARSEST
from checks.proof.code.floats import float_case, lifted
from checks.proof.code.row import Progress, Row
from checks.proof.evidence import CodeEvidence, digits
from checks.proof.numbers.balls import PRECISION, Balls, balls
from checks.proof.numbers.dual import Dual
from checks.proof.numbers.ring import Undecided
from checks.proof.numbers.rounded import rounded
from dnn import Architecture
from dnn.activations import Array

SAMPLES = 2


def check(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """Every entry of the float64 and the float32 gradients against its enclosure."""
    row = Row("balls, certified enclosure", architectures, seed, progress)
    try:
        import flint
    except ModuleNotFoundError:
        return row.evidence("", "python-flint is missing: pip install 'gradproof[exact]'")
    worst, coarsest = dict.fromkeys((np.float64, np.float32), 0.0), 0.0
    for number, architecture in row:
        with row.looking_at(architecture), flint.ctx.workprec(PRECISION):
            double = float_case(architecture, (seed, number))
            double = replace(double, x=double.x[:, :SAMPLES], y=double.y[:, :SAMPLES])
            for dtype in worst:
                case = lifted(double, lambda values: values.astype(dtype))  # noqa: B023 - used here
                bounds, truth = claims(lifted(case, rounded)), enclosures(lifted(case, balls))
                for claim, bounded, true in zip(claims(case), bounds, truth, strict=True):
                    bar = _compare(row, claim, true, bounded.at.lift(bounded.gradient).e, dtype)
                    coarsest = max(coarsest, bar if dtype is np.float64 else 0.0)
                    worst[dtype] = max(worst[dtype], _ulps(claim.gradient, true, dtype))
    bound = ", ".join(f"{dtype.__name__}: {ulps:.1f} ulp" for dtype, ulps in worst.items())
    return row.evidence(f"largest normwise error, certified: {bound}", strength=digits(coarsest))


def enclosures(case: Case) -> Iterator[Balls]:
    """The true delta^l, dJ/dW^l and dJ/db^l over balls, in the order of `claims`."""
    network, N = case.network, case.x.shape[1]
    trace = network.forward(case.x)
    for l in reversed(network.architecture.layers):
        k = network.architecture.width(l)
        axes = case.x.lift(np.eye(k, dtype=int))
        columns = []
        for n in range(N):
            copies = [n] * k
            losses = _tail_losses(case, l)(Dual(trace.z[l][:, copies], axes), case.y[:, copies])
            columns.append(losses.d.v)
        delta = trace.z[l].new(np.stack(columns, axis=1))
        found, expected = trace.z[l], network.W[l] @ trace.a[l - 1] + network.b[l]
        if not all(x.overlaps(y) for x, y in zip(found.v.flat, expected.v.flat, strict=True)):
            raise ValueError(f"z^{l} is not W^{l} a^{l - 1} + b^{l}: forward at layer l = {l}")
        yield delta
        yield delta @ trace.a[l - 1].T / N
        yield delta.sum(axis=1, keepdims=True) / N


def _tail_losses(case: Case, l: int) -> Callable[[Array, Array], Array]:
    """(z^l, y) -> the J of each column, through the layers above l as a network of their own."""
    whole, network = case.network.architecture, case.network
    if l == whole.depth:
        return whole.head.loss
    above = Architecture(whole.widths[l - 1 :], whole.hidden[l - 1 :], whole.head.name, whole.output)
    W, b = ({m - l + 1: of[m] for m in range(l + 1, whole.depth + 1)} for of in (network.W, network.b))
    rest, f = replace(network, architecture=above, W=W, b=b), whole.activation(l).f
    return lambda z, y: whole.head.loss(rest.forward(f(z)).z[above.depth], y)


def _largest(x: Any) -> float:
    """An upper bound of a ball, as a float."""
    return float(np.nextafter(float(x.upper()), np.inf))


def _compare(row: Row, claim: Claim, true: Balls, allowed: Any, dtype: type) -> float:
    """Compare entry by entry; return the rounding error that is allowed, beside the gradient's norm."""
    wrong, first = 0, ""
    enclosures: Any = true.v
    for index in np.ndindex(*true.shape):
        found, enclosure = float(claim.gradient[index]), enclosures[index]
        if not _largest(abs(enclosure - found)) <= allowed[index]:
            wrong += 1
            entry = ", ".join(map(str, index))
            first = first or (
                f"entry [{entry}] is {found:.6g} and should be {enclosure.str(8, radius=False)}, "
                f"rounding allows {allowed[index]:.1e}"
            )
    size = float(np.linalg.norm(np.asarray(claim.gradient, dtype=float)))
    bar = float(np.linalg.norm(allowed)) / size if size else 0.0
    if dtype is np.float64 and not wrong and bar > COARSEST:
        raise Undecided(f"rounding may hide more than {COARSEST:.0e} of {claim}")
    row.compare(claim, wrong, true.size, f"{dtype.__name__}, {wrong} of {true.size} entries, {first}")
    return bar


def _ulps(found: Array, true: Balls, dtype: type) -> float:
    """An upper bound of ||found - true|| / (eps ||true||)."""
    exact = balls(np.asarray(found, dtype=float))
    error, size = (sum((x * x for x in array.v.flat), 0 * exact.v.flat[0]) for array in (true - exact, true))
    if not error > 0:
        return 0.0
    return _largest((error / size).sqrt()) / float(np.finfo(dtype).eps)
