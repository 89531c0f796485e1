"""Finds the archived pages of some domains that link to targets: asks the index for captures, and reads their records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from backlinkbot.archives.faults import MiningCounts
from backlinkbot.archives.rows import candidate_of
from backlinkbot.commoncrawl.captures import INDEX_SERVER, captures_of
from backlinkbot.commoncrawl.client import NotAskedError
from backlinkbot.commoncrawl.records import read_records
from backlinkbot.commoncrawl.referring_domains import ORIGIN
from backlinkbot.commoncrawl.releases import SERVER
from backlinkbot.files.resumed_download import DownloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlinkbot.archives.mining import Miner
    from backlinkbot.archives.rows import ArchivedBacklink
    from backlinkbot.commoncrawl.captures import Capture
    from backlinkbot.commoncrawl.client import ArchiveClient
    from backlinkbot.items import Candidate

LATEST_CRAWL: Final = "CC-MAIN-2026-30"
"""The latest crawl that is known here; https://index.commoncrawl.org/collinfo.json lists all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """A crawl of Common Crawl, and where it is asked for."""

    name: str = LATEST_CRAWL
    index_server: str = INDEX_SERVER
    data_server: str = SERVER


@dataclass(slots=True)
class ArchiveCounts:
    """What became of the domains whose archived pages were looked for."""

    domains: int = 0
    """Domains that were looked for."""
    without_captures: int = 0
    linking: int = 0
    """Domains with an archived page that links to a target."""
    not_asked: Counter[str] = field(default_factory=Counter)
    """Why the index was not asked of a domain, or has not answered -> number of domains."""
    captures: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    """Why records were not read -> number of captures."""
    rows: int = 0
    mined: MiningCounts = field(default_factory=MiningCounts)


class ArchivedLinks:
    """Looks through the archived pages of one domain after the other."""

    def __init__(
        self,
        client: ArchiveClient,
        crawl: Crawl,
        miner: Miner,
        ask: Callable[[str], list[Capture]] | None = None,
    ) -> None:
        """Takes what it works with.

        Args:
            client: sends the requests.
            crawl: which crawl.
            miner: looks for links to the targets.
            ask: returns the captures of a domain; by default the index server is asked.
        """
        self._client = client
        self._crawl = crawl
        self._miner = miner
        self._ask = ask or (lambda domain: captures_of(client, crawl.index_server, crawl.name, domain))
        self.counts = ArchiveCounts()

    def rows(self, domains: Iterable[str]) -> Iterator[ArchivedBacklink]:
        """Yields the links to targets on the archived pages of the domains."""
        for domain in domains:
            yield from self._rows_of(domain)

    def _rows_of(self, domain: str) -> list[ArchivedBacklink]:
        counts = self.counts
        counts.domains += 1
        try:
            captures = self._ask(domain)
        except NotAskedError as error:
            counts.not_asked[str(error)] += 1
            return []
        except DownloadError as error:
            counts.not_asked[_without_address(str(error))] += 1
            return []
        counts.captures += len(captures)
        if not captures:
            counts.without_captures += 1
            return []
        done = read_records(self._client, self._crawl.data_server, captures, self._miner, counts.mined)
        for reason, number in done.unread:
            counts.unread[_without_address(reason)] += number
        counts.linking += bool(done.rows)
        counts.rows += len(done.rows)
        return done.rows


def _without_address(said: str) -> str:
    """Returns an error without the URL before it, so that the same errors are counted together."""
    _, _, rest = said.partition(": ")
    return rest or said


def candidates_of(rows: Iterable[ArchivedBacklink]) -> Iterator[Candidate]:
    """Yields the pages of some rows as candidates, in their order; a page's rows must follow each other."""
    for _, together in groupby(rows, key=attrgetter("source_url")):
        candidate = candidate_of(together)
        if candidate is not None:
            yield replace(candidate, claims=tuple(replace(claim, origin=ORIGIN) for claim in candidate.claims))
