"""Bugs to plant in dnn, one changed line each, and which oracle is expected to see which.

A checker that has never failed has not been checked. `planted` puts a bug into the running dnn and takes it
out again; `table` lets every oracle loose on every bug and sets what it saw beside what it is expected to
see.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any, Literal

from checks.proof.code.outside import SKLEARN
from checks.proof.code.rationals import PIECEWISE_LINEAR
from checks.proof.evidence import CodeEvidence
from dnn import ACTIVATIONS, Activation, Architecture, Head, Network
from dnn import activations as dnn_activations
from dnn.heads import sigmoid_cross_entropy, softmax_cross_entropy


@dataclass(frozen=True)
class Bug:
    """One line of dnn gone wrong.

    Parameters
    ----------
    name : str
    owner, attribute
        Where the function with the wrong line, or the wrong constant, lives.
    old, new : str
        The change: in the text of that function, or of the constant.
    architectures : sequence of Architecture
        Networks on which it makes a difference.
    formula : str
        The theorem that the most telling failure must name.
    blind : mapping
        Oracle -> why it cannot see this bug. All others are expected to see it.
    on_digits : sequence of Architecture
        The same for scikit-learn, which is asked on digits.
    """

    name: str
    owner: Any
    attribute: str
    old: str
    new: str
    architectures: Sequence[Architecture]
    formula: str
    blind: Mapping[str, str] = field(default_factory=dict)
    on_digits: Sequence[Architecture] = ()


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """Run with the bug in place.

    Raises
    ------
    ValueError
        When the line that it changes is no longer there, or there more than once.
    """
    original = getattr(bug.owner, bug.attribute)
    # activations and heads are frozen
    put: Any = object.__setattr__ if isinstance(bug.owner, Activation | Head) else setattr
    put(bug.owner, bug.attribute, _changed(bug, original))
    try:
        yield
    finally:
        put(bug.owner, bug.attribute, original)


def _changed(bug: Bug, original: Any) -> Any:
    if not inspect.isfunction(original):
        return type(original)(bug.new)
    source = dedent(inspect.getsource(original))
    if source.count(bug.old) != 1:
        raise ValueError(f"{bug.name}: {bug.old!r} must stand in {original.__qualname__} once:\n{source}")
    scope: dict[str, Any] = {}
    exec(source.replace(bug.old, bug.new), original.__globals__, scope)
    return scope[original.__name__]


LEAKY = Architecture((2, 2, 2, 2), "leaky_relu", "half_mse", "leaky_relu")
SOFTMAX = Architecture((2, 2, 2, 2), "tanh", "softmax_cross_entropy")
DIGITS = Architecture((64, 10, 10, 10), "tanh", "softmax_cross_entropy")

OPAQUE = {"field-opaque": "f and f' are opaque to it", "symbols": "f and f' are opaque to it"}
NOT_OVER_Q = {"rationals": "this function leaves the rationals"}
NOT_IN_SKLEARN = {"scikit-learn": "it has no such layer for digits"}
DERIVATIVE_ONLY = "J and its gradient go wrong together: the derivative is right, of another f"


def _backward(name: str, old: str, new: str, formula: str, **blind: str) -> Bug:
    return Bug(name, Network, "backward", old, new, (LEAKY, SOFTMAX), formula, blind, (DIGITS,))


def _derivative(name: str, old: str, new: str) -> Bug:
    blind, digits = dict(OPAQUE), tuple[Architecture, ...]()
    if name in SKLEARN:
        digits = (Architecture((64, 4, 4, 10), name, "softmax_cross_entropy"),)
    else:
        blind |= NOT_IN_SKLEARN
    if name not in PIECEWISE_LINEAR:
        blind |= NOT_OVER_Q
    return Bug(
        f"wrong f' of {name}",
        ACTIVATIONS[name],
        "df",
        old,
        new,
        (Architecture((2, 4, 4, 2), name, "half_mse"),),
        "half-mse-delta" if name == "identity" else "hidden-delta",  # half_mse's output is identity, too
        blind,
        digits,
    )


SIGMOID = Architecture((3, 3, 1), "tanh", "sigmoid_cross_entropy")
BUGS: tuple[Bug, ...] = (
    _backward("transpose dropped", "self.W[l + 1].T @", "self.W[l + 1] @", "hidden-delta"),
    _backward("f' dropped", " * self.architecture.activation(l).df(z[l])", "", "hidden-delta"),
    _backward(
        "f'(a) for f'(z)",
        ".df(z[l])",
        ".df(a[l])",
        "hidden-delta",
        rationals="a has the sign of z there, so f'(a) = f'(z)",
    ),
    _backward("f' of the layer above", ".df(z[l])", ".df(z[l + 1])", "hidden-delta"),
    _backward("W of the layer itself", "self.W[l + 1].T @", "self.W[l].T @", "hidden-delta"),
    _backward("sign of delta", "delta[l] = (self", "delta[l] = -(self", "hidden-delta"),
    _backward("a of the layer itself", "a[l - 1].T", "a[l].T", "weight-gradient"),
    _backward("sum for mean in dW", "a[l - 1].T / N", "a[l - 1].T", "weight-gradient"),
    _backward("db forgotten", "delta[l].sum(axis=1", "(0 * delta[l]).sum(axis=1", "bias-gradient"),
    _backward("trace of another batch", "z, a = trace", "z, a = self.forward(trace.a[1][:, ::-1])", "delta"),
    Bug(
        "delta of another head",
        Network,
        "backward",
        "self.architecture.head.delta(z[L], self",
        "(self.architecture.head.activation(z[L]) - self",
        tuple(Architecture((3, 3, 9), f, "half_mse", f) for f in ("leaky_relu", "tanh")),
        "half-mse-delta",
        NOT_IN_SKLEARN,
    ),
    Bug(
        "softmax's delta negated",
        softmax_cross_entropy,
        "delta",
        "return softmax(z) - y",
        "return y - softmax(z)",
        (SOFTMAX,),
        "softmax-cross-entropy-delta",
        NOT_OVER_Q,
        (DIGITS,),
    ),
    Bug(
        "sigmoid's delta with an f' too many",
        sigmoid_cross_entropy,
        "delta",
        "return sigmoid(z) - y",
        "return (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z))",
        (SIGMOID,),
        "sigmoid-cross-entropy-delta",
        NOT_OVER_Q | NOT_IN_SKLEARN,
    ),
    Bug(
        "bias left out of z",
        Network,
        "forward",
        " + self.b[l]",
        "",
        (LEAKY, SOFTMAX),
        "bias-gradient",
        on_digits=(DIGITS,),
    ),
    Bug(
        "another slope in f and f' alike",
        dnn_activations,
        "SLOPE",
        "0.01",
        "0.1",
        (LEAKY,),
        "half-mse-delta",
        dict.fromkeys(("field", "rationals", "balls", "dual", "complex-step"), DERIVATIVE_ONLY)
        | OPAQUE
        | NOT_IN_SKLEARN,
    ),
    _derivative("identity", "np.ones_like(z)", "z"),
    _derivative("sigmoid", "return e / (1 + e) ** 2", "return e / (1 + e)"),
    _derivative("tanh", "1 - np.tanh(z) ** 2", "1 - np.tanh(z)"),
    _derivative("relu", "(z > 0)", "(z < 0)"),
    _derivative("leaky_relu", " + SLOPE * (1 - relu_prime(z))", ""),
    _derivative("elu", "np.exp(np.minimum(z, 0 * z))", "np.exp(z)"),
    _derivative("softplus", "np.exp(np.minimum(z, 0 * z)) /", "np.exp(np.minimum(-z, 0 * z)) /"),
    _derivative("silu", " + z * sigmoid_prime(z)", ""),
    _derivative("gelu_tanh", " * (1 + CUBIC * (3 * c * c))", ""),
)

LOOKS = 12
"""How often an oracle that should see a bug may look at its networks, each time with other numbers.

