"""Makes the rows of an extracted page: one for each link to a target, with its vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.extract import flags, robots_directives
from backlinkbot.extract.link import SAME_DOMAIN
from backlinkbot.extract.page_metadata import LONGEST_LANGUAGE
from backlinkbot.items import Backlink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backlinkbot.extract.page import PageContent
    from backlinkbot.items import ExtractedPage, Match
    from backlinkbot.urls import URL

    ClosedBy = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageValues:
    """What a page says of itself, which holds for each of its links."""

    url: URL
    title: str
    language: str
    """As declared; empty where the page does not say."""
    metas: tuple[tuple[str, str], ...]
    """(name, content) of every ``<meta name>``."""
    x_robots_tag: tuple[str, ...]
    canonical_url: str
    """Resolved; empty where the page names none."""
    flagged_canonical: str
    """The canonical URL by which a page is flagged; the same, but for pages that scripts change."""
    external_links: int
    internal_links: int


def rows_of(page: ExtractedPage, *, agent: str, closed_by: ClosedBy) -> list[Backlink]:
    """Returns a row for each link, with its vote and what takes it away; exact repeats are counted in one.

    Args:
        page: what was extracted.
        agent: the search engine whose rules count.
        closed_by: the robots.txt rules that close a URL to that search engine, as far as they are known.
    """
    content = page.content
    if content is None or not page.matches:
        return []
    return rows_with(page, _values_of(page, content), page.matches, agent=agent, closed_by=closed_by)


def _values_of(page: ExtractedPage, content: PageContent) -> PageValues:
    shown = page.rendered_content or content
    external, internal = shown.count_links()
    return PageValues(
        url=content.url,
        title=shown.title or content.title,
        language=shown.language or content.language or page.headers.language[:LONGEST_LANGUAGE],
        # What was served holds even where scripts take it back: a search engine may not run them at all.
        metas=content.metas if shown is content else tuple(dict.fromkeys((*content.metas, *shown.metas))),
        x_robots_tag=page.headers.x_robots_tag,
        canonical_url=content.canonical_url or shown.canonical_url,
        flagged_canonical=shown.canonical_url or content.canonical_url,
        external_links=external,
        internal_links=internal,
    )


def rows_with(
    page: ExtractedPage, values: PageValues, matches: Iterable[tuple[Match, int]], *, agent: str, closed_by: ClosedBy
) -> list[Backlink]:
    """Returns a row for each link of a page of which the values are known; as :func:`rows_of`."""
    verdict = robots_directives.judge(
        metas=values.metas, x_robots_tag=values.x_robots_tag, closed_by=page.closed_by, agent=agent
    )
    remarked = flags.of_page(
        url=values.url,
        noindex_by=verdict.noindex_by,
        agent=agent,
        canonical_url=values.flagged_canonical,
        certificate_fault=page.certificate_fault,
    )
    source_domain = urls.registrable_domain(values.url.hostname)
    rows = []
    for match, occurrences in matches:
        link = match.link
        judged = verdict.with_rel(link.rel)
        nofollow_by = (*judged.nofollow_by, *link.nofollow_by, *_closed(link.via, closed_by))
        around = link.context
        rows.append(
            Backlink(
                target=match.target,
                source_url=page.url,
                source_domain=source_domain,
                source_title=values.title,
                source_status=page.status or 0,
                source_language=values.language,
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
                canonical_url=values.canonical_url,
                placement=around.placement,
                placement_by=around.placement_by,
                heading=around.heading,
                context_before=around.context_before,
                context_after=around.context_after,
                link_density=around.link_density,
                position=around.position,
                flags=(*link.flags, *flags.named(remarked), *((SAME_DOMAIN,) if match.is_internal else ())),
                flags_by=(*link.flags_by, *flags.shown(remarked)),
                source_accounts=page.accounts,
                rendered=match.rendered,
                occurrences=occurrences,
                external_links=values.external_links,
                internal_links=values.internal_links,
                discovered_from=page.discovered_from,
                depth=page.depth,
                fetched_at=page.fetched_at,
            )
        )
    return rows


def _closed(via: Sequence[str], closed_by: ClosedBy) -> tuple[str, ...]:
    """Returns the rules that keep the search engine from going the link's way."""
    if not via:
        return ()
    closed = (f"via:{rule}" for hop in via for rule in closed_by(hop.rpartition(" ")[2]))
    return tuple(dict.fromkeys(closed))
