"""The calculus of NumPy's ufuncs: one line each.

Two conventions hold throughout. Where a slope is infinite and its argument does not move, the contribution
is 0 and is reported as a kink. Exactly at a tie of `maximum` and its kin, or at 0 of `absolute`, the
tangent is the slope to the right, df(x + t v)/dt at t = 0+; at a tie of a comparison it is that of the
branch which the code takes. Both are reported as kinks: the number is then one of two slopes and not the
derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from checks.oracles.dual_array import Run

__all__ = ["RULES", "AtKink", "Rule", "moving", "rule_for"]

Push = Callable[[Any, tuple[Any, ...], tuple[Any, ...]], Any]


class AtKink(NamedTuple):
    """A tangent, and the mask of the entries at which it was computed exactly at a kink."""

    tangent: Any
    kink: Any


class Rule(NamedTuple):
    """The calculus of one ufunc.

    Attributes
    ----------
    push : callable
        (y, xs, ts) -> tangent of y, or `AtKink`; a tangent None in `ts` is an argument that does not move.
        For a ufunc of several outputs y and the result are tuples; a tangent None is an output that does not.
    kink : callable or None
        (y, xs, ts) -> mask of the entries that lie exactly at a kink or a jump which the direction crosses.
    note : str or None
        What to tell about a moving argument.
    complex : bool
        Whether `push` is right for complex arguments.
    """

    push: Push
    kink: Push | None = None
    note: str | None = None
    complex: bool = True


RULES: dict[np.ufunc, Rule] = {}


def moving(t: Any) -> Any:
    """Mask of the entries that move; False where the whole argument does not."""
    return False if t is None else t != 0


def differing(ts: tuple[Any, ...]) -> Any:
    """Mask of the entries whose two arguments move apart."""
    a, b = (0 if t is None else t for t in ts)
    return np.asarray(a != b)


# ------------------------------------------------------------------ smooth: the partial derivatives
Partial = Callable[..., Any]


def smooth(*partials: Partial, kink: Push | None = None) -> Rule:
    """Sum of partial derivative times tangent; `partials[i](y, *xs)` is dy / dx_i."""

    def push(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
        total: Any = None
        infinite: Any = False
        for partial, t in zip(partials, ts, strict=True):
            if t is None:
                continue
            term = partial(y, *xs) * t
            if not np.isfinite(term).all():
                still = np.asarray(t == 0)
                infinite = infinite | (still & ~np.isfinite(term) & np.isfinite(y))
                term = np.where(still, 0 * t, term)
            total = term if total is None else total + term
        return total if infinite is False else AtKink(total, infinite)

    return Rule(push, kink)


def ln(value: int, y: Any) -> Any:
    """ln(value) in the precision of y: a Python float would cost longdouble its last digits."""
    return np.log(np.asarray(y).dtype.type(value))


def sech_squared(y: Any, x: Any) -> Any:
    """tanh'(x), accurate in the tails too, where 1 - y**2 cancels."""
    if np.iscomplexobj(x):
        return 1 - y * y
    e = np.exp(-2 * np.abs(x))
    return 4 * e / ((1 + e) * (1 + e))


RULES.update(
    {
        np.exp: smooth(lambda y, x: y),
        np.exp2: smooth(lambda y, x: y * ln(2, y)),
        np.expm1: smooth(lambda y, x: np.exp(x)),
        np.log: smooth(lambda y, x: 1 / x),
        np.log2: smooth(lambda y, x: 1 / (x * ln(2, y))),
        np.log10: smooth(lambda y, x: 1 / (x * ln(10, y))),
        np.log1p: smooth(lambda y, x: 1 / (1 + x)),
        np.sqrt: smooth(lambda y, x: 0.5 / y),
        np.cbrt: smooth(lambda y, x: 1 / (3 * y * y)),
        np.square: smooth(lambda y, x: 2 * x),
        np.reciprocal: smooth(lambda y, x: -y * y),
        np.sin: smooth(lambda y, x: np.cos(x)),
        np.cos: smooth(lambda y, x: -np.sin(x)),
        np.tan: smooth(lambda y, x: 1 + y * y),
        np.arcsin: smooth(lambda y, x: 1 / np.sqrt((1 - x) * (1 + x))),
        np.arccos: smooth(lambda y, x: -1 / np.sqrt((1 - x) * (1 + x))),
        np.arctan: smooth(lambda y, x: 1 / (1 + x * x)),
        np.sinh: smooth(lambda y, x: np.cosh(x)),
        np.cosh: smooth(lambda y, x: np.sinh(x)),
        np.tanh: smooth(sech_squared),
        np.arcsinh: smooth(lambda y, x: 1 / np.sqrt(1 + x * x)),
        np.arccosh: smooth(lambda y, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))),
        np.arctanh: smooth(lambda y, x: 1 / ((1 - x) * (1 + x))),
        np.logaddexp: smooth(lambda y, a, b: np.exp(a - y), lambda y, a, b: np.exp(b - y)),
        np.logaddexp2: smooth(lambda y, a, b: np.exp2(a - y), lambda y, a, b: np.exp2(b - y)),
    }
)


