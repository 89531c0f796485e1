"""XML as strangers write it, with bare ampersands in its addresses, becomes XML that says what they meant."""

from __future__ import annotations

import io
import re
from typing import IO, Final

_CHUNK: Final = 64 * 1024
_MAX_HELD: Final = 16 * 1024 * 1024
"""Bytes of a section that is never closed."""
_CDATA: Final = b"<![CDATA["
_AMPERSAND: Final = re.compile(rb"<!\[CDATA\[.*?\]\]>|&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);|&", re.DOTALL)


class Escaping(io.RawIOBase):
    """XML in which every ampersand that begins no reference of XML itself is written as one should be.

    A bare one in an address, which many sitemaps have, would cut it short; an entity of the file's own is a name like any other.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._rest = b""
        self._ready = b""
        self._is_wide = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._ready:
            data = self._file.read(_CHUNK)
            text, self._rest = self._rest + data, b""
            self._is_wide |= data[:200].count(0) > 20  # UTF-16, which these bytes do not stand for
            if self._is_wide or not data or len(text) > _MAX_HELD:
                self._ready = text if self._is_wide else _AMPERSAND.sub(_escaped, text)
                if not data:
                    break
            else:
                end = _end_of_whole(text)
                self._ready, self._rest = _AMPERSAND.sub(_escaped, text[:end]), text[end:]
        count = len(self._ready) if size < 0 else size
        given, self._ready = self._ready[:count], self._ready[count:]
        return given


def _end_of_whole(text: bytes) -> int:
    """How far the text goes without a tag, reference or section that breaks off."""
    end = text.rfind(b">") + 1
    start = text.rfind(_CDATA, 0, end)
    return start if start >= 0 and text.find(b"]]>", start) < 0 else end


def _escaped(found: re.Match[bytes]) -> bytes:
    return found[0] if found[0] != b"&" else b"&amp;"
