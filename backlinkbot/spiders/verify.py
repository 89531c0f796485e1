"""``verify``: each candidate once, nothing followed, an answer for every one."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from backlinkbot.errors import UsageError
from backlinkbot.items import Failure, Page, State
from backlinkbot.prefilter import may_refresh
from backlinkbot.spiders.base import BacklinkSpider
from backlinkbot.spiders.candidates import CandidateVisits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.http import Response
    from scrapy.settings import BaseSettings


class VerifySpider(BacklinkSpider):
    """Does each of these pages link to a target today?"""

    name = "verify"

    def configure(self, settings: BaseSettings) -> None:
        """Read the candidates: all spellings of one URL are one visit."""
        self._visits = CandidateVisits.read(settings.getlist("BACKLINKBOT_CANDIDATES"))
        self._visits.pair()
        if not self._visits.by_url and not self._visits.unfit:
            raise UsageError("verify needs candidates: name a file of URLs, --candidates FILE")

    def first_requests(self) -> Iterator[Request | Page]:
        """The candidates; where a run is resumed (``JOBDIR``), those that it has not asked for yet."""
        self._visits.note(self.crawler.stats)
        state: dict[str, int] = getattr(self, "state", {})
        for first in islice(self._all_requests(), state.get("asked", 0), None):
            state["asked"] = state.get("asked", 0) + 1
            yield first

    def _all_requests(self) -> Iterator[Request | Page]:
        """One request per candidate; one that is no URL is answered at once."""
        for text, visit in self._visits.unfit.items():
            yield self.page(text, visit, failure=Failure(state=State.UNREACHABLE, reason="not an http(s) URL"))
        for url, visit in self._visits.by_url.items():
            yield self.request(url, visit)

    def parse(self, response: Response, **_: Any) -> Iterator[Page | Request]:
        """The candidate's page; where it holds no link and sends its readers on at once, the page that they see."""
        page = self.page_of(response)
        if page.body and may_refresh(page.body):
            content = self.content_of(page)
            page = replace(page, content=content)
            if not any(self.targets.match(url) for url in content.linked_urls):
                onward = self.refreshed(response, content)
                if onward is not None:
                    yield onward
                    return
        yield page
