"""The pytest plugin in an editable install: checks/pytest_plugin.py itself, under its unique name."""

from pathlib import Path

source = Path(__file__).parents[2] / "checks" / "pytest_plugin.py"
__file__ = str(source)
exec(compile(source.read_bytes(), source, "exec"))
