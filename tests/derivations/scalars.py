"""Terms and the kernel's normal forms as plain SymPy scalars, and their values; shares only the data."""

import itertools
import random

import mpmath
import sympy

from derivations.kernel import Slot
from derivations.terms import Apply, Delta, Entry, Number, Partial, Plus, Power, Size, Sum, Times

DIGITS = 40


_CLASSES = {}


def function(name, order):
    if name in ("exp", "log"):
        return getattr(sympy, name)
    if (name, order) not in _CLASSES:
        _CLASSES[name, order] = type(
            f"{name}_{order}", (sympy.Function,),
            {"nargs": 1, "fdiff": lambda self, argindex=1: function(name, order + 1)(self.args[0])},
        )  # fmt: skip
    return _CLASSES[name, order]


def symbol(tensor, place):
    return sympy.Symbol(f"{tensor.name}_{'_'.join(map(str, place))}")


def scalar(t, widths, at):
    """Write a term out at concrete widths; ``at`` gives the values of its free indices."""
    match t:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Size():
            return sympy.Integer(widths[t])
        case Entry(tensor, indices):
            return symbol(tensor, [at[i] for i in indices])
        case Delta(left, right):
            return sympy.Integer(at[left] == at[right])
        case Plus(parts):
            return sympy.Add(*[scalar(part, widths, at) for part in parts])
        case Times(factors):
            return sympy.Mul(*[scalar(part, widths, at) for part in factors])
        case Power(base, exponent):
            return scalar(base, widths, at) ** exponent
        case Sum(index, body):
            return sympy.Add(
                *[scalar(body, widths, {**at, index: v}) for v in range(1, widths[index.size] + 1)]
            )
        case Apply(f, argument):
            return function(f.name, f.order)(scalar(argument, widths, at))
        case Partial(body, variable):
            return sympy.diff(scalar(body, widths, at), scalar(variable, widths, at))
    raise TypeError(type(t))


def slot(index):
    """A free index as the kernel reads it."""
    return Slot(index.name, (index.size.name, None), index.serial)


def normal_scalar(p, widths, at):
    """Write a normal form of the kernel out likewise; ``at`` gives the values of its free slots."""
    return sympy.Add(
        *[c * sympy.Mul(*[_atom(atom, widths, at) ** n for atom, n in monomial]) for monomial, c in p.items()]
    )


def _atom(atom, widths, at):
    inside = dict(atom.inside)
    match atom.kind:
        case "entry":
            return sympy.Symbol(f"{atom.head.name}_{'_'.join(str(at[slot]) for slot in atom.slots)}")
        case "size":
            return sympy.Integer(widths[Size(atom.head[0])])
        case "delta":
            left, right = atom.slots
            return sympy.Integer(at[left] == at[right])
        case "apply":
            return function(*atom.head)(normal_scalar(inside, widths, at))
        case "plus":
            return normal_scalar(inside, widths, at)
        case "sum":
            ranges = [range(1, widths[Size(slot.size[0])] + 1) for slot in atom.slots]
            return sympy.Add(
                *[
                    normal_scalar(inside, widths, at | dict(zip(atom.slots, values, strict=True)))
                    for values in itertools.product(*ranges)
                ]
            )
    raise TypeError(atom.kind)


def value(expression, seed):
    """Evaluate at a random point; opaque functions are fixed rational functions of no particular kind."""
    known = {}

    def walk(e):
        if e not in known:
            known[e] = fresh(e)
        return known[e]

    def fresh(e):
        if e.is_Rational:
            return mpmath.mpf(int(e.p)) / int(e.q)
        if e is sympy.E:
            return mpmath.exp(1)
        if e.is_Symbol:
            draw = random.Random(f"{seed}{e}")
            return mpmath.mpf(draw.randint(200, 900)) / 600
        arguments = [walk(a) for a in e.args]
        if e.is_Add:
            return mpmath.fsum(arguments)
        if e.is_Mul:
            return mpmath.fprod(arguments)
        if e.is_Pow:
            return arguments[0] ** arguments[1]
        if isinstance(e, sympy.exp):
            return mpmath.exp(arguments[0])
        draw = random.Random(f"{seed}{type(e).__name__}")
        a, b = (mpmath.mpf(draw.randint(10, 90)) / 40 for _ in range(2))
        return (a - arguments[0]) / (b + arguments[0] ** 2)

    with mpmath.workdps(DIGITS):
        return walk(sympy.sympify(expression))


def close(left, right):
    """Equal to 25 of 40 digits: generous to cancellation; different formulas do not agree so far."""
    with mpmath.workdps(DIGITS):
        return abs(left - right) <= mpmath.mpf(10) ** -25 * (1 + abs(left) + abs(right))
