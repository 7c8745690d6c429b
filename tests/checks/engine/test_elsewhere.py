"""What other points say: where it is so, not beside it, and nothing where they cannot be asked."""

import numpy as np
import pytest

from checks import gradcheck

RNG = np.random.default_rng(14)
DATA, TARGET, LABELS = RNG.standard_normal((7, 4)), RNG.standard_normal((7, 5)), RNG.standard_normal((7, 5))
SQUARE = RNG.standard_normal((6, 6))
X0 = {"W": RNG.standard_normal((4, 5)), "b": RNG.standard_normal(5), "A": RNG.standard_normal((5, 5))}
FLAT = RNG.standard_normal(6)


def said(fun, grad, x0):
    report = gradcheck(fun, grad, x0, raise_exception=False)
    assert report.verdict == "FAIL"
    return " | ".join(f"{d.kind}: {', '.join(d.paths)} {d}" for d in report.diagnosis)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def units(x):
    """A layer of sigmoids, and a linear one after it."""
    a = sigmoid(DATA @ x["W"] + x["b"])
    return a, a @ x["A"] - TARGET


def fun(x):
    return 0.5 * np.sum(units(x)[1] ** 2)


def backward(derivative=lambda a: a * (1 - a), back=lambda A: A.T, output=lambda r: r):
    def grad(x):
        a, r = units(x)
        r = output(r)
        d = r @ back(x["A"]) * derivative(a)
        return {"W": DATA.T @ d, "b": d.sum(0), "A": a.T @ r}

    return grad


def test_the_specimen_is_right():
    assert gradcheck(fun, backward(), X0).verdict == "PASS"


@pytest.mark.parametrize("derivative", [np.ones_like, lambda a: a, lambda a: 1 - a])
def test_a_derivative_that_does_not_vanish_where_units_are_saturated(derivative):
    told = said(fun, backward(derivative), X0)
    assert "activation derivative: b is not zero at b" in told
    assert "where fun no longer moves" in told


def test_a_derivative_too_many():
    def cross_entropy(x):
        z = DATA @ x["W"] + x["b"]
        return np.sum(np.logaddexp(0, z) - (TARGET > 0) * z) + np.sum(x["A"] ** 2)

    def grad(x, power):
        p = sigmoid(DATA @ x["W"] + x["b"])
        d = (p - (TARGET > 0)) * (p * (1 - p)) ** power
        return {"W": DATA.T @ d, "b": d.sum(0), "A": 2 * x["A"]}

    assert gradcheck(cross_entropy, lambda x: grad(x, 0), X0).verdict == "PASS"
    assert "f' of an activation is one too many" in said(cross_entropy, lambda x: grad(x, 1), X0)


@pytest.mark.parametrize("output", [lambda r: r * (np.arange(7) < 6)[:, None], lambda r: np.sin(r)])
def test_no_derivative_is_blamed_for_what_is_wrong_behind_it(output):
    assert "activation" not in said(fun, backward(output=output), X0)


def test_no_derivative_is_blamed_where_a_bias_alone_is_wrong():
    def grad(x):
        _, r = units(x)
        return backward()(x) | {"b": r.sum(0)}

    assert "activation" not in said(fun, grad, X0)


def test_no_derivative_is_blamed_for_a_gradient_that_never_changes():
    kept = backward()({name: 0.5 * leaf for name, leaf in X0.items()})
    assert "activation" not in said(fun, lambda x: backward()(x) | {"W": kept["W"], "b": kept["b"]}, X0)


@pytest.mark.parametrize("back", [lambda A: A, lambda A: (A + 2 * A.T) / 3])
def test_a_transpose_forgotten_on_the_way(back):
    assert "transposed: W, b is right where A is symmetric" in said(fun, backward(back=back), X0)


