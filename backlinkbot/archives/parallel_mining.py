"""Reads archives in several processes, a file a task; a run that was interrupted goes on with the files that are left.

The rows of each archive lie in a file of their own in the run's folder until all are there; beside it lies what was counted.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final

from backlinkbot.archives.faults import MiningCounts
from backlinkbot.archives.locations import opened, parts_of
from backlinkbot.archives.mining import Miner, MiningOptions
from backlinkbot.archives.remote import ArchiveError
from backlinkbot.archives.rows import COLUMNS, ArchivedBacklink
from backlinkbot.errors import OutputError
from backlinkbot.files.atomic import said_plainly, whole_file, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from backlinkbot.archives.position import Position


_RUN: Final = "run.json"
_NAMES: Final = tuple(column.name for column in COLUMNS)
_LISTS: Final = frozenset(column.name for column in COLUMNS if column.is_list)
MOST_CRASHES: Final = 2
"""Times that a process may end while it reads an archive, before the archive is given up."""
_WAITING_PER_JOB: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveResult:
    """One archive that was read, or could not be."""

    archive: str
    counts: MiningCounts
    failure: str = ""
    """Why it could not be opened; it is tried again by the next run. Empty where it was read."""
    was_done: bool = False
    """True if an earlier run had read it."""


class RunFolder:
    """The folder of a run, with what is done of it."""

    def __init__(self, path: Path, options: MiningOptions) -> None:
        """Creates the folder, or takes over that of an interrupted run of the same options.

        Raises:
            OutputError: it cannot be written, or belongs to a run that looks for something else.
        """
        self.path = path
        said = {"version": 1, "options": json.loads(json.dumps(asdict(options)))}
        known = path / _RUN
        with said_plainly(path):
            path.mkdir(parents=True, exist_ok=True)
            if known.exists():
                if json.loads(known.read_bytes()) != said:
                    raise OutputError(
                        f"{path} holds what an interrupted run with other options has read; "
                        "repeat that command, or delete the folder"
                    )
                return
        write_whole(known, json.dumps(said).encode())

    def rows_file(self, archive: str) -> Path:
        """Returns where the rows of an archive lie."""
        return self.path / f"{archive_key(archive)}.rows.jsonl"

    def counts_file(self, archive: str) -> Path:
        """Returns where its counts lie, once all its rows do."""
        return self.path / f"{archive_key(archive)}.done.json"

    def done(self, archive: str) -> MiningCounts | None:
        """Returns what was counted of an archive that has been read; None if it has not."""
        try:
            return MiningCounts.of_json(json.loads(self.counts_file(archive).read_bytes()))
        except (OSError, ValueError):
            return None

    def rows(self, archives: Sequence[str]) -> Iterator[ArchivedBacklink]:
        """Yields the rows of the archives that have been read, in order."""
        for archive in archives:
            if self.done(archive) is not None:
                with self.rows_file(archive).open("rb") as file:
                    yield from map(row_of, file)

    def remove(self, archives: Sequence[str]) -> None:
        """Deletes the folder with what a run of these archives has written into it."""
        for archive in archives:
            self.rows_file(archive).unlink(missing_ok=True)
            self.counts_file(archive).unlink(missing_ok=True)
        (self.path / _RUN).unlink(missing_ok=True)
        if not any(self.path.iterdir()):
            self.path.rmdir()


def archive_key(archive: str) -> str:
    """Returns a hash of an archive's name, which file systems and databases can hold."""
    return hashlib.blake2b(archive.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()


def as_line(row: ArchivedBacklink) -> bytes:
    """Formats a row as a line of JSON, for :func:`row_of`."""
    return json.dumps([getattr(row, name) for name in _NAMES]).encode() + b"\n"


def row_of(line: bytes | str) -> ArchivedBacklink:
    """Parses a line of :func:`as_line`."""
    values: dict[str, Any] = dict(zip(_NAMES, json.loads(line), strict=True))
    facts: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in values.items()}
    return ArchivedBacklink(**facts)


