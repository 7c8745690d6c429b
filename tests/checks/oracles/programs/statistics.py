"""Statistics: likelihoods, regressions, moments, time series."""

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((5,), (5,))
def gaussian_log_likelihood(mu, log_sigma):
    x = np.arange(5.0)
    return np.sum(-0.5 * ((x - mu) / np.exp(log_sigma)) ** 2 - log_sigma - 0.5 * np.log(2 * np.pi))


@program((3, 3))
def multivariate_normal(A):
    S = A @ A.T + np.eye(3)
    d = np.array([0.3, -1.0, 0.5])
    return -0.5 * d @ np.linalg.solve(S, d) - 0.5 * np.linalg.slogdet(S)[1]


@program((2,))
def gaussian_process(log_theta):
    x = np.linspace(0, 1, 6)
    amplitude, length = np.exp(log_theta)
    K = amplitude * np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2 / length**2) + 0.1 * np.eye(6)
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L, np.sin(x))
    return 0.5 * alpha @ alpha + np.log(np.diag(L)).sum()


@program((4, 2), (2,))
def logistic_regression(X, w):
    return np.logaddexp(0, -np.array([1, -1, 1, -1]) * (X @ w)).sum() + 0.1 * w @ w


@program((3,))
def ridge_closed_form(y):
    X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    beta = np.linalg.inv(X.T @ X + 0.1 * np.eye(2)) @ X.T @ y
    return np.sum((X @ beta - y) ** 2)


@program((6,))
def least_squares_lstsq(y):
    X = np.vander(np.linspace(0, 1, 6), 3)
    return np.linalg.lstsq(X, y, rcond=None)[0].sum()


@program((6,))
def z_scores(x):
    return np.sum(((x - np.mean(x)) / np.std(x, ddof=1)) ** 3)


@program((6,))
def trimmed_mean(x):
    return np.sort(x)[1:-1].mean()


@program((7,))
def median_absolute_deviation(x):
    return np.median(np.abs(x - np.median(x)))


@program((6,))
def interquartile_range(x):
    low, high = np.percentile(x, [25, 75])
    return high - low


@program((6, 3))
def correlation_matrix(x):
    return np.corrcoef(x, rowvar=False)[0, 1] + np.cov(x.T)[1, 2]


@program((3, 4))
def mixture_responsibilities(log_p):
    r = np.exp(log_p - np.logaddexp.reduce(log_p, axis=0))
    return np.sum(r * np.arange(12).reshape(3, 4))


@program((4,))
def kl_divergence(logits):
    p = np.exp(logits) / np.exp(logits).sum()
    q = np.array([0.1, 0.2, 0.3, 0.4])
    return np.sum(p * np.log(p / q))


@program((5,))
def weighted_average(w):
    return np.average(np.arange(5.0) ** 2, weights=w)


@program((8,))
def autocorrelation(x):
    d = x - x.mean()
    return (np.correlate(d, d, mode="full")[8:] / (d @ d)).sum()


@program((8,))
def exponential_smoothing(x):
    s = x[0]
    total = 0.0
    for value in x[1:]:
        s = 0.3 * value + 0.7 * s
        total += s**2
    return total


@program((10,))
def moving_average(x):
    return (np.convolve(x, np.ones(3) / 3, mode="valid") ** 2).sum()


@program((10,))
def moving_average_by_cumsum(x):
    c = np.cumsum(np.insert(x, 0, 0.0))
    return np.sum(((c[3:] - c[:-3]) / 3) ** 2)
