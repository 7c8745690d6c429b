"""A census of the tests: what each function under tests/ asserts, tolerates, draws and skips.

A test suite can be made weaker without a single failure: an assertion goes, a tolerance grows, a strategy
narrows. So the gate holds these counts, read from the source and never run, beside the evidence. What stands
outside of functions counts too, for each file: tables of cases, constants, settings; and so does each example
of a Markdown page. What is zero is left out, and so is a function that is no test and has nothing to lose.
"""

import ast
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOLERANCES = {"rel", "abs", "rtol", "atol"}
SMALL = 0.01
"""A literal up to this size on the larger side of a comparison is a tolerance, too."""

CHECKS = ("assert", "raises", "warns", "holds", "refutes", "fail")
"""A call whose name begins with one of these asserts something."""

SKIPS = {"skip", "skipif", "xfail", "importorskip", "assume"}
MARKS = {"skip", "skipif", "xfail"}

RANGES = {"integers": 0, "floats": 0, "range": None}
"""Calls that say by position what is drawn or walked through: `integers(1, 9)`, `range(9)`."""

Counts = dict[str, Any]


def census(root: Path) -> dict[str, Counts]:
    """Count in every Python file and Markdown page under `root`.

    Parameters
    ----------
    root : Path
        The folder of the tests.

    Returns
    -------
    dict
        From ``"dnn/test_heads.py::test_name"`` to the counts; a class stands between as in pytest's ids, and
        ``"dnn/test_heads.py"`` is what stands outside of functions.
    """
    found: dict[str, Counts] = {}
    for path in sorted(root.rglob("*.py")):
        file = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found[file] = outside(tree)
        found |= {f"{file}::{name}": counted(node) for name, node in _functions(tree, "")}
    for path in sorted(root.rglob("*.md")):
        examples = sum(line.startswith(">>>") for line in path.read_text(encoding="utf-8").splitlines())
        found[path.relative_to(root).as_posix()] = _without_zeros({"assertions": examples})
    return {name: counts for name, counts in found.items() if counts or "::test_" in name}


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
        ``assertions``, ``skips``, ``cases`` (of parametrize, where they are written out), ``tolerances``;
        ``ceilings`` and ``floors``: the other literals that something must stay below or above; ``limits``:
        the least and largest values that strategies are given, by keyword; ``ranges``: the same by position.
    """
    return _counted(list(ast.walk(function)), function.decorator_list)


def outside(module: ast.Module) -> Counts:
    """Count in the statements of a module that are neither functions nor classes; ``cases`` of its tables."""
    statements = [node for node in module.body if not isinstance(node, Function | ast.ClassDef)]
    counts = _counted([node for statement in statements for node in ast.walk(statement)], [])
    values = [s.value for s in statements if isinstance(s, ast.Assign | ast.AnnAssign) and s.value]
    cases = counts.get("cases", 0) + sum(map(_size, values))
    tolerances = [v for v in map(_number, values) if v is not None and 0 < v <= SMALL]
    tolerances = sorted([*counts.get("tolerances", []), *tolerances])
    return _without_zeros(counts | {"cases": cases, "tolerances": tolerances})


def _counted(nodes: list[ast.AST], decorators: list[ast.expr]) -> Counts:
    calls = [(node, _name(node.func)) for node in nodes if isinstance(node, ast.Call)]
    asserts = sum(isinstance(node, ast.Assert) for node in nodes)
    called = {id(call.func) for call, _ in calls}
    marks = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr in MARKS and id(n) not in called]
    keywords = [(k.arg, v) for call, _ in calls for k in call.keywords if k.arg for v in _factors(k.value)]
    limits: dict[str, list[float]] = {}
    for name, value in keywords:
        if name.startswith(("max_", "min_")):
            limits.setdefault(name, []).append(value)
    ranges = [abs(high - low) for call, name in calls if name in RANGES for low, high in _range(call, name)]
    bars = [bar for node in nodes if isinstance(node, ast.Compare) for bar in _bars(node)]
    tolerances = [value for name, value in keywords if name in TOLERANCES]
    return _without_zeros(
        {
            "assertions": asserts + sum(name.startswith(CHECKS) for _, name in calls),
            "skips": sum(name in SKIPS for _, name in calls) + len(marks),
            "cases": sum(_cases(call) for call, name in calls if name in ("parametrize", "sampled_from")),
            "tolerances": sorted([*tolerances, *(v for upper, v in bars if upper and 0 < v <= SMALL)]),
            "ceilings": sorted(v for upper, v in bars if upper and v > SMALL),
            "floors": sorted(v for upper, v in bars if not upper and v > 0),
            "limits": {name: sorted(values) for name, values in sorted(limits.items())},
            "ranges": sorted(ranges),
        }
    )


def _without_zeros(counts: Counts) -> Counts:
    return {key: value for key, value in counts.items() if value}


def _size(node: ast.expr) -> int:
    """How many entries a table has that is written out."""
    if isinstance(node, ast.Dict):
        return len(node.keys)
    return len(node.elts) if isinstance(node, ast.List | ast.Tuple | ast.Set) else 0


def _cases(call: ast.Call) -> int:
    place = 1 if _name(call.func) == "parametrize" else 0
    return _size(call.args[place]) if len(call.args) > place else 0


def _range(call: ast.Call, name: str) -> Iterator[tuple[float, float]]:
    if name == "range" and len(call.args) == 1:
        yield from ((0.0, high) for high in _factors(call.args[0]))
    elif len(call.args) == 2:
        low, high = map(_number, call.args)
        yield from [(low, high)] if low is not None and high is not None else []


def _bars(comparison: ast.Compare) -> Iterator[tuple[bool, float]]:
    """The literals that something must stay below (True) or above (False), alone or as a factor."""
    sides = [comparison.left, *comparison.comparators]
    for left, sign, right in zip(sides, comparison.ops, sides[1:], strict=False):
        if isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            larger, smaller = (right, left) if isinstance(sign, ast.Lt | ast.LtE) else (left, right)
            yield from ((True, value) for value in _factors(larger))
            yield from ((False, value) for value in _factors(smaller))


def _factors(node: ast.expr) -> Iterator[float]:
    """The literals that an expression grows with: of `max(10, 4 * x / 3)` 10 and 4."""
    value = _number(node)
    if value is not None:
        yield value
    elif isinstance(node, ast.BinOp):
        yield from _factors(node.left)
        yield from _factors(node.right) if isinstance(node.op, ast.Mult | ast.Add) else ()
    elif isinstance(node, ast.Call) and _name(node.func) in ("max", "min"):
        yield from (value for argument in node.args for value in _factors(argument))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def _number(node: ast.expr) -> float | None:
    """The value of an expression made of literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        left, right = _number(node.left), _number(node.right)
        if left is not None and right is not None:
            try:
                return float(ARITHMETIC[type(node.op)](left, right))
            except (ArithmeticError, TypeError):
                return None
    return None


