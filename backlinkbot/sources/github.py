"""GitHub: files of public repositories that contain a target, found by code search.

https://docs.github.com/en/rest/search/search#search-code, https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from backlinkbot.extract.documents import json_value, objects_at, text_at
from backlinkbot.sources.claims import named
from backlinkbot.sources.places import address_of, places_of
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
    from collections.abc import Iterator, Mapping

NAME: Final = "github"
ADDRESS: Final = "https://api.github.com"
PER_ANSWER: Final = 100
LAST_PAGE: Final = 10
"""Of one query, 1,000 results are shown."""


def _of_user(context: SourceContext) -> Iterator[Query]:
    address = context.addresses.get(NAME, ADDRESS)
    for place in places_of(context.targets):
        parameters = urlencode({"q": f'"{address_of(place)}"', "per_page": PER_ANSWER, "page": 1})
        yield Query(source=NAME, url=f"{address}/search/code?{parameters}", site=address, note=address_of(place))


def _read(answer: SourceResponse, __: SourceContext) -> Reading | None:
    value = json_value(answer.body)
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return None
    items = objects_at(value, "items")
    pages = dict.fromkeys(shown for item in items if (shown := _page(item)))
    found = tuple(named(NAME, shown, [answer.query.note], confidence=0.5) for shown in pages)
    address, _, query = answer.query.url.partition("?")
    parameters = dict(parse_qsl(query))
    page = int(parameters["page"])
    total = value.get("total_count")
    if not items or page >= LAST_PAGE or not isinstance(total, int) or page * PER_ANSWER >= total:
        return Reading(named=found)
    url = f"{address}?{urlencode(parameters | {'page': page + 1})}"
    onward = Query(source=NAME, url=url, site=answer.query.site, note=answer.query.note)
    return Reading(named=found, onward=(onward,))


def _page(item: dict[str, Any]) -> str:
    """Returns the page that shows a file: of a README, which is rendered there, the repository's; empty for a private one."""
    repository = item.get("repository")
    if not isinstance(repository, dict) or repository.get("private") is True:
        return ""
    is_readme = text_at(item, "path").lower().startswith("readme")
    return text_at(repository, "html_url") if is_readme else text_at(item, "html_url")


def _read_error(error: ServiceError) -> Reading | None:
    is_limited = error.status in {403, 429} and (_pause_of(error.headers, error.body) > 0 or _is_secondary(error.body))
    return Reading(is_put_off=True) if is_limited else None


def _is_secondary(body: bytes) -> bool:
    return "secondary rate limit" in text_at(json_value(body), "message").lower()


def _pause_of(headers: Mapping[str, str], body: bytes) -> float:
    """Returns the seconds until the rate limit is reset, if nothing of it is left; a minute for a secondary limit."""
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal() and len(reset) < len("10000000000000"):
        return max(1.0, int(reset) - time())
    return 60.0 if _is_secondary(body) else 0.0


GITHUB: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    read_error=_read_error,
    pause_of=_pause_of,
    max_documents=100,
    max_bytes=4 * 1024 * 1024,
    delay=6.0,  # 10 code searches a minute
    pause=30.0,
    max_postponements=2,
    timeout=30.0,
    max_age=24 * 3600.0,
    headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    key=ApiKey(setting="BACKLINKBOT_GITHUB_TOKEN", header="Authorization", prefix="Bearer "),
    profile=SourceProfile(
        words=(NAME,),
        knows="files of public repositories that contain a target's address; a README is visited on its repository's page",
        costs="1 request per target and 100 files, at most 1,000 files; 10 requests a minute",
        needs="a token in BACKLINKBOT_GITHUB_TOKEN",
        documentation="https://docs.github.com/en/rest/search/search#search-code",
        terms="https://docs.github.com/en/site-policy/github-terms/github-terms-of-service#h-api-terms",
    ),
)
