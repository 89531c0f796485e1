"""Decompresses large text files on the way, in blocks of whole lines; damaged ones are read as far as they go."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from backlinkbot.errors import UsageError
from backlinkbot.files.resumed_download import BLOCK, Download, DownloadError

try:
    from isal import isal_zlib
except ImportError:  # the extra `speed`; zlib takes twice as long
    _new: Callable[[int], Any] = zlib.decompressobj
    _ERRORS: tuple[type[Exception], ...] = (zlib.error,)
else:
    _new = isal_zlib.decompressobj
    _ERRORS = (zlib.error, cast("type[Exception]", isal_zlib.error))

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_GZIP: Final = b"\x1f\x8b"
_WBITS: Final = 16 + zlib.MAX_WBITS
_PIECE: Final = 16 * 1024
"""Bytes that are decompressed at once: with larger pieces it takes longer, and damage costs a whole one."""
_MOST_AT_ONCE: Final = 4 * 1024 * 1024
"""Most decompressed bytes of a piece, whatever the file says."""
_TEXT: Final = 512 * 1024
"""Bytes of a block of lines, about."""
_LONGEST_LINE: Final = 1024 * 1024


def is_remote(name: str) -> bool:
    """True if a file is on a server."""
    return name.lower().startswith(("http://", "https://"))


class LineBlocks:
    """The lines of some files, one after the other, gzipped or not."""

    def __init__(self, names: Sequence[str], tell: Callable[[int, int], None]) -> None:
        """Takes the files' paths or URLs.

        Args:
            names: paths and URLs.
            tell: called with the bytes that were read since the last call, and the size of all files as far as it is known.
        """
        self._names = names
        self._tell = tell
        self._sizes = [
            Path(name).stat().st_size if not is_remote(name) and Path(name).exists() else 0 for name in names
        ]
        self.faults: list[str] = []
        """What could not be read, in words."""

    def __iter__(self) -> Iterator[bytes]:
        """Yields blocks that end with a newline.

        Raises:
            UsageError: there is no such file, or it is no text.
            DownloadError: a file cannot be downloaded at all.
        """
        for number, name in enumerate(self._names):
            yield from self._whole_lines(name, self._texts(name, number))

    def _whole_lines(self, name: str, texts: Iterator[bytes]) -> Iterator[bytes]:
        parts: list[bytes] = []
        size = 0
        for part in texts:
            parts.append(part)
            size += len(part)
            if size < _TEXT:
                continue
            end = part.rfind(b"\n") + 1
            if end:
                parts[-1] = part[:end]
                yield b"".join(parts)
                parts = [part[end:]]
                size = len(parts[0])
            elif size > _LONGEST_LINE + _TEXT:
                raise UsageError(f"{name}: a line of more than {_LONGEST_LINE:,} bytes; this is no file of a graph")
        text = b"".join(parts)
        if any(fault.startswith(f"{name}: ") for fault in self.faults):
            text = text[: text.rfind(b"\n") + 1]  # the last line may be half a line
        if text:
            yield text if text.endswith(b"\n") else text + b"\n"

    def _texts(self, name: str, number: int) -> Iterator[bytes]:
        raw = _pieces(self._counted(name, number))
        data = next(raw, b"")
        if not data.startswith(_GZIP):
            yield data
            yield from raw
            return
        try:
            while data:
                stream = _new(_WBITS)
                while not stream.eof:
                    text = stream.decompress(data, _MOST_AT_ONCE)
                    yield text
                    data = stream.unconsumed_tail
                    if not data and not stream.eof and len(text) < _MOST_AT_ONCE:
                        data = next(raw, b"")
                        if not data:
                            self._fault(name, "the file is truncated")
                            return
                data = _next_member(stream.unused_data, raw)
        except _ERRORS as error:
            self._fault(name, f"damaged: {error}")

    def _counted(self, name: str, number: int) -> Iterator[bytes]:
        """Yields the bytes of a file as they are stored."""
        if not is_remote(name):
            try:
                with Path(name).open("rb") as file:
                    while block := file.read(BLOCK):
                        self._tell(len(block), sum(self._sizes))
                        yield block
            except OSError as error:
                raise UsageError(f"{name}: {error.strerror or error}") from error
            return
        download = Download(name)
        is_begun = False
        try:
            for block in download.blocks():
                is_begun = True
                self._sizes[number] = download.size
                self._tell(len(block), sum(self._sizes))
                yield block
        except DownloadError as error:
            if not is_begun:
                raise
            self._fault(name, str(error).removeprefix(f"{name}: "))

    def _fault(self, name: str, why: str) -> None:
        if not any(fault.startswith(f"{name}: ") for fault in self.faults):
            self.faults.append(f"{name}: {why}; what stands before that was read")


def _pieces(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), _PIECE):
            yield block[start : start + _PIECE]


def _next_member(data: bytes, raw: Iterator[bytes]) -> bytes:
    """Returns the beginning of the next member, behind zeros that may fill up the file; empty at its end."""
    while not (data := data.lstrip(b"\0")):
        data = next(raw, b"")
        if not data:
            return b""
    return data
