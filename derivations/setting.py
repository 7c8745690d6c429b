"""What the letters of a derivation stand for: definitions, unknown functions, hypotheses.

A *setting* is the page a derivation is written on.  It says that z^(l+1) is W^(l+1) f(z^l) + b^(l+1), that
J is some differentiable function of z^(l+1), that the entries of y sum to one.  The kernel knows none of
this: it refuses to differentiate a defined tensor, and a setting is what writes the definition out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from derivations import calculus, terms
from derivations.kernel import Kernel
from derivations.terms import (
    Apply,
    Entry,
    Function,
    Index,
    Partial,
    Sum,
    Tensor,
    Term,
    UnsupportedExpression,
)
from derivations.written import tidy


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
        loose = terms.free_indices(self.body) - {*self.indices, *self.fixed}
        if loose:
            raise UnsupportedExpression(
                f"the definition of {self.tensor} uses the free index {min(map(str, loose))}"
            )

    def at(self, indices: tuple[Index, ...]) -> Term:
        """Return the body at other indices."""
        return terms.substitute(self.body, dict(zip(self.indices, indices, strict=True)))

    def write_out(self, t: Term) -> Term:
        """Replace every entry of the tensor by the body."""
        return replace_entries(
            t, self.tensor, lambda entry: self.at(entry.indices), frozenset(self.fixed), self._done
        )

    @cached_property
    def _done(self) -> dict[Term, Term]:
        return {}

    def occurs_in(self, t: Term) -> bool:
        """Say whether there is anything to write out."""
        return self.tensor in tensors_in(t)


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
            body = tidy(calculus.derivative(body, self.argument[()]))
        return replace_entries(body, self.argument, lambda _: value, terms.free_indices(value))

    def write_out(self, t: Term) -> Term:
        """Replace the function, and its derivatives, by the body."""
        written = self._done.get(t)
        if written is None:
            written = terms.rebuild(t, map(self.write_out, terms.children(t)))
            if isinstance(written, Apply) and written.function.name == self.function.name:
                written = self.at(written.function.order, written.argument)
            self._done[t] = written
        return written

    @cached_property
    def _done(self) -> dict[Term, Term]:
        return {}

    def occurs_in(self, t: Term) -> bool:
        """Say whether there is anything to write out; once is always enough."""
        return False


@dataclass(frozen=True)
class Unknown:
    """A scalar, or one for each index, known only to be a differentiable function of ``of``."""

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

    def __post_init__(self) -> None:
        names = [getattr(d, "tensor", None) or d.function for d in self.definitions]  # type: ignore[union-attr]
        names += [unknown.scalar for unknown in self.unknowns]
        for name in names:
            if names.count(name) > 1:
                raise UnsupportedExpression(f"{name} is defined twice")
            if name in (terms.exp, terms.log):
                raise UnsupportedExpression(f"{name} is known to the kernel and cannot be defined anew")

    @cached_property
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
        known = self._unfolded.get((t, only))
        if known is None:
            known = self._unfolded[t, only] = self._unfold(t, only)
        return known

    @cached_property
    def _unfolded(self) -> dict[tuple[Term, Tensor | Function | None], Term]:
        return {}

    def _unfold(self, t: Term, only: Tensor | Function | None) -> Term:
        for definition in self.definitions:
            if only in (
                None,
                definition.function if isinstance(definition, FunctionDefinition) else definition.tensor,
            ):
                t = definition.write_out(t)
        if only is None and any(d.occurs_in(t) for d in self.definitions):
            return self.unfold(t)
        return t

    def chain(self, t: Term) -> Term:
        """Apply the multivariate chain rule, dJ/dv = sum_i (dJ/du_i) (du_i/dv), to unknown functions."""
        t = terms.rebuild(t, map(self.chain, terms.children(t)))
        if isinstance(t, Partial) and isinstance(t.body, Entry):
            unknown = self.unknown(t.body.tensor)
            if unknown is not None and t.variable.tensor != unknown.of:
                taken = {index.name for index in terms.free_indices(t)}
                names = [name for name in "ijrstuv" if name not in taken]
                indices = tuple(terms.fresh(names[n], size) for n, size in enumerate(unknown.of.sizes))
                through = unknown.of[indices]
                assert isinstance(through, Entry)
                total: Term = terms.times(Partial(t.body, through), Partial(through, t.variable))
                for index in reversed(indices):
                    total = Sum(index, total)
                return total
        return t

    @cached_property
    def kernel(self) -> Kernel:
        """The judge of equations, in the light of this setting."""
        return self._kernel(self.unknowns, self.hypotheses)

    @cached_property
    def by_definition(self) -> Kernel:
        """The judge of equations that hold by definition: without the chain rule, without hypotheses."""
        return self._kernel((), ()) if self.unknowns or self.hypotheses else self.kernel

    def _kernel(self, unknowns: tuple[Unknown, ...], hypotheses: tuple[Hypothesis, ...]) -> Kernel:
        tensors = [d for d in self.definitions if isinstance(d, Definition)]
        functions = [d for d in self.definitions if isinstance(d, FunctionDefinition)]
        return Kernel(
            ((d.tensor, d.indices, d.body) for d in tensors),
            ((d.function.name, d.argument, d.body) for d in functions),
            ((unknown.scalar, unknown.of) for unknown in unknowns),
            ((given.left, given.right, given.indices) for given in hypotheses),
        )

    def equal(self, left: Term, right: Term) -> bool:
        """Say whether the kernel shows the two sides equal, in this setting."""
        return self.kernel.equal(left, right)


def replace_entries(
    t: Term,
    tensor: Tensor,
    value: Callable[[Entry], Term],
    newcomers: frozenset[Index] = frozenset(),
    done: dict[Term, Term] | None = None,
) -> Term:
    """Replace the entries of a tensor by terms; sums that could capture one of the ``newcomers`` are renamed.

    The variable below a ``partial`` is a name, not a value: it is left alone.  So is d/dz of J where z is
    itself defined: there z is J's own argument, and J must stay as it is written.  ``done`` keeps what was
    replaced before, for callers that replace the same tensor by the same terms again.
    """
    done = {} if done is None else done

    def replaced(t: Term) -> Term:
        if tensor not in tensors_in(t):
            return t
        known = done.get(t)
        if known is None:
            known = done[t] = below(t)
        return known

    def below(t: Term) -> Term:
        if isinstance(t, Entry):
            return value(t)
        if isinstance(t, Sum) and t.index in newcomers:
            other = terms.fresh(t.index.name, t.index.size)
            t = Sum(other, terms.substitute(t.body, {t.index: other}))
        if isinstance(t, Partial):
            return Partial(replaced(t.body), t.variable)
        return terms.rebuild(t, map(replaced, terms.children(t)))

    return replaced(t)


@lru_cache(maxsize=100_000)
def tensors_in(t: Term) -> frozenset[Tensor]:
    """Return the tensors whose values ``t`` uses: not the names that it is differentiated by."""
    if isinstance(t, Entry):
        return frozenset((t.tensor,))
    if isinstance(t, Partial):
        return frozenset() if t.variable.tensor.defined else tensors_in(t.body)
    return frozenset().union(*map(tensors_in, terms.children(t)))
