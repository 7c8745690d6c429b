"""Along which lines to look: per leaf, Gaussian directions in the leaf's own scaling, or its axes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from checks.engine.leaves import Array


def scalings(leaves: Sequence[Array]) -> list[Array]:
    """Return, per leaf, the size D of a step that matters: one positive number an entry.

    An entry's own size, but no less than the root mean square of its leaf; a leaf of zeros, or
    a vanishing one, takes that of all parameters, and 1 where everything is zero.
    """
    total = sum(leaf.size for leaf in leaves)
    sizes = [_root_mean_square(leaf) for leaf in leaves]
    shares = [size * math.sqrt(leaf.size / total) for size, leaf in zip(sizes, leaves, strict=True)]
    overall = math.hypot(*shares) or 1.0
    return [
        np.maximum(np.abs(leaf).astype(np.float64), size if size > 1e-3 * overall else overall)
        for leaf, size in zip(leaves, sizes, strict=True)
    ]


def directions(leaf: Array, scaling: Array, count: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield directions v ~ N(0, D^2) for one leaf, in its dtype; its axes when that is no more work."""
    if leaf.size <= count:
        for entry in range(leaf.size):
            yield axis(leaf, scaling, entry)
        return
    for _ in range(count):
        yield np.asarray(scaling * rng.standard_normal(leaf.shape)).astype(leaf.dtype)


def axis(leaf: Array, scaling: Array, entry: int) -> Array:
    """Return the direction along one entry (a flat index), as long as its scaling."""
    direction = np.zeros(leaf.shape, leaf.dtype)
    direction.flat[entry] = scaling.flat[entry]
    return direction


def beside(
    leaves: Sequence[Array], sizes: Sequence[Array], distance: float, rng: np.random.Generator
) -> list[Array]:
    """Return a random point at a distance, measured in the leaves' own scaling."""
    return [
        np.asanyarray(leaf + distance * size * rng.standard_normal(leaf.shape)).astype(leaf.dtype)
        for leaf, size in zip(leaves, sizes, strict=True)
    ]


def scaled_norm(gradient: Array, size: Array) -> float:
    """Return ||g|| scaled by D: how far fun moves along a typical direction of the leaf."""
    products = np.abs(gradient.astype(np.float64) * size)
    largest = float(np.max(products, initial=0.0))
    return largest * float(np.linalg.norm(products / largest)) if 0 < largest < math.inf else largest


def inner(gradient: Array, direction: Array) -> float:
    """Return <g, v>."""
    return float(np.vdot(gradient.astype(np.float64), direction.astype(np.float64)))


def _root_mean_square(leaf: Array) -> float:
    largest = float(np.max(np.abs(leaf), initial=0.0))
    if largest == 0.0:
        return 0.0
    return largest * float(np.sqrt(np.mean((leaf / largest).astype(np.float64) ** 2)))
