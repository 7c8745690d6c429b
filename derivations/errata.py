"""The source text held to account: every equation mapped to a theorem, every misprint and half-truth corrected.

A half-truth is a claim that needs a hypothesis which the text does not state.  Where leaving it out makes the claim
false, the counterexample is computed here, each time it is asked for; none is typed in.
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from derivations import counterexamples as search
from derivations import false_equations as false
from derivations.counterexamples import Counterexample
from derivations.setting import Words


@dataclass(frozen=True)
class Erratum:
    """One place of the source text that cannot stand as it is printed.

    Parameters
    ----------
    id : str
        A short name.
    kind : {"misprint", "half-truth"}
        A slip of the pen, or a claim that needs a hypothesis.
    place, printed, corrected : Words
        Where it is, what it says, what it should say (with the hypothesis).
    theorem : str
        The id of the theorem that has it right.
    search : callable, optional
        Finds a counterexample to the printed form; None where the printed form is not false but unclear.
    """

    id: str
    kind: Literal["misprint", "half-truth"]
    place: Words
    printed: Words
    corrected: Words
    theorem: str
    search: Callable[[], Counterexample] | None = None

    def counterexample(self) -> Counterexample | None:
        """Compute a counterexample to the printed form."""
        return None if self.search is None else self.search()


def _misprint(
    id: str, place: Words, printed: Words, corrected: Words, theorem: str, found: search.Search | None = None
) -> Erratum:
    return Erratum(id, "misprint", place, printed, corrected, theorem, found)


def _half(
    id: str, place: Words, printed: Words, corrected: Words, theorem: str, found: search.Search | None = None
) -> Erratum:
    return Erratum(id, "half-truth", place, printed, corrected, theorem, found)


_CHAIN = Words("the product of Jacobians for δˡ", "δˡ 的雅可比连乘式")
_RECURSION = Words("the recursion for δˡ", "δˡ 的递推式")
_HEAD1, _HEAD2, _HEAD3 = (
    Words("head (1)", "第 (1) 种输出层"),
    Words("head (2)", "第 (2) 种输出层"),
    Words("head (3)", "第 (3) 种输出层"),
)
_UPDATE = Words("the update", "参数更新")
_FLOW_V, _FLOW_E = Words("vanishing gradients", "梯度消失"), Words("exploding gradients", "梯度爆炸")
_NOTE2, _NOTE3 = Words("note 2", "注 2"), Words("note 3", "注 3")
_PARAMETERS = Words("the gradients of W and b", "对 W 和 b 的偏导")

ERRATA: tuple[Erratum, ...] = (
    # ------------------------------------------------------------------------------------- misprints
    _misprint("superscript", _CHAIN,
        Words("∂zˡ⁺²/∂zˡ (with the subscript of layer l+1)", "∂zˡ⁺²/∂zˡ（下标却是第 l+1 层的）"),
        Words("∂zˡ⁺²/∂zˡ⁺¹", "∂zˡ⁺²/∂zˡ⁺¹"), "chain-expansion", false.wrong_superscript),
    _misprint("partial-below", _RECURSION,
        Words("∂zˡ⁺¹/f(zˡ): no ∂ in the denominator", "∂zˡ⁺¹/f(zˡ)：分母缺 ∂"),
        Words("∂zˡ⁺¹/∂f(zˡ)", "∂zˡ⁺¹/∂f(zˡ)"), "hidden-delta", false.partial_missing_below),
    _misprint("partial-above", _RECURSION,
        Words("f(zˡ)/∂zˡ, first time: no ∂ in the numerator", "第一处 f(zˡ)/∂zˡ：分子缺 ∂"),
        Words("∂f(zˡ)/∂zˡ", "∂f(zˡ)/∂zˡ"), "hidden-delta", false.slope_missing),
    _misprint("partial-above-again", _RECURSION,
        Words("f(zˡ)/∂zˡ, second time, after (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙", "第二处 f(zˡ)/∂zˡ，在 (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ 之后"),
        Words("∂f(zˡ)/∂zˡ, that is f′(zˡ)", "∂f(zˡ)/∂zˡ，即 f′(zˡ)"), "hidden-delta", false.slope_missing),
    _misprint("rnn", _UPDATE,
        Words("the parameters of the RNN", "更新 RNN 模型中的参数"),
        Words("the parameters of the DNN", "更新 DNN 模型中的参数"), "update-descends"),
    _misprint("loss-letter", _UPDATE,
        Words("∂L/∂θ, where L is the number of layers", "∂L/∂θ，而 L 是层数"),
        Words("∂J/∂θ", "∂J/∂θ"), "update-descends", false.update_by_layers),
    _misprint("same-dimension", _NOTE3,
        Words("two vectors of the same dimension, y with m entries and x with n", "两个维度相同的向量，y 有 m 个分量而 x 有 n 个"),
        Words("vectors y with m entries and x with n entries, for A of shape m × n", "y 有 m 个分量、x 有 n 个分量，A 为 m × n"),
        "linear-derivative-input"),
    _misprint("doubled-word", Words("before the heads", "三种输出层之前"),
        Words("“by by backpropagation” (a doubled word)", "“可以通过通过反向传播”"),
        Words("“by backpropagation”", "“可以通过反向传播”"), "backpropagation"),
    _misprint("output-for-label", _HEAD2,
        Words("y is the output of the output layer", "y 表示输出层的输出值"),
        Words("y is the label; the output is aᴸ", "y 表示标签；输出值是 aᴸ"), "half-mse-delta"),
    _misprint("bold-lost", _RECURSION,
        Words("z in plain type, elsewhere bold", "z 未加粗，别处均为粗体"),
        Words("the vector z in bold throughout", "向量 z 应始终用粗体"), "hidden-delta"),
    _misprint("bold-scalar", _HEAD3,
        Words("y and z bold, with a vector's subscript, though the layer has one neuron", "只有一个神经元，y、z 却为粗体并带向量下标"),
        Words("plain scalars y and z", "应为标量 y 与 z"), "sigmoid-cross-entropy-delta"),
    _misprint("stray-words", Words("before the recursion", "递推式之前"),
        Words("“for the above three cases all have when l = …, then” (a sentence run together)", "“对于以上三种情况都有当 l=2 to L-1 时, 则”"),
        Words("“in all three cases, for l = 2, …, L−1:”", "“对以上三种情况，当 l = 2, …, L−1 时，都有”"), "hidden-delta"),
    _misprint("broken-sentence", _FLOW_E,
        Words("“because when updating …, when …, explosion appears” (no cause is given)", "“是因为更新参数……时，当……，就会出现梯度爆炸”（句子不完整）"),
        Words("“because each layer multiplies the error signal by its weights and slopes”", "“是因为每一层都使误差项乘以该层的权重与斜率”"),
        "exploding-gradient"),
    _misprint("preceding", _FLOW_V,
        Words("multiplied with the parameters of the preceding layers", "与前面的模型参数连乘"),
        Words("multiplied with the parameters of the layers after it, l+1, …, L", "与后面各层 l+1, …, L 的模型参数连乘"),
        "chain-expansion", false.preceding_weights),
    # ----------------------------------------------------------------------------------- half-truths
    _half("labels-sum", _HEAD1,
        Words("δᴸ = softmax(zᴸ) − y", "δᴸ = softmax(zᴸ) − y"),
        Words("given Σᵢ yᵢ = 1; in general (Σᵢ yᵢ) softmax(zᴸ) − y", "须假设 Σᵢ yᵢ = 1；一般为 (Σᵢ yᵢ) softmax(zᴸ) − y"),
        "softmax-cross-entropy-delta", false.softmax_without_sum),
    _half("softmax-elementwise", _HEAD1,
        Words("aᴸ = f(zᴸ) with one f for every layer, also where f is softmax", "各层同用 aᴸ = f(zᴸ)，softmax 也不例外"),
        Words("softmax is not elementwise: its Jacobian is sᵢ ([i = p] − sₚ), not diagonal", "softmax 不是逐元素函数：其雅可比矩阵为 sᵢ ([i = p] − sₚ)，并非对角"),
        "softmax-cross-entropy-delta", false.softmax_elementwise),
    _half("elementwise-head", _HEAD2,
        Words("(f(zᴸ) − y) ⊙ f′(zᴸ) for the output layer's activation", "对输出层激活函数有 (f(zᴸ) − y) ⊙ f′(zᴸ)"),
        Words("given that f acts on each entry alone; false for softmax", "须假设 f 逐元素作用；对 softmax 不成立"),
        "half-mse-delta", false.half_mse_after_softmax),
    _half("kink", _HEAD2,
        Words("f′(z) for every z", "对任意 z 使用 f′(z)"),
        Words("given that f is differentiable at z; relu is not at 0", "须假设 f 在 z 处可微；relu 在 0 处不可微"),
        "half-mse-delta", search.kink),
    _half("binary-labels", _HEAD3,
        Words("because there is one neuron, y is 1 or 0", "由于只有一个神经元，因此 y 为 1 或 0"),
        Words("the formula holds for every number y; 0 and 1 is a choice of labels, not a consequence", "公式对任意数 y 成立；取 0 或 1 是标签的约定，并非推论"),
        "sigmoid-cross-entropy-delta"),
    _half("order", _CHAIN,
        Words("∂J/∂zᴸ stands first, and the factors run from L down to l", "∂J/∂zᴸ 在最前，因子由 L 到 l"),
        Words("in the denominator layout of note 3 the order is reversed: Gˡ Gˡ⁺¹ ⋯ Gᴸ⁻¹ δᴸ", "按注 3 的分母布局，次序应相反：Gˡ Gˡ⁺¹ ⋯ Gᴸ⁻¹ δᴸ"),
        "chain-expansion", false.row_times_jacobian),
    _half("short-product", _CHAIN,
        Words("four factors are written for every l from 2 to L−1", "对 l = 2, …, L−1 均写出四个因子"),
        Words("the product has L − l factors; for l = L−1 just one", "连乘共有 L − l 个因子；l = L−1 时只有一个"), "chain-expansion"),
    _half("product-or-hadamard", _RECURSION,
        Words("δˡ⁺¹ (∂zˡ⁺¹/∂f) ⊙ (∂f/∂zˡ) with ∂f/∂zˡ a Jacobian", "δˡ⁺¹ (∂zˡ⁺¹/∂f) ⊙ (∂f/∂zˡ)，而 ∂f/∂zˡ 是雅可比矩阵"),
        Words("either the matrix product with diag(f′), or ⊙ with the column f′; not ⊙ with a matrix", "或与 diag(f′) 作矩阵乘法，或与列向量 f′ 作 ⊙；不能与矩阵作 ⊙"),
        "elementwise-derivative", false.column_for_jacobian),
    _half("brackets", _RECURSION,
        Words("Wᵀ δ ⊙ f′ without brackets", "Wᵀ δ ⊙ f′ 未加括号"),
        Words("(Wᵀ δ) ⊙ f′; the other reading Wᵀ (δ ⊙ f′) is false", "(Wᵀ δ) ⊙ f′；另一种读法 Wᵀ (δ ⊙ f′) 不成立"),
        "hidden-delta", false.brackets_moved),
    _half("only-path", _RECURSION,
        Words("δˡ from δˡ⁺¹ alone", "δˡ 只由 δˡ⁺¹ 得出"),
        Words("given that J depends on zˡ only through Wˡ⁺¹ f(zˡ): no skip connection", "须假设 J 只通过 Wˡ⁺¹ f(zˡ) 依赖于 zˡ：没有跳跃连接"),
        "hidden-delta", false.skip_connection),
    _half("one-activation", _RECURSION,
        Words("one f for every layer", "各层同用一个 f"),
        Words("layers may differ; the slope is that of layer l itself", "各层可以不同；斜率须取第 l 层自己的"),
        "hidden-delta", false.other_slope),
    _half("first-layer", Words("the forward pass", "前向传播"),
        Words("layers l = 1, …, L have weights Wˡ and an input zˡ", "第 l = 1, …, L 层都有 Wˡ 与 zˡ"),
        Words("W, b, z and δ exist for l = 2, …, L; a¹ = x passes through no activation", "W、b、z、δ 只对 l = 2, …, L 存在；a¹ = x 不经过激活函数"),
        "forward", false.input_layer),
    _half("jacobian-by-matrix", _PARAMETERS,
        Words("∂J/∂W = (∂J/∂z) (∂z/∂W) as a product of matrices", "把 ∂J/∂W = (∂J/∂z)(∂z/∂W) 当作矩阵乘积"),
        Words("∂zᵢ/∂Wₚₛ = [i = p] aₛ has three indices; summed with δ it gives δ aᵀ", "∂zᵢ/∂Wₚₛ = [i = p] aₛ 有三个下标；与 δ 求和得 δ aᵀ"),
        "weight-gradient", false.derivative_by_matrix),
    _half("shared-weights", _PARAMETERS,
        Words("∂J/∂Wˡ = δˡ (aˡ⁻¹)ᵀ", "∂J/∂Wˡ = δˡ (aˡ⁻¹)ᵀ"),
        Words("given that Wˡ occurs in layer l alone: no shared weights", "须假设 Wˡ 只出现在第 l 层：没有权重共享"),
        "weight-gradient", false.shared_weights),
    _half("no-penalty", _PARAMETERS,
        Words("∂J/∂Wˡ = δˡ (aˡ⁻¹)ᵀ for “the loss J”", "对“损失函数 J”有 ∂J/∂Wˡ = δˡ (aˡ⁻¹)ᵀ"),
        Words("given that J has no term in the weights themselves, such as weight decay", "须假设 J 中没有直接含权重的项，例如权重衰减"),
        "weight-gradient", false.penalty),
    _half("one-sample", _PARAMETERS,
        Words("the gradients, without saying of how many samples", "给出偏导，却未说明样本个数"),
        Words("they are of one sample; over a batch they are averaged", "它们属于单个样本；对一批样本须取平均"),
        "batch-mean", false.batch),
    _half("small-step", _UPDATE,
        Words("the update improves the parameters", "按公式更新参数"),
        Words("it lowers J for small α; a large step can raise it", "α 足够小时 J 下降；步长过大可能上升"),
        "update-descends", search.step_that_climbs),
    _half("column-jacobian", _NOTE2,
        Words("∂y/∂x is the column f′(x)", "∂y/∂x 是列向量 f′(x)"),
        Words("∂y/∂x = diag(f′(x)); the column stands for it only under ⊙", "∂y/∂x = diag(f′(x))；只有在 ⊙ 之下才可用列向量代表"),
        "elementwise-derivative", false.column_for_jacobian),
    _half("layout", _NOTE3,
        Words("∂y/∂x = Aᵀ", "∂y/∂x = Aᵀ"),
        Words("in the denominator layout; in the numerator layout it is A", "在分母布局中；在分子布局中为 A"),
        "linear-derivative-input", false.numerator_layout),
    _half("matrix-derivative", _NOTE3,
        Words("∂y/∂A = xᵀ", "∂y/∂A = xᵀ"),
        Words("∂yᵢ/∂Aₚₛ = [i = p] xₛ; for a scalar J: ∂J/∂A = (∂J/∂y) xᵀ", "∂yᵢ/∂Aₚₛ = [i = p] xₛ；对标量 J：∂J/∂A = (∂J/∂y) xᵀ"),
        "linear-derivative-matrix", false.derivative_by_matrix),
    _half("slopes-silu", _FLOW_V,
        Words("the derivative of the activation lies between 0 and 1", "激活函数的导数在 0 到 1 之间"),
        Words("true of sigmoid (at most 1/4), tanh, relu; false of silu", "对 sigmoid（至多 1/4）、tanh、relu 成立；对 silu 不成立"),
        "activation-derivatives", lambda: search.slope_outside("silu")),
    _half("slopes-gelu", _FLOW_V,
        Words("the derivative of the activation lies between 0 and 1", "激活函数的导数在 0 到 1 之间"),
        Words("false of gelu too", "对 gelu 同样不成立"),
        "activation-derivatives", lambda: search.slope_outside("gelu_tanh")),
    _half("slopes-suffice", _FLOW_V,
        Words("slopes up to 1, multiplied many times, make gradients vanish", "导数在 0 到 1 之间，多次相乘极易消失"),
        Words("the weights count as much: vanishing follows where sup|f′| ‖Wᵐ‖ ≤ q < 1", "权重同样重要：当 sup|f′| ‖Wᵐ‖ ≤ q < 1 时必然消失"),
        "vanishing-gradient", search.growth_without_steep_slopes),
    _half("iterations", _FLOW_V,
        Words("after many iterations of multiplication", "经过多次迭代相乘"),
        Words("the product runs over layers, within one backward pass, not over iterations of training", "连乘是在一次反向传播中对各层进行的，与训练迭代无关"),
        "vanishing-gradient"),
    _half("which-norm", _FLOW_V,
        Words("gradients are “small”, in no stated norm", "梯度“消失”，未说明用何种范数"),
        Words("the bound holds in the 2-norm; in the maximum norm it is false", "该界对 2-范数成立；对最大值范数不成立"),
        "vanishing-gradient", search.vanishing_maximum_norm),
    _half("huge-weights", _FLOW_E,
        Words("explosion needs especially large parameters", "模型参数特别大时才会爆炸"),
        Words("ordinary weights suffice when there are many layers", "层数多时，普通大小的权重即可"),
        "exploding-gradient", search.growth_with_ordinary_weights),
    _half("improbable", _FLOW_E,
        Words("the probability of explosion is small", "梯度爆炸的概率比较小"),
        Words("it depends on the scale of the weights, and goes from almost never to almost always within a factor of two", "取决于权重的尺度：尺度相差一倍以内，就从几乎不会变为几乎必然"),
        "exploding-gradient", search.improbable_explosion),
)  # fmt: skip


@dataclass(frozen=True)
class Passage:
    """One numbered equation or claim of the source text, and the theorems that settle it."""

    place: Words
    says: Words
    theorems: tuple[str, ...]


SOURCE: tuple[Passage, ...] = (
    Passage(Words("forward pass (1)", "前向传播 (1)"), Words("a¹ = x", "a¹ = x"), ("forward",)),
    Passage(
        Words("forward pass (2)", "前向传播 (2)"),
        Words("aˡ = f(zˡ) = f(Wˡ aˡ⁻¹ + bˡ)", "aˡ = f(zˡ) = f(Wˡ aˡ⁻¹ + bˡ)"),
        ("forward",),
    ),
    Passage(_HEAD1, Words("δᴸ = softmax(zᴸ) − y", "δᴸ = softmax(zᴸ) − y"), ("softmax-cross-entropy-delta",)),
    Passage(_HEAD2, Words("δᴸ = (f(zᴸ) − y) ⊙ f′(zᴸ)", "δᴸ = (f(zᴸ) − y) ⊙ f′(zᴸ)"), ("half-mse-delta",)),
    Passage(_HEAD3, Words("δᴸ = sigmoid(zᴸ) − y", "δᴸ = sigmoid(zᴸ) − y"), ("sigmoid-cross-entropy-delta",)),
    Passage(_CHAIN, Words("δˡ as a product over the layers", "δˡ 写成各层连乘"), ("chain-expansion",)),
    Passage(
        _RECURSION,
        Words("δˡ = ((Wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ f′(zˡ)", "δˡ = ((Wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ f′(zˡ)"),
        ("hidden-delta", "backpropagation"),
    ),
    Passage(
        _PARAMETERS,
        Words("∂J/∂Wˡ = δˡ (aˡ⁻¹)ᵀ", "∂J/∂Wˡ = δˡ (aˡ⁻¹)ᵀ"),
        ("weight-gradient", "backpropagation"),
    ),
    Passage(_PARAMETERS, Words("∂J/∂bˡ = δˡ", "∂J/∂bˡ = δˡ"), ("bias-gradient", "backpropagation")),
    Passage(_UPDATE, Words("θ − α ∂J/∂θ", "θ − α ∂J/∂θ"), ("update-descends", "batch-mean")),
    Passage(
        _FLOW_V, Words("derivatives lie between 0 and 1", "导数在 0 到 1 之间"), ("activation-derivatives",)
    ),
    Passage(_FLOW_V, Words("repeated products vanish", "多次相乘导致消失"), ("vanishing-gradient",)),
    Passage(
        _FLOW_E,
        Words("large parameters explode; improbable", "参数大则爆炸；概率较小"),
        ("exploding-gradient",),
    ),
    Passage(Words("note 1", "注 1"), Words("the elementwise product", "Hadamard 积"), ("hadamard",)),
    Passage(_NOTE2, Words("∂f(x)/∂x", "∂f(x)/∂x"), ("elementwise-derivative",)),
    Passage(_NOTE3, Words("∂(A x)/∂x = Aᵀ", "∂(A x)/∂x = Aᵀ"), ("linear-derivative-input",)),
    Passage(_NOTE3, Words("∂(A x)/∂A = xᵀ", "∂(A x)/∂A = xᵀ"), ("linear-derivative-matrix",)),
)

_PHRASES = {
    "title": Words("The source text held to account", "原文勘误"),
    "misprint": Words("Misprints", "印刷错误"),
    "half-truth": Words("Claims that need a hypothesis", "需要附加假设的论断"),
    "printed": Words("printed", "原文"),
    "corrected": Words("corrected", "更正"),
    "theorem": Words("theorem", "定理"),
    "found": Words("found by computation", "计算所得反例"),
    "claimed": Words("claimed", "所称"),
    "true": Words("true", "实际"),
    "map": Words(
        "Every equation and claim, and the theorem that settles it", "逐条对应：原文的等式与论断，及相应定理"
    ),
}


def render(lang: str = "en", *, width: int = 100) -> str:
    """Return the errata and the map of the source text as text for the terminal; counterexamples are computed now."""

    def phrase(name: str) -> str:
        return _PHRASES[name][lang]

    lines = [phrase("title"), "─" * len(phrase("title")) * (1 if lang == "en" else 2)]
    for kind in ("misprint", "half-truth"):
        entries = [erratum for erratum in ERRATA if erratum.kind == kind]
        lines += ["", f"{phrase(kind)} ({len(entries)})"]
        for number, erratum in enumerate(entries, 1):
            lines += ["", f"{number:3}. {erratum.place[lang]}  [{erratum.theorem}]"]
            parts = [
                (phrase("printed"), erratum.printed[lang]),
                (phrase("corrected"), erratum.corrected[lang]),
            ]
            counterexample = erratum.counterexample()
            if counterexample is not None:
                found = f"{counterexample.case}: {phrase('claimed')} {counterexample.claimed}; {phrase('true')} {counterexample.true}"
                parts.append((phrase("found"), found))
            for label, text in parts:
                lines += textwrap.wrap(
                    f"{label}: {text}", width, initial_indent="     ", subsequent_indent="       "
                )
    lines += ["", phrase("map"), ""]
    lines += [f"  {p.place[lang]}: {p.says[lang]}  [{', '.join(p.theorems)}]" for p in SOURCE]
    return "\n".join(lines) + "\n"


__all__ = ["ERRATA", "SOURCE", "Erratum", "Passage", "render"]
