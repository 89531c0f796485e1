"""Feed storages that write output files atomically, or append the new rows atomically.

Until then the rows stand in a file beside it, ``NAME.<random>.part``, which a killed run leaves behind.
"""

from __future__ import annotations

import bz2
import csv
import fcntl
import gzip
import lzma
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from scrapy.extensions.feedexport import StdoutFeedStorage
from w3lib.url import file_uri_to_path

from backlinkbot.errors import OutputError, SettingError
from backlinkbot.files.atomic import close_part, discard_part, open_part, place, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from scrapy import Spider


# How a compressed stream begins -> who reads it; all three formats allow streams one behind the other.
_COMPRESSED: Final[dict[bytes, ModuleType]] = {b"\x1f\x8b": gzip, b"BZh": bz2, b"\xfd7zXZ": lzma}

_ONE_PIECE: Final = {"json": "JSON array", "xml": "XML document"}
"""Format -> what a file of it is, to which nothing can be added."""
_OF_BYTES: Final = frozenset({"pickle", "marshal"})


class WholeFileStorage:
    """Scrapy feed storage for local files: ``overwrite`` replaces the file, else the rows are added to it."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        options = feed_options or {}
        self.path = resolved(Path(file_uri_to_path(uri) if uri.startswith("file:") else uri))
        self._appends = not options.get("overwrite", False)
        self._has_header = options.get("format") == "csv" and (
            options.get("item_export_kwargs", {}).get("include_headers_line", True)
        )
        self._is_lines = options.get("format") not in _OF_BYTES
        if self._appends and options.get("format") in _ONE_PIECE:
            raise SettingError(
                f"{self.path}: rows cannot be added to a {_ONE_PIECE[options['format']]}; use .jsonl, or overwrite it"
            )

    def open(self, spider: Spider) -> IO[bytes]:
        """The file to write rows to."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return open_part(self.path)

    def store(self, file: IO[bytes]) -> None:
        """Give the rows their place."""
        part = Path(file.name)
        close_part(file)
        if not self._appends:
            place(part, self.path)
            return
        with _locked(self.path):
            if self.path.is_file() and self.path.stat().st_size:
                self._join(part)
            place(part, self.path)

    def refuse_other_columns(self, columns: list[str]) -> None:
        """Find out before the crawl whether rows with these columns can join the file.

        Raises:
            OutputError: it has other columns.
        """
        if self._appends and self._has_header and self.path.exists() and self.path.stat().st_size:
            header = next(csv.reader([self._header().decode("utf-8-sig", errors="replace")]), [])
            if header != columns:
                raise OutputError(f"{self.path} has other columns than these rows; write to another file")

    def _header(self) -> bytes:
        opener = _opener(self.path)
        with cast("IO[bytes]", opener.open(self.path)) if opener is not None else self.path.open("rb") as old:
            return old.readline()

    def _join(self, part: Path) -> None:
        """Put what the file holds before the rows of the part, whose header goes."""
        opener = _opener(part)
        with part.open("rb") as new, self.path.open("rb") as old:
            rows = cast("IO[bytes]", opener.open(new)) if opener is not None else new
            if self._has_header and rows.readline().rstrip() != self._header().rstrip():
                raise OutputError(f"{self.path} has other columns; its new rows are left in {part.name}")
            whole = open_part(self.path)
            try:
                shutil.copyfileobj(old, whole)
                if opener is not None:
                    with opener.open(whole, "wb") as packed:
                        shutil.copyfileobj(rows, packed)
                else:
                    if self._is_lines and not _ends_line(self.path):
                        whole.write(b"\n")  # a run killed long ago may have left half a row; ours begins a line
                    shutil.copyfileobj(rows, whole)
                close_part(whole)
            except BaseException:
                discard_part(whole)
                raise
        Path(whole.name).replace(part)


class StdoutStorage(StdoutFeedStorage):
    """Scrapy's feed storage for standard output; what did not get there is an error, not left to the end of the process."""

    def store(self, file: IO[bytes]) -> None:
        """Hand on what is buffered."""
        file.flush()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Only one run at a time adds to a file; the lock is the folder's, since the file itself is replaced."""
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _opener(path: Path) -> ModuleType | None:
    """The module that reads the file, where it is compressed."""
    with path.open("rb") as file:
        begin = file.read(max(map(len, _COMPRESSED)))
    return next((module for magic, module in _COMPRESSED.items() if begin.startswith(magic)), None)


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
