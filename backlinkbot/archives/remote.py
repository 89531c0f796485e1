"""Opens archives on the network: ``http(s)://`` is downloaded into a temporary file, ``s3://`` is read through pyarrow.

A download that breaks off goes on where it ended.
"""

from __future__ import annotations

import io
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, cast

from backlinkbot.errors import BacklinkbotError, UsageError
from backlinkbot.files.resumed_download import Download, DownloadError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK: Final = 1024 * 1024
_IN_MEMORY: Final = 8 * 1024 * 1024
_SCHEMES: Final = ("http://", "https://", "s3://")


class ArchiveError(BacklinkbotError):
    """An archive that cannot be opened or downloaded; the others of a run are read."""


def is_remote(name: str) -> bool:
    """True if an archive lies on the network."""
    return name.lower().startswith(_SCHEMES)


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """Opens an archive on the network, seekable.

    Raises:
        ArchiveError: it cannot be opened.
        UsageError: pyarrow is not installed, and it is an ``s3://`` address.
    """
    if name.lower().startswith("s3://"):
        with _of_s3(name) as file:
            yield file
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="backlinkbot-archive-") as file:
        _download(name, cast("IO[bytes]", file))
        file.seek(0)
        yield cast("IO[bytes]", file)


def _download(url: str, file: IO[bytes]) -> None:
    try:
        for block in Download(url).blocks():
            file.write(block)
    except DownloadError as error:
        raise ArchiveError(str(error)) from error


@contextmanager
def _of_s3(name: str) -> Iterator[IO[bytes]]:
    try:
        from pyarrow import fs  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise UsageError(f'{name} needs pyarrow: pip install "backlinkbot[parquet]"') from error
    try:
        system, path = fs.FileSystem.from_uri(name)
        stream = system.open_input_file(path)
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{name}: {str(error)[:300]}") from error
    with io.BufferedReader(cast("io.RawIOBase", stream), _BLOCK) as file:
        yield file
