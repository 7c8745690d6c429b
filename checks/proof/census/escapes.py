"""Ways past an assertion that stays where it is: a test can hold less although nothing of it was taken away.

Each kind is counted, and more of it is weaker. The counts are read from the source, as all of the census.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from checks.proof.census.literals import called, number
from checks.proof.census.tolerances import loose

CHECKS = ("assert", "raises", "warns", "holds", "refutes", "fail", "check")
"""A call whose name begins with one of these asserts something, and so does one that ends with `check`."""

ANYTHING = {"Exception", "BaseException"}
ANY_MESSAGE = ("", ".", ".*", "^", "$", "(?s).*", None)

HOOKS = ("pytest_", "collect_ignore", "__test__", "__unittest_")
"""A function or name that begins with one of these has a say in which tests are run."""

NIGHTLY = {"costly", "one_in"}
"""What a test leaves to the nightly profile: see `tests.effort`."""

EASING = ("rtol", "atol", None)
"""What makes a check milder, None being `**keywords`, of which nobody knows what they hold."""

FIXTURES = ("gradcheck", "vjpcheck", "jvpcheck", "jaccheck", "hesscheck", "hvpcheck")
"""Fixtures that nobody else may define."""

Function = ast.FunctionDef | ast.AsyncFunctionDef

CONDITIONS = (
    ast.If, ast.IfExp, ast.BoolOp, ast.While, ast.Match, ast.ExceptHandler, ast.Lambda, ast.FunctionDef,
    ast.AsyncFunctionDef,
)  # fmt: skip
"""What stands inside one of these, not every run reaches."""


def asserts(call: ast.Call) -> bool:
    """Whether a call asserts something: `assert_allclose(a, b)`, `gradcheck(fun, grad, x0)`."""
    name = called(call)
    return name.startswith(CHECKS) or name.endswith("check")


def hollow(test: ast.expr) -> bool:
    """Whether what is asserted is true by its form: a constant, a tuple, `... or True`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(map(hollow, test.values))
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Constant) and not test.operand.value
    if isinstance(test, ast.Compare):
        return all(isinstance(side, ast.Constant) for side in (test.left, *test.comparators))
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Tuple | ast.List | ast.Set):
        return bool(test.elts)
    if isinstance(test, ast.ListComp | ast.SetComp | ast.DictComp):
        return not any(part.ifs for part in test.generators)
    return isinstance(test, ast.Lambda | ast.GeneratorExp) or (isinstance(test, ast.Dict) and bool(test.keys))


def _repeats(node: ast.AST) -> bool:
    """Whether something is compared with itself: `loss == approx(loss)`, `assert_allclose(a, a)`."""
    if isinstance(node, ast.Compare):
        like = len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.LtE | ast.GtE | ast.Is)
        return like and _are_one([node.left, *node.comparators])
    return isinstance(node, ast.Call) and asserts(node) and _are_one(node.args[:2])


def _are_one(sides: Sequence[ast.expr]) -> bool:
    bare = [
        side.args[0] if isinstance(side, ast.Call) and called(side) == "approx" and side.args else side
        for side in sides
    ]
    return len(bare) == 2 and ast.dump(bare[0]) == ast.dump(bare[1])


