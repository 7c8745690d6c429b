"""Every rule of the dual array, in every argument pattern, against finite differences.

A case is a line of NumPy in x, y, z and what these are. Each is run with every non-empty subset of its variables
dual and the others plain, in float64 against finite differences (written here, not borrowed), and in float32 and
longdouble, which must keep their dtype. A case whose tangent finite differences could not tell from a slightly wrong
one would prove nothing, so that is asserted as well.
"""

# ruff: noqa: E501 - a case is a line

import itertools
import re

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from checks.oracles.dual_array import FUNCTIONS, DualArray, Run
from checks.oracles.dual_ufuncs import RULES
from checks.oracles.forward_mode import derivative
from tests.effort import one_in


def draw(shape, low, high, seed):
    return np.random.default_rng(seed).uniform(low, high, shape)


def matrices(shape, seed):
    n = shape[-1]
    return draw(shape, -1, 1, seed) + 2 * np.eye(shape[-2], n)


def spd(shape, seed):
    a = draw(shape, -1, 1, seed)
    return a @ np.swapaxes(a, -1, -2) + np.diag(np.arange(1.0, shape[-1] + 1))


NUMPY_2 = np.lib.NumpyVersion(np.__version__) >= "2.0.0"
# Where a variable lives: (shape, low, high), or an array.
GENERAL, POSITIVE, UNIT = (-1.7, 1.9), (0.3, 2.1), (-0.8, 0.9)


def finite_difference(fun, points, directions):
    """Central differences, extrapolated twice; the error bar is the last correction plus rounding."""
    def difference(h):
        up, down = (
            np.asarray(fun(*(x + s * h * v for x, v in zip(points, directions, strict=True)))) for s in (1, -1)
        )
        return (up - down) / (2 * h)

    # A power of two, so that halving it is exact; 2^-9 keeps off the kinks.
    h = 2.0**-9
    d = [difference(h / 2**k) for k in range(4)]
    size = np.max(np.abs(fun(*points)), initial=1)
    table = d
    for k in (1, 2, 3):
        previous, table = table, [(4**k * b - a) / (4**k - 1) for a, b in itertools.pairwise(table)]
    bar = np.abs(table[-1] - previous[-1]) + 32 * np.finfo(float).eps * size / h
    return table[-1], bar


def forward(fun, points, directions, moving):
    """Forward mode with only the `moving` variables dual, the others plain constants."""
    def of_leaves(leaves):
        given = dict(zip(moving, leaves, strict=True))
        return fun(*(given.get(i, np.array(x)) for i, x in enumerate(points)))

    return derivative(of_leaves, [points[i] for i in moving], [directions[i] for i in moving])


def compile_case(text, names):
    return eval(f"lambda {', '.join(names)}: {text}", {"np": np})


def check(text, variables):
    names = list(variables)
    fun = compile_case(text, names)
    points = [
        np.array(v, dtype=float) if isinstance(v, np.ndarray) else draw(v[0], v[1], v[2], seed)
        for seed, v in enumerate(variables.values(), start=3)
    ]
    directions = [draw(x.shape, -1, 1, seed + 50) for seed, x in enumerate(points)]
    for count in range(1, len(names) + 1):
        for moving in itertools.combinations(range(len(names)), count):
            still = [v if i in moving else np.zeros_like(v) for i, v in enumerate(directions)]
            exact = forward(fun, points, directions, moving)
            assert np.array_equal(exact.value, fun(*points), equal_nan=True), "the value is not NumPy's own"
            estimate, bar = finite_difference(fun, points, still)
            assert np.all(np.abs(exact.tangent - estimate) <= 4 * bar), (moving, exact.tangent, estimate, bar)
            if np.any(exact.tangent):  # the comparison must be able to fail
                assert np.max(bar) <= 1e-7 * max(np.max(np.abs(exact.tangent)), 1e-2), bar
            assert not exact.kinks
            # The same direction through zero tangents instead of plain constants.
            everything = forward(fun, points, still, tuple(range(len(names))))
            np.testing.assert_allclose(everything.tangent, exact.tangent, rtol=1e-13, atol=1e-14)
            check_dtypes(fun, points, still, moving, exact)


def check_dtypes(fun, points, directions, moving, exact):
    for dtype in (np.float32, np.longdouble):
        cast, along = [x.astype(dtype) for x in points], [v.astype(dtype) for v in directions]
        try:
            expected = np.asarray(fun(*cast))
        except TypeError:  # linear algebra has no longdouble
            continue
        result = forward(fun, cast, along, moving)
        assert result.value.dtype == result.tangent.dtype == expected.dtype
        scale = max(np.max(np.abs(exact.tangent), initial=0), np.max(np.abs(exact.value), initial=0), 1)
        # Single precision, times what the conditioning of these small cases can cost.
        assert np.max(np.abs(result.tangent - exact.tangent), initial=0) <= 2e4 * np.finfo(np.float32).eps * scale


