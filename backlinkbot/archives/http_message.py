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
_END: Final = re.compile(rb"\r?\n\r?\n")
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


def parse(message: bytes) -> Response | None:
    """Parses a response; returns None for anything else."""
    status = _STATUS.match(message)
    if status is None:
        return None
    end = _END.search(message, status.end())
    lines = message[status.end() : end.start() if end is not None else len(message)]
    headers: dict[str, tuple[bytes, ...]] = {}
    for line in re.sub(rb"\r?\n[ \t]+", b" ", lines).split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            key = name.strip().lower().decode("latin-1")
            headers[key] = (*headers.get(key, ()), value.strip())
    return Response(int(status[1]), headers, message[end.end() :] if end is not None else b"")


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
