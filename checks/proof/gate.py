"""The gate: evidence held against a committed baseline, one line for each thing that got weaker.

Numbers that follow from the seed are compared exactly; strengths that rest on rounding are compared within
`ROUNDING`, because another processor rounds in another order.
"""

from collections.abc import Callable, Iterator

from checks.proof.baseline import Content, CouldNotCompare
from checks.proof.census.comparison import behind, bypasses, renamed, weaker
from checks.proof.evidence import read_strength

ROUNDING = 0.25
"""Digits. A tolerance that doubles costs 0.30."""

EDGE = 10.5
"""A detection curve may begin to fall one power of ten earlier: there the last case hangs on rounding."""

STALE = 0.05
"""The share of the tests that may hold more than the baseline does, before it has to be written anew."""

FRESH = 10
"""So many may in any case: in a small suite a test more is a large share."""


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
        When they are of different profiles or seeds, or `old` holds nothing of a part that `new` has.
    """
    for kind, run in old["runs"].items():
        if new["runs"].get(kind, run) != run:
            raise CouldNotCompare(
                f"evidence: {kind} ran as {_spoken(new['runs'][kind])}, the baseline as {_spoken(run)}"
            )
    bare = [part.replace("_", " ") for part in COMPARE if new[part] and not old[part]]
    if bare:
        raise CouldNotCompare(
            f"baseline: it holds no {', no '.join(bare)}, and the evidence does; write it again with --update"
        )
    lines = [
        *failures(new),
        *(f"no evidence of {kind}, which the baseline has" for kind in old["runs"].keys() - new["runs"]),
    ]
    moved = renamed(old["tests"], new["tests"])
    for part, compare in COMPARE.items():
        for name, before in old[part].items():
            if name in new[part]:
                lines += (f"{NOUN[part]} {name}: {line}" for line in compare(before, new[part][name]))
            elif _ran(part, name, new) and not (part == "tests" and name in moved):
                lines.append(f"{NOUN[part]} {name}: is in the baseline, and has vanished")
    lines += (
        f"test {name}: is not in the baseline, is no test, and skips, chooses or silences tests"
        for name, counts in new["tests"].items()
        if old["tests"] and name not in old["tests"] and bypasses(name, counts)
    )
    ahead = behind(old["tests"], new["tests"]) if old["tests"] else []
    if len(ahead) > max(FRESH, STALE * len(new["tests"])):
        lines.append(f"tests: {len(ahead)} of {len(new['tests'])} hold more than the baseline: it is stale")
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
    smallest, before = new["smallest"], old["smallest"]
    if before is not None and (smallest is None or smallest > EDGE * before):
        found = "none" if smallest is None else f"{smallest:.0e}"
        yield f"the smallest error always caught is {found}, {before:.0e} in the baseline"


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
    lines = [
        f"{NOUN[part]} {name}: new"
        for part in COMPARE
        for name in new[part]
        if part != "tests" and name not in old[part]
    ]
    ahead = behind(old["tests"], new["tests"])
    return lines + ([f"{len(ahead)} tests: {', '.join(ahead[:3])}, ..."] if ahead else [])


def differences(old: Content | None, new: Content) -> list[str]:
    """One line for each entry that an update adds, takes away or changes."""
    lines = []
    for part in COMPARE:
        before, after = (old or {}).get(part, {}), new[part]
        lines += [f"- {NOUN[part]} {name}" for name in before if name not in after]
        lines += [f"+ {NOUN[part]} {name}" for name in after if name not in before]
        for name in sorted(before.keys() & after.keys()):
            changed = [
                f"{key} {before[name].get(key)} -> {value}"
                for key, value in after[name].items()
                if before[name].get(key) != value
            ]
            lines += [f"  {NOUN[part]} {name}: {', '.join(changed)}"] if changed else []
    return lines


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
