"""From a failure to the smallest one like it, and from that to a test that can be pasted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np

from checks.proof.campaign import oracles
from checks.proof.cases import Case
from checks.proof.equations import EQUATIONS
from dnn import Architecture, Network
from dnn.activations import Array

ATTEMPTS = 400

T = TypeVar("T")


def regression_test(oracle: str, seed: int, number: int) -> str:
    """The text of a test module that fails as this case of the campaign did, on something smaller.

    Parameters
    ----------
    oracle : str
        A name in `oracles.ORACLES`.
    seed, number : int
        The campaign's seed, and the case.
    """
    said = f"Found by `gradproof campaign --seed {seed} --oracle {oracle}`, case {number}"
    if oracle in EQUATIONS:
        return _of_equation(oracle, seed, number, said)
    if oracle in oracles.NUMBER_SYSTEMS:
        return _of_number_system(oracle, seed, number, said)
    return _module(
        "Gradcheck rejects a gradient that is right.", said,
        ["from checks.proof.campaign.oracles import look"],
        f"{oracle} case {number}",
        [f"outcome = look({oracle!r}, {seed}, {number})",
         'assert outcome is None or outcome.verdict != "FAIL", outcome.failure'],
    )  # fmt: skip


def smallest(failing: T, candidates: Callable[[T], Iterable[T]], fails: Callable[[T], bool]) -> T:
    """Return the last of a chain of candidates, each made of the one before and failing like it."""
    attempts = 0
    while True:
        for candidate in candidates(failing):
            attempts += 1
            if fails(candidate):
                failing = candidate
                break
            if attempts >= ATTEMPTS:
                return failing
        else:
            return failing


# -- equations: a network with its numbers --------------------------------------------------------


def _of_equation(id: str, seed: int, number: int, said: str) -> str:
    equation, case = EQUATIONS[id], oracles.random_case(seed, number)
    failure = _failure(lambda: oracles.judge(equation, case))
    if failure is None:
        return f"# {said}: it does not fail here, so it depends on more than its seed and number\n"
    small = smallest(
        case,
        simpler_cases,
        lambda c: equation.applies(c) and _failure(lambda: oracles.judge(equation, c)) == failure,
    )
    network = small.network
    W, b = (
        ", ".join(f"{l}: np.array({p.tolist()})" for l, p in sorted(of.items()))
        for of in (network.W, network.b)
    )
    return _module(
        f"{equation.formula}, made smaller.", said,
        ["import numpy as np", "", "from checks.proof.cases import Case",
         "from checks.proof.equations import EQUATIONS", "from dnn import Architecture, Network"],
        f"{id} case {number}",
        [f"network = Network({_written(network.architecture)}, W={{{W}}}, b={{{b}}})",
         f"case = Case(network, x=np.array({small.x.tolist()}), y=np.array({small.y.tolist()}))",
         f"failed = [found.detail for found in EQUATIONS[{id!r}].check(case) if found.fails]",
         "assert not failed, failed[0]"],
    )  # fmt: skip


def simpler_cases(case: Case) -> Iterator[Case]:
    """The same with fewer samples, fewer layers, fewer units, or rounder numbers."""
    architecture = case.network.architecture
    if case.x.shape[1] > 1:
        for n in range(case.x.shape[1]):
            yield replace(case, x=case.x[:, n : n + 1], y=case.y[:, n : n + 1])
    for simpler in fewer_layers_or_units(architecture):
        yield fitted(case, simpler)
    for digits in (0, 1, 2):
        yield from _rounded(case, digits)


def fitted(case: Case, architecture: Architecture) -> Case:
    """The numbers of a case, cut or repeated to fit another architecture with the same head."""
    k, network = architecture.width, case.network
    kept = [network.W[min(l, network.architecture.depth)] for l in architecture.layers]
    W = {l: np.resize(p, (k(l), k(l - 1))) for l, p in zip(architecture.layers, kept, strict=True)}
    b = {l: np.resize(network.b[l], (k(l), 1)) for l in architecture.layers}
    N = case.x.shape[1]
    y = case.y[: k(architecture.depth)]
    if architecture.head.name == "softmax_cross_entropy":
        y = y / y.sum(axis=0)
    return replace(case, network=Network(architecture, W, b), x=np.resize(case.x, (k(1), N)), y=y)


def _rounded(case: Case, digits: int) -> Iterator[Case]:
    network = case.network
    for l in network.architecture.layers:
        if not np.array_equal(W := np.round(network.W[l], digits), network.W[l]):
            yield replace(case, network=replace(network, W={**network.W, l: W}))
        if not np.array_equal(b := np.round(network.b[l], digits), network.b[l]):
            yield replace(case, network=replace(network, b={**network.b, l: b}))
    if not np.array_equal(x := np.round(case.x, digits), case.x):
        yield replace(case, x=x)
    y = _round_labels(case, digits)
    if not np.array_equal(y, case.y):
        yield replace(case, y=y)


def _round_labels(case: Case, digits: int) -> Array:
    if case.network.architecture.head.name != "softmax_cross_entropy":
        return np.round(case.y, digits)
    one_hot = np.zeros_like(case.y)
    one_hot[0] = 1
    return case.y if np.isin(case.y, (0, 1)).all() else one_hot


# -- number systems: an architecture, the numbers following from a seed ---------------------------


def _of_number_system(system: str, seed: int, number: int, said: str) -> str:
    own_seed = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])

    def fails(architecture: Architecture) -> bool:
        found = _failure(lambda: oracles.run(system, architecture, own_seed))
        return found is not None and found == failure

    failing = oracles.architecture_for(system, seed, number)
    failure = _failure(lambda: oracles.run(system, failing, own_seed))
    if failure is None:
        return f"# {said}: it does not fail here, so it depends on more than its seed and number\n"
    small = smallest(failing, simpler_architectures, fails)
    return _module(
        f"The oracle {system}, made smaller.", said,
        ["from checks.proof.code import ORACLES", "from dnn import Architecture"],
        f"{system} case {number}",
        [f"row = ORACLES[{system!r}].check([{_written(small)}], seed={own_seed})",
         "assert not row.failures, row.failures[0]"],
    )  # fmt: skip


def simpler_architectures(architecture: Architecture) -> Iterator[Architecture]:
    """The same with fewer layers, fewer units, or the identity in a place of an activation."""
    yield from fewer_layers_or_units(architecture)
    names, output = _names(architecture)
    for i, name in enumerate(names):
        if name != "identity":
            yield _architecture(
                architecture, architecture.widths, [*names[:i], "identity", *names[i + 1 :]], output
            )
    if output not in (None, "identity"):
        yield _architecture(architecture, architecture.widths, names, "identity")


def fewer_layers_or_units(architecture: Architecture) -> Iterator[Architecture]:
    """Without one of the hidden layers; with one unit, or one unit less, in one of the layers."""
    (names, output), widths = _names(architecture), architecture.widths
    for i in range(len(names)):
        yield _architecture(
            architecture, widths[: i + 1] + widths[i + 2 :], names[:i] + names[i + 1 :], output
        )
    for i, k in enumerate(widths):
        for fewer in sorted({1, k - 1}):
            if 0 < fewer < k:
                yield _architecture(architecture, (*widths[:i], fewer, *widths[i + 1 :]), names, output)


def _names(architecture: Architecture) -> tuple[list[str], str | None]:
    output = architecture.output.name if architecture.output else None
    return [activation.name for activation in architecture.hidden], output


def _architecture(
    like: Architecture, widths: tuple[int, ...], names: list[str], output: str | None
) -> Architecture:
    return Architecture(widths, names, like.head.name, output)


# -- what they share ------------------------------------------------------------------------------


def _failure(look: Callable[[], oracles.Outcome | None]) -> str | None:
    """What kind of failure: FAIL, the name of an exception, or None."""
    try:
        outcome = look()
    except Exception as crash:
        return type(crash).__name__
    return "FAIL" if outcome is not None and outcome.verdict == "FAIL" else None


def _written(architecture: Architecture) -> str:
    names, output = _names(architecture)
    return f"Architecture({architecture.widths}, {names}, {architecture.head.name!r}, {output!r})"


def _module(summary: str, said: str, imports: list[str], name: str, body: list[str]) -> str:
    function = "test_" + "".join(letter if letter.isalnum() else "_" for letter in name)
    lines = [
        f'"""{summary}',
        "",
        f"{said}.",
        '"""',
        "",
        *imports,
        "",
        "",
        f"def {function}():",
        *(f"    {line}" for line in body),
    ]
    return "\n".join(lines) + "\n"
