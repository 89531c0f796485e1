"""Lemmy: posts and comments whose text contains a target, found by the search of one large instance.

https://lemmy.readme.io/reference/get_search
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from backlinkbot.extract.documents import json_value, objects_at, text_at
from backlinkbot.sources.claims import is_of_target, links_in_text, named
from backlinkbot.sources.places import address_of, places_of
from backlinkbot.sources.queries import (
    Named,
    Query,
    Reading,
    ServiceError,
    SourceContext,
    SourceProfile,
    SourceResponse,
    link_service,
)
from backlinkbot.targets import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "lemmy"
ADDRESS: Final = "https://lemmy.world/api/v3"
PER_ANSWER: Final = 50  # the most that it returns
NOT_NOW: Final = frozenset({"rate_limit_error", "timeout_err"})
_PARAMETERS: Final = {"sort": "New", "listing_type": "All", "limit": PER_ANSWER, "page": 1}


def _of_user(context: SourceContext) -> Iterator[Query]:
    address = context.addresses.get(NAME, ADDRESS)
    for place in places_of(context.targets):
        searches = [("All", address_of(place))]
        if place.scope in {Scope.DOMAIN, Scope.SUBDOMAINS}:
            searches.append(("Url", f"https://{address_of(place)}/"))  # such a search is for one address only
        for kind, words in searches:
            parameters = {"q": words, "type_": kind} | _PARAMETERS
            yield Query(source=NAME, url=f"{address}/search?{urlencode(parameters)}", site=address)


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    value = json_value(answer.body)
    if not isinstance(value, dict) or not isinstance(value.get("posts"), list):
        return None
    posts, comments = objects_at(value, "posts"), objects_at(value, "comments")
    found = [_page(post.get("post"), "body", context) for post in posts]
    found += [_page(comment.get("comment"), "content", context) for comment in comments]
    pages = tuple(page for page in found if page is not None)
    if max(len(posts), len(comments)) < PER_ANSWER:
        return Reading(named=pages)
    address, _, query = answer.query.url.partition("?")
    parameters = dict(parse_qsl(query))
    parameters["page"] = str(int(parameters["page"]) + 1)
    onward = Query(source=NAME, url=f"{address}?{urlencode(parameters)}", site=answer.query.site)
    return Reading(named=pages, onward=(onward,))


def _page(thing: Any, text: str, context: SourceContext) -> Named | None:
    links = list(links_in_text(text_at(thing, text), context.targets))
    if is_of_target(url := text_at(thing, "url"), context.targets):
        links.append(url)
    page = text_at(thing, "ap_id")
    return named(NAME, page, links, confidence=0.7, seen=text_at(thing, "published")) if page and links else None


def _read_error(error: ServiceError) -> Reading | None:
    return Reading(is_put_off=True) if text_at(json_value(error.body), "error") in NOT_NOW else None


LEMMY: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    read_error=_read_error,
    max_documents=40,
    max_bytes=4 * 1024 * 1024,
    delay=2.0,  # its servers allow 60 searches in 600 seconds by default
    pause=60.0,
    max_postponements=1,
    timeout=30.0,
    max_age=24 * 3600.0,
    profile=SourceProfile(
        words=(NAME,),
        knows="posts and comments whose text contains a target's address, and posts that link to its home page",
        costs="2 requests per target, 1 per 50 hits; 60 in 10 minutes",
        documentation="https://lemmy.readme.io/reference/get_search",
        terms="https://legal.lemmy.world/tos/",
    ),
)
