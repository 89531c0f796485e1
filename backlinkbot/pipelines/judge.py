"""Determines which of a page's links to the targets pass a vote, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from backlinkbot import urls
from backlinkbot.extract import flags
from backlinkbot.extract.page import LONGEST_LANGUAGE
from backlinkbot.extract.robots_directives import judge
from backlinkbot.items import Backlink, Page
from backlinkbot.items.columns import with_values
from backlinkbot.middlewares.robotstxt import RobotsTxt

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


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
            certificate_fault=page.certificate_fault,
        )
        rows = []
        for match, occurrences in page.matches:
            link = match.link
            judged = verdict.with_rel(link.rel)
            nofollow_by = (*judged.nofollow_by, *link.nofollow_by, *self._closed(link.via))
            around = link.context
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
        return with_values(page, backlinks=(*page.backlinks, *rows))

    def _closed(self, via: tuple[str, ...]) -> tuple[str, ...]:
        """The rules that keep the search engine from going the link's way, as far as they are known already."""
        robots = cast("RobotsTxt | None", self._crawler.get_downloader_middleware(RobotsTxt)) if via else None
        if robots is None:
            return ()
        closed = (f"via:{rule}" for hop in via for rule in robots.closed_by(hop.rpartition(" ")[2]))
        return tuple(dict.fromkeys(closed))
