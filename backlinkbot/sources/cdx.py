"""The Wayback Machine's CDX index, which lists the archived pages of a seed's domain.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from backlinkbot import urls
from backlinkbot.download.special_addresses import is_private_host
from backlinkbot.extract.documents import read_captures
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

ADDRESS: Final = "https://web.archive.org/cdx/search/cdx"
PER_ANSWER: Final = 10_000
_RESUME: Final = "&resumeKey="
_IS_ESCAPED: Final = re.compile(r"[A-Za-z0-9%+._~!*-]+")


def _of_site(site: Site, context: SourceContext) -> Iterator[Query]:
    if not site.is_seed or is_private_host(site.url.hostname):
        return
    host = urls.bare_host(site.url.hostname)
    parameters = urlencode(
        [
            ("url", host if context.is_one_host else urls.registrable_domain(host)),
            ("matchType", "host" if context.is_one_host else "domain"),
            ("collapse", "urlkey"),
            ("filter", "statuscode:200"),
            ("filter", "mimetype:text/html"),
            ("fl", "original"),
            ("limit", PER_ANSWER),
            ("showResumeKey", "true"),
        ]
    )
    address = context.addresses.get("cdx", ADDRESS)
    yield Query(source="cdx", url=f"{address}?{parameters}", site=site.url.href)


def _read(answer: SourceResponse, _: SourceContext) -> Reading | None:
    captures = read_captures(answer.body)
    if captures is None:
        return None
    query = answer.query
    is_secure = query.site.startswith("https:")
    named = tuple(Named(url=_as_today(url) if is_secure else url) for url in captures.urls)
    if not captures.resume_key:
        return Reading(named=named)
    key = captures.resume_key if _IS_ESCAPED.fullmatch(captures.resume_key) else quote(captures.resume_key, safe="")
    first = query.url.partition(_RESUME)[0]
    return Reading(named=named, onward=(Query(source=query.source, url=f"{first}{_RESUME}{key}", site=query.site),))


def _as_today(text: str) -> str:
    """Replaces the scheme by the seed's: most pages archived over http would cost a redirect each."""
    url = urls.parse(text)
    if url is None or url.protocol != "http:" or url.port:
        return text
    return f"https://{url.host}{url.pathname}{url.search}"


CDX: Final = Source(
    name="cdx",
    of_site=_of_site,
    read=_read,
    is_standard=False,
    priority=30,
    max_documents=20,
    max_bytes=8 * 1024 * 1024,
    stays=False,
    is_service=True,
    # Formerly 60 requests a minute, averaged over five; 24 of late. Clients that go on after a 429 are blocked for an hour:
    # https://github.com/edgi-govdata-archiving/wayback/issues/137, /issues/153
    delay=3.0,
    pause=3_600.0,
    timeout=120.0,
    max_age=7 * 24 * 3600.0,
    profile=SourceProfile(
        words=("cdx",),
        knows="pages of the seeds' domains that the Wayback Machine has seen; not what links to a target",
        costs="1 request per seed and 10,000 pages; 20 a minute",
        needs="a seed",
        documentation="https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server",
        terms="https://archive.org/about/terms",
    ),
)
