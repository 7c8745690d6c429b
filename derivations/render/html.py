"""A theorem as one HTML page: MathML for the formulas, its own style, no script, nothing to download."""

from __future__ import annotations

import html as _html
from collections.abc import Iterable

from derivations.proof import AXIOMS, AnyClaim, Theorem
from derivations.render import layout
from derivations.render.layout import Big, Box, Fence, Name, Numeral, Quotient, Row, Script, Sign, Words
from derivations.render.words import PHRASES, checked, notation, rule_name, setting_lines, stop

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2330; --paper: #fff; --soft: #5c6675; --line: #d9dee7; --tint:
#f5f7fb; } @media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --paper: #14171d; --soft: #9aa5b5; --line: #2e3542; --tint: #1b2029; }
}
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; color: var(--ink); background:
var(--paper);
  font: 1rem/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h1 code { font-size: 1rem; color: var(--soft); display: block; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { font-size: .95rem; margin: 1.2rem 0 .2rem; color: var(--soft); }
article + article { margin-top: 4rem; } .source, .checked { color: var(--soft); font-size: .9rem; }
ul { margin: .2rem 0; padding-left: 1.3rem; }
.claim { background: var(--tint); border: 1px solid var(--line); border-radius: 8px;
  padding: .7rem 1rem; overflow-x: auto; }
.claim p { margin: .3rem 0; color: var(--soft); font-size: .9rem; } math { font-size: 1.12rem; }
.steps { list-style: none; margin: 0; padding: 0; }
.step { padding: .45rem 0 .45rem 1rem; border-left: 3px solid var(--line); margin: .35rem 0; overflow-x:
auto; }
.step p { margin: .15rem 0 0; font-size: .92rem; color: var(--soft); } .rule { font-weight: 600; }
""".strip()


def mathml(box: Box) -> str:
    """Return the box as MathML, without the ``math`` element around it."""
    match box:
        case Name(text, primes):
            own = f"<mi>{_html.escape(text)}</mi>"
            return f"<msup>{own}<mo>{'′' * primes}</mo></msup>" if primes else own
        case Words(text):
            return f"<mtext>{_html.escape(text).replace(' ', '&#160;')}</mtext>"
        case Numeral(text):
            return f"<mn>{text}</mn>"
        case Sign(" ", _):
            return '<mspace width="0.2em"/>'
        case Sign(text, spaced):
            space = "" if spaced else ' lspace="0" rspace="0"'
            return f"<mo{space}>{_html.escape(text.strip())}</mo>"
        case Row(parts):
            return f"<mrow>{''.join(map(mathml, parts))}</mrow>"
        case Script(base, above, below):
            inner = mathml(base)
            if above and below:
                return f"<msubsup>{inner}{mathml(below)}{mathml(above)}</msubsup>"
            if above:
                return f"<msup>{inner}{mathml(above)}</msup>"
            assert below is not None
            return f"<msub>{inner}{mathml(below)}</msub>"
        case Quotient(above, below):
            return f"<mfrac>{mathml(above)}{mathml(below)}</mfrac>"
        case Fence(inner, marks):
            return f"<mrow>{_mark(marks[0], 'prefix')}{mathml(inner)}{_mark(marks[1], 'postfix')}</mrow>"
        case Big(sign, below, body, above):
            large = f'<mo largeop="true" movablelimits="false">{"∑" if sign == "Σ" else sign}</mo>'
            if above:
                large = f"<munderover>{large}{mathml(below)}{mathml(above)}</munderover>"
            else:
                large = f"<munder>{large}{mathml(below)}</munder>"
            return f"<mrow>{large}{mathml(body)}</mrow>"
    raise TypeError(f"no MathML for {type(box).__name__}")


def _mark(mark: str, form: str) -> str:
    return f'<mo form="{form}" fence="true" stretchy="true">{_html.escape(mark)}</mo>'


def formula(box: Box) -> str:
    """Return the box as a displayed formula."""
    return f"<div>{_inline(box)}</div>"


def body(theorem: Theorem, lang: str = "en") -> str:
    """Return the theorem as one ``article``."""
    escape = _html.escape
    out = [
        f'<article id="{theorem.id}">',
        f"<h1><code>{theorem.id}</code>{escape(theorem.title[lang])}</h1>",
        f'<p class="source">{PHRASES["source"][lang]}: {escape(theorem.source[lang])}</p>',
    ]
    if meaning := notation(theorem, lang):
        out.append(f"<p>{escape(meaning)}</p>")
    assumed = (*theorem.hypotheses, *(AXIOMS[axiom] for axiom in theorem.axioms))
    if assumed:
        out.append(f"<h3>{PHRASES['assumed'][lang]}</h3><ul>")
        out += [f"<li>{escape(words[lang])}</li>" for words in assumed]
        out.append("</ul>")
    for number, claim in enumerate(theorem.claims, 1):
        out += _claim(claim, number if len(theorem.claims) > 1 else None, lang)
    out.append(f'<p class="checked">{escape(checked(theorem, lang))}</p></article>')
    return "\n".join(out)


def _claim(claim: AnyClaim, number: int | None, lang: str) -> list[str]:
    escape = _html.escape
    out: list[str] = []
    if number is not None:
        out.append(f"<h2>({number}) {escape(claim.title[lang]) if claim.title else ''}</h2>")
    out.append('<div class="claim">')
    for place, box in enumerate(layout.displayed(claim)):
        if place:
            out.append(f"<p>{PHRASES['entry'][lang]}</p>")
        out.append(formula(box))
    out.append("</div>")
    meanings = setting_lines(claim, lang)
    if meanings:
        out.append(f"<h3>{PHRASES['where'][lang]}</h3><ul>")
        out += [f"<li><math>{mathml(box)}</math> {escape(remark)}</li>" for box, remark in meanings]
        out.append("</ul>")
    out.append(f'<h3>{PHRASES["derivation"][lang]}</h3><ol class="steps">')
    before: object = None
    for step in claim.steps:
        if before is None or before is not step.left:
            out.append(f'<li class="step">{_inline(layout.side(step.left))}</li>')
        shown = layout.relation(layout.Row(()), step.relation, layout.side(step.right))
        reason = f"<b>{escape(rule_name(step.rule, lang) + stop(lang).rstrip())}</b>"
        out.append(f'<li class="step">{_inline(shown)}<p>{reason} {escape(step.sentence[lang])}</p></li>')
        before = step.right
    out.append("</ol>")
    return out


def _inline(box: Box) -> str:
    return f'<math displaystyle="true"><mrow>{mathml(box)}</mrow></math>'


def page(title: str, content: str, *, lang: str = "en") -> str:
    """Return a whole HTML page."""
    language = "en" if lang == "en" else "zh-CN"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_html.escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n{content}\n</body>\n</html>\n"
    )


def document(theorems: Iterable[Theorem], *, lang: str = "en") -> str:
    """Return one page with several theorems."""
    known = list(theorems)
    title = known[0].title[lang] if len(known) == 1 else "gradproof"
    return page(title, "\n".join(body(theorem, lang) for theorem in known), lang=lang)


def render(theorem: Theorem, *, lang: str = "en") -> str:
    """Return a page with one theorem."""
    return document([theorem], lang=lang)
