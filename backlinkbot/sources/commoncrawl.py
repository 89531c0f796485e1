"""Common Crawl's web graph, index and archives, which are read beside the crawl, in :mod:`backlinkbot.commoncrawl`.

https://commoncrawl.org/web-graphs, https://commoncrawl.org/cdxj-index, https://commoncrawl.org/get-started
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.commoncrawl.client import INDEX_PACE, MOST_BYTES, MOST_BYTES_OF_RUN, MOST_REQUESTS_OF_RUN, TIMEOUT
from backlinkbot.commoncrawl.releases import cost
from backlinkbot.sources.queries import Query, Reading, SourceContext, SourceProfile, SourceResponse, link_service

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME: Final = "commoncrawl"


def _of_user(_: SourceContext) -> Iterable[Query]:
    """Returns no query: what is asked is no single document."""
    return ()


def _read(_: SourceResponse, __: SourceContext) -> Reading | None:
    return None


COMMONCRAWL: Final = link_service(
    name=NAME,
    of_user=_of_user,
    read=_read,
    max_documents=MOST_REQUESTS_OF_RUN,
    max_bytes=MOST_BYTES,
    is_asked_by_name=True,  # gigabytes are not downloaded unasked
    delay=INDEX_PACE,
    timeout=TIMEOUT,
    profile=SourceProfile(
        words=(NAME,),
        knows="domains that link to a target by its web graph, and their archived pages with the link, months old",
        costs=(
            f"{cost()}; then up to {MOST_REQUESTS_OF_RUN:,} requests and {MOST_BYTES_OF_RUN // 1_000_000:,} MB, the index at one request a second"
        ),
        needs="your word, or --graph with a graph on your disk",
        documentation="https://commoncrawl.org/get-started",
        terms="https://commoncrawl.org/terms-of-use",
    ),
)
