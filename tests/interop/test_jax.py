"""JAX: custom_vjp and custom_jvp rules, right and wrong, and what JAX itself refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from checks import GradientMismatch, KinkWarning
from checks.interop.jax import check_function

RNG = np.random.default_rng(0)
Z = RNG.standard_normal((6, 4))
DTYPES = [np.float64, np.float32]


def with_vjp(forward, backward):
    """Return forward with that backward(saved arguments, u)."""
    function = jax.custom_vjp(forward)
    function.defvjp(lambda *args: (forward(*args), args), backward)
    return function


def with_jvp(forward, rule):
    function = jax.custom_jvp(forward)
    function.defjvp(lambda primals, tangents: (forward(*primals), rule(*primals, *tangents)))
    return function


def linear(x, W):
    return x @ W


right_linear = with_vjp(linear, lambda saved, u: (u @ saved[1].T, saved[0].T @ u))


@settings(max_examples=10)
@given(
    rows=st.integers(1, 4),
    inside=st.integers(1, 4),
    out=st.integers(1, 4),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 99),
)
def test_right_vjp_passes_at_every_shape_and_dtype(rows, inside, out, dtype, seed):
    rng = np.random.default_rng(seed)
    x, W = (rng.standard_normal(shape).astype(dtype) for shape in ((rows, inside), (inside, out)))
    report = check_function(right_linear, x, W, raise_exception=False)
    note(str(report))
    assert report
    assert [(row.path, row.shape) for row in report.leaves] == [("x", (rows, inside)), ("W", (inside, out))]


@pytest.mark.parametrize("dtype", DTYPES)
def test_transposed_weight_gradient_is_called_that(dtype):
    wrong = with_vjp(linear, lambda saved, u: (u @ saved[1].T, u.T @ saved[0]))
    x, W = Z.astype(dtype), RNG.standard_normal((4, 4)).astype(dtype)
    with pytest.raises(GradientMismatch, match="W is the transpose of the right gradient") as caught:
        check_function(wrong, x, W)
    assert {row.path: row.verdict for row in caught.value.report.leaves} == {"x": "PASS", "W": "FAIL"}
    assert "check_function(linear, x, W, rng=0)" in str(caught.value)


@pytest.mark.parametrize("dtype", DTYPES)
def test_scalar_function_is_checked_by_its_gradient_and_a_factor_is_named(dtype):
    def mean_square(z):
        return jnp.mean(z**2)

    right = with_vjp(mean_square, lambda saved, u: (u * 2 * saved[0] / saved[0].size,))
    wrong = with_vjp(mean_square, lambda saved, u: (u * 2 * saved[0],))
    assert check_function(right, Z.astype(dtype)).what == "the gradient of mean_square"
    with pytest.raises(
        GradientMismatch, match="z is 24 times the right one: a sum where fun takes the mean of 24"
    ):
        check_function(wrong, Z.astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_jvp_right_and_wrong(dtype):
    def swish(x):
        return x * jax.nn.sigmoid(x)

    def slope(x):
        return jax.nn.sigmoid(x) * (1 + x * (1 - jax.nn.sigmoid(x)))

    assert (
        check_function(with_jvp(swish, lambda x, v: v * slope(x)), Z.astype(dtype)).what == "the jvp of swish"
    )
    with pytest.raises(GradientMismatch, match="the wrong sign"):
        check_function(with_jvp(swish, lambda x, v: -v * slope(x)), Z.astype(dtype))


def test_rules_inside_other_functions_are_reached():
    wrong = with_jvp(jnp.tanh, lambda x, v: v * (1 - x**2))

    def network(params, x):
        return jnp.sum(wrong(x @ params["W"] + params["b"]) ** 2)

    params = {"W": RNG.standard_normal((4, 3)), "b": np.zeros(3)}
    report = check_function(network, params, Z, raise_exception=False)
    assert {row.path: row.verdict for row in report.leaves} == dict.fromkeys(
        ("params['W']", "params['b']", "x"), "FAIL"
    )


def test_arguments_that_are_no_floats_are_handed_on():
    def take(x, indices, power, key):
        return jnp.sum(x[indices] ** power) + 0 * jax.random.uniform(key)

    report = check_function(take, Z[0], np.array([0, 2]), 3, jax.random.key(0))
    assert [row.path for row in report.leaves] == ["x"]


def test_several_results_in_containers():
    def both(x):
        return {"sine": jnp.sin(x), "rest": (x**2, jnp.sum(x))}

    assert check_function(both, Z)


def test_session_keeps_its_precision():
    before = jax.config.jax_enable_x64
    check_function(right_linear, Z, Z.T)
    assert jax.config.jax_enable_x64 == before
    assert jnp.ones(1).dtype == (jnp.float64 if before else jnp.float32)


def test_error_below_the_rounding_of_float32_is_found_and_float32_compared():
    def cube(x):
        return jnp.sum(x**3)

    wrong = with_vjp(cube, lambda saved, u: (u * 3 * saved[0] ** 2 * (1 + 1e-6),))
    with pytest.raises(GradientMismatch):
        check_function(wrong, Z.astype(np.float32))
    assert "seen on float64 copies" in str(check_function(cube, Z.astype(np.float32)))

    def backward(saved, u):
        x = saved[0]
        return (u * 3 * (x**2 if x.dtype == jnp.float64 else jnp.round(x, 1) ** 2),)

    with pytest.raises(GradientMismatch, match="right in float64; in float32 it differs"):
        check_function(with_vjp(cube, backward), Z.astype(np.float32))


def test_kink_warns():
    with pytest.warns(KinkWarning):
        assert (
            check_function(lambda x: jnp.sum(jnp.maximum(x, 0)), np.array([-1.0, 0.0, 1.0])).verdict == "KINK"
        )


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sin(x).sum(),
        jax.jit(lambda x: x.sum() if x[0, 0] > 0 else -x.sum()),
        lambda x: float(x[0, 0]) * x,
    ],
    ids=["NumPy", "if under jit", "float"],
)
def test_what_jax_cannot_trace_is_said_with_a_remedy(function):
    with pytest.raises(TypeError, match=r"JAX cannot trace .*Error: .* use jax.numpy for numpy") as caught:
        check_function(function, Z)
    assert isinstance(caught.value.__cause__, jax.errors.JAXTypeError)


def test_rule_of_the_wrong_shape_is_refused_by_jax_itself():
    wrong = with_vjp(lambda x: jnp.sum(x), lambda saved, u: (u,))
    with pytest.raises(ValueError, match="the shapes do not match"):
        check_function(wrong, Z)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_function(3, Z), "fun must be callable; got int"),
        (lambda: check_function(jnp.sin), "no argument of sin is made of .* no arguments"),
        (lambda: check_function(jnp.sin, np.arange(3)), "so there is nothing to check; got ndarray"),
        (lambda: check_function(jnp.sin, jnp.ones(3, jnp.bfloat16)), "x holds bfloat16; only float32"),
        (lambda: check_function(jnp.sin, Z, directions="many"), "directions must be a whole number"),
    ],
)  # fmt: skip
def test_misuse_is_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()
