"""Nested containers of arrays, taken apart into named leaves and put together again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MISSING = object()


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
    leaves : tuple of ndarray
        Copies of the leaves, in their own dtype and memory order.

    Raises
    ------
    TypeError
        For a leaf that is not a floating-point array, naming it and what to do instead.
    ValueError
        For a leaf that is not finite, or when there are no entries at all.
    """

    def __init__(self, structure: Any, *, name: str = "x0") -> None:
        self.structure, self.name = structure, name
        self.paths: tuple[str, ...]
        self.leaves: tuple[Array, ...]
        found = [(path, _as_leaf(leaf, path)) for path, leaf in _walk(structure, name, top=True)]
        self.paths = tuple(path for path, _ in found)
        self.leaves = tuple(leaf for _, leaf in found)
        self.accessors = tuple(
            path if isinstance(leaf, np.ndarray) else "" for path, leaf in _walk(structure, name)
        )
        self.size = sum(leaf.size for leaf in self.leaves)
        if self.size == 0:
            raise ValueError(
                f"{name} has no entries, so there is nothing to check; pass at least one non-empty array"
            )

    def rebuild(self, leaves: Sequence[Array]) -> Any:
        """Return the structure with other leaves in the place of its own."""
        remaining = iter(leaves)
        return _rebuild(self.structure, remaining)

    def match(self, other: Any, name: str, *, before: tuple[int, ...] = ()) -> tuple[Array, ...]:
        """Return copies of the leaves of ``other``, which must have this structure, shape by shape.

        ``before`` is what the shapes of ``other`` have in front, as a Jacobian has those of the results.

        Raises
        ------
        TypeError, ValueError
            Naming the first place where ``other`` differs, and how.
        """
        theirs = self.walk(other, name)
        return tuple(
            _as_gradient(leaf, path, before + mine.shape, name)
            for (path, leaf), mine in zip(theirs, self.leaves, strict=True)
        )

    def walk(self, other: Any, name: str) -> Iterator[tuple[str, Any]]:
        """Yield the path and the leaf, as it is, of each leaf of a structure like this one."""
        return _alike(self.structure, other, self.name, name, top=True)


def entry_name(path: str, index: tuple[int, ...]) -> str:
    """Return the name of one entry: ``W[2][3, 1]``; a 0-d leaf is its own entry."""
    return f"{path}[{', '.join(map(str, index))}]" if index else path


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


def _walk(structure: Any, path: str, *, top: bool = False) -> Iterator[tuple[str, Any]]:
    if structure is None:
        return
    children = _children(structure, path, top)
    if children is None:
        yield path, structure
        return
    for name, child in children:
        yield from _walk(child, name)


def _rebuild(structure: Any, leaves: Iterator[Array]) -> Any:
    if structure is None:
        return None
    if isinstance(structure, Mapping):
        rebuilt = {key: _rebuild(child, leaves) for key, child in structure.items()}
        return rebuilt if type(structure) is dict else type(structure)(rebuilt)  # type: ignore[call-arg]
    names = _field_names(structure)
    if names is not None:
        fields = {name: _rebuild(getattr(structure, name), leaves) for name in names}
        if dataclasses.is_dataclass(structure):
            return dataclasses.replace(structure, **fields)  # type: ignore[type-var]
        return type(structure)(**fields)
    if isinstance(structure, list | tuple):
        return type(structure)(_rebuild(child, leaves) for child in structure)
    leaf = next(leaves)
    if isinstance(structure, np.ndarray) or not isinstance(leaf, np.ndarray):
        return leaf  # anything that is no plain array (a dual number, say) goes in as it is
    return leaf[()].item() if isinstance(structure, float) and type(structure) is float else leaf[()]


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
            raise TypeError(
                f"{name} must have the structure of x0: a {type(mine).__name__} of {len(mine)} "
                f"at {path}; got {_describe(other)}"
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
                f"got {_describe(other)}"
            )
        got = {field: getattr(other, field) for field in names}
    missing, extra = [key for key in wanted if key not in got], [key for key in got if key not in wanted]
    if missing or extra:
        complaint = [f"lacks {missing}"] * bool(missing) + [f"has {extra}, which x0 has not"] * bool(extra)
        raise ValueError(f"{name} must have the keys of x0 at {path}; it {' and '.join(complaint)}")
    return [got[key] for key in wanted]


def _as_leaf(leaf: Any, path: str) -> Array:
    if isinstance(leaf, np.ndarray | np.generic | float):
        array = np.array(leaf, copy=True, order="K", subok=True)
    elif isinstance(leaf, bool | int):
        raise TypeError(
            f"{path} must be floating-point; got the {type(leaf).__name__} {leaf!r}: write {float(leaf)}"
        )
    elif isinstance(leaf, complex):
        raise TypeError(
            f"{path} is complex; only real parameters can be checked: pass real and imaginary parts"
        )
    else:
        raise TypeError(
            f"{path} must be an array, or dicts, lists, tuples or dataclasses of arrays; "
            f"got {_describe(leaf)}"
        )
    if array.dtype.kind == "c":
        raise TypeError(
            f"{path} is complex ({array.dtype}); only real parameters can be checked: "
            "pass real and imaginary parts as two arrays"
        )
    if array.dtype.kind != "f":
        raise TypeError(
            f"{path} must be a floating-point array; got dtype {array.dtype}: convert it with .astype(float)"
        )
    if array.dtype == np.float16:
        raise TypeError(f"{path} is float16, too coarse to difference; convert it to float32 or float64")
    finite = np.isfinite(array)
    if not finite.all():
        index = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(f"{path} must be finite; {entry_name(path, index)} is {array[index]}")
    return array


def _as_gradient(leaf: Any, path: str, shape: tuple[int, ...], name: str) -> Array:
    if leaf is None or (not isinstance(leaf, np.ndarray) and callable(leaf)):
        raise TypeError(f"{name} must return an array of shape {shape} for {path}; got {_describe(leaf)}")
    array = np.array(leaf, copy=True)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must return real numbers for {path}; got dtype {array.dtype}")
    if array.shape != shape:
        raise ValueError(
            f"{name} must have the shape of {path}, {shape}; it has {array.shape}. Nothing is broadcast: "
            "a gradient of another shape is a gradient of something else"
        )
    finite = np.isfinite(array)
    if not finite.all():
        index = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(
            f"{name} must be finite at x0; its entry {entry_name(path, index)} is {array[index]}"
        )
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    return "None" if value is None else f"{type(value).__name__}"
