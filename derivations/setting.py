"""What the letters of a derivation stand for: definitions, unknown functions, hypotheses.

A *setting* is the page a derivation is written on.  It says that z^(l+1) is W^(l+1) f(z^l) + b^(l+1), that
J is some differentiable function of z^(l+1), that the entries of y sum to one.  The kernel knows none of
this: it refuses to differentiate a defined tensor, and a setting is what writes the definition out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivations import kernel
from derivations.kernel import Apply, Entry, Function, Index, Partial, Sum, Tensor, Term, UnsupportedExpression
from derivations.written import instances, tidy


@dataclass(frozen=True)
class Words:
    """One sentence in the two languages of the project."""

    en: str
    zh: str

    def __getitem__(self, lang: str) -> str:
        if lang not in ("en", "zh"):
            raise ValueError(f"lang must be 'en' or 'zh', not {lang!r}")
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Definition:
    """``tensor[indices]`` stands for ``body``, for every value of the indices.

    ``fixed`` lists indices of the body that are the same everywhere, such as the class of a one-hot label.
    """

    tensor: Tensor
    indices: tuple[Index, ...]
    body: Term
    fixed: tuple[Index, ...] = ()

    def __post_init__(self) -> None:
        self.tensor[self.indices]  # the indices fit the tensor, or this raises
        if not self.tensor.defined:
            raise UnsupportedExpression(f"{self.tensor} is defined by a formula: make it with defined=True")
        loose = kernel.free_indices(self.body) - {*self.indices, *self.fixed}
        if loose:
            raise UnsupportedExpression(f"the definition of {self.tensor} uses the free index {min(map(str, loose))}")

    def at(self, indices: tuple[Index, ...]) -> Term:
        """Return the body at other indices."""
        return kernel.substitute(self.body, dict(zip(self.indices, indices, strict=True)))


@dataclass(frozen=True)
class FunctionDefinition:
    """``function(x)`` stands for ``body``, written with the scalar ``argument``."""

    function: Function
    argument: Tensor
    body: Term

    def at(self, order: int, value: Term) -> Term:
        """Return the ``order``-th derivative of the body at ``value``."""
        body = self.body
        for _ in range(order):
            body = tidy(kernel.derivative(body, self.argument[()]))
        return replace_entries(body, lambda e: value if e.tensor == self.argument else None)


@dataclass(frozen=True)
class Unknown:
    """A scalar (or one for each index) of which only this is known: it is a differentiable function of ``of``."""

    scalar: Tensor
    of: Tensor


@dataclass(frozen=True)
class Hypothesis:
    """An equation that a theorem assumes: ``left`` = ``right``, for every value of ``indices``."""

    left: Term
    right: Term
    words: Words
    indices: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Setting:
    """Definitions, unknown functions and hypotheses; frozen, so that every step of a proof sees the same.

    ``known`` lists tensors that are functions of something, no matter of what: they occur as given numbers.
    """

    definitions: tuple[Definition | FunctionDefinition, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    known: tuple[Tensor, ...] = ()

    @property
    def fixed(self) -> frozenset[Index]:
        """The indices that some definition fixes once for all."""
        return frozenset(i for d in self.definitions if isinstance(d, Definition) for i in d.fixed)

    def definition(self, tensor: Tensor) -> Definition | None:
        """Return the definition of ``tensor``, if it has one."""
        found = (d for d in self.definitions if isinstance(d, Definition) and d.tensor == tensor)
        return next(found, None)

    def unknown(self, tensor: Tensor) -> Unknown | None:
        """Return the declaration of ``tensor`` as an unknown function, if there is one."""
        return next((u for u in self.unknowns if u.scalar == tensor), None)

    def unfold(self, t: Term, only: Tensor | Function | None = None) -> Term:
        """Write out definitions: all of them, repeatedly, or those of one tensor or function, once."""
        for definition in self.definitions:
            if isinstance(definition, FunctionDefinition) and only in (None, definition.function):
                t = _replace_function(t, definition)
            elif isinstance(definition, Definition) and only in (None, definition.tensor):
                t = replace_entries(t, lambda e, d=definition: d.at(e.indices) if e.tensor == d.tensor else None)  # type: ignore[misc]
        if only is None and self._defined_in(t):
            return self.unfold(t)
        return t

    def _defined_in(self, t: Term) -> bool:
        return any(
            (isinstance(part, Entry) and self.definition(part.tensor) is not None)
            for part in _outside_variables(t)
        )

    def chain(self, t: Term) -> Term:
        """Apply the multivariate chain rule: dJ/dv = sum_i (dJ/du_i) (du_i/dv), for J an unknown function of u."""
        t = kernel.rebuild(t, map(self.chain, kernel.children(t)))
        if isinstance(t, Partial) and isinstance(t.body, Entry):
            unknown = self.unknown(t.body.tensor)
            if unknown is not None and t.variable.tensor != unknown.of:
                taken = {index.name for index in kernel.free_indices(t)}
                names = [name for name in "ijrstuv" if name not in taken]
                indices = tuple(kernel.fresh(names[n], size) for n, size in enumerate(unknown.of.sizes))
                through = unknown.of[indices]
                assert isinstance(through, Entry)
                total: Term = kernel.times(Partial(t.body, through), Partial(through, t.variable))
                for index in reversed(indices):
                    total = Sum(index, total)
                return total
        return t

    def assume(self, t: Term) -> Term:
        """Return ``t`` after every hypothesis has been used from left to right."""
        for hypothesis in self.hypotheses:
            if hypothesis.indices:
                t = instances(t, hypothesis.left, hypothesis.right, hypothesis.indices)
            else:
                t = instances(kernel.canonical(t), kernel.canonical(hypothesis.left), hypothesis.right, ())
        return t

    def equal(self, left: Term, right: Term) -> bool:
        """Say whether the two sides are equal in canonical form, in this setting."""
        difference = self.unfold(self.chain(self.unfold(left - right)))
        return kernel.equal(self.unfold(self.assume(difference)), kernel.ZERO)


def replace_entries(t: Term, replacement: Callable[[Entry], Term | None]) -> Term:
    """Replace entries of tensors by terms; bound indices are renamed, so that nothing is captured.

    The variable below a ``partial`` is a name, not a value: it is left alone.
    """
    match t:
        case Entry():
            new = replacement(t)
            return t if new is None else new
        case Sum(index, body):
            inner = kernel.fresh(index.name, index.size)
            return Sum(inner, replace_entries(kernel.substitute(body, {index: inner}), replacement))
        case Partial(body, variable):
            # d/dz^(l+1) of J: here z^(l+1) is J's own argument, so J must stay as it is written.
            return t if variable.tensor.defined else Partial(replace_entries(body, replacement), variable)
    return kernel.rebuild(t, (replace_entries(part, replacement) for part in kernel.children(t)))


def _replace_function(t: Term, definition: FunctionDefinition) -> Term:
    t = kernel.rebuild(t, (_replace_function(part, definition) for part in kernel.children(t)))
    if isinstance(t, Apply) and t.function.name == definition.function.name:
        return definition.at(t.function.order, t.argument)
    return t


def _outside_variables(t: Term) -> list[Term]:
    parts: list[Term] = [t]
    if isinstance(t, Partial) and t.variable.tensor.defined:
        return parts
    below = (t.body,) if isinstance(t, Partial) else kernel.children(t)
    for part in below:
        parts.extend(_outside_variables(part))
    return parts