A bug can hide behind the numbers that were drawn: f' of the left branch is not reached where every z is
positive. Over 170 seeds no cell missed its bug in more than 5 single looks; were it even one look in ten, all
twelve, which are independent, would miss once in 10^12 runs of that cell.
"""
BETWEEN_LOOKS = 1000
"""From one seed to the next; more than an oracle looks at networks, for some add their number to the seed."""

Sight = Literal["seen", "not seen", "not applicable", "not installed"]
Check = Callable[..., CodeEvidence]


@dataclass(frozen=True)
class Cell:
    """One bug before one oracle.

    Parameters
    ----------
    bug, oracle : str
    expected, observed : {"seen", "not seen", "not applicable", "not installed"}
        Not applicable: the bug lies where the oracle cannot go, so it compared nothing.
    why : str
        Why the oracle is not expected to see the bug.
    first : str
        The first failure that it reported.
    """

    bug: str
    oracle: str
    expected: Sight
    observed: Sight
    why: str
    first: str

    @property
    def as_expected(self) -> bool:
        """Seen where it should be, and nowhere else; only a missing package excuses."""
        return (self.observed == "seen") == (self.expected == "seen") or self.observed == "not installed"


def look(bug: Bug, oracle: str, check: Check, *, seed: int) -> Cell:
    """Plant one bug and ask one oracle; one that should see it may look again, with other numbers."""
    networks = bug.on_digits if oracle == "scikit-learn" else bug.architectures
    blind = oracle in bug.blind
    for again in range(1 if blind else LOOKS):
        with planted(bug):
            row = check(networks, seed=seed + again * BETWEEN_LOOKS)
        observed = _sight(row)
        if observed in ("seen", "not installed"):
            break
    return Cell(
        bug=bug.name,
        oracle=oracle,
        expected="not seen" if blind else "seen",
        observed=observed,
        why=bug.blind.get(oracle, ""),
        first=row.failures[0] if row.failures else "",
    )


def _sight(row: CodeEvidence) -> Sight:
    """What a row says of a bug that was in place."""
    seen: dict[str, Sight] = {"fails": "seen", "holds": "not seen"}
    nothing: Sight = "not installed" if "pip install" in row.note else "not applicable"
    return seen.get(row.status, nothing)


def table(oracles: Mapping[str, Check], *, seed: int = 0) -> list[Cell]:
    """Every bug before every oracle."""
    return [look(bug, oracle, check, seed=seed) for bug in BUGS for oracle, check in oracles.items()]


def table_text(cells: Sequence[Cell]) -> str:
    """The table as text.

    x seen, . not seen, - not applicable, ? not installed; with ! where it is not as expected.
    """
    sign = {"seen": "x", "not seen": ".", "not applicable": "-", "not installed": "?"}
    oracles, bugs = (
        list(dict.fromkeys(names)) for names in zip(*((c.oracle, c.bug) for c in cells), strict=True)
    )
    by_place = {(cell.bug, cell.oracle): cell for cell in cells}
    width = max(map(len, bugs))
    lines = [" " * width + "  " + "  ".join(oracles)]
    for bug in bugs:
        row = (by_place[bug, oracle] for oracle in oracles)
        marks = ((sign[c.observed] + ("" if c.as_expected else "!")).center(len(c.oracle)) for c in row)
        lines.append(f"{bug:{width}}  " + "  ".join(marks).rstrip())
    return "\n".join(lines)
