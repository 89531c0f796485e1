"""Decompresses gzipped files on the way, from their beginning or from a place that an earlier reading has noted."""

from __future__ import annotations

import zlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final, cast

from backlinkbot.commoncrawl.resume_points import WINDOW, ResumePoint, Shifter, search

try:
    from isal import isal_zlib
except ImportError:  # the extra `speed`; zlib takes twice as long
    new: Callable[..., Any] = zlib.decompressobj
    ERRORS: tuple[type[Exception], ...] = (zlib.error,)
else:
    new = isal_zlib.decompressobj
    ERRORS = (zlib.error, cast("type[Exception]", isal_zlib.error))

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GZIP: Final = b"\x1f\x8b"
_WBITS: Final = 16 + zlib.MAX_WBITS
_TRAILER: Final = 8
"""Bytes behind a member: a checksum, and the length of its text modulo 2**32 (RFC 1952, 2.3.1)."""
PIECE: Final = 16 * 1024
"""Bytes that are decompressed at once: with larger pieces it takes longer, and damage costs a whole one."""
MOST_AT_ONCE: Final = 4 * 1024 * 1024
"""Most decompressed bytes of a piece, whatever the file says."""
BETWEEN_POINTS: Final = 128 * 1024 * 1024
"""Bytes of a file between two places at which reading can begin again: some 10 seconds at 100 Mbit/s."""
_SEARCHED: Final = 192 * 1024
"""Bytes in which such a place is looked for, which takes some tenths of a second; a block of gzip has some 25,000."""


class TruncatedError(Exception):
    """The file ends in the middle."""


class StaleError(Exception):
    """The file is not the one in which the place was noted."""


class Pieces:
    """The bytes of a file in small pieces, moved by some bits where reading begins within a byte."""

    def __init__(self, blocks: Iterator[bytes], offset: int = 0, bit: int = 0) -> None:
        """Takes the blocks of a file from an offset on, and the first bit of the first byte."""
        self._pieces = _pieces(blocks)
        self._shifter = Shifter(bit)
        self._begun = 8 * offset + bit
        self._taken = offset
        self._kept: deque[bytes] = deque()  # the last bytes as they are in the file
        self._kept_size = 0
        self.given = 0
        """Bytes that were given since the beginning, moved."""

    def next(self) -> bytes:
        """Returns the next bytes; empty at the end."""
        while data := next(self._pieces, b""):
            self._keep(data)
            if moved := self._shifter.shift(data):
                self.given += len(moved)
                return moved
        moved = self._shifter.rest()
        self.given += len(moved)
        return moved

    def take(self, size: int) -> bytes:
        """Returns at least so many bytes, fewer at the end."""
        found = bytearray()
        while len(found) < size and (data := self.next()):
            found += data
        return bytes(found)

    def _keep(self, data: bytes) -> None:
        self._taken += len(data)
        self._kept.append(data)
        self._kept_size += len(data)
        while self._kept_size - len(self._kept[0]) > _SEARCHED + 2 * PIECE:
            self._kept_size -= len(self._kept.popleft())

    def place(self, given: int, bits: int = 0) -> tuple[int, int]:
        """Returns the byte of the file, and the bit within it, at which the byte with this number was given."""
        return divmod(self._begun + 8 * given + bits, 8)

    def behind_member(self, unused: int, length: int) -> bytes | None:
        """Returns the bytes behind the trailer of a member that was read as plain deflate data, no more moved.

        Args:
            unused: bytes that were given and belong to no block.
            length: the bytes of the member's text.

        Returns:
            None if the trailer has another length.
        """
        end, bit = self.place(self.given - unused)
        while self._taken < end + 1 + _TRAILER and (data := next(self._pieces, b"")):
            self._keep(data)
        kept = b"".join(self._kept)
        begun = self._taken - len(kept)
        self._shifter, self._begun, self.given = Shifter(0), 8 * self._taken, 0
        expected = (length & 0xFFFFFFFF).to_bytes(4, "little")
        for last in (end, end + 1) if bit else (end,):  # the last block may end in either byte
            trailer = kept[last - begun : last - begun + _TRAILER]
            if trailer[4:] == expected:
                return kept[last - begun + _TRAILER :]
        return None


