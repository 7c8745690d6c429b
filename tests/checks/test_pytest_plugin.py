"""The plugin in a project of its own: what the fixtures do, what they leave in the table and the file."""

import importlib.metadata
import json
import textwrap

import pytest

import checks

pytest_plugins = ["pytester"]

CHECKS = sorted(name for name in checks.__all__ if name.endswith("check"))

LOSS = """
import numpy as np
import pytest

x0 = np.array([1.0, 2.0, 3.0, -1.0, 0.5, 0.3, 1.7])

def loss(x):
    return np.sum(x**4)

def right(x):
    return 4 * x**3

def wrong(x):
    g = right(x)
    g[1] *= 1.01
    return g

def hinge(x):
    return np.maximum(x, 0).sum()

def slope(x):
    return (x > 0) * 1.0

kink = np.array([0.0, 1.0, 2.0, 3.0])
"""


@pytest.fixture
def project(pytester):
    """Write a test file that begins with LOSS into a new project."""

    def write(tests: str) -> pytest.Pytester:
        pytester.makepyfile(test_gradients=LOSS + textwrap.dedent(tests) + "\n")
        return pytester

    return write


def evidence(pytester: pytest.Pytester) -> dict:
    """The report, which must be JSON and not only what Python takes for it."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads((pytester.path / "report.json").read_text(), parse_constant=refuse)


def rows(pytester: pytest.Pytester) -> dict:
    """Each test's only row."""
    tests = evidence(pytester)["tests"]
    assert all(len(test["checked"]) == 1 for test in tests)
    return {test["test"].partition("::")[2]: test["checked"][0] for test in tests}


def test_the_plugin_is_installed_under_its_unique_name():
    (entry,) = importlib.metadata.entry_points(group="pytest11", name="gradproof")
    assert entry.value == "gradproof_pytest", "install the project again: its entry points have changed"


# -- the fixtures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS)
def test_a_fixture_for_every_check_with_its_signature(check, project):
    run = project(
        f"""
        import inspect, checks

        def test_same({check}):
            assert inspect.signature({check}) == inspect.signature(checks.{check})
            assert {check}.__doc__ == checks.{check}.__doc__
        """
    ).runpytest()
    run.assert_outcomes(passed=1)


def test_a_right_gradient_passes_and_the_report_is_returned(project):
    run = project(
        """
        def test_right(gradcheck):
            report = gradcheck(loss, right, x0)
            assert report.verdict == "PASS" and report.seed == 0
        """
    ).runpytest()
    run.assert_outcomes(passed=1)
    run.stdout.re_match_lines(
        [r"test_gradients.py::test_right +the gradient of loss +1 +PASS +\de-\d\d +\w+"]
    )
    run.stdout.fnmatch_lines(["1 PASS."])


WRONG = """
def test_wrong(gradcheck):
    gradcheck(loss, wrong, x0)
"""


@pytest.mark.parametrize("style", ["auto", "short", "long"])
def test_a_wrong_gradient_fails_and_shows_the_report_not_the_engine(style, project):
    run = project(WRONG).runpytest(f"--tb={style}")
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(
        ["*gradcheck(loss, wrong, x0)", "E*FAIL: the gradient of loss: it is wrong", "E*x0[[]1]*32.32*32*"]
    )
    run.stdout.no_fnmatch_line("*/checks/engine/*")
    run.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_which_the_full_trace_does_not_hide(project):
    run = project(WRONG).runpytest("--full-trace")
    run.stdout.fnmatch_lines(["*checks/engine/*"])


def test_an_error_in_the_users_function_shows_that_and_not_the_engine(project):
    run = project(
        """
        def test_raises(gradcheck):
            def broken(x):
                raise KeyError("no such layer")
            gradcheck(broken, right, x0)
        """
    ).runpytest()
    run.stdout.fnmatch_lines([">*gradcheck(broken, right, x0)", ">*raise KeyError*", "E*no such layer*"])
    run.stdout.no_fnmatch_line("*/checks/engine/*")


