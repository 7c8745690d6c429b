"""The equations of the source text, each put to the test on a case: what `dnn` computes, against an oracle.

pytest (tests/formulas, one file for each equation) and `gradproof prove` run these same objects. A numerical
derivative is `checks.gradcheck`'s, so that a bar is always the oracle's own.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from traceback import walk_tb
from typing import Any

import numpy as np

from checks import KinkWarning, gradcheck, vjpcheck
from checks.engine.leaves import entry_name
from checks.engine.report import Report
from checks.engine.verdict import SAFETY
from checks.oracles import finite_differences
from checks.proof import reference
from checks.proof.cases import Case, tail, tail_delta
from dnn import Gradients, Network, gradient_flow, update
from dnn.activations import Activation, Array

Parameters = dict[str, Array]


@dataclass(frozen=True)
class Comparison:
    """Numbers of `dnn` held against an oracle's.

    Parameters
    ----------
    quantity : str
        What was compared, with its layer: ``"delta^3"``.
    layer : int
        l.
    entries : int
        How many numbers.
    ratio : float
        The largest difference over its bar: above 1 they are not equal. NaN when the oracle could not decide.
    detail : str
        One line for a person who must mend it.
    resolution : float, optional
        The relative error that the comparison may have missed, where the oracle tells it.
    """

    quantity: str
    layer: int
    entries: int
    ratio: float
    detail: str = ""
    resolution: float | None = None

    @property
    def holds(self) -> bool:
        """Decided, and equal within the bar."""
        return self.ratio <= 1

    @property
    def fails(self) -> bool:
        """Decided, and different."""
        return self.ratio > 1


@dataclass(frozen=True)
class Equation:
    """One equation of the source and how it is checked.

    Parameters
    ----------
    id : str
        The id of the theorem that derives it.
    formula : str
        As a reader knows it.
    check : callable
        From a `Case` to the comparisons, the deepest layer first: a wrong delta^l spoils all below it.
    applies : callable, optional
        Whether the case has anything to say.
    """

    id: str
    formula: str
    check: Callable[[Case], Iterator[Comparison]]
    applies: Callable[[Case], bool] = lambda case: True

    def comparisons(self, case: Case) -> Iterator[Comparison]:
        """Run `check`; code under test that raises is a finding about it, at the layer where it stopped."""
        try:
            yield from self.check(case)
        except Exception as crash:
            yield crashed(crash)


def crashed(crash: Exception) -> Comparison:
    """Describe an exception of the code under test: where in `dnn`, and at which layer l."""
    frames = [frame for frame, _ in walk_tb(crash.__traceback__) if "l" in frame.f_locals]
    inside = [frame for frame in frames if frame.f_globals.get("__name__", "").split(".")[0] == "dnn"]
    layer = int(inside[-1].f_locals["l"]) if inside else 0
    where = f"in {inside[-1].f_code.co_qualname}, l = {layer}" if inside else "outside any layer"
    return Comparison("crash", layer, 1, np.inf, f"{type(crash).__name__} {where}: {crash}")


def forward(case: Case) -> Iterator[Comparison]:
    """Every z^l, a^l and J against the scalar loops."""
    architecture, trace = case.network.architecture, case.network.forward(case.x)
    passes = reference_passes(case)
    for l in architecture.layers:
        z, z_bar = ([getattr(p, name)[l] for p in passes] for name in ("z", "z_bar"))
        yield _within(f"z^{l}", l, trace.z[l], np.array(z).T, np.array(z_bar).T)
        a, a_bar = ([getattr(p, name)[l] for p in passes] for name in ("a", "a_bar"))
        yield _within(f"a^{l}", l, trace.a[l], np.array(a).T, np.array(a_bar).T)
    losses, N = [p.loss for p in passes], len(passes)
    bar = (sum(p.loss_bar for p in passes) + N * reference.U * sum(map(abs, losses))) / N
    J = case.network.loss(case.x, case.y)
    yield _within("J", architecture.depth, J, np.array(sum(losses) / N), np.array(bar))


def reference_passes(case: Case) -> list[reference.Reference]:
    """Return the scalar loops' forward pass of each sample."""
    network, architecture = case.network, case.network.architecture
    names = [activation.name for activation in architecture.hidden]
    names.append(architecture.output.name if architecture.output else "")
    W = {l: network.W[l].tolist() for l in architecture.layers}
    b = {l: network.b[l][:, 0].tolist() for l in architecture.layers}
    head, samples = architecture.head.name, zip(case.x.T.tolist(), case.y.T.tolist(), strict=True)
    return [reference.forward(W, b, names, head, x, y) for x, y in samples]


def output_delta(case: Case) -> Iterator[Comparison]:
    """delta^L against the numerical derivative of z^L -> J."""
    yield _delta(case, case.network.architecture.depth)


