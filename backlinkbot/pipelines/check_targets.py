"""Requests the addresses that a run's links lead to, each once, to determine the target status."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import TYPE_CHECKING, ClassVar, Final

from scrapy.exceptions import NotConfigured

from backlinkbot import urls
from backlinkbot.download.failures import TOO_LARGE
from backlinkbot.download.redirect_chain import ENDING, Chain, Chains
from backlinkbot.items import ExtractedPage, State, TargetAnswer
from backlinkbot.items.columns import with_values
from backlinkbot.page_status.target_status import Standing, TargetState, read_standing, state_of
from backlinkbot.pipelines.contracts import Contract

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.urls import URL

MOST_IN_A_RUN: Final = 50_000
"""Addresses that are asked."""
_FAILED: Final = {State.BLOCKED_BY_ROBOTS: TargetState.BLOCKED_BY_ROBOTS}


NOT_ASKED: Final = TargetAnswer()


class CheckTargets:
    """Pipeline: a page's links wait until the addresses that they lead to have answered."""

    contract: ClassVar = Contract(
        takes=ExtractedPage,
        returns=ExtractedPage,
        needs=frozenset({"matches", "rows"}),
        gives=frozenset({"target_answers"}),
    )

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._chains = Chains(crawler)
        self._known: dict[str, asyncio.Task[TargetAnswer]] = {}
        self._nonsense: dict[str, asyncio.Task[Standing | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured where nobody wants to know."""
        if not crawler.settings.getbool("BACKLINKBOT_CHECK_TARGETS"):
            raise NotConfigured
        return cls(crawler)

    async def process_item(self, page: ExtractedPage) -> ExtractedPage:
        """The page with what the addresses answered that its links lead to."""
        if not (page.matches or page.rows):
            return page
        led_to = dict.fromkeys([*(row.target_url for row in page.rows), *(match.link.url for match, _ in page.matches)])
        known = [(text, url) for text in led_to if (url := urls.parse(text)) is not None and urls.is_web(url)]
        found = await asyncio.gather(*(self._answer(url) for _, url in known))
        answers = {text: answer for (text, _), answer in zip(known, found, strict=True)}
        return with_values(page, target_answers=answers)

    async def _answer(self, url: URL) -> TargetAnswer:
        """What an address answers; each is asked once, however many rows wait for it."""
        key = urls.as_requested(url)
        task = self._known.get(key)
        if task is None:
            if len(self._known) >= MOST_IN_A_RUN:
                self._crawler.stats.inc_value("backlinks/checking/run_bound")
                return NOT_ASKED
            task = self._known[key] = asyncio.ensure_future(self._ask(key, url))
        return await asyncio.shield(task)

    async def _ask(self, key: str, url: URL) -> TargetAnswer:
        chain = await self._chains.follow(key)
        failure = chain.failure
        if failure is not None and failure.reason == ENDING:
            self._crawler.stats.inc_value("backlinks/checking/not_asked")
            return NOT_ASKED
        if failure is None:
            state = await self._state(url, chain)
        else:
            is_there = failure == TOO_LARGE
            state = TargetState.OK if is_there else _FAILED.get(failure.state, TargetState.UNREACHABLE)
        self._crawler.stats.inc_value(f"backlinks/checking/{state}")
        return TargetAnswer(status=chain.status, final_url=chain.url, state=state.value)

    async def _state(self, url: URL, chain: Chain) -> TargetState:
        if chain.wall is not None:
            return TargetState(chain.wall.state)
        end = _standing(chain)
        state = state_of(url, end)
        if state is not TargetState.OK or not end.words or url.pathname == "/":
            return state
        return state_of(url, end, await self._of_nonsense(url))

    async def _of_nonsense(self, url: URL) -> Standing | None:
        """What the address's host answers for a page that nobody can have made; asked once."""
        origin = f"{url.protocol}//{url.host}"
        task = self._nonsense.get(origin)
        if task is None:
            task = self._nonsense[origin] = asyncio.ensure_future(self._ask_nonsense(origin))
        return await asyncio.shield(task)

    async def _ask_nonsense(self, origin: str) -> Standing | None:
        name = blake2b(origin.encode(), digest_size=8).hexdigest()
        self._crawler.stats.inc_value("backlinks/checking/nonsense")
        chain = await self._chains.follow(f"{origin}/{NONSENSE}-{name}")
        return _standing(chain) if chain.failure is None else None


NONSENSE: Final = "no-such-page"
"""How the page begins that no host has."""


def _standing(chain: Chain) -> Standing:
    if chain.content is None:
        return Standing(status=chain.status, url=chain.url)
    return read_standing(chain.status or 0, chain.content)
