"""Ways to weaken a test, each of which the census tells, and harmless edits, of which it tells none."""

import ast

import pytest

from checks.cli import main
from checks.proof.census import census, counted, outside
from checks.proof.census.comparison import bypasses, weaker

TEST = '''
@pytest.mark.parametrize("n", [1, 2, 3])
@given(networks(max_depth=5, max_width=4), st.integers(min_value=1, max_value=9), st.floats(-5, 5))
@example(3)
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
    gradcheck(f, g, z)
'''
WEAKENINGS = {
    "an assertion removed": ("    assert z.shape == (n, k)\n", "", "6 assertions, 7 in the baseline"),
    "an exception no longer expected": (
        'pytest.raises(ValueError, match="shape")',
        "quiet()",
        "6 assertions, 7",
    ),
    "an equation no longer checked": ('    holds("forward", network)\n', "", "6 assertions, 7"),
    "a comparison by NumPy removed": (
        "    np.testing.assert_allclose(z, reference(z), rtol=1e-9)\n",
        "",
        "6 assertions",
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
    "a case removed": ("[1, 2, 3]", "[1, 2]", "3 cases, 4 in the baseline"),
    "a skip": ("@settings", "@pytest.mark.skip\n@settings", "skips or assumes in 1 places, 0"),
    "a condition to skip": (
        "@settings",
        "@pytest.mark.skipif(True, reason='')\n@settings",
        "skips or assumes in 1",
    ),
    "an expected failure": ("@settings", "@pytest.mark.xfail\n@settings", "skips or assumes in 1"),
    "an assertion of nothing": ("assert z.shape == (n, k)", "assert True", "6 assertions, 7"),
    "an assertion of a tuple": ("assert z.shape == (n, k)", "assert (z.shape, (n, k))", "6 assertions, 7"),
    "an alternative": (">= 30\n", ">= 30 or seed > 1\n", "2 alternatives, 1 in the baseline"),
    "a failure swallowed": (
        "    assert z.shape == (n, k)\n",
        "    try:\n        assert z.shape == (n, k)\n    except AssertionError:\n        pass\n",
        "1 swallowed, 0 in the baseline",
    ),
    "a failure suppressed": (
        "    assert z.shape == (n, k)\n",
        "    with suppress(AssertionError):\n        assert z.shape == (n, k)\n",
        "1 swallowed, 0 in the baseline",
    ),
    "another exception will do": ("ValueError, match", "(ValueError, OSError), match", "1 swallowed, 0"),
    "any exception will do": ("ValueError, match", "Exception, match", "1 swallowed, 0 in the baseline"),
    "any message will do": (', match="shape"', "", "1 unmatched, 0 in the baseline"),
    "a condition": (
        "    assert z.shape == (n, k)\n",
        "    if n > 1:\n        assert z.shape == (n, k)\n",
        "1 conditions, 0 in the baseline",
    ),
    "a condition on a call": (
        "    np.testing",
        "    if n > 1:\n        np.testing",
        "1 conditions, 0 in the baseline",
    ),
    "a condition on the same line": (
        "np.testing.assert_allclose(z, reference(z), rtol=1e-9)",
        "np.testing.assert_allclose(z, reference(z), rtol=1e-9) if n > 1 else None",
        "1 conditions, 0 in the baseline",
    ),
    "a function inside that may never be called": (
        "    assert z.shape == (n, k)\n",
        "    def later():\n        assert z.shape == (n, k)\n",
        "1 conditions, 0 in the baseline",
    ),
    "true on a condition": (
        "assert z.shape == (n, k)",
        "assert z.shape == (n, k) if n > 1 else True",
        "2 alternatives, 1 in the baseline",
    ),
    "an empty loop": (
        "    assert z.shape == (n, k)\n",
        "    for _ in ():\n        assert z.shape == (n, k)\n",
        "1 cuts, 0 in the baseline",
    ),
    "an end before its time": (
        "    np.testing",
        "    if n > 1:\n        return\n    np.testing",
        "1 exits, 0 in the baseline",
    ),
    "a round left out": (
        "        assert error",
        "        if seed:\n            continue\n        assert error",
        "1 exits, 0 in the baseline",
    ),
    "a part of a range": ("range(20)", "range(20)[:1]", "1 cuts, 0 in the baseline"),
    "a part of what is compared": (
        "z.shape == (n, k)",
        "z.shape[:1] == (n, k)[:1]",
        "2 cuts, 0 in the baseline",
    ),
    "left to the night": ("@settings", "@costly\n@settings", "1 nights, 0 in the baseline"),
    "most of it left to the night": ("range(20)", "one_in(5, range(20))", "1 nights, 0 in the baseline"),
    "a constant where something was drawn": ("st.floats(-5, 5)", "st.just(1.0)", "4 draws, 5"),
    "nothing drawn": ("@given(", "@fixed(", "2 draws, 5 in the baseline"),
    "a strategy filtered": ("st.floats(-5, 5)", "st.floats(-5, 5).filter(big)", "skips or assumes in 1"),
    "no phase that draws": ("max_examples=100", "max_examples=100, phases=[]", "skips or assumes in 1"),
    "a draw rejected": (
        "    z = forward",
        "    reject()\n    z = forward",
        "skips or assumes in 1 places, 0",
    ),
    "a tolerance left to NumPy": (", rtol=1e-9", "", "tolerates [1e-12, 1e-07], [1e-12, 1e-09]"),
    "a tolerance beyond what is called one": ("<= 1e-12", "<= 0.5", "below [0.5, 4.0], tolerated [1e-12"),
    "a tolerance without bound": ("<= 1e-12", "<= np.inf", "below [4.0, 1.7976931348623157e+308], tolerated"),
    "a bar divided": ("4 * bar(seed)", "4 * bar(seed) / 0.1", "is content below [40.0], [4.0]"),
    "an equality with itself": ("z.shape == (n, k)", "z.shape == z.shape", "1 repeats, 0"),
    "a bound by itself": ("z.shape == (n, k)", "z.shape <= z.shape", "1 repeats, 0"),
    "nearness to itself": (
        "z.shape == (n, k)",
        "z == approx(z, rel=1e-13, abs=0)",
        "1 repeats, 0",
    ),
    "nearness to itself by NumPy": ("(z, reference(z), rtol", "(z, z, rtol", "1 repeats, 0"),
    "an assertion behind what raises": (
        "        forward(None)\n",
        "        forward(None)\n        assert z.shape == (n, k)\n",
        "1 conditions, 0 in the baseline",
    ),
    "a case twice": ("[1, 2, 3]", "[1, 2, 2]", "3 cases, 4 in the baseline"),
    "an example less": ("@example(3)\n", "", "3 cases, 4 in the baseline"),
    "a gradient no longer checked": ("    gradcheck(f, g, z)\n", "", "6 assertions, 7"),
    "a verdict that nobody reads": ("(f, g, z)", "(f, g, z, raise_exception=False)", "1 swallowed, 0"),
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
    "an equality for a tolerance": (
        "np.testing.assert_allclose(z, reference(z), rtol=1e-9)",
        "assert z == 0",
    ),
    "a function that returns early": (
        "    z = forward(network)\n",
        "    z = forward(network)\n    def fun(v):\n        if v:\n            return 1\n        return 2\n",
    ),
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
    "a skip by another name": ("CASES", "from pytest import skip as later\nCASES", "skips or assumes in 1"),
    "a constant that is none any more": ("1e-9", "float('inf')", "0 bounds, 1 in the baseline"),
    "a class skipped": ("CASES", "@pytest.mark.skip\nclass TestA: pass\nCASES", "skips or assumes in 1"),
    "a mark within a class": ("CASES", "class TestA:\n    pytestmark = pytest.mark.xfail\nCASES", "skips or"),
    "a file that pytest leaves out": ("CASES", "__test__ = False\nCASES", "1 hooks, 0 in the baseline"),
    "files that pytest leaves out": ("CASES", "collect_ignore = []\nCASES", "1 hooks, 0"),
    "a test replaced": ("CASES", "test_a = None\nCASES", "1 hooks, 0 in the baseline"),
    "a test that says it is none": ("CASES", "test_a.__test__ = False\nCASES", "1 hooks, 0 in the baseline"),
    "a test taken away": ("CASES", "globals().pop('test_a')\nCASES", "1 hooks, 0 in the baseline"),
    "a test shadowed": (
        "CASES",
        "if True:\n    def test_a(): pass\nCASES",
        "1 hooks, 0 in the baseline",
    ),
    "a test shadowed by another's": ("CASES", "from elsewhere import test_a\nCASES", "1 hooks, 0"),
    "a test forgotten": ("CASES", "del test_a\nCASES", "1 hooks, 0 in the baseline"),
    "a way to suppress": ("CASES", "from contextlib import suppress as calm\nCASES", "1 swallowed, 0"),
    "a say in what is run": ("CASES", "def pytest_itemcollected(item): pass\nCASES", "1 hooks, 0"),
    "fewer examples everywhere": ("=50", "=5", "draws with max_examples = [5.0], [50.0]"),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_a_weakening_outside_of_functions_is_told(what):
    old, new, told = OUTSIDE[what]
    assert FILE.count(old) == 1
    (line,) = weaker(outside(ast.parse(FILE)), outside(ast.parse(FILE.replace(old, new))))
    assert told in line
    assert list(weaker(outside(ast.parse(FILE)), outside(ast.parse(FILE)))) == []


@pytest.mark.parametrize(
    "bar", ["100 * bar", "bar * 100", "bar / 0.01", "max(9, bar)", "3", "inf", "math.inf", "float('inf')"]
)
def test_a_bar_without_a_factor_has_the_factor_one(bar):
    plain = "def test_f():\n    assert error < bar"
    (line,) = weaker(counts(plain), counts(plain.replace("bar", bar)))
    assert "is content below" in line
    assert list(weaker(counts(plain.replace("bar", bar)), counts(plain))) == []
    assert list(weaker(counts(plain), counts(plain.replace("bar", "0.5 * bar")))) == []


def test_a_number_of_the_module_is_that_of_its_functions(tmp_path):
    """A larger tolerance, or a shorter loop, by way of a name."""
    file = tmp_path / "test_a.py"
    source = (
        "BAR = 1e-9\nSEEDS = 20\ndef test_f():\n    for seed in range(SEEDS):\n        assert f(seed) < BAR\n"
    )
    file.write_text(source)
    before = census(tmp_path)["test_a.py::test_f"]
    for old, new, told in (
        ("1e-9", "0.5", "is content below [0.5]"),
        ("20", "2", "walks over [2.0], [20.0]"),
    ):
        file.write_text(source.replace(old, new))
        (line,) = weaker(before, census(tmp_path)["test_a.py::test_f"])
        assert told in line


LONG = {
    "params": "@pytest.fixture(params=[1, 2])",
    "argvalues": "@pytest.mark.parametrize('n', argvalues=[1, 2])",
}


@pytest.mark.parametrize("keyword", LONG)
def test_cases_that_are_given_by_keyword(keyword):
    source = f"{LONG[keyword]}\ndef test_f(n):\n    assert n"
    assert counts(source)["cases"] == 2
    (line,) = weaker(counts(source), counts(source.replace("[1, 2]", "[1]")))
    assert line == "1 cases, 2 in the baseline"


QUIET = """
class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return {value}
"""


@pytest.mark.parametrize(
    ("value", "hidden"), [("True", 1), ("issubclass(*error)", 1), ("False", 0), ("None", 0)]
)
def test_a_context_that_hides_what_is_raised(tmp_path, value, hidden):
    (tmp_path / "conftest.py").write_text(QUIET.format(value=value))
    name = "conftest.py::Quiet::__exit__"
    found = census(tmp_path).get(name, {})
    assert found.get("escapes", {}).get("swallowed", 0) == hidden
    assert bypasses(name, found) == bool(hidden)


def test_computed_cases_of_one_text_are_two():
    """Two draws differ."""
    assert counts("def test_f():\n    st.sampled_from([draw(), draw()])")["cases"] == 2
    assert counts("def test_f():\n    st.sampled_from([1, 1])")["cases"] == 1


def test_every_function_has_its_name(tmp_path):
    (tmp_path / "dnn").mkdir()
    (tmp_path / "dnn" / "test_a.py").write_text("class TestB:\n    def test_c(self):\n        assert self\n")
    (tmp_path / "conftest.py").write_text(
        "def fixture():\n    def check():\n        assert False\n    return check\n"
    )
    (tmp_path / "page.md").write_text(">>> 1 + 1\n2\n>>> 2 + 2\n4\n")
    (tmp_path / "idle.md").write_text(">>> 1 + 1  # doctest: +SKIP\n3\n")
    (tmp_path / "nothing_to_lose.py").write_text("def helper():\n    return 1\n")
    found = census(tmp_path)
    assert found.pop("dnn/test_a.py") == {"suites": 1}
    assert found.pop("idle.md") == {"assertions": 1, "skips": 1}
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
    assert main(gate) == 0  # a name; and one test more is no reproach
    (tmp_path / "tests" / "test_others.py").write_text(
        "\n".join(f"def test_{n}(): assert f({n})" for n in range(40))
    )
    capsys.readouterr()
    assert main(gate) == 1
    assert "41 of 42 hold more than the baseline: it is stale" in capsys.readouterr().out
    assert main([*gate, "--update"]) == 0
    (tmp_path / "tests" / "test_x.py").write_text(TEST)
    capsys.readouterr()
    assert main(gate) == 0
    assert "not held yet, see --update: 1 tests: test_x.py::test_gradient, ..." in capsys.readouterr().out
    (tmp_path / "tests" / "conftest.py").write_text("def all_of_them(): pytest.skip('not today')\n")
    assert main(gate) == 1
    assert "conftest.py::all_of_them: is not in the baseline, is no test" in capsys.readouterr().out
    (tmp_path / "tests" / "conftest.py").write_text("def one(): return 1\n")
    assert main(gate) == 0
    (tmp_path / "tests" / "test_x.py").write_text("def test_other(): assert True\n")
    assert main(gate) == 1
    assert "test test_x.py::test_slope: is in the baseline, and has vanished" in capsys.readouterr().out
    assert main(gate[:-2]) == 1
    assert "no evidence of tests, which the baseline has" in capsys.readouterr().out
    capsys.readouterr()
    for content in (b"def", b"\xff\xfe", b"x = '\x00'", b"x = " + b"(" * 5000, b"x = 1" + b" + 1" * 20_000):
        (tmp_path / "tests" / "test_x.py").write_bytes(content)
        assert main(gate) == 2
        err = capsys.readouterr().err
        assert err.startswith("gradproof: tests: cannot read tests: ")
        assert err.count("\n") == 1
