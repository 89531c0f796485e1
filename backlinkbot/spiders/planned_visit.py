"""A planned visit: why a page is visited, as a request's meta carries it from beginning to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlinkbot.history.crawl_commit import hash_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from backlinkbot.items import Claim
    from backlinkbot.sources import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """Why a page is visited, and what its answer is needed for."""

    requested_url: str
    discovered_from: str
    depth: int = 0
    hops: int = 0
    candidates: tuple[str, ...] = ()
    """The candidates that this visit answers, as written."""
    claims: tuple[tuple[Claim, ...], ...] = ()
    """What is claimed, see :class:`~backlinkbot.items.FetchedPage`."""
    follows: bool = False
    """True if the page's links are followed."""
    is_seed: bool = False
    query: Query | None = None
    """Set where it is no page that is asked for, but a document that names pages."""
    is_first: bool = False
    """True if the user named the page: a seed or a candidate."""
    fallback: str = ""
    """Where to try if nothing answers: a seed without a scheme is tried over https, then http."""
    row: int = 0
    """The number of the waiting page in the saved frontier; 0: the user named it, or nothing is saved."""
    listed: int = 0
    """The hash of the URL that the user named, where the visit is now to another one in its place."""


def visit_of(asked: Request | Response) -> PlannedVisit:
    """Returns why a page is visited; a request that the spider did not make, such as one of ``scrapy parse``, is a seed's."""
    visit: PlannedVisit | None = asked.meta.get("visit")
    if visit is None:
        return PlannedVisit(requested_url=asked.url, discovered_from="", follows=True, is_seed=True)
    return visit


def listed_hash(visit: PlannedVisit) -> int:
    """Returns the hash of the URL as the user named it; 0 where a page or a source did."""
    return visit.listed or (hash_of(visit.requested_url) if visit.is_first else 0)
