"""Would a weakening be noticed? Each one is done, and the gate is asked.

    python tests/mutation/weaken.py

Prints the table of the README. In the tests every place is tried: each assertion, tolerance, strategy, case
and test under tests/ is weakened alone, in memory, and the census is compared with that of the tests as they
are. Oracles, equations and theorems are deleted from their registry, and what `prove` then writes is held
against what it wrote before. Every wrong formula of the catalogue is planted, and all is run that the gate
runs, until a row fails. Exit codes: 0 every weakening was noticed; 1 one was not, and it is named.
"""

import ast
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest

import derivations
from checks.proof import code, gate, prove
from checks.proof.baseline import Content, summarised
from checks.proof.census import census, counted, outside
from checks.proof.census.comparison import weaker
from checks.proof.census.escapes import asserts
from checks.proof.mutants import CATALOGUE, look
from checks.proof.mutants.examination import NETWORKS
from checks.proof.mutants.noticed import CHEAP_FIRST
from checks.proof.progress import silent

TESTS = Path(__file__).parents[1]
Weakening = Callable[[ast.AST], Iterator[str]]
"""Weakens a function in place, a place at a time: yields where while it is weaker, and restores it after."""


# -- places in the tests ---------------------------------------------------------------------------


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                yield body


def assertion_removed(tree: ast.AST) -> Iterator[str]:
    """Each `assert` becomes `pass`."""
    for body in _bodies(tree):
        for i, statement in enumerate(body):
            if isinstance(statement, ast.Assert):
                body[i] = ast.Pass()
                yield ast.unparse(statement)
                body[i] = statement


def assertion_hollowed(tree: ast.AST) -> Iterator[str]:
    """Each `assert` asserts True."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            test, node.test = node.test, ast.Constant(True)
            yield ast.unparse(test)
            node.test = test


def check_removed(tree: ast.AST) -> Iterator[str]:
    """Each call that asserts, such as `assert_allclose(a, b)` or `gradcheck(f, g, x0)`, becomes `pass`."""
    for body in _bodies(tree):
        for i, statement in enumerate(body):
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and asserts(call):
                body[i] = ast.Pass()
                yield ast.unparse(statement)
                body[i] = statement


def compared_with_itself(tree: ast.AST) -> Iterator[str]:
    """Each `assert a == b` becomes `assert a == a`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
            told, left, sides = ast.unparse(node.test), node.test.left, node.test.comparators
            if [type(op) for op in node.test.ops] == [ast.Eq] and ast.dump(left) != ast.dump(sides[0]):
                node.test.comparators = [left]
                yield told
                node.test.comparators = sides


def part_compared(tree: ast.AST) -> Iterator[str]:
    """Each comparison in an `assert` is of the first entry of its left side only."""
    for node in (
        n for statement in ast.walk(tree) if isinstance(statement, ast.Assert) for n in ast.walk(statement)
    ):
        if isinstance(node, ast.Compare):
            told, left = ast.unparse(node), node.left
            node.left = ast.Subscript(left, ast.Slice(upper=ast.Constant(1)), ast.Load())
            yield told
            node.left = left


def failure_swallowed(tree: ast.AST) -> Iterator[str]:
    """Each `assert` may fail: it stands in `try ... except AssertionError: pass`."""
    for body in _bodies(tree):
        for i, statement in enumerate(body):
            if isinstance(statement, ast.Assert):
                caught = ast.ExceptHandler(ast.Name("AssertionError", ast.Load()), None, [ast.Pass()])
                body[i] = ast.Try([statement], [caught], [], [])
                yield ast.unparse(statement)
                body[i] = statement


