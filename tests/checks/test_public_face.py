"""What `import checks` offers, and what it costs."""

import subprocess
import sys
from inspect import ismodule

import checks

PROBE = """
import sys
{before}
import checks
loaded = {{name.partition(".")[0] for name in sys.modules}}
print(*sorted(loaded & {{"sympy", "hypothesis", "rich", "pytest", "scipy", "dnn", "derivations"}}))
"""


def heavy_modules_after_import(before: str = "") -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(before=before)], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_all_is_sorted_and_complete():
    assert checks.__all__ == sorted(checks.__all__)
    for name in checks.__all__:
        assert getattr(checks, name).__module__.startswith("checks")
        assert getattr(checks, name).__doc__
    public = {name for name, value in vars(checks).items() if name.isidentifier() and not ismodule(value)}
    assert {name for name in public if not name.startswith("_")} == set(checks.__all__)


def test_import_loads_nothing_heavy():
    assert heavy_modules_after_import() == []


def test_that_test_can_fail():
    assert heavy_modules_after_import("import sympy") == ["sympy"]
