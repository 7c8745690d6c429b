"""The workflow files are YAML, name what exists, and pin what they use."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted(GITHUB.glob("workflow*/*.yml"))
RUN = ROOT / ".ci" / "run"
CI, TEMPLATE = GITHUB / "workflows" / "ci.yml", GITHUB / "workflow-templates" / "gradcheck.yml"


def steps(path: Path) -> list[dict]:
    return [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]


def test_there_are_two():
    assert WORKFLOWS == [TEMPLATE, CI]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_sound(path):
    workflow = yaml.safe_load(path.read_text())
    assert {"name", "permissions", "jobs"} <= set(workflow)
    assert True in workflow  # `on`, which YAML 1.1 reads as a truth value
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["runs-on"]
    for step in steps(path):
        assert ("run" in step) != ("uses" in step)
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "actions/none@v1")), step


def test_ours_runs_the_readmes_command_every_version_and_keeps_the_evidence():
    commands = "\n".join(step["run"] for step in steps(CI) if "run" in step)
    assert ".ci/run" in commands
    assert "pytest tests/packaging" in commands
    matrix = yaml.safe_load(CI.read_text())["jobs"]["versions"]["strategy"]["matrix"]["include"]
    tox = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["tox"]
    assert [entry["env"] for entry in matrix] == tox["env_list"]
    for entry in matrix:
        wanted = tox.get("env", {}).get(entry["env"], {}).get("base_python", [f"python3.{entry['env'][3:]}"])
        assert [f"python{entry['python']}"] == wanted
    kept = " ".join(step["with"]["path"] for step in steps(CI) if "upload-artifact" in step.get("uses", ""))
    for file in ("evidence.json", "pytest.xml", "build/gate.xml"):
        assert file in kept
        assert file in CI.read_text().replace(kept, "") + RUN.read_text()


def test_the_readmes_test_command_is_followed_by_the_gate_on_the_committed_baseline():
    (gate,) = (line for line in RUN.read_text().splitlines() if line.startswith(".venv/bin/gradproof gate"))
    assert "--baseline tests/baseline.json --tests tests" in gate
    assert "--update" not in gate
    held = json.loads((ROOT / "tests" / "baseline.json").read_text())["runs"]
    assert {"prove", "mutants", "tests"} <= set(held)


def test_every_run_on_demand_exists_and_has_what_it_needs():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    runs = yaml.safe_load(CI.read_text())["jobs"]["on-demand"]["strategy"]["matrix"]["include"]
    for run in runs:
        assert set(run["extras"].split(",")) <= set(extras)
        words = re.sub(r"-m (tests[\w.]+)", lambda m: m[1].replace(".", "/") + ".py", run["command"]).split()
        paths = [word for word in words if "/" in word]
        assert paths
        assert all((ROOT / path).is_file() for path in paths)


def test_ours_runs_the_gallery_the_frameworks_and_the_reference():
    commands = [step["run"] for step in steps(CI) if "run" in step]
    assert "pytest tests/gallery" in commands
    assert any(command.startswith("python tests/interop/run.py") for command in commands)
    assert ".ci/docs reference" in commands


def test_every_file_that_a_step_runs_exists():
    named = re.findall(
        r"(?<![\w/])(?:\.ci|tests)/[\w./]+", " ".join(s["run"] for s in steps(CI) if "run" in s)
    )
    assert len(named) > 4
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_template_has_a_floor_and_a_ceiling():
    matrix = yaml.safe_load(TEMPLATE.read_text())["jobs"]["gradients"]["strategy"]["matrix"]["include"]
    assert [entry["name"] for entry in matrix] == ["floor", "ceiling"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    floor = next(line for line in project["dependencies"] if line.startswith("numpy"))
    assert matrix[0]["numpy"] == floor.replace(">=", "==") + ".*"
    assert f">={matrix[0]['python']}" == project["requires-python"]
    properties = json.loads(TEMPLATE.with_suffix(".properties.json").read_text())
    assert {"name", "description"} <= set(properties)
