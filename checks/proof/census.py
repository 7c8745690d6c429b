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

from checks.proof.escapes import CHECKS, HOOKS, Function, escapes, hollow
from checks.proof.literals import bars, called, factors, number

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
        examples = sum(line.startswith(">>>") for line in path.read_text(encoding="utf-8").splitlines())
        found[path.relative_to(root).as_posix()] = _without_zeros({"assertions": examples})
    return {name: counts for name, counts in found.items() if counts or "::test_" in name}


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
    asserts = sum(isinstance(node, ast.Assert) and not hollow(node.test) for node in nodes)
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
            "assertions": asserts + sum(name.startswith(CHECKS) for _, name in calls),
            "skips": sum(name in SKIPS for _, name in calls) + len(marks) + len(aliases) + phases + filters,
            "cases": sum(_cases(call) for call, name in calls if name in ("parametrize", "sampled_from")),
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
    """How many entries a table has that is written out."""
    if isinstance(node, ast.Dict):
        return len(node.keys)
    return len(node.elts) if isinstance(node, ast.List | ast.Tuple | ast.Set) else 0


def _cases(call: ast.Call) -> int:
    place = 1 if called(call) == "parametrize" else 0
    return _size(call.args[place]) if len(call.args) > place else 0


def _range(call: ast.Call, name: str) -> Iterator[tuple[float, float]]:
    if name == "range" and len(call.args) == 1:
        yield from ((0.0, high) for high in factors(call.args[0]))
    elif len(call.args) == 2:
        low, high = map(number, call.args)
        yield from [(low, high)] if low is not None and high is not None else []


def weaker(old: Counts, new: Counts) -> Iterator[str]:
    """One line for each way in which a function checks less than it did."""
    for key in ("assertions", "cases", "draws", "bounds"):
        if new.get(key, 0) < old.get(key, 0):
            yield f"{new.get(key, 0)} {key}, {old[key]} in the baseline"
    if new.get("skips", 0) > old.get("skips", 0):
        yield f"skips or assumes in {new['skips']} places, {old.get('skips', 0)} in the baseline"
    was, now = old.get("escapes", {}), new.get("escapes", {})
    for kind in sorted(now):
        if now[kind] > was.get(kind, 0):
            yield f"{now[kind]} {kind}, {was.get(kind, 0)} in the baseline"
    before, after = old.get("tolerances", []), new.get("tolerances", [])
    if max(after, default=0.0) > max(before, default=0.0) or (
        len(after) == len(before) and any(n > o for n, o in zip(after, before, strict=True))
    ):
        yield f"tolerates {after}, {before} in the baseline"
    elif _became_ceilings(old, new):
        yield f"is content below {new['ceilings']}, tolerated {before} in the baseline"
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


def _became_ceilings(old: Counts, new: Counts) -> bool:
    """Whether a tolerance grew so large that it is none any more."""
    before, after = ([*c.get("tolerances", []), *c.get("ceilings", [])] for c in (old, new))
    beside = _worse(old.get("ceilings", []), new.get("ceilings", []), 1)
    return len(after) >= len(before) and _worse(before, after, 1) and not beside


def _worse(before: list[float], after: list[float], sign: int) -> bool:
    """Whether some of `before` has no counterpart that is as strict; more of them are no harm."""
    pairs = zip(sorted(sign * v for v in before), sorted(sign * v for v in after), strict=False)
    return any(now > was for was, now in pairs)


def _narrowed(name: str, before: list[float], after: list[float]) -> bool:
    if name == "max_examples" and len(after) < len(before):
        return max(before) > EXAMPLES
    if len(after) != len(before):
        return len(after) > len(before)  # a limit where there was none
    sign = 1 if name.startswith("max_") else -1
    return any(sign * a < sign * b for a, b in zip(after, before, strict=True))


def renamed(old: dict[str, Counts], new: dict[str, Counts]) -> dict[str, str]:
    """From names that have vanished to new ones in their place: in the same file, or of the same name.

    What took the place checks no less, is run by pytest if that was, and takes one place only.
    """
    found: dict[str, str] = {}
    free = sorted(new.keys() - old.keys())
    for name in sorted(old.keys() - new.keys()):
        file, _, function = name.partition("::")
        for other in free:
            other_file, _, other_function = other.partition("::")
            near = other_file == file or other_function == function
            run = all(is_so(other) or not is_so(name) for is_so in (_is_test, _found_by_itself))
            if near and run and not any(weaker(old[name], new[other])):
                found[name] = other
                free.remove(other)
                break
    return found


def _is_test(name: str) -> bool:
    """Whether pytest takes the function for a test, in a file that it looks at."""
    _, *classes, function = name.split("::") if "::" in name else (name, "")
    return function.startswith("test") and all(c.startswith("Test") for c in classes)


def _found_by_itself(name: str) -> bool:
    """Whether pytest looks at the file unless another is named."""
    file = Path(name.partition("::")[0]).name
    return file.startswith("test_") or file.endswith("_test.py")


def bypasses(name: str, counts: Counts) -> bool:
    """Whether something new, that is no test, skips tests or has a say in which are run."""
    return not _is_test(name) and bool(counts.get("skips") or counts.get("escapes", {}).get("hooks"))


def behind(old: dict[str, Counts], new: dict[str, Counts]) -> list[str]:
    """The functions of which the baseline holds less than they check."""
    return sorted(name for name, counts in new.items() if any(weaker(counts, old.get(name, {}))))
