"""The suite of a small project that uses the checks, weakened as people do: the gate tells each time."""

# ruff: noqa: E501 - an edit is a line

import json

import pytest

from checks.proof import gate
from checks.proof.baseline import summarised
from checks.proof.census import census

SUITE = """
import unittest

import numpy as np
import pytest
from checks import gradcheck as gc
from mine import gradient, loss, point

SHAPES = [(1,), (2, 3), (4,)]


def close(a, b, tol=1e-9):
    assert abs(a - b) < tol


def far(a, b):
    return not close(a, b)


@pytest.fixture(params=[1, 2, 3])
def width(request):
    return request.param


def test_fixture(gradcheck):
    gradcheck(loss, gradient, point, thorough=True, directions=9)


def test_close():
    close(loss(point), value(point))


def test_far():
    far(loss(point), 7.5)


def test_loop():
    for seed in (0, 1, 2):
        assert gc(loss, gradient, point, rng=seed)


def test_walk():
    assert all(gc(loss, gradient, point, rng=seed) for seed in (3, 4, 5))
    for seed in range(2, 20):
        assert gc(loss, gradient, point, rng=seed)


def test_digits():
    tol = 1e-9
    np.testing.assert_allclose(loss(point), 7.25, rtol=tol)
    np.testing.assert_array_equal(gradient(point), point)
    np.testing.assert_almost_equal(loss(point), 7.25, decimal=12)


def test_report():
    assert gc(loss, gradient, point).verdict == "PASS"
    with pytest.raises(AssertionError, match="w is 2 times"):
        gc(loss, twice, point)


class TestA:
    def test_m(self):
        assert gc(loss, gradient, point)


class TestB(TestA):
    pass


class UnitCase(unittest.TestCase):
    def test_u(self):
        self.assertTrue(gc(loss, gradient, point))
"""
EDITS = {
    "the only check": ("    gradcheck(loss, gradient, point, thorough=True, directions=9)", "    pass"),
    "a verdict that nobody reads": ("thorough=True", "thorough=True, raise_exception=False"),
    "not so thorough": ("thorough=True, ", ""),
    "in one direction": ("directions=9", "directions=1"),
    "a call of what asserts": ("    close(loss(point), value(point))", "    pass"),
    "a call of what calls what asserts": ("    far(loss(point), 7.5)", "    pass"),
    "a tolerance that is a default": ("tol=1e-9)", "tol=1e3)"),
    "a tolerance that is a little larger": ("tol=1e-9)", "tol=1e-6)"),
    "a loop over less": ("in (0, 1, 2):", "in (0,):"),
    "a loop over nothing": ("in (0, 1, 2):", "in {}:"),
    "a loop over an empty text": ("in (0, 1, 2):", 'in "":'),
    "a loop over no times a list": ("in (0, 1, 2):", "in [0, 1, 2] * 0:"),
    "a comprehension over nothing": ("in (3, 4, 5))", "in ())"),
    "a longer stride": ("range(2, 20)", "range(2, 20, 10)"),
    "a later start": ("range(2, 20)", "range(18, 20)"),
    "fewer parameters of a fixture": ("params=[1, 2, 3]", "params=[1]"),
    "a case taken out": ("\n\ndef close", "\ndel SHAPES[1]\n\n\ndef close"),
    "a case popped": ("\n\ndef close", "\nSHAPES.pop()\n\n\ndef close"),
    "a list is true": (
        'assert gc(loss, gradient, point).verdict == "PASS"',
        'assert [gc(loss, gradient, point) for _ in "x"]',
    ),
    "a table is true": ('assert gc(loss, gradient, point).verdict == "PASS"', 'assert {"report": 1}'),
    "a lambda is true": ('assert gc(loss, gradient, point).verdict == "PASS"', "assert lambda: gc"),
    "two constants are equal": ('assert gc(loss, gradient, point).verdict == "PASS"', "assert 1 == 1"),
    "a local tolerance": ("tol = 1e-9\n", "tol = 5\n"),
    "a tolerance that is computed": ("rtol=tol", "rtol=abs(loss(point))"),
    "almost for equal": ("assert_array_equal", "assert_array_almost_equal"),
    "fewer digits": ("decimal=12", "decimal=1"),
    "a test that nobody awaits": ("def test_report", "async def test_report"),
    "a fixture for a test": ("def test_report", "@pytest.fixture\ndef test_report"),
    "a class that pytest cannot make": ("class TestA:\n", "class TestA:\n    def __init__(self):\n        pass\n\n"),
    "no case of unittest": ("UnitCase(unittest.TestCase)", "UnitCase"),
    "inherited tests gone": ("class TestB(TestA):\n    pass\n", ""),
    "a mark by its name": ("SHAPES =", 'pytestmark = getattr(pytest.mark, "skip")\nSHAPES ='),
    "unittest's own way to skip": ("SHAPES =", "__unittest_skip__ = True\nSHAPES ="),
    "rtol by a table": ("thorough=True, directions=9)", "thorough=True, directions=9, **EASY)"),
    "not raised by way of not": ("thorough=True", "thorough=True, raise_exception=not True"),
    "a generator that nobody asks": ("    gradcheck(loss, gradient, point, thorough=True, directions=9)", "    (gradcheck(loss, gradient, point, thorough=True, directions=9) for _ in [0])"),
    "a yield that nobody asks": ("    gradcheck(loss, gradient, point, thorough=True, directions=9)", "    yield gradcheck(loss, gradient, point, thorough=True, directions=9)"),
    "a loop of no rounds": ("    close(loss(point), value(point))", "    for _ in range(0):\n        close(loss(point), value(point))"),
    "a loop over an empty list": ("    close(loss(point), value(point))", "    for _ in list():\n        close(loss(point), value(point))"),
    "another name for the fixture": ("    gradcheck(loss", "    gradcheck = print\n    gradcheck(loss"),
    "a parameter for the fixture": ("def test_fixture", '@pytest.mark.parametrize("gradcheck", [print])\ndef test_fixture'),
    "a function for the fixture": ("SHAPES =", "def gradcheck(*a): pass\nSHAPES ="),
    "somebody else's": ("SHAPES =", "from mine import noop as gradcheck\nSHAPES ="),
    "a check in a message": ('assert gc(loss, gradient, point).verdict == "PASS"', "assert True, gc(loss, gradient, point)"),
    "no test by setattr": ("SHAPES =", 'setattr(test_far, "__test__", False)\nSHAPES ='),
    "tolerances for the file": ("SHAPES =", "pytestmark = pytest.mark.gradproof(rtol=0.2)\nSHAPES ="),
    "any message": ('match="w is 2 times"', 'match=""'),
    "a failure expected": (
        "        assert gc(loss, gradient, point)\n\n\nclass TestB",
        '        with pytest.raises(AssertionError, match=""):\n            gc(loss, gradient, point)\n\n\nclass TestB',
    ),
}  # fmt: skip
CONFTESTS = {
    "a check that checks nothing": (
        "import pytest\n\n@pytest.fixture\ndef gradcheck():\n    return lambda *a, **k: None\n"
    ),
    "the same under another name": (
        "import pytest\n\n@pytest.fixture(name='gradcheck')\ndef nothing():\n    return print\n"
    ),
    "one example of each": (
        "from hypothesis import settings\n\nsettings.register_profile('f', max_examples=1)\n"
        "settings.load_profile('f')\n"
    ),
    "an early end": (
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef go():\n    pytest.exit('done', returncode=0)\n"
    ),
    "a mark for all": (
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef go(request):\n    request.node.add_marker('xfail')\n"
    ),
    "a milder check": "def check(gradcheck, f, g, x):\n    gradcheck(f, g, x, rtol=0.2)\n",
    "one direction for all": "import pytest\n\npytestmark = pytest.mark.gradproof(directions=1)\n",
    "a hook": "def pytest_collection_modifyitems(items):\n    items.clear()\n",
    "a context that hides": (
        "class Calm:\n    def __enter__(self):\n        pass\n\n    def __exit__(self, *error):\n        return True\n"
    ),
}


