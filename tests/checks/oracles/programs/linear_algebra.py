"""Linear algebra."""

import numpy as np

from tests.checks.oracles.programs.registry import program


@program((3, 3))
def log_determinant(A):
    return np.log(np.linalg.det(A @ A.T + np.eye(3)))


@program((3, 3))
def nuclear_norm(A):
    return np.linalg.norm(A, "nuc")


@program((3, 3))
def spectral_norm(A):
    return np.linalg.norm(A, 2)


@program((3, 3))
def largest_eigenvalue(A):
    return np.linalg.eigvalsh(A + A.T)[-1]


@program((3, 3))
def matrix_exponential_series(A):
    term, total = np.eye(3), np.eye(3)
    for k in range(1, 12):
        term = term @ A / k
        total = total + term
    return total.sum()


@program((3, 3))
def power_iteration(A):
    v = np.ones(3)
    for _ in range(8):
        v = A @ v
        v /= np.linalg.norm(v)
    return v @ A @ v


@program((4, 3))
def principal_components(X):
    X = X - X.mean(axis=0)
    return np.linalg.svd(X, compute_uv=False)[0] ** 2


@program((3, 3))
def matrix_square_root(A):
    w, V = np.linalg.eigh(A @ A.T + np.eye(3))
    return ((V * np.sqrt(w)) @ V.T).sum()


@program((4, 3))
def pseudo_inverse(A):
    return (np.linalg.pinv(A) ** 2).sum()


@program((4, 3))
def gram_schmidt(A):
    basis = []
    for column in A.T:
        w = column - sum((np.dot(column, q) * q for q in basis), np.zeros(4))
        basis.append(w / np.linalg.norm(w))
    return np.stack(basis)[2, 0]


@program((3, 3), (3,))
def gaussian_elimination(A, b):
    A, b = A.copy(), b.copy()
    for k in range(3):
        for i in range(k + 1, 3):
            factor = A[i, k] / A[k, k]
            A[i, k:] -= factor * A[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros_like(b)
    for i in reversed(range(3)):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x.sum()


@program((4,), (3,))
def tridiagonal_matrix(d, e):
    return np.linalg.det(np.diag(d + 2) + np.diag(e, 1) + np.diag(e, -1))


@program((2, 2), (2, 2))
def kronecker_trace(A, B):
    return np.trace(np.kron(A, B) @ np.kron(B, A))


@program((3, 3))
def fill_the_diagonal(A):
    A = A.copy()
    np.fill_diagonal(A, A.sum(axis=1))
    return np.linalg.det(A)
