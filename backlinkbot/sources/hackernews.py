"""Hacker News: stories and comments that link to a target, found by Algolia's search.

https://hn.algolia.com/api
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from backlinkbot.extract.documents import json_value, objects_at, text_at
from backlinkbot.sources.claims import is_of_target, links_in_html, named
from backlinkbot.sources.places import address_of, places_of
from backlinkbot.sources.queries import (
    Named,
    Query,
    Reading,
    SourceContext,
    SourceProfile,
    SourceResponse,
    link_service,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "hackernews"
ADDRESS: Final = "https://hn.algolia.com/api/v1"
PAGES: Final = "https://news.ycombinator.com/item?id="
PER_ANSWER: Final = 500
"""Hits in one response; the search shows 1,000 hits of a query, so older ones need another query."""
_PARAMETERS: Final = {
    "tags": "(story,comment)",
    "restrictSearchableAttributes": "url,story_text,comment_text",
    "typoTolerance": "false",
    "advancedSyntax": "true",
    "attributesToRetrieve": "url,story_text,comment_text,created_at,created_at_i",
    "attributesToHighlight": "",
    "hitsPerPage": PER_ANSWER,
}


def _of_user(context: SourceContext) -> Iterator[Query]:
    address = context.addresses.get(NAME, ADDRESS)
    for place in places_of(context.targets):
        yield _query(address, f'"{address_of(place)}"')


def _query(address: str, words: str, before: int = 0) -> Query:
    parameters = {"query": words} | _PARAMETERS
    if before:
        parameters["numericFilters"] = f"created_at_i<{before}"
    return Query(source=NAME, url=f"{address}/search_by_date?{urlencode(parameters)}", site=address, note=words)


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    value = json_value(answer.body)
    if not isinstance(value, dict) or not isinstance(value.get("hits"), list):
        return None
    hits = objects_at(value, "hits")
    found = tuple(page for hit in hits if (page := _page(hit, context)) is not None)
    times = [time for hit in hits if isinstance(time := hit.get("created_at_i"), int) and time > 0]
    if len(hits) < PER_ANSWER or not times:
        return Reading(named=found)
    return Reading(named=found, onward=(_query(answer.query.site, answer.query.note, min(times)),))


def _page(hit: dict[str, Any], context: SourceContext) -> Named | None:
    number = text_at(hit, "objectID")
    if not number.isdecimal():
        return None
    page = f"{PAGES}{number}"
    links = [url] if is_of_target(url := text_at(hit, "url"), context.targets) else []
    for name in ("story_text", "comment_text"):
        links += links_in_html(text_at(hit, name), page, context.targets)
    return named(NAME, page, links, confidence=0.9, seen=text_at(hit, "created_at")) if links else None


HACKERNEWS: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    max_documents=200,
    max_bytes=8 * 1024 * 1024,
    delay=0.5,  # 10,000 requests an hour and address, it says
    pause=30.0,
    max_postponements=2,
    timeout=30.0,
    max_age=24 * 3600.0,
    profile=SourceProfile(
        words=(NAME,),
        knows="stories and comments that link to a target",
        costs="1 request per target and 500 hits; at most 10,000 an hour",
        documentation="https://hn.algolia.com/api",
        terms="https://www.ycombinator.com/legal/",
    ),
)
