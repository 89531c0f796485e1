"""Reads large text files, gzipped or not, in blocks of whole lines; damaged ones are read as far as possible."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.commoncrawl.gzip_text import ERRORS, GZIP, GzipText, Pieces, TruncatedError
from backlinkbot.commoncrawl.resume_points import ResumePoint
from backlinkbot.errors import UsageError
from backlinkbot.files.resumed_download import BLOCK, Download, DownloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TEXT: Final = 1024 * 1024
"""Bytes of a block of lines, about."""
_LONGEST_LINE: Final = 1024 * 1024


def is_remote(name: str) -> bool:
    """True if a file is on a server."""
    return name.lower().startswith(("http://", "https://"))


class LineBlocks:
    """The lines of files, one file after the other."""

    def __init__(
        self,
        names: Sequence[str],
        tell: Callable[[int, int], None],
        *,
        save: Callable[[ResumePoint], None] | None = None,
        start: ResumePoint | None = None,
    ) -> None:
        """Takes the files' paths or URLs.

        Args:
            names: paths and URLs.
            tell: called with the bytes that were read since the last call, and the size of all files as far as it is known.
            save: called now and then with a resume point, after the blocks before it were used; None if none is wanted.
            start: the resume point at which reading begins; None for the beginning.
        """
        self._names = names
        self._tell = tell
        self._save = save
        self._start = start
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
            StaleError: the resume point does not belong to its file.
        """
        first = self._start.file if self._start is not None else 0
        for number, name in enumerate(self._names):
            if number >= first:
                start = self._start if number == first else None
                yield from self._whole_lines(name, number, start)

    def _whole_lines(self, name: str, number: int, start: ResumePoint | None) -> Iterator[bytes]:
        parts = [start.pending if start is not None else b""]
        size = len(parts[0])
        for part in self._texts(name, number, start):
            if isinstance(part, ResumePoint):
                if self._save is not None:
                    self._save(replace(part, file=number, pending=b"".join(parts)))
                continue
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

    def _texts(self, name: str, number: int, start: ResumePoint | None) -> Iterator[bytes | ResumePoint]:
        offset, bit = (start.offset, start.bit) if start is not None else (0, 0)
        pieces = Pieces(self._counted(name, number, offset), offset, bit)
        gzipped = GzipText(pieces, has_points=self._save is not None)
        try:
            if start is not None:
                yield from gzipped.read_from(start)
                return
            data = pieces.next()
            if data.startswith(GZIP):
                yield from gzipped.read(data)
                return
        except TruncatedError:
            self._fault(name, "the file is truncated")
            return
        except ERRORS as error:
            self._fault(name, f"damaged: {error}")
            return
        while data:
            yield data
            data = pieces.next()

    def _counted(self, name: str, number: int, offset: int) -> Iterator[bytes]:
        """Yields the bytes of a file as they are stored, from an offset on."""
        if not is_remote(name):
            try:
                with Path(name).open("rb") as file:
                    file.seek(offset)
                    while block := file.read(BLOCK):
                        self._tell(len(block), sum(self._sizes))
                        yield block
            except OSError as error:
                raise UsageError(f"{name}: {error.strerror or error}") from error
            return
        download = Download(name, offset)
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
