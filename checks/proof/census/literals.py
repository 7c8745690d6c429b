"""The literals of an expression: what it is worth, and what it grows with."""

import ast
import operator
import sys
from collections.abc import Iterator


def called(call: ast.Call) -> str:
    """The name of a function, without that of its module."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def computed(node: ast.expr) -> bool:
    """Whether something is called: two of the same text may differ."""
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


def bars(comparison: ast.Compare) -> Iterator[tuple[bool, float]]:
    """The literals that something must stay below (True) or above (False): alone or as a factor, else 1."""
    sides = [comparison.left, *comparison.comparators]
    for left, sign, right in zip(sides, comparison.ops, sides[1:], strict=False):
        if isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            larger, smaller = (right, left) if isinstance(sign, ast.Lt | ast.LtE) else (left, right)
            above, below = factors(larger), factors(smaller)
            yield from ((True, value) for value in above or ([] if below else [1.0]))
            yield from ((False, value) for value in below)


def factors(node: ast.expr) -> list[float]:
    """The literals that an expression grows with: of `max(10, 4 * x / 3)` 10 and 4/3."""
    value = number(node)
    if value is not None:
        return [value]
    if isinstance(node, ast.Call) and called(node) in ("max", "min"):
        return [value for argument in node.args for value in factors(argument)]
    if not isinstance(node, ast.BinOp):
        return []
    left, right = factors(node.left), factors(node.right)
    if isinstance(node.op, ast.Mult) and left and right:
        return [finite(one * other) for one in left for other in right]
    if isinstance(node.op, ast.Mult | ast.Add):
        return left + right
    divisor = number(node.right) if isinstance(node.op, ast.Div | ast.FloorDiv) else None
    return [finite(value / divisor) for value in left or [1.0]] if divisor else left


ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def finite(value: float) -> float:
    """Return the nearest number that JSON can hold; of what is no number, zero."""
    if value != value:
        return 0.0
    return float(max(-sys.float_info.max, min(sys.float_info.max, value)))


def _is_infinity(node: ast.expr) -> bool:
    """Whether this is ``float("inf")``."""
    given = node.args[0] if isinstance(node, ast.Call) and called(node) == "float" and node.args else None
    return isinstance(given, ast.Constant) and given.value == "inf"


def number(node: ast.expr) -> float | None:
    """The value of an expression made of literals; of infinity the largest float, which JSON can hold."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return finite(node.value)
    if getattr(node, "attr", getattr(node, "id", "")) == "inf" or _is_infinity(node):
        return sys.float_info.max
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = number(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        left, right = number(node.left), number(node.right)
        if left is not None and right is not None:
            try:
                return finite(ARITHMETIC[type(node.op)](left, right))
            except (ArithmeticError, TypeError):
                return None
    return None
