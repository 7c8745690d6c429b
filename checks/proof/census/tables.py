"""How many cases a test is given, and over how much it walks or draws."""

import ast
from collections.abc import Iterator

from checks.proof.census.literals import called, computed, factors, finite, number

LISTS = {"parametrize": (1, "argvalues"), "sampled_from": (0, "elements"), "fixture": (1, "params")}
"""Calls that are given a list of cases: its place among the arguments, and its name."""

RANGES = {"integers", "floats", "range"}
"""Calls that say by position what is drawn or walked through: `integers(1, 9)`, `range(9)`."""

SHRINK = {"pop", "popitem", "clear", "remove", "discard"}
"""Methods that take something out of a table."""


def size(node: ast.expr) -> int:
    """How many entries a table has that is written out; a constant that stands there twice is one case."""
    if isinstance(node, ast.Dict):
        return len(node.keys)
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return len(set(node.value))
    entries = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else []
    return len({id(entry) if computed(entry) else ast.dump(entry) for entry in entries})


def cases(node: ast.AST) -> int:
    """How many cases a loop or a call writes out: of `parametrize`, a fixture, a strategy, one `example`."""
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        return size(node.iter)
    name = called(node) if isinstance(node, ast.Call) else ""
    if not isinstance(node, ast.Call) or name not in (*LISTS, "example"):
        return 0
    if name == "example":
        return 1
    place, keyword = LISTS[name]
    listed = [*node.args[place : place + 1], *(k.value for k in node.keywords if k.arg == keyword)]
    return sum(map(size, listed))


def taken_out(statement: ast.AST) -> int:
    """How much a statement of a module takes out of its tables: `del CASES[3]`, `CASES.pop()`."""
    found = 0
    for node in ast.walk(statement):
        if isinstance(node, ast.Delete):
            found += sum(isinstance(target, ast.Subscript) for target in node.targets)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found += node.func.attr in SHRINK and isinstance(node.func.value, ast.Name)
    return found


def ranges(call: ast.Call) -> Iterator[float]:
    """Over how much a call draws or walks, as far as it says so in numbers."""
    name = called(call)
    if name not in RANGES:
        return
    if name == "range" and len(call.args) == 1:
        yield from map(abs, factors(call.args[0]))
        return
    given = [number(argument) for argument in call.args]
    if None in given or len(given) < 2:
        return
    low, high, *step = (value for value in given if value is not None)
    yield finite(abs(high - low) / (abs(step[0]) or 1.0 if step else 1.0))
