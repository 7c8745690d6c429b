"""The named rules by which one line of a derivation follows from the line above.

A rule is a rewriting of terms, applied wherever it fits.  None of them is trusted: ``proof.Step`` checks every line
twice more, by canonical form and at small widths.  They are here so that each line has *one* reason,
and a line whose stated reason is not its real reason is refused.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivations import calculus, kernel, terms
from derivations.setting import Setting, Words
from derivations.terms import (
    Apply,
    Delta,
    Entry,
    Function,
    Index,
    Partial,
    Plus,
    Power,
    Sum,
    Tensor,
    Term,
    Times,
)
from derivations.written import flat, instances, same, tidy

__all__ = [
    "Rule", "algebra", "chain_rule", "contract", "differentiate", "entries", "fold", "function_rule", "given",
    "lemma", "linearity", "power_rule", "product_rule", "recognise", "recognise_all",
    "theorem_rule", "unfold", "unfold_all",
]  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A named rewriting.

    ``apply`` gives the next line where the rule has a direction; ``follows`` says whether a given next line
    is what the rule allows.  ``axiom`` names the axiom that the rule rests on, if any.
    """

    name: str
    words: Words
    follows: Callable[[Term, Term, Setting], bool]
    apply: Callable[[Term, Setting], Term] | None = None
    axiom: str = ""


def _forward(name: str, words: Words, apply: Callable[[Term, Setting], Term], axiom: str = "") -> Rule:
    def follows(left: Term, right: Term, setting: Setting) -> bool:
        return same(apply(left, setting), right)

    return Rule(name, words, follows, apply, axiom)


# ---------------------------------------------------------------------------------------- definitions


def unfold(what: Tensor | Function, words: Words | None = None) -> Rule:
    """Write out the definition of a tensor or a function."""
    return _forward(
        f"definition of {what}",
        words or Words(f"Write out the definition of {what}.", f"代入 {what} 的定义。"),
        lambda t, setting: setting.unfold(t, what),
    )


def fold(what: Tensor | Function) -> Rule:
    """Read the definition of a tensor or a function backwards."""

    def follows(left: Term, right: Term, setting: Setting) -> bool:
        return same(setting.unfold(right, what), setting.unfold(left, what))

    return Rule(
        f"definition of {what}",
        Words(f"Recognise the definition of {what}.", f"认出这正是 {what} 的定义。"),
        follows,
    )


def unfold_all() -> Rule:
    """Write out every definition, until none is left."""
    return _forward(
        "all definitions",
        Words("Write out every definition.", "代入全部定义。"),
        lambda t, setting: setting.unfold(t),
    )


def recognise_all() -> Rule:
    """Read definitions backwards, up to the laws of arithmetic and of finite sums."""

    def follows(left: Term, right: Term, setting: Setting) -> bool:
        return setting.by_definition.equal(left, right)

    return Rule("all definitions", Words("Recognise the definitions.", "认出各个定义。"), follows)


def recognise(what: Tensor | Function) -> Rule:
    """Read a definition backwards, up to the laws of arithmetic."""

    def follows(left: Term, right: Term, setting: Setting) -> bool:
        return kernel.equal(setting.unfold(left, what), setting.unfold(right, what))

    return Rule(
        f"definition of {what}",
        Words(f"Recognise the definition of {what}.", f"认出这正是 {what} 的定义。"),
        follows,
    )


def given(number: int = 0) -> Rule:
    """Use a hypothesis of the setting, left side for right side."""

    def apply(t: Term, setting: Setting) -> Term:
        hypothesis = setting.hypotheses[number]
        return tidy(instances(t, hypothesis.left, hypothesis.right, hypothesis.indices))

    return _forward("hypothesis", Words("Use the hypothesis.", "使用假设。"), apply)


def lemma(left: Term, right: Term, indices: tuple[Index, ...]) -> Rule:
    """Use an equation proved before, left side for right side, at any values of its indices."""
    return _forward(
        "lemma",
        Words("Use what was proved before.", "使用前面已证的结论。"),
        lambda t, _: tidy(instances(t, left, right, indices)),
    )


def theorem_rule(identifier: str, left: Term, right: Term, indices: tuple[Index, ...]) -> Rule:
    """Use a theorem by its id."""
    return _forward(
        f"theorem {identifier}",
        Words(f"The theorem {identifier}.", f"定理 {identifier}。"),
        lambda t, _: instances(t, left, right, indices),
    )


# ------------------------------------------------------------------------------------------- calculus


def chain_rule() -> Rule:
    """dJ/dv = sum_i (dJ/du_i) (du_i/dv): the one axiom of the calculus of several variables."""
    return _forward(
        "chain rule",
        Words(
            "The chain rule: J depends on this variable only through the quantities in between, and every one of them counts.",
            "链式法则：J 只通过中间各量依赖于该变量，每一个中间量都要计入求和。",
        ),
        lambda t, setting: setting.chain(t),
        axiom="chain-rule",
    )


def linearity() -> Rule:
    """Take a derivative inside sums, and constants out of it."""
    return _forward(
        "linearity",
        Words(
            "A derivative goes inside a sum, and constants come out of it.",
            "导数与求和可交换，常数因子可提出。",
        ),
        lambda t, _: tidy(_everywhere(t, _push)),
    )


def _everywhere(t: Term, rewrite: Callable[[Partial], Term]) -> Term:
    if isinstance(t, Partial):
        return rewrite(t)
    return terms.rebuild(t, (_everywhere(part, rewrite) for part in terms.children(t)))


