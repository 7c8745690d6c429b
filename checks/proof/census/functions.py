"""A census of the tests: what each function under tests/ asserts, tolerates, draws and skips.

A test suite can be made weaker without a single failure: an assertion goes, a tolerance grows, a strategy
narrows. So the gate holds these counts, read from the source and never run, beside the evidence. What stands
outside of functions counts too, for each file: tables of cases, constants, settings; and so does each example
of a Markdown page. What is zero is left out, and so is a function that is no test and has nothing to lose.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from checks.proof.census.doctest_pages import SUFFIXES, examples
from checks.proof.census.escapes import HOOKS, Function, asserts, escapes, hollow
from checks.proof.census.literals import bars, called, factors, number
from checks.proof.census.named_numbers import resolved
from checks.proof.census.tables import cases, ranges, size, taken_out
from checks.proof.census.tolerances import SMALL, defaults, tolerances
from checks.proof.files import whole

SKIPS = {"skip", "skipif", "xfail", "importorskip", "assume", "reject", "SkipTest"}
SKIPS |= {"skipTest", "skipIf", "skipUnless", "expectedFailure", "exit", "_exit"}
MARKS = {"skip", "skipif", "xfail", "expectedFailure"}

EXAMPLES = 100
"""How many examples Hypothesis tries where it is not told."""

SILENT = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.arg, ast.Constant)
"""Parts of a program that say nothing by themselves, and are most of it."""

UNDRAWN = {"just", "none", "nothing"}
"""Strategies that leave nothing to chance."""

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
    trees = {path.relative_to(root).as_posix(): parsed(path) for path in sorted(root.rglob("*.py"))}
    checking = checking_functions(trees.values())
    found: dict[str, Counts] = {}
    for file, tree in trees.items():
        found[file] = outside(tree, checking)
        found |= {f"{file}::{name}": counted(node, checking) for name, node in _functions(tree, "")}
    for path in sorted(path for suffix in SUFFIXES for path in root.rglob(f"*{suffix}")):
        found[path.relative_to(root).as_posix()] = examples(path)
    return {name: counts for name, counts in found.items() if counts or "::test_" in name}


def parsed(path: Path) -> ast.Module:
    """Read a program as Python does, whatever its encoding, its numbers written where they are named.

    Raises
    ------
    SyntaxError, ValueError
        Naming the file.
    """
    try:
        return resolved(ast.parse(whole(path), str(path)))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def checking_functions(trees: Collection[ast.Module]) -> frozenset[str]:
    """The names of what asserts and is no test: checks by another name, functions, and what calls those."""
    calls: dict[str, set[str]] = {}
    names: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.alias) and node.name.endswith("check") and node.asname:
                names.add(node.asname)
            elif isinstance(node, Function) and not node.name.startswith("test"):
                parts = list(ast.walk(node))
                of = (called(part) for part in parts if isinstance(part, ast.Call))
                calls.setdefault(node.name, set()).update(of)
                names |= {node.name} if _assertions(parts, ()) else set()
    while more := {name for name, of in calls.items() if name not in names and of & names}:
        names |= more
    return frozenset(names)


def _assertions(nodes: Sequence[ast.AST], checking: Collection[str]) -> int:
    return sum(
        not hollow(node.test)
        if isinstance(node, ast.Assert)
        else isinstance(node, ast.Call) and (asserts(node) or called(node) in checking)
        for node in nodes
    )


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}::")


def counted(function: Function, checking: Collection[str] = ()) -> Counts:
    """Count in one function, its decorators and the functions inside it.

    Parameters
    ----------
    function : ast.FunctionDef or ast.AsyncFunctionDef
    checking : collection of str, optional
        Names of functions of the suite that assert: a call of one is an assertion.

    Returns
    -------
    dict
        ``assertions``, ``skips``, ``cases`` (of parametrize, where they are written out), ``tolerances``;
        ``ceilings`` and ``floors``: the other literals that something must stay below or above; ``limits``:
        the least and largest values that strategies are given, by keyword; ``ranges``: the same by position.
    """
    return _counted([function], checking)


def outside(module: ast.Module, checking: Collection[str] = ()) -> Counts:
    """Count in what a module and its classes hold outside of functions.

    ``cases`` are those of its tables, too; ``suites`` the classes in which pytest looks for tests.
    """
    statements = list(_loose(module.body))
    counts = _counted(statements, checking)
    values = [s.value for s in statements if isinstance(s, ast.Assign | ast.AnnAssign) and s.value]
    small = [v for v in map(number, values) if v is not None and 0 < v <= SMALL]
    classes = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    ways: Counter[str] = Counter(counts.get("escapes", {}))
    ways["cuts"] += sum(map(taken_out, statements))
    ways["hooks"] += sum(isinstance(node, Function) and node.name.startswith(HOOKS) for node in module.body)
    ways["hooks"] += sum(
        isinstance(node, Function) and node.name in ("__init__", "__new__")
        for suite in classes
        if suite.name.startswith("Test")
        for node in suite.body
    )
    ways["hooks"] += sum(
        isinstance(node, Function) and node.name.startswith("test_")
        for statement in module.body
        if not isinstance(statement, ast.ClassDef | Function)
        for node in ast.walk(statement)
    )
    return _without_zeros(
        counts
        | {
            "cases": counts.get("cases", 0) + sum(map(size, values)),
            "tolerances": sorted([*counts.get("tolerances", []), *small]),
            "bounds": counts.get("bounds", 0) + len(small),
            "suites": sum(map(_is_suite, classes)),
            "escapes": dict(+ways),
        }
    )


def _is_suite(node: ast.ClassDef) -> bool:
    """Whether pytest looks for tests in a class: by its name, or because it is a TestCase."""
    bases = [getattr(base, "attr", getattr(base, "id", "")) for base in node.bases]
    return node.name.startswith("Test") or any(base.endswith("TestCase") for base in bases)


def _loose(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from node.decorator_list
            yield from _loose(node.body)
        elif not isinstance(node, Function):
            yield node


def _counted(statements: Sequence[ast.AST], checking: Collection[str]) -> Counts:
    nodes = [n for statement in statements for n in ast.walk(statement) if not isinstance(n, SILENT)]
    calls = [(node, called(node)) for node in nodes if isinstance(node, ast.Call)]
    keywords = [(k.arg, v) for call, _ in calls for k in call.keywords if k.arg for v in factors(k.value)]
    limits: dict[str, list[float]] = {}
    for name, value in keywords:
        if name.startswith(("max_", "min_")) or name == "directions":
            limits.setdefault(name, []).append(value)
    bounds = [bar for node in nodes if isinstance(node, ast.Compare) for bar in bars(node)]
    given = [value for node in nodes if isinstance(node, ast.arguments) for value in defaults(node)]
    return _without_zeros(
        {
            "assertions": _assertions(nodes, checking),
            "skips": _skips(nodes),
            "cases": sum(map(cases, nodes)),
            "tolerances": tolerances(nodes),
            "bounds": len(bounds) + sum(0 < value <= SMALL for value in given),
            "ceilings": sorted(v for upper, v in bounds if upper and v > SMALL),
            "floors": sorted(v for upper, v in bounds if not upper and v > 0),
            "limits": {name: sorted(values) for name, values in sorted(limits.items())},
            "ranges": sorted(value for call, _ in calls for value in ranges(call)),
            "draws": sum(_drawn(call, name) for call, name in calls),
            "demands": sum(_demands(call) for call, _ in calls),
            "escapes": escapes(statements, nodes),
        }
    )


def _skips(nodes: Sequence[ast.AST]) -> int:
    """In how many places a test is skipped, or draws are thrown away."""
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    invoked = {id(call.func) for call in calls}
    found = 0
    for node in nodes:
        if isinstance(node, ast.Attribute):
            found += node.attr in MARKS and id(node) not in invoked
        elif isinstance(node, ast.alias):
            found += node.name in SKIPS and node.asname not in (None, node.name)
        elif isinstance(node, ast.Call):
            name = called(node)
            found += name in SKIPS or (isinstance(node.func, ast.Attribute) and name == "filter")
            found += sum(keyword.arg == "phases" for keyword in node.keywords)
            found += sum(isinstance(a, ast.Constant) and a.value in MARKS for a in node.args)
    return found


def _demands(call: ast.Call) -> int:
    """What a check is asked for beyond the ordinary: `thorough=True`, `kink="raise"`."""
    said = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
    return (said.get("thorough") is True) + (said.get("kink") == "raise")


def _drawn(call: ast.Call, name: str) -> int:
    """How much a call leaves to chance: a strategy of Hypothesis, and each argument of `given`."""
    if name == "given":
        return len(call.args) + len(call.keywords)
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    return int(isinstance(of, ast.Name) and of.id in ("st", "strategies") and name not in UNDRAWN)


def _without_zeros(counts: Counts) -> Counts:
    return {key: value for key, value in counts.items() if value}
