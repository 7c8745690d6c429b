"""Forward mode on the shipped code at full size: dual numbers over floats that carry their rounding error.

Along random directions v, <gradient, v> must be the derivative of J along v, up to the rounding errors that
both ways are proved to make at most: the bar is computed, not chosen.
"""

from collections.abc import Sequence

import numpy as np

from checks.proof.code.claims import Claim, claims
from checks.proof.code.floats import float_case, lifted
from checks.proof.code.row import Progress, Row
from checks.proof.evidence import CodeEvidence, digits
from checks.proof.numbers.dual import Dual
from checks.proof.numbers.ring import Undecided
from checks.proof.numbers.rounded import Rounded, rounded
from dnn import Architecture
from dnn.activations import Array

DIRECTIONS = 2


def check(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """<gradient, v> of the float run against the derivative along v in forward mode."""
    row = Row("dual numbers, forward mode", architectures, seed, progress)
    worst, coarsest = 0.0, 0.0
    for number, architecture in row:
        with row.looking_at(architecture):
            case = float_case(architecture, (seed, number))
            rng = np.random.default_rng((seed, number))
            for plain, claim in zip(claims(case), claims(lifted(case, rounded)), strict=True):
                gradient = Rounded(np.asarray(plain.gradient, dtype=float), claim.at.lift(claim.gradient).e)
                for _ in range(DIRECTIONS):
                    v = rounded(rng.standard_normal(claim.at.shape))
                    claimed, true = (gradient * v).sum(), claim.fun(Dual(claim.at, v)).d
                    error, bar = abs(float(claimed.v - true.v)), float(claimed.e + true.e)
                    worst = max(worst, error / bar)
                    coarsest = max(coarsest, resolution(claim, plain.gradient, v.v, error, bar))
                    detail = (
                        f"<gradient, v> is {float(claimed.v):.6g} and should be {float(true.v):.6g}, "
                        f"known within {bar:.1e}"
                    )
                    row.compare(claim, int(not error <= bar), 1, detail)
    bound = f"largest error {worst:.1e} of its bar; bars, proved, of {coarsest:.0e} of the gradient"
    return row.evidence(bound, strength=digits(coarsest))


COARSEST = 1e-6


def resolution(claim: Claim, gradient: Array, v: Array, error: float, bar: float) -> float:
    """A bar beside the largest that <gradient, v> could be; 0 where the gradient is.

    Raises
    ------
    Undecided
        Where it exceeds `COARSEST` and the error does not exceed the bar: such a comparison tells nothing.
    """
    size = float(np.linalg.norm(np.asarray(gradient, dtype=float)) * np.linalg.norm(v))
    relative = bar / size if size else 0.0
    if relative > COARSEST and error <= bar:
        raise Undecided(f"rounding may hide more than {COARSEST:.0e} of {claim}")
    return relative
