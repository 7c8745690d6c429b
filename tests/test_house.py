"""The arrows of the house run one way, `import checks` stays light, and the tests of both can fail."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {"dnn", "derivations", "checks"}
ROOF = (
    "checks/cli.py",
    "checks/commands.py",
    "checks/streams.py",
    "checks/user_input.py",
    "checks/__main__.py",
)
UPPER_FLOOR = ("checks/proof/", "checks/strategies.py", *ROOF)
STANDARD = set(sys.stdlib_module_names)


def allowed(path: str) -> set[str]:
    """The packages that a file may import."""
    if path.startswith("dnn/"):
        return {"dnn", "numpy"}
    if path.startswith("derivations/"):
        return {"derivations", "sympy"}
    if path.startswith(UPPER_FLOOR):
        return {
            *ROOMS,
            "numpy",
            "sympy",
            "hypothesis",
            "pytest",
            "rich",
            "flint",
            "sklearn",
            "torch",
            "jax",
            "autograd",
        }
    if path == "checks/pytest_plugin.py":
        return {"checks", "pytest"}
    if path.startswith("checks/interop/"):
        return {"checks", "numpy", "scipy", "torch", "jax", "statsmodels"}
    return {"checks", "numpy"}


TRUSTED = "derivations/kernel.py"
"""The one file of the proofs that must be trusted: of the project it sees the data alone."""


@cache
def walked(source: str) -> list[ast.AST]:
    """Every node of a source file."""
    return list(ast.walk(ast.parse(source)))


def imported(source: str) -> Iterator[str]:
    """The modules that a source file imports, wherever the import stands."""
    for node in walked(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield node.module or ""


def imported_names(source: str) -> Iterator[str]:
    """The modules likewise, and where they are taken from a package, which of it."""
    for node in walked(source):
        if isinstance(node, ast.ImportFrom) and node.module == "derivations":
            yield from (f"derivations.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            top = (node.module or "").partition(".")[0]
            yield top if top in STANDARD else node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def forbidden(path: str, source: str) -> list[str]:
    """The imports of a file that its room does not allow."""
    wrong = {name for name in imported(source) if name.split(".")[0] not in allowed(path) | STANDARD}
    if path == TRUSTED:
        wrong |= {*imported_names(source)} - STANDARD - {"derivations.terms"}
    if path.startswith("checks/") and not path.startswith(UPPER_FLOOR):
        wrong |= {
            name for name in imported(source) if (name.replace(".", "/") + "/").startswith("checks/proof/")
        }
        upper = {path.removesuffix(".py").replace("/", ".") for path in ("checks/strategies.py", *ROOF)}
        wrong |= upper & {*imported(source)}
    if path.startswith("checks/oracles/"):
        wrong |= {name for name in imported(source) if name.startswith("checks.engine")}
    return sorted(wrong)


@pytest.mark.parametrize(
    "path", sorted(str(p.relative_to(ROOT)) for room in ROOMS for p in (ROOT / room).rglob("*.py"))
)
def test_imports_only_what_its_room_allows(path):
    assert forbidden(path, (ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("dnn/network.py", "from checks import gradcheck"),
        ("dnn/network.py", "import scipy.special"),
        ("derivations/kernel.py", "import dnn.network"),
        ("derivations/kernel.py", "import numpy"),
        ("derivations/kernel.py", "from derivations import calculus"),
        ("derivations/kernel.py", "from derivations.setting import Setting"),
        ("checks/engine/verdict.py", "from dnn import Network"),
        ("checks/engine/verdict.py", "from checks.proof.evidence import CodeEvidence"),
        ("checks/engine/verdict.py", "def f():\n    import hypothesis"),
        ("checks/oracles/complex_step.py", "from checks.engine import verdict"),
        ("checks/__init__.py", "from checks.strategies import networks"),
        ("checks/engine/report.py", "from checks.user_input import load"),
    ],
)
def test_and_would_notice_another(path, line):
    assert forbidden(path, line)


def loaded_by(statement: str) -> set[str]:
    """The top-level modules in memory after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.split())


def test_import_checks_loads_nothing_beyond_numpy():
    assert loaded_by("import checks") - loaded_by("import numpy") - STANDARD <= {"checks"}


def test_which_another_import_would_break():
    assert (
        "hypothesis" in loaded_by("import checks, checks.strategies") - loaded_by("import numpy") - STANDARD
    )


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_public_face_is_sorted_and_complete(room):
    module = __import__(room)
    faces = [n for n in module.__all__ if n[0].isupper() and n.isupper()]
    classes = [n for n in module.__all__ if n[0].isupper() and not n.isupper()]
    functions = [n for n in module.__all__ if not n[0].isupper()]
    assert list(module.__all__) == sorted(faces) + sorted(classes) + sorted(functions)
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_top_level_holds_what_it_may():
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    top = {name.split("/")[0] for name in tracked.splitlines()}
    rooms = {*ROOMS, "tests", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "README.zh.md"}
    assert {name for name in top if not name.startswith(".")} <= rooms
