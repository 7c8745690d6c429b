"""A census of the tests: what each function under tests/ asserts, tolerates, draws and skips.

A test suite can be made weaker without a single failure: an assertion goes, a tolerance grows, a strategy
narrows. So the gate holds these counts, read from the source and never run, beside the evidence.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOLERANCES = {"rel", "abs", "rtol", "atol"}
SMALL = 0.01
"""A literal up to this size on the larger side of a comparison is a tolerance, too."""

CHECKS = ("assert", "raises", "warns", "holds", "refutes", "fail")
"""A call whose name begins with one of these asserts something."""

SKIPS = {"skip", "skipif", "xfail", "importorskip", "assume"}

Counts = dict[str, Any]


def census(root: Path) -> dict[str, Counts]:
    """Count in every function of every Python file under `root`.

    Parameters
    ----------
    root : Path
        The folder of the tests.

    Returns
    -------
    dict
        From ``"dnn/test_heads.py::test_name"`` to the counts; a class stands between as in pytest's ids.
    """
    found: dict[str, Counts] = {}
    for path in sorted(root.rglob("*.py")):
        file = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {f"{file}::{name}": counted(node) for name, node in _functions(tree, "")}
    return found


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}::")


def counted(function: Function) -> Counts:
    """Count in one function, its decorators and the functions inside it.

    Returns
    -------
    dict
        ``assertions``, ``skips``, ``cases`` (of parametrize, where they are written out), ``tolerances``,
        largest last, and ``limits``: the least and largest values that strategies are given, by keyword.
    """
    nodes = list(ast.walk(function))
    calls = [(node, _name(node.func)) for node in nodes if isinstance(node, ast.Call)]
    asserts = sum(isinstance(node, ast.Assert) for node in nodes)
    names = [_name(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list]
    keywords = [(k.arg, _number(k.value)) for call, _ in calls for k in call.keywords if k.arg]
    limits: dict[str, list[float]] = {}
    for name, value in keywords:
        if name.startswith(("max_", "min_")) and value is not None:
            limits.setdefault(name, []).append(value)
    return {
        "assertions": asserts + sum(name.startswith(CHECKS) for _, name in calls),
        "skips": sum(name in SKIPS for _, name in calls) + sum(name in ("skip", "xfail") for name in names),
        "cases": _cases(call for call, name in calls if name == "parametrize"),
        "tolerances": sorted(
            [
                *(value for name, value in keywords if name in TOLERANCES and value is not None),
                *(value for node in nodes if isinstance(node, ast.Compare) for value in _bars(node)),
            ]
        ),
        "limits": {name: sorted(values) for name, values in sorted(limits.items())},
    }


def _cases(calls: Iterator[ast.Call]) -> int:
    lists = [call.args[1] for call in calls if len(call.args) > 1]
    return sum(len(cases.elts) for cases in lists if isinstance(cases, ast.List | ast.Tuple))


def _bars(comparison: ast.Compare) -> Iterator[float]:
    """The small literals that something must stay below."""
    sides = [comparison.left, *comparison.comparators]
    for left, operator, right in zip(sides, comparison.ops, sides[1:], strict=False):
        larger = right if isinstance(operator, ast.Lt | ast.LtE) else left
        value = _number(larger) if isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) else None
        if value is not None and 0 < value <= SMALL:
            yield value


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _number(node: ast.expr) -> float | None:
    """The value of an expression made of literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    return None


def weaker(old: Counts, new: Counts) -> Iterator[str]:
    """One line for each way in which a function checks less than it did."""
    for key, noun in (("assertions", "assertions"), ("cases", "cases")):
        if new[key] < old[key]:
            yield f"{new[key]} {noun}, {old[key]} in the baseline"
    if new["skips"] > old["skips"]:
        yield f"skips or assumes in {new['skips']} places, {old['skips']} in the baseline"
    if _largest(new["tolerances"]) > _largest(old["tolerances"]) or (
        len(new["tolerances"]) == len(old["tolerances"])
        and any(n > o for n, o in zip(new["tolerances"], old["tolerances"], strict=True))
    ):
        yield f"tolerates {new['tolerances']}, {old['tolerances']} in the baseline"
    for name in sorted(old["limits"].keys() | new["limits"].keys()):
        before, after = old["limits"].get(name, []), new["limits"].get(name, [])
        if _narrowed(name, before, after):
            yield f"draws with {name} = {after}, {before} in the baseline"


def _largest(values: list[float]) -> float:
    return max(values, default=0.0)


def _narrowed(name: str, before: list[float], after: list[float]) -> bool:
    if len(after) != len(before):
        return len(after) > len(before)  # a limit where there was none
    sign = 1 if name.startswith("max_") else -1
    return any(sign * a < sign * b for a, b in zip(after, before, strict=True))
