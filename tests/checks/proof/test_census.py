"""Ways to weaken a test, each of which the census tells, and harmless edits, of which it tells none."""

import ast

import pytest

from checks.cli import main
from checks.proof.census import census, counted, weaker

TEST = '''
@pytest.mark.parametrize("n", [1, 2, 3])
@given(network=networks(max_depth=5, max_width=4), k=st.integers(min_value=1, max_value=9))
@settings(max_examples=100)
def test_gradient(n, network, k, holds):
    """What it is about."""
    z = forward(network)
    assert z.shape == (n, k)
    assert abs(z - reference(z)).max() <= 1e-12
    np.testing.assert_allclose(z, reference(z), rtol=1e-9)
    with pytest.raises(ValueError, match="shape"):
        forward(None)
    holds("forward", network)
'''
WEAKENINGS = {
    "an assertion removed": ("    assert z.shape == (n, k)\n", "", "4 assertions, 5 in the baseline"),
    "an exception no longer expected": (
        'pytest.raises(ValueError, match="shape")',
        "quiet()",
        "4 assertions, 5",
    ),
    "an equation no longer checked": ('    holds("forward", network)\n', "", "4 assertions, 5"),
    "a comparison by NumPy removed": (
        "    np.testing.assert_allclose(z, reference(z), rtol=1e-9)\n",
        "",
        "4 assertions",
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


def test_every_function_has_its_name(tmp_path):
    (tmp_path / "dnn").mkdir()
    (tmp_path / "dnn" / "test_a.py").write_text("class TestB:\n    def test_c(self):\n        assert True\n")
    (tmp_path / "conftest.py").write_text(
        "def fixture():\n    def check():\n        assert False\n    return check\n"
    )
    found = census(tmp_path)
    assert {name: row["assertions"] for name, row in found.items()} == {
        "conftest.py::fixture": 1,
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
    (tmp_path / "tests" / "test_x.py").write_text("def test_other(): assert True\n")
    assert main(gate) == 1
    assert "test test_x.py::test_gradient: is in the baseline, and has vanished" in capsys.readouterr().out
    assert main(gate[:-2]) == 1
    assert "no evidence of tests, which the baseline has" in capsys.readouterr().out
    (tmp_path / "tests" / "test_x.py").write_text("def")
    assert main(gate) == 2
