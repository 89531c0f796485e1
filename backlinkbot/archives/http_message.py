"""Parses the HTTP responses that archives keep: status, headers, and the body with its encodings undone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot.extract import content_encoding

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES: Final = 64 * 1024 * 1024
"""Most bytes of a decoded body."""
_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})")
_FOLDED: Final = re.compile(rb"\r?\n[ \t]+")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, tuple[bytes, ...]]
    """Names in lower case, with the values of every header of that name, in order."""
    body: bytes
    """As it was kept."""

    def first(self, name: str) -> bytes:
        """Returns the first value of a header; empty where there is none."""
        return self.headers.get(name, (b"",))[0]


def parse(message: bytes, start: int = 0, stop: int | None = None) -> Response | None:
    """Parses a response; returns None for anything else.

    Args:
        message: bytes that hold it.
        start: where it begins.
        stop: where it ends; None for the end of the bytes.
    """
    status = _STATUS.match(message, start)
    if status is None:
        return None
    stop = len(message) if stop is None else min(stop, len(message))
    end, body = end_of_headers(message, status.end(), stop)
    lines = message[status.end() : end]
    if b"\n " in lines or b"\n\t" in lines:
        lines = _FOLDED.sub(b" ", lines)
    headers: dict[str, tuple[bytes, ...]] = {}
    for line in lines.split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            key = name.strip().lower().decode("latin-1")
            headers[key] = (*headers.get(key, ()), value.strip())
    return Response(int(status[1]), headers, message[body:stop])


def end_of_headers(data: bytes, start: int, stop: int) -> tuple[int, int]:
    """Returns where headers end, and where what follows the empty line begins; both are ``stop`` where there is no such line.

    Args:
        data: bytes that hold headers, whose lines end in CRLF or LF.
        start: where they begin.
        stop: where they end at the latest.
    """
    end = data.find(b"\n\r\n", start, stop)  # an expression for all kinds of line ends takes ten times as long
    body = end + 3
    bare = data.find(b"\n\n", start, end if end >= 0 else stop)
    if bare >= 0:
        end, body = bare, bare + 2
    if end < 0:
        return stop, stop
    return (end - 1 if end > start and data[end - 1] == ord("\r") else end), body


def body_of(response: Response) -> bytes:
    """Returns the body without chunks and content encodings; a body that is kept without them stays as it is.

    Archives often keep a decoded body with the headers of the encoded one.

    Raises:
        content_encoding.DecodingError: an encoding is not supported or cannot be undone.
        content_encoding.TooLargeError: it is larger than ``MOST_BYTES``.
    """
    body = response.body
    if b"chunked" in response.first("transfer-encoding").lower():
        body = _without_chunks(body)
    named = response.headers.get("content-encoding")
    if not named:
        return body
    encodings = content_encoding.tokens_of(named)
    if encodings is None:
        raise content_encoding.DecodingError(b", ".join(named).decode("latin-1"))
    try:
        return content_encoding.decode(body, encodings, MOST_BYTES)[0]
    except content_encoding.DecodingError:
        if body.lstrip()[:1] == b"<":
            return body
        raise


def _without_chunks(body: bytes) -> bytes:
    """Returns the body without the framing of chunks (RFC 9112, section 7.1); as it is if it is not framed so."""
    parts: list[bytes] = []
    at = 0
    while (size := _SIZE.match(body, at)) is not None:
        length = int(size[1], 16)
        if not length:
            break
        parts.append(body[size.end() : size.end() + length])
        at = size.end() + length
        if body.startswith(b"\r\n", at):
            at += 2
        elif body.startswith(b"\n", at):
            at += 1
        elif at < len(body):
            return body  # no chunk ends here: the first line only looked like a size
    return b"".join(parts) if parts else body
