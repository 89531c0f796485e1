"""``verify``: each candidate once, nothing followed, an answer for every one."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from backlinkbot.errors import UsageError
from backlinkbot.importers import read_candidates
from backlinkbot.items import Failure, Page, State
from backlinkbot.prefilter import may_refresh
from backlinkbot.spiders.base import BacklinkSpider, Visit, first_urls

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
        self._visits: dict[str, Visit] = {}
        self._unfit: list[str] = []
        for path in settings.getlist("BACKLINKBOT_CANDIDATES"):
            for candidate in read_candidates(path):
                self._add(candidate.url)
        if not self._visits and not self._unfit:
            raise UsageError("verify needs candidates: name a file of URLs, --candidates FILE")

    def _add(self, text: str) -> None:
        places = first_urls(text)
        if places is None:
            self._unfit.append(text)
            return
        url, fallback = places
        known = self._visits.get(url)
        if known is None:
            self._visits[url] = Visit(
                requested_url=url, discovered_from="candidate", candidates=(text,), is_first=True, fallback=fallback
            )
        elif text not in known.candidates:
            self._visits[url] = replace(known, candidates=(*known.candidates, text))

    def first_requests(self) -> Iterator[Request | Page]:
        """The candidates; where a run is resumed (``JOBDIR``), those that it has not asked for yet."""
        state: dict[str, int] = getattr(self, "state", {})
        for first in islice(self._all_requests(), state.get("asked", 0), None):
            state["asked"] = state.get("asked", 0) + 1
            yield first

    def _all_requests(self) -> Iterator[Request | Page]:
        """One request per candidate; one that is no URL is answered at once."""
        for text in dict.fromkeys(self._unfit):
            failure = Failure(state=State.UNREACHABLE, reason="not an http(s) URL")
            yield self.page(
                text, Visit(requested_url=text, discovered_from="candidate", candidates=(text,)), failure=failure
            )
        for url, visit in self._visits.items():
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
