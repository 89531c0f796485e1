"""Marginalia Search: documents that link to a target's host.

https://about.marginalia-search.com/article/api/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from backlinkbot.extract.documents import json_value, objects_at, text_at
from backlinkbot.sources.claims import named
from backlinkbot.sources.places import places_of
from backlinkbot.sources.queries import (
    ApiKey,
    Query,
    Reading,
    SourceContext,
    SourceProfile,
    SourceResponse,
    link_service,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "marginalia"
ADDRESS: Final = "https://api2.marginalia-search.com"
PER_ANSWER: Final = 100  # the most that it returns


def _of_user(context: SourceContext) -> Iterator[Query]:
    address = context.addresses.get(NAME, ADDRESS)
    for host in dict.fromkeys(place.host for place in places_of(context.targets)):
        yield _query(address, host, 1)


def _query(address: str, host: str, page: int) -> Query:
    parameters = urlencode({"query": f"links:{host}", "count": PER_ANSWER, "dc": PER_ANSWER, "page": page})
    return Query(source=NAME, url=f"{address}/search?{parameters}", site=address, note=f"{host} {page}")


def _read(answer: SourceResponse, __: SourceContext) -> Reading | None:
    value = json_value(answer.body)
    if not isinstance(value, dict) or not isinstance(value.get("results"), list):
        return None
    host, _, page = answer.query.note.partition(" ")
    results = objects_at(value, "results")
    found = tuple(named(NAME, url, [host], confidence=0.6) for result in results if (url := text_at(result, "url")))
    if len(results) < PER_ANSWER:
        return Reading(named=found)
    return Reading(named=found, onward=(_query(answer.query.site, host, int(page) + 1),))


MARGINALIA: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    max_documents=50,
    max_bytes=2 * 1024 * 1024,
    is_asked_by_name=True,  # its licence forbids commercial use
    delay=2.0,
    pause=20.0,
    max_postponements=2,
    timeout=30.0,
    max_age=7 * 24 * 3600.0,
    key=ApiKey(setting="BACKLINKBOT_MARGINALIA_KEY", header="API-Key", public="public", is_required=False),
    profile=SourceProfile(
        words=(NAME,),
        knows="pages in its own index, mostly small text sites, that link to a target's host",
        costs="1 request per target and 100 pages; the public key is often used up",
        needs="your word, since its data is for non-commercial use (CC-BY-NC-SA 4.0), or a key of yours",
        documentation="https://about.marginalia-search.com/article/api/",
        terms="https://about.marginalia-search.com/article/api/",
    ),
)
