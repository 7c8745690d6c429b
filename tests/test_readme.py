"""What the READMEs say is what the product does, and both say the same."""

import importlib
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path

import pytest

import derivations
from checks.cli import parser
from checks.proof.code import BUGS

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
both = pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)

LINK = re.compile(r"\[(?:`([^`]*)`|[^\]]*)\]\(([^)#]*)(?:#L(\d+)|#[^)]*)?\)")
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"(?:^    .*\n|^\n(?=    ))+", re.MULTILINE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[+-]?\d+)?")
RESOLUTION = re.compile(r"\d(?:\.\d+)?e-\d+")


def text(readme):
    return readme.read_text(encoding="utf-8")


def prose(readme):
    """The text without its code and without the addresses of its links."""
    return LINK.sub(lambda found: found[0].split("](")[0], INDENTED.sub("", FENCED.sub("", text(readme))))


def code(readme):
    """The blocks of code, in order."""
    whole = text(readme)
    fenced = FENCED.findall(whole)
    return fenced + [block.strip("\n") for block in INDENTED.findall(FENCED.sub("", whole)) if block.strip()]


def block(readme, part):
    """The one block of code that contains a text."""
    (found,) = (each for each in code(readme) if part in each)
    return found


# ---- links, lines, commands


@both
def test_what_is_linked_exists_and_the_lines_are_the_lines(readme):
    links = LINK.findall(text(readme))
    assert len(links) > 20
    for shown, path, number in links:
        assert not path or (ROOT / path).exists(), path
        if number:
            line = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
            assert shown in line, f"{path}:{number} is {line.strip()!r}, and not {shown!r}"


@both
def test_every_theorem_stands_in_the_table_of_equations(readme):
    cells = [line.split(" | ")[1] for line in text(readme).splitlines() if "](tests/formulas/" in line]
    shown = [id for cell in cells for id in re.findall(r"`([\w-]+)`", cell)]
    assert Counter(shown) == Counter(id for id in derivations.identifiers() if not id.startswith("nested"))


@both
def test_every_command_is_one(readme):
    whole = text(readme)
    commands = re.findall(r"`(gradproof [a-z][^`]*)`", whole) + re.findall(
        r"^    (gradproof .*)$", whole, re.M
    )
    assert {command.split()[1] for command in commands} == {
        "prove", "check", "derive", "flow", "mutants", "gate", "campaign",
    }  # fmt: skip
    for command in commands:
        words = shlex.split(command)[1:]
        if words[1:] and command not in ("gradproof prove --network", "gradproof check"):
            parser().parse_args(words)


@both
def test_every_script_and_folder_that_is_named_exists(readme):
    rooms = r"(?<![\w/.-])(?:\.ci|\.github|tests|dnn|checks|derivations)"
    named = set(re.findall(rf"{rooms}/[\w./-]*\w", text(readme), re.ASCII))
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


# ---- figures


