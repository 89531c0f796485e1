"""The process in which a task crawls: ``python -m backlinkbot.spark.visit_process``; it ends with the task that started it.

Standard input names the work in one line of JSON, and is open for as long as the task lives: an executor that is lost leaves no crawl
behind, which would visit the same sites as the task that is started in its place.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from threading import Thread
from typing import Any, Final

CANDIDATES: Final = "candidates.jsonl"
ROWS: Final = "rows.jsonl"
CHECKS: Final = "checks.jsonl"
_OF_ONE_PROCESS: Final = {
    "spark": "",
    "history": "",
    "visits": "",
    "summary": "",
    "unvisited": "no",
    "max_time": "0",
}
"""What an executor's environment may not change."""


def main() -> int:
    """Visits the candidates of a folder, and writes rows and checks into it; returns the exit status of the crawl."""
    folder, arguments, settings = json.loads(os.fdopen(0, "rb", buffering=0, closefd=False).readline())
    Thread(target=_end_with_the_task, args=(folder,), daemon=True).start()
    return visit(Path(folder), arguments, settings)


def visit(folder: Path, arguments: dict[str, Any], settings: dict[str, Any]) -> int:
    """Visits the candidates of a folder in this process, and writes rows and checks into it; returns the exit status.

    Args:
        folder: holds the candidates.
        arguments: of the spider; those that name files or a history have no meaning here.
        settings: of the user, by name.
    """
    from backlinkbot import run  # noqa: PLC0415 - Scrapy is slow to import

    all_settings = run.project_settings()
    all_settings.set("LOG_LEVEL", "ERROR", priority="project")
    all_settings.set("FEEDS", {str(folder / ROWS): {"format": "jsonl", "overwrite": True}}, priority="cmdline")
    for name, value in settings.items():
        all_settings.set(name, value, priority="cmdline")
    here = {"candidates": [str(folder / CANDIDATES)], "checks": str(folder / CHECKS)}
    return run.crawl("verify", arguments | _OF_ONE_PROCESS | here, all_settings)


def _end_with_the_task(folder: str) -> None:
    while os.read(0, 4096):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
