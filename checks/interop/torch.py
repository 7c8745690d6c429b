"""PyTorch: the backward pass of an ``autograd.Function``, of a custom operator, of a module with its loss.

The claim is what autograd returns; the numerical side runs the forward alone. Code on float32 is
checked on float64 copies, where far smaller mistakes show, and its own gradient is then compared with
that of the copies. Code that runs in float32 only is checked as far as float32 can tell. On the CPU.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Unpack

from checks.engine.options import Keywords
from checks.engine.report import Report
from checks.interop.frameworks import bound_names, missing
from checks.interop.torch_passes import Task, Tensors, check

try:
    import torch
except ModuleNotFoundError as error:
    raise missing("torch", error) from error

_DTYPES = (torch.float32, torch.float64)


def check_function(fun: Any, *inputs: Any, **keywords: Unpack[Keywords]) -> Report:
    """Check the backward pass of a function of tensors.

    Parameters
    ----------
    fun : callable, or subclass of torch.autograd.Function
        fun(*inputs) -> tensor, or a tuple of tensors and other things: ``MyFunction.apply``, a
        custom operator, anything that calls them.
    *inputs
        Those that are tensors and require grad are checked, as in ``torch.autograd.gradcheck``; all
        else is handed on as it is. Their strides are kept.
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        Leaves carry the names of fun's parameters. Of a result that is no scalar, the product with
        one random cotangent is checked, see :func:`checks.vjpcheck`, in two memory layouts.

    Raises
    ------
    GradcheckError
        As :func:`checks.gradcheck` does.
    TypeError, ValueError
        Where nothing requires grad, a tensor is not on the CPU or neither float32 nor float64, or
        nothing that fun returns depends on the inputs.

    Examples
    --------
    >>> import torch
    >>> from checks.interop.torch import check_function
    >>> x = torch.linspace(-1, 1, 5, dtype=torch.float64, requires_grad=True)
    >>> bool(check_function(torch.tanh, x))
    True
    """
    if _is_autograd_function(fun):
        fun = fun.apply
    if not callable(fun):
        raise TypeError(f"fun must be callable; got {type(fun).__name__}")
    if isinstance(fun, torch.nn.Module):
        raise TypeError("fun is a Module, whose parameters are to be checked too: use check_module")
    labels, name = _labels(fun, inputs), _name(fun)
    given = dict(zip(labels, inputs, strict=True))
    checked = {label: _usable(value, label) for label, value in given.items() if _requires_grad(value)}
    if not checked:
        raise ValueError(
            f"no input of {name} requires grad, so there is nothing to check: "
            "call .requires_grad_() on those that it is differentiated by"
        )

    def tensors(wide: bool) -> Tensors:
        return {label: _like(tensor, wide) for label, tensor in checked.items()}

    def run(tensors: Tensors, wide: bool) -> Any:
        return fun(
            *(tensors[label] if label in tensors else _constant(given[label], wide) for label in labels)
        )

    return check(Task(name, f"check_function({', '.join([name, *labels])}", checked, tensors, run), keywords)


def check_module(module: Any, loss: Callable[..., Any], *inputs: Any, **keywords: Unpack[Keywords]) -> Report:
    """Check the gradient of a loss with respect to the parameters of a module.

    Parameters
    ----------
    module : torch.nn.Module
        Not changed: copies are used, whose buffers are put back before each call, so that running
        means do not drift.
    loss : callable
        loss(module, *inputs) -> tensor, mostly a scalar, such as
        ``lambda model, x, y: F.cross_entropy(model(x), y)``.
    *inputs
        What loss gets besides: inputs, targets. Tensors of float32 passed here, rather than closed
        over, let the numerical side run in float64. Those that require grad are checked like
        parameters.
    **keywords
        As for :func:`checks.gradcheck`.

    Returns
    -------
    Report
        Leaves carry the names that ``module.named_parameters()`` gives.

    Raises
    ------
    GradcheckError
        As :func:`checks.gradcheck` does.
    TypeError, ValueError
        As :func:`check_function` does; and where module is no Module.

    Examples
    --------
    >>> import torch
    >>> from checks.interop.torch import check_module
    >>> layer, x = torch.nn.Linear(3, 2).double(), torch.ones(4, 3, dtype=torch.float64)
    >>> bool(check_module(layer, lambda layer, x: layer(x).square().sum(), x))
    True
    """
    if not isinstance(module, torch.nn.Module):
        raise TypeError(
            f"module must be a torch.nn.Module; got {type(module).__name__}. For functions use check_function"
        )
    if not callable(loss):
        raise TypeError(f"loss must be callable, loss(module, *inputs); got {type(loss).__name__}")
    labels = _labels(loss, (module, *inputs))[1:]
    given = dict(zip(labels, inputs, strict=True))
    parameters = [label for label, tensor in module.named_parameters() if tensor.requires_grad]
    checked = {label: _usable(module.get_parameter(label), label) for label in parameters}
    checked |= {label: _usable(value, label) for label, value in given.items() if _requires_grad(value)}
    if not checked:
        raise ValueError("module has no parameter that requires grad, so there is nothing to check")
    copies = {False: copy.deepcopy(module), True: copy.deepcopy(module).double()}
    buffers = {wide: [buffer.clone() for buffer in made.buffers()] for wide, made in copies.items()}

    def tensors(wide: bool) -> Tensors:
        own = dict(copies[wide].named_parameters())
        return {
            label: own[label] if label in parameters else _like(tensor, wide)
            for label, tensor in checked.items()
        }

    def run(tensors: Tensors, wide: bool) -> Any:
        with torch.no_grad():
            for buffer, before in zip(copies[wide].buffers(), buffers[wide], strict=True):
                buffer.copy_(before)
        handed = [tensors[label] if label in tensors else _constant(given[label], wide) for label in labels]
        return loss(copies[wide], *handed)

    call = f"check_module({', '.join(['module', 'loss', *labels])}"
    return check(Task(type(module).__name__, call, checked, tensors, run), keywords)


# -- what they ask of their arguments ----------------------------------------------------------------


def _is_autograd_function(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, torch.autograd.Function)


def _requires_grad(value: Any) -> bool:
    return torch.is_tensor(value) and bool(value.requires_grad)


def _usable(tensor: Any, label: str) -> Any:
    if tensor.device.type != "cpu":
        raise ValueError(f"{label} is on {tensor.device}; only tensors on the CPU are checked: call .cpu()")
    if tensor.dtype not in _DTYPES:
        raise TypeError(f"{label} is {tensor.dtype}; only float32 and float64 are checked: convert it")
    if tensor.layout != torch.strided:
        raise TypeError(
            f"{label} is sparse ({tensor.layout}); only dense tensors are checked: call .to_dense()"
        )
    if any(stride == 0 and size > 1 for stride, size in zip(tensor.stride(), tensor.shape, strict=True)):
        raise ValueError(f"entries of {label} share their memory (it was expanded): call .contiguous()")
    return tensor


def _like(tensor: Any, wide: bool) -> Any:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=torch.float64 if wide else tensor.dtype)


def _constant(value: Any, wide: bool) -> Any:
    """Return a copy of what is not differentiated by, for functions may write into it."""
    if not torch.is_tensor(value):
        return value
    value = value.detach().clone()
    return value.double() if wide and value.is_floating_point() else value


def _labels(fun: Any, inputs: Sequence[Any]) -> list[str]:
    """Return the names of the parameters that the inputs are bound to, as far as the function tells."""
    operator = getattr(fun, "_opoverload", fun)  # of a custom operator, or the operator itself
    schema = getattr(operator, "_schema", None) or getattr(
        getattr(operator, "default", None), "_schema", None
    )
    if schema is not None and len(schema.arguments) >= len(inputs):
        return [argument.name for argument in schema.arguments[: len(inputs)]]
    owner: Any = getattr(fun, "__self__", None)
    if _is_autograd_function(owner):
        with_context = owner.setup_context is torch.autograd.Function.setup_context
        return bound_names(owner.forward, (None,) * with_context + tuple(inputs), "inputs")[with_context:]
    return bound_names(fun, inputs, "inputs")


def _name(fun: Any) -> str:
    owner = getattr(fun, "__self__", None)
    if isinstance(owner, type):
        return owner.__name__
    name = str(getattr(fun, "__name__", None) or getattr(fun, "_name", None) or type(fun).__name__)
    return "fun" if name == "<lambda>" else name
