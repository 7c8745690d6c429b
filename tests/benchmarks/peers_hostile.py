"""Twenty scalar functions that are hard to difference: (name, f, f', point, scale)."""

from __future__ import annotations

import math

import numpy as np

HOSTILE = [
    ("exp", np.exp, np.exp, 1.0, 1.0),
    ("square of a thousand", lambda x: x * x, lambda x: 2 * x, 1e3, 1e3),
    ("cube of a millionth", lambda x: x**3, lambda x: 3 * x * x, 1e-6, 1e-6),
    ("sin(1e4 x)", lambda x: np.sin(1e4 * x), lambda x: 1e4 * np.cos(1e4 * x), 0.7, 0.7),
    ("sqrt near 0", np.sqrt, lambda x: 0.5 / np.sqrt(x), 3e-6, 1.0),
    ("log near 0", np.log, lambda x: 1 / x, 2e-8, 1.0),
    ("tanh(50 x)", lambda x: np.tanh(50 * x), lambda x: 50 / np.cosh(50 * x) ** 2, 0.03, 1.0),
    ("Runge", lambda x: 1 / (1 + 25 * x * x), lambda x: -50 * x / (1 + 25 * x * x) ** 2, 0.2, 1.0),
    ("1e8 + sin", lambda x: 1e8 + np.sin(x), np.cos, 0.4, 1.0),
    ("1e-8 cos", lambda x: 1e-8 * np.cos(x), lambda x: -1e-8 * np.sin(x), 0.6, 1.0),
    ("exp(-1/x^2)", lambda x: np.exp(-1 / x**2), lambda x: np.exp(-1 / x**2) * 2 / x**3, 0.25, 1.0),
    ("x^x", lambda x: x**x, lambda x: x**x * (np.log(x) + 1), 3.0, 3.0),
    ("|x| near its kink", np.abs, np.sign, -2e-4, 1.0),
    ("relu near its kink", lambda x: max(x, 0.0) + x * x, lambda x: 1 + 2 * x, 3e-7, 1.0),
    ("tanh in float32", lambda x: float(np.tanh(np.float32(x))), lambda x: 1 / np.cosh(x) ** 2, 0.8, 1.0),
    ("expm1(40 x)", lambda x: np.expm1(40 * x), lambda x: 40 * np.exp(40 * x), 1.3, 1.0),
    ("arctan(1e3 x)", lambda x: np.arctan(1e3 * x), lambda x: 1e3 / (1 + 1e6 * x * x), 2e-3, 1.0),
    ("cube root", np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2), 5e-4, 1.0),
    ("polynomial with seven roots", lambda x: math.prod(x - k for k in range(1, 8)),
     lambda x: sum(math.prod(x - k for k in range(1, 8) if k != j) for j in range(1, 8)), 3.6, 3.6),
    ("rounded to six digits", lambda x: round(float(np.sin(x)), 6), np.cos, 0.9, 1.0),
]  # fmt: skip
