"""`gradproof gate`: gather the evidence, hold it against the baseline, say what got weaker."""

import os
from pathlib import Path
from typing import Any

from checks.proof import baseline as kept
from checks.proof import gate
from checks.proof.baseline import Content, CouldNotCompare
from checks.proof.census import census
from checks.proof.census.doctest_pages import examples
from checks.proof.census.pytest_settings import pages, settings_file
from checks.proof.evidence import SCHEMA


def run(
    baseline: Path,
    evidence: list[Path],
    *,
    tests: Path | None = None,
    update: bool = False,
    junit: Path | None = None,
    markdown: Path | None = None,
) -> list[str]:
    """Compare and print; with `update`, write the baseline anew and print what it changes.

    Parameters
    ----------
    baseline : Path
    evidence : list of Path
        What ``prove --json``, ``mutants --json``, ``campaign --json`` wrote; when empty, the first two are
        run now, as the baseline was.
    tests : Path, optional
        Folder of tests whose census is held as well.
    update : bool, optional
    junit, markdown : Path, optional
        Pages for CI to be written.

    Returns
    -------
    list of str
        What is weaker or wrong. With `update`, what is wrong.

    Raises
    ------
    CouldNotCompare
    """
    old = None if update and not baseline.exists() else kept.read_baseline(baseline)
    contents = [kept.read(path, "evidence") for path in evidence] or _run_now((old or {}).get("runs", {}))
    if tests is not None:
        contents.append(_counted(tests))
    new = kept.summarised(contents)
    if not any(new[part] for part in gate.COMPARE):
        raise CouldNotCompare("evidence: there is nothing in it")
    wrong = gate.failures(new) if old is None or update else gate.weakenings(old, new)
    _write_pages(contents, wrong, junit, markdown)
    for line in wrong:
        print(line)
    if update and not wrong:
        for line in gate.differences(old, new):
            print(line)
        kept.write(baseline, new)
        print(f"wrote {baseline}")
    elif update:
        print(f"{baseline} is left as it was: a baseline holds nothing that is wrong")
    elif old is not None:
        added = gate.news(old, new)
        print(f"{len(wrong)} weaker than {baseline}" if wrong else f"no weaker than {baseline}: {_held(old)}")
        print(*(f"not held yet, see --update: {line}" for line in added), sep="\n", end="\n" if added else "")
    return wrong


def _counted(tests: Path) -> Content:
    try:
        counts = census(tests)
        if counts:
            file, settings = settings_file(tests) or (tests, {})
            counts["pytest"] = {"settings": settings}
            counts |= {os.path.relpath(page, tests): examples(page) for page in pages(file, settings)}
    except (OSError, SyntaxError, ValueError, RecursionError) as error:  # no text, or no program
        raise CouldNotCompare(f"tests: cannot read {tests}: {error}") from error
    if not counts:
        raise CouldNotCompare(f"tests: there are none in {tests}")
    return {"schema": SCHEMA, "tests": counts, "of": tests.name}


def _held(old: Content) -> str:
    return ", ".join(f"{len(old[part])} {part.replace('_', ' ')}" for part in gate.COMPARE)


def _run_now(runs: Content) -> list[Content]:
    """Prove and plant mutants, as the baseline did."""
    from checks.proof import terminal
    from checks.proof.mutants import matrix
    from checks.proof.mutants.command import cores
    from checks.proof.prove import prove

    of: dict[str, Any] = {"profile": "quick", "seed": 0} | runs.get("prove", {})
    seed = runs.get("mutants", {}).get("seed", of["seed"])
    with terminal.progress() as progress:
        proof = prove(of["profile"], of["seed"], progress)
        found = matrix(seed, cores(), progress)
    return [proof.to_dict(), found.to_dict()]


def _write_pages(
    contents: list[Content], wrong: list[str], junit: Path | None, markdown: Path | None
) -> None:
    from checks.proof import ci_page

    if junit is not None:
        junit.write_text(ci_page.junit(contents, wrong), encoding="utf-8")
    if markdown is not None:
        markdown.write_text(ci_page.markdown(contents, wrong), encoding="utf-8")
