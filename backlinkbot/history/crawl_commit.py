"""The data types of an unfinished crawl: what one transaction adds to it, and what is read when it is resumed."""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.items import Backlink, Check, JudgedPage, State
from backlinkbot.items.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HASHES: Final = ("known", "twins", "failed", "hurried", "visited", "answered", "pairs")
"""The sets of 64-bit hashes that a crawl saves.

``known``, ``twins``, ``failed`` and ``hurried`` are those of :class:`~backlinkbot.frontier.known.KnownPages`; ``visited``
are pages whose visit is recorded, ``answered`` URLs of the user's list that have their answer, ``pairs`` a host and one that
it links to.
"""
_LEVEL: Final = 1
"""Of zlib; higher ones save a tenth of the bytes and take twice the time."""


@dataclass(slots=True, kw_only=True)
class CrawlCommit:
    """What one transaction adds to an unfinished crawl."""

    rows: dict[int, bytes] = field(default_factory=dict)
    """Pages that wait from now on: the number of each, and its record."""
    buckets: dict[int, int] = field(default_factory=dict)
    """In a crawl that several machines share, the bucket of each of these pages."""
    sent: set[int] = field(default_factory=set)
    """The numbers of those that another worker has to read."""
    done: set[int] = field(default_factory=set)
    """The numbers of pages that wait no longer."""
    hashes: dict[str, array[int]] = field(default_factory=dict)
    """Additions to the sets of :data:`HASHES`."""
    lessons: list[Any] = field(default_factory=list)
    """What visits have taught the crawl order; JSON values."""
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """What the crawl has counted: a kind, and what of."""
    listed: int = 0
    """The number of URLs in the user's lists; 0: not known yet."""

    def __bool__(self) -> bool:
        return bool(self.rows or self.done or self.hashes or self.lessons or self.counts or self.listed)

    def add(self, later: CrawlCommit) -> None:
        """Adds what came later; a page that came and went in between leaves nothing."""
        self.rows.update(later.rows)
        self.buckets.update(later.buckets)
        self.sent |= later.sent
        gone = self.rows.keys() & later.done
        for row in gone:
            del self.rows[row]
        self.done |= later.done - gone
        for name, numbers in later.hashes.items():
            self.hashes.setdefault(name, array("Q")).extend(numbers)
        self.lessons += later.lessons
        self.counts.update(later.counts)
        self.listed = later.listed or self.listed


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCrawl:
    """A crawl that is not finished, as one run knows it."""

    id: int
    run: int
    """This run's number."""
    runs: tuple[int, ...] = ()
    """The numbers of the earlier runs of the crawl; empty unless it is resumed."""
    begun_at: str = ""
    next_row: int = 1
    waiting: int = 0
    """Pages that wait."""
    done: int = 0
    """Pages that are done."""
    worker: int = 0
    """The number of this run's worker in a crawl that several machines share; 0: it is not shared."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The number of hashes in each set that was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPart:
    """One transaction's additions, as read when a crawl is resumed."""

    hashes: Mapping[str, array[int]]
    counts: Sequence[Any]
    """Lists: a kind, what of, and a number."""


def hash_of(text: str) -> int:
    """Returns a 64-bit hash that is the same in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def crawl_key(identity: Mapping[str, Any]) -> bytes:
    """Returns the digest by which two runs are known to be one crawl; of any JSON values."""
    return blake2b(json.dumps(identity, sort_keys=True).encode(), digest_size=16).digest()


# --- encoding ---------------------------------------------------------------------------------------------------------


def packed_hashes(numbers: array[int]) -> bytes:
    """Returns the numbers, eight bytes each, little-endian."""
    return _swapped(numbers).tobytes()


def unpacked_hashes(data: bytes | None) -> array[int]:
    """Reads what :func:`packed_hashes` wrote."""
    numbers = array("Q")
    numbers.frombytes(data or b"")
    return _swapped(numbers)


def _swapped(numbers: array[int]) -> array[int]:
    if sys.byteorder == "little":
        return numbers
    swapped = array("Q", numbers)
    swapped.byteswap()
    return swapped


def packed_json(value: Any) -> bytes:
    """Returns a JSON value, compressed."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"), _LEVEL)


def unpacked_json(data: bytes | None) -> Any:
    """Reads what :func:`packed_json` wrote; an empty list for nothing."""
    return json.loads(zlib.decompress(data)) if data else []


_ROW: Final = tuple(column.name for column in columns_of(Backlink))
_CHECK: Final = tuple(column.name for column in columns_of(Check))
_row_values: Final = attrgetter(*_ROW)
_check_values: Final = attrgetter(*_CHECK)


def packed_pages(pages: Iterable[JudgedPage]) -> bytes | None:
    """Returns the rows and checks of the pages that have any; None if none has."""
    written = [
        [
            *(page.url, page.requested_url, page.fetched_at),
            [_row_values(row) for row in page.backlinks],
            [_check_values(check) for check in page.checks],
        ]
        for page in pages
        if page.backlinks or page.checks
    ]
    return packed_json({"rows": _ROW, "checks": _CHECK, "pages": written}) if written else None


def unpacked_pages(data: bytes) -> Iterator[JudgedPage]:
    """Yields the pages with their rows and checks; columns that this version does not know are left out."""
    read = unpacked_json(data)
    for url, requested_url, fetched_at, rows, checks in read["pages"]:
        yield JudgedPage(
            url=url,
            requested_url=requested_url,
            fetched_at=fetched_at,
            backlinks=tuple(Backlink(**_columns(read["rows"], row, _ROW)) for row in rows),
            checks=tuple(_check(_columns(read["checks"], check, _CHECK)) for check in checks),
        )


def _columns(names: Sequence[str], values: Sequence[Any], known: Sequence[str]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in zip(names, values, strict=True)
        if name in known
    }


def _check(columns: dict[str, Any]) -> Check:
    return Check(**columns | {"state": State(columns["state"])})