def test_misuse_shows_its_message_and_not_the_engine(project):
    run = project("def test_misuse(gradcheck):\n    gradcheck(loss, right, np.arange(3))\n").runpytest()
    run.stdout.fnmatch_lines(["E  *TypeError: x0 must be a floating-point array*"])
    run.stdout.no_fnmatch_line("*/checks/engine/*")


def test_a_defect_of_the_engine_is_not_hidden(project):
    run = project(
        """
        def test_defect(gradcheck, monkeypatch):
            monkeypatch.delattr("checks.engine.problem.Problem.examine")
            gradcheck(loss, right, x0)
        """
    ).runpytest()
    run.stdout.fnmatch_lines(["*checks/engine/gradcheck.py*", "E*AttributeError*examine*"])


def test_the_fixtures_go_with_hypothesis(project):
    pytester = project(
        """
        from hypothesis import given, settings, strategies as st

        @settings(max_examples=7, database=None)
        @given(st.floats(0.5, 2))
        def test_scaled(gradcheck, t):
            gradcheck(loss, right, t * x0)
        """
    )
    pytester.runpytest("--gradproof-report=report.json").assert_outcomes(passed=1)
    row = rows(pytester)["test_scaled"]
    assert (row["times"], row["verdicts"], row["entries"]) == (7, {"PASS": 7}, 49)
    assert row["resolution"] == row["gravest"]["resolution"]


# -- keywords: the call, the nearest marker, the outer marker, the ini file ------------------------


def test_the_nearest_place_decides_on_a_keyword(project):
    pytester = project(
        """
        pytestmark = pytest.mark.gradproof(rng=3, directions=6)

        def test_module(gradcheck):
            report = gradcheck(loss, right, x0)
            assert report.seed == 3 and report.method != "by forward mode"

        @pytest.mark.gradproof(rng=4, method="forward mode")
        def test_marker(gradcheck):
            report = gradcheck(loss, right, x0)
            assert report.seed == 4 and {leaf.oracle for leaf in report.leaves} == {"forward mode"}

        @pytest.mark.gradproof(rng=4)
        def test_call(gradcheck):
            assert gradcheck(loss, right, x0, rng=5).seed == 5
        """
    )
    pytester.makeini("[pytest]\ngradproof_method = finite differences\ngradproof_rng = 2")
    run = pytester.runpytest("--strict-markers", "--gradproof-report=report.json")
    run.assert_outcomes(passed=3)
    assert rows(pytester)["test_module"]["oracles"] == ["finite differences"]


def test_the_ini_file_sets_keywords_for_all_tests(project):
    pytester = project(
        """
        def test_thorough(gradcheck):
            report = gradcheck(loss, right, x0)
            assert report.probability == 1 and report.seed == 2

        def test_kink(gradcheck):
            gradcheck(hinge, slope, kink)
        """
    )
    pytester.makeini("[pytest]\ngradproof_thorough = true\ngradproof_rng = 2\ngradproof_kink = raise")
    run = pytester.runpytest()
    run.assert_outcomes(passed=1, failed=1)
    run.stdout.fnmatch_lines(["E*NondifferentiablePoint*"])


def test_without_it_they_are_gradchecks_own(project):
    run = project(
        """
        def test_plain(gradcheck):
            report = gradcheck(loss, right, x0)
            assert report.probability < 1 and report.seed == 0
        """
    ).runpytest()
    run.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("keyword", "rule"),
    [("rng", "a whole number"), ("directions", "a whole number"), ("thorough", "true or false")],
)
@pytest.mark.parametrize("value", ["many", "", "1.5"])
def test_an_unreadable_ini_value_is_one_line(keyword, rule, value, project):
    pytester = project("def test_right(gradcheck):\n    gradcheck(loss, right, x0)\n")
    run = pytester.runpytest("-o", f"gradproof_{keyword}={value}")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [one for one in run.stderr.lines if one]
    assert f"gradproof_{keyword} must be {rule}: " in line
    assert "INTERNALERROR" not in str(run.stdout)


NATIVE = ["tool.pytest"] if pytest.__version__ >= "9" else []


