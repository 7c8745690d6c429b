"""The shipped code: a table of all oracles, and for each what it saw and what it cannot see."""

from collections.abc import Mapping, Sequence

from checks.proof.code import BUGS, ORACLES
from checks.proof.equations import EQUATIONS
from checks.proof.evidence import CodeEvidence
from checks.proof.html.markup import Markup, joined, status, table, tag
from checks.proof.html.words import DESCRIPTIONS, NUMERICAL, UNDESCRIBED, Description


def keys() -> dict[str, str]:
    """Return the id of each number system by the name that its row has: a row on no architecture at all."""
    return {oracle.check([], seed=0).oracle: key for key, oracle in ORACLES.items()}


COLUMNS = ["oracle", "networks", "numbers", "status", "what it promises"]


def sections(rows: Sequence[CodeEvidence], key_of: Mapping[str, str]) -> Markup:
    """Return a table of all oracles, and a section for each.

    Parameters
    ----------
    rows : sequence of CodeEvidence
    key_of : mapping
        As `keys` returns it; the rows of no number system are numerical derivatives.
    """
    numerical = [row for row in rows if row.oracle not in key_of]
    others = [row for row in rows if row.oracle in key_of]
    lines = [_line("numerical", _together(numerical))] if numerical else []
    lines += [_line(key_of[row.oracle], row) for row in others]
    return joined(
        table("All that was compared", COLUMNS, lines, class_="bounds"),
        _numerical(numerical) if numerical else "",
        *(_oracle(row, key_of[row.oracle]) for row in others),
    )


def foreign(rows: Sequence[CodeEvidence]) -> Markup:
    """Return what the oracles saw of somebody else's network, which is told by its protocol alone."""
    lines = []
    for row in rows:
        promise = "; ".join(filter(None, (row.bound, row.note)))
        lines.append([_title(row), str(row.architectures), str(row.identities), status(row.status), promise])
    return joined(
        table("All that was compared", COLUMNS, lines, class_="bounds"),
        *(_failures(row) for row in rows if row.failures),
    )


def _line(key: str, row: CodeEvidence) -> list[str]:
    name = tag("a", _title(row), href=f"#oracle-{key}")
    return [name, str(row.architectures), str(row.identities), status(row.status), row.bound or row.note]


def _title(row: CodeEvidence) -> str:
    return row.oracle[0].upper() + row.oracle[1:]


def _together(rows: Sequence[CodeEvidence]) -> CodeEvidence:
    """Return the rows of the numerical derivatives as one."""
    return CodeEvidence(
        "numerical derivatives",
        sum(row.architectures for row in rows),
        sum(row.identities for row in rows),
        tuple(failure for row in rows for failure in row.failures),
        f"each number within its own error bar, in {len(rows)} rows below",
        sum(row.seconds for row in rows),
    )


def _numerical(rows: Sequence[CodeEvidence]) -> Markup:
    lines = []
    for row in rows:
        id, _, formula = row.oracle.partition(": ")
        known = id in EQUATIONS
        name = tag("a", tag("code", id), href=f"#theorem-{id}") if known else tag("span", row.oracle)
        lines.append(
            [
                name + (Markup("<br>") + formula if known else ""),
                str(row.architectures),
                str(row.identities),
                status(row.status),
                "; ".join(filter(None, (row.bound, row.note))),
            ]
        )
    whole = _together(rows)
    saw = f"{whole.identities} numbers on {whole.architectures} networks, in {whole.seconds:.1f} s."
    columns = ["theorem and equation", "networks", "numbers", "status", "bound"]
    body = joined(
        _description(NUMERICAL, saw, []),
        table("Equation by equation", columns, lines),
        *(_failures(row) for row in rows if row.failures),
    )
    return _section("oracle-numerical", _title(whole), body)


def _oracle(row: CodeEvidence, key: str) -> Markup:
    if row.status == "not applicable":
        saw = f"Nothing: {row.note or 'it compared no number'}."
    else:
        networks = f"{row.architectures} network{'s' if row.architectures != 1 else ''}"
        saw = f"{row.identities} numbers on {networks}, in {row.seconds:.1f} s: {row.bound}."
        saw += f" Its note: {row.note}." if row.note else ""
    body = joined(
        tag("p", status(row.status), class_="facts"),
        _description(DESCRIPTIONS.get(key, UNDESCRIBED), saw, _blind_spots(key)),
        _failures(row) if row.failures else "",
    )
    return _section(f"oracle-{key}", _title(row), body)


def _blind_spots(key: str) -> list[str]:
    """Return the planted bugs that an oracle is not expected to see, reason by reason."""
    bugs: dict[str, list[str]] = {}
    for bug in BUGS:
        if key in bug.blind:
            bugs.setdefault(bug.blind[key], []).append(bug.name)
    return [f"{', '.join(names)} ({why})" for why, names in bugs.items()]


def _description(description: Description, saw: str, blind: Sequence[str]) -> Markup:
    planted = ""
    if blind:
        intro = "Of the bugs that are planted to test the oracles, by design these:"
        planted = tag("p", intro) + tag("ul", *(tag("li", each) for each in blind))
    return tag(
        "dl",
        *(tag("dt", "How it looks"), tag("dd", description.does)),
        *(tag("dt", "What it saw"), tag("dd", saw)),
        *(tag("dt", "What it cannot see"), tag("dd", tag("p", description.blind), planted)),
    )


def _failures(row: CodeEvidence) -> Markup:
    lines = [tag("li", failure) for failure in row.failures]
    return tag("p", f"Failures of {row.oracle}:") + tag("ul", *lines, class_="failure")


def _section(id: str, title: str, body: Markup) -> Markup:
    return tag("section", joined(tag("h3", title, id=id), body), aria_labelledby=id) + "\n"
