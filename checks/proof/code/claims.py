"""What the shipped backward pass claims, each claim beside the function of which it claims the derivative.

An oracle differentiates `Claim.fun` at `Claim.at` in its own way and holds `Claim.gradient` against it.
delta^l is claimed of the tail z^l -> J, so no claim is checked through another one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from checks.proof.cases import Case, tail
from dnn.activations import Array


@dataclass(frozen=True)
class Claim:
    """One array of `Gradients`.

    Parameters
    ----------
    symbol : {"delta", "dW", "db"}
    layer : int
        l.
    formula : str
        The theorem that derives it: ``"hidden-delta"``.
    gradient : array
        What backward() returned.
    fun : callable
        From an array of the shape of `gradient` to J, a scalar array (for delta: the sum of the samples' J).
    at : array
        Where `gradient` is claimed to be the derivative of `fun`.
    """

    symbol: str
    layer: int
    formula: str
    gradient: Array
    fun: Callable[[Array], Array]
    at: Array

    def __post_init__(self) -> None:
        if self.gradient.shape != self.at.shape:
            raise ValueError(
                f"{self} has shape {self.gradient.shape} and should have {self.at.shape}: {self.formula} at "
                f"layer l = {self.layer}"
            )

    def __str__(self) -> str:
        return f"{self.symbol}^{self.layer}"


HEAD_FORMULA = {
    "softmax_cross_entropy": "softmax-cross-entropy-delta",
    "half_mse": "half-mse-delta",
    "sigmoid_cross_entropy": "sigmoid-cross-entropy-delta",
}


def claims(case: Case) -> Iterator[Claim]:
    """Run the shipped forward and backward pass once, and yield what it claims.

    The deepest layer comes first: a wrong delta^l spoils every gradient below it, so the first claim that
    fails is the one to mend.
    """
    network, x, y = case.network, case.x, case.y
    trace = network.forward(x)
    gradients = network.backward(trace, y)
    L = network.architecture.depth

    def of_W(l: int) -> Callable[[Array], Array]:
        return lambda W: replace(network, W={**network.W, l: W}).loss(x, y)

    def of_b(l: int) -> Callable[[Array], Array]:
        return lambda b: replace(network, b={**network.b, l: b}).loss(x, y)

    for l in range(L, 1, -1):
        formula = HEAD_FORMULA[network.architecture.head.name] if l == L else "hidden-delta"
        yield Claim("delta", l, formula, gradients.delta[l], tail(case, l), trace.z[l])
        yield Claim("dW", l, "weight-gradient", gradients.dW[l], of_W(l), network.W[l])
        yield Claim("db", l, "bias-gradient", gradients.db[l], of_b(l), network.b[l])
