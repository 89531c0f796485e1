"""Finds the links of a page that lead to targets, of every type."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final

from backlinkbot.extract import unwrap
from backlinkbot.extract.link_bound import MORE, LinkBound
from backlinkbot.extract.other_links import OTHER_LINKS
from backlinkbot.extract.other_links.brands import brand_mentions
from backlinkbot.extract.other_links.mentions import mentions
from backlinkbot.extract.other_links.typed import header_links
from backlinkbot.items import Match

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from backlinkbot.extract.link import Link
    from backlinkbot.extract.other_links.brands import Brands
    from backlinkbot.extract.page import PageContent
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    Found = tuple[Link, tuple[Target, ...]]

INTERNAL: Final = "a link from a target's own page"
BEYOND: Final = "links beyond a bound"
"""What is counted of a page's links, see :func:`matches_of`."""


def links_of(
    content: PageContent,
    headers: tuple[str, ...],
    match: Callable[[URL], tuple[Target, ...]],
    bounds: tuple[int, int],
    *,
    mentioned_in: bytes | None = None,
    brands: Brands | None = None,
    body: bytes = b"",
) -> Iterator[Found]:
    """Yields the links of a page to targets: its ``<a>`` and ``<area>``, other elements, ``Link`` headers, mentions.

    Args:
        content: the page, parsed.
        headers: the values of every ``Link`` header.
        match: the targets that a URL belongs to.
        bounds: most links that are read: to one target, and to all.
        mentioned_in: the page's bytes where addresses in its text count, too; None where they do not.
        brands: the brands whose mentions count, too.
        body: the page's bytes.
    """
    linked: set[Target] = set()
    bound = LinkBound(*bounds)
    others = (find(content, match, bound) for find in OTHER_LINKS)
    for link, targets in chain(
        unwrap.links(content, match, bound), *others, header_links(headers, content.url, match, bound)
    ):
        if link.has_vote:
            linked.update(targets)
        yield link, targets
    if mentioned_in is not None:
        yield from mentions(
            content, mentioned_in, lambda url: tuple(target for target in match(url) if target not in linked), bound
        )
    if brands:
        yield from brand_mentions(content, body, match, brands)


def matches_of(
    links: Iterable[Found],
    owners: Collection[Target],
    count: Callable[[str, int], None],
    *,
    includes_own: bool = False,
) -> Counter[Match]:
    """Returns the links with their targets, and how often each stands on the page.

    Args:
        links: as :func:`links_of` yields them.
        owners: the targets that the page itself belongs to.
        count: called with the name and the number of what is left out or not read.
        includes_own: true if links from a target's own pages count.
    """
    found: Counter[Match] = Counter()
    for link, targets in links:
        for target in targets:
            is_internal = target in owners
            if is_internal and not includes_own:
                count(INTERNAL, 1)
                continue
            found[Match(target=target.name, link=link, is_internal=is_internal)] += link.number
            if MORE in link.flags:
                count(BEYOND, link.number)
    return found
