"""NumPy's clipping, rounding, interpolation, polynomials and other functions of a line, on duals."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.oracles.dual_array import DualArray, Run, plain
from checks.oracles.dual_rules import ABSENT, rewritten, split, tangent_of

__all__: list[str] = []


@rewritten("clip")
def clip(
    a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None, dtype: Any = None
) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is ABSENT:
        low = None
    if high is ABSENT:
        high = None
    result = a if low is None else np.maximum(a, low)
    return result if high is None else np.minimum(result, high)


@tangent_of("round around fix")
def round_(run: Run, y: Any, a: Any, decimals: int = 0) -> Any:
    """Piecewise constant."""
    value, tangent = split(a)
    run.note("np.round: piecewise constant, tangent 0")
    scaled = value * 10.0**decimals
    run.kink("np.round", (np.abs(scaled - np.trunc(scaled)) == 0.5) & (tangent != 0))
    return np.zeros_like(y)


@tangent_of("sinc")
def sinc(run: Run, y: Any, x: Any) -> Any:
    """d/dx of sin(u) / u, u = pi x; by its series where the closed form cancels."""
    value, tangent = split(x)
    u = np.pi * value
    safe = np.where(u == 0, 1, u)
    u2 = u * u
    series = -u / 3 * (1 - u2 / 10 * (1 - u2 / 28 * (1 - u2 / 54 * (1 - u2 / 88 * (1 - u2 / 130)))))
    closed = (u * np.cos(u) - np.sin(u)) / (safe * safe)
    return np.where(np.abs(u) < 0.5, series, closed) * np.pi * tangent


@tangent_of("unwrap")
def unwrap(run: Run, y: Any, p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """Whole periods are added, which do not move; a step of exactly half a period is a jump."""
    value, tangent = split(p)
    steps = np.mod(np.diff(value, axis=axis), period)
    run.kink("np.unwrap", (steps == period / 2) & (np.diff(tangent, axis=axis) != 0))
    return tangent


@rewritten("angle")
def angle(z: Any, deg: bool = False) -> Any:
    result = np.arctan2(np.imag(z), np.real(z))
    return np.rad2deg(result) if deg else result


@rewritten("interp")
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Straight lines between knots; exactly at a knot the line to its right is taken, and a kink noted."""
    knots, at = np.asarray(plain(xp)), np.asarray(plain(x))
    i = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    xp, fp = (z if isinstance(z, DualArray) else np.asarray(z) for z in (xp, fp))
    slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
    inside = fp[i] + slope * (x - xp[i])
    below = inside * 0 + (fp[0] if left is None else left)
    above = inside * 0 + (fp[-1] if right is None else right)
    result = np.where(at < knots[0], below, np.where(at > knots[-1], above, inside))
    for operand in (x, xp):
        if isinstance(operand, DualArray):
            tangents = [split(z)[1] for z in (x, xp)]
            hit = (np.ravel(at)[:, None] == knots) & (np.ravel(tangents[0])[:, None] != tangents[1])
            operand.run.kink("np.interp", hit)
            break
    return result


@rewritten("polyval")
def polyval(p: Any, x: Any) -> Any:
    """Horner's scheme."""
    result = x * 0
    for k in range(len(p)):
        result = result * x + p[k]
    return result


@rewritten("polyfit")
def polyfit(x: Any, y: Any, deg: int) -> Any:
    """Least squares on scaled powers, as NumPy has it."""
    powers = np.vander(x, deg + 1)
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    coefficients = np.linalg.lstsq(powers / scale, y, rcond=len(x) * np.finfo(float).eps)[0]
    return (coefficients.T / scale).T


@rewritten("vander")
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    powers = range(len(x) if N is None else N)
    return np.stack([x**k for k in (powers if increasing else reversed(powers))], axis=1)


@tangent_of("geomspace", "stop")
def geomspace(run: Run, y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    """y times the straight line between the relative slopes of both ends."""
    (a, ta), (b, tb) = split(start), split(stop)
    return y * np.linspace(ta / a, tb / b, num, endpoint=endpoint)


@tangent_of("logspace", "stop")
def logspace(
    run: Run, y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0
) -> Any:
    return y * np.log(base) * np.linspace(split(start)[1], split(stop)[1], num, endpoint=endpoint)