@pytest.mark.parametrize("table", ["tool.pytest.ini_options", *NATIVE])
def test_numbers_may_stand_in_pyproject_as_numbers(table, project):
    pytester = project("def test_right(gradcheck):\n    assert gradcheck(loss, right, x0).seed == 7\n")
    pytester.makepyprojecttoml(f"[{table}]\ngradproof_rng = 7\n")
    pytester.runpytest().assert_outcomes(passed=1)
    pytester.makepyprojecttoml(f"[{table}]\ngradproof_rng = [7]\n")
    run = pytester.runpytest()
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    assert "gradproof_rng must be a whole number: " in str(run.stderr)


@pytest.mark.parametrize(("arguments", "got"), [("metod='auto'", "metod"), ("'auto'", "'auto'")])
def test_a_marker_with_another_keyword_fails_its_test(arguments, got, project):
    run = project(
        f"@pytest.mark.gradproof({arguments})\ndef test_marked(gradcheck):\n    gradcheck(loss, right, x0)\n"
    ).runpytest()
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines([f"the marker gradproof takes the keywords method, rng, *; got {got}"])


# -- verdicts in the table -------------------------------------------------------------------------


KINK = "def test_kink(gradcheck):\n    gradcheck(hinge, slope, kink)\n"


def test_a_kink_warns_at_the_line_of_the_test(project):
    pytester = project(KINK)
    line = (
        (pytester.path / "test_gradients.py")
        .read_text()
        .splitlines()
        .index("    gradcheck(hinge, slope, kink)")
    )
    run = pytester.runpytest("-Wdefault")
    run.assert_outcomes(passed=1, warnings=1)
    run.stdout.fnmatch_lines(
        [f"*test_gradients.py:{line + 1}: KinkWarning*", "*test_kink*KINK*finite differences"]
    )


def test_a_kink_that_is_an_error_is_noted_all_the_same(project):
    run = project(KINK).runpytest("-Werror")
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["E*KinkWarning*", "*test_kink*KINK*"])


def test_a_failed_check_in_a_test_that_passed_is_told(project):
    run = project(
        """
        def test_known(gradcheck):
            with pytest.raises(AssertionError):
                gradcheck(loss, wrong, x0)

        def test_forgot_to_look(gradcheck):
            gradcheck(loss, wrong, x0, raise_exception=False)
        """
    ).runpytest()
    run.assert_outcomes(passed=2)
    run.stdout.fnmatch_lines(
        ["*test_forgot_to_look*FAIL (the test passed)*", "*test_known*FAIL (the test passed)*", "2 FAIL."]
    )


MANY = """
@pytest.mark.parametrize("scale", range(1, 31))
def test_many(scale, gradcheck):
    gradcheck(loss, right, x0 / scale)

def test_wrong(gradcheck):
    gradcheck(loss, wrong, x0)
"""


def test_a_long_table_shows_the_gravest_and_coarsest(project):
    run = project(MANY).runpytest("--tb=no")
    run.stdout.fnmatch_lines(
        [
            "test_gradients.py::test_wrong*FAIL*",
            "*::test_many*PASS*",
            "and 6 more,*(-v shows them)",
            "1 FAIL, 30 PASS.",
        ]
    )
    shown = [line for line in run.outlines if "the gradient of loss  " in line]
    assert len(shown) == 25


@pytest.mark.parametrize(("option", "expected"), [("-v", 31), ("-q", 0)])
def test_verbosity_shows_all_rows_or_none(option, expected, project):
    run = project(MANY).runpytest("--tb=no", option)
    run.stdout.fnmatch_lines(["1 FAIL, 30 PASS."])
    assert sum("  the gradient of loss" in line for line in run.outlines) == expected


def test_a_run_without_checks_says_nothing_of_them(project):
    run = project("def test_other():\n    pass\n").runpytest()
    assert "gradient" not in "\n".join(line for line in run.outlines if "test_gradients" not in line)


# -- the file --------------------------------------------------------------------------------------


