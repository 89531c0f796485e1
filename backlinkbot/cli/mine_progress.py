"""Says on standard error what ``mine`` has read of archives, what was found, and what was wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from backlinkbot.archives.faults import MiningCounts
    from backlinkbot.archives.parallel_mining import ArchiveResult
    from backlinkbot.archives.position import Position


class MiningProgress:
    """A context manager that says on standard error which archives are read, what was found, and what was wrong.

    Meanwhile a terminal shows a bar, of bytes where the archives are files, else of archives; elsewhere comes a line a minute.
    """

    def __init__(self, archives: Sequence[str], position: Position | None = None, *, is_quiet: bool = False) -> None:
        """Creates it.

        Args:
            archives: their names.
            position: tells how many bytes have been read; None where only whole archives are counted.
            is_quiet: without a bar, and without a line a minute.
        """
        from backlinkbot.archives.faults import MiningCounts  # noqa: PLC0415 - imported when the command runs
        from backlinkbot.terminal.progress_line import BYTES, ProgressLine  # noqa: PLC0415 - as above

        self._number = len(archives)
        self._done = 0
        self._total: MiningCounts = MiningCounts()
        self._position = position
        self._sizes = {name: Path(name).stat().st_size for name in archives if Path(name).is_file()}
        is_measured = position is not None and len(self._sizes) == self._number
        self._bar = ProgressLine(
            "reading",
            sum(self._sizes.values()) if is_measured else self._number,
            unit=BYTES if is_measured else "archives",
            position=(lambda: position.read) if is_measured and position is not None else (lambda: self._done),
            note=lambda: f"{self._done:,}/{self._number:,} archives, {self._total.rows:,} links",
            is_quiet=is_quiet,
        )
        self.failed = 0

    def __enter__(self) -> Self:
        """Begins to show the bar."""
        self._bar.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the bar."""
        self._bar.__exit__()

    def tell(self, result: ArchiveResult) -> None:
        """Says what became of one archive."""
        with self._bar.printing():
            self._tell(result)

    def _tell(self, result: ArchiveResult) -> None:
        from backlinkbot.text.csv_escaping import one_line  # noqa: PLC0415 - as above

        self._done += 1
        name = f"{self._done}/{self._number} {one_line(result.archive)}"
        if result.failure:
            self.failed += 1
            sys.stderr.write(f"{name}: not read: {one_line(result.failure, 300)}\n")
            return
        self._total.add(result.counts)
        if result.was_done and self._position is not None:
            self._position.add(self._sizes.get(result.archive, 0))
        before = "read before: " if result.was_done else ""
        sys.stderr.write(f"{name}: {before}{_figures(result.counts)}\n")
        sys.stderr.writelines(f"  {one_line(example, 300)}\n" for example in result.counts.examples)

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
