"""What was found: a page's links become judged backlinks, one step at a time.

ExtractBacklinks -> JudgeBacklinks -> AnswerCandidates -> JoinClaims -> DropDuplicates; what is left goes to the exporters.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Final, cast

from scrapy.exceptions import DropItem

from backlinkbot import claims, cloaking, flags, sendings, urls, wrappers
from backlinkbot.feedlinks import feed_links
from backlinkbot.fetching.robotstxt import RobotsTxt
from backlinkbot.fingerprints import Fingerprints
from backlinkbot.items import Backlink, Check, Failure, Match, Page, Rendering, State
from backlinkbot.links import LONGEST_LANGUAGE, PageContent
from backlinkbot.markup import parser_named
from backlinkbot.mentions import mentions, spellings
from backlinkbot.options import cache_folder, ways_of_looking
from backlinkbot.otherlinks import OTHER_LINKS
from backlinkbot.prefilter import Prefilter
from backlinkbot.redirectors import Redirectors
from backlinkbot.rendered import merged, rendered_content
from backlinkbot.robots import judge
from backlinkbot.sights import domain_of
from backlinkbot.surroundings.repeats import Repeats
from backlinkbot.typed import header_links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from backlinkbot.links import Link
    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.targets import Target, Targets
    from backlinkbot.urls import URL

SENDS_ON: Final = frozenset({"redirect", "meta_refresh"})
"""The link types that show a visitor the target instead of the page."""


EXHAUSTING: Final = "whoever reads the page runs out of memory"


class ExtractBacklinks:
    """Finds a page's links to the targets; links from a target's own pages are none, unless asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._includes_own = crawler.settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN")
        self._mentions = crawler.settings.getbool("BACKLINKBOT_MENTIONS")
        self._is_remembered = bool(crawler.settings["BACKLINKBOT_HISTORY_URL"])
        self._repeats = Repeats()
        self._parse = parser_named(crawler.settings["BACKLINKBOT_PARSER"])

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, page: Page) -> Page:
        """The page with its matches, parsed if nobody had to parse it yet."""
        stats = self._crawler.stats
        if page.redirects:
            sent = sendings.rows(page, self._targets, includes_own=self._includes_own)
            page = replace(page, backlinks=(*page.backlinks, *sent))
        stats.inc_value("backlinks/pages/visited")
        if page.status is not None:
            stats.inc_value("backlinks/pages/answered")
        if page.failure is not None:
            stats.inc_value(f"backlinks/pages/{page.failure.state}")
            return page
        stats.inc_value("backlinks/pages/read")
        url = urls.parse(page.url)
        if page.is_unchanged or url is None:  # unchanged: it has the rows that it had
            return page
        return self._extract(self._marked(page) if page.candidates else page, url)

    def _extract(self, page: Page, url: URL) -> Page:
        stats = self._crawler.stats
        owners = self._targets.owners(url)
        if len(owners) == len(self._targets) and not self._includes_own:
            stats.inc_value("backlinks/pipelines/internal_page")
            return replace(page, body=b"", content=None, is_own=True)
        shown = rendered_content(page, self._parse)
        if page.is_feed:
            return self._extract_feed(page, owners)
        may_link = shown is not None or self._may_link(page, url)
        if not (may_link or any(header_links(page.link_headers, url, self._targets.match))):
            if page.content is None:
                stats.inc_value("backlinks/pipelines/prefiltered")
            return replace(page, body=b"", browser_body=b"", content=None, is_own=bool(owners))
        content = page.content or PageContent(page.body, page.url, page.charset, self._parse)
        if content.is_cut:  # the rest may hold a link, or end the comment around one
            stats.inc_value("backlinks/pipelines/exhausting")
            return replace(page, body=b"", content=None, failure=Failure(state=State.UNREACHABLE, reason=EXHAUSTING))
        if shown is not None and shown.is_cut:
            stats.inc_value("backlinks/pipelines/exhausting_rendered")
            page, shown = replace(page, rendering=Rendering.NOT_DONE), None
        found = self._matches(page, self._links(page, content, page.body), owners)
        if page.rendering in {Rendering.DONE, Rendering.SENT_ON}:
            links = self._links(page, shown, page.rendered_body) if shown is not None else ()
            found = merged(found, self._matches(page, links, owners))
        if page.answers:
            found = _cloaked(page, found)
        if found:
            page = self._marked(page)
        return replace(
            page,
            content=content,
            rendered_content=shown,
            body=b"",
            rendered_body=b"",
            browser_body=b"",
            is_own=bool(owners),
            matches=tuple(found.items()),
        )

    def _links(self, page: Page, content: PageContent, body: bytes) -> Iterator[tuple[Link, tuple[Target, ...]]]:
        match = self._targets.match
        linked: set[Target] = set()
        others = (find(page, content, match) for find in OTHER_LINKS)
        for link, targets in chain(wrappers.links(content, match), *others):
            if link.has_vote:
                linked.update(targets)
            yield link, targets
        if self._mentions:
            for mention, targets in mentions(content, body, match):
                unlinked = tuple(target for target in targets if target not in linked)
                if unlinked:
                    yield mention, unlinked

    def _may_link(self, page: Page, url: URL) -> bool:
        """Whether it is worth looking: also at a page that somebody had to parse, unless it came without its bytes."""
        if page.content is not None and not page.body:
            return True
        return self._prefilter.may_link(page.body, page.charset, url)

    def _extract_feed(self, page: Page, owners: Collection[Target]) -> Page:
        content = PageContent(b"", page.url, parse=self._parse)
        links = feed_links(page.body, page.url, page.charset, self._targets.match, self._parse)
        found = self._matches(page, links, owners)
        page = self._marked(page) if found else page
        return replace(page, content=content, body=b"", is_own=bool(owners), matches=tuple(found.items()))

    def _matches(
        self, page: Page, links: Iterable[tuple[Link, tuple[Target, ...]]], owners: Collection[Target]
    ) -> Counter[Match]:
        domain = domain_of(page.url)
        found: Counter[Match] = Counter()
        for link, targets in links:
            for target in targets:
                internal = target in owners
                if internal and not self._includes_own:
                    self._crawler.stats.inc_value("backlinks/pipelines/internal_link")
                    continue
                found[Match(target=target.name, link=self._placed(link, domain, page), is_internal=internal)] += 1
        return found

    def _placed(self, link: Link, domain: str, page: Page) -> Link:
        """The link, no longer as content where the domain repeats its block on page after page."""
        around = self._repeats.look(domain, page.url, link.surroundings)
        if around is link.surroundings:
            return link
        self._crawler.stats.inc_value("backlinks/pipelines/repeated_block")
        return replace(link, surroundings=around)

    def _marked(self, page: Page) -> Page:
        """The page with its fingerprint, where a history remembers it; a page that scripts build has none.

        For the same bytes may show other links tomorrow.
        """
        if page.rendering is not None:
            return replace(page, fingerprint="") if page.fingerprint else page
        if not self._is_remembered or page.fingerprint:
            return page
        return replace(page, fingerprint=self._fingerprints.of(page))

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
        printed = (name for host in self._targets.hosts for name in spellings(host)) if self._mentions else ()
        settings = self._crawler.settings
        names = settings.getlist("BACKLINKBOT_REDIRECTORS")
        redirectors = Redirectors.parse(names) if settings.getbool("BACKLINKBOT_RESOLVE") else None
        return Prefilter.for_targets(self._targets, cache_folder(settings), also=printed, redirectors=redirectors)


