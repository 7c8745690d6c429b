"""What a network looks like, before it has any numbers: widths, activations, head."""

from dataclasses import dataclass
from typing import Any

from dnn.activations import ACTIVATIONS, Activation
from dnn.doors import positive_integer
from dnn.heads import HEADS, OWN_ACTIVATION, Head, half_mse


@dataclass(frozen=True, init=False, repr=False)
class Architecture:
    """A fully connected network of L layers, the input being layer 1.

    Parameters
    ----------
    widths : sequence of int
        k_1, ..., k_L: the number of units in each layer, at least an input and an output layer.
    activations : str, Activation, or a sequence of them
        f of the hidden layers 2..L-1: one for all, or one for each.
    head : {"softmax_cross_entropy", "half_mse", "sigmoid_cross_entropy"}
        The output layer's activation and loss. ``sigmoid_cross_entropy`` needs k_L = 1.
    output : str or Activation, optional
        The output activation behind ``half_mse``, identity unless given; the other heads bring their own.

    Raises
    ------
    TypeError
        A width that is no integer, an activation or head that is neither a name nor an object.
    ValueError
        Fewer than two layers, a width below one, an unknown name, another number of activations than hidden
        layers, more than one output unit under ``sigmoid_cross_entropy``, an output activation for a head
        that has its own.

    Examples
    --------
    >>> architecture = Architecture((64, 32, 10), "tanh", "softmax_cross_entropy")
    >>> architecture.depth
    3
    >>> architecture
    Architecture((64, 32, 10), ('tanh',), 'softmax_cross_entropy')
    """

    widths: tuple[int, ...]
    hidden: tuple[Activation, ...]
    head: Head
    output: Activation | None

    def __init__(
        self,
        widths: Any,
        activations: Any = "tanh",
        head: str = "half_mse",
        output: Any = None,
    ) -> None:
        object.__setattr__(self, "widths", _widths(widths))
        object.__setattr__(self, "hidden", _hidden(activations, len(self.widths) - 2))
        if head not in HEADS:
            raise ValueError(f"head must be one of {', '.join(HEADS)}, got {head!r}")
        if head != "half_mse" and output is not None:
            raise ValueError(f"output must be left out: {head} has an activation of its own, got {output!r}")
        if head == "sigmoid_cross_entropy" and self.widths[-1] != 1:
            raise ValueError(
                f"widths must end in 1 under sigmoid_cross_entropy (one neuron), got {self.widths[-1]}"
            )
        if head == "half_mse":
            output = _activation("identity" if output is None else output)
        object.__setattr__(self, "output", output)
        object.__setattr__(self, "head", half_mse(output) if head == "half_mse" else OWN_ACTIVATION[head])

    @property
    def depth(self) -> int:
        """L, the number of layers with the input layer."""
        return len(self.widths)

    @property
    def layers(self) -> range:
        """2..L: the layers that have a W and a b."""
        return range(2, self.depth + 1)

    def width(self, l: int) -> int:
        """k_l."""
        return self.widths[l - 1]

    def activation(self, l: int) -> Activation:
        """The f of hidden layer l, 2 <= l <= L-1."""
        return self.hidden[l - 2]

    @property
    def parameters(self) -> int:
        """How many numbers W and b hold together."""
        return sum((self.width(l - 1) + 1) * self.width(l) for l in self.layers)

    def __repr__(self) -> str:
        names = tuple(activation.name for activation in self.hidden)
        output = f", {self.output.name!r}" if self.output else ""
        return f"Architecture({self.widths}, {names}, {self.head.name!r}{output})"


def _widths(widths: Any) -> tuple[int, ...]:
    if isinstance(widths, str) or not hasattr(widths, "__iter__"):
        raise TypeError(f"widths must be a sequence of integers, got {widths!r}")
    found = tuple(positive_integer(f"widths[{i}]", width) for i, width in enumerate(widths))
    if len(found) < 2:
        raise ValueError(f"widths must name at least an input and an output layer, got {found}")
    return found


def _activation(activation: Any) -> Activation:
    if isinstance(activation, Activation):
        return activation
    if not isinstance(activation, str):
        raise TypeError(f"an activation must be a name or an Activation, got {activation!r}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"an activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    return ACTIVATIONS[activation]


def _hidden(activations: Any, count: int) -> tuple[Activation, ...]:
    if isinstance(activations, str | Activation):
        return (_activation(activations),) * count
    if not hasattr(activations, "__iter__"):
        raise TypeError(f"activations must be a name or a sequence of names, got {activations!r}")
    found = tuple(_activation(activation) for activation in activations)
    if len(found) != count:
        raise ValueError(
            f"activations must be one name, or one for each of the {count} hidden layers, got {len(found)}"
        )
    return found
