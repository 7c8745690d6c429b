"""NumPy's linear algebra on duals. Stacks of matrices are welcome wherever NumPy takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.oracles.dual_array import Run, plain
from checks.oracles.dual_rules import register, rewritten, split, tangent_of

__all__: list[str] = []


def H(a: Any) -> Any:
    """Conjugate transpose of each matrix in a stack."""
    return np.conjugate(np.swapaxes(a, -1, -2))


def note_degenerate(run: Run, name: str, spectrum: Any) -> None:
    """Equal eigenvalues (singular values), to rounding: they and their vectors have kinks there."""
    size = spectrum.shape[-1]
    if size > 1:
        scale = np.max(np.abs(spectrum), axis=-1, keepdims=True)
        gaps = np.abs(np.diff(np.sort(spectrum, axis=-1), axis=-1))
        run.kink(name, gaps <= size * np.finfo(spectrum.dtype).eps * scale)


# ------------------------------------------------------------------ systems of equations
@tangent_of("linalg.solve", "b")
def solve(run: Run, x: Any, a: Any, b: Any) -> Any:
    """A dx = db - dA x."""
    (A, dA), (_, db) = split(a), split(b)
    if x.ndim == A.ndim - 1:
        return np.linalg.solve(A, db[..., None] - dA @ x[..., None])[..., 0]
    return np.linalg.solve(A, db - dA @ x)


@tangent_of("linalg.inv")
def inv(run: Run, y: Any, a: Any) -> Any:
    return -y @ split(a)[1] @ y


def cofactors(A: Any) -> Any:
    """d det / dA: products of all singular values but one, so that singular matrices are welcome."""
    u, s, vh = np.linalg.svd(A)
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool), 1, s[..., None, :])
    phase = np.linalg.det(u) * np.linalg.det(vh)
    return phase[..., None, None] * H(vh) @ (np.prod(others, axis=-1)[..., None] * H(u))


@tangent_of("linalg.det")
def det(run: Run, y: Any, a: Any) -> Any:
    """tr(adj(A) dA)."""
    A, dA = split(a)
    return np.sum(np.swapaxes(cofactors(A), -1, -2) * dA, axis=(-2, -1))


@tangent_of("linalg.slogdet")
def slogdet(run: Run, y: Any, a: Any) -> Any:
    """d log det = tr(A^-1 dA): its real part moves the logarithm, its imaginary part the sign."""
    A, dA = split(a)
    slope = np.trace(np.linalg.solve(A, dA), axis1=-2, axis2=-1)
    sign = y[0]
    moves = sign * 1j * np.imag(slope) if np.iscomplexobj(A) else np.zeros_like(sign)
    return moves, np.real(slope)


@tangent_of("linalg.pinv")
def pinv(run: Run, y: Any, a: Any, rcond: Any = None) -> Any:
    """Constant rank is assumed; a matrix that has not full rank is reported as a kink."""
    A, dA = split(a)
    note_rank(run, "np.linalg.pinv", A, rcond)
    return pinv_tangent(A, dA, y)


def note_rank(run: Run, name: str, A: Any, rcond: Any = None) -> None:
    """A pseudo-inverse jumps where the rank is about to grow."""
    s = np.linalg.svd(A, compute_uv=False)
    cut = max(A.shape[-2:]) * np.finfo(s.dtype).eps if rcond is None or rcond is np._NoValue else rcond
    run.kink(name, s <= cut * np.max(s, axis=-1, keepdims=True))


def pinv_tangent(A: Any, dA: Any, P: Any) -> Any:
    m, n = A.shape[-2:]
    left, right = np.eye(m) - A @ P, np.eye(n) - P @ A
    return -P @ dA @ P + P @ H(P) @ H(dA) @ left + right @ H(dA) @ H(P) @ P


@tangent_of("linalg.lstsq", "b")
def lstsq(run: Run, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    """x = A^+ b, the sums of squared residuals |b - A x|^2, the rank, and the singular values."""
    (A, dA), (B, dB) = split(a), split(b)
    x, residuals, rank, _ = y
    run.kink("np.linalg.lstsq", rank < min(A.shape))
    P = np.linalg.pinv(A)
    miss = B - A @ x
    dresiduals = 2 * np.sum(np.real(np.conjugate(miss) * (dB - dA @ x)), axis=0).reshape(-1)
    return (
        pinv_tangent(A, dA, P) @ B + P @ dB,
        dresiduals if residuals.size else np.zeros_like(residuals),
        None,
        singular_values(A, dA),
    )


# ------------------------------------------------------------------ factorisations
@tangent_of("linalg.cholesky")
def cholesky(run: Run, y: Any, a: Any, *, upper: bool = False) -> Any:
    """dL = L lower(L^-1 dA L^-H), the diagonal of lower() halved. NumPy reads one triangle of A."""
    L = H(y) if upper else y
    dA = from_triangle(split(a)[1], upper)
    inner = np.linalg.solve(L, H(np.linalg.solve(L, H(dA))))
    lower = np.tril(inner)
    lower = lower - 0.5 * lower * np.eye(L.shape[-1])
    dL = L @ lower
    return H(dL) if upper else dL


def from_triangle(A: Any, upper: bool) -> Any:
    """The Hermitian matrix that LAPACK sees: one triangle, mirrored, and the real part of the diagonal."""
    half = np.triu(A, 1) if upper else np.tril(A, -1)
    diagonal = np.real(np.diagonal(A, axis1=-2, axis2=-1))
    return half + H(half) + diagonal[..., None] * np.eye(A.shape[-1], dtype=A.dtype)


def eigen_tangents(run: Run, name: str, a: Any, UPLO: str) -> tuple[Any, Any, Any]:
    A, dA = (from_triangle(x, UPLO.upper() == "U") for x in split(a))
    w, V = np.linalg.eigh(A)
    note_degenerate(run, name, w)
    return w, V, H(V) @ dA @ V


@tangent_of("linalg.eigvalsh")
def eigvalsh(run: Run, y: Any, a: Any, UPLO: str = "L") -> Any:
    inner = eigen_tangents(run, "np.linalg.eigvalsh", a, UPLO)[2]
    return np.real(np.diagonal(inner, axis1=-2, axis2=-1))


@tangent_of("linalg.eigh")
def eigh(run: Run, y: Any, a: Any, UPLO: str = "L") -> Any:
    """dV = V F, F_ij = (V^H dA V)_ij / (w_j - w_i): the vectors keep the phase that LAPACK gave them."""
    w, V = y
    if np.iscomplexobj(V):
        raise run.lose("np.linalg.eigh has no rule for complex matrices: the phase of a vector is arbitrary")
    note_degenerate(run, "np.linalg.eigh", w)
    inner = H(V) @ from_triangle(split(a)[1], UPLO.upper() == "U") @ V
    gap = w[..., None, :] - w[..., :, None]
    eye = np.eye(w.shape[-1], dtype=bool)
    F = np.where(eye, 0, inner / np.where(eye, 1, gap))
    return np.real(np.diagonal(inner, axis1=-2, axis2=-1)), V @ F


@tangent_of("linalg.eigvals")
def eigvals(run: Run, y: Any, a: Any) -> Any:
    """diag(V^-1 dA V). Real eigenvalues about to turn complex are as good as equal, and noted."""
    A, dA = split(a)
    w, V = np.linalg.eig(A)
    gap = np.abs(w[..., None, :] - w[..., :, None]) + np.where(np.eye(w.shape[-1], dtype=bool), np.inf, 0)
    scale = np.max(np.abs(w), axis=-1)[..., None, None]
    run.kink("np.linalg.eigvals", gap <= np.sqrt(np.finfo(np.real(w).dtype).eps) * scale)
    slopes = np.diagonal(np.linalg.solve(V, dA @ V), axis1=-2, axis2=-1)
    return slopes if np.iscomplexobj(y) else np.real(slopes)


def singular_values(A: Any, dA: Any) -> Any:
    u, _, vh = np.linalg.svd(A, full_matrices=False)
    return np.real(np.diagonal(H(u) @ dA @ H(vh), axis1=-2, axis2=-1))


def note_singular(run: Run, name: str, s: Any) -> None:
    """Singular values that are equal, or zero, are at a kink."""
    note_degenerate(run, name, s)
    run.kink(name, s <= s.shape[-1] * np.finfo(s.dtype).eps * np.max(s, axis=-1, keepdims=True))


@tangent_of("linalg.svdvals")
def svdvals(run: Run, y: Any, x: Any) -> Any:
    note_singular(run, "np.linalg.svdvals", y)
    return singular_values(*split(x))


@tangent_of("linalg.svd")
def svd(
    run: Run, y: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """A = U S V^H; the vectors for real matrices with full_matrices=False (or square ones)."""
    A, dA = split(a)
    if hermitian:
        raise run.lose("np.linalg.svd has no rule for hermitian=True")
    if not compute_uv:
        note_singular(run, "np.linalg.svd", y)
        return singular_values(A, dA)
    if np.iscomplexobj(A) or (full_matrices and A.shape[-1] != A.shape[-2]):
        raise run.lose(
            "np.linalg.svd has no rule for the vectors of complex matrices or with full_matrices=True"
        )
    U, s, Vh = y
    note_singular(run, "np.linalg.svd", s)
    inner = H(U) @ dA @ H(Vh)
    eye = np.eye(s.shape[-1], dtype=bool)
    si, sj = s[..., :, None], s[..., None, :]
    F = np.where(eye, 0, 1 / np.where(eye, 1, sj * sj - si * si))
    left = F * (inner * sj + si * H(inner))
    right = F * (si * inner + H(inner) * sj)
    dU = U @ left + (dA @ H(Vh) - U @ inner) / sj
    dV = H(Vh) @ right + (H(dA) @ U - H(Vh) @ H(inner)) / sj
    return dU, np.diagonal(inner, axis1=-2, axis2=-1), H(dV)


@tangent_of("linalg.qr")
def qr(run: Run, y: Any, a: Any, mode: str = "reduced") -> Any:
    """A = Q R with full column rank; Omega is the skew part of Q^T dA R^-1 below the diagonal."""
    A, dA = split(a)
    if mode not in ("reduced", "r") or np.iscomplexobj(A) or A.shape[-2] < A.shape[-1]:
        raise run.lose(
            "np.linalg.qr has a rule for real matrices with at least as many rows as columns, mode='reduced'"
        )
    Q, R = np.linalg.qr(A) if mode == "r" else y
    X = np.swapaxes(np.linalg.solve(np.swapaxes(R, -1, -2), np.swapaxes(dA, -1, -2)), -1, -2)
    inner = H(Q) @ X
    below = np.tril(inner, -1)
    omega = below - H(below)
    dR = np.triu((inner - omega) @ R)
    return dR if mode == "r" else (Q @ omega + X - Q @ inner, dR)


# ------------------------------------------------------------------ powers and norms
@rewritten("linalg.matrix_power")
def matrix_power(a: Any, n: int) -> Any:
    """Binary powers of A, or of its inverse."""
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    result, power = None, a
    while n:
        if n & 1:
            result = power if result is None else result @ power
        n >>= 1
        power = power @ power if n else power
    return a * 0 + np.eye(a.shape[-1]) if result is None else result


def vector_norm_of(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    if ord is None or ord == 2:
        return euclidean(abs_smooth(x), axis, keepdims)
    size = np.abs(x)
    if ord == np.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum((x != 0).astype(size.dtype) + 0 * size, axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    return np.sum(size**ord, axis=axis, keepdims=keepdims) ** (1 / ord)


def euclidean(x: Any, axis: Any, keepdims: bool) -> Any:
    """Square root of the sum of squares; at the origin the slope to the right is the norm of the slopes."""
    run, (value, tangent) = x.run, split(x)
    y = np.sqrt(np.sum(value * value, axis=axis, keepdims=keepdims))
    speed = np.sqrt(np.sum(tangent * tangent, axis=axis, keepdims=keepdims))
    run.kink("np.linalg.norm", (y == 0) & (speed != 0))
    inner = np.sum(value * tangent, axis=axis, keepdims=keepdims)
    return run.dual(y, np.where(y == 0, speed, inner / np.where(y == 0, 1, y)))


def matrix_norm_of(x: Any, ord: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    row, column = (a % x.ndim for a in axes)
    if ord in (None, "fro", "f"):
        return euclidean(abs_smooth(x), (row, column), keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        summed, picked = (row, column) if abs(ord) == 1 else (column, row)
        sums = np.sum(np.abs(x), axis=summed, keepdims=True)
        result = (np.max if ord > 0 else np.min)(sums, axis=picked, keepdims=True)
    else:
        matrices = np.moveaxis(x, (row, column), (-2, -1))
        s = np.linalg.svd(matrices, compute_uv=False)
        result = np.sum(s, axis=-1) if ord == "nuc" else s[..., 0] if ord == 2 else s[..., -1]
        result = np.expand_dims(result, tuple(sorted((row, column))))
    return result if keepdims else np.squeeze(result, axis=(row, column))


def abs_smooth(x: Any) -> Any:
    """Real entries as they are, for their squares have no kink; complex ones side by side would, so |x|."""
    return np.abs(x) if np.iscomplexobj(x) else x


@rewritten("linalg.norm")
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """As NumPy: axis None and ord None is the 2-norm of all entries."""
    if axis is None:
        if ord is None or (np.ndim(x) == 1 and ord == 2) or (np.ndim(x) == 2 and ord in ("fro", "f")):
            return euclidean(abs_smooth(x), None, keepdims)
        axis = tuple(range(np.ndim(x)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 1:
        return vector_norm_of(x, ord, axes[0], keepdims)
    return matrix_norm_of(x, ord, axes, keepdims)


@rewritten("linalg.vector_norm")
def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return vector_norm_of(x, ord, axis, keepdims)


@rewritten("linalg.matrix_norm")
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return matrix_norm_of(x, ord, (-2, -1), keepdims)


@rewritten("linalg.cond")
def cond(x: Any, p: Any = None) -> Any:
    if p in (None, 2, -2):
        s = np.linalg.svd(x, compute_uv=False)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return np.linalg.norm(x, p, (-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, (-2, -1))


@rewritten("linalg.tensorsolve")
def tensorsolve(a: Any, b: Any) -> Any:
    size = int(np.prod(np.shape(b)))
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)), np.ravel(b)), np.shape(a)[np.ndim(b) :])


@rewritten("linalg.tensorinv")
def tensorinv(a: Any, ind: int = 2) -> Any:
    shape = np.shape(a)
    size = int(np.prod(shape[:ind]))
    return np.reshape(np.linalg.inv(np.reshape(a, (size, size))), shape[ind:] + shape[:ind])


def _rank(run: Run, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    run.note("np.linalg.matrix_rank: piecewise constant, tangent 0")
    return function(*plain(args), **plain(kwargs))


register("linalg.matrix_rank", _rank)
