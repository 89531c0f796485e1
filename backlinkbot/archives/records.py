"""Splits archives into WARC records: plain, or compressed with gzip, each record in a member of its own or all in one.

The format: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, cast

from backlinkbot.archives.faults import Fault
from backlinkbot.archives.gzip_members import GZIP, Members, inflate_head
from backlinkbot.archives.http_message import end_of_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from backlinkbot.archives.faults import MiningCounts

MAGIC: Final = b"WARC/"
MOST_BYTES: Final = 64 * 1024 * 1024
"""Most bytes of one record that are read; larger ones are passed over."""
_MAX_HEADER: Final = 64 * 1024
_HEAD: Final = 1024 * 1024
_PIECE: Final = 256 * 1024
_START: Final = re.compile(rb"WARC/[01]\.\d{1,2}\r?\n")
_LENGTH: Final = re.compile(rb"\nContent-Length:[ \t]*(\d{1,12})", re.IGNORECASE)
_HEADER: Final = re.compile(
    rb"^[ \t]*(Content-Length|Content-Type|WARC-Date|WARC-Target-URI|WARC-Type)[ \t]*:[ \t]*([^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
"""The headers of records that are read: most others are long hashes."""
_BETWEEN: Final = b"\r\n\r\n"
"""What ends a record."""


class BrokenRecordError(ValueError):
    """Raised where a record should begin and none does, or where one ends too early."""


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record."""

    headers: Mapping[str, str]
    """Those that are read, names in lower case; of several with one name the first."""
    data: bytes
    """Bytes that hold the content."""
    offset: int
    """Where its compressed member, or it itself, begins in the archive, in bytes."""
    is_cut: bool = False
    """True if the archive ends within it."""
    start: int = 0
    """Where the content begins in the bytes, and
    """
    end: int | None = None
    """where it ends; None for their end."""

    @property
    def content(self) -> bytes:
        """Returns the content, which is copied."""
        return self.data[self.start : self.end]

    @property
    def kind(self) -> str:
        """``WARC-Type`` in lower case."""
        return self.headers.get("warc-type", "").lower()

    @property
    def uri(self) -> str:
        """``WARC-Target-URI``, without the angle brackets that WARC 1.0 allows."""
        return self.headers.get("warc-target-uri", "").strip("<>")


def read_headers(file: IO[bytes]) -> dict[str, str] | None:
    """Reads the headers of the next record, names in lower case; returns None at the end.

    Raises:
        BrokenRecordError: no record begins here.
    """
    start = file.readline(_MAX_HEADER)
    while start and not start.strip():
        start = file.readline(_MAX_HEADER)
    if not start:
        return None
    if not start.startswith(MAGIC):
        raise BrokenRecordError(f"not the start of a record: {start[:60]!r}")
    headers: dict[str, str] = {}
    while (line := file.readline(_MAX_HEADER)).strip():
        key, _, value = line.decode("utf-8", "replace").partition(":")
        headers.setdefault(key.strip().lower(), value.strip())
    return headers


def read_content(file: IO[bytes], length: int, *, keeps: bool) -> bytes:
    """Reads past the content of a record; returns it if it is to be kept.

    Raises:
        BrokenRecordError: the file ends before.
    """
    kept, left = _content(file, length, keeps=keeps)
    if left:
        raise BrokenRecordError(f"{left:,} bytes of a record are missing")
    return kept


def _content(file: IO[bytes], length: int, *, keeps: bool) -> tuple[bytes, int]:
    """Returns the content, and how many of its bytes are missing."""
    kept: list[bytes] = []
    left = length
    while left > 0:
        part = file.read(min(left, _PIECE))
        if not part:
            break
        left -= len(part)
        if keeps:
            kept.append(part)
    return b"".join(kept), left


def read_records(
    file: IO[bytes], counts: MiningCounts, unread: Callable[[bytes], str | None] = lambda _: None
) -> Iterator[Record]:
    """Yields the records of an archive, as far as they can be read; counts them, and what is wrong.

    Args:
        file: the archive, at its beginning; it must be seekable.
        counts: counts records and faults.
        unread: asked of a record's bytes; says why they need not be parsed: a reason that is counted, or an empty text for
            none. None if they must be parsed.
    """
    head = file.read(_HEAD)
    file.seek(0)
    if not head.startswith(GZIP):
        yield from _plain(file, counts, unread)
        return
    first = inflate_head(head, _HEAD)
    if len(first) < _HEAD and len(_START.findall(first)) <= 1:
        yield from _of_members(file, counts, unread)
        return
    # Everything is one member: a stream, in which nothing can be found again behind damage.
    yield from _plain(cast("IO[bytes]", _Unpacked(file, counts)), counts, unread)


