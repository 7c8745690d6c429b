"""How fast the number systems are, and why each is the one it is: run on demand.

    python tests/benchmarks/number_systems.py [field] [rivals] [symbols] [balls] [rationals] [profiles]

Rivals that are not installed (python-flint, galois) are left out of their table, and it says so.
"""

import sys
import time
from fractions import Fraction
from importlib import import_module

import numpy as np

from checks.proof.code import ORACLES, balls, field, rationals, symbols
from checks.proof.numbers import modular
from dnn import Architecture


def seconds(run):
    """The shortest of three runs, the first of which warms the caches."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def field_growth():
    """Every layer's delta, dW and db, one trial, 2 samples: forward, backward and forward mode."""
    print("\nfinite field: one trial of every identity, seconds (targets: 5 x 256 in 1 s, 20 x 512 in 5 s)")
    trials, field.TRIALS = field.TRIALS, 1
    print(f"{'weight layers x width':24}{'opaque f':>12}{'relu':>12}{'silu':>12}")
    for layers, width in ((5, 64), (5, 128), (5, 256), (5, 512), (10, 512), (20, 512)):
        row = [f"{layers} x {width}"]
        for f, check in (
            ("relu", field.check_opaque),
            ("relu", field.check_shipped),
            ("silu", field.check_shipped),
        ):
            architecture = Architecture((width,) * (layers + 1), f, "softmax_cross_entropy")
            start = time.perf_counter()
            assert check([architecture], seed=0).status == "holds"
            row.append(f"{time.perf_counter() - start:.2f}")
        print(f"{row[0]:24}" + "".join(f"{cell:>12}" for cell in row[1:]))
    field.TRIALS = trials


def rivals():
    """One matrix-vector product W @ a over GF(2^61 - 1), the step that everything else is small beside."""
    print(
        "\nmatrix times 2 vectors over GF(2^61 - 1), milliseconds; 'again' with the limbs of W already split"
    )
    widths = (64, 256, 512)
    rng = np.random.default_rng(0)
    table = {}
    for n in widths:
        W, a = (
            rng.integers(0, modular.P, (n, n), dtype=np.uint64),
            rng.integers(0, modular.P, (n, 2), dtype=np.uint64),
        )
        limbs = modular.limbs(W)
        expected = modular.matmul(limbs, a)
        candidates = {
            "21-bit limbs, vectorised": lambda W=W, a=a: modular.matmul(modular.limbs(W), a),
            "21-bit limbs, again": lambda limbs=limbs, a=a: modular.matmul(limbs, a),
            "Python integers": objects(W, a, int, lambda x: x % modular.P),
            "nmod objects": flint_objects(W, a),
            "nmod_mat": flint_matrices(W, a),
            "sympy.GF elements": sympy_objects(W, a),
            "galois": galois_arrays(W, a),
        }
        for name, run in candidates.items():
            if run is None:
                continue
            found = np.asarray(run()).astype(object)
            assert [int(x) % modular.P for x in found.ravel()] == [int(x) for x in expected.ravel()], name
            table.setdefault(name, {})[n] = 1e3 * seconds(run)
    print(f"{'':28}" + "".join(f"{n:>10}" for n in widths))
    for name, row in table.items():
        print(f"{name:28}" + "".join(f"{row[n]:10.2f}" for n in widths))
    missing = [name for name in ("flint", "galois") if not installed(name)]
    if missing:
        print("not installed: " + ", ".join(missing))


def installed(name):
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def objects(W, a, element, finish=lambda x: x):
    W, a = (np.frompyfunc(lambda x: element(int(x)), 1, 1)(array) for array in (W, a))
    return lambda: finish(W @ a)


def flint_objects(W, a):
    if not installed("flint"):
        return None
    from flint import nmod

    return objects(W, a, lambda x: nmod(x, modular.P), np.frompyfunc(int, 1, 1))


def flint_matrices(W, a):
    """With the conversions that an array of activations needs on the way in and out."""
    if not installed("flint"):
        return None
    from flint import nmod_mat

    W = nmod_mat(*W.shape, [int(x) for x in W.ravel()], modular.P)

    def run():
        product = W * nmod_mat(*a.shape, [int(x) for x in a.ravel()], modular.P)
        return np.array([int(x) for x in product.entries()], dtype=object).reshape(-1, 2)

    return run


