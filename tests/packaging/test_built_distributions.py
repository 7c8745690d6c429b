"""Wheel and sdist: the same bytes every time, what they must hold, nothing else; and they install."""

import json
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("dnn/", "checks/", "derivations/")
PLUGIN = "checks/pytest_plugin.py"


def test_the_same_bytes_from_another_copy(built, build):
    for first, second in zip(built, build(), strict=True):
        assert first.name == second.name
        assert first.read_bytes() == second.read_bytes()


def test_the_wheel_holds_the_packages_and_the_plugin_alone(built, files):
    with zipfile.ZipFile(built[0]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        metadata = {name.partition(".dist-info/")[2] for name in wheel.namelist() if ".dist-info/" in name}
        plugin = wheel.read("gradproof_pytest.py")
        entries = wheel.read(next(n for n in wheel.namelist() if n.endswith("entry_points.txt"))).decode()
    sources = {name for name in files if name.startswith(PACKAGES)}
    assert names == sources - {PLUGIN} | {"gradproof_pytest.py"}
    assert {"dnn/digits.npz", "dnn/py.typed", "checks/py.typed", "derivations/py.typed"} <= names
    assert metadata == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert plugin == (ROOT / PLUGIN).read_bytes()
    assert "[pytest11]\ngradproof = gradproof_pytest" in entries


def test_the_sdist_holds_the_project(built, files):
    with tarfile.open(built[1]) as sdist:
        names = {member.name.partition("/")[2] for member in sdist.getmembers()}
    assert names == {*files, "PKG-INFO"}


def test_the_tools_of_the_trade_find_nothing(built, tools, run):
    run(tools / "twine", "check", "--strict", *built, cwd=ROOT)
    run(tools / "check-wheel-contents", built[0], cwd=ROOT)


def test_the_base_dependencies_are_enough(installed, run, tmp_path):
    run(installed / "python", "-m", "pip", "check", cwd=tmp_path)
    listed = json.loads(run(installed / "python", "-m", "pip", "list", "--format=json", cwd=tmp_path))
    assert not {"python-flint", "pytest-xdist", "scikit-learn"} & {row["name"] for row in listed}
    assert "hidden-delta" in run(installed / "gradproof", "derive", "--list", cwd=tmp_path)
    run(installed / "gradproof", "prove", "--json", "evidence.json", cwd=tmp_path)
    assert json.loads((tmp_path / "evidence.json").read_text())["verdict"] == "PASS"


def test_the_sdist_installs_as_the_wheel_does(built, new_environment, run, tmp_path):
    commands = new_environment(tmp_path / "environment", built[1])
    where = run(commands / "python", "-c", "import gradproof_pytest as g; print(g.__file__)", cwd=tmp_path)
    assert Path(where.strip()).parent.name == "site-packages"
    run(commands / "gradproof", "derive", "half-mse-delta", cwd=tmp_path)
