"""Reads the records of captures: parts of WARC files, neighbours in one request, mined as whole archives are."""

from __future__ import annotations

import io
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from backlinkbot.files.resumed_download import DownloadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.archives.faults import MiningCounts
    from backlinkbot.archives.mining import Miner
    from backlinkbot.archives.rows import ArchivedBacklink
    from backlinkbot.commoncrawl.captures import Capture
    from backlinkbot.commoncrawl.client import ArchiveClient

GAP: Final = 64 * 1024
"""Bytes between two records up to which they are asked for together: fewer than another request is worth."""
MOST_TOGETHER: Final = 8 * 1024 * 1024
"""Bytes of one request."""
MOST_OF_RECORD: Final = 4 * 1024 * 1024
"""Bytes of a record, compressed; a larger one is left out."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a WARC file, with the captures that it holds."""

    filename: str
    start: int
    length: int
    captures: tuple[Capture, ...]


@dataclass(slots=True)
class RecordsRead:
    """What became of captures."""

    rows: list[ArchivedBacklink] = field(default_factory=list)
    read: int = 0
    """Captures whose records were read."""
    unread: list[tuple[str, int]] = field(default_factory=list)
    """Why others were not, and how many, for each part."""


def parts_of(captures: Iterable[Capture]) -> Iterator[Part]:
    """Yields the parts of files in which the captures lie, neighbours together."""
    together: list[Capture] = []
    for capture in sorted(captures, key=lambda one: (one.filename, one.offset)):
        if not 0 < capture.length <= MOST_OF_RECORD:
            continue
        if together and not _belongs(together, capture):
            yield _part(together)
            together = []
        together.append(capture)
    if together:
        yield _part(together)


def _belongs(together: list[Capture], capture: Capture) -> bool:
    first, last = together[0], together[-1]
    return (
        capture.filename == first.filename
        and capture.offset - (last.offset + last.length) <= GAP
        and capture.offset + capture.length - first.offset <= MOST_TOGETHER
    )


def _part(together: list[Capture]) -> Part:
    start = together[0].offset
    end = max(one.offset + one.length for one in together)
    return Part(together[0].filename, start, end - start, tuple(together))


def read_records(
    client: ArchiveClient, server: str, captures: Iterable[Capture], miner: Miner, counts: MiningCounts
) -> RecordsRead:
    """Reads the records of some captures, of one site say; rows name the WARC file and the place in it.

    Args:
        client: sends the requests.
        server: the address below which the WARC files lie.
        captures: which records.
        miner: looks for links to the targets.
        counts: counts what was read, and what was wrong.
    """
    done = RecordsRead()
    data = bytearray()
    starts: list[int] = []
    places: list[Capture] = []
    for part in parts_of(captures):
        try:
            body = client.get(f"{server}/{part.filename}", (part.start, part.length))
        except DownloadError as error:
            done.unread.append((str(error), len(part.captures)))
            continue
        for capture in part.captures:
            starts.append(len(data))
            places.append(capture)
            data += body[capture.offset - part.start : capture.offset - part.start + capture.length]
        done.read += len(part.captures)
    if not places:
        return done
    for row in miner.rows(io.BytesIO(data), "", counts):
        capture = places[bisect_right(starts, row.archive_offset) - 1]
        done.rows.append(replace(row, archive=capture.filename, archive_offset=capture.offset))
    return done
