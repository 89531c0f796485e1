"""What Common Crawl knows of links to the targets, gathered in a thread beside the crawl: pages, and their domains."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import groupby
from math import inf
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from backlinkbot.archives.mining import Miner, MiningOptions
from backlinkbot.commoncrawl.archived_links import ArchivedLinks, Crawl, candidates_of
from backlinkbot.commoncrawl.client import INDEX_PACE, ArchiveClient, Budget
from backlinkbot.commoncrawl.columnar_index import ColumnarIndex
from backlinkbot.commoncrawl.referring_domains import candidates_of as domains_of
from backlinkbot.commoncrawl.referring_domains import referring_domains, unlinked_targets
from backlinkbot.commoncrawl.releases import LATEST, find_graph
from backlinkbot.errors import BacklinkbotError
from backlinkbot.options import cache_folder
from backlinkbot.sources import addresses_in
from backlinkbot.sources.commoncrawl import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

    from scrapy.settings import BaseSettings

    from backlinkbot.archives.rows import ArchivedBacklink
    from backlinkbot.commoncrawl.archived_links import ArchiveCounts
    from backlinkbot.commoncrawl.captures import Capture
    from backlinkbot.commoncrawl.graph import GraphLinks
    from backlinkbot.commoncrawl.releases import GraphFiles
    from backlinkbot.items import Candidate
    from backlinkbot.targets import Targets

_T = TypeVar("_T")

logger = logging.getLogger(__name__)

WITHOUT_HIT: Final = 0.5
"""What is left of the confidence in a domain none of whose archived pages has a link."""


class _StoppedError(BacklinkbotError):
    """The crawl has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceOptions:
    """What is read of Common Crawl in a run."""

    graphs: tuple[GraphFiles, ...]
    crawl: Crawl
    index: str
    """The columnar index; empty to ask the index server."""
    most_requests: int
    most_bytes: int
    cache: Path | None
    graph_index: Path | None = None
    """The folder of local indexes of graphs; None for none."""
    most_pages: int = 0
    """Pages that the run may visit; 0 for no limit."""
    most_domains: float = inf
    """Domains whose archived pages can be read in the time of the run, at most."""


class _PagesInTurn:
    """Lets a page of each domain go first where a run has fewer visits than the archive may name pages.

    A visit is kept for each domain whose archived pages are not read yet; what is left goes to further pages.
    """

    def __init__(self, most: int) -> None:
        self._left = most or inf  # visits
        self._further: list[tuple[int, int, Candidate]] = []
        """A heap of the pages: each after its number on its domain, and a count that makes the entries comparable."""
        self._count = 0

    def add(self, pages: Iterable[Candidate], domains_left: float) -> Iterator[Candidate]:
        """Yields what is to be visited once the pages of a domain are known."""
        for number, page in enumerate(pages):
            self._count += 1
            heappush(self._further, (number, self._count, page))
        while self._further and (self._further[0][0] == 0 or self._left > domains_left):
            self._left -= 1
            yield heappop(self._further)[2]

    def rest(self) -> Iterator[Candidate]:
        """Yields what is left."""
        while self._further:
            yield heappop(self._further)[2]


