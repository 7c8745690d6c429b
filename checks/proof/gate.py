"""The gate: evidence held against a committed baseline, one line for each thing that got weaker.

Evidence is what `prove --json` and `mutants --json` write; the baseline keeps of it what must not get weaker.
No timings. Numbers that follow from the seed are compared exactly; strengths that rest on rounding are
compared within `ROUNDING`, because another processor rounds in another order.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from checks.proof.census import weaker
from checks.proof.evidence import SCHEMA, read_strength

PROJECT = "gradproof"
ROUNDING = 0.25
"""Digits. A tolerance that doubles costs 0.30."""

Content = dict[str, Any]


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
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CouldNotCompare(f"{what}: cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise CouldNotCompare(f"{what}: {path} is not JSON: {error}") from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(schema, int):
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
    if not any(baseline[part] for part in COMPARE):
        raise CouldNotCompare(f"baseline: {path} holds nothing")
    return baseline


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


def summarised(evidence: Sequence[Content]) -> Content:
    """What must not get weaker, gathered from the files of one run.

    Parameters
    ----------
    evidence : sequence of dict
        What ``prove --json``, ``mutants --json``, ``campaign --json`` wrote, and the census of the tests.

    Raises
    ------
    CouldNotCompare
        When a file is none of these.
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
        found["versions"] |= content.get("versions", {})
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


def weakenings(old: Content, new: Content) -> list[str]:
    """One line for each thing in which `new` is weaker than `old`, or simply wrong.

    Parameters
    ----------
    old : dict
        A baseline.
    new : dict
        What `summarised` returned.

    Raises
    ------
    CouldNotCompare
        When they are of different profiles or seeds.
    """
    for kind, run in old["runs"].items():
        if new["runs"].get(kind, run) != run:
            raise CouldNotCompare(
                f"evidence: {kind} ran as {_spoken(new['runs'][kind])}, the baseline as {_spoken(run)}"
            )
    lines = [
        *failures(new),
        *(f"no evidence of {kind}, which the baseline has" for kind in old["runs"].keys() - new["runs"]),
    ]
    for part, compare in COMPARE.items():
        for name, before in old[part].items():
            if name in new[part]:
                lines += (f"{NOUN[part]} {name}: {line}" for line in compare(before, new[part][name]))
            elif _ran(part, name, new):
                lines.append(f"{NOUN[part]} {name}: is in the baseline, and has vanished")
    if lines and (changed := _changed_versions(old, new)):
        lines.append(f"versions differ from the baseline's: {changed}")
    return lines


def _ran(part: str, name: str, new: Content) -> bool:
    """Whether the run that tells this entry took place; when not, one line says so for all of them."""
    if part == "false_alarms":
        return name.partition(":")[0] in new["runs"]
    if part == "tests":
        return part in new["runs"]
    return ("prove" if part in ("theorems", "oracles") else "mutants") in new["runs"]


def failures(new: Content) -> list[str]:
    """What is wrong whatever the baseline says."""
    return list(_failures(new))


def _failures(new: Content) -> Iterator[str]:
    for id, theorem in new["theorems"].items():
        if theorem["status"] != "proven":
            yield f"theorem {id}: is {theorem['status']}"
    for name, oracle in new["oracles"].items():
        if oracle["status"] == "fails":
            yield f"oracle {name}: fails"
    for id, mutant in new["mutants"].items():
        if mutant["status"] not in ("caught", "equivalent"):
            yield f"mutant {id}: survived"
    for name, alarms in new["false_alarms"].items():
        if alarms["alarms"]:
            yield f"false alarms of {name}: {alarms['alarms']} in {alarms['checks']}"


def _theorem(old: Content, new: Content) -> Iterator[str]:
    if new["steps"] < old["steps"]:
        yield f"{new['steps']} steps, {old['steps']} in the baseline"


def _oracle(old: Content, new: Content) -> Iterator[str]:
    if old["status"] == "holds" and new["status"] == "not applicable":
        yield "no longer applies"
        return
    for key, noun in (("architectures", "networks"), ("identities", "numbers")):
        if new[key] < old[key]:
            yield f"looked at {new[key]} {noun}, {old[key]} in the baseline"
    before, after = read_strength(old["strength"]), read_strength(new["strength"])
    if before is not None and (after is None or after < before - ROUNDING):
        yield f"its bound is weaker: {_digits(after)}, {_digits(before)} in the baseline"


def _mutant(old: Content, new: Content) -> Iterator[str]:
    if missing := sorted(set(old["caught_by"]) - set(new["caught_by"])):
        yield f"is no longer caught by {', '.join(missing)}"
    if old["status"] == "caught" and new["status"] == "equivalent":
        yield "was caught, and is declared equivalent now"


def _detection(old: Content, new: Content) -> Iterator[str]:
    if new["of"] < old["of"]:
        yield f"measured on {new['of']} cases, {old['of']} in the baseline"
    if old["smallest"] is not None and (new["smallest"] is None or new["smallest"] > old["smallest"]):
        found = "none" if new["smallest"] is None else f"{new['smallest']:.0e}"
        yield f"the smallest error always caught is {found}, {old['smallest']:.0e} in the baseline"


def _alarms(old: Content, new: Content) -> Iterator[str]:
    if new["checks"] < old["checks"]:
        yield f"{new['checks']} checks of correct code, {old['checks']} in the baseline"


NOUN = {
    "theorems": "theorem",
    "oracles": "oracle",
    "mutants": "mutant",
    "detection": "detection by",
    "false_alarms": "false alarms of",
    "tests": "test",
}
COMPARE: dict[str, Callable[[Content, Content], Iterator[str]]] = {
    "theorems": _theorem,
    "oracles": _oracle,
    "mutants": _mutant,
    "detection": _detection,
    "false_alarms": _alarms,
    "tests": weaker,
}


def news(old: Content, new: Content) -> list[str]:
    """One line for each thing that the baseline does not hold yet."""
    return [f"{NOUN[part]} {name}: new" for part in COMPARE for name in new[part] if name not in old[part]]


def differences(old: Content | None, new: Content) -> list[str]:
    """One line for each entry that an update adds, takes away or changes."""
    lines = []
    for part in COMPARE:
        before, after = (old or {}).get(part, {}), new[part]
        lines += [f"- {NOUN[part]} {name}" for name in before if name not in after]
        lines += [f"+ {NOUN[part]} {name}" for name in after if name not in before]
        for name in before.keys() & after.keys():
            changed = [
                f"{key} {before[name].get(key)} -> {value}"
                for key, value in after[name].items()
                if before[name].get(key) != value
            ]
            lines += [f"  {NOUN[part]} {name}: {', '.join(changed)}"] if changed else []
    return lines


def write(path: Path, baseline: Content) -> None:
    """Write a baseline, sorted, so that a change to it reads well in a diff."""
    path.write_text(json.dumps(baseline, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def _changed_versions(old: Content, new: Content) -> str:
    names = sorted(old["versions"].keys() | new["versions"].keys())
    pairs = ((name, old["versions"].get(name), new["versions"].get(name)) for name in names)
    return ", ".join(f"{name} {now} (was {was})" for name, was, now in pairs if was != now)


def _spoken(run: Content) -> str:
    return ", ".join(f"{key} {value}" for key, value in run.items())


def _digits(strength: float | None) -> str:
    if strength is None:
        return "none"
    return "exact" if strength == float("inf") else f"{strength:.2f} digits"
