"""Lists and opens archives: files, folders, lists of paths, ``http(s)://``, ``s3://``, and the members of WACZ files."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from backlinkbot.archives import remote
from backlinkbot.archives.remote import ArchiveError
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENDINGS: Final = (".warc", ".warc.gz", ".wat", ".wat.gz", ".wacz")
"""The files of a folder that are read."""
LISTS: Final = (".paths", ".paths.gz", ".txt", ".txt.gz")
"""Files with the name of an archive on each line."""
ROOTS: Final = {"crawl-data/": "https://data.commoncrawl.org/"}
"""What relative paths in lists begin with -> where they lie."""
_MOST_OF_LIST: Final = 256 * 1024 * 1024
_WACZ: Final = (".wacz", ".zip")


def listed(names: Iterable[str]) -> list[str]:
    """Returns the archives that the user's names stand for, each once, in order; those of a folder sorted.

    Raises:
        UsageError: there is no such file, or no archive in a folder or a list.
        ArchiveError: a list cannot be downloaded.
    """
    found: dict[str, None] = {}
    for name in names:
        found.update(dict.fromkeys(_listed(name)))
    return list(found)


def _listed(name: str) -> list[str]:
    if name.lower().split("?")[0].endswith(LISTS):
        return _lines(name)
    if remote.is_remote(name):
        return [name]
    path = Path(name)
    if path.is_dir():
        inside = sorted(str(one) for one in path.rglob("*") if one.name.lower().endswith(ENDINGS) and one.is_file())
        if not inside:
            raise UsageError(f"--archive {name}: no file in this folder ends in {', '.join(ENDINGS)}")
        return inside
    if not path.exists():
        raise UsageError(f"--archive {name}: there is no such file or folder")
    return [name]


def _lines(name: str) -> list[str]:
    try:
        with opened(name) as file:
            data = file.read(_MOST_OF_LIST)
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        lines = [line.strip() for line in data.decode("utf-8").splitlines()]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UsageError(f"--archive {name}: the list cannot be read ({error})") from error
    found = [_resolved(line, name) for line in lines if line and not line.startswith("#")]
    if not found:
        raise UsageError(f"--archive {name}: the list names no archive; write one on each line")
    return found


def _resolved(line: str, of: str) -> str:
    """Returns a line of a list as a name: relative ones lie beside the list, those of Common Crawl on its server."""
    if remote.is_remote(line) or Path(line).is_absolute():
        return line
    beside = urljoin(of, line) if remote.is_remote(of) else str(Path(of).parent / line)
    root = next((root for start, root in ROOTS.items() if line.startswith(start)), None)
    if root is None or (not remote.is_remote(of) and Path(beside).exists()):
        return beside
    parts = urlsplit(of)
    is_mirror = parts.scheme in {"http", "https"} and f"/{next(iter(ROOTS))}" in parts.path
    if is_mirror:  # a list of another server of the same files
        return of[: of.index("/crawl-data/") + 1] + line
    return root + line


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """Opens an archive for reading, seekable; one on the network is downloaded first, or read in ranges.

    Raises:
        ArchiveError: it cannot be opened, with the reason.
    """
    if remote.is_remote(name):
        with remote.opened(name) as file:
            yield file
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise ArchiveError(f"{name}: {error.strerror or error}") from error
    with file:
        yield file


def parts_of(name: str, file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Yields the archives in a file with their names: itself, or those in a WACZ file.

    Raises:
        ArchiveError: a damaged WACZ file.
    """
    if not name.lower().split("?")[0].endswith(_WACZ):
        yield name, file
        return
    try:
        with zipfile.ZipFile(file) as packed:
            for inside in packed.namelist():
                if inside.lower().endswith(ENDINGS):
                    with packed.open(inside) as member:
                        yield f"{name}/{inside}", member
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ArchiveError(f"{name}: a damaged WACZ file ({error})") from error
