"""Checks the user's input files before they are read: copies pipes to disk, refuses devices and folders.

A list is read several times: for its format, for a first row, for all rows. A pipe can be read only once, and a device
may never end.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PIPED: Final = 1024 * 1024 * 1024
"""Most bytes that are read from a pipe."""
MAX_LIST: Final = 64 * 1024 * 1024
"""Most bytes of a list that is read at once: targets, seeds, domains."""
MAX_LINE: Final = 64 * 1024 * 1024
"""Most characters of one line of a file that is read by lines."""
STDIN: Final = "-"
"""The name for standard input, unless there is a file of that name."""
_OPEN_ALREADY: Final = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
_CHUNK: Final = 1024 * 1024

_kept: dict[str, IO[bytes]] = {}


class InputError(OSError):
    """Raised for an input that is not a file; ``strerror`` tells what it is."""

    def __init__(self, why: str, path: str | Path) -> None:
        super().__init__(errno.EINVAL, why, str(path))


def readable(name: str | Path) -> Path:
    """Returns the path to read: the file itself, or a copy of the pipe's content, kept until the process ends.

    ``-`` and ``/dev/stdin`` are standard input, ``/dev/fd/N`` is what shells make of ``<(command)``.

    Raises:
        OSError: there is no such file, or it is a folder, a device, a socket, or a pipe that is not open yet.
    """
    path = Path(name)
    if str(name) == STDIN and not path.exists():
        path = Path("/dev/stdin")
    if str(path) in _kept:
        return Path(_kept[str(path)].name)
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return path
    is_open = str(path).startswith(_OPEN_ALREADY)
    if is_open and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or (stat.S_ISCHR(mode) and _is_typed(path))):
        return Path(_keep(path).name)
    raise InputError(_what(mode), path)


def _is_typed(path: Path) -> bool:
    """True if a device is the user's terminal."""
    handle = os.open(path, os.O_RDONLY | os.O_NOCTTY)
    try:
        return os.isatty(handle)
    finally:
        os.close(handle)


def _what(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "it is a folder; name a file"
    if stat.S_ISFIFO(mode):
        return (
            "it is a named pipe, which can be read only once; hand it over as standard input (- < PIPE), or name a file"
        )
    if stat.S_ISSOCK(mode):
        return "it is a socket; name a file"
    return "it is a device; name a file"


def _keep(path: Path) -> IO[bytes]:
    """Copies a pipe to a temporary file that is deleted when the process ends."""
    kept = NamedTemporaryFile(prefix="backlinkbot-")  # noqa: SIM115 - it stays open until the process ends
    with path.open("rb", buffering=0) as pipe:
        size = 0
        while piece := pipe.read(_CHUNK):
            size += len(piece)
            if size > MAX_PIPED:
                raise InputError(f"more than {MAX_PIPED // 2**30} GiB in this pipe; write them to a file", path)
            kept.write(piece)
    kept.flush()
    _kept[str(path)] = kept
    return kept


def text_of(name: str | Path) -> str:
    """Returns the text of a list, UTF-8 with or without a byte order mark.

    Raises:
        OSError: the file cannot be read, or has more than ``MAX_LIST`` bytes.
        UnicodeDecodeError: the file is not UTF-8.
    """
    path = readable(name)
    with path.open("rb") as file:
        data = file.read(MAX_LIST + 1)
    if len(data) > MAX_LIST:
        raise InputError(f"it has more than {MAX_LIST // 2**20} MiB, the limit for a list of this kind", name)
    return data.decode("utf-8-sig")


def lines_of(file: IO[str]) -> Iterator[str]:
    """Yields the lines of a text file, ends included.

    Raises:
        ValueError: a line is longer than ``MAX_LINE``.
    """
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise ValueError(f"line {number} has more than {MAX_LINE:,} characters")
        yield line
