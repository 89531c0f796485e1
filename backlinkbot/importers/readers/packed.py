"""Opens files as plain, compressed, or archived; unpacks them within limits."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

from backlinkbot.errors import CandidateFileError
from backlinkbot.files.inputs import readable

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_RATIO: Final = 300
"""The highest ratio of decompressed to compressed size. Lists of links reach 10, repetitive logs 50."""
FREE: Final = 64 * 1024 * 1024
"""Decompressed bytes below which the ratio is not checked."""
FREE_TOGETHER: Final = 16 * FREE
"""The same for all files of an archive together."""
MAX_MEMBERS: Final = 10_000
HEAD: Final = 256 * 1024
"""Bytes by which a file is recognised."""
_PACKERS: Final[tuple[tuple[bytes, Callable[..., Any]], ...]] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06")
WORKBOOK: Final = "xl/workbook.xml"
_SHARED_TEXTS: Final = "xl/sharedStrings.xml"
MAX_SHARED_TEXTS: Final = 128 * 1024 * 1024
"""Most bytes of a workbook's shared texts, decompressed."""


class Closable(Protocol):
    """An object with a method ``close``."""

    def close(self) -> None: ...


class BrokenFileError(Exception):
    """Raised for a compressed file that is cut off, damaged, or decompresses to too much."""


# The errors of the standard library for damaged files; BadGzipFile is an OSError, a password a RuntimeError.
BROKEN: Final = (
    BrokenFileError, EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError,
)  # fmt: skip


class Bounded(io.RawIOBase):
    """A decompressed stream that fails if it exceeds the allowed ratio to its compressed size."""

    def __init__(self, unpacked: IO[bytes], packed: Callable[[], int], *beneath: Closable) -> None:
        """Creates the stream; ``packed`` returns the compressed bytes read so far, ``beneath`` is closed with it."""
        self._unpacked = unpacked
        self._beneath = beneath
        self._packed = packed
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads bytes; raises BrokenFileError if the ratio is exceeded."""
        data = self._unpacked.read(len(buffer))
        self._count += len(data)
        if self._count > FREE and self._count > self._packed() * MAX_RATIO:
            raise BrokenFileError(f"it decompresses to more than {MAX_RATIO} times its size")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Closes the underlying streams, too."""
        if not self.closed:
            for file in (self._unpacked, *self._beneath):
                file.close()
        super().close()


class Counted(io.RawIOBase):
    """A file that reports the number of bytes read."""

    def __init__(self, path: Path, tell: Callable[[int], None]) -> None:
        self._file = path.open("rb", buffering=0)
        self._tell = tell

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._file.readinto(buffer) or 0
        self._tell(count)
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Closes the file, too."""
        self._file.close()
        super().close()


def ignore_progress(_count: int) -> None:
    """Ignores the number of bytes read: the default progress function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file to read, on disk or in an archive."""

    name: str
    """As the user named it; ``export.zip/links.csv`` in an archive."""
    path: Path
    """The file on disk."""
    inside: str = ""
    """The name within the archive; empty outside archives."""
    is_workbook: bool = False
    """True for an XLSX file, which openpyxl opens itself."""
    tell: Callable[[int], None] = ignore_progress

    def open(self, *, counts: bool = True) -> IO[bytes]:
        """Opens the file, decompressed; raises one of ``BROKEN``."""
        file = Counted(self.path, self.tell if counts else ignore_progress)
        size = 0
        raw: IO[bytes] = io.BufferedReader(file, buffer_size=HEAD)
        try:
            if self.inside:
                archive = zipfile.ZipFile(raw)
                size = max(archive.getinfo(self.inside).compress_size, 1)
                raw = io.BufferedReader(
                    Bounded(archive.open(self.inside), lambda: size, archive, raw), buffer_size=HEAD
                )
            start = cast("io.BufferedReader", raw).peek(8)
            for magic, opener in _PACKERS:
                if start.startswith(magic):
                    packed = (lambda: size) if self.inside else file.tell
                    return io.BufferedReader(Bounded(opener(raw), packed, raw), buffer_size=HEAD)
        except BaseException:
            raw.close()
            file.close()
            raise
        return raw

    def head(self) -> bytes:
        """Returns the first ``HEAD`` bytes; fewer if the file is shorter or damaged."""
        parts: list[bytes] = []
        with suppress(*BROKEN), self.open(counts=False) as file:
            while sum(map(len, parts)) < HEAD and (part := file.read(HEAD // 4)):
                parts.append(part)
        return b"".join(parts)[:HEAD]


def members(path: Path, tell: Callable[[int], None] = ignore_progress) -> list[Member]:
    """Lists the files to read in a file: itself, or the members of an archive.

    Raises:
        CandidateFileError: the file cannot be opened.
    """
    name = str(path)
    try:
        path = readable(path)
        with path.open("rb") as file:
            start = file.read(8)
        alone = Member(name=name, path=path, tell=tell)
        if not start.startswith(_ZIPS):
            return [alone]
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
            _check_sizes(name, path.stat().st_size, archive, FREE if WORKBOOK in names else FREE_TOGETHER)
            if WORKBOOK in names:
                return [Member(name=name, path=path, is_workbook=True, tell=tell)]
    except zipfile.BadZipFile as error:
        raise CandidateFileError(f"candidates {name}: a damaged zip archive ({error})") from error
    except OSError as error:
        raise CandidateFileError(f"candidates {name}: {error.strerror or error}") from error
    if len(names) > MAX_MEMBERS:
        raise CandidateFileError(f"candidates {name}: {len(names):,} files in one archive; {MAX_MEMBERS:,} at most")
    hidden = ("__MACOSX/", ".")
    wanted = [inside for inside in names if not inside.startswith(hidden) and not Path(inside).name.startswith(".")]
    return [Member(name=f"{name}/{inside}", path=path, inside=inside, tell=tell) for inside in wanted]


def _check_sizes(name: str, packed: int, archive: zipfile.ZipFile, free: int) -> None:
    """Raises if an archive decompresses to too much.

    The sizes that it declares are upper bounds: Python reads no further. The texts of a workbook are held in memory.
    """
    sizes = {info.filename: info.file_size for info in archive.infolist()}
    if sum(info.file_size for info in archive.infolist()) > max(free, packed * MAX_RATIO):
        raise CandidateFileError(f"candidates {name}: it decompresses to more than {MAX_RATIO} times its size")
    if sizes.get(_SHARED_TEXTS, 0) > MAX_SHARED_TEXTS:
        raise CandidateFileError(f"candidates {name}: more text than fits in memory; save the sheet as CSV")
