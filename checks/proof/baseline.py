"""The baseline: what is kept of the evidence of one run, so that later runs can be held against it.

Evidence is what `prove --json`, `mutants --json` and `campaign --json` write, and the census of the tests.
The baseline keeps of it what must not get weaker, and no timings.
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from checks.proof.evidence import SCHEMA
from checks.proof.files import whole

PROJECT = "gradproof"

Content = dict[str, Any]
Rules = dict[str, dict[str, Callable[[Any], bool]]]


class CouldNotCompare(Exception):  # noqa: N818 - the command's answer, not a defect
    """There is nothing to compare with; the message is the one line that says why."""


def read(path: Path, what: str) -> Content:
    """Read a JSON file that gradproof wrote.

    Parameters
    ----------
    path : Path
    what : str
        How to speak of it: ``"baseline"``.

    Raises
    ------
    CouldNotCompare
        Missing, not JSON, without a schema, or of another one.
    """
    try:
        content = json.loads(whole(path))
    except OSError as error:
        raise CouldNotCompare(f"{what}: cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CouldNotCompare(f"{what}: {path} is not JSON: {error}") from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if type(schema) is not int:
        raise CouldNotCompare(f"{what}: {path} has no schema version; gradproof did not write it")
    if schema != SCHEMA:
        advice = "update gradproof" if schema > SCHEMA else "write it again with --update"
        raise CouldNotCompare(f"{what}: {path} has schema {schema}, this is schema {SCHEMA}; {advice}")
    return dict(content)


def read_baseline(path: Path) -> Content:
    """Read a baseline.

    Raises
    ------
    CouldNotCompare
        As `read`; also when it is of another project, or lacks a part.
    """
    baseline = read(path, "baseline")
    if baseline.get("project") != PROJECT:
        raise CouldNotCompare(f"baseline: {path} is of project {baseline.get('project')!r}, not {PROJECT!r}")
    wrong = [key for key, kind in PARTS.items() if not isinstance(baseline.get(key), kind)]
    if wrong:
        raise CouldNotCompare(f"baseline: {path} is corrupt: {', '.join(wrong)} missing or of another kind")
    if not any(baseline[part] for part in HELD):
        raise CouldNotCompare(f"baseline: {path} holds nothing")
    if (fault := next(_faults(baseline), None)) is not None:
        raise CouldNotCompare(f"baseline: {path} is corrupt: {fault}; write it again with --update")
    return baseline


def _faults(baseline: Content) -> Iterator[str]:
    """What gradproof would not have written."""
    yield from (
        f"the run of {kind} is no object" for kind, run in baseline["runs"].items() if not _is_object(run)
    )
    for part, ran in RAN.items():
        if baseline[part] and ran not in baseline["runs"]:
            yield f"it holds {part}, and no run of {ran}"
    yield from _faulty_entries(baseline, ENTRY)
    for name, counts in baseline["tests"].items():
        if not _is_object(counts) or not all(COUNTED.get(key, _never)(counts[key]) for key in counts):
            yield f"tests: {name} holds no counts"


def _faulty_entries(content: Content, rules: Rules) -> Iterator[str]:
    for part, keys in rules.items():
        for name, entry in content[part].items():
            if not _is_object(entry):
                yield f"{part}: {name} is no object"
                continue
            for key, rule in keys.items():
                if key not in entry or not rule(entry[key]):
                    yield f"{part}: {name} has {key} {entry.get(key)!r}"


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _are_numbers(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_number, value))


def _named(rule: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(rule, value.values()))


def _never(value: object) -> bool:
    return False


def _is_strength(value: object) -> bool:
    return value in (None, "exact") or _is_number(value)


COUNTED: dict[str, Callable[[object], bool]] = {
    **dict.fromkeys(("assertions", "skips", "cases", "bounds", "draws", "demands", "suites"), _is_count),
    **dict.fromkeys(("tolerances", "ceilings", "floors", "ranges"), _are_numbers),
    "limits": _named(_are_numbers),
    "escapes": _named(_is_count),
    "settings": _named(_is_text),
}
"""What the census counts in a function, file or page, and what it may be."""

ENTRY: Rules = {
    "theorems": {"status": lambda status: status == "proven", "steps": _is_count},
    "oracles": {
        "status": lambda status: status in ("holds", "not applicable"),
        "architectures": _is_count,
        "identities": _is_count,
        "strength": _is_strength,
    },
    "mutants": {
        "status": lambda status: status in ("caught", "equivalent"),
        "caught_by": lambda names: isinstance(names, list) and all(isinstance(name, str) for name in names),
    },
    "detection": {"smallest": lambda size: size is None or _is_number(size), "of": _is_count},
    "false_alarms": {"checks": _is_count, "alarms": lambda alarms: alarms == 0},
}
"""What each entry of a baseline says, and what it may say: a baseline holds nothing that is wrong."""

OF_EVIDENCE: Rules = {
    part: keys | {key: rule for key, rule in (("status", _is_text), ("alarms", _is_count)) if key in keys}
    for part, keys in ENTRY.items()
}
"""The same of evidence, which may well hold what is wrong."""

RAN = {
    "theorems": "prove",
    "oracles": "prove",
    "mutants": "mutants",
    "detection": "mutants",
    "tests": "tests",
}
"""The run that tells the entries of a part."""


PARTS: dict[str, type] = {
    "theorems": dict,
    "oracles": dict,
    "mutants": dict,
    "detection": dict,
    "false_alarms": dict,
    "tests": dict,
    "runs": dict,
    "versions": dict,
}
HELD = tuple(PARTS)[:6]
"""What is compared; of the runs and versions it is only told that they differ."""


def summarised(evidence: Sequence[Content]) -> Content:
    """What must not get weaker, gathered from the files of one run.

    Parameters
    ----------
    evidence : sequence of dict
        What ``prove --json``, ``mutants --json``, ``campaign --json`` wrote, and the census of the tests.

    Raises
    ------
    CouldNotCompare
        When a file is none of these, or holds what none of them would.
    """
    found: Content = {"schema": SCHEMA, "project": PROJECT} | {key: {} for key in PARTS}
    for content in evidence:
        kinds = [kind for kind, keys in KINDS.items() if keys <= content.keys()]
        if not kinds:
            raise CouldNotCompare(
                "evidence: a file is none of what gradproof prove, mutants or campaign write"
            )
        for kind in kinds:
            try:
                GATHER[kind](found, content)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                raise CouldNotCompare(f"evidence: a {kind} file is corrupt: {error!r}") from error
        versions = content.get("versions", {})
        if not _is_object(versions):
            raise CouldNotCompare(f"evidence: a {kinds[0]} file is corrupt: versions are {versions!r}")
        found["versions"] |= versions
    if (fault := next(_faulty_entries(found, OF_EVIDENCE), None)) is not None:
        raise CouldNotCompare(f"evidence is corrupt: {fault}")
    return found


KINDS = {
    "prove": {"theorems", "code"},
    "mutants": {"mutants", "matrix"},
    "campaign": {"cases", "oracles", "run"},
    "tests": {"tests"},
}


def _gather_prove(found: Content, content: Content) -> None:
    found["runs"]["prove"] = {"profile": content["profile"], "seed": content["seed"]}
    for row in content["theorems"]:
        found["theorems"][row["id"]] = {"status": row["status"], "steps": row["steps"]}
    for row in content["code"]:
        found["oracles"][row["oracle"]] = {
            "status": row["status"],
            "architectures": row["architectures"],
            "identities": row["identities"],
            "strength": row.get("strength"),
        }


def _gather_mutants(found: Content, content: Content) -> None:
    found["runs"]["mutants"] = {"seed": content["seed"]}
    for row in content["matrix"]:
        found["mutants"][row["id"]] = {"status": row["status"], "caught_by": sorted(row["caught_by"])}
    for method, sizes in content.get("detection", {}).items():
        found["detection"][method] = {"smallest": smallest_caught(sizes), "of": min(s["of"] for s in sizes)}
    if "false_alarms" in content:
        found["false_alarms"]["mutants"] = {
            "checks": content["false_alarms"]["checks"],
            "alarms": content["false_alarms"]["alarms"],
        }


def _gather_campaign(found: Content, content: Content) -> None:
    found["runs"]["campaign"] = {"seed": content["seed"]}
    for row in content["oracles"]:
        bound = row["failure_bound"]
        found["false_alarms"][f"campaign: {row['oracle']}"] = {
            "checks": row["cases"],
            "alarms": len(row["failures"]),
            "upper_bound": bound["probability"] if bound else None,
        }


def _gather_tests(found: Content, content: Content) -> None:
    found["runs"]["tests"] = {"of": content["of"]}
    found["tests"] = {name: dict(counts) for name, counts in content["tests"].items()}


GATHER: dict[str, Callable[[Content, Content], None]] = {
    "prove": _gather_prove,
    "mutants": _gather_mutants,
    "campaign": _gather_campaign,
    "tests": _gather_tests,
}


def smallest_caught(sizes: Sequence[Content]) -> float | None:
    """The smallest error that was caught always, with all larger ones; None when not even the largest was."""
    smallest = None
    for row in sorted(sizes, key=lambda row: -row["size"]):
        if row["caught"] < row["of"]:
            break
        smallest = float(row["size"])
    return smallest


def write(path: Path, baseline: Content) -> None:
    """Write a baseline, sorted, an entry on each line, so that a change to it reads well in a diff."""
    parts = []
    for part, content in sorted(baseline.items()):
        if part in PARTS and content:
            entries = [f"  {_json(name)}: {_json(content[name])}" for name in sorted(content)]
            parts.append(f" {_json(part)}: {{\n" + ",\n".join(entries) + "\n }")
        else:
            parts.append(f" {_json(part)}: {_json(content)}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def _json(content: object) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False)