def _cloaked(page: Page, found: Counter[Match]) -> Counter[Match]:
    """The links, flagged where the server sends them to one kind of visitor only."""
    flagged = cloaking.flagged(page.answers)
    kept: Counter[Match] = Counter()
    for match, number in found.items():
        kept[replace(match, link=cloaking.marked(match.link, flagged))] += number
    return kept


class JudgeBacklinks:
    """Says of each link whether it passes a vote, and why not; counts exact repeats instead of repeating them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["BACKLINKBOT_AGENT"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, page: Page) -> Page:
        """The page with its rows."""
        content = page.content
        if content is None or not page.matches:
            return page
        shown = page.rendered_content or content
        # What was served holds even where scripts take it back: a search engine may not run them at all.
        metas = content.metas if shown is content else tuple(dict.fromkeys((*content.metas, *shown.metas)))
        verdict = judge(metas=metas, x_robots_tag=page.x_robots_tag, closed_by=page.closed_by, agent=self._agent)
        language = shown.language or content.language or page.language_header[:LONGEST_LANGUAGE]
        external, internal = shown.count_links()
        remarked = flags.of_page(
            url=content.url,
            noindex_by=verdict.noindex_by,
            agent=self._agent,
            canonical_url=shown.canonical_url or content.canonical_url,
        )
        rows = []
        for match, occurrences in page.matches:
            link = match.link
            judged = verdict.with_rel(link.rel)
            nofollow_by = (*judged.nofollow_by, *link.nofollow_by, *self._closed(link.via))
            around = link.surroundings
            rows.append(
                Backlink(
                    target=match.target,
                    source_url=page.url,
                    source_domain=urls.registrable_domain(content.url.hostname),
                    source_title=shown.title or content.title,
                    source_status=page.status or 0,
                    source_language=language,
                    target_url=link.url,
                    raw_href=link.raw_href,
                    via=link.via,
                    anchor=link.anchor,
                    anchor_source=link.anchor_source,
                    link_type=link.link_type,
                    link_kind=around.kinds,
                    link_kind_by=around.kinds_by,
                    rel=link.rel,
                    follow=not nofollow_by if link.has_vote else None,
                    nofollow_by=nofollow_by if link.has_vote else (),
                    indexable=judged.indexable,
                    noindex_by=judged.noindex_by,
                    canonical_url=content.canonical_url or shown.canonical_url,
                    placement=around.placement,
                    placement_by=around.placement_by,
                    heading=around.heading,
                    context_before=around.context_before,
                    context_after=around.context_after,
                    link_density=around.link_density,
                    position=around.position,
                    flags=(*link.flags, *flags.named(remarked), *(("same_domain",) if match.is_internal else ())),
                    flags_by=(*link.flags_by, *flags.shown(remarked)),
                    rendered=match.rendered,
                    occurrences=occurrences,
                    external_links=external,
                    internal_links=internal,
                    discovered_from=page.discovered_from,
                    depth=page.depth,
                    fetched_at=page.fetched_at,
                )
            )
        return replace(page, backlinks=(*page.backlinks, *rows))

    def _closed(self, via: tuple[str, ...]) -> tuple[str, ...]:
        """The rules that keep the search engine from going the link's way, as far as they are known already."""
        robots = cast("RobotsTxt | None", self._crawler.get_downloader_middleware(RobotsTxt)) if via else None
        if robots is None:
            return ()
        closed = (f"via:{rule}" for hop in via for rule in robots.closed_by(hop.rpartition(" ")[2]))
        return tuple(dict.fromkeys(closed))


