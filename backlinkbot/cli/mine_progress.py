"""Says on standard error what ``mine`` has read of archives, what was found, and what was wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backlinkbot.archives.faults import MiningCounts
    from backlinkbot.archives.tasks import Task


class Progress:
    """Says on standard error which archives are read, what was found, and what was wrong."""

    def __init__(self, number: int) -> None:
        from backlinkbot.archives.faults import MiningCounts  # noqa: PLC0415 - imported when the command runs

        self._number = number
        self._done = 0
        self._total: MiningCounts = MiningCounts()
        self.failed = 0

    def tell(self, task: Task) -> None:
        """Says what became of one archive."""
        from backlinkbot.text.csv_escaping import one_line  # noqa: PLC0415 - as above

        self._done += 1
        name = f"{self._done}/{self._number} {one_line(task.archive)}"
        if task.failure:
            self.failed += 1
            sys.stderr.write(f"{name}: not read: {one_line(task.failure, 300)}\n")
            return
        self._total.add(task.counts)
        before = "read before: " if task.was_done else ""
        sys.stderr.write(f"{name}: {before}{_figures(task.counts)}\n")
        sys.stderr.writelines(f"  {one_line(example, 300)}\n" for example in task.counts.examples)

    def end(self, rows: int | None) -> None:
        """Says what was found in all."""
        if self._number > 1:
            failed = f", {self.failed:,} not read" if self.failed else ""
            sys.stderr.write(f"all {self._number:,} archives: {_figures(self._total)}{failed}\n")
        if rows is not None and rows < self._total.rows:
            sys.stderr.write(f"{self._total.rows - rows:,} rows stood in several archives, and are written once\n")


def _figures(counts: MiningCounts) -> str:
    said = f"{counts.records:,} records, {counts.pages:,} pages with {counts.rows:,} links"
    if counts.skipped:
        said += f", passed over: {_reasons(counts.skipped)}"
    return said + (f", faults: {_reasons(counts.faults)}" if counts.faults else "")


def _reasons(counted: Any) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counted.most_common())