def bound_dropped(tree: ast.AST) -> Iterator[str]:
    """Each literal below 0.01 to the right of `<` or `<=` becomes infinite."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[-1], ast.Lt | ast.LtE):
            told = ast.unparse(node)
            bar, infinite = node.comparators[-1], ast.parse("np.inf", mode="eval").body
            if any(True for _ in _constants(bar, lambda v: 0 < v < 0.01)):
                node.comparators[-1] = infinite
                yield told
                node.comparators[-1] = bar


def exception_no_longer_expected(tree: ast.AST) -> Iterator[str]:
    """Each `with pytest.raises(...)` or `pytest.warns(...)` becomes a plain context."""
    for node in ast.walk(tree):
        for item in node.items if isinstance(node, ast.With) else ():
            call = item.context_expr
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("pytest.raises", "pytest.warns"):
                item.context_expr = ast.parse("nullcontext()", mode="eval").body
                yield ast.unparse(call)
                item.context_expr = call


def _constants(tree: ast.AST, wanted: Callable[[float], bool]) -> Iterator[ast.Constant]:
    """The literals in an expression, save what it is divided by, and negative ones."""
    if isinstance(tree, ast.Constant) and type(tree.value) in (int, float) and wanted(tree.value):
        yield tree
    divided = isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div | ast.FloorDiv)
    if not isinstance(tree, ast.UnaryOp):
        for node in [tree.left] if divided else ast.iter_child_nodes(tree):
            yield from _constants(node, wanted)


def _changed(
    constants: Iterator[ast.Constant], by: Callable[[float], float], where: ast.AST
) -> Iterator[str]:
    for constant in constants:
        before = constant.value
        told = f"{before} in {ast.unparse(where)}"
        constant.value = by(before)
        yield told
        constant.value = before


def tolerance_raised(tree: ast.AST) -> Iterator[str]:
    """Each literal below 0.01 to the right of `<` or `<=`, each rtol, atol, rel, abs: ten times as large."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[-1], ast.Lt | ast.LtE):
            yield from _changed(
                _constants(node.comparators[-1], lambda v: 0 < v < 0.01), lambda v: 10 * v, node
            )
        if isinstance(node, ast.keyword) and node.arg in ("rtol", "atol", "rel", "abs"):
            yield from _changed(_constants(node.value, lambda v: v > 0), lambda v: 10 * v, node.value)


