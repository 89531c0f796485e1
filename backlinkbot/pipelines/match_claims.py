"""Compares the claims about a page with what its visit found."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from backlinkbot.history import claim_check

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.items import Page
    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.targets import Targets


class JoinClaims:
    """Holds what was claimed of the candidates against what their visit showed."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._includes_own = crawler.settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, page: Page) -> Page:
        """The page with its claims judged, and each row and check with who claims it and what differs."""
        if not (page.claims or page.recalled):
            return page
        joined = claim_check.join(page, self._targets, includes_own=self._includes_own)
        for judged in joined.judged:
            self._crawler.stats.inc_value(f"backlinks/claims/{judged.verdict}")
        return joined

    @property
    def _targets(self) -> Targets:
        return cast("BacklinkSpider", self._crawler.spider).targets