def escapes(statements: Sequence[ast.AST], nodes: Sequence[ast.AST]) -> dict[str, int]:
    """Count the ways past the assertions among these statements, of which `nodes` are the parts.

    Returns
    -------
    dict
        ``conditions``: assertions that not every run reaches, and what a comprehension leaves out;
        ``alternatives``: what is enough instead; ``eased``: checks that are given tolerances;
        ``swallowed``: handlers of exceptions, expected ones that may be others, verdicts returned and not
        raised; ``unmatched``: those whose message may be any; ``exits``: `return`, `break`, `continue` of a
        test, and what stands behind one; ``cuts``: slices of what is walked through, drawn from or compared;
        ``repeats``: what is compared with itself; ``loose``: tolerances that are computed; ``nights``: left
        to the nightly profile; ``hooks``: say which tests are run.
    """
    found: Counter[str] = Counter()
    for node in nodes:
        found.update(_of(node))
        found["repeats"] += _repeats(node)
    for statement in statements:
        parts = ast.iter_child_nodes(statement) if isinstance(statement, Function) else [statement]
        found["conditions"] += sum(1 for part in parts for _ in _conditional(part, inside=False))
        if isinstance(statement, Function) and statement.name.startswith("test"):
            found["exits"] += sum(_exits(child) for child in statement.body)
    return {kind: count for kind, count in sorted(found.items()) if count}


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ExceptHandler):
        yield "swallowed"
    elif isinstance(node, ast.comprehension):
        yield from ["conditions"] * len(node.ifs) + ["cuts"] * _cut(node.iter)
    elif isinstance(node, ast.For | ast.AsyncFor):
        yield from ["cuts"] * (_cut(node.iter) + _is_empty(node.iter))
    elif isinstance(node, ast.Assert):
        yield from ["cuts"] * _cut(node.test)
        for part in ast.walk(node.test):
            if isinstance(part, ast.BoolOp) and isinstance(part.op, ast.Or):
                yield from ["alternatives"] * (len(part.values) - 1)
            elif isinstance(part, ast.IfExp) or (isinstance(part, ast.Call) and called(part) == "any"):
                yield "alternatives"
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, Function) and node.name in ("__exit__", "__aexit__"):
        told = (part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value)
        yield from ["swallowed" for value in told if not isinstance(value, ast.Constant) or value.value]
    elif isinstance(node, Function):
        yield from ["hooks"] * _is_no_test(node)
    elif isinstance(node, ast.alias):
        yield from ["hooks"] * (node.asname or node.name).startswith("test_")
        yield from ["swallowed"] * (node.name == "suppress" and node.asname not in (None, "suppress"))
    elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        yield from ["hooks"] * (node.attr in HOOKS)
    elif isinstance(node, ast.Name) and node.id in NIGHTLY:
        yield "nights"
    elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("checks"):
        yield from ["hooks"] * sum((alias.asname or alias.name) in FIXTURES for alias in node.names)
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield from ["hooks"] * (node.id.startswith((*HOOKS, "test_")) or node.id in FIXTURES)
    for body in (getattr(node, part, None) for part in ("body", "orelse", "finalbody")):
        if isinstance(body, list):
            ends = [isinstance(s, ast.Return | ast.Raise | ast.Break | ast.Continue) for s in body[:-1]]
            yield from ["exits"] * sum(ends)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = called(call)
    said = {keyword.arg: keyword.value for keyword in call.keywords}
    yield from ["loose"] * loose(call)
    quiet = said.get("raise_exception")
    yield from ["swallowed"] * (
        quiet is not None and not (isinstance(quiet, ast.Constant) and quiet.value is True)
    )
    if name.endswith("check") or name == "gradproof":
        yield from ["eased"] * sum(word in EASING for word in said)
    if name in ("setattr", "parametrize"):
        texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        yield from ["hooks"] * sum(text in ("__test__", *FIXTURES) for text in texts)
    if name == "suppress":
        yield "swallowed"
    elif name == "globals":
        yield "hooks"
    elif name in ("raises", "warns") and call.args:
        expected = call.args[0].elts if isinstance(call.args[0], ast.Tuple) else [call.args[0]]
        yield from ["swallowed"] * (len(expected) - 1)
        yield from ["swallowed"] * sum(isinstance(e, ast.Name) and e.id in ANYTHING for e in expected)
        match = said.get("match", ast.Constant(""))
        yield from ["unmatched"] * (isinstance(match, ast.Constant) and match.value in ANY_MESSAGE)
    elif name in ("parametrize", "sampled_from"):
        yield from ["cuts"] * sum(map(_cut, call.args))


def _is_no_test(node: Function) -> bool:
    """Whether pytest leaves a function of a test's name alone, or a check's fixture is defined anew."""
    made_fixture = any(
        getattr(part, "attr", getattr(part, "id", "")) == "fixture"
        for decorator in node.decorator_list
        for part in ast.walk(decorator)
    )
    if node.name.startswith("test"):
        return made_fixture or isinstance(node, ast.AsyncFunctionDef)
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    given = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "name"]
    names = [node.name, *(value.value for value in given if isinstance(value, ast.Constant))]
    return any(name in FIXTURES for name in names)


def _cut(node: ast.expr) -> int:
    return sum(isinstance(part, ast.Slice) for part in ast.walk(node))


def _is_empty(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        none = not node.args and called(node) in ("list", "tuple", "set", "dict", "iter")
        return none or (called(node) == "range" and [number(a) for a in node.args] == [0.0])
    return isinstance(node, ast.Tuple | ast.List | ast.Set) and not node.elts


def _conditional(node: ast.AST, *, inside: bool) -> Iterator[ast.AST]:
    """The assertions under a condition, of a function inside (is it called?), behind what is to raise."""
    if isinstance(node, ast.Assert):
        yield from [node] if inside else []
        told = ast.walk(node.msg) if node.msg is not None else ()  # seen by a failure only
        yield from (part for part in told if isinstance(part, ast.Call) and asserts(part))
        return
    if inside and isinstance(node, ast.Call) and asserts(node):
        yield node
    unheard = isinstance(node, ast.Expr) and isinstance(node.value, ast.GeneratorExp | ast.Yield)
    inside = inside or unheard or isinstance(node, CONDITIONS)
    behind: list[ast.stmt] = []
    if isinstance(node, ast.With | ast.AsyncWith) and any(map(_is_to_raise, node.items)):
        behind = node.body[1:]
    for child in ast.iter_child_nodes(node):
        yield from _conditional(child, inside=inside or child in behind)


def _is_to_raise(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call) and called(item.context_expr) == "raises"


def _exits(node: ast.AST) -> int:
    """How often a test leaves itself or a loop; the functions that it defines are its own business."""
    if isinstance(node, Function | ast.ClassDef | ast.Lambda):
        return 0
    mine = isinstance(node, ast.Return | ast.Break | ast.Continue)
    return mine + sum(map(_exits, ast.iter_child_nodes(node)))
