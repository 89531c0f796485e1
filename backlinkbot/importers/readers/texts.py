"""Decodes bytes into lines: detects the encoding and limits the length of lines."""

from __future__ import annotations

import codecs
import io
from typing import IO, TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LINE: Final = 1024 * 1024
"""Most characters of a line that are read; a longer line is cut, and its row is a bad one."""
CHUNK: Final = 256 * 1024
# The byte order mark of UTF-32 begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LENIENT: Final = "backlinkbot-cp1252"


def encoding_of(head: bytes) -> str:
    """Detects the encoding of a file: by its byte order mark, UTF-16 by its zeros, valid UTF-8, else cp1252."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:4096]
    zeros_first, zeros_second = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) >= 4 and max(zeros_first, zeros_second) * 4 >= len(sample) // 2:
        if zeros_second > 4 * zeros_first:
            return "utf-16-le"
        if zeros_first > 4 * zeros_second:
            return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut in two at the end is no error
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decoder_of(encoding: str) -> codecs.IncrementalDecoder:
    """Returns a decoder that never fails: invalid UTF-8 is read as cp1252, undefined bytes as U+FFFD."""
    errors = "replace"
    if encoding.startswith("utf-8"):
        codecs.register_error(_LENIENT, _as_cp1252)
        errors = _LENIENT
    return codecs.getincrementaldecoder(encoding)(errors=errors)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


def pieces(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Yields the text of a file in pieces, without NULs."""
    decoder = decoder_of(encoding)
    while data := file.read(CHUNK):
        yield decoder.decode(data).replace("\0", "")
    yield decoder.decode(b"", final=True).replace("\0", "")


class CutLine(str):
    """A line that exceeded the limit and was cut."""

    __slots__ = ()


class Lines:
    """Yields the lines of a text, ends included, as the csv module needs them; a line ends with LF, CR LF or CR."""

    def __init__(self, text: Iterator[str], longest: int = MAX_LINE) -> None:
        self._pieces = text
        self._longest = longest

    def __iter__(self) -> Iterator[str]:
        rest: list[str] = []
        held = 0
        for piece in self._pieces:
            # A CR at the end may be half of CR LF.
            end = max(piece.rfind("\n"), piece.rfind("\r", 0, len(piece) - 1)) + 1
            if not end and not (rest and rest[-1].endswith("\r")):
                if held <= self._longest:
                    rest.append(piece)
                    held += len(piece)
                continue
            text = "".join((*rest, piece[:end]))
            rest = [piece[end:]]
            held = len(rest[0])
            yield from self._bounded(text)
        yield from self._bounded("".join(rest))

    def _bounded(self, text: str) -> Iterator[str]:
        if not text:
            return
        # str.splitlines is fastest, but splits at eight more characters; then it returns more lines than there are ends.
        lines: Iterable[str] = text.splitlines(keepends=True)
        if len(cast("list[str]", lines)) != text.count("\n") + (not text.endswith("\n")):
            lines = io.StringIO(text, newline="")
        longest = self._longest
        for line in lines:
            yield line if len(line) <= longest else CutLine(line[:longest] + "\n")
