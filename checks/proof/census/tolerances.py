"""What the comparisons of a test tolerate, whether they say so or not."""

import ast
from collections.abc import Iterator, Sequence

from checks.proof.census.literals import bars, called, factors, number

KEYWORDS = {"rel", "abs", "rtol", "atol", "rel_tol", "abs_tol", "delta"}
UNSAID = {
    "approx": {"rel": 1e-6, "abs": 1e-12},
    "allclose": {"rtol": 1e-5, "atol": 1e-8},
    "isclose": {"rtol": 1e-5, "atol": 1e-8},
    "assert_allclose": {"rtol": 1e-7, "atol": 0},
}
"""What a comparison tolerates, in the order of its arguments, where it does not say so."""

PLACES = {
    "assert_almost_equal": ("decimal", 7),
    "assert_array_almost_equal": ("decimal", 6),
    "assert_approx_equal": ("significant", 7),
    "assertAlmostEqual": ("places", 7),
    "assertNotAlmostEqual": ("places", 7),
}
"""Comparisons to so many digits, which they are given third, or by this name, or take for granted."""

SMALL = 0.01
"""A literal up to this size on the larger side of a comparison is a tolerance, too."""


def tolerances(nodes: Sequence[ast.AST]) -> list[float]:
    """Return every tolerance among these nodes that is written out or taken for granted, smallest first."""
    found: list[float] = []
    for node in nodes:
        if isinstance(node, ast.Call):
            found += _of_call(node)
        elif isinstance(node, ast.Compare):
            found += (value for upper, value in bars(node) if upper and 0 < value <= SMALL)
        elif isinstance(node, ast.arguments):
            found += (value for value in defaults(node) if 0 < value <= SMALL)
    return sorted(found)


def loose(call: ast.Call) -> int:
    """How many tolerances of a call are no numbers: whatever is computed for them is tolerated."""
    return sum(k.arg in KEYWORDS and not factors(k.value) for k in call.keywords if k.arg)


def defaults(arguments: ast.arguments) -> list[float]:
    """Return the numbers that a function takes where it is given none."""
    values = [number(value) for value in (*arguments.defaults, *arguments.kw_defaults) if value is not None]
    return [value for value in values if value is not None]


def _of_call(call: ast.Call) -> Iterator[float]:
    name = called(call)
    for keyword in call.keywords:
        if keyword.arg in KEYWORDS:
            yield from factors(keyword.value)
    if name in PLACES:
        yield 10.0 ** -_places(call, *PLACES[name])
    said = {keyword.arg for keyword in call.keywords} | {"rtol" for k in call.keywords if k.arg == "rel_tol"}
    compared = 1 if name == "approx" else 2
    for place, (word, default) in enumerate(UNSAID.get(name, {}).items(), compared):
        if len(call.args) > place:
            yield from factors(call.args[place])
        elif default and word not in said:
            yield default


def _places(call: ast.Call, keyword: str, default: int) -> float:
    given = [*call.args[2:3], *(k.value for k in call.keywords if k.arg == keyword)]
    said = number(given[0]) if given else default
    return max(-300.0, min(300.0, -300.0 if said is None else said))
