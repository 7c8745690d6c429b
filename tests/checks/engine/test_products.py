"""Products with a Jacobian, and what all checks share: the right one passes, the wrong one fails."""

import numpy as np
import pytest

from checks import (
    GradientMismatch,
    InputMutated,
    KinkWarning,
    gradcheck,
    hesscheck,
    hvpcheck,
    jaccheck,
    jvpcheck,
    vjpcheck,
)

RNG = np.random.default_rng(3)
W = RNG.standard_normal((5, 4))
X = RNG.standard_normal(4)


def layer(x):
    return np.tanh(W @ x)


def jacobian(x):
    return (1 - layer(x) ** 2)[:, None] * W


@pytest.mark.parametrize("method", ["auto", "finite differences", "complex step", "forward mode"])
def test_vjp(method):
    assert vjpcheck(layer, lambda x, u: jacobian(x).T @ u, X, method=method)
    with pytest.raises(GradientMismatch, match="the vjp of layer"):
        vjpcheck(layer, lambda x, u: W.T @ u, X, method=method)


def test_vjp_of_containers():
    def fun(p):
        return {"y": p["A"] @ p["x"], "s": np.sum(p["x"] ** 2)}

    def vjp(p, u):
        return {"A": np.outer(u["y"], p["x"]), "x": p["A"].T @ u["y"] + 2 * u["s"] * p["x"]}

    def forgets_a_branch(p, u):
        return {"A": np.outer(u["y"], p["x"]), "x": p["A"].T @ u["y"]}

    x0 = {"A": W, "x": X}
    assert vjpcheck(fun, vjp, x0)
    with pytest.raises(GradientMismatch, match=r"x\[") as caught:
        vjpcheck(fun, forgets_a_branch, x0)
    assert [row.verdict for row in caught.value.report.leaves] == ["PASS", "FAIL"]


def test_vjp_that_ignores_or_changes_its_cotangent():
    with pytest.raises(GradientMismatch, match="not linear"):
        vjpcheck(layer, lambda x, u: jacobian(x).T @ np.ones(5), X)

    def changes(x, u):
        u *= 1 - layer(x) ** 2
        return W.T @ u

    with pytest.raises(InputMutated, match="cotangent"):
        vjpcheck(layer, changes, X)


def test_jvp():
    assert jvpcheck(layer, lambda x, v: jacobian(x) @ v, X)
    with pytest.raises(GradientMismatch, match="the jvp of layer"):
        jvpcheck(layer, lambda x, v: jacobian(x) @ v * np.array([1, 1, 1, 1, 1.001]), X)


def test_jvp_that_is_wrong_in_one_column_of_many():
    A = RNG.standard_normal((3, 40))

    def fun(x):
        return np.sin(A @ x)

    def wrong(x, v):
        v = v.copy()
        v[17] *= 1.01
        return np.cos(A @ x) * (A @ v)

    x0 = RNG.standard_normal(40)
    assert jvpcheck(fun, lambda x, v: np.cos(A @ x) * (A @ v), x0)
    with pytest.raises(GradientMismatch, match=r"x0\[17\]"):
        jvpcheck(fun, wrong, x0)


def test_what_is_not_callable():
    for check in (vjpcheck, jvpcheck, jaccheck, hesscheck, hvpcheck):
        with pytest.raises(TypeError, match="callable"):
            check(X, layer, X)
        with pytest.raises(TypeError, match="callable"):
            check(layer, X, X)


@pytest.mark.parametrize(
    ("product", "got"),
    [
        (lambda x, v: 2 * x * v + 1j, "complex128"),
        (lambda x, v: None, "NoneType"),
        (lambda x, v: "1", "str"),
        (lambda x, v: (2 * x * v).astype(int), "int64"),
    ],
)
def test_a_jvp_that_returns_no_real_floats_is_refused(product, got):
    with pytest.raises(TypeError, match=got):
        jvpcheck(lambda x: x**2, product, np.array([0.5, -1.5, 2.0]))


def relu(x, *rest):
    return np.maximum(x, 0)


AT_A_KINK = np.array([0.0, 1.0, -1.0])
KINKED = {
    "gradcheck": lambda: gradcheck(lambda x: np.sum(relu(x)), lambda x: (x > 0) * 1.0, AT_A_KINK),
    "vjpcheck": lambda: vjpcheck(relu, lambda x, u: u * (x > 0), AT_A_KINK),
    "jvpcheck": lambda: jvpcheck(relu, lambda x, v: v * (x > 0), AT_A_KINK),
    "jaccheck": lambda: jaccheck(relu, lambda x: np.diag((x > 0) * 1.0), AT_A_KINK),
    "hesscheck": lambda: hesscheck(relu, lambda x: np.diag((x > 0) * 1.0), AT_A_KINK),
    "hvpcheck": lambda: hvpcheck(relu, lambda x, v: v * (x > 0), AT_A_KINK),
}


@pytest.mark.parametrize("name", KINKED)
def test_a_warning_of_a_kink_points_at_the_callers_line(name):
    with pytest.warns(KinkWarning) as caught:
        KINKED[name]()
    assert [warning.filename for warning in caught] == [__file__]
