"""The plugin from the wheel, in a clean environment and a foreign project; and in an editable install."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = ROOT / ".github" / "workflow-templates" / "gradcheck.yml"


@pytest.fixture
def foreign(tmp_path):
    """A project of somebody else's, with a right and a wrong gradient."""
    (tmp_path / "test_gradients.py").write_text(
        "import numpy as np\n"
        "def loss(x): return np.sum(x**4)\n"
        "def test_right(gradcheck):\n"
        "    gradcheck(loss, lambda x: 4 * x**3, np.arange(1.0, 9.0))\n"
    )
    return tmp_path


def test_a_foreign_project_checks_its_gradients(installed, run, foreign):
    out = run(installed / "python", "-m", "pytest", "-Werror", cwd=foreign)
    assert "gradproof: gradients checked, and at which resolution" in out
    assert "1 PASS." in out


def test_the_workflow_template_does_what_it_says(installed, run, foreign):
    (step,) = (
        step["run"]
        for step in yaml.safe_load(TEMPLATE.read_text())["jobs"]["gradients"]["steps"]
        if step.get("run", "").startswith("pytest")
    )
    run(installed / "python", "-m", *step.split(), cwd=foreign)
    assert json.loads((foreign / "gradients.json").read_text())["verdicts"] == {"PASS": 1}
    (foreign / "test_gradients.py").write_text("def test_nothing():\n    pass\n")
    with pytest.raises(AssertionError, match="No gradient was checked"):
        run(installed / "python", "-m", *step.split(), cwd=foreign)


def test_a_project_with_its_own_checks_runs_unharmed(installed, run, tmp_path):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "__init__.py").write_text("def right(word):\n    return word == 'gradient'\n")
    (tmp_path / "test_words.py").write_text(
        "import checks\ndef test_right():\n    assert checks.right('gradient')\n"
    )
    assert "1 passed" in run(installed / "python", "-m", "pytest", "-Werror", cwd=tmp_path)


def test_the_plugins_own_tests_pass_from_the_wheel(built, new_environment, run, tmp_path):
    commands = new_environment(tmp_path / "environment", built[0], "pytest-xdist")
    place = tmp_path / "tests"
    place.mkdir()
    for path in sorted((ROOT / "tests" / "checks").glob("test_pytest_plugin*.py")):
        shutil.copy(path, place)
    out = run(commands / "python", "-P", "-m", "pytest", "-q", "--import-mode=importlib", cwd=place)
    assert " passed" in out
    assert str(ROOT) not in out


def test_an_editable_install_runs_the_file_itself(checkout, new_environment, run, tmp_path):
    project = checkout()
    commands = new_environment(tmp_path / "environment", "-e", project)
    source = project / "checks" / "pytest_plugin.py"
    source.write_text(source.read_text() + "\nEDITED = True\n")
    ask = "import gradproof_pytest as g; print(g.__file__, g.EDITED)"
    assert run(commands / "python", "-c", ask, cwd=tmp_path).split() == [str(source), "True"]
    (tmp_path / "test_asks.py").write_text("def test_asks(gradcheck):\n    assert gradcheck\n")
    assert "1 passed" in run(commands / "python", "-m", "pytest", cwd=tmp_path)
