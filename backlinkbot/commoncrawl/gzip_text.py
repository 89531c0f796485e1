"""Decompresses gzipped files while they are read, from their beginning or from a resume point.

A resume point is made about every 128 MB of the file; :mod:`backlinkbot.commoncrawl.resume_points` says how.
"""

from __future__ import annotations

import zlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final, cast

from backlinkbot.commoncrawl.resume_points import WINDOW, BitShifter, ResumePoint, find_block

try:
    from isal import isal_zlib
except ImportError:  # the extra `speed`; zlib takes twice as long
    new_decompressor: Callable[..., Any] = zlib.decompressobj
    ERRORS: tuple[type[Exception], ...] = (zlib.error,)
else:
    new_decompressor = isal_zlib.decompressobj
    ERRORS = (zlib.error, cast("type[Exception]", isal_zlib.error))

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

GZIP: Final = b"\x1f\x8b"
_WBITS: Final = 16 + zlib.MAX_WBITS
_TRAILER: Final = 8
"""Bytes after the deflate data of a member: a checksum, and the length of its text modulo 2**32 (RFC 1952, 2.3.1)."""
PIECE: Final = 16 * 1024
"""Bytes that are decompressed at once: larger pieces take longer, and damage costs a whole one."""
MOST_AT_ONCE: Final = 4 * 1024 * 1024
"""Most decompressed bytes of a piece, against decompression bombs."""
BETWEEN_POINTS: Final = 128 * 1024 * 1024
"""Bytes of a file between two resume points: some 10 seconds at 100 Mbit/s."""
_SEARCHED: Final = 192 * 1024
"""Bytes that are searched for the beginning of a block, which takes some tenths of a second; a block has some 25,000."""


class TruncatedError(Exception):
    """The file ends in the middle."""


class StaleError(Exception):
    """A resume point does not belong to the file: the file has changed, or is another one."""


class Pieces:
    """Reads a file in small pieces; shifts them if reading starts within a byte.

    The last pieces are kept unshifted, since a member ends at a whole byte.
    """

    def __init__(self, blocks: Iterator[bytes], offset: int = 0, bit: int = 0) -> None:
        """Starts reading.

        Args:
            blocks: the bytes of the file from the offset on.
            offset: the bytes before them.
            bit: the first bit of the first byte to be read.
        """
        self._pieces = _pieces(blocks)
        self._shifter = BitShifter(bit)
        self._first_bit = 8 * offset + bit  # of the file
        self._read_up_to = offset
        self._kept: deque[bytes] = deque()
        self._kept_size = 0
        self.returned = 0
        """Bytes that were returned since reading started, or since the last member that was read from a resume point."""

    def next(self) -> bytes:
        """Returns the next bytes; empty at the end."""
        shifted = b""
        while not shifted and (data := self._read()):
            shifted = self._shifter.shift(data)
        shifted = shifted or self._shifter.rest()
        self.returned += len(shifted)
        return shifted

    def take(self, size: int) -> bytes:
        """Returns at least so many bytes, fewer at the end."""
        taken = bytearray()
        while len(taken) < size and (data := self.next()):
            taken += data
        return bytes(taken)

    def _read(self) -> bytes:
        """Returns the next piece as it is in the file, and keeps it; empty at the end."""
        data = next(self._pieces, b"")
        self._read_up_to += len(data)
        self._kept.append(data)
        self._kept_size += len(data)
        while self._kept_size - len(self._kept[0]) > _SEARCHED + 2 * PIECE:
            self._kept_size -= len(self._kept.popleft())
        return data

    def place(self, returned: int, bits: int = 0) -> tuple[int, int]:
        """Returns the byte of the file, and the bit within it, at which a returned byte begins.

        Args:
            returned: the bytes that were returned before it.
            bits: bits to be added.
        """
        return divmod(self._first_bit + 8 * returned + bits, 8)

    def after_member(self, unused: int, length: int) -> bytes | None:
        """Checks the trailer of a member that was read as raw deflate data, and returns the bytes after it; ends the shifting.

        Args:
            unused: returned bytes after the deflate data.
            length: the bytes of the member's text.

        Returns:
            None if the trailer has another length.
        """
        end, bit = self.place(self.returned - unused)
        while self._read_up_to < end + 1 + _TRAILER and self._read():
            pass
        kept = b"".join(self._kept)
        kept_from = self._read_up_to - len(kept)
        self._shifter, self._first_bit, self.returned = BitShifter(0), 8 * self._read_up_to, 0
        expected = (length & 0xFFFFFFFF).to_bytes(4, "little")
        for last in (end, end + 1) if bit else (end,):  # the last block may end in either byte
            trailer = kept[last - kept_from : last - kept_from + _TRAILER]
            if trailer[4:] == expected:
                return kept[last - kept_from + _TRAILER :]
        return None


