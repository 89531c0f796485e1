"""Repairs malformed XML, fetched or from a file, and converts it to UTF-8.

- The encoding is that of a byte order mark, of the header, or of the declaration, if it is a known encoding that
  the bytes can be in: many documents declare UTF-16 and are UTF-8, as the generating program kept them in UTF-16.
- An ampersand that begins no reference of XML's own is itself, be it bare, as in the addresses of many sitemaps, or the
  beginning of an entity of HTML or of the document's own making. Nothing is ever expanded.
- What stands before the document, and characters that XML cannot hold, are left out.
"""

from __future__ import annotations

import io
import re
from typing import IO, TYPE_CHECKING, Final

from backlinkbot.extract.html import encodings
from backlinkbot.extract.html.raw import xml_label

if TYPE_CHECKING:
    import codecs

CHUNK: Final = 64 * 1024
"""The number of bytes per read."""
_MOST_HELD: Final = 16 * 1024 * 1024
"""The maximum number of characters of an unclosed section."""
_CDATA: Final = "<![CDATA["
_AMPERSAND: Final = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:amp|lt|gt|quot|apos);|&#(?:(?P<decimal>\d+)|x(?P<hexadecimal>[0-9a-fA-F]+));|&",
    re.DOTALL,
)
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEFORE: Final = b"\xef\xbb\xbf \t\r\n\0"
_DECLARATION: Final = re.compile(r"[\ufeff\s]*(?:<\?xml\s[^>]*>?)?\s*")
_LONGEST_NUMBER: Final = 8
"""The maximum number of digits of a character reference."""


class RepairedXML(io.RawIOBase):
    """An XML file that is repaired as it is read."""

    def __init__(self, file: IO[bytes], charset: str = "") -> None:
        """Keeps the file; nothing is read yet.

        Args:
            file: the document.
            charset: the charset parameter of its ``Content-Type``, which counts for more than what the document says of
                itself (RFC 7303 §3), and less than a byte order mark; empty where there is none.
        """
        self._file = file
        self._charset = charset
        self._decoder: codecs.IncrementalDecoder | None = None
        self._rest = ""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._ready:
            data = self._file.read(CHUNK)
            text = self._rest + self._decoded(data)
            end = _end_of_whole(text) if data and len(text) <= _MOST_HELD else len(text)
            self._ready = _AMPERSAND.sub(_escaped, text[:end]).encode("utf-8", "replace")
            self._rest = text[end:]
            if not data:
                break
        count = len(self._ready) if size < 0 else size
        given, self._ready = self._ready[:count], self._ready[count:]
        return given

    def _decoded(self, data: bytes) -> str:
        if self._decoder is not None:
            return _UNFIT.sub("", self._decoder.decode(data, final=not data))
        encoding = encoding_of(data, self._charset)
        self._decoder = encodings.incremental(encoding)
        text = self._decoder.decode(data, final=not data)
        return _UNFIT.sub("", text[_matched(text) :])


def encoding_of(start: bytes, charset: str = "") -> str:
    """Returns the encoding of a document in lower case, from its first bytes."""
    said = encodings.marked(start) or encodings.named(charset)
    text = start.lstrip(b" \t\r\n")
    unmarked = {b"<\0": "utf-16le", b"\0<": "utf-16be"}.get(text[:2], "")
    if said.startswith("utf-16") and not encodings.marked(start) and not unmarked:
        said = ""  # said in a header, of bytes that are none
    declared = encodings.named(xml_label(start.lstrip(_BEFORE)))
    if declared.startswith("utf-16") or declared == "replacement":
        declared = ""  # said in ASCII, so it is not
    return said or unmarked or declared or "utf-8"


def _matched(text: str) -> int:
    """Returns the length of the declaration, with the characters before and after it."""
    found = _DECLARATION.match(text)
    return found.end() if found is not None else 0


def _end_of_whole(text: str) -> int:
    """Returns the length of the text without a truncated tag, reference or section."""
    end = text.rfind(">") + 1
    start = text.find(_CDATA, max(text.rfind("]]>", 0, end), 0), end)
    return start if start >= 0 else end


def _escaped(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&amp;"
    digits, base = (found["decimal"], 10) if found["decimal"] else (found["hexadecimal"], 16)
    return found[0] if not digits or _is_character(digits, base) else ""


def _is_character(digits: str, base: int) -> bool:
    """True if XML allows the character with this number."""
    if len(digits) > _LONGEST_NUMBER:
        digits = digits.lstrip("0")
    if not 0 < len(digits) <= _LONGEST_NUMBER:
        return False
    number = int(digits, base)
    return number <= 0x10FFFF and _UNFIT.match(chr(number)) is None
