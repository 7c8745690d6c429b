"""The fixed phrases of a rendered page, the names of the rules, and the lines that say what the letters mean."""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

import re
from collections import Counter

from derivations import terms
from derivations.norm_claims import NormStep
from derivations.proof import AnyClaim, AnyStep, Step, Theorem
from derivations.ranges import RangeClaim
from derivations.render import layout
from derivations.render.unicode import ABOVE, line
from derivations.rules import Rule
from derivations.setting import Definition, FunctionDefinition, Words
from derivations.terms import Apply, Entry, Term

PHRASES = {
    "source": Words("Source text", "原文"),
    "assumed": Words("Assumed", "前提"),
    "where": Words("where", "其中"),
    "entry": Words("that is, entry by entry,", "即逐分量："),
    "derivation": Words("Derivation", "推导"),
    "checked": Words(
        "Checked by gradproof, {steps} steps: {how}.", "由 gradproof 检验，共 {steps} 步：{how}。"
    ),
    "unknown": Words(" is any differentiable function of |", " 是 | 的任意可微函数"),
    "notation": Words("Notation", "记号"),
}

CHECKS = {
    "equality": Words(
        "{count} by the rule named, by the kernel, and written out in scalars at small widths",
        "{count}步按所列法则、由内核、并在小宽度下展开为标量核对",
    ),
    "lemma": Words(
        "{count} by the lemma named, which is listed and not derived here, and tried on random networks",
        "{count}步按所列引理（仅列出，未在此推导），并在随机网络上试算",
    ),
    "induction": Words(
        "{count} by induction, its base and its step checked apart",
        "{count}步按归纳法，奠基与递推分别核对",
    ),
    "range": Words(
        "{count} by a certificate that the kernel checks, or by enclosures in interval arithmetic",
        "{count}步按由内核核对的凭证，或按区间算术的包围",
    ),
}
"""How a step is checked, by its kind: what the last line of a page says."""

RULES = {
    "algebra": Words("algebra", "代数整理"),
    "all definitions": Words("all definitions", "全部定义"),
    "certificate": Words("certificate", "凭证"),
    "chain rule": Words("chain rule", "链式法则"),
    "contraction": Words("contraction", "收缩"),
    "differentiate": Words("differentiation", "求导"),
    "elementwise product": Words("norm of an elementwise product", "逐元素乘积的范数"),
    "elementwise product from below": Words(
        "norm of an elementwise product, from below", "逐元素乘积的范数（下界）"
    ),
    "empty product": Words("empty product", "空积"),
    "enclosure": Words("enclosure", "区间包围"),
    "hypothesis": Words("hypothesis", "假设"),
    "hypothesis of the induction": Words("hypothesis of the induction", "归纳假设"),
    "independent entries": Words("independent entries", "独立分量"),
    "induction": Words("induction", "归纳法"),
    "infimum": Words("infimum", "下确界"),
    "least stretch": Words("least stretch", "最小伸长率"),
    "lemma": Words("proved before", "已证结论"),
    "limit": Words("limit", "极限"),
    "linearity": Words("linearity", "线性"),
    "norm of the transpose": Words("norm of the transpose", "转置的范数"),
    "operator norm": Words("operator norm", "算子范数"),
    "power rule": Words("power rule", "幂的求导"),
    "product": Words("product", "连乘"),
    "product rule": Words("product rule", "乘积法则"),
    "scalar chain rule": Words("chain rule for one variable", "一元链式法则"),
    "supremum": Words("supremum", "上确界"),
    "value": Words("value at a point", "取值"),
}
"""The rules as a reader meets them, but for definitions and theorems, whose names tell which."""


def rule_name(rule: Rule, lang: str) -> str:
    """Return the name of a rule, as the first words of a sentence."""
    kind, _, what = rule.name.partition(" ")
    if rule.name.startswith("definition of "):
        letter, _, layer = what.removeprefix("of ").partition("^")
        sign = layout.GREEK.get(letter, letter) + "".join(ABOVE[character] for character in layer)
        return f"Definition of {sign}" if lang == "en" else f"{sign} 的定义"
    if kind == "theorem":
        return f"Theorem {what}" if lang == "en" else f"定理 {what}"
    name = RULES[rule.name][lang]
    return name[0].upper() + name[1:]


def stop(lang: str) -> str:
    """Return what ends a sentence, and parts it from the next."""
    return ". " if lang == "en" else "。"


