"""Finds resume points in a gzipped file: places at which decompressing can begin without what is before them.

Deflate data is a sequence of blocks (RFC 1951, 3.2.3), each of which may refer to the last 32 KiB of text before it. So a block can
be decompressed from its first bit, with this text as dictionary. Python's decompressors do not say where a block begins. But the
codes of a block precede its text: where several bytes in a row decompress to no text, a block has begun shortly before, and each
bit there is tried. A place counts only if the text from there on is the one that was read.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Final

WINDOW: Final = 32 * 1024
_WITHOUT_TEXT: Final = 16
"""Bytes in a row without text that are taken for the codes of a block, which mostly have 30 to 100 (RFC 1951, 3.2.7)."""
_AROUND: Final = (-12, 4)
"""Bytes before and after the first byte without text, in which the block's first bit is looked for: decompressors read ahead."""
_COMPARED: Final = 4 * 1024
"""Bytes of text that must be the same."""
_TRIED: Final = 24 * 1024
"""Compressed bytes from a place on that are decompressed to compare their text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """A place at which reading a file can begin again."""

    file: int = 0
    """The index of the file, of several."""
    offset: int
    """Bytes of the file before the one in which the block begins."""
    bit: int
    """Bits of that byte that belong to the block before."""
    length: int
    """Bytes of text before it, since the beginning of the file or of the gzip member."""
    window: bytes
    """The last of them, at most 32 KiB."""
    sample: bytes
    """The first bytes of text after it."""
    pending: bytes = b""
    """Text before it that was not yielded yet, since its line was not complete."""


@dataclass(frozen=True, slots=True)
class SearchedText:
    """The text of searched bytes, and where in it a block begins."""

    text: bytes
    at: int
    """Bytes of text before the block; -1 if none was found."""
    offset: int = 0
    """Searched bytes before the one in which the block begins."""
    bit: int = 0
    """Bits of that byte before the block."""
    rest: bytes = b""
    """Bytes after the end of the stream."""


def find_block(stream: Any, data: bytes, window: bytes) -> SearchedText:
    """Decompresses bytes of a stream, and finds the first bit of a block in them.

    Args:
        stream: a decompressor that has used up all its input.
        data: the bytes that follow.
        window: the last 32 KiB of its text.
    """
    text = bytearray(window)
    candidates: list[tuple[int, int]] = []  # the first byte without text, and the text before it
    without_text = 0
    for at in range(len(data)):
        more = stream.decompress(data[at : at + 1])
        without_text = 0 if more else without_text + 1
        if without_text == _WITHOUT_TEXT:
            candidates.append((at + 1 - _WITHOUT_TEXT, len(text)))
        text += more
        if stream.eof:
            return SearchedText(bytes(text[len(window) :]), -1, rest=stream.unused_data + data[at + 1 :])
        if candidates and len(text) - candidates[0][1] >= _COMPARED:
            first, before = candidates.pop(0)
            place = _first_bit(data, first, text, before)
            if place is not None:
                text += stream.decompress(data[at + 1 :])
                return SearchedText(bytes(text[len(window) :]), before - len(window), *place, stream.unused_data)
    return SearchedText(bytes(text[len(window) :]), -1)


def _first_bit(data: bytes, first: int, text: bytearray, before: int) -> tuple[int, int] | None:
    """Returns the byte and the bit at which a block begins around the first byte without text; None if none does."""
    for offset in range(max(0, first + _AROUND[0]), min(first + _AROUND[1], len(data))):
        for bit in range(8):
            if _is_block(data[offset : offset + _TRIED], bit, text, before):
                return offset, bit
    return None


def _is_block(data: bytes, bit: int, text: bytearray, before: int) -> bool:
    """True if a block with the expected text begins at a bit of the first byte.

    Args:
        data: the bytes.
        bit: the bit.
        text: the text that was read.
        before: the bytes of it that precede the block's text.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS, zdict=bytes(text[max(0, before - WINDOW) : before]))
    try:
        own = stream.decompress(BitShifter(bit).shift(data), _COMPARED)
    except zlib.error:
        return False
    return len(own) == _COMPARED and text.startswith(own, before)


class BitShifter:
    """Shifts a sequence of bits so that one that begins within a byte begins with a byte."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._last = b""

    def shift(self, data: bytes) -> bytes:
        """Returns the next bytes; the bits of the last byte are kept for the next call."""
        if not self._bits:
            return data
        data = self._last + data
        self._last = data[-1:]
        number = int.from_bytes(data, "little") >> self._bits
        return number.to_bytes(len(data), "little")[: len(data) - 1]

    def rest(self) -> bytes:
        """Returns the bits that are kept, filled up with zeros; nothing when it is called again."""
        last, self._last = self._last, b""
        return bytes([last[0] >> self._bits]) if last else b""
