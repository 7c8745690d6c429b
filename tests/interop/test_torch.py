"""PyTorch: functions, custom operators and modules, right and wrong, in float64 and float32."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, note, settings
from hypothesis import strategies as st

from checks import GradientMismatch, InputMutated, KinkWarning, NondeterministicFunction
from checks.interop.torch import check_function, check_module

torch.set_num_threads(1)  # arrays this small are slower on several, and much slower on busy ones

DTYPES = [torch.float64, torch.float32]


def randn(*shape, seed=0, dtype=torch.float64, grad=True):
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return made.to(dtype).requires_grad_(grad)


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, u):
        x, weight = ctx.saved_tensors
        return u @ weight, u.T @ x, u.sum(0)


class TransposedWeight(Linear):
    @staticmethod
    def backward(ctx, u):
        x, weight = ctx.saved_tensors
        return u @ weight, x.T @ u, u.sum(0)


class MeanForSum(Linear):
    @staticmethod
    def backward(ctx, u):
        x, weight = ctx.saved_tensors
        return u @ weight, u.T @ x, u.mean(0)


class SwappedContext(torch.autograd.Function):
    """The newer style: forward has no ctx."""

    @staticmethod
    def forward(left, right):
        return left * right

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, u):
        left, right = ctx.saved_tensors
        return u * left, u * right


@settings(max_examples=15)
@given(
    rows=st.integers(1, 5),
    inside=st.integers(1, 4),
    out=st.integers(1, 4),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 99),
)
def test_right_function_passes_at_every_shape_and_dtype(rows, inside, out, dtype, seed):
    shapes = ((rows, inside), (out, inside), (out,))
    inputs = [randn(*shape, seed=seed + i, dtype=dtype) for i, shape in enumerate(shapes)]
    report = check_function(Linear.apply, *inputs, raise_exception=False)
    note(str(report))
    assert report
    assert [(row.path, row.shape) for row in report.leaves] == list(
        zip(("x", "weight", "bias"), shapes, strict=True)
    )
    assert report.resolution < 1e-5


@pytest.mark.parametrize("dtype", DTYPES)
def test_transposed_weight_gradient_is_called_that(dtype):
    inputs = [randn(*shape, seed=i, dtype=dtype) for i, shape in enumerate([(5, 3), (3, 3), (3,)])]
    with pytest.raises(GradientMismatch, match="weight is the transpose of the right gradient") as caught:
        check_function(TransposedWeight, *inputs)
    verdicts = {row.path: row.verdict for row in caught.value.report.leaves}
    assert verdicts == {"x": "PASS", "weight": "FAIL", "bias": "PASS"}
    assert "check_function(TransposedWeight, x, weight, bias, rng=0)" in str(caught.value)


@pytest.mark.parametrize("dtype", DTYPES)
def test_missing_factor_is_named(dtype):
    inputs = [randn(*shape, seed=i, dtype=dtype) for i, shape in enumerate([(5, 3), (4, 3), (4,)])]
    with pytest.raises(GradientMismatch, match="bias is 1/5 times the right one"):
        check_function(MeanForSum, *inputs)


def test_function_with_setup_context_has_the_names_of_its_forward():
    report = check_function(SwappedContext, randn(4), randn(4, seed=1), raise_exception=False)
    assert report.verdict == "FAIL"
    assert [row.path for row in report.leaves] == ["left", "right"]
    assert {one.kind for one in report.diagnosis} == {"another leaf"}


def test_error_far_below_the_rounding_of_float32_is_found_on_float64_copies():
    class AlmostSquare(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.square().sum()

        @staticmethod
        def backward(ctx, u):
            (x,) = ctx.saved_tensors
            return 2 * u * x * (1 + 1e-6)

    with pytest.raises(GradientMismatch):
        check_function(AlmostSquare, randn(6, dtype=torch.float32))


def test_report_on_float32_says_where_it_looked_and_how_close_float32_comes():
    report = check_function(torch.tanh, randn(6, dtype=torch.float32))
    assert re.search(
        r"seen on float64 copies, from which the gradient in float32 differs by \de-0[789]", str(report)
    )


def test_code_that_goes_wrong_in_float32_only_is_found():
    class OneMinusCos(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return (1 - torch.cos(x)).sum()

        @staticmethod
        def backward(ctx, u):
            (x,) = ctx.saved_tensors
            return u * torch.sin(x) if x.dtype == torch.float64 else u * x.half().float()

    with pytest.raises(GradientMismatch, match="right in float64; in float32 it differs"):
        check_function(OneMinusCos, torch.tensor([1.0, 2.0], requires_grad=True))


def test_rounding_about_a_gradient_of_zero_is_no_mistake_of_float32():
    assert check_function(lambda x: torch.softmax(x, 1).sum(), randn(5, 4, dtype=torch.float32))
    x = torch.linspace(-1, 1, 50)
    model = torch.nn.Linear(1, 1)
    with torch.no_grad():  # at the optimum of a fit, to the last digit of float32
        model.weight.fill_(0.3)
        model.bias.fill_(0.1)
    y = 0.3 * x + 0.1 + 0.2 * (1 - 3 * x**2 + (3 * x**2 - 1).mean())
    report = check_module(
        model, lambda m, x, y: (m(x[:, None])[:, 0] - y).square().mean(), x, y, raise_exception=False
    )
    assert "FAIL" not in {row.verdict for row in report.leaves}
    assert report.verdict != "FAIL"


def test_code_that_runs_in_float32_only_is_checked_as_far_as_float32_can_tell():
    weight = randn(3, 3, dtype=torch.float32, grad=False)  # closed over, so never converted

    def forward(x):
        return torch.sin(x @ weight).sum()

    report = check_function(forward, randn(4, 3, dtype=torch.float32))
    assert 1e-6 < report.resolution < 1e-2
    assert "everything ran in float32, for on float64 copies it raises RuntimeError" in str(report)

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, u):
            (x,) = ctx.saved_tensors
            return u * torch.cos(x @ weight) @ weight  # not its transpose

    with pytest.raises(GradientMismatch):
        check_function(Wrong, randn(4, 3, dtype=torch.float32))


def test_input_saved_in_a_lower_precision_is_found():
    class SavesHalf(Linear):
        @staticmethod
        def forward(ctx, x, weight, bias):
            ctx.save_for_backward(x.half().to(x.dtype), weight)
            return x @ weight.T + bias

    inputs = [randn(*shape, seed=i) for i, shape in enumerate([(5, 3), (4, 3), (4,)])]
    report = check_function(SavesHalf, *inputs, raise_exception=False)
    assert [row.path for row in report.leaves if row.verdict == "FAIL"] == ["weight"]


def test_backward_that_writes_to_its_gradient_is_found():
    class InPlace(Linear):
        @staticmethod
        def backward(ctx, u):
            x, weight = ctx.saved_tensors
            u *= 1.5
            return u @ weight / 1.5, u.T @ x / 1.5, u.sum(0) / 1.5

    for dtype in DTYPES:
        inputs = [randn(*shape, seed=i, dtype=dtype) for i, shape in enumerate([(5, 3), (4, 3), (4,)])]
        with pytest.raises(InputMutated, match="changed the cotangent"):
            check_function(InPlace, *inputs)


def test_forward_that_writes_to_its_input_behind_autograds_back_is_found():
    def clipping(x):
        x.data.clamp_(-0.5, 0.5)
        return x.square().sum()

    with pytest.raises(InputMutated, match="changed its input"):
        check_function(clipping, randn(6))


def test_strides_of_the_inputs_are_kept():
    seen = []

    def strided(x, y):
        seen.append((x.stride(), y.stride()))
        return (x * y).sum()

    x = randn(3, 4, grad=False).T.requires_grad_()
    y = randn(4, 6, grad=False)[:, ::2].requires_grad_()
    assert check_function(strided, x, y)
    assert set(seen) == {((1, 4), (6, 2))}


def test_backward_that_reads_memory_as_if_it_were_contiguous_is_found():
    class Views(Linear):
        @staticmethod
        def backward(ctx, u):
            return Linear.backward(ctx, u.view(-1).view(u.shape))

    class IgnoresStrides(Linear):
        @staticmethod
        def backward(ctx, u):
            return Linear.backward(ctx, u.as_strided(u.shape, (u.shape[1], 1)))

    inputs = [randn(*shape, seed=i) for i, shape in enumerate([(5, 3), (4, 3), (4,)])]
    with pytest.raises(GradientMismatch, match="backward raises RuntimeError: view size is not compatible"):
        check_function(Views, *inputs)
    with pytest.raises(GradientMismatch, match="backward gives another gradient of x, weight, bias"):
        check_function(IgnoresStrides, *inputs)


def test_relu_at_its_kink_warns_and_its_wrong_slope_beside_it_fails():
    x = torch.tensor([-1.0, 0.0, 2.0], dtype=torch.float64, requires_grad=True)
    with pytest.warns(KinkWarning):
        assert check_function(torch.nn.functional.relu, x).verdict == "KINK"

    class LeakyWithoutSlope(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.nn.functional.leaky_relu(x, 0.1)

        @staticmethod
        def backward(ctx, u):
            (x,) = ctx.saved_tensors
            return u * (x > 0)

    with pytest.raises(GradientMismatch):
        check_function(LeakyWithoutSlope, x)


def test_several_results_integers_among_them():
    def top(x):
        values, indices = x.sort(dim=1)
        return values, indices, x.exp()

    assert check_function(top, randn(4, 3))


def test_custom_operator_right_and_wrong():
    for name, factor in (("right", 2.0), ("wrong", 1.0)):

        @torch.library.custom_op(f"gradproof_tests::square_{name}", mutates_args=())
        def square(x: torch.Tensor, scale: float) -> torch.Tensor:
            return scale * x * x

        def backward(ctx, u, factor=factor):
            return factor * ctx.scale * u * ctx.x, None

        def setup_context(ctx, inputs, output):
            ctx.x, ctx.scale = inputs

        square.register_autograd(backward, setup_context=setup_context)
        for function in (square, getattr(torch.ops.gradproof_tests, f"square_{name}")):
            report = check_function(function, randn(4, 3), 3.0, raise_exception=False)
            assert bool(report) == (name == "right")
            assert [row.path for row in report.leaves] == ["x"]
            assert f"square_{name}" in report.what


# -- modules ----------------------------------------------------------------------------------------


class Scale(torch.nn.Module):
    """A layer with a backward of its own, right or not."""

    def __init__(self, width, wrong=False):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.linspace(0.5, 1.5, width))
        self.wrong = wrong

    def forward(self, x):
        wrong = self.wrong

        class Multiply(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, weight):
                ctx.save_for_backward(x, weight)
                return x * weight

            @staticmethod
            def backward(ctx, u):
                x, weight = ctx.saved_tensors
                return u if wrong else u * weight, (u * x).sum(0)

        return Multiply.apply(x, self.weight)


def network(wrong=False, dtype=torch.float32):
    torch.manual_seed(0)
    layers = [
        torch.nn.Linear(4, 6),
        torch.nn.BatchNorm1d(6),
        torch.nn.Tanh(),
        Scale(6, wrong),
        torch.nn.Linear(6, 3),
    ]
    return torch.nn.Sequential(*layers).to(dtype)


def loss(model, x, y):
    return torch.nn.functional.cross_entropy(model(x), y)


X, Y = randn(8, 4, grad=False), torch.arange(8) % 3


@pytest.mark.parametrize("dtype", DTYPES)
def test_module_right_and_wrong(dtype):
    report = check_module(network(dtype=dtype), loss, X.to(dtype), Y)
    assert {"0.weight", "1.bias", "3.weight", "4.bias"} < {row.path for row in report.leaves}
    assert report.what == "the gradient of Sequential"
    wrong = check_module(network(wrong=True, dtype=dtype), loss, X.to(dtype), Y, raise_exception=False)
    failing = {row.path for row in wrong.leaves if row.verdict == "FAIL"}
    assert {"0.weight", "1.weight", "1.bias"} == failing - {"0.bias"}
    assert "check_module(module, loss, x, y, rng=0)" in str(wrong)


def test_gradient_that_a_layer_passes_on_is_checked_where_its_input_requires_grad():
    x = randn(8, 6)
    for wrong in (False, True):
        report = check_module(
            Scale(6, wrong).double(), lambda m, x: m(x).square().sum(), x, raise_exception=False
        )
        verdicts = {row.path: row.verdict for row in report.leaves}
        assert verdicts == {"weight": "PASS", "x": "FAIL" if wrong else "PASS"}


def test_module_itself_is_left_as_it_was():
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    check_module(model, loss, X.float(), Y)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_shared_and_frozen_parameters():
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh(), torch.nn.Linear(4, 4)).double()
    model[2].weight = model[0].weight
    model[2].bias.requires_grad_(False)
    report = check_module(model, lambda m, x: m(x).square().mean(), X)
    assert [row.path for row in report.leaves] == ["0.weight", "0.bias"]


def test_dropout_is_called_random():
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Dropout()).double()
    with pytest.raises(NondeterministicFunction, match="random"):
        check_module(model, lambda m, x: m(x).square().sum(), X)


def test_loss_that_computes_gradients_inside():
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1)).double()

    def residual(model, x):
        x = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
        return slope.square().mean()

    # The last bias does not touch the slope of the model: its gradient is zero.
    assert check_module(model, residual, X)


def test_loss_that_looks_past_the_module_it_is_handed_is_refused():
    model = network(dtype=torch.float64)
    with pytest.raises(ValueError, match="tensors closed over instead of those handed in"):
        check_module(model, lambda _, x, y: torch.nn.functional.cross_entropy(model(x), y), X, Y)


# -- misuse -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_function(3, randn(2)), TypeError, "fun must be callable; got int"),
        (lambda: check_function(torch.sin, randn(2, grad=False)), ValueError, "requires_grad_"),
        (lambda: check_function(torch.sin, np.ones(2)), ValueError, "no input of sin requires grad"),
        (lambda: check_function(torch.nn.Linear(2, 2), randn(2)), TypeError, "use check_module"),
        (lambda: check_function(torch.sin, randn(2, dtype=torch.bfloat16)), TypeError, "is torch.bfloat16"),
        (lambda: check_function(torch.sin, randn(2, dtype=torch.complex128)), TypeError, "is torch.comp"),
        (lambda: check_function(torch.sum, randn(1).expand(3)), ValueError, "share their memory"),
        (lambda: check_function(torch.argmax, randn(3)), TypeError, "must return a floating-point tensor"),
        (lambda: check_function(lambda x: x.detach().sum(), randn(3)), ValueError, "a detach"),
        (lambda: check_module(torch.sin, loss), TypeError, "must be a torch.nn.Module; got builtin"),
        (lambda: check_module(torch.nn.Linear(2, 2), 0.5), TypeError, "loss must be callable"),
        (lambda: check_module(torch.nn.Tanh(), loss), ValueError, "no parameter that requires grad"),
        (lambda: check_function(torch.sin, randn(2), rtol="a"), TypeError, "rtol must be a number"),
    ],
)  # fmt: skip
def test_misuse_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
