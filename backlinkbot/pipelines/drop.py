"""The last pipeline: drops duplicate rows and pages without results."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from scrapy.exceptions import DropItem

from backlinkbot import urls
from backlinkbot.extract.link import MENTION
from backlinkbot.items import JudgedPage
from backlinkbot.items.columns import with_values
from backlinkbot.pipelines.contracts import Contract

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from backlinkbot.items import JudgedPage


class DropDuplicates:
    """A page that two ways lead to gives its rows once; a page with nothing to say goes no further."""

    contract: ClassVar = Contract(
        takes=JudgedPage,
        returns=JudgedPage,
        needs=frozenset({"backlinks", "checks"}),
    )

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._exported: set[str] = set()
        self._domains: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    def process_item(self, page: JudgedPage) -> JudgedPage:
        """The page, without rows if they were seen before.

        Raises:
            DropItem: neither rows nor checks are left.
        """
        if page.backlinks:
            for source in dict.fromkeys(row.source_url for row in page.backlinks):
                page = self._once(page, source)
        if not page.backlinks and not page.checks:
            raise DropItem("no backlinks")
        return page

    def _once(self, page: JudgedPage, source: str) -> JudgedPage:
        url = page.parsed_url if source == page.url else urls.parse(source)
        key = urls.identity_key(url) if url is not None else source
        if key in self._exported:
            self._stats.inc_value("backlinks/pipelines/duplicate_page")
            return with_values(page, backlinks=tuple(row for row in page.backlinks if row.source_url != source))
        self._exported.add(key)
        rows = [row for row in page.backlinks if row.source_url == source]
        if any(row.link_type != MENTION for row in rows):
            self._domains.add(rows[0].source_domain)
            self._stats.inc_value("backlinks/referring_pages")
            self._stats.set_value("backlinks/referring_domains", len(self._domains))
        self._stats.inc_value("backlinks/rows", len(rows))
        for row in rows:
            if row.follow is None:
                self._stats.inc_value(f"backlinks/link_types/{row.link_type}")
            elif row.follow:
                self._stats.inc_value("backlinks/votes/follow")
            else:
                self._stats.inc_value("backlinks/votes/nofollow")
        return page