def _constant(t: Term, v: Entry) -> bool:
    """Say whether the derivative of ``t`` is zero because ``t`` does not contain the variable at all."""
    try:
        return kernel.equal(calculus.derivative(t, v), terms.ZERO) and v.tensor not in _tensors(t)
    except terms.UnsupportedExpression:
        return False


def _tensors(t: Term) -> set[Tensor]:
    own = {t.tensor} if isinstance(t, Entry) else set()
    return own.union(*map(_tensors, terms.children(t)))


def _push(p: Partial) -> Term:
    body, v = p.body, p.variable
    if _constant(body, v):
        return terms.ZERO
    match body:
        case Plus(parts):
            return terms.plus(*(_push(Partial(part, v)) for part in parts))
        case Sum():
            if body.index in v.indices:
                renamed = terms.bound_names_apart(body)
                assert isinstance(renamed, Sum)
                body = renamed
            return Sum(body.index, _push(Partial(body.body, v)))
        case Times(factors):
            constants = [part for part in factors if _constant(part, v)]
            rest = [part for part in factors if not _constant(part, v)]
            if constants:
                return terms.times(*constants, _push(Partial(terms.times(*rest), v)))
    return p


def product_rule() -> Rule:
    """(u v)' = u' v + u v'."""

    def rewrite(p: Partial) -> Term:
        if not isinstance(p.body, Times):
            return p
        factors = p.body.factors
        return terms.plus(
            *(
                terms.times(*factors[:i], Partial(part, p.variable), *factors[i + 1 :])
                for i, part in enumerate(factors)
            )
        )

    return _forward(
        "product rule",
        Words("The product rule.", "乘积法则。"),
        lambda t, _: tidy(_everywhere(t, rewrite)),
    )


def power_rule() -> Rule:
    """(u ** n)' = n u ** (n-1) u'."""

    def rewrite(p: Partial) -> Term:
        if not isinstance(p.body, Power):
            return p
        base, n = p.body.base, p.body.exponent
        return terms.times(terms.term(n), Power(base, n - 1), Partial(base, p.variable))

    return _forward(
        "power rule",
        Words("Differentiate the power: (uⁿ)′ = n uⁿ⁻¹ u′.", "幂的求导：(uⁿ)′ = n uⁿ⁻¹ u′。"),
        lambda t, _: tidy(_everywhere(t, rewrite)),
    )


def function_rule() -> Rule:
    """f(u)' = f'(u) u', the chain rule for one variable."""

    def rewrite(p: Partial) -> Term:
        if not isinstance(p.body, Apply):
            return p
        function, u = p.body.function, p.body.argument
        slope = (
            u**-1
            if function == terms.log
            else Apply(function if function == terms.exp else function.prime, u)
        )
        return terms.times(slope, Partial(u, p.variable))

    return _forward(
        "scalar chain rule",
        Words(
            "The chain rule for one variable: f(u)′ = f′(u) u′.",
            "一元链式法则：f(u)′ = f′(u) u′。",
        ),
        lambda t, _: tidy(_everywhere(t, rewrite)),
    )


def entries() -> Rule:
    """d z_j / d z_p is 1 when j = p and 0 otherwise."""

    def rewrite(p: Partial) -> Term:
        if isinstance(p.body, Entry) and not p.body.tensor.defined and not p.variable.tensor.defined:
            return calculus.derivative(p.body, p.variable)
        return p

    return _forward(
        "independent entries",
        Words(
            "The entries are independent variables: the derivative of one by another is 1 when they are the same entry, else 0.",
            "各分量是独立变量：一个分量对另一个分量求导，相同为 1，不同为 0。",
        ),
        lambda t, _: tidy(_everywhere(t, rewrite)),
    )


def differentiate() -> Rule:
    """Carry out every derivative at once, by the rules of the calculus of one variable."""
    return _forward(
        "differentiate",
        Words("Carry out the derivative.", "求导。"),
        lambda t, _: tidy(_everywhere(t, lambda p: calculus.derivative(p.body, p.variable))),
    )


# -------------------------------------------------------------------------------------------- algebra


def contract() -> Rule:
    """sum_j [j = p] g(j) = g(p): of all the terms of the sum, one is left."""
    return _forward(
        "contraction",
        Words(
            "Of all the terms of the sum only one is not zero.",
            "求和中只有一项不为零。",
        ),
        lambda t, _: tidy(_contract(t)),
    )


def _contract(t: Term) -> Term:
    t = terms.rebuild(t, map(_contract, terms.children(t)))
    if isinstance(t, Sum):
        if isinstance(t.body, Plus):
            return terms.plus(*(_contract(Sum(t.index, part)) for part in t.body.terms))
        factors = flat(t.body, Times)
        for n, factor in enumerate(factors):
            if isinstance(factor, Delta) and t.index in (factor.left, factor.right):
                other = factor.left if factor.right == t.index else factor.right
                rest = terms.times(*factors[:n], *factors[n + 1 :]) if len(factors) > 1 else terms.ONE
                return terms.substitute(rest, {t.index: other})
    return t


def algebra(words: Words | None = None) -> Rule:
    """Rearrange by the laws of arithmetic and of finite sums."""

    def follows(left: Term, right: Term, setting: Setting) -> bool:
        return kernel.equal(left, right)

    return Rule(
        "algebra",
        words or Words("Rearrange.", "整理。"),
        follows,
    )
