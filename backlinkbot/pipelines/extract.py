"""The first step: a page's links to the targets, parsed only if it may hold one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Final, cast

from backlinkbot import urls
from backlinkbot.download.wall_check import BLANK, part_of_page, wall_in
from backlinkbot.extensions.large_pages import LARGE, StatCounts, in_thread
from backlinkbot.extract import cloaking
from backlinkbot.extract.accounts import MOST_ACCOUNTS, accounts_of
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.other_links.feeds import feed_links
from backlinkbot.extract.other_links.mentions import spellings
from backlinkbot.extract.other_links.typed import header_links
from backlinkbot.extract.page import PageContent
from backlinkbot.extract.placement.repeats import RepeatedBlocks
from backlinkbot.extract.unwrap.shorteners import Redirectors
from backlinkbot.history.fingerprint import Fingerprints
from backlinkbot.history.page_sketch import sketch_of
from backlinkbot.items import ExtractedPage, Failure, FetchedPage, Match, Rendering, State, common_fields
from backlinkbot.items.columns import with_values
from backlinkbot.items.rendered_diff import merged, rendered_content, served_content
from backlinkbot.judging import redirect_links
from backlinkbot.judging.finding import INTERNAL, links_of, matches_of
from backlinkbot.options import brands_of, cache_folder, link_bounds, ways_of_looking
from backlinkbot.pipelines.contracts import Contract
from backlinkbot.prefilter import Prefilter, account_signs_in

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Iterable, Iterator
    from typing import Any, Self

    from scrapy.crawler import Crawler

    from backlinkbot.extract.link import Link
    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.targets import Target, Targets
    from backlinkbot.urls import URL


EXHAUSTING: Final = "whoever reads the page runs out of memory"


LONGEST_REASON: Final = 100
"""Characters of a reason in the name of a stat."""


class ExtractBacklinks:
    """Finds a page's links to the targets; links from a target's own pages are none, unless asked for."""

    contract: ClassVar = Contract(
        takes=FetchedPage,
        returns=ExtractedPage,
        gives=frozenset({"matches", "rows", "failure"}),
    )

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._includes_own = crawler.settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN")
        self._mentions = crawler.settings.getbool("BACKLINKBOT_MENTIONS")
        self._brands = brands_of(crawler.settings)
        self._is_remembered = bool(crawler.settings["BACKLINKBOT_HISTORY_URL"])
        self._repeats = RepeatedBlocks()
        self._bounds = link_bounds(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, page: FetchedPage) -> ExtractedPage | Coroutine[Any, Any, ExtractedPage]:
        """The links to targets, the page parsed if nobody had to parse it yet; a large one in a thread of its own."""
        stats = self._crawler.stats
        stats.inc_value("backlinks/pages/visited")
        if page.status is not None:
            stats.inc_value("backlinks/pages/answered")
        is_wanted = page.failure is None and not page.is_unchanged  # unchanged: it has the rows that it had
        url = page.parsed_url if is_wanted else None
        if url is None:
            return self._ended(self._next(page))
        shown = page.rendered.body if page.rendered is not None else b""
        if len(page.body) + len(shown) >= LARGE:
            return self._process_large(page, url)
        return self._ended(self._settled(*self._extract(page, url)))

    async def _process_large(self, page: FetchedPage, url: URL) -> ExtractedPage:
        _ = self._prefilter, self._is_remembered and self._fingerprints  # made once, and not by two threads
        return self._ended(self._settled(*await in_thread(self._extract_ahead, page, url)))

    def _extract_ahead(self, page: FetchedPage, url: URL) -> tuple[ExtractedPage, StatCounts]:
        """Extracts the links, and reads what the steps after this one ask the page for."""
        extracted, counts = self._extract(page, url)
        for content in filter(None, (extracted.content, extracted.rendered_content)):
            content.read_ahead()
        return extracted, counts

    def _next(self, page: FetchedPage, common: dict[str, Any] | None = None, **found: Any) -> ExtractedPage:
        """Returns the next state of a visit, with the rows that are known without its links."""
        rows = page.known_rows
        if page.redirects:
            rows = (*rows, *redirect_links.rows(page, self._targets, includes_own=self._includes_own))
        return ExtractedPage(
            **(common_fields(page) if common is None else common),
            headers=page.headers,
            closed_by=page.closed_by,
            is_feed=page.is_feed,
            claims=page.claims,
            rows=rows,
            **found,
        )

    def _settled(self, page: ExtractedPage, counts: StatCounts) -> ExtractedPage:
        """Adds to what is known of all pages: counts, and blocks that a domain repeats."""
        counts.add_to(self._crawler.stats)
        return self._placed(page) if page.matches else page

    def _ended(self, page: ExtractedPage) -> ExtractedPage:
        stats = self._crawler.stats
        if page.failure is not None:
            stats.inc_value(f"backlinks/pages/{page.failure.state}")
            if page.failure.state is State.UNREACHABLE:
                why = page.failure.reason[:LONGEST_REASON]
                stats.inc_value(f"backlinks/unreachable/{why}")
        else:
            stats.inc_value("backlinks/pages/read")
        if page.matches:
            # Said at once: the steps after this one may wait for others' answers, and the crawl goes on meanwhile.
            cast("BacklinkSpider", self._crawler.spider).links_found(page)
        return page

    def _extract(self, page: FetchedPage, url: URL) -> tuple[ExtractedPage, StatCounts]:
        """Extracts the links; returns the page, and what is to be counted. Changes nothing that other pages share."""
        counts = StatCounts()
        return self._extracted(page, url, counts), counts

    def _extracted(self, page: FetchedPage, url: URL, counts: StatCounts) -> ExtractedPage:
        owners = self._targets.owners(url)
        if len(owners) == len(self._targets) and not self._includes_own:
            counts.inc_value("backlinks/pipelines/internal_page")
            return self._next(page, self._common(page, failure=self._doubted(page)), is_own=True)
        if page.is_feed:
            return self._extract_feed(page, owners, counts)
        may_link = page.rendering is Rendering.DONE or self._may_link(page, url)
        if not (may_link or any(header_links(page.headers.links, url, self._targets.match))):
            if page.content is None:
                counts.inc_value("backlinks/pipelines/prefiltered")
            return self._next(page, self._common(page, failure=self._doubted(page)), is_own=bool(owners), source=page)
        return self._extract_page(page, owners, counts)

    def _extract_page(self, page: FetchedPage, owners: Collection[Target], counts: StatCounts) -> ExtractedPage:
        content, shown = served_content(page), rendered_content(page)
        if content.is_cut:  # the rest may hold a link, or end the comment around one
            counts.inc_value("backlinks/pipelines/exhausting")
            exhausting = Failure(state=State.UNREACHABLE, reason=EXHAUSTING)
            return self._next(page, self._common(page, failure=exhausting))
        if shown is not None and shown.is_cut:
            counts.inc_value("backlinks/pipelines/exhausting_rendered")
            page, shown = with_values(page, rendering=Rendering.NOT_DONE, rendered_content=None), None
        found = self._matches(self._links(page, content, page.body), owners, counts)
        if page.rendering in {Rendering.DONE, Rendering.SENT_ON}:
            body = page.rendered.body if page.rendered is not None else b""
            links = self._links(page, shown, body) if shown is not None else ()
            found = merged(found, self._matches(links, owners, counts))
        if page.answers:
            found = _cloaked(page, found)
        is_linking = any(match.link.has_vote for match in found)
        failure = None if is_linking else self._doubted(page, shown or content)
        return self._next(
            page,
            self._common(page, is_linking=bool(found), failure=failure),
            is_own=bool(owners),
            matches=tuple(found.items()),
            content=content,
            rendered_content=shown,
            source=None if found else page,
            sketch=self._sketch(found, shown or content) if found else b"",
            accounts=_accounts(page) if found else (),
        )

    def _extract_feed(self, page: FetchedPage, owners: Collection[Target], counts: StatCounts) -> ExtractedPage:
        links = feed_links(
            page.body, page.url, page.headers.charset, self._targets.match, bound=LinkBound(*self._bounds)
        )
        found = self._matches(links, owners, counts)
        common = self._common(page, is_linking=bool(found), failure=None if found else page.doubt)
        content = PageContent(b"", page.parsed_url or page.url)
        return self._next(page, common, content=content, is_own=bool(owners), matches=tuple(found.items()))

    def _doubted(self, page: FetchedPage, content: PageContent | None = None) -> Failure | None:
        """Why a page without a link says nothing; None where it says that there is none.

        Args:
            page: what was fetched.
            content: what its readers see, if its links were looked for; otherwise it is parsed only to look for a wall.
        """
        if page.is_feed:
            return page.doubt
        shown = page.rendered if content is not None and page.rendering is Rendering.DONE else None
        body = shown.body if shown is not None else page.body

        def parse() -> PageContent:
            return content or served_content(page)

        found = wall_in(
            body,
            parse,
            url=page.url,
            requested_url=page.requested_url,
            headers=page.headers.walls if shown is None else (),
        )
        if found not in {None, BLANK}:
            return found
        if page.doubt is not None or found is not None or page.rendering is Rendering.NOT_DONE:
            return page.doubt or found
        return part_of_page(body, parse, page.headers.charset if shown is None else "")

    def _links(self, page: FetchedPage, content: PageContent, body: bytes) -> Iterator[tuple[Link, tuple[Target, ...]]]:
        return links_of(
            content,
            page.headers.links,
            self._targets.match,
            self._bounds,
            mentioned_in=body if self._mentions else None,
            brands=self._brands,
            body=body,
        )

    def _may_link(self, page: FetchedPage, url: URL) -> bool:
        """True if the page may hold a link to a target; by its bytes, also where it is parsed already."""
        if page.is_xhtml or page.headers.refresh or (page.content is not None and not page.body):
            return True  # XML may write an address in entities of its own, and a header stands in no body
        return self._prefilter.may_link(page.body, page.headers.charset, url)

    def _matches(
        self, links: Iterable[tuple[Link, tuple[Target, ...]]], owners: Collection[Target], counts: StatCounts
    ) -> Counter[Match]:
        def count(reason: str, number: int) -> None:
            if reason == INTERNAL:
                counts.inc_value("backlinks/pipelines/internal_link", number)
            else:
                counts.inc_value("backlinks/pipelines/links_beyond", number)

        return matches_of(links, owners, count, includes_own=self._includes_own)

    def _placed(self, page: ExtractedPage) -> ExtractedPage:
        """The page, its links no longer as content where its domain repeats their block on page after page."""
        url = page.parsed_url
        domain = urls.registrable_domain(url.hostname) if url is not None else ""
        placed: Counter[Match] = Counter()
        repeated = 0
        for match, number in page.matches:
            context = match.link.context
            around = self._repeats.resolve(domain, page.url, context)
            if around is not context:
                repeated += 1
                match = replace(match, link=replace(match.link, context=around))  # noqa: PLW2901
            placed[match] += number
        if not repeated:
            return page
        self._crawler.stats.inc_value("backlinks/pipelines/repeated_block", repeated)
        return with_values(page, matches=tuple(placed.items()))

    def _common(self, page: FetchedPage, *, is_linking: bool = False, **changed: Any) -> dict[str, Any]:
        """Returns the common fields of the next state, with a fingerprint of a page that is remembered.

        A page that scripts build has none, for the same bytes may show other links tomorrow.
        """
        if page.rendering is not None:
            changed["fingerprint"] = ""
        elif self._is_remembered and (is_linking or page.candidates) and not page.fingerprint and page.doubt is None:
            changed["fingerprint"] = self._fingerprints.of(page)
        return common_fields(page, **changed)

    def _sketch(self, found: Counter[Match], content: PageContent) -> bytes:
        """Returns the sketch of a page with links, where a history remembers it."""
        if not self._is_remembered:
            return b""
        leads_to = {match.link.url.partition("#")[0] for match in found}
        return sketch_of(content, leads_to, (match.link.anchor for match in found))

    @cached_property
    def _fingerprints(self) -> Fingerprints:
        agent = self._crawler.settings["BACKLINKBOT_AGENT"]
        return Fingerprints(
            self._targets, agent=agent, includes_own=self._includes_own, extras=ways_of_looking(self._crawler.settings)
        )

    @property
    def _targets(self) -> Targets:
        return cast("BacklinkSpider", self._crawler.spider).targets

    @cached_property
    def _prefilter(self) -> Prefilter:
        hosts = self._targets.hosts if self._mentions else ()
        printed = chain((name for host in hosts for name in spellings(host)), self._brands.keys)
        settings = self._crawler.settings
        names = settings.getlist("BACKLINKBOT_REDIRECTORS")
        redirectors = Redirectors.parse(names) if settings.getbool("BACKLINKBOT_RESOLVE") else None
        return Prefilter.for_targets(self._targets, cache_folder(settings), also=printed, redirectors=redirectors)


def _accounts(page: FetchedPage) -> tuple[str, ...]:
    """Returns the accounts in a page as it was served and as scripts have changed it."""
    bodies = (page.body, page.rendered.body) if page.rendered is not None else (page.body,)
    found = (accounts_of(body, account_signs_in(body)) for body in bodies)
    return tuple(dict.fromkeys(chain.from_iterable(found)))[:MOST_ACCOUNTS]


def _cloaked(page: FetchedPage, found: Counter[Match]) -> Counter[Match]:
    """The links, flagged where the server sends them to one kind of visitor only."""
    flagged = cloaking.flagged(page.answers)
    kept: Counter[Match] = Counter()
    for match, number in found.items():
        kept[replace(match, link=cloaking.marked(match.link, flagged))] += number
    return kept