# ------------------------------------------------------------------ powers and quotients
def quotient(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    """(ta - y tb) / b; never 1 / b, which is a float64 where b is an integer."""
    (_, b), (ta, tb) = xs, ts
    if tb is None:
        return ta / b
    return -(y * tb) / b if ta is None else (ta - y * tb) / b


def power_by_base(y: Any, x: Any, k: Any) -> Any:
    """k x^(k-1), and 0 where k = 0 even at x = 0."""
    if isinstance(k, int | float):
        return np.zeros_like(x) if k == 0 else k * x ** (k - 1)
    k = np.asarray(k) if np.asarray(k).dtype.kind in "fc" else np.asarray(k, dtype=np.asarray(y).dtype)
    return np.where(k == 0, 0 * k, k * np.power(x, np.where(k == 0, 1 + 0 * k, k - 1)))


def power_by_exponent(y: Any, x: Any, k: Any) -> Any:
    """y log x, and 0 where x = 0 < k; a negative real base has no derivative by a moving exponent."""
    if np.iscomplexobj(x):
        return y * np.log(x)
    return np.where((x == 0) & (k > 0), 0 * y, y * np.log(x, dtype=np.asarray(y).dtype))


def power_kink(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    """A power that is not whole ends at x = 0: only one side of it exists."""
    x, k = xs
    return False if np.iscomplexobj(k) else (x == 0) & (k != np.rint(k)) & moving(ts[0])


_power = smooth(power_by_base, power_by_exponent, kink=power_kink)
RULES.update({np.true_divide: Rule(quotient), np.power: _power, np.float_power: _power})


# ------------------------------------------------------------------ linear and multilinear
def _add(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    ta, tb = ts
    return tb if ta is None else ta if tb is None else ta + tb


def _subtract(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    ta, tb = ts
    return -tb if ta is None else ta if tb is None else ta - tb


def multilinear(ufunc: np.ufunc) -> Rule:
    """Replace one argument after another by its tangent, and add up; linear over the reals is enough."""

    def push(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...], **options: Any) -> Any:
        terms = [
            ufunc(*(t if j == i else x for j, x in enumerate(xs)), **options)
            for i, t in enumerate(ts)
            if t is not None
        ]
        return sum(terms[1:], terms[0])

    return Rule(push)


RULES.update({np.add: Rule(_add), np.subtract: Rule(_subtract)})
for _linear in (
    *(np.negative, np.positive, np.conjugate, np.deg2rad, np.rad2deg, np.degrees, np.radians),
    *(np.multiply, np.matmul),
    *(getattr(np, name) for name in ("vecdot", "matvec", "vecmat") if hasattr(np, name)),  # NumPy 2
):
    RULES[_linear] = multilinear(_linear)
RULES[np.ldexp] = Rule(lambda y, xs, ts: np.ldexp(ts[0], xs[1]))


# ------------------------------------------------------------------ kinked: one-sided slopes at the kink
def extremum(larger: bool) -> Rule:
    """maximum, minimum, fmax, fmin; at a tie the slope to the right."""
    wins, extreme = (np.greater, np.maximum) if larger else (np.less, np.minimum)

    def push(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
        (a, b), (ta, tb) = xs, (0 * y if t is None else t for t in ts)
        first = wins(a, b) | np.isnan(b)
        return np.where(first, ta, np.where(a == b, extreme(ta, tb), tb))

    return Rule(push, lambda y, xs, ts: (xs[0] == xs[1]) & differing(ts), complex=False)


def _absolute(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    (x,), (t,) = xs, ts
    if np.iscomplexobj(x):
        return np.where(y == 0, np.abs(t), np.real(np.conj(x) * t) / np.where(y == 0, 1, y).astype(y.dtype))
    return np.where(x == 0, np.abs(t), np.sign(x) * t)


def _copysign(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    (a, b), (ta, _) = xs, ts
    return 0 * y if ta is None else np.copysign(1, a) * np.copysign(1, b) * ta


def _hypot(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    ta, tb = (0 * y if t is None else t for t in ts)
    safe = np.where(y == 0, 1 + 0 * y, y)
    return np.where(y == 0, np.hypot(ta, tb), xs[0] / safe * ta + xs[1] / safe * tb)


def _arctan2(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    (a, b), (ta, tb) = xs, (0 * y if t is None else t for t in ts)
    r = np.hypot(a, b)
    return (b / r * ta - a / r * tb) / r


def _both_zero(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    return (xs[0] == 0) & (xs[1] == 0) & (moving(ts[0]) | moving(ts[1]))


def _at_zero(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    mask = np.asarray(False)
    for x, t in zip(xs, ts, strict=True):
        mask = mask | ((x == 0) & moving(t))
    return mask


RULES.update(
    {
        np.maximum: extremum(larger=True),
        np.fmax: extremum(larger=True),
        np.minimum: extremum(larger=False),
        np.fmin: extremum(larger=False),
        np.absolute: Rule(_absolute, _at_zero),
        np.fabs: Rule(_absolute, _at_zero),
        np.copysign: Rule(_copysign, _at_zero, complex=False),
        np.hypot: Rule(_hypot, _both_zero, complex=False),
        np.arctan2: Rule(
            _arctan2,
            lambda y, xs, ts: _both_zero(y, xs, ts) | ((xs[0] == 0) & (xs[1] < 0) & moving(ts[0])),
            complex=False,
        ),
    }
)


# ------------------------------------------------------------------ piecewise constant, and remainders
def step(name: str, jump: Push) -> Rule:
    """A function whose derivative is 0 wherever it has one: right, and rarely what was meant, so noted."""
    return Rule(lambda y, xs, ts: 0 * y, jump, f"np.{name}: piecewise constant, tangent 0", complex=False)


def _at_integer(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    return (xs[0] == y) & moving(ts[0])


def _wraps(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    return (np.remainder(*xs) == 0) & (moving(ts[0]) | moving(ts[1]))


def _modulo(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    """a - q b has the tangent ta - q tb, with the whole quotient q."""
    (a, b), (ta, tb) = xs, ts
    whole = 0 * y if tb is None else np.rint((a - y) / b) * tb
    return -whole if ta is None else ta - whole


def _heaviside(y: Any, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    return 0 * y if ts[1] is None else np.where(xs[0] == 0, ts[1], 0 * y)


RULES.update(
    {
        np.floor: step("floor", _at_integer),
        np.ceil: step("ceil", _at_integer),
        np.trunc: step("trunc", lambda y, xs, ts: _at_integer(y, xs, ts) & (y != 0)),
        np.rint: step("rint", lambda y, xs, ts: (np.abs(xs[0] - y) == 0.5) & moving(ts[0])),
        np.sign: step("sign", _at_zero),
        np.heaviside: Rule(
            _heaviside,
            lambda y, xs, ts: (xs[0] == 0) & moving(ts[0]),
            "np.heaviside: piecewise constant, tangent 0",
        ),
        np.floor_divide: step("floor_divide", _wraps),
        np.remainder: Rule(_modulo, _wraps),
        np.fmod: Rule(_modulo, _wraps),
        np.divmod: Rule(lambda y, xs, ts: (0 * y[0], _modulo(y[1], xs, ts)), _wraps),
        np.modf: Rule(
            lambda y, xs, ts: (ts[0], 0 * y[1]),
            lambda y, xs, ts: (y[0] == 0) & (xs[0] != 0) & moving(ts[0]),
        ),
        np.frexp: Rule(lambda y, xs, ts: (np.ldexp(ts[0], -y[1]), None)),
    }
)

# ------------------------------------------------------------------ true or false: plain results
for _compare in (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal):
    RULES[_compare] = Rule(lambda y, xs, ts: None, lambda y, xs, ts: (xs[0] == xs[1]) & differing(ts))
for _logical in (np.logical_and, np.logical_or, np.logical_xor, np.logical_not):
    RULES[_logical] = Rule(lambda y, xs, ts: None, _at_zero)
for _test in (np.isnan, np.isinf, np.isfinite, np.signbit):
    RULES[_test] = Rule(lambda y, xs, ts: None, _at_zero if _test is np.signbit else None)


def rule_for(run: Run, ufunc: np.ufunc, values: tuple[Any, ...]) -> Rule:
    """Find the rule, or refuse by name."""
    rule = RULES.get(ufunc)
    if rule is None:
        raise run.lose(f"np.{ufunc.__name__} has no rule")
    if not rule.complex and any(np.iscomplexobj(v) for v in values):
        raise run.lose(f"np.{ufunc.__name__} has no rule for complex numbers")
    return rule
