"""Bing Webmaster Tools: links to the user's own verified sites.

https://learn.microsoft.com/en-us/dotnet/api/microsoft.bing.webmaster.api.interfaces.iwebmasterapi.geturllinks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

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
    from collections.abc import Callable, Iterator

NAME: Final = "bing"
ADDRESS: Final = "https://ssl.bing.com/webmaster/api.svc/json"
THROTTLED: Final = frozenset({4, 5})
"""The error codes ``ThrottleUser`` and ``ThrottleHost``."""
REFUSED: Final = frozenset({3, 13, 14})
"""The error codes ``InvalidApiKey``, ``NotAllowed`` and ``NotAuthorized``."""


def _of_user(context: SourceContext) -> Iterator[Query]:
    yield _query(context.addresses.get(NAME, ADDRESS), "GetUserSites")


def _query(address: str, method: str, **parameters: Any) -> Query:
    question = f"?{urlencode(parameters)}" if parameters else ""
    return Query(source=NAME, url=f"{address}/{method}{question}", site=address)


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    value = json_value(answer.body)
    if not isinstance(value, dict):
        return None
    if "ErrorCode" in value:
        return _error(value.get("ErrorCode"))
    address, _, query = answer.query.url.partition("?")
    reader = _READERS[address.rpartition("/")[2]]
    return reader(value, answer.query, dict(parse_qsl(query)), context) if "d" in value else None


def _read_sites(value: Any, query: Query, _: dict[str, str], context: SourceContext) -> Reading:
    sites = [text_at(site, "Url") for site in objects_at(value, "d") if site.get("IsVerified") is not False]
    own = [site for site in sites if is_of_target(site, context.targets)]
    return Reading(onward=tuple(_query(query.site, "GetLinkCounts", siteUrl=site, page=0) for site in own))


def _read_counts(value: Any, query: Query, asked: dict[str, str], context: SourceContext) -> Reading:
    links = [text_at(link, "Url") for link in objects_at(value, "d", "Links")]
    onward = [
        _query(query.site, "GetUrlLinks", siteUrl=asked["siteUrl"], link=link, page=0)
        for link in links
        if is_of_target(link, context.targets)
    ]
    return Reading(onward=(*onward, *_next_page(value, query, "GetLinkCounts", asked)))


def _read_links(value: Any, query: Query, asked: dict[str, str], _: SourceContext) -> Reading:
    found = tuple(
        named(NAME, page, [asked["link"]], confidence=0.8, anchor=text_at(link, "AnchorText"))
        for link in objects_at(value, "d", "Details")
        if (page := text_at(link, "Url"))
    )
    return Reading(named=found, onward=_next_page(value, query, "GetUrlLinks", asked))


def _next_page(value: Any, query: Query, method: str, asked: dict[str, str]) -> tuple[Query, ...]:
    said, page = value["d"], int(asked["page"]) + 1
    total = said.get("TotalPages") if isinstance(said, dict) else 0
    is_there = isinstance(total, int) and page < total
    return (_query(query.site, method, **{**asked, "page": page}),) if is_there else ()


_READERS: Final[dict[str, Callable[[Any, Query, dict[str, str], SourceContext], Reading]]] = {
    "GetUserSites": _read_sites,
    "GetLinkCounts": _read_counts,
    "GetUrlLinks": _read_links,
}


def _error(code: object) -> Reading | None:
    if code in THROTTLED:
        return Reading(is_put_off=True)
    return Reading(is_refused=True) if code in REFUSED else None


def _read_error(error: ServiceError) -> Reading | None:
    value = json_value(error.body)
    return _error(value.get("ErrorCode")) if isinstance(value, dict) else None


BING: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    read_error=_read_error,
    max_documents=500,
    max_bytes=2 * 1024 * 1024,
    delay=1.0,
    pause=60.0,
    max_postponements=1,
    timeout=60.0,
    max_age=24 * 3600.0,
    key=ApiKey(setting="BACKLINKBOT_BING_KEY", parameter="apikey"),
    profile=SourceProfile(
        words=(NAME,),
        knows="links to your own sites, with anchors",
        costs="1 request per site and linked page, and more where they have many links; 1 a second",
        needs="the site verified in Bing Webmaster Tools, its API key in BACKLINKBOT_BING_KEY",
        documentation="https://learn.microsoft.com/en-us/bingwebmaster/getting-started",
        terms="https://learn.microsoft.com/en-us/bingwebmaster/",
    ),
)
