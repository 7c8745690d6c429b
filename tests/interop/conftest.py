"""These tests need the frameworks themselves, which `[test]` does not install: they run when asked for.

    python tests/interop/run.py     in an environment of their own, which it makes
    pytest tests/interop            where the frameworks are installed

Asked for by name they never skip: without a framework its tests fail to import. A run that was not
asked says in its summary that they were left out.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def asked_for(config: pytest.Config) -> bool:
    """Whether the command line names this folder or something in it."""
    named = [(config.invocation_params.dir / arg.split("::")[0]).resolve() for arg in config.args]
    return any(path == HERE or HERE in path.parents for path in named)


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if asked_for(config) else True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not asked_for(config):
        terminalreporter.write_line("tests/interop is a run of its own: python tests/interop/run.py")