class AnswerCandidates:
    """Says of each candidate what its visit showed; "could not check" is never "no link"."""

    def process_item(self, page: Page) -> Page:
        """The page with one check per candidate that it answers."""
        if not page.candidates:
            return page
        state, reason = _answer(page)
        checks = (
            Check(
                candidate=candidate,
                state=state,
                status=page.status,
                reason=reason,
                final_url=page.url,
                backlinks=len(page.backlinks),
                fetched_at=page.fetched_at,
            )
            for candidate in page.candidates
        )
        return replace(page, checks=tuple(checks))


def _answer(page: Page) -> tuple[State, str]:
    if any(row.follow is not None for row in page.backlinks):
        return State.LINKED, ""
    kinds = sorted({row.link_type for row in page.backlinks})
    if not SENDS_ON.isdisjoint(kinds):
        return State.REDIRECTED, "sends its visitors on to the target"
    if page.failure is not None:
        return page.failure.state, page.failure.reason
    return _answer_of_page(page, kinds)


def _answer_of_page(page: Page, kinds: list[str]) -> tuple[State, str]:
    """A page that was read; a frame or a canonical is a row, but nothing that a reader could click on."""
    if kinds:
        return State.NOT_LINKED, f"no link, but it names the target: {', '.join(kinds)}"
    if not urls.is_same_page(page.requested_url, page.url):
        return State.REDIRECTED, "ended on another page, which holds no link"
    if page.is_own:
        return State.NOT_LINKED, "the target's own page, whose links are internal"
    if page.rendering is Rendering.NOT_DONE:
        return State.NOT_LINKED, "the page holds no link as it was served; it was not rendered"
    return State.NOT_LINKED, "the page holds no link"


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
        joined = claims.join(page, self._targets, includes_own=self._includes_own)
        for judged in joined.judged:
            self._crawler.stats.inc_value(f"backlinks/claims/{judged.verdict}")
        return joined

    @property
    def _targets(self) -> Targets:
        return cast("BacklinkSpider", self._crawler.spider).targets


class DropDuplicates:
    """A page that two ways lead to gives its rows once; a page with nothing to say goes no further."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._exported: set[str] = set()
        self._domains: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    def process_item(self, page: Page) -> Page:
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

    def _once(self, page: Page, source: str) -> Page:
        url = urls.parse(source)
        key = urls.identity_key(url) if url is not None else source
        if key in self._exported:
            self._stats.inc_value("backlinks/pipelines/duplicate_page")
            return replace(page, backlinks=tuple(row for row in page.backlinks if row.source_url != source))
        self._exported.add(key)
        rows = [row for row in page.backlinks if row.source_url == source]
        self._domains.add(rows[0].source_domain)
        self._stats.inc_value("backlinks/rows", len(rows))
        for row in rows:
            if row.follow is None:
                self._stats.inc_value(f"backlinks/link_types/{row.link_type}")
        self._stats.set_value("backlinks/referring_pages", len(self._exported))
        self._stats.set_value("backlinks/referring_domains", len(self._domains))
        return page
