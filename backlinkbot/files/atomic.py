"""Writes files atomically: beside their final path, then renamed into place.

Until then the bytes are in ``NAME.<random>.part``, which a killed run leaves behind. Anything but a regular file, such
as ``/dev/null`` or a named pipe, is written to directly.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from backlinkbot.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBE: Final = 4096
"""Bytes written to check for free space: one block of most file systems."""


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def resolved(path: Path) -> Path:
    """Resolves symbolic links, so that the linked file is replaced and not the link."""
    return path if _is_special(path) else path.resolve()


def open_part(path: Path) -> IO[bytes]:
    """Opens a new file beside ``path``, with the permissions that ``path`` has or would get."""
    if _is_special(path):
        return path.open("wb")
    file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - the caller closes it
        prefix=f"{path.name}.", suffix=".part", dir=path.parent, delete=False
    )
    umask = os.umask(0)
    os.umask(umask)
    Path(file.name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask)
    return cast("IO[bytes]", file)


def close_part(file: IO[bytes]) -> None:
    """Closes the file after its bytes are written to disk (``fsync``)."""
    file.flush()
    with _no_disk():
        os.fsync(file.fileno())
    file.close()


def place(part: Path, path: Path) -> None:
    """Renames a closed part to ``path``; after that, a power failure does not undo it."""
    if part == path:  # not a regular file
        return
    part.replace(path)
    with _no_disk():
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _no_disk() -> Iterator[None]:
    """Suppresses errors of files without a disk to sync: pipes, devices, some network folders."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EROFS}:
            raise


def is_gone(file: IO[bytes]) -> bool:
    """True if the part being written, or its folder, has been deleted."""
    return not (Path(file.name).exists() if file.closed else os.fstat(file.fileno()).st_nlink)


def discard_part(file: IO[bytes]) -> None:
    """Closes and deletes a part."""
    with contextlib.suppress(OSError):
        file.close()
    part = Path(file.name)
    if not _is_special(part):
        with contextlib.suppress(OSError):
            part.unlink()


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A context manager with a file to write; it replaces ``path`` on success and is deleted after an exception.

    Raises:
        OutputError: the file cannot be written.
    """
    with said_plainly(path):
        final = resolved(path)
        final.parent.mkdir(parents=True, exist_ok=True)
        file = open_part(final)
    try:
        with said_plainly(path):
            yield file
            close_part(file)
            place(Path(file.name), final)
    except BaseException:
        discard_part(file)
        raise


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Converts OSError into an OutputError that names the file."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file atomically.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(path) as file:
        file.write(content)


def check_writable(path: Path) -> None:
    """Checks in advance whether a file can be written, and whether there is space for a block.

    Raises:
        OutputError: the file cannot be written.
    """
    with said_plainly(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        if _is_special(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        final = path.resolve()
        if final.parent.exists() and not final.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        final.parent.mkdir(parents=True, exist_ok=True)
        _refuse_sticky(final)
        probe = open_part(final)
        try:
            probe.write(bytes(PROBE))
            probe.flush()
            os.fsync(probe.fileno())
        finally:
            discard_part(probe)


def _refuse_sticky(path: Path) -> None:
    """Raises if another user's file cannot be replaced, as in folders with the sticky bit such as /tmp."""
    folder, us = path.parent.stat(), os.geteuid()
    is_others = path.exists() and us not in {0, folder.st_uid, path.stat().st_uid}
    if folder.st_mode & 0o1000 and is_others:
        raise PermissionError(errno.EPERM, "another user's file in a folder where only its owner may replace it")