def _pieces(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), PIECE):
            yield block[start : start + PIECE]


class GzipText:
    """The text of a gzipped file, with resume points."""

    def __init__(self, pieces: Pieces, *, has_points: bool) -> None:
        """Takes the file's bytes, and whether resume points are wanted."""
        self._pieces = pieces
        self._has_points = has_points
        self._last_point = 0  # bytes that the pieces had returned
        self._length = 0
        self._window = b""

    def read(self, data: bytes) -> Iterator[bytes | ResumePoint]:
        """Yields the text from the beginning of a member on.

        Args:
            data: the first bytes, which were taken from the pieces.

        Raises:
            TruncatedError: the file ends too early.
            zlib.error: the file is damaged; or the error of ISA-L, see `ERRORS`.
        """
        while data:
            self._length, self._window = 0, b""
            rest = yield from self._member(new_decompressor(_WBITS), data)
            data = self._next_member(rest)

    def read_from(self, start: ResumePoint) -> Iterator[bytes | ResumePoint]:
        """Yields the text from a resume point on, at which the pieces begin.

        Raises:
            StaleError: the text is not that of the resume point.
            TruncatedError: the file ends too early.
            zlib.error: the file is damaged; or the error of ISA-L, see `ERRORS`.
        """
        self._length, self._window = start.length, start.window
        stream = new_decompressor(-zlib.MAX_WBITS, zdict=start.window)
        text = b""
        try:
            while not text and not stream.eof and (data := self._pieces.next()):
                text = stream.decompress(data, MOST_AT_ONCE)
        except ERRORS as error:
            raise StaleError from error
        if not text or not (text.startswith(start.sample) or start.sample.startswith(text)):
            raise StaleError
        self._count(text)
        yield text
        rest = stream.unused_data
        if not stream.eof:
            rest = yield from self._member(stream, stream.unconsumed_tail or self._pieces.next())
        after = self._pieces.after_member(len(rest), self._length)
        if after is None:
            raise zlib.error("incorrect length check")
        self._last_point = 0
        yield from self.read(self._next_member(after))

    def _member(self, stream: Any, data: bytes) -> Generator[bytes | ResumePoint, None, bytes]:
        """Yields the text of a member to its end; returns the bytes that were taken from the pieces and follow it."""
        while True:
            if not data and not stream.eof:
                raise TruncatedError
            text = stream.decompress(data, MOST_AT_ONCE)
            self._count(text)
            yield text
            if stream.eof:
                return bytes(stream.unused_data)
            data = stream.unconsumed_tail
            if data or len(text) >= MOST_AT_ONCE:
                continue
            if self._has_points and self._pieces.returned - self._last_point >= BETWEEN_POINTS:
                rest = yield from self._find_point(stream)
                if stream.eof:
                    return rest
            data = self._pieces.next()

    def _find_point(self, stream: Any) -> Generator[bytes | ResumePoint, None, bytes]:
        """Yields the text of the next bytes with a resume point if one is found; returns the bytes after the stream's end."""
        returned = self._last_point = self._pieces.returned
        searched = find_block(stream, self._pieces.take(_SEARCHED), self._window)
        after = searched.text
        if searched.at >= 0:
            before, after = searched.text[: searched.at], searched.text[searched.at :]
            self._count(before)
            yield before
            offset, bit = self._pieces.place(returned + searched.offset, searched.bit)
            yield ResumePoint(offset=offset, bit=bit, length=self._length, window=self._window, sample=after[:256])
        self._count(after)
        yield after
        return searched.rest

    def _count(self, text: bytes) -> None:
        self._length += len(text)
        if self._has_points:
            self._window = text[-WINDOW:] if len(text) >= WINDOW else (self._window + text)[-WINDOW:]

    def _next_member(self, data: bytes) -> bytes:
        """Returns the beginning of the next member, after zeros that may pad the file; empty at its end."""
        while not (data := data.lstrip(b"\0")):
            data = self._pieces.next()
            if not data:
                return b""
        return data
