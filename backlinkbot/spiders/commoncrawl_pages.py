"""Turns what Common Crawl knows into pages of a crawl: requests to visit them, or rows of their archived copies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.commoncrawl.releases import SERVER
from backlinkbot.items import FetchedPage
from backlinkbot.sources.commoncrawl import NAME
from backlinkbot.spiders.candidates import visit_of
from backlinkbot.spiders.page_priority import EXPECTED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from scrapy import Request
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

    from backlinkbot.archives.rows import ArchivedBacklink
    from backlinkbot.items import Candidate
    from backlinkbot.sources import SourceChoice
    from backlinkbot.spiders.commoncrawl_evidence import CommonCrawlEvidence
    from backlinkbot.spiders.crawl_state import CrawlState
    from backlinkbot.spiders.page_requests import PageRequests
    from backlinkbot.targets import Targets


def evidence_of(settings: BaseSettings, targets: Targets, choice: SourceChoice) -> CommonCrawlEvidence | None:
    """Returns what a run reads of Common Crawl; None if it is not asked.

    Raises:
        UsageError: there is no such graph.
    """
    if not any(source.name == NAME for source in choice.sources):
        return None
    from backlinkbot.spiders.commoncrawl_evidence import CommonCrawlEvidence  # noqa: PLC0415 - few runs ask it

    return CommonCrawlEvidence.of(settings, targets, choice.graphs)


def note_evidence(stats: StatsCollector, evidence: CommonCrawlEvidence) -> None:
    """Counts in the stats what was asked of Common Crawl."""
    stats.inc_value(f"backlinks/sources/{NAME}/asked", evidence.budget.requests + evidence.budget.cached)
    stats.inc_value(f"backlinks/sources/{NAME}/from_cache", evidence.budget.cached)
    if evidence.answers:  # the run is no failure then, though it may have no page to visit
        stats.inc_value(f"backlinks/sources/{NAME}/read", evidence.answers)
    stats.set_value("backlinks/commoncrawl/domains", evidence.domains)
    stats.set_value("backlinks/commoncrawl/bytes", evidence.budget.bytes)
    if evidence.counts is not None:
        stats.set_value("backlinks/commoncrawl/captures", evidence.counts.captures)
        stats.set_value("backlinks/commoncrawl/domains_not_asked", evidence.counts.not_asked.total())
        stats.set_value("backlinks/commoncrawl/captures_not_read", evidence.counts.unread.total())


async def archived_pages(evidence: CommonCrawlEvidence, stats: StatsCollector) -> AsyncIterator[FetchedPage]:
    """Yields the pages that were captured with a link; they are read in a thread, and nothing is visited."""
    pages = evidence.archived_pages()
    while (rows := await asyncio.to_thread(next, pages, None)) is not None:
        yield _archived_page(rows)
    note_evidence(stats, evidence)


async def pages_to_visit(
    evidence: CommonCrawlEvidence, stats: StatsCollector, state: CrawlState, requests: PageRequests
) -> AsyncIterator[Request | FetchedPage]:
    """Yields requests for the pages and the domains that link; they are read in a thread meanwhile."""
    candidates = evidence.candidates()
    while (candidate := await asyncio.to_thread(next, candidates, None)) is not None:
        stats.inc_value(f"backlinks/sources/{NAME}/named")
        for one in _add(candidate, state, requests):
            yield one
    note_evidence(stats, evidence)


def _add(candidate: Candidate, state: CrawlState, requests: PageRequests) -> Iterator[Request | FetchedPage]:
    url = urls.parse(candidate.url)
    if candidate.is_domain:
        yield from requests.add_candidate(visit_of([candidate]))
    elif url is not None:
        found_on = f"{SERVER}/{candidate.claims[0].file}"
        follows = state.scope.is_home(url)
        yield from requests.add(url, found_on, follows=follows, sooner=EXPECTED, claims=candidate.claims)


def _archived_page(rows: Sequence[ArchivedBacklink]) -> FetchedPage:
    """Returns a page as an archive holds it: its rows are known, and nothing was fetched."""
    first = rows[0]
    return FetchedPage(
        url=first.source_url,
        requested_url=first.source_url,
        fetched_at=first.archived_at,
        discovered_from=f"{SERVER}/{first.archive}",
        is_unchanged=True,
        known_rows=tuple(replace(row, discovered_from=f"{SERVER}/{row.archive}") for row in rows),
    )