def checked(theorem: Theorem, lang: str) -> str:
    """Return how the steps of a theorem were checked."""
    kinds = Counter(map(_check, theorem.steps))
    each = {"en": "each", "zh": "每"}[lang]
    spaced = "{}" if lang == "en" else "{} "
    how = (
        words[lang].format(count=each if len(kinds) == 1 else spaced.format(kinds[kind]))
        for kind, words in CHECKS.items()
        if kinds[kind]
    )
    return PHRASES["checked"][lang].format(
        steps=len(theorem.steps), how=("; " if lang == "en" else "；").join(how)
    )


def _check(step: AnyStep) -> str:
    if step.kind == "induction":
        return "induction"
    return "equality" if isinstance(step, Step) else "lemma" if isinstance(step, NormStep) else "range"


NOTATION = (
    (r"J", Words("J is the loss", "J 是损失")),
    (r"W[ˡᴸ⁰¹²³⁴⁵]", Words("W the weights of a layer", "W 是一层的权重")),
    (r"b[ˡᴸ⁰¹²³⁴⁵]", Words("b its biases", "b 是其偏倚")),
    (r"z[ˡᴸ⁰¹²³⁴⁵]", Words("z a layer's input", "z 是一层的输入")),
    (r"a[ˡᴸ⁰¹²³⁴⁵]", Words("a its output", "a 是其输出")),
    (r"δ", Words("δ the error signal ∂J/∂z", "δ 是误差项 ∂J/∂z")),
    (
        r"[WbzaδDMGAZ][ˡᴸ⁰¹²³⁴⁵]",
        Words("a letter's raised l is its layer, not a power", "字母右上角是层号，不是幂"),
    ),
    (r"\w[ᵢⱼₚᵣₛₜ]", Words("a lowered index picks an entry", "右下角是分量的下标")),
    (r"⊙", Words("⊙ multiplies entry by entry", "⊙ 是逐元素相乘")),
    (r"ᵀ", Words("ᵀ transposes", "ᵀ 是转置")),
    (r"\[. = .\]", Words("[j = p] is 1 where j = p, else 0", "[j = p] 在 j = p 时为 1，否则为 0")),
)
"""What a sign means, by a pattern of where it occurs."""


def notation(theorem: Theorem, lang: str) -> str:
    """Return what the signs on the page of a theorem mean, in one sentence."""
    boxes = [layout.side(side) for step in theorem.steps for side in (step.left, step.right)]
    shown = " ".join(
        map(line, (*boxes, *(box for claim in theorem.claims for box in layout.displayed(claim))))
    )
    meanings = [words[lang] for pattern, words in NOTATION if re.search(pattern, shown)]
    parted, colon = ("; ", ": ") if lang == "en" else ("；", "：")
    return PHRASES["notation"][lang] + colon + parted.join(meanings) + stop(lang).rstrip() if meanings else ""


def setting_lines(claim: AnyClaim, lang: str) -> list[tuple[layout.Box, str]]:
    """Return what each letter of a claim stands for: equations, perhaps with a remark."""
    lines: list[tuple[layout.Box, str]] = []
    setting = claim.setting
    for definition in _occurring(claim):
        if isinstance(definition, FunctionDefinition):
            left: layout.Box = layout.row(
                layout.function(definition.function), layout.Fence(layout.tensor(definition.argument))
            )
        else:
            left = layout.term(definition.tensor[definition.indices])
        lines.append((layout.relation(left, "=", layout.term(definition.body)), ""))
    for unknown in setting.unknowns:
        before, after = PHRASES["unknown"][lang].split("|")
        end = (layout.Words(after),) if after else ()
        said = layout.row(
            layout.tensor(unknown.scalar), layout.Words(before), layout.tensor(unknown.of), *end
        )
        lines.append((said, ""))
    for hypothesis in setting.hypotheses:
        equation = layout.relation(layout.term(hypothesis.left), "=", layout.term(hypothesis.right))
        lines.append((equation, f"({hypothesis.words[lang]})"))
    return lines


def _occurring(claim: AnyClaim) -> list[Definition | FunctionDefinition]:
    """Return the definitions that the steps use, directly or through one another."""
    terms = [side for step in claim.steps for side in (step.left, step.right) if isinstance(side, Term)]
    names = set().union(*map(_names, terms))
    if isinstance(claim, RangeClaim):
        names.discard(claim.function.name)  # its pieces were shown where it was differentiated
    while True:
        found = [d for d in claim.setting.definitions if _name(d) in names]
        more = names.union(*(_names(d.body) for d in found))
        if more == names:
            return found
        names = more


def _name(definition: Definition | FunctionDefinition) -> str:
    return definition.function.name if isinstance(definition, FunctionDefinition) else str(definition.tensor)


def _names(t: Term) -> set[str]:
    own = {t.function.name} if isinstance(t, Apply) else {str(t.tensor)} if isinstance(t, Entry) else set()
    return own.union(*map(_names, terms.children(t)))
