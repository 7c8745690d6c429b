"""What a campaign can ask of a case: each equation, each number system, and gradcheck on what is right.

An oracle looks at one number of one seed and knows nothing of other numbers, workers or files.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from checks.engine.leaves import entry_name
from checks.proof.campaign.correct import correct
from checks.proof.cases import Case, random_cases
from checks.proof.equations import EQUATIONS, Equation
from dnn import Architecture


@dataclass(frozen=True)
class Outcome:
    """What an oracle found on one case.

    Parameters
    ----------
    verdict : {"PASS", "FAIL", "KINK", "INCONCLUSIVE"}
        INCONCLUSIVE when anything could not be decided and nothing failed.
    kind : str
        What sort of case it was: the head of a network, the kind of a function.
    numbers : int
        How many numbers were compared and decided.
    ratio : float
        The largest error over its bar; 0 where there is no bar, the arithmetic being exact.
    failure : str
        One line; empty unless the verdict is FAIL.
    """

    verdict: str
    kind: str
    numbers: int
    ratio: float = 0.0
    failure: str = ""


Look = Callable[[int, int], Outcome | None]
"""From a seed and a number to the outcome; None where the oracle has nothing to say of this case."""


def random_case(seed: int, number: int) -> Case:
    """The case that `seed` and `number` stand for: one network for all equations."""
    (case,) = random_cases(1, seed, number)
    return case


def by_equation(equation: Equation, seed: int, number: int) -> Outcome | None:
    """One equation of the source on the case."""
    case = random_case(seed, number)
    return judge(equation, case) if equation.applies(case) else None


def judge(equation: Equation, case: Case) -> Outcome:
    """What one equation finds on a case."""
    kind, numbers, ratio, undecided = case.network.architecture.head.name, 0, 0.0, False
    for comparison in equation.check(case):
        if comparison.fails:
            return Outcome(
                "FAIL",
                kind,
                numbers,
                comparison.ratio,
                f"layer {comparison.layer}: {comparison.detail}; {case}",
            )
        if comparison.holds:
            numbers += comparison.entries
            ratio = max(ratio, comparison.ratio)
        else:
            undecided = True
    return Outcome("INCONCLUSIVE" if undecided or not numbers else "PASS", kind, numbers, ratio)


def architecture_for(system: str, seed: int, number: int) -> Architecture:
    """An architecture that the number system can take."""
    from checks.proof import code  # with SymPy: only where it is asked for

    return code.ORACLES[system].architecture(np.random.default_rng((seed, number)))


def by_number_system(system: str, seed: int, number: int) -> Outcome | None:
    """The shipped lines in another number system."""
    own_seed = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    return run(system, architecture_for(system, seed, number), own_seed)


def run(system: str, architecture: Architecture, seed: int) -> Outcome | None:
    """What a number system finds on one architecture; None where it does not apply."""
    from checks.proof import code

    row = code.ORACLES[system].check([architecture], seed=seed)
    if row.status == "not applicable":
        return None
    failure = row.failures[0] if row.failures else ""
    return Outcome("FAIL" if failure else "PASS", architecture.head.name, row.identities, 0.0, failure)


def by_right_gradient(method: str, seed: int, number: int) -> Outcome | None:
    """Gradcheck on a gradient that is right: FAIL is a false alarm; None where the method refuses."""
    problem = correct(seed, number)
    try:
        report = problem.check(problem.fun, problem.grad, problem.x0, method=method, raise_exception=False)
    except ValueError as refusal:
        if "does not apply" not in str(refusal):
            raise
        return None
    worst, failure = report.worst, ""
    decided = report.verdict in ("PASS", "FAIL") and worst is not None and worst.error > 0
    ratio = abs(worst.analytic - worst.numerical) / worst.error if worst and decided else 0.0
    if report.verdict == "FAIL" and worst:
        failed = ", ".join(row.path for row in report.leaves if row.verdict == "FAIL")
        entry = entry_name(worst.path, worst.index or ())
        failure = (
            f"{problem.name}: {failed} by {report.leaves[0].oracle}: {entry} is {worst.analytic:.9g}, "
            f"numerically {worst.numerical:.9g} +- {worst.error:.1e}, {ratio:.3g} of its bar"
        )
    return Outcome(str(report.verdict), problem.kind, report.checked, ratio, failure)


def look(oracle: str, seed: int, number: int) -> Outcome | None:
    """One oracle on one case. What the code under test raises is a finding about it, not an end."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # kinks are in the verdict; overflow beside x0 is expected
        try:
            return ORACLES[oracle](seed, number)
        except Exception as crash:
            return Outcome("FAIL", "crashed", 0, np.inf, f"{type(crash).__name__}: {crash}")


NUMBER_SYSTEMS = ("symbols", "field-opaque", "field", "rationals", "balls", "dual", "complex-step")
METHODS = {"auto": "auto", "differences": "finite differences", "complex": "complex step"}

ORACLES: dict[str, Look] = {
    **{id: partial(by_equation, equation) for id, equation in EQUATIONS.items()},
    **{system: partial(by_number_system, system) for system in NUMBER_SYSTEMS},
    **{f"false-alarms-{name}": partial(by_right_gradient, method) for name, method in METHODS.items()},
}

CHEAP = ("forward", "softmax-cross-entropy-delta", "half-mse-delta", "sigmoid-cross-entropy-delta",
         "update-descends", "vanishing-gradient")  # fmt: skip

GROUPS: dict[str, tuple[str, ...]] = {
    "cheap": CHEAP,
    "equations": tuple(EQUATIONS),
    "number-systems": NUMBER_SYSTEMS,
    "false-alarms": ("false-alarms-differences", "false-alarms-auto"),
}
"""Names that stand for several oracles."""


def chosen(names: tuple[str, ...]) -> tuple[str, ...]:
    """The oracles that names and groups stand for, each once, in the order of `ORACLES`.

    Raises
    ------
    ValueError
        For a name that is neither.
    """
    wanted: set[str] = set()
    for name in names:
        if name not in ORACLES and name not in GROUPS:
            raise ValueError(
                f"oracle must be one of {', '.join(GROUPS)} or one of {', '.join(ORACLES)}; got {name!r}"
            )
        wanted.update(GROUPS.get(name, (name,)))
    return tuple(name for name in ORACLES if name in wanted)
