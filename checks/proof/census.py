"""A census of the tests: what each function under tests/ asserts, tolerates, draws and skips.

A test suite can be made weaker without a single failure: an assertion goes, a tolerance grows, a strategy
narrows. So the gate holds these counts, read from the source and never run, beside the evidence. What stands
outside of functions counts too, for each file: tables of cases, constants, settings; and so does each example
of a Markdown page. What is zero is left out, and so is a function that is no test and has nothing to lose.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from checks.proof.escapes import HOOKS, Function, asserts, escapes, hollow
from checks.proof.literals import bars, called, computed, factors, number

TOLERANCES = {"rel", "abs", "rtol", "atol", "rel_tol", "abs_tol"}
TOLERANT = {
    "approx": {"rel": 1e-6, "abs": 1e-12},
    "allclose": {"rtol": 1e-5, "atol": 1e-8},
    "isclose": {"rtol": 1e-5, "atol": 1e-8},
    "assert_allclose": {"rtol": 1e-7, "atol": 0},
}
"""What a comparison tolerates, in the order of its arguments, where it does not say so."""
SMALL = 0.01
"""A literal up to this size on the larger side of a comparison is a tolerance, too."""

SKIPS = {"skip", "skipif", "xfail", "importorskip", "assume", "reject", "SkipTest"}
SKIPS |= {"skipTest", "skipIf", "skipUnless", "expectedFailure"}
MARKS = {"skip", "skipif", "xfail", "expectedFailure"}

EXAMPLES = 100
"""How many examples Hypothesis tries where it is not told."""

UNDRAWN = {"just", "none", "nothing"}
"""Strategies that leave nothing to chance."""

LISTS = {"parametrize": (1, "argvalues"), "sampled_from": (0, "elements"), "fixture": (1, "params")}
"""Calls that are given a list of cases: its place among the arguments, and its name."""

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
        tree = resolved(ast.parse(path.read_text(encoding="utf-8"), file))
        found[file] = outside(tree)
        found |= {f"{file}::{name}": counted(node) for name, node in _functions(tree, "")}
    for path in sorted(root.rglob("*.md")):
        found[path.relative_to(root).as_posix()] = examples(path)
    return {name: counts for name, counts in found.items() if counts or "::test_" in name}


def examples(page: Path) -> Counts:
    """Count the examples of a page, and those that it skips."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith(">>>")]
    return _without_zeros({"assertions": len(lines), "skips": sum("+SKIP" in line for line in lines)})