def rows_in(
    miner: Miner, archive: str, counts: MiningCounts, position: Position | None = None
) -> Iterator[ArchivedBacklink]:
    """Yields the rows of an archive, of all members of a WACZ file; adds the bytes that are read to the position.

    Raises:
        ArchiveError: it cannot be opened or downloaded.
    """
    with opened(archive) as file, position.following(file) if position is not None else nullcontext():
        for name, part in parts_of(archive, file):
            yield from miner.rows(part, name, counts)


@lru_cache(maxsize=1)
def miner_of(options: MiningOptions) -> Miner:
    """Returns the miner of this process; filters take seconds to compile."""
    return Miner(options)


def read_archive(options: MiningOptions, folder: Path, archive: str) -> ArchiveResult:
    """Reads an archive, and writes its rows and counts into the folder; the task of a process."""
    counts = MiningCounts()
    run = RunFolder(folder, options)
    try:
        with whole_file(run.rows_file(archive)) as file:
            _write(rows_in(miner_of(options), archive, counts, _Process.position), file)
    except ArchiveError as error:
        return ArchiveResult(archive=archive, counts=counts, failure=str(error))
    write_whole(run.counts_file(archive), json.dumps(counts.as_json()).encode())
    return ArchiveResult(archive=archive, counts=counts)


def _write(rows: Iterator[ArchivedBacklink], file: IO[bytes]) -> None:
    for row in rows:
        file.write(as_line(row))


def run_tasks(
    archives: Sequence[str],
    options: MiningOptions,
    folder: RunFolder,
    *,
    jobs: int,
    tell: Callable[[ArchiveResult], None],
    position: Position | None = None,
) -> None:
    """Reads the archives that are not yet read.

    Args:
        archives: their names, each once.
        options: what is looked for.
        folder: where their rows go.
        jobs: most processes; 0: one for each processor.
        tell: called with the result of each archive.
        position: counts the bytes that are read; None if nobody needs them.
    """
    _Process.position = position
    left = []
    for archive in archives:
        counts = folder.done(archive)
        if counts is None:
            left.append(archive)
        else:
            tell(ArchiveResult(archive=archive, counts=counts, was_done=True))
    jobs = min(jobs or _processors(), len(left))
    if jobs <= 1:
        for archive in left:
            tell(read_archive(options, folder.path, archive))
        return
    crashes: dict[str, int] = {}
    read = partial(read_archive, options, folder.path)
    while left:
        left = _run_pool(left, read, jobs, tell, crashes)
        for archive in [one for one in left if crashes.get(one, 0) >= MOST_CRASHES]:
            left.remove(archive)
            why = f"the process that read it ended, {MOST_CRASHES} times; out of memory?"
            tell(ArchiveResult(archive=archive, counts=MiningCounts(), failure=why))
        jobs = 1 if crashes else jobs  # so that it is known which archive ends its process


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_pool(
    archives: Sequence[str],
    read: Callable[[str], ArchiveResult],
    jobs: int,
    tell: Callable[[ArchiveResult], None],
    crashes: dict[str, int],
) -> list[str]:
    """Reads archives in a pool of processes; returns those that are left because one of its processes ended."""
    waiting = list(reversed(archives))
    running: dict[Future[ArchiveResult], str] = {}
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=_start_process, initargs=(_Process.position,)
    )
    try:
        while waiting or running:
            while waiting and len(running) < jobs * _WAITING_PER_JOB:
                archive = waiting.pop()
                running[pool.submit(read, archive)] = archive
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                del running[future]
                tell(result)
    except BrokenProcessPool:
        suspects = [archive for future, archive in running.items() if not _is_answered(future)][: max(jobs, 1)]
        for archive in suspects:
            crashes[archive] = crashes.get(archive, 0) + 1
        return [*running.values(), *reversed(waiting)]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return []


def _is_answered(future: Future[ArchiveResult]) -> bool:
    return future.done() and future.exception() is None


class _Process:
    """What the tasks of a process share: a position cannot be passed to each, since tasks are pickled."""

    position: ClassVar[Position | None] = None


def _start_process(position: Position | None) -> None:
    """Initializes a process of the pool. It ignores Ctrl-C: the first process ends the others."""
    _Process.position = position
    signal.signal(signal.SIGINT, signal.SIG_IGN)
