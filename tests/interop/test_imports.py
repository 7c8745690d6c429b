"""Each framework is imported by its own module only, and missed with a word on how to get it."""

import subprocess
import sys

import pytest

FRAMEWORKS = ["torch", "jax", "scipy", "statsmodels"]


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_checks_and_interop_import_no_framework():
    run = python("import checks, checks.interop, sys; print(*sys.modules)")
    assert not set(FRAMEWORKS) & set(run.stdout.split())


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_module_imports_its_framework(framework):
    assert framework in python(f"import checks.interop.{framework}, sys; print(*sys.modules)").stdout.split()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_missing_framework_names_the_extra_to_install(framework):
    hidden = f"""
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] == {framework!r}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name={framework!r})
sys.meta_path.insert(0, Hidden())
try:
    import checks.interop.{framework}
except ImportError as error:
    print(error.name, error)
"""
    assert python(hidden).stdout.startswith(
        f"{framework} checks.interop.{framework} needs {framework}, which is not"
    )
    assert f"pip install 'gradproof[{framework}]'" in python(hidden).stdout


def test_error_inside_an_installed_framework_stays_what_it_is():
    from checks.interop.frameworks import missing

    error = ModuleNotFoundError("No module named 'its_dependency'", name="its_dependency")
    assert missing("torch", error) is error
