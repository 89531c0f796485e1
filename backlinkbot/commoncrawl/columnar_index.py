"""Finds captures in the columnar index of a crawl: Parquet files sorted by address, of which only the row groups of a domain are read.

https://commoncrawl.org/columnar-index. Each file says in its footer from which to which key each of its row groups goes, so that a
domain costs the footers of all files, once, and then one or two row groups. The key is the address with its host in reverse order,
``com,example)/path``.
"""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from backlinkbot.commoncrawl.captures import HTML, MOST_OF_DOMAIN, Capture, latest
from backlinkbot.commoncrawl.line_blocks import is_remote
from backlinkbot.errors import UsageError
from backlinkbot.files.resumed_download import DownloadError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.commoncrawl.client import ArchiveClient

COLUMNAR: Final = "columnar"
"""What stands for the columnar index of the crawl itself."""
_KEY: Final = "url_surtkey"
_FIELDS: Final = (
    "url",
    "fetch_time",
    "fetch_status",
    "content_mime_detected",
    "warc_filename",
    "warc_record_offset",
    "warc_record_length",
)
_AFTER_DOMAIN: Final = (",", ")", ":")
"""What stands behind a domain in a key: a label of a subdomain, the path, or a port."""
_PIECE: Final = 8 * 1024 * 1024
"""Most bytes of one request."""
_S3: Final = "s3://"
_BUCKET: Final = "s3://commoncrawl/"


@dataclass(frozen=True, slots=True)
class _RowGroup:
    file: str
    number: int
    first: str
    last: str


class ColumnarIndex:
    """The columnar index of one crawl."""

    def __init__(self, client: ArchiveClient, name: str, *, crawl: str, server: str) -> None:
        """Takes where the index is; nothing is read yet.

        Args:
            client: sends the requests, within its budget, and keeps the answers.
            name: ``columnar`` for the files that the crawl's own list names, or a Parquet file, a folder of them or such a list
                (``cc-index-table.paths.gz``), by its path, ``http(s)://`` or ``s3://``.
            crawl: the crawl.
            server: the address below which the crawl's files lie.

        Raises:
            UsageError: there is no such file, or pyarrow is missing.
        """
        try:
            from pyarrow import parquet  # noqa: PLC0415 - an optional package
        except ImportError as error:
            raise UsageError(f'--crawl-index {name} needs pyarrow: pip install "backlinkbot[parquet]"') from error
        self._parquet = parquet
        self._client = client
        self._server = server
        self._name = f"{server}/crawl-data/{crawl}/cc-index-table.paths.gz" if name == COLUMNAR else self._address(name)
        if not is_remote(self._name) and not Path(self._name).exists():
            raise UsageError(f"--crawl-index {name}: no such file or folder")
        self._files: list[str] | None = None
        self._groups: dict[str, list[_RowGroup]] = {}
        self._metadata: dict[str, Any] = {}

    def _address(self, name: str) -> str:
        """Returns the address of a file on S3; that of others as it is."""
        if name.startswith(_BUCKET):
            return f"{self._server}/{name.removeprefix(_BUCKET)}"
        if name.startswith(_S3):
            bucket, _, key = name.removeprefix(_S3).partition("/")
            return f"https://{bucket}.s3.amazonaws.com/{key}"
        return name

    def captures_of(self, domain: str) -> list[Capture]:
        """Returns the HTML pages of a domain and its subdomains that were captured with status 200.

        Raises:
            NotAskedError: a request was not sent.
            DownloadError: a part of the index cannot be read, so that captures may be missing.
        """
        key = ",".join(reversed(domain.encode("idna").decode().lower().removeprefix("www.").split(".")))
        found: list[Capture] = []
        for file in self._listed():
            for group in self._groups_of(file):
                if group.last >= key and group.first < f"{key};":  # the character behind the last that may follow
                    found += self._read(group, key)
        return list(latest(found))[:MOST_OF_DOMAIN]

    def _listed(self) -> list[str]:
        if self._files is None:
            self._files = list(self._list())
            if not self._files:
                raise DownloadError(f"{self._name}: no Parquet file of an index is in it")
        return self._files

    def _list(self) -> Iterator[str]:
        name = self._name
        if not is_remote(name) and Path(name).is_dir():
            yield from map(str, sorted(Path(name).rglob("*.parquet")))
            return
        if not name.endswith((".paths", ".paths.gz")):
            yield name
            return
        data = self._client.get(name) if is_remote(name) else Path(name).read_bytes()
        try:
            text = gzip.decompress(data) if name.endswith(".gz") else data
        except (OSError, EOFError, zlib.error) as error:
            raise DownloadError(f"{name}: {error}") from error
        for line in text.decode("utf-8", "replace").split():
            if "/subset=" not in line or "/subset=warc/" in line:  # the others hold robots.txt, and what was no page
                yield f"{self._server}/{line.lstrip('/')}"

    def _open(self, file: str) -> IO[bytes]:
        if is_remote(file):
            return cast("IO[bytes]", io.BufferedReader(_RemoteFile(self._client, file), 64 * 1024))
        return Path(file).open("rb")

    def _groups_of(self, file: str) -> list[_RowGroup]:
        """Returns the row groups of a file, by its footer, which is read once."""
        if file not in self._groups:
            with _named(file), self._open(file) as opened:
                metadata = self._parquet.ParquetFile(opened).metadata
                self._metadata[file] = metadata
                self._groups[file] = [_group_of(metadata, number, file) for number in range(metadata.num_row_groups)]
        return self._groups[file]

    def _read(self, group: _RowGroup, key: str) -> Iterator[Capture]:
        with _named(group.file), self._open(group.file) as opened:
            table = self._parquet.ParquetFile(opened, metadata=self._metadata[group.file])
            keys = table.read_row_group(group.number, columns=[_KEY]).column(_KEY).to_pylist()
            wanted = [
                number
                for number, one in enumerate(keys)
                if one is not None and one.startswith(key) and one[len(key) : len(key) + 1] in _AFTER_DOMAIN
            ]
            if wanted:
                rows = table.read_row_group(group.number, columns=list(_FIELDS)).take(wanted).to_pylist()
                return iter([one for row in rows if (one := _capture_of(row)) is not None])
        return iter(())