@pytest.fixture
def suite(tmp_path):
    """A function from the texts of files to what the gate says of the suite with them."""
    (tmp_path / "test_a.py").write_text(SUITE)
    (tmp_path / "page.md").write_text(">>> 1 + 1\n2\n\n    >>> 2 + 2\n    4\n")
    (tmp_path / "notes.txt").write_text(">>> 3\n3\n")
    held = summarised([{"tests": census(tmp_path), "of": "tests"}])

    def weakened(**files):
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        return gate.weakenings(held, summarised([{"tests": census(tmp_path), "of": "tests"}]))

    return weakened


def test_as_it_is_nothing_is_weaker(suite):
    assert suite() == []


@pytest.mark.parametrize("what", EDITS)
def test_a_weaker_suite_is_told(suite, what):
    old, new = EDITS[what]
    assert SUITE.count(old) == 1
    assert suite(test_a__py=SUITE.replace(old, new))


@pytest.mark.parametrize("what", CONFTESTS)
def test_what_is_new_and_silences_tests_is_told(suite, what):
    (line, *_) = suite(conftest__py=CONFTESTS[what])
    assert "is not in the baseline, is no test, and skips, chooses or silences tests" in line


@pytest.mark.parametrize(
    "files",
    [
        {"page__md": ">>> 1 + 1  # doctest: +SKIP\n2\n\n    >>> 2 + 2\n    4\n"},
        {"page__md": ">>> 1 + 1\n...\n\n    >>> 2 + 2\n    4\n"},
        {"page__md": ">>> 1 + 1\n2\n"},
        {"notes__txt": "nothing\n"},
    ],
    ids=["skipped", "anything", "indented", "text"],
)
def test_a_weaker_page_is_told(suite, files):
    assert suite(**files)


