"""A theorem on the page: text, Markdown, LaTeX, HTML with MathML."""

from derivations.render import text

__all__ = ["text"]
