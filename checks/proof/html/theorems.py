"""The derivations, typeset as MathML: each unfolds step by step."""

import re

from checks.proof.evidence import TheoremEvidence
from checks.proof.html.markup import Markup, joined, status, tag, unfolding
from derivations.proof import AXIOMS, AnyClaim, AnyStep, Theorem
from derivations.render import html, layout
from derivations.render.words import rule_name, setting_lines


def theorem(evidence: TheoremEvidence, proved: Theorem | None) -> Markup:
    """Return the section of one theorem.

    Parameters
    ----------
    evidence : TheoremEvidence
    proved : Theorem or None
        None where the proof was refused.
    """
    place = f"theorem-{evidence.id}"
    head = tag("h3", proved.title["en"] if proved else evidence.id, id=place)
    facts = tag(
        "p",
        tag("code", evidence.id),
        " · ",
        status(evidence.status),
        f" · {evidence.steps} steps · {evidence.seconds:.2f} s",
        class_="facts",
    )
    if proved is None:
        body = tag("p", evidence.refused or "it has no steps", class_="failure")
    else:
        body = _body(proved)
    return tag("article", joined(head, facts, body), aria_labelledby=place) + "\n"


def _body(proved: Theorem) -> Markup:
    main = proved.claims[proved.main]
    assumed = [
        *(words["en"] for words in proved.hypotheses),
        *(AXIOMS[axiom]["en"] for axiom in proved.axioms),
    ]
    many = len(proved.claims) > 1
    return joined(
        tag("p", f"Source text: {proved.source['en']}.", class_="source"),
        *map(_displayed, layout.displayed(main)[:1]),
        unfolding(f"Assumed ({len(assumed)})", tag("ul", *(tag("li", each) for each in assumed)))
        if assumed
        else "",
        *(_claim(claim, number if many else None) for number, claim in enumerate(proved.claims, 1)),
    )


def _claim(claim: AnyClaim, number: int | None) -> Markup:
    title = claim.title["en"] if claim.title else "Derivation"
    place = f"({number}) " if number else ""
    first, *entries = layout.displayed(claim)
    meanings = [
        tag("li", Markup(f"<math>{html.mathml(box)}</math>"), f" {remark}" if remark else "")
        for box, remark in setting_lines(claim, "en")
    ]
    return unfolding(
        f"{place}{title}: {len(claim.steps)} step{'s' if len(claim.steps) != 1 else ''}",
        joined(
            _displayed(first),
            *(tag("p", "that is, entry by entry,") + _displayed(box) for box in entries),
            tag("p", "where") + tag("ul", *meanings) if meanings else "",
            tag("ol", *_steps(claim.steps), class_="steps"),
        ),
        class_="claim",
    )


def _steps(steps: tuple[AnyStep, ...]) -> list[Markup]:
    """Return the steps; a chain begins with the side that it starts from."""
    out: list[Markup] = []
    before: object = None
    for step in steps:
        if before is None or before is not step.left:
            out.append(tag("li", _displayed(layout.side(step.left)), class_="start") + "\n")
        line = layout.relation(layout.Row(()), step.relation, layout.side(step.right))
        reason = f"{rule_name(step.rule, 'en')}. {step.sentence['en']}"
        out.append(tag("li", unfolding(reason, _displayed(line))) + "\n")
        before = step.right
    return out


def _displayed(box: layout.Box) -> Markup:
    """Return a formula on a line of its own, with its length in letters, by which it is made to fit paper."""
    typeset = html.formula(box)
    letters = len(re.sub("<[^>]*>", "", typeset))
    return tag("div", Markup(typeset), class_="formula", style=f"--letters: {letters}")
