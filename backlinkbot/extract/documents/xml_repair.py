"""XML as strangers write it becomes XML in UTF-8 that says what they meant; for what is fetched and for files alike.

- The encoding is that of a byte order mark, of the header, or of the declaration, if it is one that anybody knows and that
  the bytes can be in: many a document says UTF-16 and is UTF-8, as the program that made it kept it in UTF-16.
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
"""Bytes that are read at a time."""
_MOST_HELD: Final = 16 * 1024 * 1024
"""Characters of a section that is never closed."""
_CDATA: Final = "<![CDATA["
_AMPERSAND: Final = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:amp|lt|gt|quot|apos);|&#(?:(?P<decimal>\d+)|x(?P<hexadecimal>[0-9a-fA-F]+));|&",
    re.DOTALL,
)
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEFORE: Final = b"\xef\xbb\xbf \t\r\n\0"
_DECLARATION: Final = re.compile(r"[\ufeff\s]*(?:<\?xml\s[^>]*>?)?\s*")
_LONGEST_NUMBER: Final = 8
"""Digits of a character's number."""


class RepairedXML(io.RawIOBase):
    """A file of XML, mended as it is read."""

    def __init__(self, file: IO[bytes], charset: str = "") -> None:
        """Read nothing yet.

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
    """The encoding of a document, by its first bytes, in lower case."""
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
    """How long the declaration is, with what stands before it and behind."""
    found = _DECLARATION.match(text)
    return found.end() if found is not None else 0


def _end_of_whole(text: str) -> int:
    """How far the text goes without a tag, reference or section that breaks off."""
    end = text.rfind(">") + 1
    start = text.find(_CDATA, max(text.rfind("]]>", 0, end), 0), end)
    return start if start >= 0 else end


def _escaped(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&amp;"
    digits, base = (found["decimal"], 10) if found["decimal"] else (found["hexadecimal"], 16)
    return found[0] if not digits or _is_character(digits, base) else ""


def _is_character(digits: str, base: int) -> bool:
    """Whether a number stands for a character that XML can hold."""
    if len(digits) > _LONGEST_NUMBER:
        digits = digits.lstrip("0")
    if not 0 < len(digits) <= _LONGEST_NUMBER:
        return False
    number = int(digits, base)
    return number <= 0x10FFFF and _UNFIT.match(chr(number)) is None