def strategy_narrowed(tree: ast.AST) -> Iterator[str]:
    """Each largest value, size or number of examples that a strategy or `settings` is given: a half of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg and node.arg.startswith("max_"):
            yield from _changed(_constants(node.value, lambda v: v > 1), lambda v: v / 2, node.value)
        drawn = isinstance(node, ast.Call) and ast.unparse(node.func) in ("st.integers", "st.floats")
        if drawn and len(node.args) == 2:
            yield from _changed(_constants(node.args[1], lambda v: v > 1), lambda v: v / 2, node)


def loop_shortened(tree: ast.AST) -> Iterator[str]:
    """Each `range(n)`: a half of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "range" and len(node.args) == 1:
            yield from _changed(_constants(node.args[0], lambda v: v > 1), lambda v: v // 2, node)


def _shortened(table: ast.AST) -> Iterator[str]:
    parts = [table.keys, table.values] if isinstance(table, ast.Dict) else [getattr(table, "elts", [])]
    if parts[0]:
        last = [part.pop() for part in parts]
        yield ast.unparse(last[0]) if last[0] else "**"
        for part, one in zip(parts, last, strict=True):
            part.append(one)


def case_removed(tree: ast.AST) -> Iterator[str]:
    """The last of each list of cases: of `parametrize`, `sampled_from`, or a table of the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = ast.unparse(node.func)
            if name.endswith("mark.parametrize"):
                yield from _shortened(node.args[1])
            elif name == "st.sampled_from":
                yield from _shortened(node.args[0])
    if isinstance(tree, ast.Module):
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
                yield from _shortened(statement.value)


def left_to_the_night(tree: ast.AST) -> Iterator[str]:
    """Each test is `costly`: by day it draws a fifth of its examples."""
    if isinstance(tree, ast.FunctionDef) and tree.name.startswith("test_"):
        tree.decorator_list.append(ast.Name("costly", ast.Load()))
        yield tree.name
        tree.decorator_list.pop()


def skipped(tree: ast.AST) -> Iterator[str]:
    """Each test gets the mark `skip`, or assumes something."""
    if isinstance(tree, ast.FunctionDef) and tree.name.startswith("test_"):
        tree.decorator_list.append(ast.parse("pytest.mark.skip", mode="eval").body)
        yield f"skip {tree.name}"
        tree.decorator_list.pop()
        tree.body.insert(0, ast.parse("assume(lucky)").body[0])
        yield f"assume in {tree.name}"
        tree.body.pop(0)


IN_TESTS: dict[str, Weakening] = {
    "an assertion removed": assertion_removed,
    "a call that checks removed": check_removed,
    "an assertion of nothing": assertion_hollowed,
    "something compared with itself": compared_with_itself,
    "a part of what is asserted": part_compared,
    "a failed assertion swallowed": failure_swallowed,
    "a bound dropped": bound_dropped,
    "an exception no longer expected": exception_no_longer_expected,
    "a tolerance raised tenfold": tolerance_raised,
    "a strategy narrowed to a half": strategy_narrowed,
    "a loop shortened to a half": loop_shortened,
    "a case removed": case_removed,
    "a test left to the night": left_to_the_night,
    "a test skipped": skipped,
}
"""What is done to tests/."""


@dataclass
class Score:
    """How many weakenings were tried, and which of them nobody noticed."""

    tried: int = 0
    missed: list[str] = field(default_factory=list)
    told: str = ""

    def add(self, what: str, lines: list[str]) -> None:
        """Count one; `lines` is what the gate says of it."""
        self.tried += 1
        self.told = self.told or (lines[0] if lines else "")
        if not lines:
            self.missed.append(what)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """The functions of a module and of its classes, which the census tells apart."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node)


def weakened_tests(part: int = 1) -> dict[str, Score]:
    """Try each place of each file under tests/, or of every `part`-th file."""
    scores = {name: Score() for name in IN_TESTS}
    for path in sorted(TESTS.rglob("*.py"))[::part]:
        module = ast.parse(path.read_text(encoding="utf-8"))
        rest = ast.Module([s for s in module.body if not isinstance(s, ast.FunctionDef | ast.ClassDef)], [])
        for tree, count in [(f, counted) for f in functions(module)] + [(rest, outside)]:
            before = count(tree)
            name = f"{path.relative_to(TESTS)}::{getattr(tree, 'name', '')}"
            for what, weaken in IN_TESTS.items():
                for place in weaken(tree):
                    scores[what].add(f"{name}: {place}", list(weaker(before, count(tree))))
    return scores


def deleted_tests() -> Score:
    """Delete each test."""
    score, everything = Score(), census(TESTS)
    baseline = summarised([{"tests": everything, "of": "tests"}])
    for name in (name for name in everything if "::test_" in name):
        left = {other: counts for other, counts in everything.items() if other != name}
        score.add(name, gate.weakenings(baseline, summarised([{"tests": left, "of": "tests"}])))
    return score


def renamed_tests() -> Score:
    """Give each test a name that pytest does not take for a test."""
    score, everything = Score(), census(TESTS)
    baseline = summarised([{"tests": everything, "of": "tests"}])
    for name in (name for name in everything if "::test_" in name):
        file, _, function = name.rpartition("::")
        left = {f"{file}::not_{function}" if n == name else n: counts for n, counts in everything.items()}
        score.add(name, gate.weakenings(baseline, summarised([{"tests": left, "of": "tests"}])))
    return score


# -- the registries --------------------------------------------------------------------------------


def remembered(function: Callable[..., Any], key: Callable[..., object]) -> Callable[..., Any]:
    """The function, not run again for what it has been run on: the rest of a proof stays as it was."""
    known: dict[object, Any] = {}

    def call(*arguments: Any, **keywords: Any) -> Any:
        this = key(*arguments, **keywords)
        if this not in known:
            found = function(*arguments, **keywords)
            known[this] = found if not isinstance(found, Iterator) else list(found)
        return known[this]

    return call


def deletions() -> Iterator[tuple[str, Score]]:
    """Delete each theorem, equation and oracle, run `prove` on what is left, and ask the gate."""
    constant = lambda *_, **__: 0  # noqa: E731
    with ExitStack() as stack:
        for owner, name, key in (
            (derivations, "theorem", lambda id: id),
            (prove, "equation_row", lambda equation, *_: equation.formula),
            (prove, "derived_row", constant),
            (prove, "digit_rows", constant),
            (prove, "survey", constant),
            (code.Oracle, "run", lambda self, *_, **__: id(self)),
        ):
            stack.enter_context(mock.patch.object(owner, name, remembered(getattr(owner, name), key)))
        baseline = kept()
        score = Score()
        for gone in derivations.identifiers():
            left = tuple(id for id in derivations.identifiers() if id != gone)
            with mock.patch.object(derivations, "identifiers", return_value=left):
                score.add(gone, gate.weakenings(baseline, kept()))
        yield "a theorem deleted", score
        for what, owner, name in (
            ("an equation deleted", prove, "EQUATIONS"),
            ("an oracle of the shipped code deleted", code, "ORACLES"),
        ):
            score, registry = Score(), getattr(owner, name)
            for gone in registry:
                left = {key: value for key, value in registry.items() if key != gone}
                with mock.patch.object(owner, name, left):
                    score.add(gone, gate.weakenings(baseline, kept()))
            yield what, score


def kept() -> Content:
    """What the gate keeps of `prove`."""
    return summarised([prove.prove("quick", 0).to_dict()])


# -- the oracles of gradcheck ----------------------------------------------------------------------

MUTE = """
from checks.oracles import DoesNotApply


def derivative(*arguments, **keywords):
    raise DoesNotApply("it is gone")
"""


def muted_oracles() -> Score:
    """Let each oracle of gradcheck refuse everything, in a copy of the project, and run its tests."""
    score = Score()
    for name in ("finite_differences", "complex_step", "forward_mode"):
        with TemporaryDirectory() as place:
            for part in ("checks", "dnn", "derivations", "tests", "pyproject.toml"):
                source, to = TESTS.parent / part, Path(place) / part
                shutil.copytree(source, to) if source.is_dir() else shutil.copy(source, to)
            with (Path(place) / "checks" / "oracles" / f"{name}.py").open("a", encoding="utf-8") as file:
                file.write(MUTE)
            run = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-x", "--tb=line", "tests/checks/engine"],
                cwd=place, capture_output=True, text=True,
            )  # fmt: skip
            failed = [line for line in run.stdout.splitlines() if line.startswith("FAILED")]
            score.add(name, failed if run.returncode == pytest.ExitCode.TESTS_FAILED else [])
    return score


