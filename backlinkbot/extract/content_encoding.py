"""Decodes content encodings: gzip, deflate, brotli and zstd, within a limit of output.

https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Final, Protocol

try:
    import brotli
except ImportError:  # PyPy's version
    import brotlicffi as brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CHUNK: Final = 256 * 1024
"""Most bytes that a decoder returns at once, so that a small response cannot fill the memory before it is measured."""
_GZIP_MAGIC: Final = b"\x1f\x8b"
_NAMED_FOR_NOTHING: Final = frozenset({b"", b"identity", b"none"})


class DecodingError(ValueError):
    """The bytes are not in the encoding that the header names."""


class TooLargeError(ValueError):
    """The body exceeds the size limit once it is decoded."""


class _Decoder(Protocol):
    """One compressed stream."""

    @property
    def is_ended(self) -> bool: ...
    @property
    def rest(self) -> bytes:
        """The bytes after the end of the stream."""
        ...

    def step(self, data: bytes) -> bytes:
        """Returns at most ``_CHUNK`` bytes of output (brotli: about as many); empty when nothing is left."""
        ...


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._stream = zlib.decompressobj(wbits)

    @property
    def is_ended(self) -> bool:
        return self._stream.eof

    @property
    def rest(self) -> bytes:
        return self._stream.unused_data

    def step(self, data: bytes) -> bytes:
        return self._stream.decompress(data or self._stream.unconsumed_tail, _CHUNK)


class _Brotli:
    rest = b""  # the library rejects bytes after the end of the stream

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def is_ended(self) -> bool:
        return bool(self._stream.is_finished())

    def step(self, data: bytes) -> bytes:
        return bytes(self._stream.process(data, output_buffer_limit=_CHUNK))


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor()

    @property
    def is_ended(self) -> bool:
        return self._stream.eof

    @property
    def rest(self) -> bytes:
        return self._stream.unused_data

    def step(self, data: bytes) -> bytes:
        return self._stream.decompress(data, _CHUNK)


_FAULTS: Final = (zlib.error, brotli.error, zstd.ZstdError)


def _run(start: Callable[[], _Decoder], data: bytes, most: int, again: bytes = b"") -> tuple[bytes, bool]:
    """Decodes a body; returns the output, and true if the stream reached its end.

    Args:
        start: makes a decoder.
        data: the compressed bytes.
        most: most bytes of output; 0 means no limit.
        again: the first bytes of a further stream that may follow; any other bytes after the end are ignored.

    Raises:
        DecodingError: the data is no such stream.
        TooLargeError: the output is larger than ``most``.
    """
    output = bytearray()
    while True:
        decoder = start()
        fed = data
        try:
            while not decoder.is_ended:
                piece = decoder.step(fed)
                fed = b""
                output += piece
                if most and len(output) > most:
                    raise TooLargeError(f"larger than {most} bytes")
                if not piece and not decoder.is_ended:
                    return bytes(output), False
        except _FAULTS as error:
            output = output or _before_checksum(start(), data, most)
            if not output:
                raise DecodingError(str(error)) from error
            return bytes(output), False
        data = decoder.rest
        if not again or not data.startswith(again):
            return bytes(output), True


_CHECKSUM: Final = 8
"""Bytes at the end of a gzip stream (RFC 1952, section 2.3.1); no browser compares them."""


def _before_checksum(decoder: _Decoder, data: bytes, most: int) -> bytearray:
    """Returns what a short stream holds of which nothing but the checksum is wrong; empty where more is."""
    output = bytearray()
    fed = data[:-_CHECKSUM]
    try:
        while fed or not output:
            piece = decoder.step(fed)
            fed = b""
            output += piece
            if not piece or (most and len(output) > most):
                break
    except _FAULTS:
        return bytearray()
    return output


def _gunzip(data: bytes, most: int) -> tuple[bytes, bool]:
    if not data.startswith(_GZIP_MAGIC[: len(data)]):
        return data, True  # as in browsers: some servers declare an encoding that they do not use
    return _run(lambda: _Zlib(16 + zlib.MAX_WBITS), data, most, _GZIP_MAGIC)


def _inflate(data: bytes, most: int) -> tuple[bytes, bool]:
    try:
        return _run(lambda: _Zlib(zlib.MAX_WBITS), data, most)
    except DecodingError:  # some servers omit the zlib header that the RFC requires
        return _run(lambda: _Zlib(-zlib.MAX_WBITS), data, most)


_DECODERS: Final[dict[bytes, Callable[[bytes, int], tuple[bytes, bool]]]] = {
    b"gzip": _gunzip,
    b"x-gzip": _gunzip,
    b"deflate": _inflate,
    b"br": lambda data, most: _run(_Brotli, data, most),
    b"zstd": lambda data, most: _run(_Zstd, data, most, b"\x28\xb5\x2f\xfd"),
}


def decode(data: bytes, encodings: list[bytes], most: int = 0) -> tuple[bytes, bool]:
    """Decodes a body; returns it, and true if every stream reached its end.

    Args:
        data: the body as it was sent.
        encodings: the tokens of ``Content-Encoding`` in the order of the header, supported ones only.
        most: most bytes of output; 0 means no limit.

    Raises:
        DecodingError: the body is in another encoding.
        TooLargeError: the body is larger than ``most``.
    """
    is_whole = True
    for encoding in reversed(encodings):
        if not data:
            break
        data, is_ended = _DECODERS[encoding](data, most)
        is_whole = is_whole and is_ended
    return data, is_whole


def tokens_of(named: Iterable[bytes]) -> list[bytes] | None:
    """Returns the encodings that ``Content-Encoding`` headers name, in order; None if one of them is not supported."""
    tokens = [token.strip().lower() for token in b",".join(named).split(b",")]
    encodings = [token for token in tokens if token not in _NAMED_FOR_NOTHING]
    return encodings if all(encoding in _DECODERS for encoding in encodings) else None
