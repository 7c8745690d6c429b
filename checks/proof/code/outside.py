"""Other people's derivatives: PyTorch, JAX and HIPS autograd on a replica, and scikit-learn's own MLP.

The replica below is written from textbook formulas and shares no line with dnn. Each engine differentiates
it in reverse mode; a zero added to each z^l makes delta^l a derivative as well. scikit-learn trains its own
network by one step of gradient descent, and what the step changed is the gradient.

An engine rounds in another order than dnn, about as much: `SLACK` times dnn's own proved rounding error is
the bar.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np

from checks.proof.cases import Case
from checks.proof.code.claims import Claim, claims
from checks.proof.code.floats import float_case, lifted
from checks.proof.code.row import Progress, Row
from checks.proof.evidence import CodeEvidence
from checks.proof.numbers.ring import LeavesNumberSystem
from checks.proof.numbers.rounded import rounded
from dnn import Architecture
from dnn.activations import Array

SLACK = 16

ACTIVATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "identity": lambda m, z: z,
    "sigmoid": lambda m, z: 1 / (1 + m.exp(-z)),
    "tanh": lambda m, z: m.tanh(z),
    "relu": lambda m, z: m.where(z > 0, z, 0 * z),
    "leaky_relu": lambda m, z: m.where(z > 0, z, 0.01 * z),
    "elu": lambda m, z: m.where(z > 0, z, m.exp(z) - 1),
    "softplus": lambda m, z: m.log(1 + m.exp(z)),
    "silu": lambda m, z: z / (1 + m.exp(-z)),
    "gelu_tanh": lambda m, z: 0.5 * z * (1 + m.tanh((2 / 3.141592653589793) ** 0.5 * (z + 0.044715 * z**3))),
}

Parameters: TypeAlias = dict[str, dict[int, Any]]
"""delta, W and b by layer; delta is the zero that is added to z."""


def replica(m: Any, architecture: Architecture, x: Any, y: Any, parameters: Parameters) -> Any:
    """The sum of the samples' losses, on arrays of the module `m`."""
    a, L = x, architecture.depth
    for l in range(2, L + 1):
        z = m.matmul(parameters["W"][l], a) + parameters["b"][l] + parameters["delta"][l]
        if l < L:
            a = ACTIVATIONS[architecture.hidden[l - 2].name](m, z)
    if architecture.head.name == "softmax_cross_entropy":
        e = m.exp(z)
        return -(y * m.log(e / e.sum(0))).sum()
    if architecture.head.name == "sigmoid_cross_entropy":
        a = ACTIVATIONS["sigmoid"](m, z)
        return -(y * m.log(a) + (1 - y) * m.log(1 - a)).sum()
    assert architecture.output is not None
    return ((ACTIVATIONS[architecture.output.name](m, z) - y) ** 2).sum() / 2


def by_torch(case: Case) -> Parameters:
    """The gradients by PyTorch."""
    torch: Any = import_module("torch")

    def leaf(values: Array) -> Any:
        return torch.tensor(values, dtype=torch.float64, requires_grad=True)

    leaves = {name: {l: leaf(v) for l, v in of.items()} for name, of in _parameters(case).items()}
    x, y = torch.tensor(case.x), torch.tensor(case.y)
    replica(torch, case.network.architecture, x, y, leaves).backward()
    return {name: {l: v.grad.numpy() for l, v in of.items()} for name, of in leaves.items()}


def by_jax(case: Case) -> Parameters:
    """The gradients by JAX, in float64."""
    jax: Any = import_module("jax")

    with jax.enable_x64(True):
        J = partial(replica, jax.numpy, case.network.architecture, case.x, case.y)
        found = jax.grad(J)(_parameters(case))
        return {name: {l: np.asarray(v) for l, v in of.items()} for name, of in found.items()}


def by_autograd(case: Case) -> Parameters:
    """The gradients by HIPS autograd."""
    grad, m = import_module("autograd").grad, import_module("autograd.numpy")
    found: Parameters = grad(partial(replica, m, case.network.architecture, case.x, case.y))(
        _parameters(case)
    )
    return found


def _parameters(case: Case) -> Parameters:
    layers, N = case.network.architecture.layers, case.x.shape[1]
    zero = {l: np.zeros((case.network.architecture.width(l), N)) for l in layers}
    return {"delta": zero, "W": dict(case.network.W), "b": dict(case.network.b)}