# -- the formulas ----------------------------------------------------------------------------------


def wrong_formulas() -> Score:
    """Plant each, and run what the gate runs until it fails: `prove`, then the matrix's look at dnn."""
    score, size = Score(), prove.PROFILES["quick"]
    warnings.simplefilter("ignore", RuntimeWarning)  # a mutant divides by zero
    for mutant in (m for m in CATALOGUE.values() if m.equivalent is None):
        with mutant.plant():
            rows = chain(
                prove.equation_rows(size, 0, repeat(silent)),
                prove.digit_rows(size, 0, repeat(silent)),
                prove.number_system_rows("quick", 0, repeat(silent)),
            )
            lines = next(([f"oracle {row.oracle}: fails"] for row in rows if row.failures), [])
            accused = ((name, on) for name in CHEAP_FIRST for on in NETWORKS)
            lines = lines or next(
                (
                    [f"false alarms of mutants: {name}"]
                    for name, on in accused
                    if look(name, (on,), 0).outcome == "caught"
                ),
                [],
            )
        score.add(mutant.id, lines)
    return score


# -- the table -------------------------------------------------------------------------------------


def main() -> int:
    """Do it all, print the table."""
    rows: list[tuple[str, str, Score]] = []
    rows += ((what, "gate", score) for what, score in deletions())
    rows += [("an oracle of gradcheck mute", "pytest", muted_oracles())]
    rows += ((what, "gate", score) for what, score in weakened_tests().items())
    rows += [("a test deleted", "gate", deleted_tests())]
    rows += [("a test under a name that is not run", "gate", renamed_tests())]
    rows += [("a wrong formula planted", "gate", wrong_formulas())]
    print(
        "| weakening | done | noticed | by | and it says, of the first |",
        "|---|--:|--:|---|---|",
        sep="\n",
    )
    for what, by, score in rows:
        noticed = score.tried - len(score.missed)
        print(f"| {what} | {score.tried} | {noticed} | {by} | {score.told.partition('[')[0].strip()} |")
    for what, _, score in rows:
        print(*(f"not noticed: {what}: {missed}" for missed in score.missed), sep="\n", end="")
    return 1 if any(score.missed or not score.tried for _, _, score in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