@pytest.mark.parametrize("back", [lambda A: np.sin(A.T), lambda A: A.T[::-1], lambda A: 1.01 * A])
def test_no_transpose_is_blamed_for_what_is_wrong_where_A_is_symmetric(back):
    assert "symmetric" not in said(fun, backward(back=back), X0)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_labels_that_are_missing(share):
    def with_labels(x, share):
        return fun(x) + share * np.sum(LABELS * (DATA @ x["W"]))

    def grad(x):
        g = backward()(x)
        return g | {"W": g["W"] + share * DATA.T @ LABELS}

    told = said(lambda x: with_labels(x, 1.0), grad, X0)
    assert "missing term: W is off by the same amount wherever x is" in told


def test_a_bias_of_one_sample_is_not_taken_for_labels():
    def grad(x):
        a, r = units(x)
        return backward()(x) | {"A": np.outer(a[-1], r[-1])}

    assert "wherever" not in said(fun, grad, X0)


@pytest.mark.parametrize("reversed_scales", [False, True])
def test_a_scale_left_out_within(reversed_scales):
    M = RNG.standard_normal((5, 5))

    def scaled(x):
        return np.sum(LABELS * np.sin(DATA @ x["W"] @ M * x["gain"]))

    def grad(x):
        z = DATA @ x["W"] @ M
        d = LABELS * np.cos(z * x["gain"])
        scales = x["gain"][::-1] if reversed_scales else 1  # wrong where gain is 1 neither, but not left out
        return {"W": DATA.T @ (d * scales @ M.T), "gain": np.sum(d * z, axis=0)}

    told = said(scaled, grad, {"W": X0["W"], "gain": np.array([0.5, 2.0, 1.5, 0.7, 3.0])})
    assert ("factors: W is right where gain is 1 throughout" in told) is not reversed_scales


def test_a_matrix_taken_as_symmetric():
    told = said(lambda x: x @ SQUARE @ x, lambda x: 2 * SQUARE @ x, FLAT)
    assert "transposed: x0 is right along the parameters themselves" in told


@pytest.mark.parametrize("extra", [0.01, 1.0])
def test_a_matrix_that_is_wrong_otherwise(extra):
    told = said(lambda x: x @ SQUARE @ x, lambda x: 2 * SQUARE @ x + extra * np.abs(x), FLAT)
    assert "taken as symmetric" not in told


@pytest.mark.parametrize("error", [RuntimeError, AssertionError, KeyError, ValueError])
def test_code_that_cannot_be_run_so_far_from_x0_leaves_the_verdict_as_it_is(error):
    def near_only(x):
        if abs(x["b"]).max() > 20 or np.array_equal(x["A"], x["A"].T):
            raise error("too far")
        return fun(x)

    report = gradcheck(near_only, backward(lambda a: a), X0, raise_exception=False)
    assert report.verdict == "FAIL"
    assert {d.kind for d in report.diagnosis} == {"unknown"}
    assert "too far" not in str(report)


def test_where_patience_ends_the_last_wrong_layer_is_explained(monkeypatch):
    """Behind a missing transpose every gradient is wrong; the mistake is the one nearest to the output."""
    from checks.engine import diagnosis

    rng = np.random.default_rng(5)
    leaves = [rng.standard_normal((4, 4)) for _ in range(4)]
    data, target = rng.standard_normal((4, 6)), rng.standard_normal((4, 6))

    def activations(p):
        a = [data]
        for W in p:
            a.append(np.tanh(W @ a[-1]))
        return a

    def loss(p):
        return np.sum((activations(p)[-1] - target) ** 2) / 2

    def grad(p):
        a, found = activations(p), []
        delta = (a[-1] - target) * (1 - a[-1] ** 2)
        for l in reversed(range(4)):
            found.insert(0, delta @ a[l].T)
            delta = p[l] @ delta * (1 - a[l] ** 2)
        return found

    def found(patience):
        monkeypatch.setattr(diagnosis, "PATIENCE", patience)
        return gradcheck(loss, grad, leaves, raise_exception=False)

    long, short = found(10_000), found(120)
    assert "x0[2] is right where x0[3] is symmetric" in str(long)
    assert short.diagnosis == long.diagnosis
    assert short.evaluations < 0.75 * long.evaluations
