"""The census of two states of the tests, compared: one line for each way in which one holds less.

Counts are compared with counts, and never across functions, except where one has taken the place of another.
"""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from checks.proof.census.functions import EXAMPLES, Counts

DIRECTIONS = 5
"""Along how many a leaf is checked where nothing is said, at most."""

NORECURSEDIRS = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")
"""Folders that pytest does not look into, by its default."""


def weaker(old: Counts, new: Counts) -> Iterator[str]:
    """One line for each way in which a function checks less than it did."""
    for key in ("assertions", "cases", "draws", "bounds", "demands", "suites"):
        if new.get(key, 0) < old.get(key, 0):
            yield f"{new.get(key, 0)} {key}, {old[key]} in the baseline"
    if new.get("skips", 0) > old.get("skips", 0):
        yield f"skips or assumes in {new['skips']} places, {old.get('skips', 0)} in the baseline"
    was, now = old.get("escapes", {}), new.get("escapes", {})
    for kind in sorted(now):
        if now[kind] > was.get(kind, 0):
            yield f"{now[kind]} {kind}, {was.get(kind, 0)} in the baseline"
    was, now = old.get("settings", {}), new.get("settings", {})
    for name in sorted(was.keys() | now.keys()):
        if now.get(name) != was.get(name):
            yield f"{name} is {now.get(name, 'not set')}, {was.get(name, 'not set')} in the baseline"
    before, after = old.get("tolerances", []), new.get("tolerances", [])
    more = len(after) - len(before)
    if 0 < more <= 2 * (new.get("assertions", 0) - old.get("assertions", 0)):
        after = after[: len(before)]  # a new assertion, of one or two tolerances, may have its own
    if max(after, default=0.0) > max(before, default=0.0) or (
        len(after) == len(before) and any(n > o for n, o in zip(after, before, strict=True))
    ):
        yield f"tolerates {after}, {before} in the baseline"
    elif _became_ceilings(old, new):
        yield f"is content below {new['ceilings']}, tolerated {before} in the baseline"
    for key, what, sign in (
        ("ceilings", "is content below", 1),
        ("floors", "is content above", -1),
        ("ranges", "draws or walks over", -1),
    ):
        before, after = old.get(key, []), new.get(key, [])
        if _worse(before, after, sign):
            yield f"{what} {after}, {before} in the baseline"
    was, now = old.get("limits", {}), new.get("limits", {})
    for name in sorted(was.keys() | now.keys()):
        before, after = was.get(name, []), now.get(name, [])
        if _narrowed(name, before, after):
            yield f"draws with {name} = {after}, {before} in the baseline"


def _became_ceilings(old: Counts, new: Counts) -> bool:
    """Whether a tolerance grew so large that it is none any more."""
    before, after = ([*c.get("tolerances", []), *c.get("ceilings", [])] for c in (old, new))
    beside = _worse(old.get("ceilings", []), new.get("ceilings", []), 1)
    return len(after) >= len(before) and _worse(before, after, 1) and not beside


def _worse(before: list[float], after: list[float], sign: int) -> bool:
    """Whether some of `before` has no counterpart that is as strict; more of them are no harm."""
    pairs = zip(sorted(sign * v for v in before), sorted(sign * v for v in after), strict=False)
    return any(now > was for was, now in pairs)


def _narrowed(name: str, before: list[float], after: list[float]) -> bool:
    if name == "max_examples" and len(after) < len(before):
        return max(before) > EXAMPLES
    if name == "directions" and len(after) > len(before):
        return min(after) < DIRECTIONS
    if len(after) != len(before):
        return len(after) > len(before)  # a limit where there was none
    sign = -1 if name.startswith("min_") else 1
    return any(sign * a < sign * b for a, b in zip(after, before, strict=True))


def renamed(old: dict[str, Counts], new: dict[str, Counts]) -> dict[str, str]:
    """From names that have vanished to new ones in their place: in the same file, or of the same name.

    What took the place checks no less, is run by pytest if that was, and takes one place only.
    """
    found: dict[str, str] = {}
    free = sorted(new.keys() - old.keys())
    for name in sorted(old.keys() - new.keys()):
        file, _, function = name.partition("::")
        for other in free:
            other_file, _, other_function = other.partition("::")
            near = other_file == file or other_function == function
            run = all(is_so(other) or not is_so(name) for is_so in (_is_test, _found_by_itself))
            if near and run and not any(weaker(old[name], new[other])):
                found[name] = other
                free.remove(other)
                break
    return found


def _is_test(name: str) -> bool:
    """Whether pytest takes the function for a test, in a file that it looks at."""
    _, *classes, function = name.split("::") if "::" in name else (name, "")
    return function.startswith("test") and all(c.startswith("Test") for c in classes)


def _found_by_itself(name: str) -> bool:
    """Whether pytest looks at the file unless another is named."""
    *folders, file = Path(name.partition("::")[0]).parts
    passed_by = any(fnmatch(folder, pattern) for folder in folders for pattern in NORECURSEDIRS)
    return (file.startswith("test_") or file.endswith("_test.py")) and not passed_by


def bypasses(name: str, counts: Counts) -> bool:
    """Whether something new, that is no test, skips tests, has a say in which are run, or hides failures."""
    ways = counts.get("escapes", {})
    fewer = counts.get("limits", {}).keys() & {"max_examples", "directions"}
    say = counts.get("skips") or ways.get("hooks") or ways.get("swallowed") or ways.get("eased") or fewer
    return not _is_test(name) and bool(say)


def behind(old: dict[str, Counts], new: dict[str, Counts]) -> list[str]:
    """The functions of which the baseline holds less than they check."""
    return sorted(name for name, counts in new.items() if any(weaker(counts, old.get(name, {}))))