def hidden_delta(case: Case) -> Iterator[Comparison]:
    """Each delta^l, l < L, against the numerical derivative of its tail z^l -> J."""
    for l in range(case.network.architecture.depth - 1, 1, -1):
        yield _delta(case, l)


def _delta(case: Case, l: int) -> Comparison:
    z = case.network.forward(case.x).z[l]
    return _verdict(f"delta^{l}", l, _gradcheck(tail(case, l), tail_delta(case, l), z))


def weight_gradient(case: Case) -> Iterator[Comparison]:
    """dJ/dW^l of backward() against the numerical derivative of W^l -> J."""
    for l in reversed(case.network.architecture.layers):
        yield _weight_gradient(case, l)


def _weight_gradient(case: Case, l: int) -> Comparison:
    J, gradients = _of_parameters(case, l)
    report = _gradcheck(J, lambda p: {"W": gradients(p).dW[l]}, {"W": case.network.W[l]})
    return _verdict(f"dJ/dW^{l}", l, report)


def bias_gradient(case: Case) -> Iterator[Comparison]:
    """dJ/db^l of backward() against the numerical derivative of b^l -> J."""
    for l in reversed(case.network.architecture.layers):
        yield _bias_gradient(case, l)


def _bias_gradient(case: Case, l: int) -> Comparison:
    J, gradients = _of_parameters(case, l)
    report = _gradcheck(J, lambda p: {"b": gradients(p).db[l]}, {"b": case.network.b[l]})
    return _verdict(f"dJ/db^{l}", l, report)


def outer_product(case: Case) -> Iterator[Comparison]:
    """dJ/dW^l = delta^l (a^(l-1))^T, and backward() is never called.

    Left: the numerical derivative of W^l -> J, entry by entry. Right: delta^l from the numerical derivative
    of the tail z^l -> J, times a^(l-1) from the scalar loops.
    """
    passes, z, N = reference_passes(case), case.network.forward(case.x).z, case.x.shape[1]
    for l in reversed(case.network.architecture.layers):
        left, left_bar = _numerical(_of_weights(case, l), case.network.W[l])
        delta, delta_bar = _numerical(tail(case, l), z[l])
        a = np.array([p.a[l - 1] for p in passes])
        a_bar = np.array([p.a_bar[l - 1] for p in passes])
        roundings = (N + 2) * reference.U * (abs(delta) @ abs(a))
        bar = left_bar + (delta_bar @ abs(a) + abs(delta) @ a_bar + roundings) / N
        yield _within(f"dJ/dW^{l}", l, left, delta @ a / N, bar)


def batch_mean(case: Case) -> Iterator[Comparison]:
    """dW^l and db^l of a batch against the derivative of the mean of the samples' own losses, one by one."""
    for l in reversed(case.network.architecture.layers):
        yield _batch_mean(case, l)


def _batch_mean(case: Case, l: int) -> Comparison:
    network, N = case.network, case.x.shape[1]
    samples = [Case(network, case.x[:, n : n + 1], case.y[:, n : n + 1]) for n in range(N)]
    losses = [_of_parameters(sample, l)[0] for sample in samples]
    _, gradients = _of_parameters(case, l)

    def grad(parameters: Parameters) -> Parameters:
        _, dW, db = gradients(parameters)
        return {"W": dW[l], "b": db[l]}

    x0 = {"W": network.W[l], "b": network.b[l]}
    report = _gradcheck(lambda p: sum(J(p) for J in losses) / N, grad, x0)
    return _verdict(f"dJ/d(W, b)^{l}", l, report)


def update_descends(case: Case) -> Iterator[Comparison]:
    """J(theta - alpha g) has the slope -||g||^2 at alpha = 0, and -<dJ/dtheta there, g> at any alpha."""
    network = case.network
    g = case.gradients(network)

    def J(alpha: Array) -> Any:
        return update(network, g, alpha).loss(case.x, case.y)

    def slope(alpha: Array) -> Array:
        there = case.gradients(update(network, g, alpha))
        products = [np.vdot(there.dW[l], g.dW[l]) + np.vdot(there.db[l], g.db[l]) for l in g.dW]
        return np.negative(np.sum(products))

    yield _verdict("dJ/dalpha", network.architecture.depth, _gradcheck(J, slope, np.array(0.0)))
    start = update(network, g, 0.0)  # a slope is blind to where the step begins
    for l in reversed(network.architecture.layers):
        yield _within(f"W^{l} at alpha = 0", l, start.W[l], network.W[l], np.zeros(()))
        yield _within(f"b^{l} at alpha = 0", l, start.b[l], network.b[l], np.zeros(()))


