"""What `.flat` and `.dtype` of a dual array give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks.oracles.dual_array import DualArray

__all__ = ["FlatView", "ScalarDtype"]


class FlatView:
    """`DualArray.flat`: the entries in C order, readable and writable."""

    __slots__ = ("dual",)

    def __init__(self, dual: DualArray) -> None:
        self.dual = dual

    def __len__(self) -> int:
        return int(self.dual.size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.dual.flatten())

    def __getitem__(self, key: Any) -> Any:
        return self.dual.run.dual(self.dual.value.flat[key], self.dual.tangent.flat[key])

    def __setitem__(self, key: Any, new: Any) -> None:
        value, tangent = self.dual.run.parts(new)
        self.dual.value.flat[key] = value
        self.dual.tangent.flat[key] = 0 if tangent is None else tangent

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.dual.flatten().__array__(dtype)


class ScalarDtype:
    """The dtype of a dual scalar.

    It stands in for the `numpy.dtype` because NumPy's mean of an object array ends in
    `total.dtype.type(total / n)`, which must cast a dual and not drop its tangent.
    """

    __slots__ = ("dtype",)

    def __init__(self, scalar: DualArray) -> None:
        self.dtype = scalar.value.dtype

    def type(self, x: Any) -> Any:
        """Cast a number, or a dual, to this dtype."""
        return x.astype(self.dtype) if hasattr(x, "tangent") else self.dtype.type(x)

    def __eq__(self, other: object) -> bool:
        return bool(self.dtype == getattr(other, "dtype", other))

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dtype, name)

    def __repr__(self) -> str:
        return repr(self.dtype)

    def __str__(self) -> str:
        return str(self.dtype)
