"""What the wrong entries have in common, once the right ones are measured beside them, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from checks.engine.examination import Examination, LeafExamination
from checks.engine.fitting import CONVINCING, fits
from checks.engine.leaves import Array
from checks.engine.localisation import Measurements

WHOLE = 64  # entries at most, for all of them to be measured by themselves
SIDE = 4  # of the block that is measured of a larger leaf: rows and columns with the largest entries
NEARLY = 1e-4  # of the norms: as well as the right gradient must be orthogonal to what leaves fun as it is
EXACT = 1e-6  # of the errors: as well as a pattern in them must hold where they are known exactly


@dataclass(frozen=True, slots=True)
class Block:
    """Yours beside the right one, entry by entry: a whole leaf, or the largest rows and columns of it.

    Attributes
    ----------
    mine, right, error : ndarray
        What grad says, what was measured, and its bound.
    x : ndarray
        The parameters.
    whole : bool
        Whether this is the whole leaf.
    """

    mine: Array
    right: Array
    error: Array
    x: Array
    whole: bool

    @property
    def missing(self) -> Array:
        """The right one minus yours."""
        return self.right - self.mine

    @property
    def doubt(self) -> float:
        """Up to which two numbers made of these entries may differ and still be the same."""
        return 2 * float(self.error.max()) + EXACT * float(np.abs(self.missing).max())

    @property
    def wrong(self) -> Array:
        """Which entries are wrong."""
        return np.abs(self.missing) > self.error

    def sharp(self) -> bool:
        """Whether the errors are known well enough to see a pattern in them."""
        return float(self.error.max()) <= CONVINCING * float(np.abs(self.missing).max())

    def turned(self, axis: int) -> Block:
        """Return the same as a matrix whose rows are the slices of one axis."""
        mine, right, error, x = (
            np.moveaxis(each, axis, 0).reshape(each.shape[axis], -1)
            for each in (self.mine, self.right, self.error, self.x)
        )
        return Block(mine, right, error, x, self.whole)


def measured(examination: Examination, measure: Measurements) -> Block | None:
    """Measure a leaf, or the most telling part of it; None where that is not known well enough."""
    g = measure.gradient
    if g.ndim == 0:
        return None
    if g.size <= WHOLE:
        chosen = [np.arange(length) for length in g.shape]
    elif g.ndim == 2:
        chosen = [np.sort(np.argsort(-np.abs(g).sum(axis=1 - axis))[:SIDE]) for axis in (0, 1)]
    else:
        return None
    positions = np.arange(g.size).reshape(g.shape)[np.ix_(*chosen)]
    if g.size == max(g.shape):
        positions = positions.ravel()  # a column of biases is a vector
    entries = [measure.entry(int(flat)) for flat in positions.flat]
    right, error = (
        np.array([getattr(entry, name) for entry in entries]).reshape(positions.shape)
        for name in ("numerical", "error")
    )
    x = examination.point[measure.leaf].astype(np.float64)
    block = Block(
        g.astype(np.float64).flat[positions.ravel()].reshape(positions.shape),
        right, error, x.flat[positions.ravel()].reshape(positions.shape), g.size <= WHOLE,
    )  # fmt: skip
    return block if np.isfinite(error).all() and block.sharp() else None


def patterns(block: Block) -> Iterator[tuple[str, str]]:
    """Yield kinds of mistakes, and sentences about them, that hold for all of these entries."""
    if (
        block.whole
        and block.mine.size > 2
        and _same(np.sort(block.mine, None), np.sort(block.right, None), block)
    ):
        yield "permuted", "holds the right numbers in a wrong order"
    if block.mine.ndim == 1:
        yield from _in_a_vector(block)
        return
    for axis, length in enumerate(block.mine.shape):
        turned = block.turned(axis)
        if length < 2 or turned.mine.shape[1] < 2:
            continue
        name = slices(axis, block.mine.ndim)
        yield from _where(turned, name)
        yield from _shifted(turned, axis)
        yield from _along_rows(turned, name)
    if block.mine.ndim == 2 and min(block.mine.shape) >= 3:
        yield from _outer_product(block)
        yield from _antisymmetric(block)


def row_factors(block: Block) -> Array | None:
    """Return the factor of each row, of the right one to yours, where each row has one of its own."""
    largest = np.argmax(np.abs(block.mine), axis=1)[:, None]
    mine, right = (np.take_along_axis(each, largest, axis=1) for each in (block.mine, block.right))
    if np.any(mine == 0) or block.mine.shape[0] < 2 or block.mine.shape[1] < 2:
        return None
    common = float(np.sum(block.right * block.mine) / np.sum(block.mine**2))
    if _same(common * block.mine, block.right, block):
        return None
    ratio = right / mine
    return ratio[:, 0] if _same(ratio * block.mine, block.right, block) else None


def _same(a: Array, b: Array, block: Block) -> bool:
    return bool(np.all(np.abs(a - b) <= block.doubt))


def slices(axis: int, ndim: int) -> str:
    """Return what a slice of an axis is called."""
    return ("row", "column")[axis] if ndim == 2 else f"slice of axis {axis}"


def _in_a_vector(block: Block) -> Iterator[tuple[str, str]]:
    mine, right = block.mine, block.right
    if mine.size < 3:
        return
    if np.ptp(mine) == 0 and np.ptp(right) > 10 * block.doubt:
        yield "summed", "is the same number in every entry: summed (or averaged) over too many axes"
    yield from _shifted(block.turned(0), 0)
    none = np.abs(right) <= block.error
    if mine.all() and 2 <= none.sum() <= mine.size - 2:
        c = float(np.sum(right[~none]) / np.sum(mine[~none]))
        if _same(c * mine[~none], right[~none], block):
            yield (
                "factors",
                f"is not zero in {int(none.sum())} entries where fun does not move: "
                "a mask (dropout, relu) is missing",
            )


def _where(rows: Block, name: str) -> Iterator[tuple[str, str]]:
    """Whole rows that are wrong while the rest is right."""
    wrong = np.flatnonzero(rows.wrong.any(axis=1))
    if rows.whole and 0 < len(wrong) <= rows.mine.shape[0] / 2 and rows.wrong[wrong].mean() > 0.5:
        yield "entries", f"is wrong in {name}s {', '.join(map(str, wrong))} and right elsewhere"


def _shifted(rows: Block, axis: int) -> Iterator[tuple[str, str]]:
    """The right numbers one step on, those at the end not coming back at the beginning."""
    if not rows.whole or rows.mine.size - rows.mine.shape[1] < 3 or rows.mine.shape[0] < 3:
        return
    if _same(rows.mine[1:], rows.right[:-1], rows) or _same(rows.mine[:-1], rows.right[1:], rows):
        yield (
            "permuted",
            f"is the right gradient shifted by one along axis {axis}: off by one in an index or a padding",
        )


def _along_rows(rows: Block, name: str) -> Iterator[tuple[str, str]]:
    mine, right, missing, x = rows.mine, rows.right, rows.missing, rows.x
    if np.all(np.ptp(mine, axis=1) == 0) and np.ptp(right, axis=1).max() > 10 * rows.doubt:
        yield "summed", f"is the same number throughout each {name}: summed (or averaged) over too many axes"
    if mine.size - len(mine) < 3:
        return
    if _same(missing - missing.mean(axis=1, keepdims=True), 0 * missing, rows):
        yield (
            "missing term",
            f"is off by the same amount throughout each {name}: a mean, or a sum, that was not subtracted",
        )
    squares = np.sum(x * x, axis=1, keepdims=True)
    along = np.divide(np.sum(missing * x, axis=1, keepdims=True), squares, where=squares > 0, out=0 * squares)
    if _same(along * x, missing, rows):
        yield (
            "missing term",
            f"lacks a multiple of the parameters, of its own in each {name}: the derivative of a length "
            "that fun divides by, or a penalty",
        )


def invariances(block: Block) -> Iterator[tuple[str, str]]:
    """What leaves fun as it is and moves it by yours: a fact, whatever its cause."""
    if not block.whole:
        return
    each = [(block.turned(axis), f"a {slices(axis, block.mine.ndim)}") for axis in range(block.mine.ndim)]
    mine, right, error, x = (part.reshape(1, -1) for part in (block.mine, block.right, block.error, block.x))
    everything = Block(mine, right, error, x, whole=True)
    for rows, name in [*(each if block.mine.ndim > 1 else []), (everything, "all")]:
        if rows.mine.shape[1] < 3:
            continue
        if _invariant(rows, rows.x):
            yield (
                "invariance",
                f"says that fun moves when {name} of the parameters is scaled, and it does not: "
                "perhaps what normalises it (a variance, a length) was taken as constant",
            )
        if _invariant(rows, np.ones_like(rows.x)):
            yield (
                "invariance",
                f"says that fun moves when a constant is added to {name} of the parameters, and it does "
                "not: perhaps what normalises it (a mean, a softmax) was taken as constant",
            )


def _invariant(rows: Block, direction: Array) -> bool:
    """Whether the right gradient vanishes along each row of a direction, and yours does not."""
    right, mine = (np.abs(np.sum(each * direction, axis=1)) for each in (rows.right, rows.mine))
    allowed = np.sum(rows.error * np.abs(direction), axis=1)
    size = np.linalg.norm(rows.right, axis=1) * np.linalg.norm(direction, axis=1)
    # A variance that has 1e-5 added to it is not quite what scaling leaves as it is.
    none = bool(np.all(right <= allowed + NEARLY * size) and np.all(allowed <= CONVINCING * size))
    return none and bool(np.median(mine / np.maximum(size, 5e-324)) > 0.01)


def _outer_product(block: Block) -> Iterator[tuple[str, str]]:
    """An error of rank one, in what has itself a higher rank: one sample's contribution."""
    largest = max(float(np.abs(each).max()) for each in (block.missing, block.mine, block.right))
    if not 0 < largest < np.inf:
        return

    def second(a: Array) -> float:
        return float(np.linalg.svd(a / largest, compute_uv=False)[1])

    blurred = float(np.linalg.norm(block.error / largest) + EXACT * np.linalg.norm(block.missing / largest))
    if second(block.missing) <= blurred and min(second(block.mine), second(block.right)) > 100 * blurred:
        yield (
            "missing term",
            "is off by a product of one column with one row: as if one sample, or one step in time, were "
            "left out or counted twice",
        )


