"""Coverage-guided fuzzing of the checks: the same properties, steered by which lines of `checks` they reach.

It needs atheris, and so it is a command of its own, to be run from the top of the project:

    pip install -e '.[test,fuzz]' && python -m tests.robustness.fuzz -len_control=0 -max_total_time=600

Every other argument is libFuzzer's, a folder for its corpus among them. A finding is the traceback of the
property that does not hold, with the example that Hypothesis reads from the bytes; libFuzzer keeps the bytes.
"""

import sys

import atheris

with atheris.instrument_imports(include=["checks"], enable_loader_override=False):
    from tests.robustness import test_hostile, test_resolution

PROPERTIES = (
    test_hostile.test_gradcheck,
    test_hostile.test_gradcheck_at_the_ends_of_the_range,
    test_hostile.test_gradcheck_of_a_pair,
    test_hostile.test_the_other_checks,
    test_resolution.test_a_pass_has_no_mistake_above_its_resolution,
)


def one_input(data: bytes) -> None:
    """Let the first byte choose the property, and the others the example."""
    if data:
        PROPERTIES[data[0] % len(PROPERTIES)].hypothesis.fuzz_one_input(data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
