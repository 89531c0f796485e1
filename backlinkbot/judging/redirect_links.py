"""Creates redirect links: rows for pages that redirect to a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.extract.link import SAME_DOMAIN
from backlinkbot.items import Backlink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.items import FetchedPage
    from backlinkbot.targets import Targets


def rows(page: FetchedPage, targets: Targets, *, includes_own: bool = False) -> Iterator[Backlink]:
    """A row for each target that the first redirects of a visit lead to; none where the address is the target's own.

    Args:
        page: the visit, whatever became of it in the end.
        targets: what is looked for.
        includes_own: whether links from a target's own pages count.
    """
    source = urls.parse(page.requested_url) if page.redirects else None
    if source is None:
        return
    owners = targets.owners(source)
    first = page.redirects[0]
    for number, hop in enumerate(page.redirects):
        url = urls.parse(hop.to)
        found = targets.match(url) if url is not None else ()
        for target in found:
            if includes_own or target not in owners:
                yield Backlink(
                    target=target.name,
                    source_url=page.requested_url,
                    source_domain=urls.registrable_domain(source.hostname),
                    source_title="",
                    source_status=first.status,
                    source_language="",
                    target_url=hop.to,
                    raw_href=first.location,
                    via=tuple(f"{between.status} {between.url}" for between in page.redirects[1 : number + 1]),
                    anchor="",
                    anchor_source="",
                    link_type=first.link_type,
                    rel=(),
                    follow=None,
                    nofollow_by=(),
                    indexable=not page.redirect_closed_by,
                    noindex_by=page.redirect_closed_by,
                    canonical_url="",
                    flags=(SAME_DOMAIN,) if target in owners else (),
                    occurrences=1,
                    external_links=0,
                    internal_links=0,
                    discovered_from=page.discovered_from,
                    depth=page.depth,
                    fetched_at=page.fetched_at,
                )
        if found:
            return
