"""What a forward and a backward pass cost beyond the matrix products that they cannot avoid.

Run ``python tests/benchmarks/network.py``. Every figure is a ratio of medians, measured side by side in one
run. The bare products are 3 for each layer, into memory that was allocated beforehand. `dnn` returns new
arrays, so its cost depends on the allocator. In a training loop the last step's arrays are alive while the
next step's are made, and the two take turns ("in a loop"). Where they are dropped first, glibc gives the
memory back and pays for it, page by page, at the next pass ("dropped first").
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from dnn import Architecture, Network

WIDTH, LAYERS, SAMPLES, ROUNDS = 512, 8, 256, 30


def bare_products() -> Callable[[], None]:
    """W a forward, W^T delta and delta a^T backward, for each layer."""
    rng = np.random.default_rng(0)
    W = [rng.standard_normal((WIDTH, WIDTH)) for _ in range(LAYERS)]
    a, delta, dW = np.ones((WIDTH, SAMPLES)), np.ones((WIDTH, SAMPLES)), np.empty((WIDTH, WIDTH))
    z = np.empty((WIDTH, SAMPLES))

    def run() -> None:
        for weights in W:
            np.matmul(weights, a, out=z)
            np.matmul(weights.T, delta, out=z)
            np.matmul(delta, a.T, out=dW)

    return run


def forward_backward(activation: str, *, keep: bool) -> Callable[[], None]:
    """The shipped code, the same sizes, as in a training loop (keep) or dropping every result at once."""
    network = Network.initialise(Architecture((WIDTH,) * (LAYERS + 1), activation, "half_mse", activation), 0)
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, WIDTH, SAMPLES))
    alive: dict[str, object] = {}

    def run() -> None:
        trace = network.forward(x)
        if keep:
            alive["trace"] = trace
        gradients = network.backward(trace, y)
        if keep:
            alive["gradients"] = gradients

    return run


def scikit_learn() -> Callable[[], None] | None:
    """MLPRegressor's own forward and backward pass with tanh, the same sizes; None when not installed."""
    try:
        from sklearn.neural_network import MLPRegressor
    except ImportError:
        return None
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, SAMPLES, WIDTH))
    mlp = MLPRegressor(
        hidden_layer_sizes=(WIDTH,) * (LAYERS - 1),
        activation="tanh",
        alpha=0.0,
        max_iter=1,
        batch_size=SAMPLES,
    )
    mlp._random_state = np.random.RandomState(0)
    mlp._initialize(y, [WIDTH] * (LAYERS + 1), np.float64)
    activations = [x] + [np.empty((SAMPLES, WIDTH)) for _ in range(LAYERS)]
    deltas = [np.empty_like(a) for a in activations]
    W = [np.empty((WIDTH, WIDTH)) for _ in range(LAYERS)]
    b = [np.empty(WIDTH) for _ in range(LAYERS)]
    backprop = mlp._backprop
    names = backprop.__code__.co_varnames[1 : backprop.__code__.co_argcount]
    given = {"X": x, "y": y, "sample_weight": None, "activations": activations, "deltas": deltas,
             "coef_grads": W, "intercept_grads": b}  # fmt: skip
    return lambda: backprop(**{name: given[name] for name in names}) and None


def medians(runs: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Seconds, each the median over rounds in which all take their turn."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Measure and print."""
    runs: dict[str, Callable[[], None] | None] = {"bare matrix products": bare_products()}
    for activation in ("relu", "tanh", "sigmoid"):
        runs[f"dnn, {activation}, in a loop"] = forward_backward(activation, keep=True)
    runs["scikit-learn MLP, tanh"] = scikit_learn()
    runs["dnn, tanh, dropped first"] = forward_backward("tanh", keep=False)
    seconds = medians({name: run for name, run in runs.items() if run is not None})
    table = Table("", "median", "times the bare products")
    for name, value in seconds.items():
        table.add_row(name, f"{value * 1e3:.1f} ms", f"{value / seconds['bare matrix products']:.2f}")
    Console().print(
        f"{LAYERS} weight layers of width {WIDTH}, batch {SAMPLES}, float64, NumPy {np.__version__}"
    )
    Console().print(table)


if __name__ == "__main__":
    main()
