"""Requests the addresses that a run's links lead to, each once, to determine the target status."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from scrapy.exceptions import NotConfigured

from backlinkbot import urls
from backlinkbot.download.failures import TOO_LARGE
from backlinkbot.download.redirect_chain import ENDING, Chain, Chains
from backlinkbot.items import State
from backlinkbot.items.columns import with_values
from backlinkbot.page_status.target_status import Standing, TargetState, read_standing, state_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.items import Backlink, Page
    from backlinkbot.urls import URL

MOST_IN_A_RUN: Final = 50_000
"""Addresses that are asked."""
_FAILED: Final = {State.BLOCKED_BY_ROBOTS: TargetState.BLOCKED_BY_ROBOTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResponse:
    """What the rows of one address get."""

    status: int | None = None
    final_url: str = ""
    state: str = ""


NOT_ASKED: Final = TargetResponse()


class CheckTargets:
    """Pipeline: a page's rows wait until the addresses that they lead to have answered."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._chains = Chains(crawler)
        self._known: dict[str, asyncio.Task[TargetResponse]] = {}
        self._nonsense: dict[str, asyncio.Task[Standing | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured where nobody wants to know."""
        if not crawler.settings.getbool("BACKLINKBOT_CHECK_TARGETS"):
            raise NotConfigured
        return cls(crawler)

    async def process_item(self, page: Page) -> Page:
        """The page, its rows with what their targets answered."""
        if not page.backlinks:
            return page
        wanted = {row.target_url: urls.parse(row.target_url) for row in page.backlinks}
        known = [(text, url) for text, url in wanted.items() if url is not None and urls.is_web(url)]
        found = await asyncio.gather(*(self._answer(url) for _, url in known))
        answers = {text: answer for (text, _), answer in zip(known, found, strict=True)}
        return with_values(page, backlinks=tuple(_with_answer(row, answers) for row in page.backlinks))

    async def _answer(self, url: URL) -> TargetResponse:
        """What an address answers; each is asked once, however many rows wait for it."""
        key = urls.as_requested(url)
        task = self._known.get(key)
        if task is None:
            if len(self._known) >= MOST_IN_A_RUN:
                self._crawler.stats.inc_value("backlinks/checking/run_bound")
                return NOT_ASKED
            task = self._known[key] = asyncio.ensure_future(self._ask(key, url))
        return await asyncio.shield(task)

    async def _ask(self, key: str, url: URL) -> TargetResponse:
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
        return TargetResponse(status=chain.status, final_url=chain.url, state=state.value)

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


def _with_answer(row: Backlink, answers: dict[str, TargetResponse]) -> Backlink:
    answer = answers.get(row.target_url, NOT_ASKED)
    return replace(row, target_status=answer.status, target_final_url=answer.final_url, target_state=answer.state)
