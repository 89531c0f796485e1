"""Yandex Webmaster: examples of links to the user's own verified sites.

https://yandex.com/dev/webmaster/doc/en/reference/host-links-external-samples
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from backlinkbot.extract.documents import json_value, objects_at, text_at
from backlinkbot.sources.claims import is_of_target, named
from backlinkbot.sources.queries import (
    ApiKey,
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

NAME: Final = "yandex"
ADDRESS: Final = "https://api.webmaster.yandex.net/v4"
PER_ANSWER: Final = 100  # the most that it returns
_HOSTS: Final = re.compile(r"/user/\d+/hosts$")
_LINKS: Final = re.compile(r"/user/\d+/hosts/[^/]+/links/external/samples$")
NOT_NOW: Final = frozenset({"TOO_MANY_REQUESTS_ERROR"})


def _of_user(context: SourceContext) -> Iterator[Query]:
    address = context.addresses.get(NAME, ADDRESS)
    yield Query(source=NAME, url=f"{address}/user", site=address)


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    value = json_value(answer.body)
    if not isinstance(value, dict):
        return None
    url, _, query = answer.query.url.partition("?")
    if _LINKS.search(url):
        return _read_links(value, answer.query, url, dict(parse_qsl(query)))
    if _HOSTS.search(url):
        return _read_hosts(value, answer.query, url, context)
    number = value.get("user_id")
    if not isinstance(number, int) or number < 0:
        return None
    return Reading(onward=(Query(source=NAME, url=f"{url}/{number}/hosts", site=answer.query.site),))


def _read_hosts(value: dict[str, Any], query: Query, url: str, context: SourceContext) -> Reading | None:
    if not isinstance(value.get("hosts"), list):
        return None
    own = [
        identity
        for host in objects_at(value, "hosts")
        if host.get("verified") is True
        and is_of_target(text_at(host, "ascii_host_url"), context.targets)
        and (identity := text_at(host, "host_id"))
    ]
    return Reading(
        onward=tuple(_page(query, f"{url}/{quote(identity, safe='')}/links/external/samples", 0) for identity in own)
    )


def _read_links(value: dict[str, Any], query: Query, url: str, asked: dict[str, str]) -> Reading | None:
    if not isinstance(value.get("links"), list):
        return None
    links = objects_at(value, "links")
    found = tuple(
        named(NAME, page, [text_at(link, "destination_url")], confidence=0.8, seen=text_at(link, "discovery_date"))
        for link in links
        if (page := text_at(link, "source_url"))
    )
    count, offset = value.get("count"), int(asked["offset"]) + len(links)
    has_more = bool(links) and isinstance(count, int) and offset < count
    return Reading(named=found, onward=(_page(query, url, offset),) if has_more else ())


def _page(query: Query, url: str, offset: int) -> Query:
    parameters = urlencode({"offset": offset, "limit": PER_ANSWER})
    return Query(source=NAME, url=f"{url}?{parameters}", site=query.site)


def _read_error(error: ServiceError) -> Reading | None:
    code = text_at(json_value(error.body), "error_code")
    if code in NOT_NOW:
        return Reading(is_put_off=True)
    return Reading(is_refused=True) if code else None


YANDEX: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    read_error=_read_error,
    max_documents=500,
    max_bytes=1024 * 1024,
    delay=1.0,
    pause=60.0,
    max_postponements=1,
    timeout=60.0,
    max_age=24 * 3600.0,
    headers={"Accept": "application/json"},
    key=ApiKey(setting="BACKLINKBOT_YANDEX_TOKEN", header="Authorization", prefix="OAuth "),
    profile=SourceProfile(
        words=(NAME,),
        knows="examples of links to your own sites, with the day on which they were found",
        costs="2 requests, and 1 per site and 100 links; 1 a second",
        needs="the site verified in Yandex Webmaster, an OAuth token in BACKLINKBOT_YANDEX_TOKEN",
        documentation="https://yandex.com/dev/webmaster/doc/en/reference/host-links-external-samples",
        terms="https://yandex.com/legal/webmaster_api/",
    ),
)
