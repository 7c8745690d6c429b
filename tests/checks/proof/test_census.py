"""Ways to weaken a test, each of which the census tells, and harmless edits, of which it tells none."""

import ast

import pytest

from checks.cli import main
from checks.proof.census import behind, census, counted, outside, renamed, weaker

TEST = '''
@pytest.mark.parametrize("n", [1, 2, 3])
@given(networks(max_depth=5, max_width=4), st.integers(min_value=1, max_value=9), st.floats(-5, 5))
@settings(max_examples=100)
def test_gradient(n, network, k, holds):
    """What it is about."""
    z = forward(network)
    assert z.shape == (n, k)
    assert abs(z - reference(z)).max() <= 1e-12
    np.testing.assert_allclose(z, reference(z), rtol=1e-9)
    with pytest.raises(ValueError, match="shape"):
        forward(None)
    for seed in range(20):
        assert error(seed) < 4 * bar(seed) or count(seed) >= 30
    holds("forward", network)
'''
WEAKENINGS = {
    "an assertion removed": ("    assert z.shape == (n, k)\n", "", "5 assertions, 6 in the baseline"),
    "an exception no longer expected": (
        'pytest.raises(ValueError, match="shape")',
        "quiet()",
        "5 assertions, 6",
    ),
    "an equation no longer checked": ('    holds("forward", network)\n', "", "5 assertions, 6"),
    "a comparison by NumPy removed": (
        "    np.testing.assert_allclose(z, reference(z), rtol=1e-9)\n",
        "",
        "5 assertions",
    ),
    "a relative tolerance raised": ("rtol=1e-9", "rtol=1e-3", "tolerates [1e-12, 0.001], [1e-12, 1e-09]"),
    "a literal tolerance raised": ("<= 1e-12", "<= 1e-10", "tolerates [1e-10, 1e-09], [1e-12, 1e-09]"),
    "a tolerance added": ("rtol=1e-9", "rtol=1e-9, atol=1e-3", "tolerates [1e-12, 1e-09, 0.001]"),
    "shallower networks": ("max_depth=5", "max_depth=2", "draws with max_depth = [2.0], [5.0]"),
    "a limit that was not there": (
        "max_depth=5",
        "max_depth=5, min_depth=3",
        "draws with min_depth = [3.0], []",
    ),
    "fewer examples": ("max_examples=100", "max_examples=5", "draws with max_examples = [5.0], [100.0]"),
    "larger numbers alone": ("min_value=1", "min_value=5", "draws with min_value = [5.0], [1.0]"),
    "smaller numbers": (
        "st.floats(-5, 5)",
        "st.floats(-1, 1)",
        "draws or walks over [2.0, 20.0], [10.0, 20.0]",
    ),
    "fewer seeds": ("range(20)", "range(2)", "draws or walks over [2.0, 10.0], [10.0, 20.0]"),
    "a wider bar": ("4 * bar", "40 * bar", "is content below [40.0], [4.0]"),
    "a lower bar": (">= 30", ">= 3", "is content above [3.0], [30.0]"),
    "a case removed": ("[1, 2, 3]", "[1, 2]", "2 cases, 3 in the baseline"),
    "a skip": ("@settings", "@pytest.mark.skip\n@settings", "skips or assumes in 1 places, 0"),
    "a condition to skip": (
        "@settings",
        "@pytest.mark.skipif(True, reason='')\n@settings",
        "skips or assumes in 1",
    ),
    "an expected failure": ("@settings", "@pytest.mark.xfail\n@settings", "skips or assumes in 1"),
    "an assumption": ("    z = forward", "    assume(n > 2)\n    z = forward", "skips or assumes in 1"),
}
HARMLESS = {
    "another name": ("z = forward(network)", "z = forward(network)  # as it is"),
    "a tighter tolerance": ("rtol=1e-9", "rtol=1e-10"),
    "deeper networks": ("max_depth=5", "max_depth=7"),
    "a limit less": (", max_width=4", ""),
    "one assertion more": (
        "    z = forward(network)\n",
        "    z = forward(network)\n    assert z is not None\n",
    ),
    "one case more": ("[1, 2, 3]", "[1, 2, 3, 4]"),
    "a narrower bar": ("4 * bar", "3 * bar"),
    "one loop more": (
        "        forward(None)\n",
        "        forward(None)\n    for i in range(3):\n        pass\n",
    ),
}


def counts(source):
    (function,) = ast.parse(source).body
    return counted(function)


@pytest.mark.parametrize("what", WEAKENINGS)
def test_a_weakening_is_told(what):
    old, new, told = WEAKENINGS[what]
    assert TEST.count(old) == 1
    (line,) = weaker(counts(TEST), counts(TEST.replace(old, new)))
    assert told in line


@pytest.mark.parametrize("what", HARMLESS)
def test_a_harmless_edit_is_not(what):
    old, new = HARMLESS[what]
    assert TEST.count(old) == 1
    assert list(weaker(counts(TEST), counts(TEST.replace(old, new)))) == []


