"""What `gradproof flow` looks at: each depth, activation and law asked for, before and after training."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal

import numpy as np

from checks.proof.flow.explosion import Explosions, count
from checks.proof.flow.law import Law
from checks.proof.flow.measure import Flow, measure
from checks.proof.progress import Progress, parts, silent
from dnn import ACTIVATIONS, Architecture, Network, fit, load_digits
from dnn.activations import Array

INPUTS, CLASSES = 64, 10
SAMPLES = 100
Data = Literal["noise", "digits"]


@dataclass(frozen=True)
class Specimen:
    """A kind of network: all that can be chosen of it.

    Parameters
    ----------
    depth : int
        L, with the input layer.
    activation : str
        f of the hidden layers.
    law : Law
        Of the weights.
    width : int
        k_l of the hidden layers.
    """

    depth: int
    activation: str
    law: Law
    width: int

    @property
    def architecture(self) -> Architecture:
        """64 inputs, hidden layers of one width, 10 classes by softmax and cross-entropy."""
        widths = (INPUTS, *(self.width,) * (self.depth - 2), CLASSES)
        return Architecture(widths, self.activation, "softmax_cross_entropy")

    def __str__(self) -> str:
        return f"{self.activation}, {self.law} weights, L = {self.depth}"


@dataclass(frozen=True)
class Finding:
    """What was seen of one specimen.

    Parameters
    ----------
    specimen : Specimen
    flow : Flow
        As drawn.
    trained : Flow or None
        After training; None when there was none, or when it diverged.
    diverged : str
        Why training ended early; empty when it did not.
    explosions : Explosions or None
        Of other networks by the same law; None when none were drawn.
    """

    specimen: Specimen
    flow: Flow
    trained: Flow | None = None
    diverged: str = ""
    explosions: Explosions | None = None


@dataclass(frozen=True)
class Study:
    """What to look at.

    Parameters
    ----------
    specimens : tuple of Specimen
    data : {"noise", "digits"}
    epochs : int
        Of training on the digits; 0 for none.
    learning_rate : float
    networks : int
        How many to draw of each specimen, to count explosions; 0 for none.
    seed : int
    """

    specimens: tuple[Specimen, ...]
    data: Data
    epochs: int
    learning_rate: float
    networks: int
    seed: int

    @cached_property
    def samples(self) -> tuple[Array, Array]:
        """X (64, 100) and y (10, 100): handwritten digits, or N(0, 1) with labels by chance."""
        rng = np.random.default_rng(self.seed)
        if self.data == "digits":
            x, y = load_digits()
            batch = rng.choice(len(x), SAMPLES, replace=False)
            return x[batch].T, y[batch].T
        return rng.standard_normal((INPUTS, SAMPLES)), np.eye(CLASSES)[:, rng.integers(CLASSES, size=SAMPLES)]

    def look(self, progress: Progress = silent) -> Iterator[Finding]:
        """Look at one specimen after the other."""
        x, y = self.samples
        for specimen, told in zip(self.specimens, parts(progress, len(self.specimens)), strict=True):
            training, counting = parts(told, 2)
            training(str(specimen), 0, 1)
            network = specimen.law.draw(specimen.architecture, self.seed)
            flow = measure(network, x, y, learning_rate=self.learning_rate)
            trained, diverged = self._train(network, specimen, training) if self.epochs else (None, "")
            after = measure(trained, x, y, learning_rate=self.learning_rate) if trained else None
            yield Finding(specimen, flow, after, diverged, self._explosions(specimen, counting))

    def tried(self, specimen: Specimen) -> Flow:
        """Look at another specimen in the same way, as drawn."""
        network = specimen.law.draw(specimen.architecture, self.seed)
        return measure(network, *self.samples, learning_rate=self.learning_rate)

    def _train(self, network: Network, specimen: Specimen, progress: Progress) -> tuple[Network | None, str]:
        def told(epoch: int, network: Network) -> None:
            progress(f"{specimen}: training on the digits", epoch, self.epochs)

        x, y = load_digits()
        rate, epochs, seed = self.learning_rate, self.epochs, self.seed
        try:
            return fit(network, x, y, learning_rate=rate, epochs=epochs, seed=seed, callback=told), ""
        except ValueError as divergence:  # a parameter that is no longer finite
            return None, str(divergence)

    def _explosions(self, specimen: Specimen, progress: Progress) -> Explosions | None:
        def told(done: int, of: int) -> None:
            progress(f"{specimen}: do others explode?", done, of)

        if not self.networks:
            return None
        x, y = self.samples
        rate, n, seed = self.learning_rate, self.networks, self.seed
        architecture, law = specimen.architecture, specimen.law
        return count(architecture, law, x, y, learning_rate=rate, networks=n, seed=seed, told=told)


def plan(
    depths: Sequence[int],
    activations: Sequence[str],
    laws: Sequence[str],
    *,
    width: int = 64,
    data: Data = "noise",
    epochs: int = 0,
    learning_rate: float = 0.1,
    networks: int = 100,
    seed: int = 0,
) -> Study:
    """Check what is asked for, and return it as a study.

    Raises
    ------
    ValueError
        A depth below 3, an unknown activation or law, training without data to learn from, a width, an
        epoch, a learning rate or a number of networks that cannot be.
    """
    if wrong := [depth for depth in depths if depth < 3]:
        raise ValueError(
            f"depths must be at least 3 (an input, a hidden and an output layer), got {wrong[0]}"
        )
    if unknown := [name for name in activations if name not in ACTIVATIONS]:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {unknown[0]!r}")
    for name, value, least in (("width", width, 1), ("epochs", epochs, 0), ("networks", networks, 0)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    if not 0 < learning_rate < np.inf:
        raise ValueError(f"learning-rate must be positive and finite, got {learning_rate}")
    if epochs and data == "noise":
        raise ValueError("epochs needs --data digits: there is nothing to learn from noise")
    specimens = tuple(
        Specimen(depth, activation, law, width)
        for activation, law, depth in product(activations, map(Law.named, laws), depths)
    )
    return Study(specimens, data, epochs, learning_rate, networks, seed)
