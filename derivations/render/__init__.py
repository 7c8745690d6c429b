"""A theorem on the page: text for the terminal, Markdown, LaTeX, HTML with MathML."""

from __future__ import annotations

from collections.abc import Iterable

from derivations.proof import Theorem
from derivations.render import html, latex, markdown, text

FORMATS = ("text", "markdown", "latex", "html")

__all__ = ["FORMATS", "document", "html", "latex", "markdown", "render", "text"]


def render(theorem: Theorem, format: str = "text", *, lang: str = "en") -> str:
    """Return one theorem in one of ``FORMATS``; LaTeX and HTML as a whole document.

    Raises
    ------
    ValueError
        When the format or the language is unknown.
    """
    return document([theorem], format, lang=lang)


def document(
    theorems: Iterable[Theorem],
    format: str = "text",
    *,
    lang: str = "en",
    width: int = 100,
    colour: bool = False,
) -> str:
    """Return several theorems as one document; ``width`` and ``colour`` are for text alone."""
    match format:
        case "text":
            return "\n\n".join(
                text.render(theorem, lang=lang, width=width, colour=colour) for theorem in theorems
            )
        case "markdown":
            return markdown.document(theorems, lang=lang)
        case "latex":
            return latex.document(theorems, lang=lang)
        case "html":
            return html.document(theorems, lang=lang)
    raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {format!r}")
