"""Numbers that have a name, written where the name stands: a larger `BAR` tolerates more there."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator

from checks.proof.census.literals import number

Function = ast.FunctionDef | ast.AsyncFunctionDef
TARGETS = (ast.Tuple, ast.List, ast.Starred)
"""Expressions in which names are bound: `a, b = ...`, `for i, *rest in ...`."""


def resolved(module: ast.Module) -> ast.Module:
    """Write the module's numbers where its functions name them, and a function's own in its body.

    A name that is given twice, or to anything but a number, stays a name.
    """
    module.body = [_Write(_numbers(module)).visit(node) for node in module.body]
    return module


class _Write(ast.NodeTransformer):
    def __init__(self, numbers: dict[str, ast.expr]) -> None:
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        named = isinstance(node.ctx, ast.Load) and node.id in self.numbers
        return copy.deepcopy(self.numbers[node.id]) if named else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: Function) -> ast.AST:
        mine = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        mine |= {name for name, _ in _given(node)}
        outer = {name: value for name, value in self.numbers.items() if name not in mine}
        inner = _Write(outer | _numbers(node))
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        node.args = self.visit(node.args)
        node.body = [inner.visit(statement) for statement in node.body]
        return node


def _numbers(scope: ast.Module | Function) -> dict[str, ast.expr]:
    given = list(_given(scope))
    times = Counter(name for name, _ in given)
    return {name: value for name, value in given if value is not None and times[name] == 1}


def _given(scope: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Every name that a scope binds, and the number that it is given, if it is one."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value if number(node.value) is not None else None
        elif isinstance(node, ast.Name):
            yield from [(node.id, None)] * (not isinstance(node.ctx, ast.Load))
        elif isinstance(node, TARGETS) or not isinstance(node, ast.expr | Function | ast.ClassDef):
            yield from _given(node)