def _antisymmetric(block: Block) -> Iterator[tuple[str, str]]:
    """A part A of the sum that came as its transpose: A - A^T is what is missing."""
    missing = block.missing
    if block.whole and missing.shape[0] == missing.shape[1] and _same(missing, -missing.T, block):
        yield (
            "transposed",
            "is off by an antisymmetric matrix: as if a part of it were transposed, or all of "
            "it made symmetric",
        )


def shares_its_factors(examination: Examination, found: LeafExamination, factor: Array) -> bool:
    """Whether another failing leaf is wrong by the same factors: a bias beside its weights."""
    is_vector = max(examination.gradient[found.leaf].shape) == examination.gradient[found.leaf].size
    for other in examination.leaves:
        g = examination.gradient[other.leaf]
        if other.leaf == found.leaf or g.ndim == 0 or not any(seen.wrong for seen in other.probes):
            continue
        if max(g.shape) == g.size:
            guesses = [] if is_vector or g.size != factor.size else [g * factor.reshape(g.shape)]
        elif is_vector and g.ndim == 2:
            columns = factor.reshape(-1, 1), factor.reshape(1, -1)
            guesses = [g * each for axis, each in enumerate(columns) if g.shape[axis] == factor.size]
        else:
            guesses = []
        if any(fits(other, guess) for guess in guesses):
            return True
    return False
