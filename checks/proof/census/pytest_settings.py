"""What pytest is told in a file: which tests it collects, how it runs them, what gradproof checks in them.

A suite holds less when `addopts` deselects a test or `testpaths` leaves a folder out, though no test has
changed. So the baseline keeps the settings that have a say; which of two is the weaker nobody can count, and
a change needs a new baseline.
"""

import configparser
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TABLES = {
    "pytest.toml": ("pytest",),
    ".pytest.toml": ("pytest",),
    "pytest.ini": ("pytest",),
    ".pytest.ini": ("pytest",),
    "pyproject.toml": ("tool", "pytest"),
    "tox.ini": ("pytest",),
    "setup.cfg": ("tool:pytest",),
}
"""Where pytest looks in a folder, in its order, and under which heading; TOML has `ini_options` beneath."""

SAY = (
    "addopts", "collect_imported_tests", "confcutdir", "doctest_", "empty_parameter_set_mark",
    "filterwarnings", "gradproof_", "norecursedirs", "python_", "required_plugins", "strict", "testpaths",
    "usefixtures", "xfail_strict",
)  # fmt: skip
"""What the settings begin with that decide what is run, and what makes it fail."""


def settings_file(folder: Path) -> tuple[Path, dict[str, str]] | None:
    """Find the file from which pytest takes its settings, and those that have a say.

    Parameters
    ----------
    folder : Path
        Of the tests: the file is looked for there, and then in each folder above.

    Returns
    -------
    tuple of Path and dict, or None
        From the setting's name to what it is, as JSON; None where no file has a table for pytest.

    Raises
    ------
    ValueError
        When a file on the way cannot be parsed.
    """
    folder = Path(os.path.realpath(folder))
    for place in (folder, *folder.parents):
        for name, heading in TABLES.items():
            if (path := place / name).is_file() and (table := _table(path, heading)) is not None:
                say = {key: value for key, value in table.items() if key.startswith(SAY)}
                return path, {key: json.dumps(say[key], default=str) for key in sorted(say)}
    return None


def pages(file: Path, settings: Mapping[str, str]) -> list[Path]:
    """The Markdown pages that `testpaths` names one by one, whose examples pytest runs."""
    said = json.loads(settings.get("testpaths", "[]"))
    named = said.split() if isinstance(said, str) else said
    return sorted(page for name in named if name.endswith(".md") for page in file.parent.glob(name))


def _table(path: Path, heading: tuple[str, ...]) -> Mapping[str, Any] | None:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".toml":
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(text, str(path))
        except configparser.Error as error:
            raise ValueError(f"{path.name}: {error.message.splitlines()[0]}") from error
        if heading[0] in parser:
            return {key: value.split() for key, value in parser[heading[0]].items()}
        return {} if path.suffix == ".ini" and "pytest" in path.name else None
    table: Any = tomllib.loads(text)
    for name in heading:
        table = table.get(name) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return {} if path.name != "pyproject.toml" else None
    beneath = table.get("ini_options")
    return {**table, **beneath} if isinstance(beneath, dict) else table
