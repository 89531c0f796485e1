"""Files that are there whole or not at all: written beside their place, and renamed into it.

Until then the bytes stand in ``NAME.<random>.part``, which a killed run leaves behind.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from backlinkbot.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def open_part(path: Path) -> IO[bytes]:
    """A new file beside ``path``, with the rights that ``path`` has or would have."""
    file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - who asked for it closes it
        prefix=f"{path.name}.", suffix=".part", dir=path.parent, delete=False
    )
    umask = os.umask(0)
    os.umask(umask)
    Path(file.name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask)
    return cast("IO[bytes]", file)


def close_part(file: IO[bytes]) -> None:
    """Close the file once its bytes are on the disk."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which takes its place where the block ends well, and goes where it does not."""
    path = path.resolve()  # a symbolic link stays one
    path.parent.mkdir(parents=True, exist_ok=True)
    file = open_part(path)
    part = Path(file.name)
    try:
        yield file
        close_part(file)
    except BaseException:
        file.close()
        part.unlink()
        raise
    part.replace(path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    with whole_file(path) as file:
        file.write(content)


def check_writable(path: Path) -> None:
    """Find out before the work whether a file can be written where it is to be.

    Raises:
        OutputError: it cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = open_part(path)
        probe.close()
        Path(probe.name).unlink()
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
