"""Escapes untrusted text before it is written to a terminal: anchors, titles and URLs may contain control sequences.

Escaped are control characters (C0, DEL, C1: ECMA-48 sequences consist of them), the line and paragraph separators,
bidirectional controls (UAX #9; they make one address look like another), and invisible characters, such as the zero-width
space, the byte order mark and tags. The two joiners are not escaped, because Persian and emoji need them, nor is the soft
hyphen.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNS: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f"
)
_UNSAFE: Final = re.compile(rf"[{_SIGNS}]|\r(?!\n)")


def escape(text: str) -> str:
    r"""Escapes such characters as ``\x1b`` or ``\u202e``; tabs and ends of lines are left."""
    return _UNSAFE.sub(_escaped, text)


def replaced(text: str) -> str:
    """Returns the text with U+FFFD for invisible characters, line ends included: for table cells of known width."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("ascii", "backslashreplace").decode() if match[0] > "\x7f" else f"\\x{ord(match[0]):02x}"


class Below(Protocol):
    """A line that is drawn below everything that a stream prints."""

    def erase(self) -> None:
        """Erases the line."""

    def draw(self) -> None:
        """Draws the line again."""


class EscapingStream(io.TextIOBase):
    """A text stream that escapes the text or bytes written to it."""

    below: Below | None = None
    """The line below; it is erased before something is printed, and drawn again afterwards."""
    is_at_line_start = True
    """True if the last line that was printed has ended."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        """The underlying stream, for code that draws on a terminal and escapes its own text."""
        self._buffer = _EscapingBytes(self)
        self._held = ""  # a CR, which may be half of CR LF

    @property
    def buffer(self) -> io.BufferedIOBase:
        """The stream for bytes of UTF-8."""
        return self._buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the underlying stream."""
        return self.stream.encoding

    def write(self, text: str) -> int:
        """Writes the text, escaped."""
        whole = self._held + text
        self._held = "\r" if whole.endswith("\r") else ""
        self.write_escaped(escape(whole.removesuffix("\r")) if self._held else escape(whole))
        return len(text)

    def write_escaped(self, text: str) -> None:
        """Writes text that is escaped already; it may have styles."""
        if self.below is None:
            self.stream.write(text)
        elif text:
            self.below.erase()
            self.stream.write(text)
            self.stream.flush()
            self.is_at_line_start = text.endswith("\n")
            self.below.draw()

    def flush(self) -> None:
        self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Writes what is held back; the underlying stream stays open."""
        if not self.closed and self._held and not self.stream.closed:
            self.stream.write(escape(self._held))
            self._held = ""
        super().close()


class _EscapingBytes(io.BufferedIOBase):
    def __init__(self, text: EscapingStream) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._text.write(self._decoder.decode(piece))
        return len(piece)

    def flush(self) -> None:
        self._text.flush()

    def isatty(self) -> bool:
        return self._text.isatty()

    def fileno(self) -> int:
        return self._text.fileno()

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Does nothing, as standard output stays open."""


class EscapedBytes(io.BufferedIOBase):
    """A stream for UTF-8 that is escaped already, on standard output."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        text = bytes(data).decode()
        if isinstance(ours := cast("object", self._stream), EscapingStream):
            ours.write_escaped(text)
        else:
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Does nothing, as standard output stays open."""


def raw(stream: TextIO) -> TextIO:
    """Returns the underlying stream, for code that draws on a terminal."""
    ours: object = stream
    return ours.stream if isinstance(ours, EscapingStream) else stream


@contextmanager
def escaped_streams() -> Iterator[None]:
    """A context in which messages, and rows on a terminal, are escaped.

    Rows that go to a file or a pipe stay as they are.
    """
    out, err = sys.stdout, sys.stderr
    ours: list[Any] = []
    if out is not None and out.isatty() and not isinstance(out, EscapingStream):
        sys.stdout = EscapingStream(out)
        ours.append(sys.stdout)
    if err is not None and not isinstance(err, EscapingStream):
        sys.stderr = EscapingStream(err)
        ours.append(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
        for stream in ours:
            stream.close()
