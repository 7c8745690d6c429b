"""How weights are drawn: a law for W^l, by a name that can be typed."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from dnn import Architecture, Network
from dnn.activations import Array

NAMES = {
    "shipped": "as dnn draws them: he before activations that cut half the line off, else glorot",
    "glorot": "N(0, 2 / (k_(l-1) + k_l))",
    "he": "N(0, 2 / k_(l-1))",
    "lecun": "N(0, 1 / k_(l-1))",
    "normal": "N(0, 1)",
    "orthogonal": "orthonormal rows or columns: no direction is stretched more than another",
}


@dataclass(frozen=True)
class Law:
    """A law for weights; biases are zero.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    scale : float
        Multiplies every weight.
    """

    name: str
    scale: float = 1.0

    @classmethod
    def named(cls, text: str) -> Self:
        """Return the law that ``NAME``, ``NUMBER*NAME`` or ``NUMBER`` (times ``normal``) stands for.

        Raises
        ------
        ValueError
            For any other text, and for a number that is not positive and finite.
        """
        if text in NAMES:
            return cls(text)
        number, name = text.rsplit("*", 1) if "*" in text else (text, "normal")
        try:
            scale = float(number)
        except ValueError:
            scale = np.nan
        if name not in NAMES or not 0 < scale < np.inf:
            raise ValueError(
                f"init must be NAME, NUMBER*NAME or NUMBER, a positive number and a name among "
                f"{', '.join(NAMES)}, got {text!r}"
            )
        return cls(name, scale)

    def draw(self, architecture: Architecture, seed: int) -> Network:
        """Return the network that `seed` stands for."""
        if self.name == "shipped":
            plain = Network.initialise(architecture, seed)
            return Network(architecture, {l: self.scale * W for l, W in plain.W.items()}, plain.b)
        rng, k = np.random.default_rng(seed), architecture.width
        W = {l: self.scale * self._matrix(rng, k(l), k(l - 1)) for l in architecture.layers}
        return Network(architecture, W, {l: np.zeros((k(l), 1)) for l in architecture.layers})

    def _matrix(self, rng: np.random.Generator, rows: int, columns: int) -> Array:
        normal = rng.standard_normal((rows, columns))
        if self.name == "orthogonal":
            tall = normal if rows >= columns else normal.T
            q, r = np.linalg.qr(tall)
            q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # which makes it uniformly distributed
            return q if rows >= columns else q.T
        variance = {"glorot": 2 / (rows + columns), "he": 2 / columns, "lecun": 1 / columns, "normal": 1.0}
        return variance[self.name] ** 0.5 * normal

    def __str__(self) -> str:
        return self.name if self.scale == 1 else f"{self.scale:.4g}*{self.name}"
