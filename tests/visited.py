"""Visits made up for the tests of what is remembered: pages, rows, days."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backlinkbot.items import Backlink, Failure, Page, State

TARGET = "target.example"
SOURCE = "https://a.example/page"


def day(number: int, hour: int = 12) -> str:
    """A time on the day of that number."""
    return f"2026-01-{number:02d}T{hour:02d}:00:00Z"


def row(target_url: str = "https://target.example/", **known: Any) -> Backlink:
    """A followed link; what else is to be said by keywords."""
    columns: dict[str, Any] = {
        "target": TARGET,
        "source_url": SOURCE,
        "source_domain": "a.example",
        "source_title": "A page",
        "source_status": 200,
        "source_language": "en",
        "target_url": target_url,
        "raw_href": target_url,
        "anchor": "maps",
        "anchor_source": "text",
        "link_type": "text",
        "rel": (),
        "follow": True,
        "nofollow_by": (),
        "indexable": True,
        "noindex_by": (),
        "canonical_url": "",
        "flags": (),
        "occurrences": 1,
        "external_links": 3,
        "internal_links": 5,
        "discovered_from": "candidate",
        "depth": 0,
        "fetched_at": day(1),
    }
    return Backlink(**columns | known)


def nofollow(target_url: str = "https://target.example/", **known: Any) -> Backlink:
    return row(target_url, **{"rel": ("nofollow",), "follow": False, "nofollow_by": ("rel:nofollow",)} | known)


def read(at: str, *rows: Backlink, url: str = SOURCE, **known: Any) -> Page:
    """A visit that read a page with these links."""
    known = {"requested_url": url, "status": 200, "candidates": (url,)} | known
    backlinks = tuple(replace(row, source_url=url, fetched_at=at) for row in rows)
    return Page(url=url, fetched_at=at, backlinks=backlinks, **known)


def failed(at: str, state: State, reason: str = "", url: str = SOURCE, **known: Any) -> Page:
    """A visit that read nothing."""
    known = {"requested_url": url, "candidates": (url,)} | known
    return Page(url=url, fetched_at=at, failure=Failure(state=state, reason=reason or state.value), **known)


def gone(at: str, url: str = SOURCE, **known: Any) -> Page:
    return failed(at, State.GONE, "404", url, **{"status": 404} | known)


def unchanged(at: str, url: str = SOURCE, **known: Any) -> Page:
    return Page(url=url, requested_url=url, fetched_at=at, status=304, is_unchanged=True, **known)
