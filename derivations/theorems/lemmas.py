"""The notes of the source text: the elementwise product, and the derivatives of f(x) and A x."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from derivations.notation import Array, Diagonal, Elementwise, Gradient, Indexed, Jacobian, Outer
from derivations.proof import Claim, Statement, Theorem, derive
from derivations.rules import algebra, chain_rule, contract, entries, function_rule, linearity, unfold
from derivations.setting import Definition, Setting, Unknown, Words
from derivations.terms import Delta, Entry, Partial, Size, Sum, Tensor, Term, fresh, opaque
from derivations.theorems.titles import TITLES

m, n = Size("m"), Size("n")
f = opaque("f")
PLAIN = Setting()


def partial(body: Term, variable: Term) -> Term:
    """Write down a derivative."""
    assert isinstance(variable, Entry)
    return Partial(body, variable)


def hadamard() -> Theorem:
    """The elementwise product commutes, associates, distributes, and is a diagonal matrix at work."""
    a, b, c = (Array(Tensor(name, (m,))) for name in "abc")
    p, j = fresh("p", m), fresh("j", m)
    ap, bp, cp = a.entry(p), b.entry(p), c.entry(p)

    def law(title: Words, left: Array, right: Array, proved: Term, sentence: Words) -> Claim:
        return derive(Statement(left, right, (p,)), PLAIN, (algebra(), sentence, proved), title=title)

    numbers = Words("Entry by entry this is the same law of numbers.", "逐分量看，这就是数的同一条运算律。")
    diagonal = derive(
        Statement(a * b, Diagonal(a) @ b, (p,)),
        PLAIN,
        (algebra(), Words(
            "Write the entry as a sum of which only the term j = p is not zero.",
            "把该分量写成只有 j = p 一项非零的求和。"), Sum(j, Delta(p, j) * a.entry(p) * b.entry(j))),
        title=Words("A diagonal matrix at work", "等同于对角矩阵的作用"),
    )  # fmt: skip
    return Theorem(
        id="hadamard",
        title=TITLES["hadamard"],
        hypotheses=(),
        claims=(
            law(Words("Commutative", "交换律"), a * b, b * a, bp * ap, numbers),  # type: ignore[arg-type]
            law(Words("Associative", "结合律"), (a * b) * c, a * (b * c), ap * (bp * cp), numbers),  # type: ignore[arg-type]
            law(Words("Distributive", "分配律"), a * (b + c), a * b + a * c, ap * bp + ap * cp, numbers),  # type: ignore[arg-type]
            diagonal,
        ),
        source=Words("note 1", "注 1"),
    )


def elementwise_derivative() -> Theorem:
    """y = f(x): the Jacobian is diag(f'(x)), and the column f'(x) is its shorthand under ⊙."""
    x, v = Tensor("x", (m,)), Tensor("v", (m,))
    p, i = fresh("p", m), fresh("i", m)
    slope = Elementwise(f.prime, Array(x))
    jacobian = derive(
        Statement(Jacobian(Elementwise(f, Array(x)), x), Diagonal(slope), (p, i)),
        PLAIN,
        (function_rule(), Words(
            "Applied to entry i.", "用于第 i 个分量。")),
        (entries(), Words(
            "The entries of x are independent: the derivative of xᵢ by xₚ is 1 when i = p and 0 otherwise.",
            "x 的各分量独立：i = p 时导数为 1，否则为 0。")),
        (algebra(), Words(
            "Where the delta is not zero, i and p are the same.", "在 i = p 处两个下标相同，可以互换。"),
         Delta(p, i) * f.prime(x[p])),
        title=Words("The Jacobian is diagonal", "雅可比矩阵是对角矩阵"),
    )  # fmt: skip
    shorthand = derive(
        Statement(Diagonal(slope) @ Array(v), slope * Array(v), (p,)),
        PLAIN,
        (contract(), Words("Of the sum only the term j = p is left.", "求和中只剩 j = p 这一项。")),
        title=Words("So multiplying by it is ⊙ with the column f′(x)", "因此乘以它等于与列向量 f′(x) 作 ⊙"),
    )
    return Theorem(
        id="elementwise-derivative",
        title=TITLES["elementwise-derivative"],
        hypotheses=(Words("f is differentiable and acts on each entry alone.", "f 可微，且逐元素作用。"),),
        claims=(jacobian, shorthand),
        source=Words("note 2", "注 2"),
        main=0,
    )


def linear_derivative_input() -> Theorem:
    """y = A x: dy/dx = A^T in the denominator layout."""
    A, x = Tensor("A", (m, n)), Tensor("x", (n,))
    p, i = fresh("p", n), fresh("i", m)
    claim = derive(
        Statement(Jacobian(Array(A) @ Array(x), x), Array(A).T, (p, i)),
        PLAIN,
        (linearity(), Words(
            "The derivative goes inside the sum; the entries of A are constants.",
            "导数移到求和之内；A 的元素是常数。")),
        (entries(), Words(
            "The entries of x are independent: the derivative of xⱼ by xₚ is 1 when j = p and 0 otherwise.",
            "x 的各分量独立：j = p 时导数为 1，否则为 0。")),
        (contract(), Words(
            "Only the term j = p is left: A with row i and column p. In the denominator layout this stands in row p "
            "and column i, so it is the transpose.",
            "只剩 j = p 一项：A 的第 i 行第 p 列。在分母布局中它位于第 p 行第 i 列，所以是转置。")),
    )  # fmt: skip
    return Theorem(
        id="linear-derivative-input",
        title=TITLES["linear-derivative-input"],
        hypotheses=(
            Words(
                "Denominator layout: row p of ∂y/∂x belongs to xₚ. In the numerator layout the answer is A itself.",
                "分母布局：∂y/∂x 的第 p 行对应 xₚ。在分子布局中答案是 A 本身。",
            ),
        ),
        claims=(claim,),
        source=Words("note 3, first equation", "注 3 第一式"),
    )


def linear_derivative_matrix() -> Theorem:
    """y = A x: dJ/dA = (dJ/dy) x^T for any J of y; dy/dA itself has three indices."""
    A, x = Tensor("A", (m, n)), Tensor("x", (n,))
    y, J = Tensor("y", (m,), defined=True), Tensor("J", defined=True)
    i, j, p, s = fresh("i", m), fresh("j", n), fresh("p", m), fresh("s", n)
    setting = Setting((Definition(y, (i,), Sum(j, A[i, j] * x[j])),), (Unknown(J, y),))
    full = derive(
        Statement(Indexed(partial(y[i], A[p, s]), (i, p, s)), Indexed(Delta(i, p) * x[s], (i, p, s)), (i, p, s)),
        setting,
        (unfold(y), Words("Write out entry i of A x.", "写出 A x 的第 i 个分量。")),
        (linearity(), Words("The entries of x are constants here.", "此处 x 的各分量是常数。")),
        (entries(), Words(
            "Two entries of A are the same only if both indices agree.", "A 的两个元素相同，当且仅当两个下标都相同。")),
        (contract(), Words("Only the term j = s is left.", "只剩 j = s 一项。")),
        title=Words("The derivative itself has three indices", "导数本身有三个下标"),
    )  # fmt: skip
    gradient = derive(
        Statement(Gradient(J[()], A), Outer(Gradient(J[()], y), Array(x)), (p, s)),
        setting,
        (chain_rule(), Words(
            "J depends on A only through y: the chain rule adds up over the entries of y.",
            "J 只通过 y 依赖于 A：链式法则对 y 的各分量求和。")),
        (unfold(y), Words("Write out entry i of A x.", "写出 A x 的第 i 个分量。")),
        (linearity(), Words("The entries of x are constants here.", "此处 x 的各分量是常数。")),
        (entries(), Words(
            "Two entries of A are the same only if both indices agree.", "A 的两个元素相同，当且仅当两个下标都相同。")),
        (contract(), Words(
            "Only the terms i = p and j = s are left.", "只剩 i = p 且 j = s 的一项。")),
        title=Words("The gradient of a scalar", "标量的梯度"),
    )  # fmt: skip
    return Theorem(
        id="linear-derivative-matrix",
        title=TITLES["linear-derivative-matrix"],
        hypotheses=(Words("J is any differentiable function of y.", "J 是 y 的任意可微函数。"),),
        claims=(full, gradient),
        source=Words("note 3, second equation", "注 3 第二式"),
    )
