"""Plain `pytest` runs every test there is, save those that conftest.py names, and lets no warning pass.

What says which tests are run stands in pyproject.toml and conftest.py; the gate counts there, and no more.
"""

import tomllib
from pathlib import Path

TESTS = Path(__file__).parent
LEFT_OUT = {
    "tests/interop",
    "tests/packaging/test_built_distributions.py",
    "tests/packaging/test_built_plugin.py",
}
CHOOSING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise")


def unseen(named: list[Path], seen: set[Path], left_out: set[Path]) -> list[str]:
    """The files of tests in the folders that were named of which nothing is run."""
    files = {file for folder in named if folder.is_dir() for file in folder.rglob("test_*.py")}
    wanted = {file for file in files if not any(file.is_relative_to(place) for place in left_out)}
    return sorted(str(file) for file in wanted - seen)


def test_every_file_in_a_folder_that_is_named_is_run(request):
    config, session = request.config, request.session
    chosen = any(getattr(config.option, name, None) for name in CHOOSING)
    named = [] if chosen else [(config.invocation_params.dir / arg).resolve() for arg in config.args]
    left_out = {TESTS.parent / name for name in LEFT_OUT} - set(named)
    assert unseen(named, {item.path for item in session.items}, left_out) == []


def test_a_file_that_is_not_run_is_named(tmp_path):
    run, lost, excused = (tmp_path / name for name in ("test_a.py", "b/test_b.py", "c/test_c.py"))
    for file in (run, lost, excused):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    assert unseen([tmp_path], {run, lost}, {tmp_path / "c"}) == []
    assert unseen([tmp_path], {run}, {tmp_path / "c"}) == [str(lost)]
    assert unseen([tmp_path], {run, lost}, set()) == [str(excused)]
    assert unseen([run], set(), set()) == []


def test_conftest_leaves_out_no_more(pytestconfig):
    tables = [
        plugin.LEFT_OUT for plugin in pytestconfig.pluginmanager.get_plugins() if hasattr(plugin, "left_out")
    ]
    assert [set(table) for table in tables] == [LEFT_OUT]


def test_pytest_is_told_to_look_at_everything_and_to_raise_every_warning():
    told = tomllib.loads((TESTS.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    assert told["ini_options"]["testpaths"] == ["tests", "README.md"]
    assert told["ini_options"]["filterwarnings"] == ["error"]
    options = ["--import-mode=importlib", "--strict-markers", "--strict-config", "--doctest-glob=*.md"]
    assert told["ini_options"]["addopts"] == options
    assert set(told["ini_options"]) == {
        "minversion", "testpaths", "addopts", "filterwarnings", "doctest_optionflags"
    }  # fmt: skip
