"""The whole network: its forward pass, the mean over a batch, and the update of the parameters."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from derivations.notation import Array, Elementwise, Gradient, Indexed, Product, Scalar, Scaled, SquaredNorm
from derivations.proof import Statement, Theorem, derive
from derivations.rules import algebra, chain_rule, contract, entries, fold, linearity, recognise, unfold
from derivations.setting import Definition, Setting, Unknown, Words
from derivations.terms import Layer, Size, Sum, Tensor, fresh, opaque, term
from derivations.theorems.hidden import J, l, partial, width
from derivations.theorems.titles import TITLES

f = opaque("f")


def forward() -> Theorem:
    """a^1 = x; z^l = W^l a^(l-1) + b^l; a^l = f(z^l)."""
    k, k_before, k_first = width(l), width(l - 1), width(Layer("", 1))
    x, first = Tensor("x", (k_first,)), Tensor("a", (k_first,), Layer("", 1), defined=True)
    W, b = Tensor("W", (k, k_before), l), Tensor("b", (k,), l)
    a_before = Tensor("a", (k_before,), l - 1)
    z, a = Tensor("z", (k,), l, defined=True), Tensor("a", (k,), l, defined=True)
    p, i, j, r = fresh("p", k), fresh("i", k), fresh("j", k_before), fresh("r", k_first)
    setting = Setting(
        (
            Definition(first, (r,), x[r]),
            Definition(z, (i,), Sum(j, W[i, j] * a_before[j]) + b[i]),
            Definition(a, (i,), f(z[i])),
        )
    )
    start = derive(
        Statement(Array(first), Array(x), (r,)),
        setting,
        (unfold(first), Words("The input layer passes the sample on unchanged.", "输入层原样传递样本。")),
        title=Words("The input", "输入"),
    )
    affine = Array(W) @ Array(a_before) + Array(b)
    weighted = derive(
        Statement(Array(z), affine, (p,)),
        setting,
        (unfold(z), Words(
            "Each neuron adds up its inputs with its weights, and its bias.", "每个神经元对输入加权求和，再加偏倚。")),
        title=Words("The input of layer l", "第 l 层的输入"),
    )  # fmt: skip
    output = derive(
        Statement(Array(a), Elementwise(f, affine), (p,)),
        setting,
        (unfold(a), Words("The activation acts on each entry alone.", "激活函数逐元素作用。")),
        (unfold(z), Words("Put in the input of the layer.", "代入该层的输入。")),
        title=Words("The output of layer l", "第 l 层的输出"),
    )
    return Theorem(
        id="forward",
        title=TITLES["forward"],
        hypotheses=(),
        claims=(start, weighted, output),
        source=Words("forward pass, (1) and (2)", "前向传播 (1) 与 (2)"),
    )


def batch_mean() -> Theorem:
    """The gradient of a mean over samples is the mean of the gradients; samples are columns."""
    n, N = Size("n"), Size("N")
    t, r, p = fresh("t", N), fresh("r", N), fresh("p", n)
    theta, mean = Tensor("theta", (n,)), Tensor("J", defined=True)
    loss = Tensor("J", (N,), defined=True)
    setting = Setting((Definition(mean, (), Sum(t, loss[t]) / N),), (Unknown(loss, theta),))
    samples = derive(
        Statement(
            Gradient(mean[()], theta), Indexed(Sum(r, partial(loss[r], theta[p])) / N, (p,)), (p,)
        ),
        setting,
        (unfold(mean), Words("Write out the mean over the samples.", "写出对样本的平均。")),
        (linearity(), Words(
            "The derivative goes inside the sum, and the constant 1/N comes out.", "导数移到求和之内，常数 1/N 提到外面。")),
        title=Words("Any parameters", "任意参数"),
    )  # fmt: skip

    k, k_before = width(l), width(l - 1)
    W, b = Tensor("W", (k, k_before), l), Tensor("b", (k,), l)
    A, Z = Tensor("A", (k_before, N), l - 1), Tensor("Z", (k, N), l, defined=True)
    Delta = Tensor("delta", (k, N), l, defined=True)
    i, j, u, s = fresh("i", k), fresh("j", k_before), fresh("p", k), fresh("s", k_before)
    layer = Setting(
        (
            Definition(Z, (i, t), Sum(j, W[i, j] * A[j, t]) + b[i]),
            Definition(Delta, (i, t), N * partial(mean[()], Z[i, t])),
        ),
        (Unknown(mean, Z),),
    )
    chain = Words(
        "J depends on the parameter through the input of every neuron for every sample: the chain rule adds up over both.",
        "J 通过每个样本、每个神经元的输入依赖于参数：链式法则对二者求和。",
    )
    name = Words(
        "With J the mean of per-sample losses, N ∂J/∂Z is the per-sample error signal.",
        "J 是逐样本损失的平均，因此 N ∂J/∂Z 就是逐样本误差项。",
    )
    write = Words("Write out the input of neuron i for sample t.", "写出样本 t 在神经元 i 处的输入。")
    same_entry = Words(
        "Two parameters are the same only if their indices agree.", "两个参数相同，当且仅当下标相同。"
    )
    left = Words("Only the sum over the samples is left.", "只剩对样本的求和。")
    weights = derive(
        Statement(Gradient(mean[()], W), Scaled(1 / N, Product(Array(Delta), Array(A).T)), (u, s)),
        layer,
        (chain_rule(), chain),
        (recognise(Delta), name, Sum(i, Sum(t, Delta[i, t] / N * partial(Z[i, t], W[u, s])))),
        (unfold(Z), write),
        (linearity(), Words("Bias and activations are constants here.", "此处偏倚与激活值是常数。")),
        (entries(), same_entry),
        (contract(), left),
        (algebra(), Words(
            "The constant 1/N comes out; the sum over the samples is a matrix product.",
            "提出常数 1/N；对样本的求和就是矩阵乘积。"), 1 / N * Sum(t, Delta[u, t] * A[s, t])),
        title=Words("Weights of a layer: (1/N) δ Aᵀ", "一层的权重：(1/N) δ Aᵀ"),
    )  # fmt: skip
    biases = derive(
        Statement(Gradient(mean[()], b), Indexed(1 / N * Sum(t, Delta[u, t]), (u,)), (u,)),
        layer,
        (chain_rule(), chain),
        (recognise(Delta), name, Sum(i, Sum(t, Delta[i, t] / N * partial(Z[i, t], b[u])))),
        (unfold(Z), write),
        (linearity(), Words("Weights and activations are constants here.", "此处权重与激活值是常数。")),
        (entries(), same_entry),
        (contract(), left),
        (algebra(), Words("The constant 1/N comes out.", "提出常数 1/N。"), 1 / N * Sum(t, Delta[u, t])),
        title=Words("Biases of a layer: the mean of δ over the samples", "一层的偏倚：δ 对样本的平均"),
    )
    return Theorem(
        id="batch-mean",
        title=TITLES["batch-mean"],
        hypotheses=(
            Words(
                "Each sample's loss is any differentiable function of the parameters; a batch has at least one sample.",
                "每个样本的损失是参数的任意可微函数；一批至少有一个样本。",
            ),
        ),
        claims=(samples, weights, biases),
        source=Words("not in the source text, which treats one sample", "原文只讨论单个样本，未涉及"),
        main=0,
    )


def update_descends() -> Theorem:
    """theta - alpha dJ/dtheta: at alpha = 0 the loss changes at the rate -||dJ/dtheta||^2."""
    n = Size("n")
    i, p = fresh("i", n), fresh("p", n)
    alpha, theta, g = Tensor("alpha"), Tensor("theta", (n,)), Tensor("g", (n,))
    moved = Tensor("u", (n,), defined=True)
    line = Setting((Definition(moved, (i,), theta[i] - alpha[()] * g[i]),), (Unknown(J, moved),))
    update = derive(
        Statement(Array(moved), Array(theta) - Scaled(alpha[()], Array(g)), (p,)),
        line,
        (
            unfold(moved),
            Words("Every parameter moves against its own gradient.", "每个参数都逆着自己的梯度移动。"),
        ),
        title=Words("The update", "更新"),
    )
    rate = -Sum(i, partial(J[()], moved[i]) * g[i])
    along = derive(
        Statement(Gradient(J[()], alpha), Scalar(rate)),
        line,
        (chain_rule(), Words(
            "J depends on α only through the moved parameters u.", "J 只通过移动后的参数 u 依赖于 α。")),
        (unfold(moved), Words("Write out the moved parameters.", "写出移动后的参数。")),
        (linearity(), Words("θ and the direction g are constants.", "θ 与方向 g 是常数。")),
        (entries(), Words("The derivative of α by itself is 1.", "α 对自身的导数是 1。")),
        (algebra(), Words("The minus sign comes out of the sum.", "负号提到求和之外。"), rate),
        title=Words("Along any fixed direction g", "沿任意固定方向 g"),
    )  # fmt: skip
    gradient = Tensor("g", (n,), defined=True)
    start = Setting(
        (Definition(moved, (i,), theta[i]), Definition(gradient, (p,), partial(J[()], moved[p]))),
        (Unknown(J, moved),),
    )
    same_point = derive(
        Statement(Gradient(J[()], theta), Array(gradient), (p,)),
        start,
        (chain_rule(), Words("J is a function of u, and u of θ.", "J 是 u 的函数，u 是 θ 的函数。")),
        (unfold(moved), Words("At α = 0 the moved parameters are θ themselves.", "在 α = 0 处，移动后的参数就是 θ。")),
        (entries(), Words("The parameters are independent variables.", "各参数是独立变量。")),
        (contract(), Words("One term is left.", "只剩一项。")),
        (fold(gradient), Words("This is the direction g.", "这正是方向 g。"), gradient[p]),
        title=Words("At α = 0 the gradient by u is the gradient by θ", "在 α = 0 处，对 u 的梯度就是对 θ 的梯度"),
    )  # fmt: skip
    descent = derive(
        Statement(
            Scalar(-Sum(i, partial(J[()], moved[i]) * gradient[i])), Scaled(term(-1), SquaredNorm(Array(gradient)))
        ),
        start,
        (fold(gradient), Words(
            "Take the gradient itself as the direction: both factors are g.", "取梯度本身为方向：两个因子都是 g。"),
         -Sum(i, gradient[i] * gradient[i])),
        (algebra(), Words("A sum of squares.", "平方和。"), -Sum(i, gradient[i] ** 2)),
        title=Words("At α = 0, along the gradient", "在 α = 0 处，沿梯度方向"),
    )  # fmt: skip
    return Theorem(
        id="update-descends",
        title=TITLES["update-descends"],
        hypotheses=(
            Words(
                "This is the rate at α = 0. A step too long can raise the loss, as it does for J = θ² with α > 1.",
                "这是 α = 0 处的变化率。步长过大损失可能上升，例如 J = θ²、α > 1。",
            ),
        ),
        claims=(update, along, same_point, descent),
        source=Words("the update of the parameters", "参数更新公式"),
    )