def _pieces(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), PIECE):
            yield block[start : start + PIECE]


class GzipText:
    """The text of a gzipped file, with places at which reading can begin again."""

    def __init__(self, pieces: Pieces, *, has_points: bool) -> None:
        """Takes the file's bytes, and whether places are wanted."""
        self._pieces = pieces
        self._has_points = has_points
        self._last_point = 0  # bytes that were given before it
        self._length = 0
        self._window = b""
        self._rest = b""

    def read(self, data: bytes) -> Iterator[bytes | ResumePoint]:
        """Yields the text from the beginning of a member on.

        Args:
            data: the first bytes, which were taken from the pieces.

        Raises:
            TruncatedError: the file ends too early.
            zlib.error: the file is damaged, or that of another decompressor.
        """
        while data:
            self._length, self._window = 0, b""
            yield from self._member(new(_WBITS), data)
            data = self._next_member(self._rest)

    def read_from(self, start: ResumePoint) -> Iterator[bytes | ResumePoint]:
        """Yields the text from a place on, at which the pieces begin.

        Raises:
            StaleError: the text is another one.
            TruncatedError: the file ends too early.
            zlib.error: the file is damaged, or that of another decompressor.
        """
        self._length, self._window = start.length, start.window
        stream = new(-zlib.MAX_WBITS, zdict=start.window)
        text = b""
        try:
            while not text and not stream.eof and (data := self._pieces.next()):
                text = stream.decompress(data, MOST_AT_ONCE)
        except ERRORS as error:
            raise StaleError from error
        if not text or not (text.startswith(start.sample) or start.sample.startswith(text)):
            raise StaleError
        self._note(text)
        yield text
        self._rest = stream.unused_data
        if not stream.eof:
            yield from self._member(stream, stream.unconsumed_tail or self._pieces.next())
        rest = self._pieces.behind_member(len(self._rest), self._length)
        if rest is None:
            raise zlib.error("incorrect length check")
        self._last_point = 0
        yield from self.read(self._next_member(rest))

    def _member(self, stream: Any, data: bytes) -> Iterator[bytes | ResumePoint]:
        """Yields the text of a member to its end; what is behind it is the rest."""
        while True:
            if not data and not stream.eof:
                raise TruncatedError
            text = stream.decompress(data, MOST_AT_ONCE)
            self._note(text)
            yield text
            if stream.eof:
                self._rest = stream.unused_data
                return
            data = stream.unconsumed_tail
            if data or len(text) >= MOST_AT_ONCE:
                continue
            if self._has_points and self._pieces.given - self._last_point >= BETWEEN_POINTS:
                yield from self._search(stream)
                if stream.eof:
                    return
            data = self._pieces.next()

    def _search(self, stream: Any) -> Iterator[bytes | ResumePoint]:
        """Yields some text, and within it a place if one is found."""
        given = self._last_point = self._pieces.given
        found = search(stream, self._pieces.take(_SEARCHED), self._window)
        self._rest = found.rest
        behind = found.text
        if found.at >= 0:
            before, behind = found.text[: found.at], found.text[found.at :]
            self._note(before)
            yield before
            offset, bit = self._pieces.place(given + found.offset, found.bit)
            yield ResumePoint(offset=offset, bit=bit, length=self._length, window=self._window, sample=behind[:256])
        self._note(behind)
        yield behind

    def _note(self, text: bytes) -> None:
        self._length += len(text)
        if self._has_points:
            self._window = text[-WINDOW:] if len(text) >= WINDOW else (self._window + text)[-WINDOW:]

    def _next_member(self, data: bytes) -> bytes:
        """Returns the beginning of the next member, behind zeros that may fill up the file; empty at its end."""
        while not (data := data.lstrip(b"\0")):
            data = self._pieces.next()
            if not data:
                return b""
        return data
