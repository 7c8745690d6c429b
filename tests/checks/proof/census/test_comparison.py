"""What has moved, what vanished, what is new: functions of two censuses beside each other."""

from checks.proof.census.comparison import behind, bypasses, renamed


def test_another_name_or_file_is_no_loss_and_a_weaker_one_is():
    strong, weak = {"assertions": 3}, {"assertions": 2}
    assert renamed({"a.py::f": strong}, {"a.py::g": strong}) == {"a.py::f": "a.py::g"}
    assert renamed({"a.py::f": strong}, {"b.py::f": strong}) == {"a.py::f": "b.py::f"}
    assert renamed({"a.py::f": strong}, {"b.py::g": strong}) == {}
    assert renamed({"a.py::f": strong}, {"a.py::g": weak}) == {}
    two = {"a.py::f": strong, "a.py::g": strong}
    assert len(renamed(two, {"a.py::h": strong})) == 1


def test_what_pytest_no_longer_runs_is_a_loss():
    """Under a name that pytest does not take for a test an assertion is worth nothing."""
    strong = {"assertions": 3}
    for gone in (
        "test_a.py::not_test_f",
        "a.py::test_f",
        "test_a.py::Sketch::test_f",
        "build/test_a.py::test_f",
        ".old/deep/test_a.py::test_f",
    ):
        assert renamed({"test_a.py::test_f": strong}, {gone: strong}) == {}
        assert renamed({gone: strong}, {"test_a.py::test_f": strong}) == {gone: "test_a.py::test_f"}


def test_what_the_baseline_does_not_hold_yet():
    held = {"a.py::f": {"assertions": 3}, "a.py::g": {"assertions": 1}}
    assert behind(held, held) == []
    assert behind(held, held | {"a.py::f": {"assertions": 4}, "a.py::h": {"cases": 2}}) == [
        "a.py::f",
        "a.py::h",
    ]


def test_what_is_new_and_no_test_and_has_a_say():
    for counts in ({"skips": 1}, {"escapes": {"hooks": 1}}, {"escapes": {"swallowed": 1}}):
        assert bypasses("conftest.py::quietly", counts)
        assert not bypasses("test_a.py::test_f", counts)  # its own counts tell that
    assert not bypasses("conftest.py::quietly", {"assertions": 3, "escapes": {"conditions": 1}})
