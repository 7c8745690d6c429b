"""A mutant: one line of dnn gone wrong, put into the running program and taken out again.

`planted` of `checks.proof.code` changes an attribute; here the body of a function itself is exchanged, so
that everyone who holds the function runs the wrong line, as if the file had been edited: a head, an alias,
a table of activations.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from textwrap import dedent
from types import CodeType
from typing import Any

from dnn import Architecture


@dataclass(frozen=True)
class Equivalence:
    """Why a mutant need not be caught, and the test of that claim.

    Parameters
    ----------
    reason : str
    shown : callable
        From the mutant to whether the claim stands. It is asked in each run.
    """

    reason: str
    shown: "Callable[[Mutant], bool]"


@dataclass(frozen=True)
class Mutant:
    """One wrong formula.

    Parameters
    ----------
    id : str
    formula : str
        The id of the theorem that it breaks.
    description : str
        One line.
    plant : callable
        A context manager: inside, dnn is wrong.
    architectures : tuple of Architecture
        Networks on which it makes a difference.
    equivalent : Equivalence, optional
        For one that is no mistake after all.
    """

    id: str
    formula: str
    description: str
    plant: Callable[[], AbstractContextManager[None]]
    architectures: tuple[Architecture, ...]
    equivalent: Equivalence | None = None


def rebuilt(architecture: Architecture) -> Architecture:
    """The same architecture, made again: its heads are the ones that are planted now."""
    return Architecture(architecture.widths, architecture.hidden, architecture.head.name, architecture.output)


@contextmanager
def rewritten(function: Any, old: str, new: str) -> Iterator[None]:
    """Run with `old` replaced by `new` in the source of a function.

    Parameters
    ----------
    function : function, or one behind ``functools.cache``
    old : str
        Must stand in the source once.
    new : str

    Raises
    ------
    ValueError
        When `old` is no longer there, or there more than once: the mutant is stale.
    """
    plain: Any = inspect.unwrap(function)
    head, body = _docstring_and_body(dedent(inspect.getsource(plain)))
    if body.count(old) != 1:
        raise ValueError(f"{old!r} must stand in {plain.__qualname__} once, stands {body.count(old)} times")
    original, changed = plain.__code__, _compiled(head + body.replace(old, new), plain.__name__)
    forget = getattr(function, "cache_clear", lambda: None)
    plain.__code__ = changed
    forget()
    try:
        yield
    finally:
        plain.__code__ = original
        forget()


def _docstring_and_body(source: str) -> tuple[str, str]:
    """Split a function's source behind its docstring, which often says what the body does."""
    lines = source.splitlines(keepends=True)
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    documented = ast.get_docstring(function) is not None
    end = (function.body[0].end_lineno or 0) if documented else 0
    return "".join(lines[:end]), "".join(lines[end:])


def _compiled(source: str, name: str) -> CodeType:
    module = compile(source, f"<mutant of {name}>", "exec")
    return next(code for code in module.co_consts if isinstance(code, CodeType) and code.co_name == name)


@contextmanager
def set_to(owner: Any, attribute: str, value: Any) -> Iterator[None]:
    """Run with an attribute, of a frozen object perhaps, set to another value."""
    original = getattr(owner, attribute)
    frozen = hasattr(owner, "__dataclass_fields__") and not isinstance(owner, type)
    put: Any = object.__setattr__ if frozen else setattr
    put(owner, attribute, value)
    try:
        yield
    finally:
        put(owner, attribute, original)
