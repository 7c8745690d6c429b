"""Nested containers of arrays, taken apart into named leaves and put together again."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from checks.engine.leaves import Array, described, dressed, gradient, laid_out, parameters

LEVELS = 64  # of nesting, at most: what is deeper holds itself, most likely


class Tree:
    """The leaves of a nested structure, each with a path such as ``W[2]``.

    Dicts, lists, tuples, named tuples and dataclasses are containers; arrays and floats are leaves;
    ``None`` is a place without parameters and stays as it is.

    Parameters
    ----------
    structure : any
        The nested structure.
    name : str
        What the structure is called where a leaf has no name of its own.

    Attributes
    ----------
    paths : tuple of str
        The name of each leaf, in the order of ``leaves``.
    accessors : tuple of str
        The expression that gives each leaf, ``x0['W'][2]``; empty for one that is no array and cannot
        be changed in place.
    originals, leaves : tuple of arrays
        The leaves as they are, and plain copies of them in their own dtype and memory order.

    Raises
    ------
    TypeError
        For a leaf that is not a floating-point array, naming it and what to do instead; for a container
        that cannot be made again with other leaves.
    ValueError
        For a leaf that is not finite, for containers nested too deep, or when there are no entries.
    """

    def __init__(self, structure: Any, *, name: str = "x0") -> None:
        self.structure, self.name = structure, name
        self.paths: tuple[str, ...]
        self.leaves: tuple[Array, ...]
        if structure is None:
            raise TypeError(f"{name} must be an array, or containers of arrays; got None")
        found = list(_walk(structure, name, top=True))
        self.paths = tuple(path for path, _ in found)
        self.originals = tuple(leaf for _, leaf in found)
        self.leaves = tuple(parameters(leaf, path) for path, leaf in found)
        self._build = _builder(structure)
        self.accessors = tuple(
            path if isinstance(leaf, np.ndarray) else "" for path, leaf in _walk(structure, name)
        )
        self.size = sum(leaf.size for leaf in self.leaves)
        if self.size == 0:
            raise ValueError(
                f"{name} has no entries, so there is nothing to check; pass at least one non-empty array"
            )
        try:
            self.rebuild(self.leaves)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{name} cannot be made again with other numbers ({error}); pass dicts, lists, tuples or "
                "plain dataclasses of arrays"
            ) from error

    def copies(self, leaves: Sequence[Array]) -> list[Array]:
        """Return copies of other leaves, each in the memory order of its counterpart."""
        return [laid_out(leaf, mine) for leaf, mine in zip(leaves, self.leaves, strict=True)]

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """Return the structure with other leaves in the place of its own."""
        return self._build(iter(leaves))

    def match(self, other: Any, name: str, *, before: tuple[int, ...] = ()) -> tuple[Array, ...]:
        """Return copies of the leaves of ``other``, which must have this structure, shape by shape.

        ``before`` is what the shapes of ``other`` have in front, as a Jacobian has those of the results.
        The entries may be infinite or NaN.

        Raises
        ------
        TypeError, ValueError
            Naming the first place where ``other`` differs, and how.
        """
        return tuple(
            gradient(leaf, path, before + mine.shape, name, of=f"fun(x0) and then of {path}" * bool(before))
            for (path, leaf), mine in zip(self.walk(other, name), self.leaves, strict=True)
        )

    def walk(self, other: Any, name: str) -> Iterator[tuple[str, Any]]:
        """Yield the path and the leaf, as it is, of each leaf of a structure like this one."""
        return _alike(self.structure, other, self.name, name, top=True)


def leaves_of(structure: Any) -> list[Any]:
    """Return the leaves of any structure, as they are."""
    return [leaf for _, leaf in _walk(structure, "x0")]


def _children(structure: Any, path: str, top: bool) -> list[tuple[str, Any]] | None:
    """Name and value of each child; None for a leaf."""
    if isinstance(structure, Mapping):
        return [(_key(path, key, top), child) for key, child in structure.items()]
    names = _field_names(structure)
    if names is not None:
        return [(name if top else f"{path}.{name}", getattr(structure, name)) for name in names]
    if isinstance(structure, list | tuple):
        return [(f"{path}[{position}]", child) for position, child in enumerate(structure)]
    return None


def _key(path: str, key: Any, top: bool) -> str:
    return key if top and isinstance(key, str) and key.isidentifier() else f"{path}[{key!r}]"


def _field_names(structure: Any) -> tuple[str, ...] | None:
    if dataclasses.is_dataclass(structure) and not isinstance(structure, type):
        return tuple(field.name for field in dataclasses.fields(structure) if field.init)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return tuple(structure._fields)
    return None


def _walk(structure: Any, path: str, *, top: bool = False, level: int = 0) -> Iterator[tuple[str, Any]]:
    if structure is None:
        return
    children = _children(structure, path, top)
    if children is None:
        yield path, structure
        return
    if level == LEVELS:
        raise ValueError(
            f"{path[:40]}... must not be nested more than {LEVELS} levels deep: does a container hold itself?"
        )
    for name, child in children:
        yield from _walk(child, name, level=level + 1)


def _builder(structure: Any) -> Callable[[Iterator[Any]], Any]:
    """Return what makes the structure anew from its leaves, in their order: asked for once, called often."""
    if structure is None:
        return lambda leaves: None
    kind = type(structure)
    if isinstance(structure, Mapping):
        children = [(key, _builder(child)) for key, child in structure.items()]
        return partial(_mapping, structure, children)
    if dataclasses.is_dataclass(structure) and not isinstance(structure, type):
        children = [(name, _builder(getattr(structure, name))) for name in _field_names(structure) or ()]
        return lambda leaves: dataclasses.replace(
            structure, **{name: build(leaves) for name, build in children}
        )
    if isinstance(structure, list | tuple):
        return partial(_sequence, structure, [_builder(child) for child in structure])
    if kind is np.ndarray:
        return next
    return lambda leaves: dressed(next(leaves), structure)


def _mapping(structure: Any, children: list[tuple[Any, Any]], leaves: Iterator[Any]) -> Any:
    items = {key: build(leaves) for key, build in children}
    kind = type(structure)
    if kind is dict:
        return items
    if not isinstance(structure, MutableMapping):
        return kind(items)
    again = copy.copy(structure)  # its constructor may ask for something else
    for key, child in items.items():
        again[key] = child
    return again


def _sequence(structure: Any, children: list[Any], leaves: Iterator[Any]) -> Any:
    items = [build(leaves) for build in children]
    kind = type(structure)
    if kind is list:
        return items
    if isinstance(structure, tuple):
        return tuple.__new__(kind, items)
    again = copy.copy(structure)
    again[:] = items
    return again


def _alike(mine: Any, other: Any, path: str, name: str, *, top: bool = False) -> Iterator[tuple[str, Any]]:
    if mine is None:
        return
    children = _children(mine, path, top)
    if children is None:
        yield path, other
        return
    theirs = _counterparts(mine, other, path, name)
    for (child_path, child), counterpart in zip(children, theirs, strict=True):
        yield from _alike(child, counterpart, child_path, name)


def _counterparts(mine: Any, other: Any, path: str, name: str) -> list[Any]:
    """Return the children of ``other`` in the order of those of ``mine``."""
    wanted = list(mine) if isinstance(mine, Mapping) else _field_names(mine)
    if wanted is None:
        if not isinstance(other, list | tuple):
            floats = all(isinstance(child, float) for child in mine) and isinstance(other, np.ndarray)
            advice = f", or make {path} one array: np.array({path})" * floats
            raise TypeError(
                f"{name} must have the structure of x0: a {type(mine).__name__} of {len(mine)} "
                f"at {path}{advice}; got {described(other)}"
            )
        if len(other) != len(mine):
            raise ValueError(f"{name} must have {len(mine)} items at {path}, like x0; got {len(other)}")
        return list(other)
    if isinstance(other, Mapping):
        got: dict[Any, Any] = dict(other)
    else:
        names = _field_names(other)
        if names is None:
            raise TypeError(
                f"{name} must have the structure of x0: {', '.join(map(str, wanted))} at {path}; "
                f"got {described(other)}"
            )
        got = {field: getattr(other, field) for field in names}
    missing, extra = [key for key in wanted if key not in got], [key for key in got if key not in wanted]
    if missing or extra:
        complaint = [f"lacks {missing}"] * bool(missing) + [f"has {extra}, which x0 has not"] * bool(extra)
        raise ValueError(f"{name} must have the keys of x0 at {path}; it {' and '.join(complaint)}")
    return [got[key] for key in wanted]