def _check_engine(
    engine: str,
    gradients: Callable[[Case], Parameters],
    architectures: Sequence[Architecture],
    *,
    seed: int,
    progress: Progress | None = None,
) -> CodeEvidence:
    """Every entry of delta^l, dW^l and db^l against an engine's gradient of the replica."""
    row = Row(f"outside: {engine}", architectures, seed, progress)
    try:
        import_module(engine)
    except ModuleNotFoundError:
        return row.evidence("", f"{engine} is missing: pip install {engine}")
    worst = 0.0
    for number, architecture in row:
        with row.looking_at(architecture):
            case = float_case(architecture, (seed, number))
            found, N = gradients(case), case.x.shape[1]
            for claim, bar in _with_bars(case):
                true = (
                    found["delta"][claim.layer]
                    if claim.symbol == "delta"
                    else (found[claim.symbol.removeprefix("d")][claim.layer] / N)
                )
                worst = max(worst, _compare(row, claim, true, bar))
    return row.evidence(f"largest error {worst:.1e} of its bar, {SLACK} times the rounding error of dnn")


check_torch = partial(_check_engine, "torch", by_torch)
check_jax = partial(_check_engine, "jax", by_jax)
check_autograd = partial(_check_engine, "autograd", by_autograd)

SKLEARN = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


def check_sklearn(
    architectures: Sequence[Architecture], *, seed: int, progress: Progress | None = None
) -> CodeEvidence:
    """Every entry of dW^l and db^l on handwritten digits against one training step of scikit-learn's MLP."""
    row = Row("outside: scikit-learn", architectures, seed, progress)
    try:
        import sklearn.neural_network
    except ModuleNotFoundError:
        return row.evidence("", "scikit-learn is missing: pip install scikit-learn")
    worst = 0.0
    for number, architecture in row:
        with row.looking_at(architecture):
            names = {activation.name for activation in architecture.hidden}
            fits = (architecture.widths[0], architecture.widths[-1]) == (64, 10)
            if not (fits and architecture.head.name == "softmax_cross_entropy"):
                raise LeavesNumberSystem("scikit-learn is asked for softmax networks on digits alone")
            if len(names) != 1 or not names <= set(SKLEARN):
                raise LeavesNumberSystem(f"scikit-learn has one activation for all: {', '.join(SKLEARN)}")
            case = float_case(architecture, (seed, number))
            found = _one_step(sklearn.neural_network.MLPClassifier, case, SKLEARN[names.pop()])
            for claim, bar in _with_bars(case):
                if claim.symbol != "delta":
                    before, after = np.asarray(claim.at), found[claim.symbol.removeprefix("d")][claim.layer]
                    lost = np.finfo(float).eps * (np.abs(before) + np.abs(after))  # before - after cancels
                    worst = max(worst, _compare(row, claim, before - after, bar + lost))
    return row.evidence(
        f"largest error {worst:.1e} of its bar, {SLACK} times the rounding error of dnn",
        "delta is not compared",
    )


def _one_step(MLPClassifier: Any, case: Case, activation: str) -> Parameters:
    """The parameters after theta - 1 dJ/dtheta over all samples at once."""
    network, digits = case.network, case.y.argmax(axis=0)
    mlp = MLPClassifier(
        network.architecture.widths[1:-1],
        activation=activation,
        solver="sgd",
        alpha=0,
        batch_size=len(digits),
        learning_rate_init=1.0,
        momentum=0,
        nesterovs_momentum=False,
        shuffle=False,
    )
    mlp.partial_fit(case.x.T, digits, classes=np.arange(10))
    for l in network.architecture.layers:
        mlp.coefs_[l - 2][...], mlp.intercepts_[l - 2][...] = network.W[l].T, network.b[l][:, 0]
    mlp.partial_fit(case.x.T, digits)
    layers = network.architecture.layers
    return {
        "W": {l: mlp.coefs_[l - 2].T for l in layers},
        "b": {l: mlp.intercepts_[l - 2][:, None] for l in layers},
    }


def _with_bars(case: Case) -> Iterator[tuple[Claim, Array]]:
    for claim, bounded in zip(claims(case), claims(lifted(case, rounded)), strict=True):
        yield claim, SLACK * bounded.at.lift(bounded.gradient).e


def _compare(row: Row, claim: Claim, true: Array, bar: Array) -> float:
    """Compare entry by entry; the largest error over its bar."""
    error = np.abs(np.asarray(claim.gradient, dtype=float) - true)
    with np.errstate(over="ignore"):  # a wrong gradient may stand beside a bar of next to nothing
        ratio = error / bar
    worst = np.unravel_index(np.argmax(ratio), ratio.shape)
    wrong = int((~(error <= bar)).sum())
    entry = ", ".join(map(str, worst))
    detail = (
        f"{wrong} of {ratio.size} entries, [{entry}] is {claim.gradient[worst]:.6g} and should be "
        f"{true[worst]:.6g}, rounding allows {bar[worst]:.1e}"
    )
    row.compare(claim, wrong, ratio.size, detail)
    return float(ratio.max())
