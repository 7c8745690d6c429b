"""The oracle's contract: what it returns, what it says beside the number, and what it refuses."""

# ruff: noqa: E501 - a case is a line

import dataclasses
import itertools
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.oracles.dual_array import FUNCTIONS, DualArray, Run
from checks.oracles.dual_ufuncs import RULES
from checks.oracles.forward_mode import DoesNotApply, ForwardDerivative, derivative, rounding


def one(fun, x, v, **options):
    return derivative(lambda leaves: fun(leaves[0]), [np.asarray(x)], [np.asarray(v)], **options)


# ------------------------------------------------------------------ values and tangents
def test_the_derivative_of_several_leaves():
    result = derivative(lambda p: p[0] @ p[1], [np.ones((2, 3)), np.arange(3.0)], [np.ones((2, 3)), np.ones(3)])
    assert isinstance(result, ForwardDerivative)
    np.testing.assert_array_equal(result.value, [3, 3])
    np.testing.assert_array_equal(result.tangent, [6, 6])
    assert result.kinks == ()
    assert result.notes == ()
    assert result.eps == np.finfo(float).eps
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.value = 0


def test_a_leaf_that_the_function_does_not_use_has_derivative_zero():
    result = derivative(lambda p: p[0].sum(), [np.ones(2), np.ones(3)], [np.zeros(2), np.ones(3)])
    assert result.tangent == 0


def test_zero_dimensional_leaves_and_results():
    result = one(lambda x: x**3, np.array(2.0), np.array(1.0))
    assert result.value.shape == result.tangent.shape == ()
    assert result.tangent == 12


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_dtype_is_kept(dtype):
    result = one(lambda x: np.tanh(2 * x) + x**2 / 3, np.array([0.5, -0.25], dtype), np.array([1, 2], dtype))
    assert result.value.dtype == result.tangent.dtype == dtype
    assert result.eps == float(np.finfo(dtype).eps)


def test_longdouble_tangents_have_longdouble_digits():
    x = np.array([0.7], np.longdouble)
    for fun, slope in (
        (np.exp2, np.exp2(x) * np.log(np.longdouble(2))),
        (np.log10, 1 / (x * np.log(np.longdouble(10)))),
        (np.tanh, 1 / np.cosh(x) ** 2),
        (np.deg2rad, np.longdouble(np.deg2rad(np.longdouble(1)))),
    ):
        assert np.abs(one(fun, x, np.ones_like(x)).tangent / slope - 1) < 4 * np.finfo(np.longdouble).eps


@pytest.mark.parametrize("z", [3.0, 12.0, 18.5, 40.0, -25.0, 300.0])
def test_saturated_slopes_keep_their_digits(z):
    """1 - tanh^2 is 0 from z = 19 on; the slope is 4 exp(-2 |z|)."""
    e = np.exp(-2 * np.abs(np.longdouble(z)))
    exact = 4 * e / (1 + e) ** 2
    assert np.abs(one(np.tanh, z, 1.0).tangent / exact - 1) < 8 * 2**-52


def test_a_deep_saturating_net_agrees_with_longdouble():
    """15 sigmoid layers: the first layer's slope is far below the rounding of the loss."""
    rng = np.random.default_rng(1)
    W = [rng.standard_normal((6, 6)) / 2.4 for _ in range(15)]
    v = [rng.standard_normal((6, 6)) * (l == 0) for l in range(15)]

    def loss(W):
        a = np.ones((6, 2), W[0].dtype) / 3
        for w in W:
            z = w @ a
            a = 1 / (1 + np.exp(-z))
        return ((a - 0.3) ** 2).sum()

    double = derivative(loss, W, v)
    long = derivative(loss, [w.astype(np.longdouble) for w in W], [u.astype(np.longdouble) for u in v])
    assert 0 < np.abs(long.tangent) < 1e-9
    assert np.abs(double.tangent / long.tangent - 1) < 1e-12


def net_loss(activation):
    def loss(leaves):
        a = np.linspace(-1, 1, 3 * leaves[0].shape[1], dtype=leaves[0].dtype).reshape(-1, 3)
        for W in leaves:
            a = activation(W @ a)
        e = np.exp(a - a.max(axis=0, keepdims=True))
        return -np.log((e / e.sum(axis=0))[0]).mean()

    return loss


