"""Splits a gzip file into its members and decompresses each; one that is damaged costs only itself.

Archives have a member for each record, so that records can be read alone (WARC 1.1, annex D). Members are found by the
first bytes of their headers and decompressed whole, with libdeflate where it is installed: twice as fast as a stream.
Where that fails, because such bytes stand within a member too, the member is decompressed as a stream.
"""

from __future__ import annotations

import re
import zlib
from typing import IO, TYPE_CHECKING, Final

from backlinkbot.archives.faults import Fault

try:
    import deflate
except ImportError:  # the extra `speed`
    HAS_LIBDEFLATE = False
else:
    HAS_LIBDEFLATE = True

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.archives.faults import MiningCounts

GZIP: Final = b"\x1f\x8b\x08"
"""How a member begins (RFC 1952, section 2.3.1): two bytes of identification and the only method, deflate."""
_MAGIC: Final = re.compile(re.escape(GZIP))
"""The same as an expression, which takes a third of the time of ``bytes.find``."""
_SHORTEST: Final = 18
"""Bytes of a header and a trailer without anything between them."""
_MOST_RATIO: Final = 1_032
"""Deflate cannot compress better (https://zlib.net/zlib_tech.html)."""
_BLOCK: Final = 512 * 1024
"""Bytes that are read at once."""
_WBITS: Final = 16 + zlib.MAX_WBITS


def inflate_head(data: bytes, most: int) -> bytes:
    """Returns the beginning of what the first member of a gzip file holds, at most so many bytes."""
    try:
        return zlib.decompressobj(_WBITS).decompress(data, most)
    except zlib.error:
        return b""


class Members:
    """The members of a gzip file: iterates over (offset, decompressed bytes, true if the file ends within it)."""

    def __init__(self, file: IO[bytes], counts: MiningCounts, most: int) -> None:
        """Takes a file at its beginning.

        Args:
            file: a gzip file.
            counts: counts faults.
            most: most decompressed bytes of a member; a larger one is a fault.
        """
        self._file = file
        self._counts = counts
        self._most = most
        self._buffer = b""
        self._start = 0
        """Where the buffer begins in the file."""
        self._is_ended = False

    def __iter__(self) -> Iterator[tuple[int, bytes, bool]]:
        at = 0  # in the buffer
        while True:
            if not self._is_ended and len(self._buffer) - at < _SHORTEST:
                at = self._more(at)
                continue
            if at >= len(self._buffer):
                return
            if GZIP.startswith(self._buffer[at : at + len(GZIP)]) and len(self._buffer) - at < len(GZIP):
                self._counts.fault(Fault.TRUNCATED, self._start + at)
                return
            if not self._buffer.startswith(GZIP, at):
                at = self._resync(at)
                continue
            end = self._find(at + _SHORTEST)
            if end < 0:
                if not self._is_ended:
                    at = self._more(at)
                    continue
                end = len(self._buffer)
            data = self._at_once(at, end)
            if data is not None:
                yield self._start + at, data, False
                at = end
                continue
            offset = self._start + at
            at, data, is_cut = self._stepwise(at)
            if data is not None:
                yield offset, data, is_cut

    def _find(self, start: int) -> int:
        """Returns where the next member may begin, from ``start`` on; -1 if nothing looks like one."""
        found = _MAGIC.search(self._buffer, start)
        return found.start() if found is not None else -1

    def _more(self, at: int) -> int:
        """Reads a block, and drops what lies before ``at``; returns where that lies now."""
        block = self._file.read(max(_BLOCK, len(self._buffer) - at))
        self._is_ended = not block
        self._buffer = self._buffer[at:] + block
        self._start += at
        self._counts.bytes += len(block)
        return 0

    def _resync(self, at: int) -> int:
        """Returns where the next member may begin, behind bytes that are none; these are a fault unless they are zeros."""
        found = self._find(at)
        end = found if found >= 0 else max(len(self._buffer) - len(GZIP) + 1, at + 1)
        if self._buffer[at:end].strip(b"\0") and self._resynced != self._start + at:
            self._counts.fault(Fault.DAMAGED, self._start + at, "no gzip header")
        self._resynced = self._start + end
        return end

    _resynced = -1
    """Where the bytes end that were last counted as a fault, in the file."""

    def _at_once(self, at: int, end: int) -> bytes | None:
        """Returns the member between two headers; None if it does not end there."""
        size = int.from_bytes(self._buffer[end - 4 : end], "little")
        if end - at < _SHORTEST or size > self._most or size > (end - at) * _MOST_RATIO:
            return None
        return _inflate(memoryview(self._buffer)[at:end], size)

    def _stepwise(self, at: int) -> tuple[int, bytes | None, bool]:
        """Decompresses the member that begins at ``at`` as far as it goes.

        Returns:
            where the next one begins in the buffer, the bytes (None if they are not to be used), and true if the file
            ended within the member.
        """
        stream = zlib.decompressobj(_WBITS)
        parts: list[bytes] = []
        size, fed, offset = 0, at, self._start + at
        try:
            while not stream.eof:
                if fed >= len(self._buffer):
                    kept = fed - at
                    if not self._is_ended:
                        at = self._more(at)
                        fed = at + kept
                    if fed >= len(self._buffer):
                        self._counts.fault(Fault.TRUNCATED, offset)
                        return len(self._buffer), b"".join(parts), True
                piece = self._buffer[fed : fed + _BLOCK]
                data = stream.decompress(piece, self._most + 1 - size)
                size += len(data)
                if size > self._most:
                    self._counts.fault(Fault.TOO_LARGE, offset, f"more than {self._most:,} bytes")
                    return self._past(at), None, False
                parts.append(data)
                fed += len(piece)
        except zlib.error as error:
            self._counts.fault(Fault.DAMAGED, offset, str(error))
            return self._past(at), None, False
        return fed - len(stream.unused_data), b"".join(parts), False

    def _past(self, at: int) -> int:
        """Returns where to look for the next member behind one that cannot be used, whose fault is counted."""
        self._resynced = self._start + at + len(GZIP)
        return at + len(GZIP)


def _inflate(member: memoryview, size: int) -> bytes | None:
    """Returns what a member holds; None if it is damaged, or does not hold exactly so many bytes."""
    if HAS_LIBDEFLATE:
        try:
            data = deflate.gzip_decompress(member, size)
        except (deflate.DeflateError, ValueError, MemoryError):
            return None
        return bytes(data) if len(data) == size else None
    stream = zlib.decompressobj(_WBITS)
    try:
        found = stream.decompress(member, size + 1)
    except zlib.error:
        return None
    return found if stream.eof and not stream.unused_data else None