STRONGER = {
    "one test more": SUITE + "\n\ndef test_more():\n    assert gc(loss, gradient, point)\n",
    "one case more": SUITE.replace("in (0, 1, 2):", "in (0, 1, 2, 3):"),
    "a smaller tolerance": SUITE.replace("tol=1e-9)", "tol=1e-10)"),
    "a longer walk": SUITE.replace("range(2, 20)", "range(2, 40)"),
    "more digits": SUITE.replace("decimal=12", "decimal=13"),
    "directions where none were said": SUITE.replace(
        "point, rng=seed)\n\n\ndef test_walk", "point, rng=seed, directions=20)\n\n\ndef test_walk"
    ),
    "an assertion more, with a tolerance of its own": SUITE.replace(
        "    assert abs(a - b) < tol", "    assert abs(a - b) < tol\n    assert np.allclose(a, b)"
    ),
    "more directions": SUITE.replace("directions=9", "directions=20"),
    "a helper": SUITE + "\n\ndef double(x):\n    return 2 * x\n",
}


@pytest.mark.parametrize("what", STRONGER)
def test_a_stronger_suite_is_not_reproached(suite, what):
    assert STRONGER[what] != SUITE
    assert suite(test_a__py=STRONGER[what]) == []


def test_a_continued_example_is_no_loose_one(suite):
    """Three dots ask for the rest of a statement; alone in what is printed they stand for anything."""
    page = ">>> 1 + 1\n2\n\n    >>> 2 + 2\n    4\n>>> for i in (1,):\n...     print(i)\n1\n"
    assert suite(page__md=page) == []


def test_a_file_is_read_as_python_reads_it(suite, tmp_path):
    (tmp_path / "test_b.py").write_bytes(b"\xef\xbb\xbfdef test_b():\n    assert f()\n")
    (tmp_path / "test_c.py").write_bytes(
        "# coding: latin-1\ndef test_c():\n    assert f('é')\n".encode("latin-1")
    )
    assert suite() == []
    (tmp_path / "test_d.py").write_bytes(
        "# coding: utf-8\ndef test_c():\n    assert f('é')\n".encode("latin-1")
    )
    with pytest.raises((SyntaxError, ValueError), match=r"test_d\.py"):
        suite()


@pytest.mark.parametrize(
    "number", ["9" * 400, "1e999", "-1e999", "1e308 * 1e308", "0x" + "f" * 400, "y / 1e-320"]
)
def test_a_number_that_no_float_holds(suite, tmp_path, number):
    """It is counted as the largest there is, in a way that JSON holds."""
    (tmp_path / "test_b.py").write_text(f"def test_b(x, y):\n    assert x < {number}\n")
    held = json.loads(json.dumps(census(tmp_path), allow_nan=False))
    assert held == census(tmp_path)
    assert suite() == []