def sympy_objects(W, a):
    from sympy import GF

    return objects(W, a, GF(modular.P, symmetric=False), np.frompyfunc(int, 1, 1))


def galois_arrays(W, a):
    if not installed("galois"):
        return None
    import galois

    field = galois.GF(modular.P)
    W, a = (field([[int(x) for x in row] for row in array]) for array in (W, a))
    return lambda: W @ a


def symbols_growth():
    print("\nsymbols: every entry with an opaque f, 2 samples, seconds (target: 4-4-4-4 in 5 s)")
    heads = ("half_mse", "softmax_cross_entropy", "sigmoid_cross_entropy")
    print(f"{'widths':16}" + "".join(f"{head:>24}" for head in heads))
    for widths in ((2, 2, 2), (3, 3, 3), (2, 2, 2, 2), (3, 3, 3, 3), (4, 4, 4, 4), (5, 5, 5, 5)):
        row = []
        for head in heads:
            last = 1 if head == "sigmoid_cross_entropy" else widths[-1]
            architecture = Architecture((*widths[:-1], last), "tanh", head)
            row.append(seconds(lambda a=architecture: symbols.check([a], seed=0)))
        print(f"{'-'.join(map(str, widths)):16}" + "".join(f"{t:24.3f}" for t in row))


def balls_growth():
    if not installed("flint"):
        print("\nballs: python-flint is not installed")
        return
    print("\nballs: float64 and float32 enclosed, 2 samples (target: 10,000 parameters in 1 s)")
    print(f"{'widths':24}{'parameters':>12}{'seconds':>10}")
    for widths in ((16, 16, 10), (64, 32, 32, 10), (64, 100, 32, 10), (64, 100, 100, 100, 10)):
        architecture = Architecture(widths, "tanh", "softmax_cross_entropy")
        t = seconds(lambda a=architecture: balls.check([a], seed=0))
        print(f"{'-'.join(map(str, widths)):24}{architecture.parameters:12}{t:10.2f}")


def rationals_growth():
    print("\nrationals: every entry by a central difference, 2 samples, seconds")
    for widths in ((3, 4, 2), (3, 4, 4, 2), (4, 6, 6, 3), (5, 8, 8, 8, 3)):
        architecture = Architecture(widths, "relu", "half_mse")
        t = seconds(lambda a=architecture: rationals.check([a], seed=0))
        print(f"{'-'.join(map(str, widths)):24}{architecture.parameters:12}{t:10.2f}")
    if installed("flint"):
        from flint import fmpq

        x = [Fraction(n, 7) for n in range(1, 2000)]
        y = [fmpq(n, 7) for n in range(1, 2000)]
        slow = seconds(lambda: sum(a * b for a, b in zip(x, x[::-1], strict=True)))
        fast = seconds(lambda: sum((a * b for a, b in zip(y, y[::-1], strict=True)), fmpq(0)))
        each = [1e6 * t / len(x) for t in (slow, fast)]
        print(f"one multiplication and addition, microseconds: Fraction {each[0]:.2f}, fmpq {each[1]:.2f}")


def profiles():
    print("\nall oracles, seconds (target: quick in 10 s on one core)")
    print(f"{'':16}{'quick':>10}{'ci':>10}")
    totals = [0.0, 0.0]
    for name, oracle in ORACLES.items():
        times = [oracle.run(profile, seed=0).seconds for profile in ("quick", "ci")]
        totals = [a + b for a, b in zip(totals, times, strict=True)]
        print(f"{name:16}{times[0]:10.2f}{times[1]:10.2f}")
    print(f"{'together':16}{totals[0]:10.2f}{totals[1]:10.2f}")


TABLES = {
    "field": field_growth,
    "rivals": rivals,
    "symbols": symbols_growth,
    "balls": balls_growth,
    "rationals": rationals_growth,
    "profiles": profiles,
}

if __name__ == "__main__":
    for chosen in sys.argv[1:] or TABLES:
        TABLES[chosen]()
