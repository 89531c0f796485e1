"""Visits made up for the tests of what is remembered: pages, rows, days."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from backlinkbot.items import Backlink, Failure, JudgedPage, State

TARGET = "target.example"
SOURCE = "https://a.example/page"
OTHER = "https://b.example/other"
ONE, TWO = "https://target.example/", "https://target.example/two"
CANONICAL = "https://elsewhere.example/"
COULD_NOT_CHECK = (
    State.BLOCKED_BY_ROBOTS,
    State.REFUSED,
    State.SERVER_ERROR,
    State.UNREACHABLE,
    State.NOT_HTML,
    State.INCOMPLETE,
    State.CHALLENGED,
    State.LOGIN,
    State.CONSENT,
    State.QUEUE,
    State.MAINTENANCE,
    State.REDIRECTED,
)


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


def read(at: str, *rows: Backlink, url: str = SOURCE, **known: Any) -> JudgedPage:
    """A visit that read a page with these links."""
    visit: dict[str, Any] = {"requested_url": url, "status": 200, "candidates": (url,)}
    backlinks = tuple(replace(row, source_url=url, fetched_at=at) for row in rows)
    return JudgedPage(url=url, fetched_at=at, backlinks=backlinks, **visit | known)


def failed(at: str, state: State, reason: str = "", url: str = SOURCE, **known: Any) -> JudgedPage:
    """A visit that read nothing."""
    known = {"requested_url": url, "candidates": (url,)} | known
    return JudgedPage(url=url, fetched_at=at, failure=Failure(state=state, reason=reason or state.value), **known)


def gone(at: str, url: str = SOURCE, **known: Any) -> JudgedPage:
    return failed(at, State.GONE, "404", url, **{"status": 404} | known)


def unchanged(at: str, url: str = SOURCE, **known: Any) -> JudgedPage:
    return JudgedPage(url=url, requested_url=url, fetched_at=at, status=304, is_unchanged=True, **known)


# --- any visits, in any order ---

URLS = st.sampled_from([ONE, TWO, "http://target.example/two", "https://target.example/three"])
ROWS = st.builds(
    lambda url, anchor, follow, hidden, noindex, canonical: row(
        url,
        anchor=anchor,
        follow=follow,
        nofollow_by=() if follow else ("rel:nofollow",),
        flags=("hidden",) if hidden else (),
        indexable=not noindex,
        noindex_by=("meta:robots",) if noindex else (),
        canonical_url=canonical,
    ),
    URLS,
    st.sampled_from(["maps", "atlas", ""]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", SOURCE, CANONICAL]),
)


def of_one_page(rows: list[Backlink]) -> list[Backlink]:
    """What a page says of itself is the same in all of its rows."""
    return [
        replace(r, indexable=rows[0].indexable, noindex_by=rows[0].noindex_by, canonical_url=rows[0].canonical_url)
        for r in rows
    ]


@st.composite
def visits(draw: st.DrawFn) -> JudgedPage:
    at = day(draw(st.integers(1, 28)))
    kind = draw(st.sampled_from(["read", "read", "read", "unchanged", "gone", "failed", "redirected"]))
    if kind == "gone":
        return draw(st.sampled_from([gone(at), failed(at, State.SUSPENDED), failed(at, State.PARKED)]))
    if kind == "failed":
        return failed(at, draw(st.sampled_from(COULD_NOT_CHECK)))
    if kind == "unchanged":
        return unchanged(at)
    rows = of_one_page(draw(st.lists(ROWS, max_size=4)))
    if kind == "redirected":
        return read(at, *rows, url=OTHER, requested_url=SOURCE)
    return read(at, *rows)


HISTORIES = st.lists(visits(), max_size=12)