def test_the_measured_rounding_covers_the_error_and_the_last_operation_alone_does_not():
    """Against longdouble: random nets, one leaf moving, five directions."""
    rng = np.random.default_rng(11)
    covered, naive = [], []
    for k in range(40):
        widths = rng.integers(2, 12, size=rng.integers(3, 10))
        W = [rng.standard_normal((n, m)) / np.sqrt(m) for m, n in itertools.pairwise(widths)]
        fun = net_loss([np.tanh, lambda z: np.maximum(z, 0) + 0.1 * z, lambda z: 1 / (1 + np.exp(-z))][k % 3])
        leaf = rng.integers(len(W))
        errors, bars, slopes = [], [], []
        for _ in range(5):
            v = [rng.standard_normal(w.shape) * (i == leaf) for i, w in enumerate(W)]
            exact = derivative(fun, W, v)
            long = derivative(fun, [w.astype(np.longdouble) for w in W], [u.astype(np.longdouble) for u in v])
            errors.append(float(np.abs(exact.tangent - long.tangent)))
            bars.append(float(rounding(fun, W, v, exact, rng)))
            slopes.append(float(np.abs(exact.tangent)))
        covered += [e / max(bars) for e in errors]
        naive += [e / (2**-52 * s) for e, s in zip(errors, slopes, strict=True)]
    assert max(covered) < 4
    assert np.median(covered) > 1 / 100  # and it is no mere upper bound
    assert max(naive) > 40