UNARY = {
    GENERAL: "exp exp2 expm1 sin cos arctan sinh cosh tanh arcsinh square negative positive deg2rad rad2deg degrees "
    "radians sign absolute fabs floor ceil trunc rint conjugate sinc real nan_to_num copy cumsum sum prod mean var "
    "std max min ptp median sort ravel flip cumprod nansum nanprod nanmean nanvar nanstd nanmax nanmin nancumsum "
    "nancumprod squeeze diff ediff1d gradient round around",
    POSITIVE: "log log2 log10 log1p sqrt cbrt reciprocal",
    UNIT: "arcsin arccos arctanh tan",
    (1.2, 3.0): "arccosh",
}
BINARY = "add subtract multiply true_divide divide maximum minimum fmax fmin hypot arctan2 logaddexp logaddexp2"
SHAPES = [((), ()), ((3,), ()), ((), (3,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((0, 2), (2,))]


def unary_cases():
    for (low, high), names in UNARY.items():
        for name in names.split():
            for shape in ((5,), (2, 3)):
                yield f"np.{name}(x)", {"x": (shape, low, high)}
    for name in [n for (_, names) in UNARY.items() for n in names.split()][:25]:
        low, high = next(k for k, names in UNARY.items() if name in names.split())
        yield f"np.{name}(x[()])", {"x": ((), low, high)}


def binary_cases():
    for name in BINARY.split():
        for a, b in SHAPES:
            yield f"np.{name}(x, y)", {"x": (a, 0.4, 1.9), "y": (b, 2.1, 3.2)}
            yield f"np.{name}(y, x)", {"x": (a, 0.4, 1.9), "y": (b, 2.1, 3.2)}
    for operator in ["+", "-", "*", "/", "**", "%", "//"]:
        for a, b in SHAPES[:-1]:
            yield f"x {operator} y", {"x": (a, 2.1, 2.8), "y": (b, 0.7, 0.95)}
        yield f"x {operator} 3", {"x": ((4,), 0.3, 1.9)}
        yield f"x {operator} 2.5", {"x": ((4,), 0.3, 1.9)}
        yield f"2 {operator} x", {"x": ((4,), 0.7, 0.95)}
        yield f"2.5 {operator} x", {"x": ((4,), 0.7, 0.8)}
        yield f"np.arange(1, 5) {operator} x", {"x": ((4,), 0.7, 0.8)}
        yield f"x {operator} np.arange(1, 5)", {"x": ((4,), 0.3, 0.9)}
        yield f"x[0] {operator} x[1]", {"x": ((2,), 0.7, 0.8)}


S3, S34, S234 = ((3,), *GENERAL), ((3, 4), *GENERAL), ((2, 3, 4), *GENERAL)
M, MS = matrices((3, 3), 5), matrices((2, 3, 3), 6)
P, PS = spd((3, 3), 7), spd((2, 3, 3), 8)
TALL, WIDE = draw((5, 3), -1, 1, 9), draw((3, 5), -1, 1, 10)

CASES = [
    # ------------------------------------------------ ufuncs with more to them
    *[(f"np.power(x, {k})", {"x": ((4,), *GENERAL)}) for k in ("0", "1", "2", "3", "-1", "-2", "2.0", "0.0")],
    *[(f"x ** {k}", {"x": ((4,), *POSITIVE)}) for k in ("0.5", "-0.5", "1.5", "np.float64(2)", "np.int64(3)", "-2")],
    ("np.power(x, np.array([0, 1, 2, 3]))", {"x": ((4,), *GENERAL)}),
    ("np.power(x, np.array([0., 1., 2., -3.]))", {"x": ((4,), *GENERAL)}),
    ("np.float_power(x, y)", {"x": ((3,), *POSITIVE), "y": ((3,), *GENERAL)}),
    ("np.power(np.arange(1, 4), y)", {"y": ((3,), *GENERAL)}),
    ("np.copysign(x, y)", {"x": ((5,), *GENERAL), "y": ((5,), *GENERAL)}),
    ("np.heaviside(x, y)", {"x": ((5,), *GENERAL), "y": ((5,), *GENERAL)}),
    ("np.remainder(x, y)", {"x": ((4,), 3.1, 3.8), "y": ((4,), 0.83, 0.97)}),
    ("np.fmod(x, y)", {"x": ((4,), -3.6, -3.2), "y": ((4,), 0.86, 0.99)}),
    ("np.floor_divide(x, y)", {"x": ((4,), 3.1, 3.8), "y": ((4,), 0.83, 0.97)}),
    ("np.divmod(x, y)[1]", {"x": ((4,), 3.1, 3.8), "y": ((4,), 0.83, 0.97)}),
    ("divmod(x, y)[1] + divmod(x, y)[0]", {"x": ((4,), 3.1, 3.8), "y": ((4,), 0.83, 0.97)}),
    ("np.modf(x)[0] * np.modf(x)[1]", {"x": ((4,), 3.1, 3.8)}),
    ("np.frexp(x)[0] + np.frexp(x)[1]", {"x": ((4,), 2.1, 3.8)}),
    ("np.ldexp(x, 3)", {"x": S3}),
    ("np.ldexp(x, np.array([1, 2, -1]))", {"x": S3}),
    ("abs(x) + +x - -x", {"x": S3}),
    ("np.round(x, 1) * x", {"x": np.array([0.31, 0.82])}),
    ("x.round(1) + x", {"x": np.array([0.31, 0.82])}),
    ("round(x[0], 1) * x[1]", {"x": np.array([0.31, 0.82])}),
    ("np.around(x) * x", {"x": S3}),
    ("np.add(x, x ** 2, where=np.array([True, False, True]), out=x * 2)", {"x": S3}),
    ("np.exp(x, out=np.zeros_like(x))", {"x": S3}),
    ("np.multiply(x, y, dtype=None)", {"x": S3, "y": S3}),
    # ------------------------------------------------ ufunc methods
    *[(f"np.{u}.reduce(x{o})", {"x": S34}) for u in ("add", "multiply", "maximum", "minimum", "fmax", "fmin")
      for o in ("", ", axis=1", ", axis=None", ", axis=(0, 1)", ", axis=1, keepdims=True", ", axis=-1, initial=0.25")],
    *[(f"np.{u}.reduce(x, axis=1, where=x < 1.0, initial=-9.0)", {"x": S34}) for u in ("add", "multiply", "maximum")],
    *[(f"np.{u}.accumulate(x{o})", {"x": S34}) for u in ("add", "multiply", "maximum", "minimum", "logaddexp", "subtract")
      for o in ("", ", axis=1")],
    *[(f"np.{u}.reduce(x, axis={a})", {"x": ((2, 3), *POSITIVE)}) for u in ("logaddexp", "hypot", "subtract", "true_divide")
      for a in (0, 1)],
    *[(f"np.{u}.outer(x, y)", {"x": S3, "y": ((2,), *POSITIVE)}) for u in ("add", "multiply", "maximum", "subtract", "true_divide")],
    ("np.subtract.outer(x, y)", {"x": ((2, 2), *GENERAL), "y": ((3,), *GENERAL)}),
    ("np.add.reduceat(x, [0, 2, 3])", {"x": ((5,), *GENERAL)}),
    ("np.add.reduceat(x, [0, 2], axis=1)", {"x": S34}),
    # ------------------------------------------------ sums and statistics, by function and by method
    *[(f"np.{f}(x{o})", {"x": S234}) for f in ("sum", "mean", "var", "std", "max", "min", "prod", "ptp", "median", "amax",
                                               "nansum", "nanmax", "nanmin", "nanmean", "nanvar", "nanstd", "nanprod")
      for o in (", axis=0", ", axis=-1", ", axis=(0, 2)", ", axis=1, keepdims=True", ", keepdims=True")
      if hasattr(np, f) and not (f == "prod" and "," not in o)],
    *[(f"x.{f}({o})", {"x": S34}) for f in ("sum", "mean", "var", "std", "max", "min", "prod") for o in ("", "axis=0", "1")],
    *[(f"x.{f}", {"x": S34}) for f in (
        "cumsum()", "cumsum(axis=1)", "cumprod()", "cumprod(axis=0)", "T", "real", *(["mT"] if hasattr(np.ndarray, "mT") else []), "ravel()", "flatten()", "copy()",
        "reshape(4, 3)", "reshape((2, 6))", "reshape(-1)", "reshape(2, 6, order='F')", "transpose()", "transpose(1, 0)",
        "swapaxes(0, 1)", "squeeze()", "diagonal()", "trace()", "take([0, 2], axis=1)", "repeat(2, axis=0)",
        "compress([True, False, True], axis=0)", "clip(-0.5, 0.7)", "clip(min=0)", "clip(max=0.5)", "dot(np.ones(4))",
        "astype(float)", "astype(x.dtype, copy=False)", "conj()", "conjugate()", "flat[3]", "flat[1:4]",
        "ravel('F')", "flatten('F')")],
    ("np.sum(x, initial=3.0)", {"x": S34}),
    ("np.sum(x, axis=0, where=x > 0)", {"x": S34}),
    ("np.mean(x, where=x > 0)", {"x": S34}),
    ("np.var(x, axis=0, ddof=1, where=x > -9)", {"x": S34}),
    ("np.std(x, ddof=1)", {"x": S34}),
    ("np.max(x, initial=0.3, axis=0)", {"x": S34}),
    ("np.min(x, where=x > 0, initial=5, axis=0)", {"x": S34}),
    ("np.prod(x, axis=0, initial=2.0)", {"x": S34}),
    ("np.prod(np.array([1., 0., 1., 1.]) * x, axis=1)", {"x": S34}),
    ("np.prod(np.array([1., 0., 0., 1.]) * x)", {"x": S34}),
    ("np.average(x)", {"x": S34}),
    ("np.average(x, axis=1)", {"x": S34}),
    ("np.average(x, weights=y)", {"x": S34, "y": ((3, 4), *POSITIVE)}),
    ("np.average(x, axis=1, weights=y)", {"x": S34, "y": ((4,), *POSITIVE)}),
    ("np.average(x, axis=0, weights=y, keepdims=True)", {"x": S34, "y": ((3,), *POSITIVE)}),
    ("np.average(x, axis=0, weights=y, returned=True)[0]", {"x": S34, "y": ((3,), *POSITIVE)}),
    *[(f"np.quantile(x, {q}{o})", {"x": S34}) for q in ("0.3", "[0.1, 0.5, 0.77]", "0.0", "1.0")
      for o in ("", ", axis=0", ", axis=1, keepdims=True", ", axis=(0, 1)")],
    *[(f"np.quantile(x, 0.3, axis=1, method={m!r})", {"x": S34}) for m in (
        "lower", "higher", "nearest", "midpoint", "median_unbiased", "hazen", "weibull", "inverted_cdf", "normal_unbiased")],
    ("np.percentile(x, 35)", {"x": S34}),
    ("np.percentile(x, [10, 90], axis=1)", {"x": S34}),
    ("np.cov(x)", {"x": S34}),
    ("np.cov(x, rowvar=False)", {"x": S34}),
    ("np.cov(x, y, bias=True)", {"x": ((5,), *GENERAL), "y": ((5,), *GENERAL)}),
    ("np.corrcoef(x)", {"x": S34}),
    # ------------------------------------------------ order
    ("np.sort(x, axis=0)", {"x": S34}),
    ("np.sort(x, axis=None)", {"x": S34}),
    ("np.partition(x, 2)[2]", {"x": ((6,), *GENERAL)}),
    ("x[np.argsort(x)]", {"x": ((6,), *GENERAL)}),
    ("x[np.argmax(x)] * x[x.argmin()]", {"x": ((6,), *GENERAL)}),
    ("np.take_along_axis(x, np.argsort(x, axis=1), axis=1)", {"x": S34}),
    ("np.unique(x)", {"x": ((6,), *GENERAL)}),
    ("np.unique(x, return_inverse=True)[0]", {"x": ((6,), *GENERAL)}),
    ("x[np.lexsort((x,))]", {"x": ((6,), *GENERAL)}),
    ("np.searchsorted(np.sort(x), 0.1) + x.sum()", {"x": ((6,), *GENERAL)}),
    ("x[np.argpartition(x, 2)[:2]].sum()", {"x": ((6,), *GENERAL)}),
    # ------------------------------------------------ shape, joining, choosing
    *[(f"np.{f}", {"x": S34}) for f in (
        "reshape(x, (2, 6))", "ravel(x, order='F')", "transpose(x)", "swapaxes(x, 0, 1)", "moveaxis(x, 0, 1)", "rollaxis(x, 1)",
        "expand_dims(x, 1)", "broadcast_to(x, (2, 3, 4))", "diag(x)", "diag(x[0])", "diag(x, 1)", "diagflat(x)", "diagonal(x, 1)",
        "trace(x)", "trace(x, offset=1)", "flip(x)", "flip(x, 1)", "fliplr(x)", "flipud(x)", "rot90(x)", "rot90(x, 2)",
        "repeat(x, 2)", "repeat(x, [1, 0, 2], axis=0)", "tile(x, 2)", "tile(x, (2, 1))", "resize(x, (2, 3))", "roll(x, 1)",
        "roll(x, 2, axis=1)", "tril(x)", "triu(x, 1)", "split(x, 2, axis=1)[1]", "array_split(x, 3, axis=1)[0]",
        "hsplit(x, 2)[0]", "vsplit(x, 3)[1]", "take(x, [0, 5])", "take(x, [[0, 1], [2, 2]], axis=0)", "delete(x, 1, axis=0)",
        "take(a=x, indices=[1], axis=1)", "sum(a=x)", "atleast_1d(x[0, 0])", "atleast_2d(x[0])", "atleast_3d(x)",
        "cumsum(x, axis=1)", "diff(x)", "diff(x, n=2, axis=0)", "diff(x, prepend=0.0)", "diff(x, axis=0, append=np.ones((1, 4)))",
        "ediff1d(x, to_begin=1.0)", "gradient(x)[0]", "gradient(x, 0.5, axis=1)", "gradient(x[0], np.array([0., 1, 3, 4]))",
        "gradient(x, axis=1, edge_order=2)", "pad(x, 1)", "pad(x, ((1, 0), (0, 2)), constant_values=7)", "pad(x, 1, mode='edge')",
        "pad(x, 2, mode='reflect')", "pad(x, 2, mode='symmetric')", "pad(x, 2, mode='wrap')", "pad(x, 2, mode='mean')",
        "pad(x, 1, mode='linear_ramp', end_values=4.0)", "pad(x, 2, mode='reflect', reflect_type='odd')",
        "nan_to_num(x, nan=3.0)", "where(x > 0, x, 0)", "where(x > 0, x, -x)", "where(x > 0, 1.0, x ** 2)", "real(x)",
        "compress([True, False, True], x, axis=0)", "extract(x > 0, x)", "select([x > 1, x > 0], [x, x ** 2], default=0.5)",
        "select([x > 1, x > 0], [x, x ** 2], x[0, 0])", "piecewise(x, [x < 0, x >= 0], [lambda t: -t, lambda t: t ** 2])",
        "piecewise(x, [x < 0], [0.0, np.sqrt])", "apply_along_axis(np.sum, 0, x)", "apply_along_axis(lambda r: r / r.sum(), 1, x)",
        "apply_along_axis(np.outer, 1, x, np.ones(2))", "ones_like(x) * x", "zeros_like(x) + x", "full_like(x, 3.0) * x",
        "full_like(x, x[0, 0])", "fft.fftshift(x)", "concatenate([x, np.ones((1, 4))])",
        "clip(x, -0.5, 0.5)", "full_like(x, x)", *(["clip(x, None, None)"] if NUMPY_2 else []), "clip(x, None, x[0, 0] + 0.05)", "clip(x, 0, None)", "vander(x[0])", "vander(x[0], 3, increasing=True)",
        "polyval([1.0, -2.0, 0.5], x)", "polyval(x[0], 0.7)", "polyval(x[0], x[1])", "insert(x, 1, 5.0, axis=0)",
        "insert(x[0], 1, x[1, 1])", "append(x, 1.0)", "append(x, x, axis=0)", "choose([0, 2, 1, 0], x)",
        "bincount([0, 1, 1, 2], weights=x[0])", "trapezoid(x)" if hasattr(np, "trapezoid") else "trapz(x)",
        "linspace(x[0], 2.0, 5)", "linspace(0, x[0, 1], 4, endpoint=False)", "geomspace(x[0, 0] ** 2, x[0, 1] ** 2, 4)",
        "logspace(x[0, 0], x[0, 1], 3)", "sinc(x)", "sinc(x / 10)", "angle(x) + x.sum()",
        *(["matrix_transpose(x)"] if hasattr(np, "matrix_transpose") else []),
    )],
    *[(f"np.{f}", {"x": S34, "y": S34}) for f in (
        "concatenate([x, y])", "concatenate((x, y), axis=1)", "concatenate([x, y], axis=None)", "stack([x, y])", "stack([x, y], axis=-1)",
        "vstack([x, y])", "hstack([x, y])", "dstack([x, y])", "column_stack([x[0], y[0]])", "block([[x, y], [y, x]])",
        "hstack([x[0, 0], y[0], 2.0])", "where(x > y, x, y)", "where(x > 0, x, y[0])",
        "multiply(*np.meshgrid(x[0], y[0]))", "multiply(*np.meshgrid(x[0], y[0], indexing='ij'))", "multiply(*np.broadcast_arrays(x, y[0]))", "append(x, y)",
        "insert(x, 0, y[0], axis=0)", "choose([0, 1, 0, 1], [x[0], y[0]])", "copysign(x, y)", "select([x > 0, y > 0], [y, x])",
        "diff(x, prepend=y[:, :1])", "linspace(x[0], y[0], 3)", "average(np.stack([x, y]), axis=0)",
    )],
    # ------------------------------------------------ products
    *[(t, {"x": a, "y": b}) for t, a, b in (
        ("x @ y", S34, ((4, 2), *GENERAL)), ("x @ y", S3, ((3, 2), *GENERAL)), ("x @ y", S34, ((4,), *GENERAL)),
        ("x @ y", S3, S3), ("x @ y", S234, ((4, 2), *GENERAL)), ("np.matmul(x, y)", S234, ((2, 4, 2), *GENERAL)),
        ("np.dot(x, y)", S34, ((4, 2), *GENERAL)), ("np.dot(x, y)", S3, S3), ("np.dot(x, y)", S34, ((), *GENERAL)),
        ("np.inner(x, y)", S34, S34), ("np.outer(x, y)", S3, ((2,), *GENERAL)),
        ("np.vdot(x, y)", S34, S34), ("np.kron(x, y)", ((2, 2), *GENERAL), ((2, 3), *GENERAL)), ("np.cross(x, y)", ((2, 3), *GENERAL), S3),
        ("np.tensordot(x, y, axes=1)", S34, ((4, 2), *GENERAL)), ("np.tensordot(x, y, axes=([0], [1]))", S34, ((2, 3), *GENERAL)),
        ("np.einsum('ij,jk->ik', x, y)", S34, ((4, 2), *GENERAL)), ("np.einsum('ij,ij', x, y)", S34, S34),
        ("np.einsum('bij,kj->bik', x, y, optimize=True)", S234, ((2, 4), *GENERAL)), ("np.einsum('i,i,i->', x, y, x)", S3, S3),
        ("np.convolve(x, y)", ((5,), *GENERAL), S3), ("np.convolve(x, y, mode='same')", ((5,), *GENERAL), S3),
        ("np.correlate(x, y, mode='valid')", ((5,), *GENERAL), S3), ("np.linalg.multi_dot([x, y, x])", S34, ((4, 3), *GENERAL)),
        ("np.interp(x, [-2.0, -0.4, 0.6, 2.0], y)", S3, ((4,), *GENERAL)), ("np.interp(x, [-1.0, 0.6, 1.0], y, left=0.0)", S3, S3),
        ("np.polyval(x, y)", S3, ((2,), *GENERAL)), ("np.matmul(x, y, axes=[(0, 1), (1, 0), (0, 1)])", S34, ((2, 4), *GENERAL)),
    )],
    ("np.amin(x, axis=1)", {"x": S34}),
    ("np.dsplit(x, 2)[1]", {"x": S234}),
    ("np.imag(np.exp(1j * x))", {"x": S34}),
    ("np.imag(x) + x", {"x": S34}),
    *([(f"np.{t}", {"x": S34, "y": S34}) for t in (
        "linalg.cross(x[:, :3], y[:, 1:])", "linalg.matmul(x, y.T)", "linalg.outer(x[0], y[1])", "linalg.tensordot(x, y, axes=2)")]
      + [(f"np.{t}", {"x": S34}) for t in (
        "cumulative_sum(x, axis=1)", "cumulative_sum(x, axis=0, include_initial=True)", "cumulative_prod(x, axis=1)",
        "linalg.matrix_transpose(x)")] if NUMPY_2 else []),
    *([("np.stack(np.unstack(x * x, axis=1))", {"x": S34})] if hasattr(np, "unstack") else []),
    *([("np.vecmat(x, y)", {"x": S3, "y": S34})] if hasattr(np, "vecmat") else []),
    ("np.lib.stride_tricks.sliding_window_view(x, (2, 2)).sum(axis=(2, 3)) ** 2", {"x": S34}),
    ("np.lib.stride_tricks.sliding_window_view(x, 2, axis=1)", {"x": S34}),
    ("np.polyfit(x, y, 2)", {"x": ((6,), *GENERAL), "y": ((6,), *GENERAL)}),
    ("np.polyfit(np.arange(6.0), y, 1)", {"y": ((6, 2), *GENERAL)}),
    ("np.unwrap(x)", {"x": ((6,), -9.0, 9.0)}),
    ("np.unwrap(x, axis=0, period=2.0)", {"x": S34}),
    ("np.einsum('ii', x)", {"x": ((3, 3), *GENERAL)}),
    ("np.einsum('ii->i', x)", {"x": ((3, 3), *GENERAL)}),
    ("np.einsum('ij->j', x)", {"x": S34}),
    ("np.einsum('ij,jk,kl->il', x, x.T, x)", {"x": S34}),
    ("np.interp(0.3, x, [1.0, 2.0, 5.0])", {"x": np.array([-1.0, 0.1, 1.0])}),
    *([("np.vecdot(x, y)", {"x": S34, "y": ((4,), *GENERAL)}), ("np.vecdot(x, y, axis=0)", {"x": S34, "y": S34}),
       ("np.linalg.vecdot(x, y)", {"x": S34, "y": S34})] if hasattr(np, "vecdot") else []),
    *([("np.matvec(x, y)", {"x": S34, "y": ((4,), *GENERAL)})] if hasattr(np, "matvec") else []),
    *[(f"np.{'trapezoid' if hasattr(np, 'trapezoid') else 'trapz'}(x, {o})", {"x": ((4,), *GENERAL), **({"y": ((4,), *GENERAL)} if "y" in o else {})})
      for o in ("y", "dx=0.5", "x=y", "np.arange(4.)")],
    # ------------------------------------------------ linear algebra
    ("np.linalg.solve(x, y)", {"x": M, "y": ((3,), *GENERAL)}),
    ("np.linalg.solve(x, y)", {"x": M, "y": ((3, 2), *GENERAL)}),
    ("np.linalg.solve(x, y)", {"x": MS, "y": ((2, 3, 2), *GENERAL)}),
    ("np.linalg.solve(x, y)", {"x": MS, "y": ((1, 3, 2), *GENERAL)}),
    *([("np.linalg.solve(x, y)", {"x": MS, "y": ((3,), *GENERAL)})] if NUMPY_2 else []),
    *[(f"np.linalg.{f}", {"x": m}) for m in (M, MS) for f in (
        "inv(x)", "det(x)", "slogdet(x)[1]", "matrix_power(x, 0)", "matrix_power(x, 1)", "matrix_power(x, 5)", "matrix_power(x, -2)",
        "svd(x, compute_uv=False)", "cond(x)", "cond(x, 1)", "norm(x, axis=(-2, -1))", "qr(x)[0]", "qr(x)[1]", "qr(x, mode='r')",
        "eigvalsh(x)", "eigvalsh(x, UPLO='U')", "eigh(x)[1] ** 2", "eigh(x)[0]", "eigh(x, 'U')[1] ** 2")],
    ("np.linalg.det(x * np.array([1.0, 0.0, 1.0]))", {"x": M}),
    ("np.linalg.det(x * np.array([[1.0], [0.0], [0.0]]))", {"x": M}),
    *[(f"np.linalg.{f}", {"x": m}) for m in (P, PS) for f in ("cholesky(x)", "eigvalsh(x)")],
    *([("np.linalg.cholesky(x, upper=True)", {"x": P})] if NUMPY_2 else []),
    *[(f"np.linalg.{f}", {"x": m}) for m in (TALL, WIDE) for f in (
        "pinv(x)", "svd(x, compute_uv=False)", "svd(x, full_matrices=False)[0] ** 2", "svd(x, full_matrices=False)[1]",
        "svd(x, full_matrices=False)[2] ** 2", "norm(x, 'nuc')", "lstsq(x, np.arange(1., len(x) + 1), rcond=None)[0]",
        "lstsq(x, np.ones((len(x), 2)), rcond=None)[0]", "lstsq(x, np.arange(1., len(x) + 1), rcond=None)[3]")],
    ("np.linalg.lstsq(x, y, rcond=None)[0]", {"x": TALL, "y": ((5,), *GENERAL)}),
    ("np.linalg.lstsq(x, y, rcond=None)[1]", {"x": TALL, "y": ((5, 2), *GENERAL)}),
    ("np.linalg.lstsq(x, y, rcond=None)[1]", {"x": TALL, "y": ((5,), *GENERAL)}),
    ("np.linalg.qr(x)[0]", {"x": TALL}),
    ("np.linalg.eigvals(x)", {"x": P}),
    ("np.linalg.eigvals(x)", {"x": np.array([[0.0, 1.0, 0.2], [-1.0, 0.1, 0.0], [0.3, 0.0, 2.0]])}),
    *[(f"np.linalg.norm(x{o})", {"x": S34}) for o in (
        "", ", 'fro'", ", 'nuc'", ", 1", ", -1", ", 2", ", -2", ", np.inf", ", -np.inf", ", axis=0", ", axis=1, keepdims=True",
        ", 1, axis=0", ", np.inf, axis=1", ", -np.inf, axis=1", ", 3, axis=1", ", 0.5, axis=1", ", 0, axis=1", ", 2, axis=1",
        ", 'fro', axis=(0, 1)", ", axis=(1, 0), keepdims=True", ", 'fro', keepdims=True")],
    *[(f"np.linalg.norm(x{o})", {"x": S3}) for o in ("", ", 1", ", 2", ", np.inf", ", 4", ", keepdims=True")],
    *[(f"np.linalg.norm(x, {o!r}, axis=(0, 2))", {"x": np.arange(24.0).reshape(2, 3, 4) ** 1.5 / 30 + 0.1}) for o in ("fro", "nuc", 1, 2)],
    *([(f"np.linalg.{f}", {"x": S34}) for f in ("vector_norm(x)", "vector_norm(x, axis=1)", "vector_norm(x, ord=1, axis=0)",
        "vector_norm(x, ord=3)", "matrix_norm(x)", "matrix_norm(x, ord=1)", "matrix_norm(x, ord=2)", "svdvals(x)", "trace(x)", "diagonal(x)")]
      if hasattr(np.linalg, "vector_norm") else []),
    ("np.linalg.tensorsolve(x.reshape(3, 3), y)", {"x": M, "y": ((3,), *GENERAL)}),
    ("np.linalg.tensorinv(x, ind=1)", {"x": M}),
    ("np.linalg.matrix_rank(x) * x.sum()", {"x": M}),
    # ------------------------------------------------ complex numbers on the way
    *[(f"{f}", {"x": ((6,), *GENERAL)}) for f in (
        "np.abs(np.fft.fft(x))", "np.fft.rfft(x).real", "np.fft.rfft(x).imag", "np.fft.irfft(np.fft.rfft(x) ** 2)", "np.fft.ifft(x).imag",
        "np.angle(np.fft.fft(x)[1])", "np.real(np.conj(np.fft.fft(x)) * np.fft.fft(x))", "np.abs(x + 1j * x ** 2) ** 2",
        "np.exp(1j * x).imag", "np.sqrt(x + 2j).real", "np.abs(np.tanh(x + 0.5j))", "np.fft.hfft(x)", "np.fft.ihfft(x).real",
        "np.linalg.norm(np.fft.fft(x))", "np.var(np.exp(1j * x))", "np.fft.fft(x, n=8, norm='ortho').imag", "(1j * x).imag",
        "np.abs(np.prod(x + 1j))", "np.linalg.norm(x + 1j, 1)", "np.log(x + 3j).real", "np.power(x + 1j, 2.5).imag", "np.fft.fft(x)",
        "np.linalg.norm((x + 1j).reshape(2, 3), axis=1)", "np.vdot(x + 1j, x * 1j).real", "np.absolute(x + 0j)")],
    *[(f"{f}", {"x": S34}) for f in (
        "np.abs(np.fft.fft2(x))", "np.fft.ifft2(x).imag", "np.fft.fftn(x).real", "np.fft.ifftn(x).real", "np.fft.rfft2(x).imag",
        "np.fft.irfft2(np.fft.rfft2(x) ** 2)", "np.fft.rfftn(x).imag", "np.fft.irfftn(np.fft.rfftn(x))", "np.fft.fft(x, axis=0).imag",
        "np.fft.ifftshift(x)", "np.linalg.slogdet((x + 1j)[:, :3])[1]", "np.linalg.slogdet((x + 1j)[:, :3])[0].real",
        "np.linalg.det((x + 1j)[:, :3]).imag", "np.linalg.inv((x + 1j)[:, :3]).imag")],
    # ------------------------------------------------ indexing
    *[(f"x[{i}]", {"x": S234}) for i in ("0", "-1, 2", "..., 0", "None, 1", ":, ::2", "[0, 1, 1]", "[0, 1], [2, 2]", "x > 0",
                                        "np.array([[0, 1], [1, 0]])", "1, 2, 3", "..., ::-1", "np.ix_([0], [1, 2])", "slice(1)", "()")],
]


ALL = [*unary_cases(), *binary_cases(), *CASES]


@pytest.mark.parametrize(("text", "variables"), ALL, ids=lambda v: v if isinstance(v, str) else "")
def test_rule_agrees_with_finite_differences(text, variables):
    check(text, variables)


@pytest.mark.parametrize(("text", "variables"), one_in(3, ALL), ids=lambda v: v if isinstance(v, str) else "")
def test_tangents_share_memory_only_where_values_do(text, variables):
    """Else an update of the result in place would change the tangent of an argument, and nothing would tell."""
    names = list(variables)
    fun = compile_case(text, names)
    run = Run()
    duals = []
    for seed, v in enumerate(variables.values(), start=3):
        x = np.array(v, dtype=float) if isinstance(v, np.ndarray) else np.array(draw(v[0], v[1], v[2], seed))
        duals.append(run.dual(x, np.ones_like(x)))
    with np.errstate(all="ignore"):
        result = fun(*duals)
    if isinstance(result, DualArray) and isinstance(result.value, np.ndarray):
        for x in duals:
            assert np.shares_memory(result.value, x.value) == np.shares_memory(result.tangent, x.tangent)
        assert result.value.strides == result.tangent.strides
        assert result.value.flags.writeable == result.tangent.flags.writeable


# Not differentiated: plain results, new arrays, writers and text, held to their contracts in the other test files.
PLAIN = {
    "shape", "ndim", "size", "iscomplexobj", "isrealobj", "iscomplex", "isreal", "result_type", "can_cast", "min_scalar_type",
    "common_type", "may_share_memory", "shares_memory", "isclose", "allclose", "array_equal", "array_equiv", "einsum_path",
    "isposinf", "isneginf", "tril_indices_from", "triu_indices_from", "diag_indices_from", "all", "any", "nonzero", "flatnonzero", "argwhere", "count_nonzero", "nanargmax", "nanargmin",
    "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_xor",
    "logical_not", "isnan", "isinf", "isfinite", "signbit", "digitize",
}  # fmt: skip
ELSEWHERE = {
    "copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "array_str", "array_repr", "array2string",
    "zeros", "ones", "empty", "eye", "identity", "full", "empty_like", "array", "asarray", "asanyarray",
    "ascontiguousarray", "asfortranarray",
    "trapz", "fix",  # older names of trapezoid and trunc, which newer NumPy deprecates
}  # fmt: skip


def test_every_rule_has_a_case():
    used = set(re.findall(r"np\.((?:linalg\.|fft\.|lib\.stride_tricks\.)?\w+)\(", " ".join(text for text, _ in ALL)))
    used_functions = set()
    for name in used:
        function = np
        for part in name.split("."):
            function = getattr(function, part, None)
        used_functions.add(function)
    methods = set(re.findall(r"x\.(\w+)\(", " ".join(text for text, _ in ALL)))
    operators = {np.add, np.subtract, np.multiply, np.true_divide, np.power, np.matmul}
    missing = sorted(
        {f.__name__ for f in (*RULES, *FUNCTIONS) if f not in used_functions | operators and f.__name__ not in methods}
    )
    assert sorted(set(missing) - PLAIN - ELSEWHERE) == []


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_plain_results_are_plain_and_numpys_own(name):
    """With every argument pattern; what asks about a value must get the value's answer."""
    function = getattr(np, name)
    x = np.array([0.5, -1.5, np.nan, np.inf])
    calls = {
        "can_cast": [lambda z: function(z.dtype, np.float32)], "digitize": [lambda z: function(z, [0, 1]), lambda z: function([0.3], z[1::-1])],
        **{f"{d}_indices_from": [lambda z: function(np.reshape(z, (2, 2)))] for d in ("tril", "triu", "diag")},
        "einsum_path": [lambda z: function("i,i", z, z)[1]],
    }.get(name)  # fmt: skip
    if calls is None:
        one, two, reverse = (lambda z: function(z)), (lambda z: function(z, x)), (lambda z: function(x, z))
        unary = getattr(function, "nin", 0) == 1 or name.startswith(("is", "all", "any", "arg", "nan", "count", "flat", "nonz", "min"))
        unary |= name in ("shape", "ndim", "size", "common_type")
        unary &= name != "isclose"
        unary &= name not in ("allclose",)
        calls = [one] if unary else [two, reverse, lambda z: function(z, z)]
    for call in calls:
        seen = []

        def fun(leaves, call=call, seen=seen):
            seen.append(call(leaves[0]))
            return leaves[0][:2].sum()

        derivative(fun, [x], [np.ones(4)])
        plain, dual = seen
        if name not in ("may_share_memory", "shares_memory"):
            assert str(plain) == str(dual)
        assert type(plain) is type(dual)


NEW = ["zeros((2, 2), like=x)", "ones((2, 2), like=x)", "empty(0, like=x)", "eye(2, like=x)", "identity(2, like=x)", "full((2, 2), 3.0, like=x)",
       "array([[1.0, 2.0]], like=x)", "asarray([[1.0, 2.0]], like=x)", "asanyarray([1.0, 2.0], like=x)", "empty_like(x[:0])", "zeros_like(x)",
       "ascontiguousarray([1.0, 2.0], like=x)", "asfortranarray([1.0, 2.0], like=x)", "array([x[0, 0], 2.0], like=x)", "full((2, 2), x[0, 0], like=x)"]  # fmt: skip


@pytest.mark.parametrize("text", NEW)
def test_new_arrays_can_hold_a_tangent(text):
    def fun(leaves):
        x = leaves[0]
        new = eval("np." + text, {"np": np, "x": x})
        assert type(new) is type(x)
        filled = new + 0.0 * x[0, 0]
        new[...] = x[0, 0]
        return filled.sum() + new.sum() * 10

    x = np.array([[0.4, 0.3], [0.2, 0.1]])
    result = derivative(fun, [x], [np.ones((2, 2))])
    size = np.size(eval("np." + text, {"np": np, "x": x}))
    moving = {"array([x[0, 0], 2.0], like=x)": 1, "full((2, 2), x[0, 0], like=x)": 4}.get(text, 0)
    assert result.tangent == pytest.approx(10 * size + moving, rel=1e-14)


def test_integer_arrays_made_like_a_dual_are_plain():
    def fun(leaves):
        assert np.zeros_like(leaves[0], dtype=int).dtype == int
        assert type(np.ones_like(leaves[0], dtype=bool)) is np.ndarray
        return leaves[0]

    derivative(fun, [np.ones(2)], [np.ones(2)])


# ------------------------------------------------------------------ shapes drawn at random
small = {"max_dims": 3, "max_side": 3}


@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, **small), name=st.sampled_from(BINARY.split()), data=st.data())
def test_broadcasting_is_elementwise(shapes, name, data):
    """Entry by entry the tangent is that of the two scalars which meet there; those are checked above."""
    a_shape, b_shape = shapes.input_shapes
    a, ta, tb = draw(a_shape, 0.4, 1.9, 1), draw(a_shape, -1, 1, 2), draw(b_shape, -1, 1, 3)
    b = draw(b_shape, 2.1, 3.2, 4)
    function = getattr(np, name)
    pattern = data.draw(st.sampled_from(["both", "first", "second"]))
    ta, tb = (ta if pattern != "second" else 0 * ta), (tb if pattern != "first" else 0 * tb)

    def both(leaves):
        first = leaves[0] if pattern != "second" else a
        second = leaves[1] if pattern != "first" else b
        return function(first, second)

    result = derivative(both, [a, b], [ta, tb])
    entries = np.broadcast_arrays(a, ta, b, tb)
    assert result.tangent.shape == shapes.result_shape
    for index in np.ndindex(shapes.result_shape):
        x, tx, y, ty = (np.asarray(e[index]) for e in entries)
        single = derivative(lambda p: function(p[0], p[1]), [x, y], [tx, ty])
        # Vector and scalar loops of NumPy may round the last place differently.
        assert abs(result.tangent[index] - single.tangent) <= 8 * 2**-52 * max(1, abs(single.tangent))


