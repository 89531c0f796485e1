"""Finds the accounts of analytics, advertising and verification services in a page: who owns several sites often uses one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ACCOUNTS: Final = 20
"""The maximum number of accounts of a page that are kept."""
_MOST_BYTES: Final = 2_000_000
_MOST_SIGNS: Final = 50
"""The maximum number of places of a page in which an account of a service is looked for."""
_AROUND: Final = 300
"""The number of bytes on either side of a sign that are read."""
_QUOTED: Final = rb"[\"']?\s*[:=,]\s*[\"']?"


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and how the account of one of its customers stands in a page."""

    name: str
    """The beginning of the account in rows; empty if the account names its service itself (``UA-1234``)."""
    sign: bytes
    """Stands in every page with an account; it is looked for first."""
    pattern: bytes
    """A regular expression whose group is the account."""


@cache
def _expression(pattern: bytes) -> re.Pattern[bytes]:
    """Returns a service's expression, compiled for the first page with its sign: most pages have few of them."""
    return re.compile(pattern)


def _meta(name: bytes) -> Service:
    """A service that has its customers prove by a ``<meta>`` that a site is theirs; the order of attributes varies."""
    content = rb"\scontent\s*=\s*[\"']?([\w.=+/-]{6,100})"
    named = rb"\s(?:name|property)\s*=\s*[\"']?" + re.escape(name) + rb"(?=[\"'\s>])"
    orders = (named + rb"[^>]{0,100}?" + content, content + rb"[^>]{0,100}?" + named)
    pattern = rb"(?i:<meta(?:" + rb"|".join(rb"[^>]{0,100}?" + order for order in orders) + rb"))"
    return Service(name.decode(), name, pattern)


SERVICES: Final = (
    # Universal Analytics numbers the properties of an account behind it: UA-ACCOUNT-PROPERTY
    Service("", b"UA-", rb"\b(UA-\d{4,10})-\d{1,4}\b"),
    Service("", b"G-", rb"[\"'=/](G-[A-Z0-9]{8,12})\b"),
    Service("", b"GTM-", rb"\b(GTM-[A-Z0-9]{4,9})\b"),
    Service("", b"AW-", rb"[\"'=/](AW-\d{8,12})\b"),
    Service("", b"pub-", rb"\bca-(pub-\d{10,20})\b"),
    Service("facebook-pixel", b"fbq(", rb"fbq\(\s*[\"']init[\"']\s*,\s*[\"']?(\d{10,20})"),
    Service("yandex-metrika", b"ym(", rb"\bym\(\s*(\d{5,10})\s*,\s*[\"']init"),
    Service("yandex-metrika", b"mc.yandex.", rb"mc\.yandex\.\w+/watch/(\d{5,10})"),
    Service("statcounter", b"sc_project", rb"\bsc_project\s*=\s*[\"']?(\d{5,10})"),
    Service("hotjar", b"hjid", rb"\bhjid" + _QUOTED + rb"(\d{5,10})"),
    Service("clarity", b"clarity.ms", rb"clarity\.ms/tag/[\"']?\s*\+?\s*([a-z0-9]{8,12})\b"),
    Service("clarity", b'"clarity"', rb"\"clarity\"\s*,\s*\"script\"\s*,\s*\"([a-z0-9]{8,12})\""),
    Service("linkedin-partner", b"_linkedin_partner_id", rb"_linkedin_partner_id\s*=\s*[\"'](\d{4,12})"),
    Service(
        "cloudflare-beacon",
        b"cloudflareinsights",
        rb"data-cf-beacon\s*=\s*'[^']{0,100}?token[\"']\s*:\s*[\"']([0-9a-f]{32})",
    ),
    Service("skimlinks", b"skimresources.com", rb"skimresources\.com/js/(\d+)X\d+"),
    Service("quantcast", b"qacct", rb"\bqacct" + _QUOTED + rb"(p-[\w-]{8,20})"),
    Service("taboola", b"cdn.taboola.com", rb"cdn\.taboola\.com/libtrc/([\w-]{3,60})/loader"),
    *map(
        _meta,
        (
            *(b"fb:app_id", b"google-site-verification", b"yandex-verification", b"msvalidate.01", b"p:domain_verify"),
            *(b"facebook-domain-verification", b"baidu-site-verification", b"naver-site-verification"),
            *(b"norton-safeweb-site-verification", b"google-adsense-account", b"ahrefs-site-verification"),
        ),
    ),
)
"""The services in the order in which their accounts are told."""
# Matomo is installed by its users: only the site's number together with the server names an owner.
_MATOMO: Final = b"setSiteId"
_MATOMO_SITE: Final = re.compile(rb"setSiteId[\"']\s*,\s*[\"']?(\d{1,6})")
_MATOMO_HOST: Final = re.compile(
    rb"(?:setTrackerUrl[\"']\s*,\s*|\bu\s*=\s*)[^;]{0,60}?//([a-z0-9.-]{4,100})/", re.IGNORECASE
)


def accounts_of(body: bytes, places: Iterable[tuple[bytes, int]] | None = None) -> tuple[str, ...]:
    """Returns the accounts in a page, each once: ``UA-1234567``, ``pub-1234567890123456``, ``yandex-metrika:12345678``.

    Args:
        body: the page, content encodings undone; its first two million bytes are read.
        places: where :data:`SIGNS` stand in it, each with its offset, in order; None: they are looked for.
    """
    text = body[:_MOST_BYTES]
    found: dict[str, None] = {}
    seen: Counter[bytes] = Counter()
    is_matomo = False
    for sign, at in _places_in(text) if places is None else places:
        seen[sign] += 1
        if seen[sign] > _MOST_SIGNS:
            continue
        is_matomo = is_matomo or sign == _MATOMO
        for service in _BY_SIGN.get(sign, ()):
            for match in _expression(service.pattern).finditer(text, max(at - _AROUND, 0), at + _AROUND):
                account = next(filter(None, match.groups())).decode("ascii", "replace")
                if not _is_placeholder(account):
                    found.setdefault(f"{service.name}:{account}" if service.name else account)
        if len(found) >= MOST_ACCOUNTS:
            break
    if is_matomo:
        found.update(_matomo(text))
    return tuple(found)[:MOST_ACCOUNTS]


_LEAST_PLACEHOLDER: Final = 4
"""Equal characters of a placeholder: a token may end in a hyphen and any one."""


def _is_placeholder(account: str) -> bool:
    """True for an account that a theme's example left in the page: ``UA-0000000``, ``GTM-XXXXXX``."""
    last = account.rpartition("-")[2]
    return len(last) >= _LEAST_PLACEHOLDER and len(set(last)) == 1


def _places_in(text: bytes) -> list[tuple[bytes, int]]:
    places: list[tuple[bytes, int]] = []
    for sign in SIGNS:
        at = text.find(sign)
        while at >= 0 and len(places) < _MOST_SIGNS * len(SIGNS):
            places.append((sign, at))
            at = text.find(sign, at + 1)
    return sorted(places, key=itemgetter(1))


def _matomo(text: bytes) -> dict[str, None]:
    site, host = _MATOMO_SITE.search(text), _MATOMO_HOST.search(text)
    if site is None or host is None:
        return {}
    return {f"matomo:{host[1].decode('ascii', 'replace').lower()}/{site[1].decode()}": None}


_BY_SIGN: Final[dict[bytes, tuple[Service, ...]]] = {
    sign: tuple(service for service in SERVICES if service.sign == sign) for sign in {one.sign for one in SERVICES}
}
SIGNS: Final = (*dict.fromkeys(service.sign for service in SERVICES), _MATOMO)
"""What stands in every page with an account."""