# ------------------------------------------------------------------ kinks
KINKS = {
    "np.maximum": (lambda x: np.maximum(x, 0).sum(), [0.0, 1.0], 1),
    "np.minimum": (lambda x: np.minimum(x, [0.0, 1.0]).sum(), [0.0, 1.0], 2),
    "np.fmax": (lambda x: np.fmax(x[0], 2 * x[1]), [2.0, 1.0], 1),
    "np.absolute": (lambda x: np.abs(x).sum(), [0.0, 1.0], 1),
    "np.fabs": (lambda x: np.fabs(x).sum(), [0.0, -0.0], 2),
    "np.greater": (lambda x: np.where(x > 0, x, 0).sum(), [0.0, 1.0], 1),
    "np.greater_equal": (lambda x: x[x >= 1].sum(), [0.0, 1.0], 1),
    "np.less": (lambda x: x[0] if x[0] < 0 else 2 * x[1], [0.0, 1.0], 1),
    "np.less_equal": (lambda x: (x * (x <= 0)).sum(), [0.0, 1.0], 1),
    "np.equal": (lambda x: np.where(x == 0, 1.0, x).sum(), [0.0, 1.0], 1),
    "np.not_equal": (lambda x: np.where(x != 1, 1.0, x).sum(), [0.0, 1.0], 1),
    "np.sign": (lambda x: (x * np.sign(x)).sum(), [0.0, 1.0], 1),
    "np.heaviside": (lambda x: (x * np.heaviside(x, 0.5)).sum(), [0.0, 1.0], 1),
    "np.hypot": (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], 1),
    "np.arctan2": (lambda x: np.arctan2(x[0], x[1]), [0.0, -1.0], 1),
    "np.copysign": (lambda x: np.copysign(2.0, x).sum() + x.sum(), [0.0, 1.0], 1),
    "np.floor": (lambda x: (np.floor(x) + x).sum(), [0.5, 1.0], 1),
    "np.ceil": (lambda x: (np.ceil(x) + x).sum(), [0.5, 1.0], 1),
    "np.trunc": (lambda x: (np.trunc(x) + x).sum(), [0.0, 1.0], 1),
    "np.rint": (lambda x: (np.rint(x) + x).sum(), [0.5, 1.0], 1),
    "np.round": (lambda x: (np.round(x, 1) + x).sum(), [0.25, 1.0], 1),
    "np.remainder": (lambda x: (x % 0.5).sum(), [0.2, 1.0], 1),
    "np.floor_divide": (lambda x: (x // 0.5 + x).sum(), [0.2, 1.0], 1),
    "np.modf": (lambda x: np.modf(x)[0].sum(), [0.2, 1.0], 1),
    "np.power": (lambda x: (x**1.5).sum(), [0.0, 1.0], 1),
    "np.linalg.norm": (lambda x: np.linalg.norm(x), [0.0, 0.0], 1),
    "np.sort": (lambda x: np.sort(x)[0], [1.0, 1.0], 1),
    "np.argsort": (lambda x: x[np.argsort(x)][0], [1.0, 1.0], 1),
    "np.median": (lambda x: np.median(x), [1.0, 1.0, 3.0], 1),
    "np.quantile": (lambda x: np.quantile(x, 0.5), [1.0, 1.0, 3.0], 1),
    "np.unique": (lambda x: np.unique(x), [1.0, 1.0, 3.0], 1),
    "np.partition": (lambda x: np.partition(x, 1)[1], [1.0, 1.0, 3.0], 1),
    "np.interp": (lambda x: np.interp(x, [0, 1, 2], [0.0, 3, 1]).sum(), [1.0, 0.5], 1),
    "np.searchsorted": (lambda x: np.searchsorted([0, 1, 2], x) + x, [1.0, 0.5], 1),
    "truth value": (lambda x: x[0] * 2 if x[0] else x[1], [0.0, 1.0], 1),
    "np.where": (lambda x: np.where(x, 1.0, x), [0.0, 1.0], 1),
    "np.any": (lambda x: x * np.any(x), [0.0, 0.0], 2),
    "np.count_nonzero": (lambda x: x * np.count_nonzero(x), [0.0, 1.0], 1),
    "np.linalg.eigvalsh": (lambda x: np.linalg.eigvalsh(np.diag(x)), [1.0, 1.0, 3.0], 1),
    "np.linalg.svd": (lambda x: np.linalg.svd(np.diag(x), compute_uv=False), [1.0, 1.0, 3.0], 1),
    "np.linalg.pinv": (lambda x: np.linalg.pinv(np.diag(x)), [1.0, 0.0], 1),
    "math.floor": (lambda x: x * x[0].__floor__(), [1.0, 0.5], 1),
}


@pytest.mark.parametrize("name", KINKS)
def test_an_evaluation_exactly_at_a_kink_says_so(name):
    fun, x, entries = KINKS[name]
    v = np.linspace(1, 2, len(x))
    kinks = dict(one(fun, x, v).kinks)
    assert kinks.get(name) == entries, kinks


@pytest.mark.parametrize("name", KINKS)
def test_beside_the_kink_nothing_is_said(name):
    fun, x, _ = KINKS[name]
    v = np.linspace(1, 2, len(x))
    assert one(fun, np.array(x) + 0.01 * v, v).kinks == ()


@pytest.mark.parametrize("name", [n for n in KINKS if n not in ("np.linalg.pinv", "np.linalg.eigvalsh", "np.linalg.svd")])
def test_at_a_kink_that_does_not_move_nothing_is_said(name):
    """A dead unit whose input is exactly 0 and stays there, or a mask of zeros, is no kink of this direction."""
    fun, x, _ = KINKS[name]
    kinks = one(fun, x, np.zeros(len(x))).kinks
    assert kinks == ()


@pytest.mark.parametrize("v", [1.0, -1.0])
@pytest.mark.parametrize(
    ("fun", "plus", "minus"),
    [(lambda x: np.maximum(x, 0), 1, 0), (lambda x: np.minimum(0, x), 0, -1), (np.abs, 1, 1),
     (lambda x: np.max(np.stack([x, -x])), 1, 1), (lambda x: np.linalg.norm(x[None]), 1, 1), (lambda x: np.hypot(x, 0.0), 1, 1),
     (lambda x: np.clip(x, 0, 1), 1, 0)],
)  # fmt: skip
def test_at_a_tie_the_slope_is_the_one_to_the_right(fun, plus, minus, v):
    result = one(fun, 0.0, v)
    assert result.tangent == (plus if v > 0 else minus)
    assert result.kinks


def test_an_infinite_slope_of_what_does_not_move_is_zero_and_noted():
    result = one(lambda x: np.sqrt(x).sum(), [0.0, 4.0], [0.0, 1.0])
    assert result.tangent == 0.25
    assert result.kinks == (("np.sqrt", 1),)


def test_what_where_does_not_choose_does_not_count():
    result = one(lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum(), [-0.0, 4.0], [0.0, 1.0])
    assert result.tangent == 0.25
    with np.errstate(invalid="ignore", divide="ignore"):
        result = one(lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0.0).sum(), [-2.0, 4.0], [1.0, 1.0])
    assert result.tangent == 0.25
    assert result.kinks == ()


