"""Run the tests against the frameworks themselves, in an environment that is made for them once.

python tests/interop/run.py [--fresh] [what pytest takes]
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / "build" / "interop"
FRAMEWORKS = ["torch==2.13.0", "jax", "scipy", "scikit-learn", "statsmodels"]


def main(arguments: list[str]) -> int:
    """Make the environment where there is none, run the tests and the examples in the docstrings."""
    if "--fresh" in arguments:
        arguments.remove("--fresh")
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", *FRAMEWORKS, "-e", ROOT]
        subprocess.run(install, check=True)
    tests = ["tests/interop", "checks/interop", "--doctest-modules"]
    return subprocess.run([python, "-m", "pytest", *tests, *arguments], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
