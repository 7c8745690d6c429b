"""Signals, fields, differential equations."""

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((8,))
def power_spectrum(x):
    return (np.abs(np.fft.rfft(x)) ** 2)[1:].sum()


@program((8,))
def fft_low_pass(x):
    c = np.fft.rfft(x)
    c[3:] = 0
    return np.sum(np.fft.irfft(c, n=8) ** 2)


@program((8,))
def fft_convolution(x):
    k = np.fft.rfft(np.hanning(8))
    return (np.fft.irfft(np.fft.rfft(x) * k) ** 3).sum()


@program((4, 4))
def image_spectrum(x):
    return np.log1p(np.abs(np.fft.fft2(x))).sum()


@program((8,))
def spectral_phase(x):
    return np.angle(np.fft.fft(x))[1]


@program((6, 6))
def laplacian_by_slices(u):
    lap = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * u[1:-1, 1:-1]
    return np.sum(lap**2)


@program((6, 6))
def laplacian_by_roll(u):
    return np.sum((sum(np.roll(u, s, a) for s in (1, -1) for a in (0, 1)) - 4 * u) ** 2)


@program((6,))
def heat_equation(u):
    u = u.copy()
    for _ in range(5):
        u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u @ u


@program((2,))
def lotka_volterra_euler(p):
    x, y = p
    for _ in range(5):
        x, y = x + 0.1 * (x - x * y), y + 0.1 * (x * y - y)
    return x + 2 * y


@program((2,))
def runge_kutta_pendulum(s):
    f = lambda s: np.array([s[1], -np.sin(s[0])])  # noqa: E731
    for _ in range(3):
        k1 = f(s)
        k2 = f(s + 0.05 * k1)
        k3 = f(s + 0.05 * k2)
        k4 = f(s + 0.1 * k3)
        s = s + 0.1 / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return s[0] ** 2 + s[1]


@program((5,))
def trapezoid_rule(y):
    rule = np.trapezoid if hasattr(np, "trapezoid") else np.trapz  # noqa: NPY201 - NumPy 1.26
    return rule(y**2, np.linspace(0, 1, 5))


@program((6,))
def gradient_energy(y):
    return np.sum(np.gradient(y, 0.1) ** 2)


@program((4,))
def linear_interpolation(y):
    return np.interp([0.1, 1.7, 2.5], np.arange(4), y).sum()


@program((2,))
def interpolation_of_moving_points(x):
    return np.interp(x, [0, 0.7, 2.0], [1.0, 3.0, 2.0]).sum()


@program((4,))
def polynomial_by_horner(c):
    result = 0
    for k in c:
        result = result * 1.3 + k
    return result


@program((4,))
def polynomial_by_polyval(c):
    return np.polyval(c, np.array([0.5, 1.5])).prod()


@program((3, 4))
def padded_image_blur(x):
    p = np.pad(x, 1, mode="edge")
    return np.sum((p[:-2, 1:-1] + p[2:, 1:-1]) ** 2)
