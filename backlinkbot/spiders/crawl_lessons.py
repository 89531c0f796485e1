"""Reports the results of visits to the best-first order of a crawl, and counts why pages with backlinks were chosen."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from itemadapter import ItemAdapter, is_item
from scrapy import signals
from scrapy.http import Response

from backlinkbot import urls
from backlinkbot.extensions.large_pages import LARGE
from backlinkbot.extract.link import MENTION
from backlinkbot.frontier import FEATURES, NAMED, REASON, Lessons, PageMarks, Reason, links_fingerprint
from backlinkbot.frontier.marks import MAX_TEXT
from backlinkbot.items import JudgedPage
from backlinkbot.option_table import CrawlOrder
from backlinkbot.spiders.named_candidates import EXPECTED_BY_SITE, named_by
from backlinkbot.spiders.page_priority import EXPECTED, chance_of, features_of_url

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler

    from backlinkbot.extract.page import PageContent
    from backlinkbot.frontier import CrawlSaver, NamedBy, PageFeatures
    from backlinkbot.items import ExtractedPage
    from backlinkbot.spiders.crawl_scope import CrawlScope
    from backlinkbot.spiders.planned_visit import PlannedVisit
    from backlinkbot.spiders.waiting_records import PageRecord
    from backlinkbot.urls import URL

LONGEST_ANCHOR: Final = 200
"""Characters of an anchor whose words are read."""
MAX_LATEST: Final = 1_000
"""Pages of the latest visits that are kept until it is known whether they link to a target."""


class CrawlLessons:
    """What the best-first order of a crawl learns; with another order, each method does nothing."""

    def __init__(self, crawler: Crawler, lessons: Lessons | None) -> None:
        self._crawler = crawler
        self._lessons = lessons
        self._latest: OrderedDict[str, tuple[PageFeatures, NamedBy | None]] = OrderedDict()

    @classmethod
    def of(cls, crawler: Crawler, scope: CrawlScope) -> Self:
        """Returns the lessons of a crawl, counting the pages with rows for as long as they are referred to."""
        if CrawlOrder(crawler.settings["BACKLINKBOT_ORDER"]) is not CrawlOrder.BEST_FIRST:
            return cls(crawler, None)
        lessons = Lessons.of(crawler)
        lessons.pages_left = scope.pages_left
        learner = cls(crawler, lessons)
        crawler.signals.connect(learner.note_referrer, signals.item_scraped)
        return learner

    def name(self, url: URL) -> None:
        """Notes that the user named a host."""
        if self._lessons is not None:
            self._lessons.experience.name(url.hostname)

    def anchor(self, content: PageContent, element: Any) -> str:
        """Returns the first words of a link, where the order of the crawl reads them."""
        return content.first_words_of(element, LONGEST_ANCHOR) if self._lessons is not None else ""

    # --- requests ---

    def describe_page(self, request: Request, record: PageRecord, url: URL | None, *, is_rarely_html: bool) -> None:
        """Notes in a request's meta what is known of its page by the link or the source that names it."""
        if self._lessons is None:
            return
        if url is not None and record.sooner < EXPECTED:
            chance = chance_of(record.sooner, is_rarely_html=is_rarely_html)
            request.meta[FEATURES] = features_of_url(url, record.anchor, record.found_on, chance, record.depth)
        elif record.sooner >= EXPECTED:
            request.meta[NAMED] = EXPECTED_BY_SITE

    def describe_candidate(self, request: Request, visit: PlannedVisit) -> None:
        """Notes in a request's meta who named the candidate."""
        if self._lessons is not None and visit.candidates:
            request.meta[NAMED] = named_by(visit)

    # --- visits ---

    def note_visit(self, url: URL | None, meta: dict[str, Any], content: PageContent | None = None) -> None:
        """Learns from a visit; ``content`` is None if the page did not answer."""
        if self._lessons is None or url is None:
            return
        outside = set(content.linked_hosts) if content is not None else set()
        outside.discard(url.hostname)
        page = _features_of_visited(url, meta)
        named: NamedBy | None = meta.get(NAMED)
        self._lessons.visited(page, outside, _marks_of(content) if content is not None else None, named)
        self._latest[url.href] = page, named
        if len(self._latest) > MAX_LATEST:
            self._latest.popitem(last=False)
        why = meta.get(REASON, Reason.EVIDENCE)
        self._crawler.stats.inc_value(f"backlinks/order/pages/{why}")

    def note_links(self, page: ExtractedPage) -> None:
        """Learns that a visited page links to a target."""
        if self._lessons is None or (url := page.parsed_url) is None:
            return
        self._lessons.hit(*(self._latest.pop(url.href, None) or (features_of_url(url), None)))

    def note_referrer(self, item: object, response: object) -> None:
        """Counts a page with backlinks, not mentions alone, by the reason of its visit; ``response`` is None if the visit failed."""
        if not (isinstance(response, Response) and isinstance(item, JudgedPage)):
            return
        if any(map(_is_link, item.backlinks)):
            why = response.meta.get(REASON, Reason.EVIDENCE)
            self._crawler.stats.inc_value(f"backlinks/order/referrers/{why}")

    # --- what is saved, and resumed ---

    def restore_pairs(self, pairs: Iterable[int]) -> None:
        """Restores which pairs of hosts are linked, as an earlier run or another worker saved them."""
        if self._lessons is not None:
            self._lessons.experience.restore_pairs(pairs)

    def resume(self, saver: CrawlSaver) -> None:
        """Restores what earlier runs have learnt, and saves what is learnt from here on."""
        if self._lessons is not None:
            self._lessons.experience.restore(saver.lessons())
            self._lessons.experience.save_to(saver)


def _marks_of(content: PageContent) -> PageMarks:
    """Returns the marks by which pages that repeat others are recognised."""
    url = content.url
    links = links_fingerprint(
        urls.without_fragment(url), f"{url.protocol}//{url.host}", (link.href for link in content.linked_urls)
    )
    return PageMarks(links, partial(_beginning_of, content))


def _beginning_of(content: PageContent) -> str:
    """Returns the text of a page; of a large one, its beginning."""
    body = next(content.document.html_elements("body"), None)
    if body is None:
        return ""
    return body.text if content.size < LARGE else content.first_words_of(body, MAX_TEXT)


def _features_of_visited(url: URL, meta: dict[str, Any]) -> PageFeatures:
    """Returns what was known of a page before its visit; without it, or after a redirect to another host, what its URL says."""
    page: PageFeatures | None = meta.get(FEATURES)
    return page if page is not None and page.host == url.hostname else features_of_url(url)


def _is_link(row: object) -> bool:
    """False for a mention; a row may be of any type that Scrapy takes, as a project's own pipelines see it before."""
    return not is_item(row) or ItemAdapter(row).get("link_type") != MENTION
