"""Identity testing over a finite field: any shape, and a wrong formula has next to no chance to survive.

For each claim, at a random point and along a random direction v, <gradient, v> must equal the derivative of J
along v in forward mode over the same field.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from checks.proof.cases import Case
from checks.proof.code.claims import claims
from checks.proof.code.row import Progress, Row
from checks.proof.evidence import CodeEvidence, digits
from checks.proof.numbers.dual import Dual
from checks.proof.numbers.field import Field, FieldArray
from checks.proof.numbers.modular import P
from checks.proof.numbers.opaque import opaque_activation
from dnn import Architecture, Network

TRIALS = 2
SAMPLES = (2, 1, 3)  # of the first architecture, the second, the third, and so on again


def check_opaque(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """With opaque f and f' in place of every activation: the backward formula for all of them at once."""
    row = Row("finite field, opaque f and f'", architectures, seed, progress)
    note = "does not see whether a named f' is the derivative of its f"
    return _check(row, with_opaque_activations, note)


def check_shipped(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """With the shipped activations over opaque exp, log and tanh: a wrong f' is seen as well."""
    row = Row("finite field, shipped f and f'", architectures, seed, progress)
    note = "a coin puts each unit on a side of zero: {left} on the left, {right} on the right were seen"
    return _check(row, lambda architecture: architecture, note)


def with_opaque_activations(architecture: Architecture) -> Architecture:
    """The same widths and head, with one opaque activation for each layer."""
    hidden = [opaque_activation(f"f{l}") for l in range(2, architecture.depth)]
    output = None if architecture.output is None else opaque_activation(f"f{architecture.depth}")
    return Architecture(architecture.widths, hidden, architecture.head.name, output)


def random_case(architecture: Architecture, field: Field, samples: int) -> Case:
    """Uniform parameters, inputs and labels; softmax's labels sum to one."""
    k = architecture.width
    network = Network(
        architecture,
        W={l: field.random(k(l), k(l - 1)) for l in architecture.layers},
        b={l: field.random(k(l), 1) for l in architecture.layers},
    )
    y = field.random(k(architecture.depth), samples)
    if architecture.head.name == "softmax_cross_entropy":
        y = y + (1 - y.sum(axis=0, keepdims=True)) / len(y)
    return Case(network, field.random(k(1), samples), y)


def _check(row: Row, prepared: Callable[[Architecture], Architecture], note: str) -> CodeEvidence:
    survival, worst_degree, left, right = Fraction(0), 0, 0, 0
    for number, architecture in row:
        with row.looking_at(architecture):
            survives = Fraction(1)
            for trial in range(TRIALS):
                field = Field(int(np.random.SeedSequence((row.seed, number, trial)).generate_state(1)[0]))
                case = random_case(prepared(architecture), field, SAMPLES[number % len(SAMPLES)])
                degree = 0
                for claim in claims(case):
                    direction = field.random(*claim.at.shape)
                    claimed = (field.lift(claim.gradient) * direction).sum()
                    true = claim.fun(Dual(claim.at, direction)).d
                    difference: FieldArray = claimed - true
                    degree = max(degree, difference.degree.numerator)
                    detail = "<gradient, v> is not the derivative along v in GF(2^61 - 1)"
                    row.compare(claim, int(difference.v != 0), 1, detail)
                survives *= min(Fraction(degree + field.collision(), P), Fraction(1))
                worst_degree = max(worst_degree, degree)
                left, right = left + len(field.left), right + len(field.right)
            survival = max(survival, survives)
    bound = (
        f"a wrong formula survives with probability <= {float(survival):.1e} "
        f"({TRIALS} trials, degree <= {worst_degree} over p = 2^61 - 1)"
    )
    return row.evidence(bound, note.format(left=left, right=right), digits(float(survival)))
