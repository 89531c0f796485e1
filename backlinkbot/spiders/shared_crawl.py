"""Makes the requests of a worker in a crawl that several machines share, from the pages in its buckets.

The worker that begins the crawl saves every page of the user's lists in the bucket of its domain; from then on all workers are
alike. A visit that is redirected to another worker's domain moves there, with its redirects.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from scrapy import Request

from backlinkbot.download.redirects import HOPS
from backlinkbot.history.buckets import bucket_of_url
from backlinkbot.middlewares.budget import SPENT
from backlinkbot.spiders.base import ADMITTED, MOVED
from backlinkbot.spiders.planned_visit import PlannedVisit, visit_of
from backlinkbot.spiders.waiting_records import QueryRecord, VisitRecord, read_record, url_of, written_record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from backlinkbot.frontier.sharing import CrawlShare
    from backlinkbot.history.crawl_commit import SavedPart
    from backlinkbot.items import FetchedPage
    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.spiders.waiting_records import Record


async def start_shared(spider: BacklinkSpider, share: CrawlShare) -> AsyncIterator[Request | FetchedPage]:
    """Yields what this worker has to visit, until the crawl is closed or its leases have expired."""
    await asyncio.to_thread(spider.begin_share)
    share.begin()
    listing: asyncio.Task[None] | None = None
    later: list[SavedPart] = []
    async for turn in share.turns():
        later += turn.parts
        if share.is_gathering or listing is None or listing.done():  # else the thread reads what they change
            for part in later:
                spider.take_part(part)
            later.clear()
            if turn.is_listed:
                share.is_listed = True
            elif listing is None or listing.done():
                listing = asyncio.create_task(_list_pages(spider, share))
        for row, data in turn.rows:
            for one in spider.take_waiting(read_record(row, data)):
                yield one
    if listing is not None:
        listing.cancel()
    reason = "leases_lost" if share.is_lost else share.closing.reason if share.closing is not None else ""
    if reason and reason != "finished":
        share.ending = asyncio.ensure_future(spider.crawler.engine.close_spider_async(reason=reason))


async def _list_pages(spider: BacklinkSpider, share: CrawlShare) -> None:
    """Lets the pages of the user's lists wait in their buckets, unless another worker does."""
    counts: list[list[object]] = []
    share.is_gathering = await share.list_pages(_listed(spider, share, counts), counts)
    if share.is_gathering:
        try:
            await spider.gather()
        finally:
            share.is_gathering = False


def send(spider: BacklinkSpider, first: Request | FetchedPage) -> None:
    """Lets a page that a source beside the crawl names wait for whatever worker has its bucket."""
    record = _record_of(first)
    spider.saver.send(spider.saver.new_row(), written_record(record), bucket_of_url(url_of(record)))


def _listed(spider: BacklinkSpider, share: CrawlShare, counts: list[list[object]]) -> Iterator[tuple[int, int, bytes]]:
    """Yields the number, the bucket and the record of each page of the lists, and of those that an earlier run left."""
    for row, data in share.worker.unlisted():
        yield share.new_row(), bucket_of_url(url_of(read_record(row, data))), data
    for first in spider.listed():
        record = _record_of(first)
        if isinstance(record, VisitRecord) and record.visit.is_seed:
            counts.append(["home", record.visit.requested_url, 1])
        yield share.new_row(), bucket_of_url(url_of(record)), written_record(record)


def _record_of(first: Request | FetchedPage) -> Record:
    if not isinstance(first, Request):  # what is no URL is answered by the worker that has its bucket
        visit = PlannedVisit(
            requested_url=first.requested_url,
            discovered_from=first.discovered_from,
            candidates=first.candidates,
            claims=first.claims,
            is_first=True,
        )
        return VisitRecord(visit=visit)
    visit = visit_of(first)
    if visit.query is not None:
        return QueryRecord(url=first.url, query=visit.query)
    return VisitRecord(visit=visit, priority=first.priority)


def request_again(spider: BacklinkSpider, record: VisitRecord) -> Request:
    """Returns the request for a waiting visit; one that was redirected goes on where it was."""
    request = spider.request(url_of(record), record.visit, priority=record.priority)
    if record.url:
        known: dict[str, Any] = {HOPS: record.redirects, ADMITTED: record.admitted, MOVED: record.closed_by}
        request.meta.update(known)
        if record.is_spent:
            request.meta[SPENT] = True
    return request


def move(spider: BacklinkSpider, request: Request, closed_by: tuple[str, ...]) -> None:
    """Lets a redirected visit wait in the bucket of the domain that it was redirected to."""
    visit = visit_of(request)
    record = VisitRecord(
        visit=visit,
        priority=request.priority,
        url=request.url,
        redirects=request.meta.get(HOPS, ()),
        admitted=tuple(request.meta.get(ADMITTED, ())),
        closed_by=tuple(request.meta.get(MOVED, closed_by)),
        is_spent=SPENT in request.meta,
    )
    saver = spider.saver
    saver.send(saver.new_row(), written_record(record), bucket_of_url(request.url))
    saver.drop(visit.row)
