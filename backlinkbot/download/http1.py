"""Parses HTTP/1 responses as leniently as Chromium does, because many servers rely on it.

Bytes in, values out. The rules are those of Chromium's ``net/http``: ``http_stream_parser.cc``, ``http_util.cc``,
``http_response_headers.cc`` and ``http_chunked_decoder.cc``. The strict rules are those of RFC 9112.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

LONGEST_HEAD: Final = 256 * 1024
"""Most bytes of the status line and all headers together."""
LONGEST_CHUNK_LINE: Final = 16 * 1024
JUNK: Final = 4
"""Most bytes before the status line."""

_END_OF_HEAD: Final = re.compile(rb"\n\r?\n")
_LINES: Final = re.compile(rb"[\r\n]+")
_STATUS: Final = re.compile(rb"HTTP/(\d)\.(\d)[^ ]* *(\d*)", re.IGNORECASE)
_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{1,15}")
_SPACE: Final = b" \t"
# Two of these headers with different values may come from response splitting.
_ONCE: Final = {
    b"content-length": "Content-Length",
    b"location": "Location",
    b"content-disposition": "Content-Disposition",
}
_BODILESS: Final = frozenset({204, 205, 304})

Headers = tuple[tuple[bytes, bytes], ...]


class MalformedError(ValueError):
    """Raised for a response that a browser would not show either; the message tells what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A status line and headers."""

    status: int
    headers: Headers
    """Header names as written, with their values; malformed lines are left out."""
    version: tuple[int, int]

    def values(self, name: bytes) -> list[bytes]:
        """Returns the values of a header; comma-separated lists are split."""
        found = [value for key, value in self.headers if key.lower() == name]
        return [part.strip(_SPACE) for value in found for part in value.split(b",")]


def headers_of(lines: list[bytes]) -> Headers:
    """Parses header lines; joins continued lines and leaves out malformed ones."""
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
    """Parses a head without the bytes before and after it.

    Raises:
        MalformedError: there is a NUL, or two headers contradict each other.
    """
    if b"\0" in data:
        raise MalformedError("a NUL in the headers")
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
    """Returns where the status line begins, also one of old Shoutcast servers; -1 if there is none."""
    beginning = data[: JUNK + 4].upper()
    return 0 if beginning.startswith(b"ICY ") else beginning.find(b"HTTP")


def _is_chunked(head: Head) -> bool:
    return head.version >= (1, 1) and any(v.lower() == b"chunked" for v in head.values(b"transfer-encoding"))


def _length_of(head: Head) -> int | None:
    """Returns the length of the body; None if it ends with the connection, as after an invalid number."""
    first = next(iter(head.values(b"content-length")), b"")
    return int(first) if first.isdigit() and len(first) < 19 else None


@dataclass(slots=True)
class ResponseParser:
    """An incremental parser of one response: :meth:`feed` takes its bytes, :meth:`end` the end of the connection."""

    method: str = "GET"
    may_be_headless: bool = False
    """True if a response may lack a head (HTTP/0.9), which Chromium allows on the scheme's default port."""
    head: Head | None = None
    body: bytearray = field(default_factory=bytearray)
    is_done: bool = False
    """True if the response is complete; following bytes do not belong to it."""
    fault: str = ""
    """What is wrong with a body of which only a part could be read."""
    _rest: bytes = b""
    _length: int | None = None
    """Remaining bytes of the body, or of its current chunk; None means until the connection ends."""
    _chunks: bool = False
    _state: str = "head"

    def feed(self, data: bytes) -> None:
        """Parses more bytes.

        Raises:
            MalformedError: the bytes are no HTTP response.
        """
        self._rest += data
        while not self.is_done and _STEPS[self._state](self):
            pass

    def end(self) -> None:
        """Completes the response: the connection has ended.

        Raises:
            MalformedError: no response was received.
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
            return False  # more bytes are needed
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
                raise MalformedError("an unrequested change of protocol")
            return  # an informational response; the final one follows
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
                self._give_up("a chunk's size line does not end")
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
    "head": ResponseParser._read_head,  # noqa: SLF001 - a table of this class's own methods
    "body": ResponseParser._read_body,  # noqa: SLF001
    "size": ResponseParser._read_size,  # noqa: SLF001
    "after": ResponseParser._read_after,  # noqa: SLF001
    "trailer": ResponseParser._read_trailer,  # noqa: SLF001
}
"""Parser steps by state; each returns true if more bytes can be parsed at once."""
