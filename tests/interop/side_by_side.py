"""The same right and wrong derivatives, put to gradproof and to the framework's own checker.

python tests/interop/side_by_side.py [--long]     a Markdown table; --long prints what each says in full
"""

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
import statsmodels.api
import torch
from jax.test_util import check_grads

from checks import GradcheckError, Report
from checks.interop import jax as interop_jax
from checks.interop import scipy as interop_scipy
from checks.interop import torch as interop_torch
from checks.interop.statsmodels import check_model


@dataclass(frozen=True)
class Case:
    """One derivative, right or wrong, and two checkers that are asked about it.

    Attributes
    ----------
    title, right : str, bool
        What it is, and whether a checker ought to accept it.
    ours : callable
        ours() -> Report, or raises.
    checker, theirs : str, callable
        The framework's checker; theirs() returns what it returns, or raises.
    gives_verdict : bool
        False where the checker returns a number and leaves the verdict to its reader.
    """

    title: str
    right: bool
    ours: Callable[[], Report]
    checker: str
    theirs: Callable[[], Any]
    gives_verdict: bool = True


def tensor(
    *shape: int, seed: int = 0, scale: float = 1.0, dtype: torch.dtype = torch.float64
) -> torch.Tensor:
    """Return random numbers that require grad."""
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (scale * made).to(dtype).requires_grad_()


# -- PyTorch ----------------------------------------------------------------------------------------


class Linear(torch.autograd.Function):
    """x Wᵀ."""

    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight.T

    @staticmethod
    def backward(ctx, u):
        x, weight = ctx.saved_tensors
        return u @ weight, u.T @ x


class Transposed(Linear):
    """Its weight gradient is xᵀ u: of the same shape where the weight is square."""

    @staticmethod
    def backward(ctx, u):
        x, weight = ctx.saved_tensors
        return u @ weight, x.T @ u


class HalfMeanSquare(torch.autograd.Function):
    """½ mean(x²)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.square().mean() / 2

    @staticmethod
    def backward(ctx, u):
        (x,) = ctx.saved_tensors
        return u * x / x.numel()


class NoGradient(HalfMeanSquare):
    """Its gradient is zero."""

    @staticmethod
    def backward(ctx, u):
        (x,) = ctx.saved_tensors
        return torch.zeros_like(x)


class SavedInHalf(HalfMeanSquare):
    """It saves its input in half precision, to save memory."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x.half())
        return x.square().mean() / 2


class ReLU(torch.autograd.Function):
    """max(x, 0), with the slope 0 at 0."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, u):
        (x,) = ctx.saved_tensors
        return u * (x > 0)


def of_torch(title: str, right: bool, function: type[torch.autograd.Function], *inputs: torch.Tensor) -> Case:
    """A case for ``torch.autograd.gradcheck``."""
    return Case(
        title,
        right,
        lambda: interop_torch.check_function(function, *inputs),
        "torch.autograd.gradcheck",
        lambda: torch.autograd.gradcheck(function.apply, inputs),
    )


# -- JAX --------------------------------------------------------------------------------------------


def cross_entropy(backward: Callable[..., Any]) -> Any:
    """Mean cross-entropy of scores z and one-hot labels y, with a backward pass of one's own."""

    def plain(z: Any, y: Any) -> Any:
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(z), axis=1))

    function = jax.custom_vjp(plain)
    function.defvjp(lambda z, y: (plain(z, y), (z, y)), lambda saved, u: (u * backward(*saved), None))
    return function


def right_backward(z: Any, y: Any) -> Any:
    return (jax.nn.softmax(z) - y) / len(z)


def smoothed_backward(z: Any, y: Any) -> Any:
    """Labels smoothed by 0.1 % that the forward pass does not smooth."""
    return (jax.nn.softmax(z) - (0.999 * y + 0.001 / z.shape[1])) / len(z)


def of_jax(title: str, right: bool, backward: Callable[..., Any]) -> Case:
    """A case for ``jax.test_util.check_grads``, in float32 as JAX has it."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((8, 3)).astype(np.float32)
    y = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 8)]
    function = cross_entropy(backward)
    labelled = lambda z: function(z, jnp.asarray(y))  # noqa: E731
    return Case(
        title,
        right,
        lambda: interop_jax.check_function(labelled, z),
        "jax.test_util.check_grads",
        lambda: check_grads(labelled, (z,), order=1, modes=["rev"]),
    )


# -- SciPy ------------------------------------------------------------------------------------------

POINT = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


def last_term_dropped(x: Any) -> Any:
    """The gradient of Rosenbrock's function without its last entry."""
    gradient = scipy.optimize.rosen_der(x)
    gradient[-1] = 0
    return gradient


def scaled(x: Any) -> Any:
    return 1e-9 * scipy.optimize.rosen(x)


def scaled_gradient(x: Any) -> Any:
    return 1e-9 * scipy.optimize.rosen_der(x)


def scaled_twice(x: Any) -> Any:
    return 1e-18 * scipy.optimize.rosen_der(x)


