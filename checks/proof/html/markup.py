"""Elements of a page, from Python: what is no markup yet is escaped, once."""

from html import escape
from typing import Self


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()

    def __add__(self, other: str) -> Self:
        return type(self)(str(self) + text(other))


def text(plain: str) -> Markup:
    """Return the text as markup, escaped unless it is markup."""
    return plain if isinstance(plain, Markup) else Markup(escape(plain))


def tag(element: str, *inside: str, **attributes: str | bool) -> Markup:
    """Return an element.

    Parameters
    ----------
    element : str
        Its name.
    *inside : str
        What it holds; plain text is escaped.
    **attributes : str or bool
        A trailing underscore is dropped and others become hyphens: ``class_="x"``, ``aria_label="y"``. True
        stands for an attribute without a value; False and empty leave it out.
    """
    shown = ""
    for name, value in attributes.items():
        if value:
            name = name.rstrip("_").replace("_", "-")
            shown += f" {name}" if value is True else f' {name}="{escape(str(value))}"'
    return Markup(f"<{element}{shown}>{''.join(map(text, inside))}</{element}>")


def joined(*parts: str) -> Markup:
    """Return the parts one below the other in the source."""
    return Markup("\n".join(text(part) for part in parts if part))


def unfolding(summary: str, *inside: str, **attributes: str | bool) -> Markup:
    """Return something that shows its summary and unfolds."""
    return tag("details", tag("summary", summary), *inside, **attributes)


def table(caption: str, head: list[str], rows: list[list[str]], *, class_: str = "") -> Markup:
    """Return a table whose columns have headers and whose rows are named by their first cell."""
    header = tag("tr", *(tag("th", cell, scope="col") for cell in head))
    body = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) + "\n"
        for row in rows
    ]
    whole = tag("table", tag("caption", caption), tag("thead", header), tag("tbody", *body), class_=class_)
    return tag("div", whole, class_="wide", role="region", tabindex="0", aria_label=caption)


def status(word: str) -> Markup:
    """Return a status: a sign for the eye, a word for everybody; the colour is an extra."""
    kind = KINDS.get(word, "unclear")
    return tag(
        "span", tag("span", SIGNS[kind], aria_hidden="true"), Markup("&#160;"), word, class_=f"status {kind}"
    )


KINDS = {
    "PASS": "good",
    "holds": "good",
    "proven": "good",
    "caught": "good",
    "FAIL": "bad",
    "fails": "bad",
    "refuted": "bad",
    "survived": "bad",
    "INCONCLUSIVE": "unclear",
    "not applicable": "absent",
    "equivalent": "absent",
}
SIGNS = {"good": "✓", "bad": "✗", "unclear": "?", "absent": "–"}