def test_a_tie_of_shifts_that_cancel_is_still_reported():
    """Softmax is smooth at equal logits, its shift is not: the number is right, and the warning stands."""
    def softmax(z):
        e = np.exp(z - z.max())
        return e / e.sum()

    result = one(softmax, np.zeros(3), [1.0, 0.0, -1.0])
    np.testing.assert_allclose(result.tangent, [1 / 3, 0, -1 / 3], atol=1e-16)
    assert result.kinks == (("np.maximum", 1),)


# ------------------------------------------------------------------ notes and precision
@pytest.mark.parametrize(
    ("fun", "name"),
    [(lambda x: x * x.astype(int), "astype(int64)"), (lambda x: x + np.floor(x), "np.floor"), (lambda x: x * round(x[0]), "round()"),
     (lambda x: x * np.round(x), "np.round"), (lambda x: x * np.rint(x), "np.rint"), (lambda x: x * np.sign(x), "np.sign"),
     (lambda x: x + x // 1, "np.floor_divide"), (lambda x: x + np.sum(x, dtype=int), "dtype int64"),
     (lambda x: x * np.digitize(x, [0, 1]), "np.digitize"), (lambda x: x * np.linalg.matrix_rank(x), "matrix_rank")],
)  # fmt: skip
def test_what_is_constant_piecewise_is_noted(fun, name):
    result = one(fun, [1.3, 2.7], [1.0, -1.0])
    assert any(name in n for n in result.notes), result.notes


def test_smooth_code_has_no_notes():
    assert one(lambda x: np.tanh(x).sum() / len(x), [1.3, 2.7], [1.0, -1.0]).notes == ()


def test_a_lower_precision_on_the_way_is_seen():
    narrow = one(lambda x: (x.astype(np.float32) ** 2).astype(float), [1.3, 2.7], [1.0, -1.0])
    assert narrow.eps == float(np.finfo(np.float32).eps)
    assert narrow.value.dtype == float
    buffer = one(lambda x: np.add(x, 1, out=np.zeros_like(x, dtype=np.float32)), [1.3, 2.7], [1.0, -1.0])
    assert buffer.eps == float(np.finfo(np.float32).eps)
    assert one(lambda x: x * np.float32(2), [1.3, 2.7], [1.0, -1.0]).eps == np.finfo(float).eps


# ------------------------------------------------------------------ refusals
@pytest.mark.parametrize(
    ("fun", "reason"),
    [(lambda x: np.i0(x), "np.i0"), (lambda x: np.linalg.eig(np.outer(x, x)), "np.linalg.eig has no rule"),
     (lambda x: float(x[0]), "float()"), (lambda x: x[0].item(), ".item()"), (lambda x: np.roots(x), "np.roots"),
     (lambda x: np.exp(x, out=np.zeros(2)), "np.exp: out="), (lambda x: 3.0, "plain float"), (lambda x: np.spacing(x), "np.spacing"),
     (lambda x: x if isinstance(x, np.ndarray) else x + 1, "differs"), (lambda x: x.sum() if isinstance(x, np.ndarray) else x, "shape"),
     (lambda x: np.sqrt(x - [1.3, 2.7]), "finite"), (lambda x: np.interp(x, [0, 1], [0, 1], period=3), "np.interp"),
     (lambda x: x.tobytes() and x, "tobytes"), (lambda x: np.linalg.solve(np.asarray(np.outer(x, x) + np.eye(2)), np.ones(2)), "TypeError")],
)  # fmt: skip
def test_the_reason_names_what_stood_in_the_way(fun, reason):
    with pytest.raises(DoesNotApply) as refusal:
        one(fun, [1.3, 2.7], [1.0, -1.0])
    assert reason in str(refusal.value)


def test_an_error_that_only_duals_cause_is_named():
    def fun(x):
        if not isinstance(x, np.ndarray):
            raise RuntimeError("cannot read this\nsecond line")
        return x

    with pytest.raises(DoesNotApply, match=r"^RuntimeError: cannot read this$"):
        one(fun, [1.0], [1.0])


def test_an_error_of_the_function_itself_survives():
    def fun(x):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        one(fun, [1.0], [1.0])


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_interrupts_pass(stop):
    def fun(x):
        if not isinstance(x, np.ndarray):
            raise stop
        return x

    with pytest.raises(stop):
        one(fun, [1.0], [1.0])


@pytest.mark.parametrize(
    ("leaves", "tangents", "error", "message"),
    [([np.arange(3)], [np.ones(3)], TypeError, "leaves\\[0\\] must be a real floating-point array, got dtype int64"),
     ([np.ones(3) * 1j], [np.ones(3)], TypeError, "complex128"), ([np.array(["a"])], [np.ones(1)], TypeError, "leaves"),
     ([np.ones(3)], [np.ones(2)], ValueError, "tangents\\[0\\] must be a real array of shape \\(3,\\)"),
     ([np.ones(3)], [], ValueError, "one array for each of the 1 leaves, got 0")],
)  # fmt: skip
def test_misuse(leaves, tangents, error, message):
    with pytest.raises(error, match=message):
        derivative(lambda p: p[0].sum(), leaves, tangents)


# ------------------------------------------------------------------ runs
def test_the_value_may_be_given_and_saves_an_evaluation():
    calls = []

    def fun(x):
        calls.append(type(x))
        return x.sum()

    one(fun, [1.0, 2.0], [1.0, 0.0], value=3.0)
    assert calls == [DualArray]
    with pytest.raises(DoesNotApply, match="differs"):
        one(fun, [1.0, 2.0], [1.0, 0.0], value=3.5)


def test_a_dual_that_outlives_its_run_is_its_value():
    kept = {}

    def fun(x):
        kept["a"] = x**2
        kept["s"] = kept["a"][0]
        return kept["a"].sum()

    one(fun, [1.0, 3.0], [1.0, 1.0])
    a, s = kept["a"], kept["s"]
    assert type(np.exp(a)) is np.ndarray
    assert type(a + 1) is np.ndarray
    assert type(np.sum(a)) is np.float64
    assert float(s) == 1
    assert a.tolist() == [1, 9]
    plain = np.zeros(2)
    plain[:] = a
    plain += a
    assert plain.tolist() == [2, 18]
    assert np.asarray(a, dtype=float).dtype == float
    # and in the next run it is a constant
    assert one(lambda x: (x * a).sum(), [1.0, 1.0], [1.0, 0.0]).tangent == 1


def test_a_state_that_is_kept_is_not_carried_into_the_next_run():
    class Counter:
        total = 0.0

        def __call__(self, x):
            y = x * 2
            self.last = y
            return y.sum()

    counter = Counter()
    for _ in range(3):
        assert one(counter, [1.0, 3.0], [1.0, 1.0]).tangent == 4
    assert counter(np.ones(2)) == 4


def test_nested_runs_are_refused():
    def outer(x):
        return one(lambda y: y * 2, x, np.ones(2)).value

    with pytest.raises((TypeError, DoesNotApply)):
        one(outer, [1.0, 2.0], [1.0, 1.0], value=np.array([2.0, 4.0]))


def test_mixed_runs_are_refused():
    first, second = Run(), Run()
    a, b = first.dual(np.ones(2), np.ones(2)), second.dual(np.ones(2), np.ones(2))
    with pytest.raises(TypeError, match="mixed"):
        a + b
    assert first.lost
    assert second.lost


def test_threads_do_not_disturb_each_other():
    results = {}

    def work(k):
        for _ in range(20):
            results[k] = one(lambda x: (x**k).sum(), [1.0, 2.0], [0.0, 1.0]).tangent

    threads = [threading.Thread(target=work, args=(k,)) for k in (2, 3, 4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {2: 4, 3: 12, 4: 32}


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(-4, 4))
def test_the_tangent_is_linear_in_the_direction(seed, scale):
    rng = np.random.default_rng(seed)
    x, v, w = rng.standard_normal((3, 2, 3))
    fun = lambda x: np.tanh(x @ x.T).sum(axis=0) / (1 + np.exp(-x)).prod()  # noqa: E731
    both = one(fun, x, v + scale * w).tangent
    apart = one(fun, x, v).tangent + scale * one(fun, x, w).tangent
    np.testing.assert_allclose(both, apart, rtol=1e-12, atol=1e-12)


# ------------------------------------------------------------------ what it stands on
def test_it_loads_numpy_and_nothing_else():
    code = (
        "import sys; import checks.oracles.forward_mode;"
        "print([m for m in ('sympy', 'hypothesis', 'rich', 'dnn', 'derivations', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_there_are_rules_for_what_people_write():
    assert len(RULES) > 70
    assert len(FUNCTIONS) > 200
    for name in ["sum", "mean", "einsum", "where", "concatenate", "linalg.solve", "fft.fft", "sort", "interp"]:
        function = np
        for part in name.split("."):
            function = getattr(function, part)
        assert function in FUNCTIONS
