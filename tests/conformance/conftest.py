"""Which part of the folder runs, and the table of numbers at the end.

`make test` runs the vectors and a sample of the real pages. `pytest -m conformance`, or BACKLINKBOT_CONFORMANCE=all,
runs the vectors and every page.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
COLUMNS = ("compared", "skipped", "differences", "explained", "unexplained")


def _wants_everything(config: pytest.Config) -> bool:
    return os.environ.get("BACKLINKBOT_CONFORMANCE") == "all" or config.option.markexpr.strip() == "conformance"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let everything here join a conformance run, but for the samples; leave the long runs out of every other run."""
    whole = _wants_everything(config)
    left_out = []
    for item in items:
        if not str(item.path).startswith(f"{HERE}{os.sep}"):
            continue
        is_long = item.get_closest_marker("conformance") is not None
        is_sample = "sample" in item.name
        if (is_sample and whole) or (is_long and not whole and not config.option.markexpr):
            left_out.append(item)
        elif whole:
            item.add_marker("conformance")
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@dataclass
class Numbers:
    """What the tests of this folder compared, for a person to read."""

    rows: list[tuple[str, dict[str, int]]] = field(default_factory=list)

    def add(self, what: str, **counts: int) -> None:
        assert set(counts) <= set(COLUMNS)
        self.rows.append((what, counts))

    def table(self) -> str:
        width = max(len(what) for what, _ in self.rows)
        lines = [f"{'':{width}}" + "".join(f"{column:>13}" for column in COLUMNS)]
        lines += [
            f"{what:{width}}" + "".join(f"{counts.get(column, 0):>13,}" for column in COLUMNS)
            for what, counts in self.rows
        ]
        return "\n".join(lines)


@pytest.fixture(scope="session")
def numbers(request: pytest.FixtureRequest) -> Iterator[Numbers]:
    found = Numbers()
    yield found
    if found.rows and _wants_everything(request.config):
        capture: Any = request.config.pluginmanager.getplugin("capturemanager")
        with (
            capture.global_and_fixture_disabled()
        ):  # a worker's standard output leads nowhere, its errors to the terminal
            sys.stderr.write(f"\n{found.table()}\n")
