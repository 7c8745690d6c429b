"""PyTorch code as a function of named arrays: its forward, its backward, and what is asked of both.

:mod:`checks.interop.torch` says what the user's tensors are; here they become arrays and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checks.engine.diagnosis import Diagnosis
from checks.engine.gradcheck import gradcheck
from checks.engine.leaves import Array
from checks.engine.options import Keywords
from checks.engine.products import vjpcheck
from checks.engine.report import Report
from checks.engine.verdict import Verdict
from checks.errors import GradientMismatch
from checks.interop.frameworks import (
    an_ulp_beside,
    close,
    compared_with_float32,
    first_line,
    missing,
    named,
    retold,
)

try:
    import torch
except ModuleNotFoundError as error:
    raise missing("torch", error) from error

Tensors = Mapping[str, Any]

_DOES_NOT_FIT = (
    RuntimeError,
    TypeError,
    ValueError,
)  # what PyTorch raises for another dtype or other strides


@dataclass(frozen=True, slots=True)
class Task:
    """A function of named tensors.

    Attributes
    ----------
    name, call : str
        What is checked, and how it was asked for.
    checked : mapping of str to tensor
        The tensors to differentiate by, with their values at the point.
    tensors : callable
        tensors(in float64?) -> tensors of the same shapes and strides, to be filled.
    run : callable
        run(tensors, in float64?) -> what the user's function returns for them.
    """

    name: str
    call: str
    checked: Tensors
    tensors: Callable[[bool], Tensors]
    run: Callable[[Tensors, bool], Any]


def check(task: Task, keywords: Keywords) -> Report:
    """Cut the task down to gradcheck or vjpcheck on a dict of arrays."""
    x0 = {label: tensor.detach().numpy().copy(order="K") for label, tensor in task.checked.items()}
    own = Passes(task, x0, wide=False)
    wide, note = _in_float64(task, x0, own)
    point = x0 if wide is None else {label: array.astype(np.float64) for label, array in x0.items()}
    checked = wide or own
    if keywords.get("method", "auto") == "auto":  # NumPy's dual and complex numbers do not run through torch
        keywords = {**keywords, "method": "finite differences"}

    def run() -> Report:
        if own.scalar:
            report = gradcheck(named(checked.value, task.name), checked.gradient, point, **keywords)
        else:
            report = vjpcheck(named(checked.forward, task.name), checked.vjp, point, **keywords)
        cotangent = own.cotangent(report.seed)
        if report and wide is not None:
            rng = np.random.default_rng(report.seed)
            beside = [{label: an_ulp_beside(array, rng) for label, array in x0.items()} for _ in range(3)]
            report = compared_with_float32(
                report,
                own.vjp(x0, cotangent),
                [own.vjp(x, cotangent) for x in beside],
                wide.vjp(point, cotangent),
            )
        if report and not own.scalar:
            report = _with_other_strides(report, own, x0, cotangent)
        if report.verdict is Verdict.FAIL and keywords.get("raise_exception", True):
            raise GradientMismatch(report)
        return report

    return retold(
        run, call=task.call, notes=[note] if note else [], names={f"x0[{label!r}]": label for label in x0}
    )


class Passes:
    """Forward and backward of a task, from arrays to arrays.

    Parameters
    ----------
    task : Task
        What to run.
    x0 : mapping of str to array
        Where to find out which results are differentiable: the floating-point tensors.
    wide : bool
        Run on float64 copies.
    """

    def __init__(self, task: Task, x0: Mapping[str, Array], *, wide: bool) -> None:
        self.task, self.wide = task, wide
        items = _items(task.run(self._tensors(x0), wide))
        self.positions = [
            i for i, item in enumerate(items) if torch.is_tensor(item) and item.is_floating_point()
        ]
        if not self.positions:
            got = ", ".join(type(item).__name__ for item in items)
            raise TypeError(
                f"{task.name} must return a floating-point tensor, or a tuple with some; got {got}"
            )
        self.results = [(tuple(items[i].shape), items[i].dtype) for i in self.positions]
        self.scalar = [shape for shape, _ in self.results] == [()]

    def forward(self, x: Mapping[str, Array]) -> list[Array]:
        """Return the results."""
        tensors = self._tensors(x)
        try:
            results = self._run(tensors)
        except torch.linalg.LinAlgError as error:  # a RuntimeError; NumPy's is known as the end of a domain
            raise np.linalg.LinAlgError(str(error)) from error
        _show_changes(tensors, x)
        return [result.detach().numpy()[()] for result in results]

    def value(self, x: Mapping[str, Array]) -> Array:
        """Return the only result."""
        return self.forward(x)[0]

    def vjp(
        self, x: Mapping[str, Array], cotangent: Sequence[Array], *, transposed: bool = False
    ) -> dict[str, Array]:
        """Return what backward makes of the cotangent, handed over in one memory order or the other."""
        tensors = self._tensors(x)
        for tensor in tensors.values():
            tensor.requires_grad_()
        results = self._run(tensors)
        handed = [_cotangent(u, y.dtype, transposed) for u, y in zip(cotangent, results, strict=True)]
        before = [u.clone() for u in handed]
        pairs = [(y, u) for y, u in zip(results, handed, strict=True) if y.requires_grad]
        found: Sequence[Any] = [None]
        if pairs:
            outputs, cotangents = zip(*pairs, strict=True)
            found = torch.autograd.grad(outputs, list(tensors.values()), cotangents, allow_unused=True)
        if all(gradient is None for gradient in found):
            raise ValueError(
                f"for autograd nothing that {self.task.name} returns depends on {', '.join(tensors)}: "
                "a detach, .data or NumPy on the way, tensors closed over instead of those handed in, or a "
                "backward that returns None"
            )
        for array, now, then in zip(cotangent, handed, before, strict=True):
            if not torch.equal(now, then):
                np.copyto(array, now.numpy())  # for vjpcheck to see
        _show_changes(tensors, x)
        return {label: _gradient(g, x[label]) for label, g in zip(tensors, found, strict=True)}

    def gradient(self, x: Mapping[str, Array]) -> dict[str, Array]:
        """Return the gradient of the only result."""
        return self.vjp(x, [np.ones(())])

    def cotangent(self, seed: int) -> list[Array]:
        """Return arrays like the results: 1 for a scalar, else random."""
        rng = np.random.default_rng(seed)
        return (
            [np.ones(())]
            if self.scalar
            else [np.asarray(rng.standard_normal(shape)) for shape, _ in self.results]
        )

    def _run(self, tensors: Tensors) -> list[Any]:
        items = _items(self.task.run(tensors, self.wide))
        return [items[i] for i in self.positions]

    def _tensors(self, x: Mapping[str, Array]) -> Tensors:
        tensors = self.task.tensors(self.wide)
        with torch.no_grad():
            for label, tensor in tensors.items():
                tensor.copy_(torch.from_numpy(np.asarray(x[label])))
        return tensors


def _in_float64(task: Task, x0: Mapping[str, Array], own: Passes) -> tuple[Passes | None, str]:
    """Return the passes on float64 copies where there are any, else None and what a reader should know."""
    if all(array.dtype == np.float64 for array in x0.values()):
        return None, ""
    try:
        wide = Passes(task, x0, wide=True)
        point = {label: array.astype(np.float64) for label, array in x0.items()}
        wide.vjp(point, own.cotangent(0))
    except _DOES_NOT_FIT as error:
        return None, (
            f"everything ran in float32, for on float64 copies it raises {first_line(error).rstrip('.')}; "
            "tensors that are closed over stay in float32: hand them in as inputs"
        )
    if any(dtype != torch.float64 for _, dtype in wide.results):
        return None, "everything ran in float32, for on float64 copies it returns float32"
    return wide, ""


def _with_other_strides(
    report: Report, passes: Passes, x0: Mapping[str, Array], cotangent: Sequence[Array]
) -> Report:
    """A backward must not mind the strides of the gradient that it is handed: autograd promises none."""
    if not any(u.ndim >= 2 and min(u.shape[-2:]) > 1 for u in cotangent):
        return report
    plain, told = passes.vjp(x0, cotangent), ""
    try:
        other = passes.vjp(x0, cotangent, transposed=True)
    except _DOES_NOT_FIT as error:
        told = f"raises {first_line(error).rstrip('.')}"
    else:
        differing = [label for label in plain if not close(plain[label], other[label])]
        if differing:
            told = f"gives another gradient of {', '.join(differing)}"
    if not told:
        return report
    text = f"handed a gradient that is not contiguous, as a transpose downstream would, backward {told}"
    return replace(report, verdict=Verdict.FAIL, worst=None, diagnosis=(Diagnosis("strides", text),))


def _show_changes(tensors: Tensors, x: Mapping[str, Array]) -> None:
    """Write back what was done to the tensors in place, so that it is seen where copies are compared."""
    for label, tensor in tensors.items():
        np.copyto(x[label], tensor.detach().numpy(), casting="same_kind")


def _cotangent(array: Array, dtype: Any, transposed: bool) -> Any:
    u = torch.tensor(np.asarray(array), dtype=dtype)
    return u.mT.contiguous().mT if transposed and u.ndim >= 2 else u


def _gradient(gradient: Any, like: Array) -> Array:
    if gradient is None:  # autograd's zero
        return np.zeros_like(like)
    return np.asarray(
        (gradient.to_dense() if gradient.layout != torch.strided else gradient).detach().numpy()
    )


def _items(result: Any) -> Sequence[Any]:
    return result if isinstance(result, tuple | list) else (result,)
