"""What a CI page shows of the evidence: JUnit XML, and a summary in Markdown.

Both are made of what `prove --json` and `mutants --json` write, so they can be drawn again at any time.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

Content = dict[str, Any]


def junit(evidence: Sequence[Content], weaker: Sequence[str] = ()) -> str:
    """The evidence as JUnit XML: a test case for each theorem, oracle and mutant.

    Parameters
    ----------
    evidence : sequence of dict
    weaker : sequence of str, optional
        The lines of the gate; each becomes a failed case.
    """
    root = ElementTree.Element("testsuites", name="gradproof")
    for content in evidence:
        _suite(root, "theorems", (_theorem(row) for row in content.get("theorems", ())))
        _suite(root, "oracles", (_oracle(row) for row in content.get("code", ())))
        _suite(root, "mutants", (_mutant(row) for row in content.get("matrix", ())))
    _suite(root, "gate", ((line, 0.0, line, "") for line in weaker))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


Test = tuple[str, float, str, str]
"""Name, seconds, why it failed, why it was skipped."""


def _suite(root: ElementTree.Element, name: str, cases: Iterator[Test]) -> None:
    cases_ = list(cases)
    if not cases_:
        return
    failed, skipped = sum(bool(case[2]) for case in cases_), sum(bool(case[3]) for case in cases_)
    total = sum(case[1] for case in cases_)
    counts = {"tests": str(len(cases_)), "failures": str(failed), "errors": "0", "skipped": str(skipped)}
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, "time": f"{total:.3f}"} | counts)
    for title, seconds, failure, reason in cases_:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"gradproof.{name}", name=_printable(title), time=f"{seconds:.3f}"
        )
        if failure:
            message = failure.splitlines()[0]
            ElementTree.SubElement(case, "failure", message=_printable(message)).text = _printable(failure)
        elif reason:
            ElementTree.SubElement(case, "skipped", message=_printable(reason))


def _theorem(row: Content) -> Test:
    refused = row.get("refused", "refuted") if row["status"] != "proven" else ""
    return row["id"], row["seconds"], refused, ""


def _oracle(row: Content) -> Test:
    reason = row["note"] or "nothing was compared" if row["status"] == "not applicable" else ""
    return row["oracle"], row["seconds"], "\n".join(row["failures"]), reason


def _mutant(row: Content) -> Test:
    survived = f"survived: {row['description']}. {row['reason']}" if row["status"] == "survived" else ""
    return row["id"], sum(cell["seconds"] for cell in row["cells"].values()), survived, ""


def _printable(text: str) -> str:
    """XML has no control characters, not even escaped ones."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


def markdown(evidence: Sequence[Content], weaker: Sequence[str] | None = None) -> str:
    """The evidence as a page of Markdown.

    Parameters
    ----------
    evidence : sequence of dict
    weaker : sequence of str, optional
        The lines of the gate; None where no gate was asked.
    """
    lines = ["# gradproof", ""]
    if weaker is not None:
        lines += ["The evidence is no weaker than the baseline." if not weaker else "**Weaker:**", ""]
        lines += [*(f"- {_cell(line)}" for line in weaker), *([""] if weaker else [])]
    for content in evidence:
        if "theorems" in content and "code" in content:
            lines += _proof(content)
        if "matrix" in content:
            lines += _mutants(content)
    versions = [content["versions"] for content in evidence if "versions" in content]
    together = {name: version for found in versions for name, version in found.items()}
    lines += [", ".join(f"{name} {version}" for name, version in together.items())] if together else []
    return "\n".join(lines).rstrip() + "\n"


def _proof(content: Content) -> Iterator[str]:
    theorems = content["theorems"]
    proven = sum(row["status"] == "proven" for row in theorems)
    steps = sum(row["steps"] for row in theorems)
    profile, seed = content.get("profile", "quick"), content["seed"]
    yield f"**{content['verdict']}**: {proven} of {len(theorems)} theorems proven in {steps} steps; "
    yield _planted(content.get("mutants", {}))
    yield f"profile {profile}, seed {seed}."
    yield ""
    yield from (
        f"- refuted: {row['id']}: {_cell(row.get('refused', ''))}"
        for row in theorems
        if row["status"] != "proven"
    )
    yield from ("| oracle | networks | numbers | status | bound |", "|---|---:|---:|---|---|")
    for row in content["code"]:
        cells = (
            row["oracle"],
            row["architectures"],
            row["identities"],
            row["status"],
            row["bound"] or row["note"],
        )
        yield "| " + " | ".join(_cell(str(cell)) for cell in cells) + " |"
    yield ""
    for row in content["code"]:
        yield from (f"- {_cell(row['oracle'])}: {_cell(failure)}" for failure in row["failures"][:3])


def _planted(counts: Content) -> str:
    if not counts.get("total"):
        return "No wrong formula was planted;"
    return (
        f"Of {counts['total']} wrong formulas {counts['caught']} were caught, {counts['equivalent']} are no "
        f"mistake, {counts['survivors']} survived;"
    )


def _mutants(content: Content) -> Iterator[str]:
    yield _planted(content["mutants"]).replace(";", ".")
    yield ""
    yield from (f"- survived: {row['id']}" for row in content["matrix"] if row["status"] == "survived")
    yield from ("| oracle | caught |", "|---|---:|")
    for oracle in content["oracles"]:
        yield f"| {_cell(oracle)} | {sum(oracle in row['caught_by'] for row in content['matrix'])} |"
    yield ""


def _cell(text: str) -> str:
    """A line of text that ends no cell and starts no markup."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
