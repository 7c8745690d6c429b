"""The derivative of a term, written as a person writes it: for the lines of a derivation.

Nothing here is trusted.  The kernel differentiates in its own normal form, and a line whose derivative is
wrong is refused by it.
"""

from __future__ import annotations

from fractions import Fraction

from derivations.terms import (
    ONE,
    ZERO,
    Apply,
    Delta,
    Entry,
    Function,
    Number,
    Partial,
    Plus,
    Power,
    Sum,
    Tensor,
    Term,
    Times,
    UnsupportedExpression,
    entry_of,
    exp,
    fresh,
    log,
    plus,
    rename,
    times,
)


def derivative(t: Term, variable: Term) -> Term:
    """Return d ``t`` / d ``variable``, carried out.

    Parameters
    ----------
    t : Term
        Any term of the grammar.
    variable : Term
        An entry of a tensor that is not ``defined``: an independent variable.

    Raises
    ------
    UnsupportedExpression
        When ``variable`` is no independent entry, when a second derivative of a ``defined`` tensor would be
        needed, or when it cannot be known whether two tensors are the same one.
    """
    entry = entry_of(variable)
    if entry.tensor.defined:
        raise UnsupportedExpression(
            f"{entry.tensor} is a function of other tensors, not an independent variable"
        )
    return _derivative(t, entry)


def _derivative(t: Term, v: Entry) -> Term:
    match t:
        case Entry(tensor, indices):
            if tensor.defined:
                return Partial(t, v)
            if not _same_tensor(tensor, v.tensor):
                return ZERO
            return times(ONE, *(Delta(p, q) for p, q in zip(indices, v.indices, strict=True)))
        case Plus(terms):
            return plus(ZERO, *(_derivative(part, v) for part in terms))
        case Times(factors):
            # The product rule: one term for each factor, that factor differentiated.
            return plus(
                ZERO,
                *(
                    times(*factors[:i], _derivative(part, v), *factors[i + 1 :])
                    for i, part in enumerate(factors)
                ),
            )
        case Power(base, exponent):
            return times(Number(Fraction(exponent)), Power(base, exponent - 1), _derivative(base, v))
        case Sum(index, body):
            if index in v.indices:
                other = fresh(index.name, index.size)
                index, body = other, rename(body, {index: other})
            return Sum(index, _derivative(body, v))
        case Apply(function, argument):
            return times(_slope(function, argument), _derivative(argument, v))
        case Partial(body, variable):
            if isinstance(body, Entry) and body.tensor.defined:
                raise UnsupportedExpression(
                    f"a second derivative of {body.tensor}, which is a function of other tensors"
                )
            return _derivative(derivative(body, variable), v)
    return ZERO  # numbers, sizes, deltas


def _slope(function: Function, argument: Term) -> Term:
    if function == exp:
        return Apply(exp, argument)
    if function == log:
        return Power(argument, -1)
    return Apply(function.prime, argument)


def _same_tensor(a: Tensor, v: Tensor) -> bool:
    if a.name != v.name:
        return False
    if a.layer != v.layer:
        if a.layer is None or v.layer is None or a.layer.symbol != v.layer.symbol:
            raise UnsupportedExpression(f"nothing says whether {a} and {v} are the same tensor")
        return False
    if a.sizes != v.sizes:
        shapes = [" x ".join(map(str, tensor.sizes)) or "scalar" for tensor in (a, v)]
        raise UnsupportedExpression(f"{a} is used both as {shapes[0]} and as {shapes[1]}")
    return True