def of_scipy(title: str, right: bool, fun: Callable[..., Any], jac: Callable[..., Any]) -> Case:
    """A case for ``scipy.optimize.check_grad``, which returns a norm and leaves the verdict to its reader."""
    return Case(
        title,
        right,
        lambda: interop_scipy.check_minimize(fun, POINT, jac=jac),
        "scipy.optimize.check_grad",
        lambda: float(scipy.optimize.check_grad(fun, jac, POINT)),
        gives_verdict=False,
    )


SINGLE = torch.float32
CASES = [
    of_torch("a linear layer", True, Linear, tensor(5, 3), tensor(3, 3, seed=1)),
    of_torch("the same, weight gradient transposed", False, Transposed, tensor(5, 3), tensor(3, 3, seed=1)),
    of_torch(
        "the same, right, in float32",
        True,
        Linear,
        tensor(5, 3, dtype=SINGLE),
        tensor(3, 3, seed=1, dtype=SINGLE),
    ),
    of_torch("½ mean of 2000 squares near 1e-6, gradient zero", False, NoGradient, tensor(2000, scale=1e-3)),
    of_torch("½ mean square, input saved in half precision", False, SavedInHalf, tensor(7)),
    of_torch(
        "ReLU, right, one input 0",
        True,
        ReLU,
        torch.tensor([-1.0, 0.0, 2.0], dtype=torch.float64, requires_grad=True),
    ),
    of_jax("cross-entropy", True, right_backward),
    of_jax("the same, mean forgotten", False, lambda z, y: jax.nn.softmax(z) - y),
    of_jax("the same, labels smoothed by 0.1 % in backward only", False, smoothed_backward),
    of_scipy("Rosenbrock's function", True, scipy.optimize.rosen, scipy.optimize.rosen_der),
    of_scipy("the same, last entry dropped", False, scipy.optimize.rosen, last_term_dropped),
    of_scipy("the same, times 1e-9", True, scaled, scaled_gradient),
    of_scipy("the same, gradient times 1e-18", False, scaled, scaled_twice),
]


def in_the_wild() -> Report:
    """What a look at an ordinary model finds: one of the two terms of its Hessian lacks a factor 2."""
    rng = np.random.default_rng(0)
    x = np.linspace(-1, 1, 40)
    model = statsmodels.api.OLS(rng.poisson(np.exp(1 + x)), statsmodels.api.add_constant(x))
    return check_model(model, [0.5, 0.6], raise_exception=False)


def our_answer(case: Case) -> Report:
    """What gradproof says, verdict and all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a kink warns; the report says so
        try:
            return case.ours()
        except GradcheckError as error:
            return error.report


def their_answer(case: Case) -> tuple[bool | None, str]:
    """Whether the framework's checker accepts, if that can be told, and what it says."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = case.theirs()
        except Exception as error:  # each has an exception of its own; all of them are an answer
            said, accepts = f"{type(error).__name__}: {error}", False
        else:
            said = "returns " + (f"{answer:.2g}" if isinstance(answer, float) else repr(answer))
            accepts = answer is not False
    return accepts if case.gives_verdict else None, " ".join(
        [said, *(f"(warning: {one.message})" for one in caught)]
    )


def in_short(report: Report) -> str:
    """The verdict and the first thing that explains it, for a table's cell."""
    if report.diagnosis:
        first = report.diagnosis[0]
        return f"{report.verdict}: {' '.join([', '.join(first.paths), first.text]).strip()}"
    if report.kinks:
        kink = report.kinks[0]
        slopes = f"{round(kink.left, 9):g} and {round(kink.right, 9):g}"
        return f"{report.verdict}: slopes {slopes} at {kink.path}{list(kink.index or ())}"
    return str(report.verdict)


def mark(accepted: bool | None, case: Case) -> str:
    return "" if accepted is None else "✓" if accepted == case.right else "✗"


def shortened(said: str, length: int = 60) -> str:
    line = " ".join(said.split())
    return line if len(line) <= length else line[:length].rsplit(" ", 1)[0] + " …"


def row(case: Case) -> str:
    """A line of the table, which also stands in the README."""
    report, (accepts, said) = our_answer(case), their_answer(case)
    ours = f"{mark(bool(report), case)} {in_short(report)}"
    theirs = f"{mark(accepts, case)} `{case.checker}` {shortened(said)}".strip().replace("|", "\\|")
    return f"| {case.title} | {'right' if case.right else 'wrong'} | {ours} | {theirs} |"


def main(arguments: list[str]) -> None:
    """Print the table, or everything."""
    print(
        "versions:",
        ", ".join(f"{name} {version(name)}" for name in ("gradproof", "torch", "jax", "scipy", "numpy")),
    )
    print()
    if "--long" not in arguments:
        print("| derivative | is | gradproof | the framework's own checker |")
        print("|---|---|---|---|")
    for case in CASES:
        if "--long" in arguments:
            report, (_, said) = our_answer(case), their_answer(case)
            kind = "right" if case.right else "wrong"
            print(f"## {case.title} ({kind})\n\n### gradproof\n\n{report}\n\n### {case.checker}\n\n{said}\n")
        else:
            print(row(case))
    print(f"\nIn statsmodels {version('statsmodels')}, as it is:\n\n{in_the_wild()}")


if __name__ == "__main__":
    main(sys.argv[1:])
