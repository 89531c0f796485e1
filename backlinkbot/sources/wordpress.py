"""Searches WordPress sites, whose search covers the HTML of all posts and pages, links included.

https://developer.wordpress.org/rest-api/reference/search-results/
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from backlinkbot import urls
from backlinkbot.extract.documents import read_search
from backlinkbot.sources.places import address_of, places_of
from backlinkbot.sources.queries import (
    Named,
    Query,
    Reading,
    Site,
    Source,
    SourceContext,
    SourceProfile,
    SourceResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.urls import URL

RELATION: Final = "https://api.w.org/"
MAX_SEARCHES: Final = 10
"""Most searches per site; a search costs it more than a page."""
PER_PAGE: Final = 100  # the most that it returns
_HEADER: Final = re.compile(r"<([^<>]{1,2000})>([^<>]{0,2000})")
_NAMES_RELATION: Final = re.compile(rf"""\brel\s*=\s*["']?[^"']*{re.escape(RELATION)}""", re.IGNORECASE)


def _of_site(site: Site, context: SourceContext) -> Iterator[Query]:
    root = _root(site)
    if root is None:
        return
    for place in islice(places_of(context.targets), MAX_SEARCHES):
        yield Query(source="wordpress", url=_search(root, address_of(place)), site=site.url.href)


def _root(site: Site) -> URL | None:
    """Returns the address of the API, declared by the page or its Link header."""
    for header in site.link_headers:
        for reference, parameters in _HEADER.findall(header):
            if _NAMES_RELATION.search(parameters):
                return urls.resolve(reference, site.url)
    relations = site.content.relations if site.content is not None else ()
    return next((relation.url for relation in relations if RELATION in relation.rel), None)


def _search(root: URL, words: str) -> str:
    """Returns the search URL; without pretty permalinks the route is a parameter: ``/index.php?rest_route=/``."""
    parameters = urlencode({"search": words, "per_page": PER_PAGE, "_fields": "url", "page": 1})
    mark = "&" if root.search else "?"
    return f"{urls.without_fragment(root).rstrip('/')}/wp/v2/search{mark}{parameters}"


def _read(answer: SourceResponse, _: SourceContext) -> Reading | None:
    found = read_search(answer.body)
    if found is None:
        return None
    before, equals, page = answer.query.url.rpartition("=")
    following = f"{before}{equals}{int(page) + 1}"
    total = answer.headers.get("x-wp-totalpages", "")
    has_more = total.isdecimal() and len(total) < len("10000") and int(page) < int(total)
    return Reading(
        named=tuple(Named(url=url, is_expected=True) for url in found),
        onward=(Query(source="wordpress", url=following, site=answer.query.site),) if has_more else (),
    )


WORDPRESS: Final = Source(
    name="wordpress",
    of_site=_of_site,
    read=_read,
    priority=30,
    max_documents=20,
    max_bytes=1024 * 1024,
    profile=SourceProfile(
        words=("wordpress",),
        knows="posts and pages of a seed's own WordPress whose source contains a target's address",
        costs="1 request per target and 100 posts",
        documentation="https://developer.wordpress.org/rest-api/reference/search-results/",
    ),
)
