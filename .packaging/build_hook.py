"""The pytest plugin under its unique name.

A wheel holds ``checks/pytest_plugin.py`` as ``gradproof_pytest.py`` (and not twice).
An editable install would hold a copy that grows old, so it gets ``editable/gradproof_pytest.py`` on its
path instead (``dev-mode-dirs`` in pyproject.toml), which runs the file itself.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PluginUnderItsName(BuildHookInterface):  # type: ignore[type-arg]
    """Rename one file on its way into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file under its other name."""
        if version != "editable":
            build_data["force_include"]["checks/pytest_plugin.py"] = "gradproof_pytest.py"
