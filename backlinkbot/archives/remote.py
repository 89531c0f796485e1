"""Opens archives on the network: ``http(s)://`` is downloaded into a temporary file, ``s3://`` is read through pyarrow.

A download that breaks off goes on where it ended; 429 and 503 are waited out, as Common Crawl asks for
(https://commoncrawl.org/blog, "slow down").
"""

from __future__ import annotations

import http.client
import io
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, cast

from backlinkbot import __version__
from backlinkbot.errors import BacklinkbotError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

TRIES: Final = 5
"""Requests for one file without any progress between them."""
TIMEOUT: Final = 60.0
"""Seconds without a byte."""
_FIRST_WAIT: Final = 1.0
"""Seconds before the second request; twice as long before each further one."""
_LONGEST_WAIT: Final = 120.0
_BLOCK: Final = 1024 * 1024
_IN_MEMORY: Final = 8 * 1024 * 1024
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
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
    tries, wait = 0, _FIRST_WAIT
    while True:
        before = file.tell()
        try:
            if _fetch(url, file):
                return
            reason, said = "the answer broke off", 0.0
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 416 and before:  # nothing is left
                    return
                if error.code not in _AGAIN:
                    raise ArchiveError(f"{url}: the server answered {error.code}") from error
                reason, said = f"the server answered {error.code}", _seconds(error.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException) as error:
            reason, said = str(getattr(error, "reason", error)), 0.0
        if file.tell() > before:
            tries, wait = 0, _FIRST_WAIT
        tries += 1
        if tries >= TRIES:
            raise ArchiveError(f"{url}: {reason}, {tries} times")
        time.sleep(min(max(wait, said), _LONGEST_WAIT))
        wait *= 2


def _fetch(url: str, file: IO[bytes]) -> bool:
    """Downloads a file from where it ends so far; returns true if it is complete."""
    start = file.tell()
    headers = {"User-Agent": f"backlinkbot/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme is checked: is_remote
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - likewise
        if start and answer.status != 206:
            file.seek(0)
            file.truncate()
        length = answer.headers.get("Content-Length")
        left = int(length) if length and length.isdecimal() else None
        while block := answer.read1(_BLOCK):
            file.write(block)
            left = left - len(block) if left is not None else None
    return not left


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 0.0


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
