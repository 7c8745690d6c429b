"""The fixed phrases of a rendered page, and the lines that say what the letters mean."""

from __future__ import annotations

from derivations.render import layout
from derivations.setting import FunctionDefinition, Setting, Words

PHRASES = {
    "source": Words("Source text", "原文"),
    "assumed": Words("Assumed", "前提"),
    "where": Words("where", "其中"),
    "entry": Words("that is, entry by entry,", "即逐分量："),
    "derivation": Words("Derivation", "推导"),
    "checked": Words(
        "Checked by gradproof's kernel: {steps} steps, each by its rule, by canonical form, and written out at small widths.",
        "由 gradproof 的内核检验：共 {steps} 步，每步都按所用法则、按规范形式、并在小宽度下逐项展开核对。",
    ),
    "unknown": Words("is any differentiable function of", "是下式的任意可微函数："),
}


def setting_lines(setting: Setting, lang: str) -> list[tuple[layout.Box | None, str]]:
    """Return what each letter stands for: an equation, or a remark, or both."""
    lines: list[tuple[layout.Box | None, str]] = []
    for definition in setting.definitions:
        if isinstance(definition, FunctionDefinition):
            left: layout.Box = layout.row(
                layout.function(definition.function), layout.Fence(layout.tensor(definition.argument))
            )
        else:
            left = layout.term(definition.tensor[definition.indices])
        lines.append((layout.row(left, layout.Sign("="), layout.term(definition.body)), ""))
    for unknown in setting.unknowns:
        phrase = layout.Name(f" {PHRASES['unknown'][lang]} ")
        lines.append((layout.row(layout.tensor(unknown.scalar), phrase, layout.tensor(unknown.of)), ""))
    for hypothesis in setting.hypotheses:
        equation = layout.row(layout.term(hypothesis.left), layout.Sign("="), layout.term(hypothesis.right))
        lines.append((equation, f"({hypothesis.words[lang]})"))
    return lines
