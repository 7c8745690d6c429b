"""Every theorem in every format and both languages: readable, well formed, self-contained."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from functools import partial

import pytest

from derivations import catalogue, render
from derivations.render import html, latex, layout, markdown, text, unicode
from derivations.render.words import checked, notation, rule_name
from tests.derivations.latex_grammar import Refused, check

CHINESE = re.compile("[\u4e00-\u9fff]")
FORMATS = {
    "text": partial(text.render, width=80),
    "markdown": markdown.render,
    "html": html.render,
    "latex": latex.render,
}


@pytest.fixture(scope="module")
def page():
    """A function: a theorem in a format and a language, rendered once for all the tests that read it."""
    rendered = {}

    def of(theorem, format, lang):
        key = theorem.id, format, lang
        if key not in rendered:
            rendered[key] = FORMATS[format](theorem, lang=lang)
        return rendered[key]

    return of


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_shows_every_sentence_and_fits_its_width(theorem, lang, page):
    plain = page(theorem, "text", lang)
    assert theorem.title[lang] in plain
    unbroken = "".join(plain.split())
    for step in theorem.steps:
        assert "".join(step.sentence[lang].split()) in unbroken
    assert "\x1b" not in plain
    assert "\x1b" in render.text.render(theorem, lang=lang, colour=True)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_step_names_its_rule_in_every_format(theorem, lang, page):
    pages = {format: page(theorem, format, lang) for format in FORMATS}
    pages["markdown"] = pages["markdown"].replace("\\_", "_")
    pages = {format: "".join(each.split()) for format, each in pages.items()}
    for step in theorem.steps:
        name = rule_name(step.rule, lang)
        assert bool(CHINESE.search(name)) == (lang == "zh")
        assert name.casefold() != step.sentence[lang].rstrip(".。").casefold(), "said twice"
        for format, unbroken in pages.items():
            sought = latex.prose(name) if format == "latex" else name
            assert "".join(sought.split()) in unbroken, format


def test_a_page_says_how_each_kind_of_step_was_checked(proved):
    assert "9 steps: each by the rule named, by the kernel" in checked(proved("hidden-delta"), "en")
    norms = checked(proved("vanishing-gradient"), "en")
    assert "by the lemma named, which is listed and not derived here" in norms
    assert "by the kernel" in norms  # the length of the weight gradient is an equation
    assert "interval arithmetic" in checked(proved("activation-derivatives"), "en")
    assert "by induction" in checked(proved("backpropagation"), "en")
    for theorem in map(proved, catalogue.identifiers()):
        counts = [int(n) for n in re.findall(r"(\d+) by", checked(theorem, "en"))]
        assert not counts or sum(counts) == len(theorem.steps)


def test_signs_are_explained_where_they_occur_and_only_there(proved):
    meaning = notation(proved("hidden-delta"), "en")
    assert "⊙ multiplies entry by entry" in meaning
    assert "not a power" in meaning
    assert "⊙" not in notation(proved("bias-gradient"), "en")
    assert notation(proved("activation-derivatives"), "en") == ""


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 60, 100])
def test_sentences_fill_the_width_and_no_more(proved, lang, width):
    page = render.text.render(proved("hidden-delta"), lang=lang, width=width)
    sentences = [line for line in page.splitlines() if line.startswith("        ")]
    assert max(map(text.columns, sentences)) <= width
    assert max(map(text.columns, sentences)) > width - 12
    assert not any(line.lstrip()[0] in "，。；：）" for line in sentences)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_latex_is_in_a_strict_grammar(theorem, lang, page):
    assert check(page(theorem, "latex", lang)) >= len(theorem.steps)


@pytest.mark.parametrize(
    "broken",
    [
        r"\[ x_1_2 \]",
        r"\[ \left( x \]",
        r"\[ x",
        "x_1",
        r"\frac{1}{2}",
        r"\[ \undefined \]",
        r"\begin{quote} x",
        r"\begin{table}\end{table}",
        "a & b",
        r"\[ δ \]",
        "zˡ",
        r"\[ \frac{1} \]",
        "{",
        "}",
        "$x",
        "50 %",
    ],
)
def test_the_strict_grammar_refuses(broken):
    with pytest.raises(Refused):
        check(broken)


def test_latex_compiles_where_there_is_an_engine(tmp_path, proved):
    """The strict grammar is always checked; the engine, where one is installed, must agree with it."""
    engine = shutil.which("pdflatex")
    source = latex.document([proved("hidden-delta"), proved("vanishing-gradient")])
    assert check(source)
    if engine:
        (tmp_path / "proof.tex").write_text(source, encoding="utf-8")
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", "proof.tex"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=100, check=False)
        assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_html_is_well_formed_and_self_contained(theorem, lang, page):
    source = page(theorem, "html", lang)
    # The page is XML but for the two meta elements, which HTML leaves open.
    root = ElementTree.fromstring(re.sub(r"(<meta [^>]*)>", r"\1/>", source.removeprefix("<!DOCTYPE html>")))
    assert root.find(".//article").get("id") == theorem.id
    assert len(root.findall(".//math")) >= len(theorem.steps)
    for word in ("<script", "http", "src=", "@import", "url("):
        assert word not in source
    for fraction in root.iter("mfrac"):
        assert len(fraction) == 2
    for name, children in (("msub", 2), ("msup", 2), ("msubsup", 3), ("munder", 2), ("munderover", 3)):
        assert all(len(element) == children for element in root.iter(name))


@pytest.mark.parametrize("format", render.FORMATS)
def test_chinese_pages_are_chinese_and_english_ones_are_not(proved, format):
    theorem = proved("hidden-delta")
    english = render.render(theorem, format)
    chinese = render.render(theorem, format, lang="zh")
    # The style sheet names Chinese fonts in Latin letters only.
    assert not CHINESE.search(english)
    assert CHINESE.search(chinese)


def test_markdown_puts_formulas_between_dollars(theorem):
    page = render.render(theorem, "markdown")
    assert page.startswith(f"## `{theorem.id}`")
    assert page.count("$$") % 2 == 0
    assert page.count("$$") >= 2 * len(theorem.steps)


def test_unknown_formats_and_languages_are_refused(proved):
    theorem = proved("bias-gradient")
    with pytest.raises(ValueError, match="format must be one of"):
        render.render(theorem, "pdf")
    with pytest.raises(ValueError, match="lang must be"):
        render.render(theorem, "text", lang="fr")


def test_indices_of_one_name_are_told_apart_on_the_page():
    """Two different indices called j in one place must not look like one."""
    from derivations.terms import Size, Sum, Tensor, fresh

    n = Size("n")
    W = Tensor("W", (n, n))
    inner, outer = fresh("j", n), fresh("j", n)
    shown = unicode.line(layout.term(Sum(outer, Sum(inner, W[outer, inner]))))
    assert shown == "Σⱼ Σᵢ Wⱼᵢ"


def test_listing_proves_nothing_and_names_everything(proved):
    for lang in ("en", "zh"):
        listing = catalogue.listing(lang)
        for identifier in catalogue.identifiers():
            assert identifier in listing
            assert proved(identifier).title[lang] in listing