def _group_of(metadata: Any, number: int, file: str) -> _RowGroup:
    """Returns a row group with its bounds; without statistics it may hold every key."""
    group = metadata.row_group(number)
    for place in range(group.num_columns):
        column = group.column(place)
        if column.path_in_schema == _KEY:
            known = column.statistics
            if known is not None and known.has_min_max:
                return _RowGroup(file, number, str(known.min), str(known.max))
            return _RowGroup(file, number, "", "\U0010ffff")
    raise DownloadError(f"{file}: no columnar index of a crawl: it has no column {_KEY}")


def _capture_of(row: dict[str, Any]) -> Capture | None:
    if (
        row["fetch_status"] != 200
        or row["content_mime_detected"] not in HTML
        or ".." in row["warc_filename"].split("/")
    ):
        return None
    return Capture(
        url=row["url"],
        timestamp=row["fetch_time"].strftime("%Y%m%d%H%M%S") if row["fetch_time"] is not None else "",
        filename=row["warc_filename"].lstrip("/"),
        offset=row["warc_record_offset"],
        length=row["warc_record_length"],
    )


@contextmanager
def _named(file: str) -> Iterator[None]:
    """Raises DownloadError, with the file's name, for what pyarrow says of a file that it cannot read."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DownloadError(f"{file}: {str(error).strip() or type(error).__name__}") from error


class _RemoteFile(io.RawIOBase):
    """A file on a server, of which parts are asked for as they are read."""

    def __init__(self, client: ArchiveClient, url: str) -> None:
        self._client = client
        self._url = url
        self._size = client.size(url)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._size - self._at, _PIECE)
        if size <= 0:
            return 0
        data = self._client.get(self._url, (self._at, size))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
