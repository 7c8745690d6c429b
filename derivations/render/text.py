"""A theorem as a page for the terminal."""

from __future__ import annotations

import re
import unicodedata

from derivations.proof import AXIOMS, AnyClaim, Theorem
from derivations.render import layout
from derivations.render.unicode import line
from derivations.render.words import PHRASES, checked, notation, rule_name, setting_lines, stop

_PIECES = re.compile(r"[\u2e80-\u9fff（《][，。；：、）》！？]*\s*|[^\s\u2e80-\u9fff（《]+\s*|\s+")
_BOLD, _DIM, _CYAN, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"


def render(theorem: Theorem, *, lang: str = "en", width: int = 100, colour: bool = False) -> str:
    """Return the theorem as text.

    Parameters
    ----------
    theorem : Theorem
        A theorem; that it exists means that it was checked.
    lang : {"en", "zh"}
        Language of titles and sentences.
    width : int
        Columns to fill; sentences are wrapped, equations never.
    colour : bool
        Whether to use ANSI colours.
    """
    page = _Page(lang, width, colour)
    page.title(theorem.id, theorem.title[lang])
    page.plain(f"{PHRASES['source'][lang]}: {theorem.source[lang]}")
    if meaning := notation(theorem, lang):
        page.item(meaning, "")
    if theorem.hypotheses or theorem.axioms:
        page.blank()
        page.heading(PHRASES["assumed"][lang])
        for words in (*theorem.hypotheses, *(AXIOMS[axiom] for axiom in theorem.axioms)):
            page.item(words[lang])
    for number, claim in enumerate(theorem.claims, 1):
        _claim(page, claim, number if len(theorem.claims) > 1 else None)
    page.blank()
    page.item(checked(theorem, lang), "")
    return str(page)


def _claim(page: _Page, claim: AnyClaim, number: int | None) -> None:
    lang = page.lang
    page.blank()
    if number is not None:
        page.heading(f"({number}) " + (claim.title[lang] if claim.title else ""))
    for place, box in enumerate(layout.displayed(claim)):
        if place:
            page.plain(f"  {PHRASES['entry'][lang]}")
        page.equation(line(box))
    meanings = setting_lines(claim, lang)
    if meanings:
        page.plain(f"  {PHRASES['where'][lang]}")
        for equation, remark in meanings:
            page.plain("    " + line(equation) + (f"  {remark}" if remark else ""))
    page.blank()
    page.heading(PHRASES["derivation"][lang])
    before = None
    for step in claim.steps:
        if before is None or before is not step.left:
            page.plain(f"      {line(layout.side(step.left))}")
        reason = rule_name(step.rule, lang) + stop(lang)
        page.step(step.relation, line(layout.side(step.right)), reason, step.sentence[lang])
        before = step.right


class _Page:
    """Lines of text, in colour or not."""

    def __init__(self, lang: str, width: int, colour: bool) -> None:
        self.lang = lang
        self._width = width
        self._colour = colour
        self._lines: list[str] = []

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_OFF}" if self._colour else text

    def blank(self) -> None:
        """Add an empty line."""
        self._lines.append("")

    def title(self, identifier: str, title: str) -> None:
        """Add the title, underlined."""
        self._lines.append(self._paint(f"{identifier} · {title}", _BOLD))
        self._lines.append("─" * min(self._width, columns(f"{identifier} · {title}")))

    def heading(self, text: str) -> None:
        """Add a heading."""
        self._lines.append(self._paint(text, _BOLD))

    def plain(self, text: str) -> None:
        """Add a line as it is."""
        self._lines.append(text)

    def item(self, text: str, mark: str = "  · ") -> None:
        """Add one item of a list, or with no mark a paragraph."""
        self._lines.extend(self._wrapped(text, mark, " " * len(mark)))

    def equation(self, text: str) -> None:
        """Add a formula."""
        self._lines.append("  " + self._paint(text, _CYAN))

    def step(self, relation: str, equation: str, reason: str, sentence: str) -> None:
        """Add a step: relation and formula, then the rule's name and the sentence."""
        self._lines.append(f"    {relation} " + self._paint(equation, _CYAN))
        first, *rest = self._wrapped(reason + sentence, "        ", "        ")
        split = len("        ") + len(reason.rstrip())
        self._lines.append(first[:split] + self._paint(first[split:], _DIM))
        self._lines.extend(self._paint(part, _DIM) for part in rest)

    def _wrapped(self, text: str, first: str, rest: str) -> list[str]:
        """Fill lines: English is broken between words, Chinese anywhere but before a closing mark."""
        lines = [first]
        for piece in _PIECES.findall(text):
            if columns(lines[-1] + piece.rstrip()) > self._width and lines[-1].strip():
                lines[-1] = lines[-1].rstrip()
                lines.append(rest)
            lines[-1] += piece if lines[-1].strip() else piece.lstrip()
        return lines


def columns(text: str) -> int:
    """Return how many columns ``text`` takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