def flow_bound(case: Case) -> Iterator[Comparison]:
    """||delta^l||, l < L, never exceeds the proved product of norms and slopes."""
    widths = case.network.architecture.widths
    # To first order, each layer adds to either side an inner product of k terms and a spectral norm.
    allowance = 1 + 2 * reference.U * sum(8 * k + 8 for k in widths)
    for row in reversed(gradient_flow(case.network, case.x, case.y)[:-1]):
        limit = row.bound * allowance
        ratio = row.delta / limit if limit else (np.inf if row.delta else 0.0)
        yield Comparison(f"||delta^{row.layer}||", row.layer, 1, ratio, f"{row.delta} above {row.bound}")


def activation_derivative(case: Case) -> Iterator[Comparison]:
    """f' of each layer's activation against the numerical derivative of f, at the z^l that occur."""
    for l, activation, z in _hidden(case):
        yield _activation_derivative(l, activation, z)


def _activation_derivative(l: int, activation: Activation, z: Array) -> Comparison:
    report = _gradcheck(lambda v: activation.f(v).sum(), activation.df, z)
    return _verdict(f"{activation.name}'(z^{l})", l, report)


def elementwise(case: Case) -> Iterator[Comparison]:
    """y = f(z) elementwise: a cotangent times the Jacobian is the Hadamard product cotangent ⊙ f'(z)."""
    for l, activation, z in _hidden(case):
        yield _elementwise(l, activation, z)


def _elementwise(l: int, activation: Activation, z: Array) -> Comparison:
    report = _vjpcheck(activation.f, lambda v, cotangent: cotangent * activation.df(v), z)
    return _verdict(f"cotangent ⊙ f'(z^{l})", l, report)


def linear_input(case: Case) -> Iterator[Comparison]:
    """y = A x: dy/dx = A^T in the denominator layout, hence x -> W^l x takes a cotangent c to (W^l)^T c."""
    for l, a, W in _layers(case):
        yield _linear_input(l, a, W)


def _linear_input(l: int, a: Array, W: Array) -> Comparison:
    report = _vjpcheck(lambda x: W @ x, lambda x, cotangent: W.T @ cotangent, a)
    return _verdict(f"(W^{l})^T cotangent", l, report)


def linear_matrix(case: Case) -> Iterator[Comparison]:
    """y = A x: dJ/dA = (dJ/dy) x^T, hence A -> A a^(l-1) takes a cotangent c to c (a^(l-1))^T."""
    for l, a, W in _layers(case):
        yield _linear_matrix(l, a, W)


def _linear_matrix(l: int, a: Array, W: Array) -> Comparison:
    report = _vjpcheck(lambda A: A @ a, lambda A, cotangent: cotangent @ a.T, W)
    return _verdict(f"cotangent (a^{l - 1})^T", l, report)


def _hidden(case: Case) -> Iterator[tuple[int, Activation, Array]]:
    z = case.network.forward(case.x).z
    for l in range(case.network.architecture.depth - 1, 1, -1):
        yield l, case.network.architecture.activation(l), z[l]


def _layers(case: Case) -> Iterator[tuple[int, Array, Array]]:
    a = case.network.forward(case.x).a
    for l in reversed(case.network.architecture.layers):
        yield l, a[l - 1], case.network.W[l]


def _of_parameters(
    case: Case, l: int
) -> tuple[Callable[[Parameters], Any], Callable[[Parameters], Gradients]]:
    """J and its gradients as functions of layer l's own parameters, {"W": ..., "b": ...} or one of them."""
    network = case.network

    def changed(parameters: Parameters) -> Network:
        W = {**network.W, l: parameters.get("W", network.W[l])}
        b = {**network.b, l: parameters.get("b", network.b[l])}
        return replace(network, W=W, b=b)

    def J(parameters: Parameters) -> Any:
        return changed(parameters).loss(case.x, case.y)

    def gradients(parameters: Parameters) -> Gradients:
        return case.gradients(changed(parameters))

    return J, gradients


def _of_weights(case: Case, l: int) -> Callable[[Array], Any]:
    J, _ = _of_parameters(case, l)
    return lambda W: J({"W": W})


def _gradcheck(fun: Callable[[Any], Any], grad: Callable[[Any], Any], x0: Any) -> Report:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KinkWarning)  # the report carries it
        return gradcheck(fun, grad, x0, raise_exception=False)


def _vjpcheck(fun: Callable[[Any], Any], vjp: Callable[[Any, Any], Any], x0: Any) -> Report:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KinkWarning)
        return vjpcheck(fun, vjp, x0, raise_exception=False)


