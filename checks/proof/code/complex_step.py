"""The complex step on the shipped code at full size: Im J(x + i h v) / h, with no subtraction and no rules.

It holds where the code is analytic. dnn compares with zero, which NumPy decides by the real part, and takes
no absolute value and no conjugate: an imaginary part that got lost would show as a derivative that is
wrong.
"""

from collections.abc import Sequence

import numpy as np

from checks.proof.code.claims import claims
from checks.proof.code.dual import resolution
from checks.proof.code.floats import float_case, lifted
from checks.proof.code.row import Progress, Row
from checks.proof.evidence import CodeEvidence, digits
from checks.proof.numbers.dual import Dual
from checks.proof.numbers.rounded import Rounded, rounded
from dnn import Architecture

DIRECTIONS = 2
H = 2.0**-332  # about 1e-100: its square is nothing beside 1, and a derivative of 1e-200 still survives

COMPLEX = 4
"""Roundings of a complex product, quotient or function, imaginary part, for each one of a dual number's."""


def check(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """<gradient, v> of the float run against the imaginary part of J."""
    row = Row("complex step", architectures, seed, progress)
    worst, coarsest = 0.0, 0.0
    for number, architecture in row:
        with row.looking_at(architecture):
            case = float_case(architecture, (seed, number))
            rng = np.random.default_rng((seed, number))
            for claim, bounded in zip(claims(case), claims(lifted(case, rounded)), strict=True):
                gradient = Rounded(
                    np.asarray(claim.gradient, dtype=float), bounded.at.lift(bounded.gradient).e
                )
                for _ in range(DIRECTIONS):
                    v = rng.standard_normal(claim.at.shape)
                    claimed = (gradient * rounded(v)).sum()
                    true = float(np.imag(claim.fun(claim.at + 1j * (H * v)))) / H
                    rounding = bounded.fun(Dual(bounded.at, rounded(v))).d.e
                    error, bar = abs(float(claimed.v) - true), float(claimed.e + COMPLEX * rounding)
                    worst = max(worst, error / bar)
                    coarsest = max(coarsest, resolution(claim, claim.gradient, v, error, bar))
                    detail = (
                        f"<gradient, v> is {float(claimed.v):.6g} and should be {true:.6g}, "
                        f"known within {bar:.1e}"
                    )
                    row.compare(claim, int(not error <= bar), 1, detail)
    bound = f"largest error {worst:.1e} of its bar; bars, proved, of {coarsest:.0e} of the gradient"
    return row.evidence(bound, strength=digits(coarsest))