def weaker(old: Counts, new: Counts) -> Iterator[str]:
    """One line for each way in which a function checks less than it did."""
    for key in ("assertions", "cases"):
        if new.get(key, 0) < old.get(key, 0):
            yield f"{new.get(key, 0)} {key}, {old[key]} in the baseline"
    if new.get("skips", 0) > old.get("skips", 0):
        yield f"skips or assumes in {new['skips']} places, {old.get('skips', 0)} in the baseline"
    before, after = old.get("tolerances", []), new.get("tolerances", [])
    if max(after, default=0.0) > max(before, default=0.0) or (
        len(after) == len(before) and any(n > o for n, o in zip(after, before, strict=True))
    ):
        yield f"tolerates {after}, {before} in the baseline"
    for key, what, sign in (
        ("ceilings", "is content below", 1),
        ("floors", "is content above", -1),
        ("ranges", "draws or walks over", -1),
    ):
        before, after = old.get(key, []), new.get(key, [])
        if _worse(before, after, sign):
            yield f"{what} {after}, {before} in the baseline"
    was, now = old.get("limits", {}), new.get("limits", {})
    for name in sorted(was.keys() | now.keys()):
        before, after = was.get(name, []), now.get(name, [])
        if _narrowed(name, before, after):
            yield f"draws with {name} = {after}, {before} in the baseline"


def _worse(before: list[float], after: list[float], sign: int) -> bool:
    """Whether some of `before` has no counterpart that is as strict; more of them are no harm."""
    pairs = zip(sorted(sign * v for v in before), sorted(sign * v for v in after), strict=False)
    return any(now > was for was, now in pairs)


def _narrowed(name: str, before: list[float], after: list[float]) -> bool:
    if len(after) != len(before):
        return len(after) > len(before)  # a limit where there was none
    sign = 1 if name.startswith("max_") else -1
    return any(sign * a < sign * b for a, b in zip(after, before, strict=True))


def renamed(old: dict[str, Counts], new: dict[str, Counts]) -> dict[str, str]:
    """From names that have vanished to new ones in their place: in the same file, or of the same name.

    What took the place checks no less, and takes one place only.
    """
    found: dict[str, str] = {}
    free = sorted(new.keys() - old.keys())
    for name in sorted(old.keys() - new.keys()):
        file, _, function = name.partition("::")
        for other in free:
            other_file, _, other_function = other.partition("::")
            if (other_file == file or other_function == function) and not any(weaker(old[name], new[other])):
                found[name] = other
                free.remove(other)
                break
    return found


def behind(old: dict[str, Counts], new: dict[str, Counts]) -> list[str]:
    """The functions of which the baseline holds less than they check."""
    return sorted(name for name, counts in new.items() if any(weaker(counts, old.get(name, {}))))
