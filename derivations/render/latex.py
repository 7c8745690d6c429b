"""A theorem as LaTeX: amsmath and nothing else, pdflatex for English, xelatex with ctex for Chinese."""

from __future__ import annotations

from collections.abc import Iterable

from derivations.proof import AXIOMS, AnyClaim, Theorem
from derivations.render import layout
from derivations.render.layout import Big, Box, Fence, Name, Numeral, Quotient, Row, Script, Sign, Words
from derivations.render.unicode import ABOVE, BELOW
from derivations.render.words import PHRASES, checked, notation, rule_name, setting_lines, stop

_SYMBOLS = {
    "δ": r"\delta", "α": r"\alpha", "θ": r"\theta", "σ": r"\sigma", "Σ": r"\sum",
    "∏": r"\prod", "∂": r"\partial",
    "⊙": r"\odot", "≤": r"\le", "≥": r"\ge", "∈": r"\in", "→": r"\to", "−": "-",
    "…": r"\ldots", "⋯": r"\cdots",
    "‖": r"\|", "∞": r"\infty", "·": r"\cdot", "′": "'",
}  # fmt: skip
_OPERATORS = {
    "exp": r"\exp",
    "log": r"\log",
    "tanh": r"\tanh",
    "max": r"\max",
    "min": r"\min",
    "sup": r"\sup",
    "inf": r"\inf",
}
_PROSE = {
    "–": "--",
    "—": "---",
    "“": "``",
    "”": "''",
    "’": "'",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
}
_PUNCTUATION = "，。：；（）、！？“”"  # Chinese punctuation is text, also beside formulas


def math(box: Box) -> str:
    """Return the box as LaTeX for math mode."""
    match box:
        case Name(text, primes):
            return _name(text) + "'" * primes
        case Words(text):
            return rf"\text{{{prose(text)}}}"
        case Numeral(text):
            return text
        case Sign(" ", _):
            return r"\, "
        case Sign(text, spaced):
            symbol = "".join(_SYMBOLS.get(character, character) for character in text)
            if text == "∂":
                return symbol + " "
            return f" {symbol} " if spaced else ("{" + symbol + "}" if text in "+−=≥≤" else symbol)
        case Row(parts):
            return "".join(map(math, parts))
        case Script(base, above, below):
            inner = math(base)
            whole = inner if isinstance(base, Name) and not base.primes else "{" + inner + "}"
            return whole + (f"_{{{math(below)}}}" if below else "") + (f"^{{{math(above)}}}" if above else "")
        case Quotient(above, below):
            return rf"\frac{{{math(above)}}}{{{math(below)}}}"
        case Fence(inner, marks):
            left, right = (_delimiter(mark) for mark in marks)
            return rf"\left{left} {math(inner)} \right{right}"
        case Big(sign, below, body, above):
            over = f"^{{{math(above)}}}" if above else ""
            return rf"{_SYMBOLS[sign]}_{{{math(below)}}}{over} {math(body)}"
    raise TypeError(f"no LaTeX for {type(box).__name__}")


def _name(text: str) -> str:
    if text in _OPERATORS:
        return _OPERATORS[text] + " "
    if text in _SYMBOLS:
        return _SYMBOLS[text] + " "
    if len(text) == 1:
        return text
    escaped = text.replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}"


def _delimiter(mark: str) -> str:
    return {"{": r"\{", "}": r"\}", "‖": r"\|"}.get(mark, mark)


def prose(text: str) -> str:
    """Return a sentence for text mode: its formulas, written in Unicode, become small formulas of LaTeX."""
    out: list[str] = []
    scripts = {"^": "", "_": ""}

    def flush() -> None:
        if scripts["^"] or scripts["_"]:
            out.append("${}" + "".join(f"{mark}{{{run}}}" for mark, run in scripts.items() if run) + "$")
            scripts.update({"^": "", "_": ""})

    for character in text:
        if character in _RAISED:
            scripts["^"] += _RAISED[character]
        elif character in _LOWERED:
            scripts["_"] += _LOWERED[character]
        else:
            flush()
            if character in _SYMBOLS:
                out.append(f"${_SYMBOLS[character]}$" if character != "′" else "$'$")
            else:
                out.append(_PROSE.get(character, character))
    flush()
    return "".join(out)


_RAISED = {shown: "-" if plain == "−" else plain for plain, shown in ABOVE.items()}
_LOWERED = {shown: "-" if plain == "−" else plain for plain, shown in BELOW.items()}


def body(theorem: Theorem, lang: str = "en") -> str:
    """Return the theorem as one section of a document."""
    lines = [
        rf"\section*{{\texttt{{{theorem.id}}}: {prose(theorem.title[lang])}}}",
        rf"\emph{{{PHRASES['source'][lang]}: {prose(theorem.source[lang])}}}",
        "",
    ]
    if meaning := notation(theorem, lang):
        lines += [prose(meaning), ""]
    assumed = (*theorem.hypotheses, *(AXIOMS[axiom] for axiom in theorem.axioms))
    if assumed:
        lines += [rf"\paragraph{{{PHRASES['assumed'][lang]}}}", r"\begin{itemize}"]
        lines += [rf"\item {prose(words[lang])}" for words in assumed]
        lines += [r"\end{itemize}"]
    for number, claim in enumerate(theorem.claims, 1):
        lines += _claim(claim, number if len(theorem.claims) > 1 else None, lang)
    lines += ["", rf"\noindent\emph{{{prose(checked(theorem, lang))}}}"]
    return "\n".join(lines) + "\n"


def _claim(claim: AnyClaim, number: int | None, lang: str) -> list[str]:
    lines = [""]
    if number is not None:
        lines += [rf"\subsection*{{({number}) {prose(claim.title[lang]) if claim.title else ''}}}"]
    for place, box in enumerate(layout.displayed(claim)):
        if place:
            lines.append(prose(PHRASES["entry"][lang]))
        lines.append(rf"\[ {math(box)} \]")
    meanings = setting_lines(claim, lang)
    if meanings:
        lines += [rf"\noindent {PHRASES['where'][lang]}", r"\begin{itemize}"]
        lines += [
            rf"\item ${math(box)}$" + (f" {prose(remark)}" if remark else "") for box, remark in meanings
        ]
        lines += [r"\end{itemize}"]
    lines += [rf"\paragraph{{{PHRASES['derivation'][lang]}}}"]
    before: object = None
    for step in claim.steps:
        if before is None or before is not step.left:
            lines.append(rf"\[ {math(layout.side(step.left))} \]")
        lines.append(
            rf"\[ {math(layout.relation(layout.Row(()), step.relation, layout.side(step.right)))} \]"
        )
        reason = rf"\emph{{{prose(rule_name(step.rule, lang) + stop(lang).rstrip())}}}"
        lines.append(rf"\begin{{quote}}\small {reason} {prose(step.sentence[lang])}\end{{quote}}")
        before = step.right
    return lines


def document(theorems: Iterable[Theorem], *, lang: str = "en") -> str:
    """Return a document that compiles as it is."""
    kind = r"\documentclass{article}" if lang == "en" else r"\documentclass[fontset=fandol]{ctexart}"
    head = [kind, r"\usepackage{amsmath,amssymb}", r"\usepackage[margin=20mm]{geometry}", r"\begin{document}"]
    return "\n".join([*head, *(body(theorem, lang) for theorem in theorems), r"\end{document}"]) + "\n"


def render(theorem: Theorem, *, lang: str = "en") -> str:
    """Return a document with one theorem, which compiles as it is."""
    return document([theorem], lang=lang)
