"""Puts the documents into the wheel, for ``backlinkbot help``."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("docs", "docs/how-to")


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the documents to a wheel; an editable install reads those of the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Names the files to include, and where they lie in the package."""
        if version == "editable":
            return
        root = Path(self.root)
        for folder in FOLDERS:
            for path in sorted((root / folder).glob("*.md")):
                inside = Path("backlinkbot/documents") / path.relative_to(root / "docs")
                build_data["force_include"][str(path)] = inside.as_posix()
