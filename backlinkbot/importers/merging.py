"""Merges the claims about a page into one candidate, on disk, in the order in which pages were first named.

Millions of rows do not fit into little memory, so they are distributed to files by a hash of their URL. All rows of a
page are in the same file, and each file is small.
"""

from __future__ import annotations

import heapq
import re
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from json import loads
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

from backlinkbot import urls
from backlinkbot.importers.candidatefiles import as_line, encoded
from backlinkbot.items import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

BUCKETS: Final = 128
IN_MEMORY: Final = 256 * 1024
"""Most bytes of a bucket that stay in memory."""
REPEATING: Final = frozenset({"access-log"})
"""Origins that repeat their claims: these become one claim per file and target, with first and last date."""
MAX_RECENT: Final = 50_000
"""Most repeated claims in memory, which are merged before they are written."""
NUMBER: Final = 16
"""Characters of the number before a line."""
_ROW: Final = re.compile(rb'"row":\d+,?')
MOST_TOGETHER: Final = 10_000
"""Most distinct lines of one key that are held at once; more are processed in several parts."""

Join: TypeAlias = "Callable[[list[tuple[bytes, bytes]]], Iterable[bytes]]"


def identity(candidate: Candidate) -> str:
    """Returns the key of equal candidates: the identity of the page, or the domain."""
    return _identity(candidate.url, is_domain=candidate.is_domain)


def _identity(text: str, *, is_domain: bool) -> str:
    has_scheme = text[:8].lower().startswith(("http://", "https://"))
    url = urls.parse(text if has_scheme else f"https://{text}")
    if url is None:
        return text
    return f"{urls.bare_host(url.hostname)}:{url.port}" if is_domain else urls.identity_key(url)


class Grouping:
    """Groups lines by key, in bounded memory."""

    def __init__(self) -> None:
        self._files = ExitStack()
        self._buckets = [self._new_file() for _ in range(BUCKETS)]
        self._count = 0
        self.number = 0
        """The lines that :meth:`lines` gives; known once it has given the first."""

    def close(self) -> None:
        """Deletes the temporary files."""
        self._files.close()

    def _new_file(self) -> IO[bytes]:
        return self._files.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))

    def add(self, what: str, line: bytes, *, rank: int = 0) -> None:
        """Adds a line, end included, under a key; lines of a greater ``rank``, up to 255, are yielded later."""
        key = hash(what) & 0xFFFF_FFFF_FFFF_FFFF
        number = (rank << 56) + self._count
        self._buckets[key % BUCKETS].write(b"%016x%016x" % (number, key) + line)
        self._count += 1

    def lines(self, join: Join) -> Iterator[bytes]:
        """Yields lines by rank, then in the order in which their keys were first added.

        Lines that differ only in the row of their file are one.

        Args:
            join: joins the numbered lines of one key (or of several with the same hash) into numbered lines.
        """
        sorted_files = []
        for at, bucket in enumerate(self._buckets):
            bucket.seek(0)
            file = self._new_file()
            joined = sorted(_joined(bucket, join))
            self.number += len(joined)
            file.writelines(joined)
            bucket.close()
            self._buckets[at] = file
            file.seek(0)
            sorted_files.append(file)
        for line in heapq.merge(*sorted_files):
            yield line[NUMBER:]


def _joined(bucket: Iterable[bytes], join: Join) -> Iterator[bytes]:
    """Yields the lines of a bucket, numbered; those of the same hash are joined."""
    together: dict[bytes, bytes | dict[bytes, bytes]] = {}
    for line in bucket:
        key = line[NUMBER : 2 * NUMBER]
        known = together.setdefault(key, line)
        if known is line:
            continue
        if isinstance(known, bytes):
            known = together[key] = {_without_row(known): known}
        known.setdefault(_without_row(line), line)
        if len(known) >= MOST_TOGETHER:
            yield from join(list(map(_split, known.values())))
            del together[key]
    for lines in together.values():
        if isinstance(lines, bytes):
            yield lines[:NUMBER] + lines[2 * NUMBER :]
        else:
            yield from join(list(map(_split, lines.values())))


def _without_row(line: bytes) -> bytes:
    """Removes the row number from a line; a similar text within a value has a backslash."""
    return _ROW.sub(b"", line[2 * NUMBER :], count=1)


def _split(line: bytes) -> tuple[bytes, bytes]:
    return line[:NUMBER], line[2 * NUMBER :]


class Merger:
    """Collects candidates; yields each page once, as a line of JSON with all claims about it."""

    def __init__(self) -> None:
        self._grouping = Grouping()
        self._recent: dict[tuple[str, str, str], Candidate] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._grouping.close()

    def add(self, candidate: Candidate) -> None:
        """Adds a candidate."""
        if candidate.claims and candidate.claims[0].origin in REPEATING:
            self._bring_together(candidate)
        else:
            self._write(candidate)

    def _bring_together(self, candidate: Candidate) -> None:
        claim = candidate.claims[0]
        key = (candidate.url, claim.file, claim.target_url)
        known = self._recent.get(key)
        if known is None:
            if len(self._recent) >= MAX_RECENT:
                self._flush()
            self._recent[key] = candidate
            return
        first = known.claims[0]
        seen = [at for at in (first.first_seen, first.last_seen, claim.first_seen, claim.last_seen) if at]
        if seen:
            widened = replace(first, first_seen=min(seen), last_seen=max(seen))
            self._recent[key] = replace(known, claims=(widened,))

    def _flush(self) -> None:
        for candidate in self._recent.values():
            self._write(candidate)
        self._recent.clear()

    def _write(self, candidate: Candidate) -> None:
        self._grouping.add(identity(candidate), as_line(candidate))

    def lines(self) -> Iterator[bytes]:
        """Yields each page once, as a line of JSON, in the order of their first mention."""
        self._flush()
        return self._grouping.lines(_merge)


def _merge(lines: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Joins lines of the same hash: of one page, except for hash collisions."""
    pages: dict[str, tuple[bytes, dict[str, Any]]] = {}
    for number, line in lines:
        row = loads(line)
        key = _identity(row["url"], is_domain=row["is_domain"])
        if key in pages:
            pages[key][1]["claims"] += row["claims"]
        else:
            pages[key] = number, row
    for number, row in pages.values():
        row["claims"] = _distinct(row["claims"])
        yield number + encoded(row)


def _distinct(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns each claim once; repeated claims become one, with the first and the last date."""
    kept: dict[object, dict[str, Any]] = {}
    for claim in claims:
        if claim["origin"] in REPEATING:
            known = kept.setdefault((claim["origin"], claim.get("file"), claim.get("target_url")), claim)
            seen = [row[name] for row in (known, claim) for name in ("first_seen", "last_seen") if name in row]
            if seen and known is not claim:
                known["first_seen"], known["last_seen"] = min(seen), max(seen)
        else:
            kept.setdefault(repr(claim), claim)
    return list(kept.values())