def test_the_rows_of_prove_are_those_of_the_baseline():
    baseline = json.loads((ROOT / "tests" / "baseline.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^    (.+?)  +(\d+)  +(\d+)  +holds ", text(READMES[0]), re.MULTILINE)
    assert len(rows) == 8
    for what, networks, numbers in rows:
        (held,) = (
            row for name, row in baseline["oracles"].items() if what in (name, name.partition(": ")[2])
        )
        assert (held["architectures"], held["identities"]) == (int(networks), int(numbers)), what
    theorems = re.findall(r"^    ([\w-]+)  +(\d+)  +proven$", text(READMES[0]), re.MULTILINE)
    assert len(theorems) == 3
    assert all(baseline["theorems"][id]["steps"] == int(steps) for id, steps in theorems)


@both
def test_the_table_of_planted_bugs_is_what_the_oracles_are_expected_to_see(readme):
    out_of_reach = "it has no such layer", "this function leaves"
    blind = {
        bug.name: {oracle for oracle, why in bug.blind.items() if not why.startswith(out_of_reach)}
        for bug in BUGS
    }
    rationals, slope = blind.pop("f'(a) for f'(z)"), blind.pop("another slope in f and f' alike")
    wrong = [seen for name, seen in blind.items() if name.startswith("wrong f'")]
    assert rationals == {"rationals"}
    assert {"symbols", "field-opaque", "field", "rationals", "balls", "dual", "complex-step"} <= slope
    assert all(seen == {"symbols", "field-opaque"} for seen in wrong)
    assert not any(seen for name, seen in blind.items() if not name.startswith("wrong f'"))
    assert {str(len(BUGS)), str(len(wrong)), str(len(blind) - len(wrong))} <= set(
        NUMBER.findall(prose(readme))
    )


def printed(folder, source):
    """What the README's command prints for a mine.py, as its user runs it, and the exit code."""
    (folder / "mine.py").write_text(source, encoding="utf-8")
    command = re.search(r"^ *gradproof (check mine.*)$", text(READMES[0]), re.MULTILINE)[1]
    ran = subprocess.run(
        [sys.executable, "-m", "checks", *command.split()],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return ran.stdout, ran.returncode


def as_shown(report, output):
    """Whether the README shows this output, whatever the digits of a resolution."""
    shown = re.sub(r"^    ", "", report, flags=re.MULTILINE) + "\n"
    return OutputChecker().check_output(
        *(RESOLUTION.sub("1e-13", each) for each in (shown, output)), optionflags=ELLIPSIS
    )


def test_the_first_example_prints_what_is_shown(tmp_path):
    source = block(READMES[0], "def loss(p)")
    fails, passes = (
        block(READMES[0], f"    {verdict}: the gradient of loss") for verdict in ("FAIL", "PASS")
    )
    output, code = printed(tmp_path, source)
    assert as_shown(fails, output)
    assert not as_shown(passes, output)
    assert code == 1
    output, code = printed(tmp_path, source.replace("delta.sum()", "delta.mean()"))
    assert as_shown(passes, output)
    assert code == 0


# ---- two languages


def test_both_show_the_same_code():
    assert code(READMES[0]) == code(READMES[1])


def test_both_name_the_same_figures():
    english, chinese = (Counter(NUMBER.findall(prose(readme))) for readme in READMES)
    assert english - chinese == chinese - english == Counter()


def test_the_comparison_with_peers_goes_into_both(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "benchmarks"))
    peers_table = importlib.import_module("peers_table")
    verdicts = {"cases": 7, "PASS": 3, "FAIL": 2, "KINK": 1, "INCONCLUSIVE": 1}
    whats = ["right, smooth", "wrong, smooth: transpose", "wrong, kink, one exactly: W1 x 2", "right, deep"]
    rows = [{"what": what, "gradproof": verdicts, "scipy": {"cases": 5, "ERROR X": 5}} for what in whats]
    smallest = {label: {"cases": 5, "smallest": 1e-9} for label in ("gradproof", "scipy")}
    rows.append({"what": "smallest wrong entry caught in 99 %, deep"} | smallest)
    rows.append({"what": "promise kept, auto", "gradproof": {"cases": 31, "caught": 30}})
    run = {
        "rows": rows,
        "labels": ["gradproof", "scipy"],
        "date": "2026-11-26",
        "command": "python tests/benchmarks/peers.py --cases 7",
        "cases": {"ours": 7, "peers": 5, "mutants": 4, "sizes": 20},
        "seed": 11,
        "versions": {"gradproof": "0.1.0", "scipy": "1.17"},
        "seconds": 3.0,
    }
    figures = []
    for readme in READMES:
        (copy := tmp_path / readme.name).write_text(text(readme), encoding="utf-8")
        peers_table.insert(run, copy)
        assert "| 28.6 (14.3 " in text(copy)  # of seven right ones two were rejected, and one left open
        assert "| 57.1 (14.3 " in text(copy)  # of seven wrong ones three passed, and one was called a kink
        assert "| 0 (100 " in text(copy)  # the other tool broke
        figures.append(Counter(NUMBER.findall(prose(copy))))
        once = text(copy)
        peers_table.insert(run, copy)
        assert text(copy) == once
    assert figures[0] == figures[1]
    with pytest.raises(ValueError, match="once each"):
        peers_table.insert(run, ROOT / "LICENSE")


def test_both_link_to_the_same():
    english, chinese = (
        sorted(link[1:] for link in LINK.findall(text(readme)) if "README" not in link[1] and link[1])
        for readme in READMES
    )
    assert english == chinese


def test_both_have_the_same_sections_tables_and_lists():
    english, chinese = (re.findall(r"^(?:#+ |\| |- |\*\*)", text(readme), re.MULTILINE) for readme in READMES)
    assert english == chinese
