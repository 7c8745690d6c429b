"""All of the evidence on one page, the verdict first."""

from collections.abc import Sequence

from checks.proof.evidence import CodeEvidence
from checks.proof.html import matrix, oracles, theorems
from checks.proof.html.markup import KINDS, SIGNS, Markup, joined, table, tag
from checks.proof.html.report import Report
from checks.proof.html.style import STYLE
from checks.proof.html.words import NOT_PROVED, TRUSTED
from checks.proof.prove import Proof
from derivations.proof import AXIOMS

SENTENCES = {"PASS": "All holds.", "FAIL": "Something is wrong.", "INCONCLUSIVE": "Nothing was checked."}


def document(report: Report) -> str:
    """Return the page.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        A whole HTML file that asks nothing of a network or a script.
    """
    proof = report.proof
    parts = [
        ("theorems", "What was derived", _theorems(report)),
        ("code", "What was seen of the code", _code(report)),
        ("noticed", "Would the checks have noticed?", _noticed(report)),
        ("not-proved", "What is not proved", _not_proved(report)),
        ("again", "How to see it again", _again(report)),
    ]
    shown = [(id, title, body) for id, title, body in parts if body]
    links = (tag("li", tag("a", title, href=f"#{id}")) for id, title, _ in shown)
    contents = tag("nav", tag("ul", *links), aria_label="Contents")
    sections = (
        tag("section", joined(tag("h2", title, id=id), body), aria_labelledby=id) for id, title, body in shown
    )
    done = "proved of" if proof.verdict == "PASS" else "held against"
    title = f"Backpropagation, derived and {done} the code that gradproof ships"
    if proof.network:
        title = f"The backward pass of {proof.network}, before the oracles"
    page = joined(
        tag("a", "To the evidence", href="#evidence", class_="skip"),
        tag("header", joined(tag("p", "gradproof", class_="name"), *_verdict(proof, title))),
        contents,
        tag("main", joined(*sections), id="evidence"),
        tag("footer", tag("p", f"gradproof {report.versions.get('gradproof', '')}, {report.when}")),
    )
    return joined(
        Markup("<!DOCTYPE html>"),
        Markup('<html lang="en">\n<head>\n<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"{proof.verdict}: {title}"),
        tag("style", Markup(STYLE)),
        Markup("</head>\n<body>") + page + Markup("</body>\n</html>\n"),
    )


def _verdict(proof: Proof, title: str) -> list[Markup]:
    kind = KINDS.get(proof.verdict, "unclear")
    proven = sum(theorem.status == "proven" for theorem in proof.theorems)
    steps = sum(theorem.steps for theorem in proof.theorems)
    saw = [row for row in proof.code if row.identities or row.failures]
    refused = [f"{theorem.id}: {theorem.refused}" for theorem in proof.theorems if theorem.refused]
    firsts = [*refused, *(f"{row.oracle}: {row.failures[0]}" for row in proof.code if row.failures)]
    total = len(refused) + sum(len(row.failures) for row in proof.code)
    facts = [
        (f"{proven} of {len(proof.theorems)}", f"theorems proven, in {steps} steps")
        if proof.theorems
        else None,
        (f"{sum(row.identities for row in saw):,}", "numbers of the code compared"),
        (str(len(saw)), f"rows of evidence, {_absent(proof.code)} not applicable"),
        (str(total), "failure" if total == 1 else "failures"),
    ]
    numbers = (tag("li", tag("b", number), " ", what) for fact in facts if fact for number, what in [fact])
    return [
        tag("h1", title),
        tag(
            "p",
            tag("strong", tag("span", SIGNS[kind], aria_hidden="true"), Markup("&#160;"), proof.verdict),
            " ",
            SENTENCES[proof.verdict],
            class_=f"verdict {kind}",
        ),
        tag("ul", *numbers, class_="numbers"),
        tag("ul", *(tag("li", first) for first in firsts), class_="failure") if firsts else Markup(),
        tag("p", f"The first of each oracle; all {total} stand below.") if total > len(firsts) else Markup(),
    ]


def _absent(rows: Sequence[CodeEvidence]) -> int:
    return sum(row.status == "not applicable" for row in rows)


def _theorems(report: Report) -> Markup:
    if not report.proof.theorems:
        return Markup()
    switch = tag("input", type="checkbox", id="unfold").removesuffix("</input>")
    return joined(
        tag(
            "p",
            "Each theorem was derived again in this run. A step stands when its rule leads from the line "
            "above to the line itself, when both have one canonical form, and when both agree written "
            "out at small widths. A derivation unfolds to its outline in words, and each line of that to "
            "its formula.",
        ),
        tag("p", Markup(switch), " ", tag("label", "Unfold everything", for_="unfold"), class_="switch"),
        *(theorems.theorem(each, report.proved.get(each.id)) for each in report.proof.theorems),
    )


def _code(report: Report) -> Markup:
    rows = report.proof.code
    if report.proof.network:
        return oracles.foreign(rows)
    return oracles.sections(rows, report.keys) if rows else Markup()


def _noticed(report: Report) -> Markup:
    parts = []
    if report.mutants:
        parts.append(matrix.mutants(report.mutants))
    if report.planted:
        parts.append(matrix.planted(report.planted))
    if report.detection:
        parts += [tag("h3", "How small an error is caught"), matrix.detection(report.detection)]
    return joined(*parts)


def _not_proved(report: Report) -> Markup:
    lines = [tag("li", each) for each in NOT_PROVED]
    if report.proof.theorems:
        axioms = tag("ul", *(tag("li", axiom["en"]) for axiom in AXIOMS.values()))
        lines = [tag("li", "What the theorems assume as axioms:", axioms), tag("li", TRUSTED), *lines]
    return tag("ul", *lines)


def _again(report: Report) -> Markup:
    proof = report.proof
    facts = {
        "profile": proof.profile,
        "seed": str(proof.seed),
        "seconds": f"{proof.seconds:.1f}",
        "date": report.when,
        "machine": report.machine,
        **report.versions,
    }
    return joined(
        tag("p", "The same seed draws the same architectures, weights and samples:"),
        tag("pre", tag("code", report.command), tabindex="0"),
        table(
            "Environment", ["what", "value"], [[name, value] for name, value in facts.items()], class_="small"
        ),
    )