class CommonCrawlEvidence:
    """Reads the graphs, then the archived pages of the domains that link; stops when it is told to."""

    def __init__(self, options: EvidenceOptions, targets: Targets, miner: MiningOptions) -> None:
        self._options = options
        self._targets = targets
        self._mining = miner
        self._is_stopped = threading.Event()
        self.budget = Budget(options.most_requests, options.most_bytes)
        self.counts: ArchiveCounts | None = None
        """What became of the domains; None until their archived pages are looked for."""
        self.domains = 0
        """The domains of the graph that link to a target, without platforms."""
        self.faults: list[str] = []
        """What could not be read, in words."""
        self._whole_graphs = 0
        self._unlinked: list[str] = []  # what is said of targets to which no domain links

    @property
    def answers(self) -> int:
        """Answers to the question who links: of graphs that name no domain, else of the index for each domain."""
        if not self.domains:
            return self._whole_graphs
        return self.counts.domains - self.counts.not_asked.total() if self.counts is not None else 0

    @classmethod
    def of(cls, settings: BaseSettings, targets: Targets, releases: tuple[str, ...]) -> Self:
        """Returns what the settings ask for.

        Raises:
            UsageError: there is no such graph.
        """
        address = addresses_in(settings.getlist("BACKLINKBOT_SOURCE_ADDRESSES")).get(NAME, "")
        name = settings["BACKLINKBOT_CRAWL"]
        options = EvidenceOptions(
            graphs=tuple(map(find_graph, [*settings.getlist("BACKLINKBOT_GRAPHS"), *releases] or [LATEST])),
            crawl=Crawl(name=name, index_server=address, data_server=address) if address else Crawl(name=name),
            index=settings["BACKLINKBOT_CRAWL_INDEX"],
            most_requests=settings.getint("BACKLINKBOT_ARCHIVE_REQUESTS"),
            most_bytes=settings.getint("BACKLINKBOT_ARCHIVE_MEGABYTES") * 1_000_000,
            cache=cache_folder(settings),
            graph_index=Path(folder) if (folder := settings["BACKLINKBOT_GRAPH_INDEX"]) else None,
            most_pages=settings.getint("BACKLINKBOT_MAX_PAGES"),
            most_domains=settings.getfloat("CLOSESPIDER_TIMEOUT") / max(INDEX_PACE, 1e-3) or inf,
        )
        mining = MiningOptions(
            targets=tuple(target.name for target in targets),
            aliases=tuple((target.name, tuple(map(str, target.places[1:]))) for target in targets),
            agent=settings["BACKLINKBOT_AGENT"],
            cache_dir=str(options.cache or ""),
        )
        return cls(options, targets, mining)

    def stop(self) -> None:
        """Ends the gathering at the next block or request."""
        self._is_stopped.set()

    def candidates(self) -> Iterator[Candidate]:
        """Yields pages that were captured with a link, then the linking domains; in a thread of its own.

        Raises nothing: what cannot be read is a fault.
        """
        yield from self._until_stopped(self._candidates())

    def archived_pages(self) -> Iterator[list[ArchivedBacklink]]:
        """Yields the links of each page that was captured with one; in a thread of its own.

        Raises nothing: what cannot be read is a fault.
        """
        yield from self._until_stopped(self._archived_pages())

    def _until_stopped(self, found: Iterator[_T]) -> Iterator[_T]:
        try:
            yield from found
        except _StoppedError:
            return
        except BacklinkbotError as error:
            self.faults.append(str(error))

    def _archived_pages(self) -> Iterator[list[ArchivedBacklink]]:
        domains = self._linking_domains()
        links = self._archived_links()
        for domain in domains:
            self._check()
            for _, together in groupby(links.rows([domain.url]), key=attrgetter("source_url")):
                yield list(together)

    def _linking_domains(self) -> list[Candidate]:
        options = self._options
        graphs = [self._read_graph(files) for files in options.graphs]
        for graph in graphs:
            self.faults += graph.faults
            self._whole_graphs += not graph.faults
        periods = {graph.release: graph.period for graph in graphs}
        rows = list(referring_domains(graphs, self._targets))
        domains = list(domains_of(rows, periods, self._targets))
        self.domains = len(domains)
        self._unlinked = list(unlinked_targets(rows, graphs, self._targets))
        return domains

    def _read_graph(self, files: GraphFiles) -> GraphLinks:
        # NumPy, which crawls without Common Crawl need not wait for.
        from backlinkbot.commoncrawl.graph_index import has_index, read_graph_or_index  # noqa: PLC0415
        from backlinkbot.commoncrawl.graph_index_builder import estimated_size  # noqa: PLC0415

        index = self._options.graph_index
        if index is not None and not has_index(files, index):
            logger.info("%s: an index of it is made in %s: %s", files.name, index, estimated_size(files))
        return read_graph_or_index(files, self._targets, self._check, index, self._options.cache)

    def _archived_links(self) -> ArchivedLinks:
        options = self._options
        cache = options.cache / NAME / options.crawl.name if options.cache is not None else None
        client = ArchiveClient(self.budget, cache, paces={options.crawl.index_server: INDEX_PACE})
        links = ArchivedLinks(client, options.crawl, Miner(self._mining), ask=self._ask(client))
        self.counts = links.counts
        return links

    def _candidates(self) -> Iterator[Candidate]:
        options = self._options
        domains = self._linking_domains()
        if not options.most_requests or not domains:
            yield from domains
            return
        links = self._archived_links()
        behind: tuple[list[Candidate], ...] = ([], [], [])
        in_turn = _PagesInTurn(options.most_pages)
        for number, domain in enumerate(domains, 1):
            self._check()
            before = links.counts.captures
            pages = list(candidates_of(links.rows([domain.url])))
            yield from in_turn.add(pages, min(len(domains), options.most_domains) - number)
            behind[2 if pages else 1 if links.counts.captures > before else 0].append(domain)
        yield from in_turn.rest()
        # Pages come first, before a bound is reached; domains whose pages are known come last, for these may have lost the link.
        unknown, without_hit, with_pages = behind
        yield from (*unknown, *map(_doubted, without_hit), *with_pages)

    def _ask(self, client: ArchiveClient) -> Callable[[str], list[Capture]] | None:
        """Returns what gives the captures of a domain; None for the index server."""
        options = self._options
        if not options.index:
            return None
        crawl = options.crawl
        return ColumnarIndex(client, options.index, crawl=crawl.name, server=crawl.data_server).captures_of

    def _check(self, *_: object) -> None:
        if self._is_stopped.is_set():
            raise _StoppedError("the crawl has ended")

    def told_at_end(self) -> Iterator[str]:
        """Yields what was read, and what could not be asked, one line each."""
        yield f"{NAME}: {self.domains:,} domains link to the targets by the graph"
        yield from (f"{NAME}: {line}" for line in self._unlinked)
        counts, budget = self.counts, self.budget
        if counts is not None:
            yield (
                f"{NAME}: archived pages of {counts.domains:,} domains looked for: {counts.captures:,} captures, "
                f"{counts.rows:,} links on pages of {counts.linking:,} domains, {counts.without_captures:,} domains without "
                f"captures; {budget.requests:,} requests, {budget.bytes / 1e6:,.1f} MB, {budget.cached:,} answers from the cache"
            )
            for reason, number in counts.not_asked.most_common():
                yield f"{NAME}: the captures of {number:,} domains are not known: {reason}"
            for reason, number in counts.unread.most_common():
                yield f"{NAME}: {number:,} archived pages were not read: {reason}"
        yield from (f"{NAME}: {fault}" for fault in self.faults)


def _doubted(domain: Candidate) -> Candidate:
    claims = (replace(claim, confidence=claim.confidence * WITHOUT_HIT) for claim in domain.claims)
    return replace(domain, claims=tuple(claims))
