"""Lobsters: the stories submitted from a target's host.

https://github.com/lobsters/lobsters/blob/main/config/routes.rb
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from backlinkbot.extract.documents import json_value, text_at
from backlinkbot.sources.claims import is_of_target, named
from backlinkbot.sources.places import places_of
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

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "lobsters"
ADDRESS: Final = "https://lobste.rs"
PER_PAGE: Final = 25


def _of_user(context: SourceContext) -> Iterator[Query]:
    address = context.addresses.get(NAME, ADDRESS)
    for host in dict.fromkeys(place.host.removeprefix("www.") for place in places_of(context.targets)):
        if "." in host and not host.startswith("["):
            yield _query(address, host, 1)


def _query(address: str, host: str, page: int) -> Query:
    return Query(source=NAME, url=f"{address}/domains/{host}.json?page={page}", site=address, note=f"{host} {page}")


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    stories = json_value(answer.body)
    if not isinstance(stories, list):
        return None
    found = tuple(named_page for story in stories if (named_page := _page(story, context)) is not None)
    if len(stories) < PER_PAGE:
        return Reading(named=found)
    host, _, page = answer.query.note.partition(" ")
    return Reading(named=found, onward=(_query(answer.query.site, host, int(page) + 1),))


def _page(story: Any, context: SourceContext) -> Named | None:
    page, url = text_at(story, "comments_url") or text_at(story, "short_id_url"), text_at(story, "url")
    if not page or not is_of_target(url, context.targets):
        return None
    return named(NAME, page, [url], confidence=0.9, anchor=text_at(story, "title"), seen=text_at(story, "created_at"))


def _read_error(error: ServiceError) -> Reading | None:
    """A host from which no story was submitted has no page."""
    return Reading() if error.status == 404 else None


LOBSTERS: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    read_error=_read_error,
    max_documents=100,
    max_bytes=1024 * 1024,
    delay=1.0,  # as its robots.txt asks
    pause=30.0,
    max_postponements=1,
    timeout=30.0,
    max_age=24 * 3600.0,
    profile=SourceProfile(
        words=(NAME,),
        knows="stories that link to a target's host itself, not to its subdomains",
        costs="1 request per target and 25 stories; 1 a second",
        documentation="https://github.com/lobsters/lobsters/blob/main/config/routes.rb",
        terms="https://lobste.rs/about",
    ),
)