FILE = """
BAR = 1e-9
CASES = {"a": 1, "b": 2}
pytestmark = pytest.mark.filterwarnings("error")
settings.register_profile("dev", max_examples=50)
"""
OUTSIDE = {
    "a constant raised": ("1e-9", "1e-5", "tolerates [1e-05], [1e-09]"),
    "an entry removed from a table": (', "b": 2', "", "1 cases, 2 in the baseline"),
    "a whole file skipped": ('filterwarnings("error")', "skip", "skips or assumes in 1 places, 0"),
    "fewer examples everywhere": ("=50", "=5", "draws with max_examples = [5.0], [50.0]"),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_a_weakening_outside_of_functions_is_told(what):
    old, new, told = OUTSIDE[what]
    assert FILE.count(old) == 1
    (line,) = weaker(outside(ast.parse(FILE)), outside(ast.parse(FILE.replace(old, new))))
    assert told in line
    assert list(weaker(outside(ast.parse(FILE)), outside(ast.parse(FILE)))) == []


def test_another_name_or_file_is_no_loss_and_a_weaker_one_is():
    strong, weak = {"assertions": 3}, {"assertions": 2}
    assert renamed({"a.py::f": strong}, {"a.py::g": strong}) == {"a.py::f": "a.py::g"}
    assert renamed({"a.py::f": strong}, {"b.py::f": strong}) == {"a.py::f": "b.py::f"}
    assert renamed({"a.py::f": strong}, {"b.py::g": strong}) == {}
    assert renamed({"a.py::f": strong}, {"a.py::g": weak}) == {}
    two = {"a.py::f": strong, "a.py::g": strong}
    assert len(renamed(two, {"a.py::h": strong})) == 1


def test_what_the_baseline_does_not_hold_yet():
    held = {"a.py::f": {"assertions": 3}, "a.py::g": {"assertions": 1}}
    assert behind(held, held) == []
    assert behind(held, held | {"a.py::f": {"assertions": 4}, "a.py::h": {"cases": 2}}) == [
        "a.py::f",
        "a.py::h",
    ]


def test_every_function_has_its_name(tmp_path):
    (tmp_path / "dnn").mkdir()
    (tmp_path / "dnn" / "test_a.py").write_text("class TestB:\n    def test_c(self):\n        assert True\n")
    (tmp_path / "conftest.py").write_text(
        "def fixture():\n    def check():\n        assert False\n    return check\n"
    )
    (tmp_path / "page.md").write_text(">>> 1 + 1\n2\n>>> 2 + 2\n4\n")
    (tmp_path / "nothing_to_lose.py").write_text("def helper():\n    return 1\n")
    found = census(tmp_path)
    assert {name: row["assertions"] for name, row in found.items()} == {
        "conftest.py::fixture": 1,
        "page.md": 2,
        "dnn/test_a.py::TestB::test_c": 1,
    }


def test_the_gate_holds_the_tests(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prove.json").write_text(
        '{"schema": 1, "theorems": [{"id": "forward", "status": "proven", "steps": 1}], "code": [], '
        '"profile": "quick", "seed": 0}'
    )
    (tmp_path / "tests").mkdir()
    gate = ["gate", "--baseline", "b.json", "--evidence", "prove.json", "--tests", "tests"]
    assert main(gate) == 2  # no tests, no baseline
    (tmp_path / "tests" / "test_x.py").write_text(TEST)
    assert main([*gate, "--update"]) == 0
    assert main(gate) == 0
    (tmp_path / "tests" / "test_x.py").write_text(TEST.replace("rtol=1e-9", "rtol=1e-3"))
    capsys.readouterr()
    assert main(gate) == 1
    assert "test test_x.py::test_gradient: tolerates [1e-12, 0.001]" in capsys.readouterr().out
    (tmp_path / "tests" / "test_x.py").write_text(TEST.replace("test_gradient", "test_slope"))
    assert main(gate) == 1  # all of the tests there are hold more than the baseline
    assert "1 of 1 hold more than the baseline: it is stale" in capsys.readouterr().out
    (tmp_path / "tests" / "test_others.py").write_text(
        "\n".join(f"def test_{n}(): assert True" for n in range(40))
    )
    assert main([*gate, "--update"]) == 0
    (tmp_path / "tests" / "test_x.py").write_text(TEST)
    capsys.readouterr()
    assert main(gate) == 0
    assert "not held yet, see --update: 1 tests: test_x.py::test_gradient, ..." in capsys.readouterr().out
    (tmp_path / "tests" / "test_x.py").write_text("def test_other(): assert True\n")
    assert main(gate) == 1
    assert "test test_x.py::test_slope: is in the baseline, and has vanished" in capsys.readouterr().out
    assert main(gate[:-2]) == 1
    assert "no evidence of tests, which the baseline has" in capsys.readouterr().out
    (tmp_path / "tests" / "test_x.py").write_text("def")
    assert main(gate) == 2
