"""Writes imported candidates into a history or a file."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

BATCH: Final = 5_000
"""Most candidates stored in a history in one transaction."""
MOST_BYTES: Final = 8 * 2**20
"""Most bytes of their lines: a candidate with very many claims is long."""


def check(history: str) -> None:
    """Creates the history if there is none.

    Raises:
        UsageError: the history cannot be opened.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import

    History.open(history).close()


def keep(
    lines: Iterable[bytes], most: int, *, files: Sequence[str], history: str, output: str, is_quiet: bool = False
) -> ImportCounts:
    """Stores candidates in a history, a file or both.

    Args:
        lines: candidates as lines of JSON, each page and domain once.
        most: most candidates to store.
        files: the files that they were read from.
        history: its URL; empty for none.
        output: a file, ``-`` for standard output; empty for none.
        is_quiet: no progress is shown.

    Raises:
        UsageError: the history cannot be opened.
        OutputError: the history or the file cannot be written.
    """
    with _progress(most, is_quiet=is_quiet) as tell:
        counts = ImportCounts()
        counted = counts.counted(lines, tell)
        recorded = _recorded(history, files, counted, counts) if history else counted
        if output:
            _write(None if output == "-" else Path(output), recorded)
        else:
            deque(recorded, maxlen=0)
    return counts


@dataclass(slots=True)
class ImportCounts:
    """Counts of imported candidates."""

    count: int = 0
    """All candidates."""
    unfit: int = 0
    """Candidates that name no page, which a history cannot store."""

    def counted(self, lines: Iterable[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
        """Yields the same lines, and counts them."""
        for line in lines:
            self.count += 1
            if self.count % BATCH == 0:
                tell(BATCH)
            yield line


@contextmanager
def _progress(most: int, *, is_quiet: bool) -> Iterator[Callable[[int], None]]:
    """A context manager with a function that takes the number of candidates that were kept."""
    from backlinkbot.terminal.progress_line import ProgressLine  # noqa: PLC0415 - imported when candidates are kept

    with ProgressLine("keeping", most, unit="candidates", is_quiet=is_quiet) as progress:
        yield progress.advance


def _recorded(url: str, files: Sequence[str], lines: Iterable[bytes], counts: ImportCounts) -> Iterator[bytes]:
    """Yields the same lines, each after it is stored in the history."""
    from backlinkbot.history import History  # noqa: PLC0415 - as above
    from backlinkbot.history.reader import IMPORT  # noqa: PLC0415
    from backlinkbot.importers.candidatefiles import candidate_of  # noqa: PLC0415

    with History.open(url) as history:
        run = history.begin_run(IMPORT, (), arguments={"files": list(files)})
        for batch in _batches(lines):
            read = (candidate_of(loads(line)) for line in batch)
            counts.unfit += history.add_candidates(run, [candidate for candidate in read if candidate is not None])
            yield from batch
        history.end_run(run, counts={"candidates": counts.count, "no_page": counts.unfit})


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) >= BATCH or size >= MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write(path: Path | None, lines: Iterable[bytes]) -> None:
    from backlinkbot.files.atomic import whole_file  # noqa: PLC0415
    from backlinkbot.importers.candidatefiles import candidate_of, csv_rows  # noqa: PLC0415 - as above

    if path is None:
        sys.stdout.buffer.writelines(lines)
        return
    with whole_file(path) as file:
        if path.suffix.lower() == ".csv":
            read = (candidate_of(loads(line)) for line in lines)
            file.writelines(csv_rows(candidate for candidate in read if candidate is not None))
        else:
            file.writelines(lines)
