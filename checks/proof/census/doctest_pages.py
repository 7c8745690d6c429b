"""Pages with examples that pytest may run: how many there are, and whether what they print is compared."""

from collections import Counter
from pathlib import Path
from typing import Any

SUFFIXES = (".md", ".txt", ".rst")


def examples(page: Path) -> dict[str, Any]:
    """Count the examples of a page, those that it skips, and those that may print anything."""
    found: Counter[str] = Counter()
    before = ""
    for line in map(str.strip, page.read_text(encoding="utf-8").splitlines()):
        if line.startswith(">>>"):
            found["assertions"] += 1
            found["skips"] += "+SKIP" in line
        asked = before.startswith(">>>") and not before.endswith((":", ",", "(", "["))
        found["anything"] += asked and line == "..."
        before = line
    anything = found.pop("anything", 0)
    escapes = {"escapes": {"alternatives": anything}} if anything else {}
    return {**{key: value for key, value in sorted(found.items()) if value}, **escapes}
