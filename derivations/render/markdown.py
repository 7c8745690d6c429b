"""A theorem as Markdown, with formulas between dollar signs as GitHub and most notebooks show them."""

from __future__ import annotations

from collections.abc import Iterable

from derivations.proof import AXIOMS, AnyClaim, Theorem
from derivations.render import layout
from derivations.render.latex import math
from derivations.render.words import PHRASES, checked, notation, rule_name, setting_lines, stop


def render(theorem: Theorem, *, lang: str = "en") -> str:
    """Return the theorem as one section."""
    lines = [
        f"## `{theorem.id}`: {theorem.title[lang]}",
        "",
        f"*{PHRASES['source'][lang]}: {theorem.source[lang]}*",
        "",
    ]
    if meaning := notation(theorem, lang):
        lines += [_prose(meaning), ""]
    assumed = (*theorem.hypotheses, *(AXIOMS[axiom] for axiom in theorem.axioms))
    if assumed:
        lines += [
            f"**{PHRASES['assumed'][lang]}**",
            "",
            *(f"- {_prose(words[lang])}" for words in assumed),
            "",
        ]
    for number, claim in enumerate(theorem.claims, 1):
        lines += _claim(claim, number if len(theorem.claims) > 1 else None, lang)
    lines += [f"*{checked(theorem, lang)}*", ""]
    return "\n".join(lines)


def _prose(text: str) -> str:
    return text.replace("_", r"\_").replace("*", r"\*").replace("|", r"\|")


def _claim(claim: AnyClaim, number: int | None, lang: str) -> list[str]:
    lines: list[str] = []
    if number is not None:
        lines += [f"### ({number}) {claim.title[lang] if claim.title else ''}".rstrip(), ""]
    for place, box in enumerate(layout.displayed(claim)):
        if place:
            lines += [PHRASES["entry"][lang], ""]
        lines += [f"$$ {math(box)} $$", ""]
    meanings = setting_lines(claim, lang)
    if meanings:
        lines += [PHRASES["where"][lang], ""]
        lines += [f"- ${math(box)}$" + (f" {_prose(remark)}" if remark else "") for box, remark in meanings]
        lines += [""]
    lines += [f"**{PHRASES['derivation'][lang]}**", ""]
    before: object = None
    for step in claim.steps:
        if before is None or before is not step.left:
            lines += [f"$$ {math(layout.side(step.left))} $$", ""]
        shown = layout.relation(layout.Row(()), step.relation, layout.side(step.right))
        reason = f"**{_prose(rule_name(step.rule, lang) + stop(lang).rstrip())}**"
        lines += [f"$$ {math(shown)} $$", "", f"> {reason} {_prose(step.sentence[lang])}", ""]
        before = step.right
    return lines


def document(theorems: Iterable[Theorem], *, lang: str = "en") -> str:
    """Return several theorems one below the other."""
    return "\n".join(render(theorem, lang=lang) for theorem in theorems)
