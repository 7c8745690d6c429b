"""The checkers compared, each behind one function: case and gradient in, a verdict out.

Nothing is tuned: every tool runs with its defaults. Where a tool returns numbers and no verdict, the
rule applied to them is in ``RULES`` and is printed with the table.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from peers_cases import Case, Parameters

from checks import gradcheck

Grad = Callable[[Parameters], Parameters]
Tool = Callable[[Case, Grad], str]

ALLCLOSE = "np.allclose with its defaults (rtol 1e-5, atol 1e-8)"
RULES = {
    "scipy": "check_grad returns a norm; accepted below 1e-5",
    "numdifftools": f"Gradient returns numbers; accepted by {ALLCLOSE}",
    "jacobi": f"jacobi returns numbers; accepted by {ALLCLOSE}",
    "statsmodels": f"approx_fprime_cs returns numbers; accepted by {ALLCLOSE}",
}


def ours(method: str) -> Tool:
    def tool(case: Case, grad: Grad) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(gradcheck(case.fun, grad, case.x0, method=method, raise_exception=False).verdict)

    return tool


def _flat(case: Case, grad: Grad) -> tuple[Callable[[Any], Any], Callable[[Any], Any], np.ndarray]:
    sizes = np.cumsum([p.size for p in case.x0])[:-1]

    def split(x: np.ndarray) -> Parameters:
        return [part.reshape(p.shape) for part, p in zip(np.split(x, sizes), case.x0, strict=True)]

    def fun(x: np.ndarray) -> Any:
        value = case.fun(split(np.asarray(x)))
        return value if np.iscomplexobj(value) else float(value)

    def flat_grad(x: np.ndarray) -> np.ndarray:
        return np.concatenate([g.ravel() for g in grad(split(np.asarray(x)))]).astype(float)

    return fun, flat_grad, np.concatenate([p.ravel() for p in case.x0])


def torch_gradcheck(case: Case, grad: Grad) -> str:
    import torch

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *parameters: Any) -> Any:
            ctx.p = [p.detach().numpy() for p in parameters]
            return torch.tensor(float(case.fun(ctx.p)), dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            return tuple(upstream * torch.from_numpy(np.ascontiguousarray(g, float)) for g in grad(ctx.p))

    inputs = tuple(torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in case.x0)
    return "PASS" if torch.autograd.gradcheck(Function.apply, inputs, raise_exception=False) else "FAIL"


def jax_check_vjp(case: Case, grad: Grad) -> str:
    from jax.test_util import check_vjp

    def fun(*parameters: Any) -> Any:
        return np.float64(case.fun([np.asarray(p, float) for p in parameters]))

    def fun_vjp(*parameters: Any) -> Any:
        found = grad([np.asarray(p, float) for p in parameters])
        return fun(*parameters), lambda upstream: tuple(np.asarray(upstream, float) * g for g in found)

    try:
        check_vjp(fun, fun_vjp, tuple(case.x0))
    except AssertionError:
        return "FAIL"
    return "PASS"


def autograd_check_grads(case: Case, grad: Grad) -> str:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    fun = primitive(lambda *parameters: float(case.fun(list(parameters))))
    defvjp(
        fun,
        *[
            lambda ans, *p, i=i: lambda upstream: upstream * np.asarray(grad(list(p))[i], float)
            for i in range(len(case.x0))
        ],
    )
    try:
        check_grads(fun, modes=["rev"], order=1)(*case.x0)
    except AssertionError:
        return "FAIL"
    return "PASS"


def scipy_check_grad(case: Case, grad: Grad) -> str:
    from scipy.optimize import check_grad

    return "PASS" if check_grad(*_flat(case, grad)) < 1e-5 else "FAIL"


def numdifftools_gradient(case: Case, grad: Grad) -> str:
    import numdifftools

    fun, flat_grad, x0 = _flat(case, grad)
    return "PASS" if np.allclose(flat_grad(x0), numdifftools.Gradient(fun)(x0)) else "FAIL"


def jacobi_jacobi(case: Case, grad: Grad) -> str:
    from jacobi import jacobi

    fun, flat_grad, x0 = _flat(case, grad)
    return "PASS" if np.allclose(flat_grad(x0), jacobi(fun, x0)[0]) else "FAIL"


def statsmodels_complex_step(case: Case, grad: Grad) -> str:
    from statsmodels.tools.numdiff import approx_fprime_cs

    fun, flat_grad, x0 = _flat(case, grad)
    return "PASS" if np.allclose(flat_grad(x0), approx_fprime_cs(x0, fun)) else "FAIL"


PEERS: dict[str, Tool] = {
    "torch": torch_gradcheck,
    "jax": jax_check_vjp,
    "autograd": autograd_check_grads,
    "scipy": scipy_check_grad,
    "numdifftools": numdifftools_gradient,
    "jacobi": jacobi_jacobi,
    "statsmodels": statsmodels_complex_step,
}


def available() -> dict[str, Tool]:
    """The checker of this package, twice, and whichever peers are installed."""
    tools = {"gradproof": ours("auto"), "gradproof fd": ours("finite differences")}
    return tools | {name: tool for name, tool in PEERS.items() if find_spec(name) is not None}


def run(tool: Tool, case: Case, grad: Grad) -> str:
    """The verdict; a tool that breaks on a case is counted, not hidden."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return tool(case, grad)
        except Exception as error:
            return f"ERROR {type(error).__name__}"