def test_the_report_file(project):
    pytester = project(
        """
        def test_right(gradcheck, vjpcheck):
            gradcheck(loss, right, x0)
            vjpcheck(np.square, lambda x, u: 2 * x * u, x0)

        def test_wrong(gradcheck):
            gradcheck(loss, wrong, x0)

        @pytest.mark.xfail
        def test_known(gradcheck):
            gradcheck(loss, wrong, x0)

        def test_mutated(gradcheck):
            def greedy(x):
                x *= 2
                return right(x)
            gradcheck(loss, greedy, x0)

        @pytest.fixture
        def breaks_later():
            yield
            raise OSError("afterwards")

        def test_torn_down(gradcheck, breaks_later):
            gradcheck(loss, right, x0)

        def test_other():
            pass
        """
    )
    assert pytester.runpytest("--gradproof-report=report.json").ret == pytest.ExitCode.TESTS_FAILED
    found = evidence(pytester)
    assert found["schema"] == "gradproof.pytest/1"
    assert found["versions"]["gradproof"] == importlib.metadata.version("gradproof")
    assert found["versions"]["numpy"] == importlib.metadata.version("numpy")
    assert (found["checks"], found["verdicts"]) == (6, {"FAIL": 3, "PASS": 3})
    tests = {test["test"].partition("::")[2]: test for test in found["tests"]}
    assert {name: test["outcome"] for name, test in tests.items()} == {
        "test_known": "xfailed",
        "test_mutated": "failed",
        "test_right": "passed",
        "test_torn_down": "failed",
        "test_wrong": "failed",
    }
    first, second = tests["test_right"]["checked"]
    assert (first["check"], first["what"], first["entries"]) == ("gradcheck", "the gradient of loss", 7)
    assert second["check"] == "vjpcheck"
    assert 0 < first["resolution"] < 1e-4
    assert first["gravest"]["schema"] == "gradproof.gradcheck/1"
    (wrong,) = tests["test_wrong"]["checked"]
    assert wrong["gravest"]["wrong"][0]["index"] == [1]
    (mutated,) = tests["test_mutated"]["checked"]
    assert (mutated["verdict"], mutated["resolution"], mutated["oracles"]) == ("FAIL", None, [])


def test_a_check_in_a_fixture_counts(project):
    pytester = project(
        """
        @pytest.fixture
        def checked(gradcheck):
            return gradcheck(loss, right, x0)

        def test_uses(checked):
            assert checked
        """
    )
    pytester.runpytest("--gradproof-report=report.json").assert_outcomes(passed=1)
    assert rows(pytester)["test_uses"]["verdicts"] == {"PASS": 1}


def test_nothing_checked_is_no_success(project):
    pytester = project("def test_other():\n    pass\n")
    run = pytester.runpytest("--gradproof-report=report.json")
    run.assert_outcomes(passed=1)
    run.stdout.fnmatch_lines(["No gradient was checked."])
    assert run.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert evidence(pytester)["checks"] == 0
    assert pytester.runpytest().ret == pytest.ExitCode.OK


def test_and_a_failure_stays_a_failure(project):
    pytester = project("def test_other():\n    assert False\n")
    assert pytester.runpytest("--gradproof-report=report.json").ret == pytest.ExitCode.TESTS_FAILED


def test_an_unwritable_file_is_refused_before_any_test(project):
    run = project("def test_right(gradcheck):\n    gradcheck(loss, right, x0)\n").runpytest(
        "--gradproof-report=nowhere/report.json"
    )
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    assert "--gradproof-report: cannot write" in str(run.stderr)
    run.stdout.no_fnmatch_line("*test_gradients*")


def test_a_report_that_finds_the_disk_full_is_one_line_and_no_success(project):
    run = project("def test_right(gradcheck):\n    gradcheck(loss, right, x0)\n").runpytest(
        "--gradproof-report=/dev/full"
    )
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.assert_outcomes(passed=1)
    run.stdout.fnmatch_lines(["--gradproof-report: cannot write /dev/full: *"])


def test_a_report_without_a_name_is_refused(project):
    run = project("def test_other():\n    pass\n").runpytest("--gradproof-report=")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    assert "--gradproof-report: must name a file" in str(run.stderr)


def test_collecting_only_writes_nothing(project):
    pytester = project("def test_right(gradcheck):\n    gradcheck(loss, right, x0)\n")
    assert pytester.runpytest("--collect-only", "--gradproof-report=report.json").ret == pytest.ExitCode.OK
    assert not (pytester.path / "report.json").exists()