reductions = st.sampled_from(["sum", "mean", "max", "min", "prod", "var", "std", "cumsum", "cumprod", "sort", "median", "argmax"])


@given(shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=3), name=reductions, data=st.data(), seed=st.integers(0, 99))
def test_reductions_along_any_axis(shape, name, data, seed):
    """Along an axis is the same as vector by vector; vectors are checked above."""
    x, v = draw(shape, 0.3, 1.9, seed), draw(shape, -1, 1, seed + 100)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    event(f"{name}, {len(shape)} dimensions")
    if name == "argmax":
        function = lambda z, axis: np.take_along_axis(z, np.expand_dims(np.argmax(z, axis=axis), axis), axis)  # noqa: E731
    else:
        function = getattr(np, name)
    result = derivative(lambda p: function(p[0], axis=axis), [x], [v])
    along, tangents = np.moveaxis(x, axis, -1), np.moveaxis(v, axis, -1)
    kept = result.tangent.ndim == x.ndim
    out = np.moveaxis(result.tangent, axis, -1) if kept else result.tangent
    for index in np.ndindex(along.shape[:-1]):
        single = derivative(lambda p: function(p[0], axis=0), [along[index]], [tangents[index]])
        np.testing.assert_allclose(out[index], single.tangent, rtol=1e-11, atol=1e-13)
