"""What forward mode costs, in plain evaluations of the same function.

Run `python tests/benchmarks/forward_mode.py`.

Each ratio is taken in one run, plain and dual evaluations by turns, and is the median over the rounds.
"""

import argparse
import itertools
import json
import statistics
import time

import numpy as np

from checks.oracles.forward_mode import derivative


def network(widths, samples, activation):
    """Return a fully connected net's loss as a function of its leaves, and a point and a direction for it."""
    rng = np.random.default_rng(0)
    leaves = []
    for n_in, n_out in itertools.pairwise(widths):
        leaves += [rng.standard_normal((n_out, n_in)) / np.sqrt(n_in), rng.standard_normal((n_out, 1))]
    x, y = (
        rng.standard_normal((widths[0], samples)),
        np.eye(widths[-1])[:, rng.integers(0, widths[-1], samples)],
    )

    def loss(leaves):
        a = x
        for l in range(0, len(leaves), 2):
            z = leaves[l] @ a + leaves[l + 1]
            a = activation(z)
        e = np.exp(z - z.max(axis=0, keepdims=True))
        p = e / e.sum(axis=0)
        return -(y * np.log(p)).sum() / samples

    return loss, leaves, [rng.standard_normal(leaf.shape) for leaf in leaves]


def relu(z):
    """max(z, 0)."""
    return np.maximum(z, 0)


def sigmoid(z):
    """1 / (1 + exp(-z)), without overflow."""
    e = np.exp(np.where(z > 0, -z, z))
    return np.where(z > 0, np.ones_like(z), e) / (1 + e)


def loops(leaves):
    """A sum of scalars in a Python loop: the slowest thing people write."""
    (x,) = leaves
    total = 0.0
    for i in range(len(x) - 1):
        total += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


def cases():
    """Name each function to be timed."""
    rng = np.random.default_rng(1)
    for name, activation in (("relu", relu), ("tanh", np.tanh), ("sigmoid", sigmoid)):
        yield f"{name} net 20-30-10, 32 samples", *network([20, 30, 10], 32, activation)
        yield f"{name} net 784-256-256-10, 64 samples", *network([784, 256, 256, 10], 64, activation)
    yield "10 layers of width 8, 4 samples", *network([8] * 11, 4, np.tanh)
    yield "scalar loop, 200 entries", loops, [rng.uniform(0.5, 1.5, 200)], [rng.standard_normal(200)]


def cost(fun, leaves, directions, rounds):
    """Return the median seconds of a plain evaluation, and the median ratio of a dual run to it."""
    value = fun(leaves)
    plain, ratios = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        fun(leaves)
        middle = time.perf_counter()
        derivative(fun, leaves, directions, value=value)
        end = time.perf_counter()
        plain.append(middle - start)
        ratios.append((end - middle) / (middle - start))
    return statistics.median(plain), statistics.median(ratios)


def main():
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=51)
    parser.add_argument("--json", metavar="F", help="also write the table to F")
    options = parser.parse_args()
    rows = []
    print(f"| {'function':40} | parameters | plain, ms | forward mode, plain evaluations |")
    print(f"|{'-' * 42}|-----------:|----------:|--------------------------------:|")
    for name, fun, leaves, directions in cases():
        seconds, ratio = cost(fun, leaves, directions, options.rounds)
        size = sum(leaf.size for leaf in leaves)
        rows.append({"function": name, "parameters": size, "milliseconds": 1e3 * seconds, "ratio": ratio})
        print(f"| {name:40} | {size:10} | {1e3 * seconds:9.3f} | {ratio:31.1f} |")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"schema": 1, "numpy": np.__version__, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
