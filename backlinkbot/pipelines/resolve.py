"""Resolves links through shorteners and redirectors by requesting where they lead."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Final, cast

from scrapy.exceptions import NotConfigured

from backlinkbot import urls
from backlinkbot.download.redirect_chain import Chains
from backlinkbot.extract import unwrap
from backlinkbot.extract.unwrap.shorteners import Redirectors
from backlinkbot.items import ExtractedPage, Match
from backlinkbot.items.columns import with_values
from backlinkbot.pipelines.contracts import Contract

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.targets import Target, Targets
    from backlinkbot.urls import URL

MOST_ON_A_PAGE: Final = 100
"""Addresses that are asked for one page; a page of more is a list of short addresses."""
MOST_IN_A_RUN: Final = 50_000
"""Addresses that are asked at all; each is asked once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Where an address leads."""

    targets: tuple[Target, ...] = ()
    """Empty: to no target, or nobody knows."""
    url: str = ""
    """The target's address."""
    via: tuple[str, ...] = ()
    nofollow_by: tuple[str, ...] = ()
    is_unknown: bool = False
    """True if the answer is not known."""


UNKNOWN: Final = Resolved(is_unknown=True)


class ResolveLinks:
    """Pipeline: a page with links that do not say where they lead waits until they have been asked."""

    contract: ClassVar = Contract(
        takes=ExtractedPage,
        returns=ExtractedPage,
        needs=frozenset({"content"}),
        gives=frozenset({"matches", "is_partly_unknown"}),
    )

    def __init__(self, crawler: Crawler, redirectors: Redirectors) -> None:
        self._crawler = crawler
        self._redirectors = redirectors
        self._chains = Chains(crawler)
        self._includes_own = crawler.settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN")
        self._known: OrderedDict[str, asyncio.Task[Resolved]] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured where nothing is to be resolved."""
        if not crawler.settings.getbool("BACKLINKBOT_RESOLVE"):
            raise NotConfigured
        return cls(crawler, Redirectors.parse(crawler.settings.getlist("BACKLINKBOT_REDIRECTORS")))

    async def process_item(self, page: ExtractedPage) -> ExtractedPage:
        """The page with the links to targets that were found so."""
        content = page.content
        if content is None or page.is_feed:
            return page
        opaque = [
            (link, found[0])
            for link, found in content.links_to(lambda url: (url,) if self._is_opaque(url) else ())
            if self._redirectors.leads_on(found[0], link.raw_href, content.url)
        ]
        if not opaque:
            return page
        keys = dict.fromkeys(urls.as_requested(url) for _, url in opaque)
        asked = list(islice(keys, MOST_ON_A_PAGE))
        if len(keys) > len(asked):
            self._crawler.stats.inc_value("backlinks/resolving/page_bound", len(keys) - len(asked))
        answers = dict(zip(asked, await asyncio.gather(*map(self._resolve, asked)), strict=True))
        owners = self._targets.owners(content.url)
        found: Counter[Match] = Counter(dict(page.matches))
        for link, url in opaque:
            resolved = answers.get(urls.as_requested(url), UNKNOWN)
            led = replace(link, url=resolved.url, via=resolved.via, nofollow_by=resolved.nofollow_by)
            for target in resolved.targets:
                if target not in owners or self._includes_own:
                    found[Match(target=target.name, link=led, is_internal=target in owners)] += 1
        is_partly_unknown = len(keys) > len(asked) or any(answer.is_unknown for answer in answers.values())
        return with_values(page, matches=tuple(found.items()), is_partly_unknown=is_partly_unknown)

    def _is_opaque(self, url: URL) -> bool:
        return not unwrap.targets_reached(self._targets.match)(url)

    async def _resolve(self, url: str) -> Resolved:
        """Where an address leads; each is asked once, however many pages wait for it."""
        task = self._known.get(url)
        if task is None:
            if len(self._known) >= MOST_IN_A_RUN:
                self._crawler.stats.inc_value("backlinks/resolving/run_bound")
                return UNKNOWN
            task = self._known[url] = asyncio.ensure_future(self._ask(url))
        return await asyncio.shield(task)

    async def _ask(self, url: str) -> Resolved:
        lead = unwrap.targets_reached(self._targets.match)
        chain = await self._chains.follow(url, is_end=lambda onward: bool(lead(onward)))
        stats = self._crawler.stats
        stats.inc_value("backlinks/resolving/asked")
        if chain.failure is not None:
            stats.inc_value(f"backlinks/resolving/{chain.failure.state}")
            return UNKNOWN
        end = urls.parse(chain.url)
        passages = lead(end) if end is not None else ()
        if not passages:
            stats.inc_value("backlinks/resolving/elsewhere")
            # An error says nothing of where it leads; who shortened a link to a target may have it back tomorrow.
            return UNKNOWN if (chain.status or 0) >= 400 and chain.status not in {404, 410} else Resolved()
        stats.inc_value("backlinks/resolving/resolved")
        rules = dict.fromkeys(f"via:{rule}" for hop in chain.hops for rule in hop.nofollow_by)
        return Resolved(
            targets=tuple(passage.target for passage in passages),
            url=passages[0].url.href,
            via=(*(f"{hop.status} {hop.url}" for hop in chain.hops), *passages[0].via),
            nofollow_by=tuple(rules),
        )

    @property
    def _targets(self) -> Targets:
        return cast("BacklinkSpider", self._crawler.spider).targets
