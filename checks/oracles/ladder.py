"""The values of a line at steps on both sides of 0, each computed once, and their noise."""

from __future__ import annotations

import math

from checks.oracles import Line
from checks.oracles.noise import noise_of, rounding, stair

FIRST_STEP = math.sqrt(5) - 2  # of the scale; irrational, for short decimals would give rounded values
SHRINK = 2.0
MAX_STEPS = 40
CLIMB = 8.0  # times a step: what is looked for farther away, or has to be left behind, is reached in few
NARROWED = 8  # halvings of the way to the first value that differs
SAME_HEIGHT = 0.7  # of the values before it: what rises from nothing has halved by then
SURELY_MORE = 100.0  # times the noise: what moves a function by so much is no noise


class Ladder:
    """The values of a line at ±h, each computed once, and their noise.

    Parameters
    ----------
    line : callable, float -> float
        The function t -> f(x + t v).
    value : float
        ``line(0.0)``.
    evaluations : int
        How many of the line it took so far.

    Attributes
    ----------
    heard, noise : float
        The noise as it was given or heard close to 0, and the most that the values seen suggest.
    growth : float
        Noise for each unit of distance.
    left_the_domain : bool
        Whether a step was outside.
    """

    def __init__(self, line: Line, value: float, evaluations: int) -> None:
        self.line, self.value, self.evaluations = line, value, evaluations
        self.noise = self.heard = self.growth = 0.0
        self.left_the_domain = False
        self._pairs: dict[float, tuple[float, float]] = {}

    def listen(self, noise: float | None, step: float) -> None:
        """Take the noise as given, or measure it close to 0."""
        if noise is None:
            noise, used = noise_of(self.line, scale=step / FIRST_STEP, value=self.value)
            self.evaluations += used
        self.noise = self.heard = max(noise, rounding(self.value))

    def listen_at(self, step: float) -> None:
        """Measure the noise far away, where all that is added up may be larger than close to 0."""
        noise, used = noise_of(
            lambda t: self.line(step + t), scale=step / FIRST_STEP, value=self.pair(step)[0]
        )
        self.evaluations += used
        self.growth = noise / step

    def noise_at(self, step: float) -> float:
        """Return the noise of the values at a step: larger where they are, and with the distance."""
        largest = max(map(abs, self.pair(step)))
        relative = self.noise / abs(self.value) if self.value else 0.0
        return max(self.noise, relative * largest, rounding(largest), self.growth * step)

    def pair(self, step: float) -> tuple[float, float]:
        """Return f(h) and f(-h)."""
        if step not in self._pairs:
            self._pairs[step] = float(self.line(step)), float(self.line(-step))
            self.evaluations += 2
        return self._pairs[step]

    def finite(self, step: float) -> bool:
        """Whether both are finite."""
        return all(map(math.isfinite, self.pair(step)))

    def finer(self, step: float) -> list[float]:
        """Return the known steps closer by."""
        return [known for known in self._pairs if known < step and self.finite(known)]

    def values(self) -> list[float]:
        """Return all values seen."""
        return [self.value, *(value for pair in self._pairs.values() for value in pair)]

    def swing(self, step: float) -> float:
        """Return how far a step moves the value, at most."""
        plus, minus = self.pair(step)
        return max(abs(plus - self.value), abs(minus - self.value))

    def jumps(self) -> bool:
        """Whether the finest of many steps moves the function as far as the coarsest."""
        steps = sorted(step for step in self._pairs if self.finite(step))
        finest, coarsest = self.swing(steps[0]), self.swing(steps[-1])
        far_apart = steps[0] <= steps[-1] * SHRINK ** (1 - MAX_STEPS)
        return far_apart and finest > max(coarsest / 2, SURELY_MORE * self.noise)

    def stairs(self) -> float:
        """Return the height of the stairs if the values are a staircase, flat from close up; else 0."""
        flat = [step for step in self._pairs if self.finite(step) and self.swing(step) == 0]
        if len(flat) < 2:
            return 0.0
        values = [value for value in self.values() if math.isfinite(value)]
        return stair(values, self.value) or self._first_stair(max(flat))

    def _first_stair(self, flat: float) -> float:
        """Return the height of the first stair, if it is one: a kink farther on begins at nothing."""
        moved = min(
            (step for step in self._pairs if step > flat and self.finite(step) and self.swing(step) > 0),
            default=0.0,
        )
        if not moved or self.swing(moved) <= 4 * self.noise:
            return 0.0
        heights = [self.swing(moved)]
        for _ in range(NARROWED):
            middle = (flat + moved) / 2
            if not self.finite(middle):
                return 0.0
            if self.swing(middle) == 0:
                flat = middle
            else:
                moved = middle
                heights.append(self.swing(middle))
        return heights[-1] if heights[-1] >= SAME_HEIGHT * max(heights[-3:]) else 0.0

    def first_step(self, step: float) -> float | None:
        """Shrink the step until both sides are inside the domain."""
        for _ in range(2 * MAX_STEPS):
            if self.finite(step):
                return step
            self.left_the_domain = True
            step /= CLIMB
        return None

    def slope(self, step: float) -> float:
        """Return D(h), half the difference of both sides over h."""
        plus, minus = self.pair(step)
        return (plus - minus) / (2 * step)

    def mismatch(self, step: float) -> float:
        """Return M(h), half the difference of the slopes on both sides."""
        plus, minus = self.pair(step)
        return ((plus - self.value) + (minus - self.value)) / (2 * step)
