"""Symbol by symbol: delta, dW and db are the derivative of the shipped J, for every f and every value.

At small shapes, with an opaque f for each layer, every entry of what backward() returns is the same
quotient of polynomials as the derivative of J; equality is decided, not sampled.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from checks.proof.cases import Case
from checks.proof.code.claims import claims
from checks.proof.code.field import with_opaque_activations
from checks.proof.code.row import Progress, Row
from checks.proof.evidence import CodeEvidence
from checks.proof.numbers.ring import LeavesNumberSystem
from checks.proof.numbers.symbols import Alphabet, number
from dnn import Architecture, Network

SAMPLES = 2
LARGEST = 200


def check(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """Every entry of delta^l, dW^l and db^l against the derivative of the shipped J."""
    row = Row("symbols, opaque f and f'", architectures, seed, progress)
    for nth, architecture in row:
        with row.looking_at(architecture):
            if architecture.parameters > LARGEST:
                raise LeavesNumberSystem(f"more than {LARGEST} parameters are not multiplied out")
            alphabet = Alphabet(seed + nth)
            for claim in claims(symbolic_case(with_opaque_activations(architecture), alphabet, SAMPLES)):
                at = alphabet.stand_in(f"z{claim.layer}", claim.at) if claim.symbol == "delta" else claim.at
                J = claim.fun(at).v.item()
                symbols: Any = at.v
                gradient = at.lift(claim.gradient).v
                wrong = [
                    index
                    for index in np.ndindex(*at.shape)
                    if not (J.derivative(number(symbols[index])).meant - gradient[index]).is_zero
                ]
                detail = f"{len(wrong)} of {at.size} entries are other expressions, {wrong[:1]} the first"
                row.compare(claim, len(wrong), at.size, detail)
    return row.evidence(
        "exact, for every f and every value", "small shapes only; f' of a named f is not seen", math.inf
    )


def symbolic_case(architecture: Architecture, alphabet: Alphabet, samples: int) -> Case:
    """Symbols for every parameter, input and label; softmax's labels sum to one."""
    k, symbols = architecture.width, alphabet.symbols
    network = Network(
        architecture,
        W={l: symbols(f"W{l}", k(l), k(l - 1)) for l in architecture.layers},
        b={l: symbols(f"b{l}", k(l), 1) for l in architecture.layers},
    )
    y = symbols("y", k(architecture.depth), samples)
    if architecture.head.name == "softmax_cross_entropy":
        y = y + (1 - y.sum(axis=0, keepdims=True)) / len(y)
    return Case(network, symbols("x", k(1), samples), y)
