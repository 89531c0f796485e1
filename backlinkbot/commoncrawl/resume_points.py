"""Places in a gzipped file at which decompressing can begin, without what stands before them.

Deflate data is a sequence of blocks (RFC 1951, 3.2.3), each of which may refer to the last 32 KiB of text before it. A block can so be
decompressed from its first bit, with this text as dictionary. No decompressor at hand tells where a block begins, but the codes of a block
stand before its text: where byte after byte gives no text, a block has begun shortly before, and each bit there is tried. A place
counts only if the text from there on is the one that was read.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Final

WINDOW: Final = 32 * 1024
_SILENT: Final = 16
"""Bytes without text that are the codes of a block: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.7; most take 30 to 100."""
_AROUND: Final = (-12, 4)
"""Bytes before and behind the first silent one, in which the first bit of the block is looked for; decompressors read ahead."""
_COMPARED: Final = 4 * 1024
"""Bytes of text that must be the same."""
_TRIED: Final = 24 * 1024
"""Compressed bytes behind a place that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """A place at which a file can be read on."""

    file: int = 0
    """The number of the file, of several."""
    offset: int
    """Bytes of the file before the one in which the block begins."""
    bit: int
    """Bits of that byte that belong to the block before."""
    length: int
    """Bytes of text before it, since the beginning of the file or of the gzip member."""
    window: bytes
    """The last of them, at most 32 KiB."""
    sample: bytes
    """The text behind it, some bytes."""
    pending: bytes = b""
    """The text before it that was not used yet."""


@dataclass(frozen=True, slots=True)
class SearchedText:
    """What decompressing some bytes gave, and the place within it where a block begins."""

    text: bytes
    at: int
    """Bytes of text before the place; -1 if none was found."""
    offset: int = 0
    bit: int = 0
    rest: bytes = b""
    """Compressed bytes that were not used, since the stream has ended."""


def search(stream: Any, data: bytes, window: bytes) -> SearchedText:
    """Decompresses some bytes of a stream, and finds the first bit of a block in them.

    Args:
        stream: a decompressor that has used up all that it was given.
        data: the bytes that follow.
        window: the last 32 KiB of text that it gave.
    """
    text = bytearray(window)
    begun: list[tuple[int, int]] = []  # of each silence: the first byte, and the text before it
    silent = 0
    for at in range(len(data)):
        more = stream.decompress(data[at : at + 1])
        silent = 0 if more else silent + 1
        if silent == _SILENT:
            begun.append((at + 1 - _SILENT, len(text)))
        text += more
        if stream.eof:
            return SearchedText(bytes(text[len(window) :]), -1, rest=stream.unused_data + data[at + 1 :])
        if begun and len(text) - begun[0][1] >= _COMPARED:
            first, before = begun.pop(0)
            place = _first_bit(data, first, text, before)
            if place is not None:
                text += stream.decompress(data[at + 1 :])
                return SearchedText(bytes(text[len(window) :]), before - len(window), *place, stream.unused_data)
    return SearchedText(bytes(text[len(window) :]), -1)


def _first_bit(data: bytes, first: int, text: bytearray, before: int) -> tuple[int, int] | None:
    """Returns the byte and the bit around the first silent byte at which a block begins; None if there is none."""
    for offset in range(max(0, first + _AROUND[0]), min(first + _AROUND[1], len(data))):
        for bit in range(8):
            if _gives(data[offset : offset + _TRIED], bit, text, before):
                return offset, bit
    return None


def _gives(data: bytes, bit: int, text: bytearray, before: int) -> bool:
    """True if a block begins at a bit of the first byte, whose text is the one that was read."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS, zdict=bytes(text[max(0, before - WINDOW) : before]))
    try:
        found = stream.decompress(Shifter(bit).shift(data), _COMPARED)
    except zlib.error:
        return False
    return len(found) == _COMPARED and text.startswith(found, before)


class Shifter:
    """Moves a sequence of bits towards its beginning, so that it begins with a byte."""

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
        """Returns the last bits, behind which there are none; nothing when it is called again."""
        last, self._last = self._last, b""
        return bytes([last[0] >> self._bits]) if last else b""