def _of_members(file: IO[bytes], counts: MiningCounts, unread: Callable[[bytes], str | None]) -> Iterator[Record]:
    for offset, data, is_cut in Members(file, counts, MOST_BYTES):
        if data.startswith(MAGIC):
            if (reason := unread(data)) is not None and _is_one(data):
                counts.records += 1
                if reason:
                    counts.skip(reason)
            else:
                yield from split_records(data, offset, counts, is_cut=is_cut)
        elif data.strip():
            yield from split_records(data, offset, counts, is_cut=is_cut)


def _is_one(member: bytes) -> bool:
    """True if a member holds one record, by its headers."""
    end, body = end_of_headers(member, 0, min(len(member), _MAX_HEADER))
    length = _LENGTH.search(member, 0, end)
    return length is not None and body + int(length[1]) >= len(member) - len(_BETWEEN)


def split_records(data: bytes, offset: int, counts: MiningCounts, *, is_cut: bool = False) -> Iterator[Record]:
    """Yields the records of a decompressed member; nearly always one."""
    at = 0
    while at < len(data):
        found = _START.search(data, at)
        if found is None or data[at : found.start()].strip():
            if data[at:].strip() and not (is_cut and found is None):
                counts.fault(Fault.NOT_AN_ARCHIVE, offset, repr(data[at : at + 60].strip()))
            if found is None:
                return
        end, body = end_of_headers(data, found.end() - len(b"\r\n"), len(data))
        headers = _headers_of(data[found.end() : end])
        length = headers.get("content-length", "")
        counts.records += 1
        if not length.isdecimal():
            if not is_cut:
                counts.fault(Fault.BAD_LENGTH, offset, length)
            at = body
            continue
        at = body + int(length)
        is_short = at > len(data)
        if is_short and not is_cut:
            counts.fault(Fault.TRUNCATED, offset, f"{at - len(data):,} bytes of a record are missing")
        yield Record(headers, data, offset, is_short, body, at)
        if data[at:] == _BETWEEN:
            return


def _headers_of(lines: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in _HEADER.findall(lines):
        headers.setdefault(key.lower().decode("ascii"), value.decode("utf-8", "replace").strip())
    return headers


def _plain(file: IO[bytes], counts: MiningCounts, unread: Callable[[bytes], str | None]) -> Iterator[Record]:
    """Yields the records of an uncompressed stream; behind damage it goes on at the next start of a record."""
    while True:
        offset = file.tell()
        try:
            headers = read_headers(file)
        except BrokenRecordError as error:
            counts.fault(Fault.NOT_AN_ARCHIVE, offset, str(error))
            if not _seek_start(file):
                return
            continue
        if headers is None:
            return
        counts.records += 1
        length = headers.get("content-length", "")
        if not length.isdecimal():
            counts.fault(Fault.BAD_LENGTH, offset, length)
            continue
        keeps = int(length) <= MOST_BYTES
        if not keeps:
            counts.fault(Fault.TOO_LARGE, offset, f"{int(length):,} bytes")
        content, missing = _content(file, int(length), keeps=keeps)
        if missing:
            counts.fault(Fault.TRUNCATED, offset, f"{missing:,} bytes of a record are missing")
        reason = unread(content) if keeps else ""
        if reason is None:
            yield Record(headers, content, offset, missing > 0)
        elif reason:
            counts.skip(reason)


def _seek_start(file: IO[bytes]) -> bool:
    """Reads lines up to the next start of a record; false if there is none."""
    while True:
        at = file.tell()
        line = file.readline(_PIECE)
        if not line:
            return False
        if _START.match(line):
            file.seek(at)
            return True


class _Unpacked(io.BufferedReader):
    """A gzip stream that ends where it is damaged, with a counted fault."""

    def __init__(self, file: IO[bytes], counts: MiningCounts) -> None:
        super().__init__(_Unpacking(file, counts), _PIECE)


class _Unpacking(io.RawIOBase):
    def __init__(self, file: IO[bytes], counts: MiningCounts) -> None:
        self._file = file
        self._stream = gzip.GzipFile(fileobj=file)
        self._counts = counts
        self._position = 0
        self._is_broken = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._is_broken:
            return 0
        try:
            data = self._stream.read1(len(buffer))
        except EOFError:
            self._break(Fault.TRUNCATED, "the compressed stream breaks off")
            return 0
        except (OSError, zlib.error) as error:
            self._break(Fault.DAMAGED, str(error))
            return 0
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR and not offset:
            return self._position
        self._position = self._stream.seek(offset, whence)
        return self._position

    def tell(self) -> int:
        return self._position

    def _break(self, kind: Fault, said: str) -> None:
        self._is_broken = True
        self._counts.fault(kind, self._file.tell(), said)