def _verdict(quantity: str, l: int, report: Report) -> Comparison:
    """Read a report: the largest residual over its bar where it decided, NaN where it could not."""
    if report.verdict not in ("PASS", "FAIL"):
        return Comparison(quantity, l, report.checked, np.nan, f"{quantity}: {report.verdict}")
    worst = report.worst
    residual = abs(worst.analytic - worst.numerical) if worst else 0.0
    ratio = residual / worst.error if worst and worst.error else 0.0
    if report.verdict == "PASS":
        return Comparison(quantity, l, report.checked, ratio, resolution=report.resolution)
    name = entry_name(quantity, worst.index or ()) if worst else quantity
    seen = (
        f"{worst.analytic:.9g}, numerically {worst.numerical:.9g} +- {worst.error:.0e}" if worst else "wrong"
    )
    likely = "; ".join(diagnosis.text for diagnosis in report.diagnosis)
    return Comparison(
        quantity, l, report.checked, ratio if ratio > 1 else np.inf, f"{name} = {seen}; {likely}"
    )


def _within(quantity: str, l: int, found: Any, value: Array, bar: Array) -> Comparison:
    """Compare entry by entry; the worst one speaks."""
    found, value, bar = np.broadcast_arrays(np.asarray(found), value, bar)
    ratio = np.abs(found - value) / np.maximum(bar, np.finfo(float).tiny)
    worst = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
    place = f"[{', '.join(map(str, worst))}]" if worst else ""
    detail = f"{quantity}{place} = {found[worst]:.17g}, expected {value[worst]:.17g} +- {bar[worst]:.1e}"
    return Comparison(quantity, l, found.size, float(ratio[worst]), detail)


def _numerical(fun: Callable[[Array], Any], point: Array) -> tuple[Array, Array]:
    """Return the numerical derivative in each entry, and its bar."""
    value, bar = np.empty_like(point), np.empty_like(point)
    for index in np.ndindex(point.shape):

        def line(t: float, index: tuple[int, ...] = index) -> float:
            moved = point.copy()
            moved[index] += t
            return float(fun(moved))

        estimate = finite_differences.derivative(line)
        value[index], bar[index] = estimate.value, SAFETY * estimate.error
    return value, bar


def _has_hidden_layers(case: Case) -> bool:
    return case.network.architecture.depth > 2


def _has_head(name: str) -> Callable[[Case], bool]:
    return lambda case: case.network.architecture.head.name == name


EQUATIONS: dict[str, Equation] = {
    equation.id: equation
    for equation in (
        Equation("forward", "z^l = W^l a^(l-1) + b^l, a^l = f(z^l)", forward),
        Equation(
            "softmax-cross-entropy-delta",
            "delta^L = softmax(z^L) - y",
            output_delta,
            _has_head("softmax_cross_entropy"),
        ),
        Equation("half-mse-delta", "delta^L = (f(z^L) - y) ⊙ f'(z^L)", output_delta, _has_head("half_mse")),
        Equation(
            "sigmoid-cross-entropy-delta",
            "delta^L = sigmoid(z^L) - y",
            output_delta,
            _has_head("sigmoid_cross_entropy"),
        ),
        Equation(
            "hidden-delta", "delta^l = ((W^(l+1))^T delta^(l+1)) ⊙ f'(z^l)", hidden_delta, _has_hidden_layers
        ),
        Equation("weight-gradient", "dJ/dW^l = delta^l (a^(l-1))^T", weight_gradient),
        Equation("bias-gradient", "dJ/db^l = delta^l", bias_gradient),
        Equation("batch-mean", "the gradient of a mean is the mean of the gradients", batch_mean),
        Equation("update-descends", "dJ/dalpha at alpha = 0 is -||dJ/dtheta||^2", update_descends),
        Equation(
            "vanishing-gradient",
            "||delta^l|| <= prod ||W|| prod sup|f'| ||delta^L||",
            flow_bound,
            _has_hidden_layers,
        ),
        Equation(
            "activation-derivatives", "f' is the derivative of f", activation_derivative, _has_hidden_layers
        ),
        Equation("elementwise-derivative", "y = f(x): c -> c ⊙ f'(x)", elementwise, _has_hidden_layers),
        Equation("linear-derivative-input", "y = A x: c -> A^T c", linear_input),
        Equation("linear-derivative-matrix", "y = A x: c -> c x^T", linear_matrix),
    )
}

BACKWARD = ("softmax-cross-entropy-delta", "half-mse-delta", "sigmoid-cross-entropy-delta", "hidden-delta",
            "weight-gradient", "bias-gradient")  # fmt: skip
"""The equations of the backward pass: those that a backward pass on trial has to meet."""

OUTER_PRODUCT = Equation("weight-gradient", "dJ/dW^l = delta^l (a^(l-1))^T, by oracles alone", outer_product)
"""The same identity, both sides from oracles: it costs evaluations for each entry, and so is run less."""
