"""The fixed phrases of a rendered page, and the lines that say what the letters mean."""

from __future__ import annotations

from derivations import terms
from derivations.proof import AnyClaim
from derivations.ranges import RangeClaim
from derivations.render import layout
from derivations.setting import Definition, FunctionDefinition, Words
from derivations.terms import Apply, Entry, Term

PHRASES = {
    "source": Words("Source text", "原文"),
    "assumed": Words("Assumed", "前提"),
    "where": Words("where", "其中"),
    "entry": Words("that is, entry by entry,", "即逐分量："),
    "derivation": Words("Derivation", "推导"),
    "checked": Words(
        "Checked by gradproof's kernel: {steps} steps, each by its rule, by canonical form, "
        "and written out at small widths.",
        "由 gradproof 的内核检验：共 {steps} 步，每步都按所用法则、按规范形式、并在小宽度下逐项展开核对。",
    ),
    "unknown": Words("is any differentiable function of", "是下式的任意可微函数："),
}


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
        phrase = layout.Words(f" {PHRASES['unknown'][lang]} ")
        lines.append((layout.row(layout.tensor(unknown.scalar), phrase, layout.tensor(unknown.of)), ""))
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