def resolved(module: ast.Module) -> ast.Module:
    """Write the module's numbers where its functions name them: a larger `BAR` tolerates more there."""
    numbers = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and number(node.value) is not None
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    class Write(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            named = isinstance(node.ctx, ast.Load) and node.id in numbers
            return copy.deepcopy(numbers[node.id]) if named else node

    module.body = [Write().visit(node) for node in module.body]
    return module


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
    return _counted([function])


def outside(module: ast.Module) -> Counts:
    """Count in what a module and its classes hold outside of functions; ``cases`` of its tables."""
    statements = list(_loose(module.body))
    counts = _counted(statements)
    values = [s.value for s in statements if isinstance(s, ast.Assign | ast.AnnAssign) and s.value]
    cases = counts.get("cases", 0) + sum(map(_size, values))
    tolerances = [v for v in map(number, values) if v is not None and 0 < v <= SMALL]
    bounds = counts.get("bounds", 0) + len(tolerances)
    tolerances = sorted([*counts.get("tolerances", []), *tolerances])
    ways: Counter[str] = Counter(counts.get("escapes", {}))
    ways["hooks"] += sum(isinstance(node, Function) and node.name.startswith(HOOKS) for node in module.body)
    ways["hooks"] += sum(
        isinstance(node, Function) and node.name.startswith("test_")
        for statement in module.body
        if not isinstance(statement, ast.ClassDef | Function)
        for node in ast.walk(statement)
    )
    return _without_zeros(
        counts | {"cases": cases, "tolerances": tolerances, "bounds": bounds, "escapes": dict(+ways)}
    )


def _loose(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from node.decorator_list
            yield from _loose(node.body)
        elif not isinstance(node, Function):
            yield node


def _counted(statements: Sequence[ast.AST]) -> Counts:
    nodes = [node for statement in statements for node in ast.walk(statement)]
    calls = [(node, called(node)) for node in nodes if isinstance(node, ast.Call)]
    statements_that_assert = sum(isinstance(node, ast.Assert) and not hollow(node.test) for node in nodes)
    invoked = {id(call.func) for call, _ in calls}
    marks = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr in MARKS and id(n) not in invoked]
    aliases = [
        n for n in nodes if isinstance(n, ast.alias) and n.name in SKIPS and n.asname not in (None, n.name)
    ]
    keywords = [(k.arg, v) for call, _ in calls for k in call.keywords if k.arg for v in factors(k.value)]
    limits: dict[str, list[float]] = {}
    for name, value in keywords:
        if name.startswith(("max_", "min_")):
            limits.setdefault(name, []).append(value)
    ranges = [abs(high - low) for call, name in calls if name in RANGES for low, high in _range(call, name)]
    bounds = [bar for node in nodes if isinstance(node, ast.Compare) for bar in bars(node)]
    tolerances = [value for name, value in keywords if name in TOLERANCES]
    tolerances += [value for call, name in calls for value in _unsaid(call, name)]
    phases = sum(name == "phases" for call, _ in calls for name in (k.arg for k in call.keywords))
    filters = sum(isinstance(call.func, ast.Attribute) and name == "filter" for call, name in calls)
    return _without_zeros(
        {
            "assertions": statements_that_assert + sum(asserts(call) for call, _ in calls),
            "skips": sum(name in SKIPS for _, name in calls) + len(marks) + len(aliases) + phases + filters,
            "cases": sum(_cases(call, name) for call, name in calls),
            "tolerances": sorted([*tolerances, *(v for upper, v in bounds if upper and 0 < v <= SMALL)]),
            "bounds": len(bounds),
            "ceilings": sorted(v for upper, v in bounds if upper and v > SMALL),
            "floors": sorted(v for upper, v in bounds if not upper and v > 0),
            "limits": {name: sorted(values) for name, values in sorted(limits.items())},
            "ranges": sorted(ranges),
            "draws": sum(_drawn(call, name) for call, name in calls),
            "escapes": escapes(statements),
        }
    )


def _unsaid(call: ast.Call, name: str) -> Iterator[float]:
    """What a tolerant comparison tolerates by position or by default."""
    said = {keyword.arg for keyword in call.keywords} | {"rtol" for k in call.keywords if k.arg == "rel_tol"}
    compared = 1 if name == "approx" else 2
    for place, (keyword, default) in enumerate(TOLERANT.get(name, {}).items(), compared):
        if len(call.args) > place:
            yield from factors(call.args[place])
        elif default and keyword not in said:
            yield default


def _drawn(call: ast.Call, name: str) -> int:
    """How much a call leaves to chance: a strategy of Hypothesis, and each argument of `given`."""
    if name == "given":
        return len(call.args) + len(call.keywords)
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    return int(isinstance(of, ast.Name) and of.id in ("st", "strategies") and name not in UNDRAWN)


def _without_zeros(counts: Counts) -> Counts:
    return {key: value for key, value in counts.items() if value}


def _size(node: ast.expr) -> int:
    """How many entries a table has that is written out; a constant that stands there twice is one case."""
    if isinstance(node, ast.Dict):
        return len(node.keys)
    entries = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else []
    return len({id(entry) if computed(entry) else ast.dump(entry) for entry in entries})


def _cases(call: ast.Call, name: str) -> int:
    """How many cases a call writes out: of `parametrize`, a fixture, a strategy, or one `example`."""
    if name == "example":
        return 1
    if name not in LISTS:
        return 0
    place, keyword = LISTS[name]
    listed = [*call.args[place : place + 1], *(k.value for k in call.keywords if k.arg == keyword)]
    return sum(map(_size, listed))


def _range(call: ast.Call, name: str) -> Iterator[tuple[float, float]]:
    if name == "range" and len(call.args) == 1:
        yield from ((0.0, high) for high in factors(call.args[0]))
    elif len(call.args) == 2:
        low, high = map(number, call.args)
        yield from [(low, high)] if low is not None and high is not None else []
