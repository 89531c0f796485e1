"""Stack Exchange: questions and answers that contain a URL of a target, on its largest sites.

https://api.stackexchange.com/docs/excerpt-search, https://api.stackexchange.com/docs/throttle
"""

from __future__ import annotations

import re
from time import time
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from backlinkbot.extract.documents import json_value, objects_at, text_at
from backlinkbot.sources.claims import day_of, named
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

NAME: Final = "stackexchange"
ADDRESS: Final = "https://api.stackexchange.com/2.3"
SITES: Final = {
    "stackoverflow": "stackoverflow.com",
    "superuser": "superuser.com",
    "serverfault": "serverfault.com",
    "askubuntu": "askubuntu.com",
    "unix": "unix.stackexchange.com",
}
"""Names of sites in the API, and their hosts; each costs a request of the daily quota."""
PER_ANSWER: Final = 100
LAST_PAGE: Final = 25
"""The last page that is served without a key."""
THROTTLED: Final = 502
"""The ``error_id`` of ``throttle_violation``; the response has status 400."""
NOT_NOW: Final = frozenset({500, THROTTLED, 503})
REFUSED: Final = frozenset({401, 402, 403, 405, 406, 407})
_DAY: Final = 24 * 3600
_AVAILABLE_IN: Final = re.compile(r"available in (\d{1,9}) seconds")


def _of_user(context: SourceContext) -> Iterator[Query]:
    address = context.addresses.get(NAME, ADDRESS)
    for site in SITES:
        for place in places_of(context.targets):
            parameters = {
                "site": site,
                "url": f"*{address_of(place)}*",
                "order": "desc",
                "sort": "creation",
                "pagesize": PER_ANSWER,
                "page": 1,
            }
            url = f"{address}/search/excerpts?{urlencode(parameters)}"
            yield Query(source=NAME, url=url, site=address, note=address_of(place))


def _read(answer: SourceResponse, __: SourceContext) -> Reading | None:
    value = json_value(answer.body)
    if not isinstance(value, dict):
        return None
    if "error_id" in value:
        return _error(value.get("error_id"))
    if not isinstance(value.get("items"), list):
        return None
    address, _, query = answer.query.url.partition("?")
    parameters = dict(parse_qsl(query))
    host = SITES[parameters["site"]]
    days: dict[int, str] = {}
    for item in objects_at(value, "items"):
        if isinstance(number := item.get("question_id"), int):
            days.setdefault(number, day_of(item.get("creation_date")))
    found = tuple(
        named(NAME, f"https://{host}/questions/{number}", [answer.query.note], confidence=0.8, file=host, seen=day)
        for number, day in days.items()
    )
    page = int(parameters["page"])
    if value.get("has_more") is not True or page >= LAST_PAGE:
        return Reading(named=found)
    url = f"{address}?{urlencode(parameters | {'page': page + 1})}"
    onward = Query(source=NAME, url=url, site=answer.query.site, note=answer.query.note)
    return Reading(named=found, onward=(onward,))


def _error(number: object) -> Reading | None:
    if number in NOT_NOW:
        return Reading(is_put_off=True)
    return Reading(is_refused=True) if number in REFUSED else None


def _read_error(error: ServiceError) -> Reading | None:
    value = json_value(error.body)
    return _error(value.get("error_id")) if isinstance(value, dict) else None


def _pause_of(_: Mapping[str, str], body: bytes) -> float:
    """Returns the seconds of ``backoff``, or of the error's message; until midnight UTC if the daily quota is used up."""
    value = json_value(body)
    if not isinstance(value, dict):
        return 0.0
    if value.get("error_id") == THROTTLED:
        said = _AVAILABLE_IN.search(text_at(value, "error_message"))
        return float(said[1]) if said else 60.0
    backoff = value.get("backoff")
    if isinstance(backoff, int) and backoff > 0:
        return float(min(backoff, _DAY))
    return _DAY - time() % _DAY if value.get("quota_remaining") == 0 else 0.0


STACKEXCHANGE: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    read_error=_read_error,
    pause_of=_pause_of,
    max_documents=100,  # of 300 a day
    max_bytes=2 * 1024 * 1024,
    delay=0.5,
    pause=30.0,
    max_postponements=2,
    timeout=30.0,
    max_age=24 * 3600.0,
    key=ApiKey(setting="BACKLINKBOT_STACKEXCHANGE_KEY", parameter="key", is_required=False),
    profile=SourceProfile(
        words=(NAME,),
        knows=f"questions and answers on {len(SITES)} sites of Stack Exchange that contain a target's address",
        costs=f"{len(SITES)} requests per target, 1 per 100 hits; 300 a day, 10,000 with a key",
        documentation="https://api.stackexchange.com/docs/excerpt-search",
        terms="https://stackoverflow.com/legal/api-terms-of-use",
    ),
)
