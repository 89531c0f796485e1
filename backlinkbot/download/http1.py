"""An HTTP/1 answer read as Chromium reads it, whose leniency the web has come to rely on.

Bytes in, values out. The rules are those of Chromium's ``net/http``: ``http_stream_parser.cc``, ``http_util.cc``,
``http_response_headers.cc`` and ``http_chunked_decoder.cc``. Strictness would be RFC 9112.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

LONGEST_HEAD: Final = 256 * 1024
"""Bytes of the status line and all headers together."""
LONGEST_CHUNK_LINE: Final = 16 * 1024
JUNK: Final = 4
"""Bytes that may stand before the status line."""

_END_OF_HEAD: Final = re.compile(rb"\n\r?\n")
_LINES: Final = re.compile(rb"[\r\n]+")
_STATUS: Final = re.compile(rb"HTTP/(\d)\.(\d)[^ ]* *(\d*)", re.IGNORECASE)
_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{1,15}")
_SPACE: Final = b" \t"
# Two of these that differ may be two answers, of which somebody has smuggled in the second.
_ONCE: Final = {
    b"content-length": "Content-Length",
    b"location": "Location",
    b"content-disposition": "Content-Disposition",
}
_BODILESS: Final = frozenset({204, 205, 304})

Headers = tuple[tuple[bytes, bytes], ...]


class MalformedError(ValueError):
    """A browser would not show it either; the message says what is wrong, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A status line and headers."""

    status: int
    headers: Headers
    """Names as written; no line that is none."""
    version: tuple[int, int]

    def values(self, name: bytes) -> list[bytes]:
        """Those of a header, lists of several taken apart."""
        found = [value for key, value in self.headers if key.lower() == name]
        return [part.strip(_SPACE) for value in found for part in value.split(b",")]


def headers_of(lines: list[bytes]) -> Headers:
    """Lines that are headers, continued ones joined; what is none is left out."""
    headers: list[tuple[bytes, bytes]] = []
    continues = False
    for line in lines:
        if continues and line[:1] in (b" ", b"\t"):
            name, value = headers[-1]
            headers[-1] = name, value + b" " + line.strip(_SPACE)
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(_SPACE)
        continues = bool(colon and _TOKEN.fullmatch(name))
        if continues:
            headers.append((name, value.strip(_SPACE)))
    return tuple(headers)


def read_head(data: bytes) -> Head:
    """A head without what comes before and after it.

    Raises:
        MalformedError: there is a NUL, or one of two headers that differ would have to be believed.
    """
    if b"\0" in data:
        raise MalformedError("a NUL among the headers")
    first, *lines = _LINES.split(data)
    match = _STATUS.match(first)
    version, digits = ((int(match[1]), int(match[2])), match[3]) if match else ((1, 0), b"")
    head = Head(status=int(digits[:9] or 200), headers=headers_of(lines), version=version)
    is_chunked = _is_chunked(head)
    for name, written in _ONCE.items():
        values = head.values(name) if name == b"content-length" else [v for k, v in head.headers if k.lower() == name]
        if len(set(values)) > 1 and not (is_chunked and name == b"content-length"):
            raise MalformedError(f"two {written} headers that differ")
    return head


def _start_of(data: bytes) -> int:
    """Where the status line begins, also that of old Shoutcast servers; -1 where there is none."""
    beginning = data[: JUNK + 4].upper()
    return 0 if beginning.startswith(b"ICY ") else beginning.find(b"HTTP")


def _is_chunked(head: Head) -> bool:
    return head.version >= (1, 1) and any(v.lower() == b"chunked" for v in head.values(b"transfer-encoding"))


def _length_of(head: Head) -> int | None:
    """Of the body; None where it ends with the connection, as where the number is none."""
    first = next(iter(head.values(b"content-length")), b"")
    return int(first) if first.isdigit() and len(first) < 19 else None


@dataclass(slots=True)
class Answer:
    """An answer as it comes in: :meth:`feed` it, and say at the :meth:`end` that there is no more."""

    method: str = "GET"
    may_be_headless: bool = False
    """Whether an answer may have no head at all (HTTP/0.9), which Chromium allows on the scheme's default port."""
    head: Head | None = None
    body: bytearray = field(default_factory=bytearray)
    is_done: bool = False
    """Whether the answer has come to its own end; what follows is no part of it."""
    fault: str = ""
    """What is wrong with a body of which a part could be read."""
    _rest: bytes = b""
    _length: int | None = None
    """Bytes of the body, or of its present chunk, that are to come; None: until the connection ends."""
    _chunks: bool = False
    _state: str = "head"

    def feed(self, data: bytes) -> None:
        """Read on.

        Raises:
            MalformedError: it is no answer.
        """
        self._rest += data
        while not self.is_done and _STEPS[self._state](self):
            pass

    def end(self) -> None:
        """Take what there is: the connection has ended.

        Raises:
            MalformedError: nothing that is an answer came.
        """
        if self._state == "head" and self._rest:
            self._take_head(len(self._rest))
            while not self.is_done and _STEPS[self._state](self):
                pass
        if not self.is_done and (self._length is not None or self._chunks) and not self.fault:
            self.fault = "broken off"
        self.is_done = True

    def _read_head(self) -> bool:
        start = _start_of(self._rest)
        if start < 0 and len(self._rest) < JUNK + 4:
            return False  # there may be more
        if start < 0:
            return self._headless()
        end = _END_OF_HEAD.search(self._rest, start)
        if end is None or end.end() > LONGEST_HEAD:
            if len(self._rest) > LONGEST_HEAD:
                raise MalformedError(f"headers of more than {LONGEST_HEAD // 1024} KB")
            return False
        self._take_head(end.end())
        return True

    def _headless(self) -> bool:
        if not self.may_be_headless:
            raise MalformedError("no HTTP status line")
        self.head = Head(status=200, headers=(), version=(0, 9))
        self._state = "body"
        return True

    def _take_head(self, end: int) -> None:
        start = _start_of(self._rest)
        if start < 0:
            self._headless()
            return
        head = read_head(self._rest[start:end])
        self._rest = self._rest[end:]
        if 100 <= head.status < 200:
            if head.status == 101:
                raise MalformedError("a change of protocol that nobody asked for")
            return  # the answer is still to come
        self.head = head
        self._chunks = _is_chunked(head)
        self._length = None if self._chunks else _length_of(head)
        if self.method == "HEAD" or head.status in _BODILESS:
            self._chunks, self._length = False, 0
        self._state = "size" if self._chunks else "body"

    def _read_body(self) -> bool:
        if self._length is None:
            self.body += self._rest
            self._rest = b""
            return False
        taken = self._rest[: self._length]
        self.body += taken
        self._rest = self._rest[len(taken) :]
        self._length -= len(taken)
        if self._length:
            return False
        self._length = None
        if self._chunks:
            self._state = "after"
            return True
        self.is_done = True
        return False

    def _line(self) -> bytes | None:
        line, newline, rest = self._rest.partition(b"\n")
        if not newline:
            if len(line) > LONGEST_CHUNK_LINE:
                self._give_up("a chunk's line without end")
            return None
        self._rest = rest
        return line.removesuffix(b"\r")

    def _read_size(self) -> bool:
        line = self._line()
        if line is None:
            return False
        size = line.split(b";")[0].rstrip(b" ")
        if not _HEX.fullmatch(size):
            self._give_up("a chunk without a size")
            return False
        self._length = int(size, 16) or None
        self._state = "body" if self._length else "trailer"
        return True

    def _read_after(self) -> bool:
        line = self._line()
        if line is None:
            return False
        if line:
            self._give_up("a chunk longer than its size")
            return False
        self._state = "size"
        return True

    def _read_trailer(self) -> bool:
        line = self._line()
        self.is_done = line == b""
        return line is not None and not self.is_done

    def _give_up(self, fault: str) -> None:
        if not self.body:
            raise MalformedError(fault)
        self.fault = fault
        self.is_done = True


_STEPS: Final = {
    "head": Answer._read_head,  # noqa: SLF001 - a table of this class's own methods
    "body": Answer._read_body,  # noqa: SLF001
    "size": Answer._read_size,  # noqa: SLF001
    "after": Answer._read_after,  # noqa: SLF001
    "trailer": Answer._read_trailer,  # noqa: SLF001
}
"""By state: reads on; whether there may be more to read at once."""
