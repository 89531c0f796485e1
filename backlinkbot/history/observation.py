"""What one visit showed of one page, and of each backlink on it: the form in which visits are compared.

A visit that was redirected says something of two pages: of the one where it began, and of the one where it ended.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from backlinkbot import urls
from backlinkbot.items import Backlink, Page, State
from backlinkbot.items.columns import columns_of
from backlinkbot.items.rendered_diff import RENDERED_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Outcome(StrEnum):
    """What became of a visit, to the page it is about."""

    READ = "read"
    UNCHANGED = "unchanged"
    """Not read again: it is as it was at the last visit that read it."""
    REDIRECTED = "redirected"
    """Another page stands there now, and was read."""
    GONE = "gone"
    SUSPENDED = "suspended"
    PARKED = "parked"
    REPLACED = "replaced"
    """Another page altogether stands there, without the links of the one that is known."""
    # from here on: could not check
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    REFUSED = "refused"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    NOT_HTML = "not_html"
    INCOMPLETE = "incomplete"
    CHALLENGED = "challenged"
    LOGIN = "login"
    CONSENT = "consent"
    QUEUE = "queue"
    MAINTENANCE = "maintenance"
    NOT_FOLLOWED = "not_followed"
    """It redirects to where the crawl did not go."""
    UNTRUSTED = "untrusted"
    """It holds no link, but the server's certificate is faulty: whoever answered may not be the page's server."""


GOOD: Final = frozenset({Outcome.READ, Outcome.UNCHANGED})
AWAY: Final = frozenset({Outcome.GONE, Outcome.SUSPENDED, Outcome.PARKED, Outcome.REPLACED})
"""The page is not there, which may be a mishap: it takes a second visit to be believed."""
TELLING: Final = GOOD | AWAY | {Outcome.REDIRECTED}
"""The others are "could not check", and change nothing."""


class BacklinkKey(NamedTuple):
    """What makes two links of one page the same backlink."""

    target: str
    """The target's name: two targets that one link belongs to have a backlink each."""
    url: str
    """The target URL's :func:`key_of`."""
    kind: str = ""
    """Empty for links that may pass a vote; else the link type, for a canonical is not the link that once stood beside
    it; ``RESOLVED`` for links that only a run that resolves them can see.
    """


RESOLVED: Final = "resolved"
MENTION: Final = "mention"
EXTRAS: Final = frozenset({RESOLVED, MENTION})
"""The kinds that not every run looks for."""


def key_of_row(row: Backlink) -> BacklinkKey:
    """Which backlink a row is of."""
    kind = row.link_type if row.follow is None else RESOLVED if any(map(_was_fetched, row.via)) else ""
    return BacklinkKey(row.target, key_of(row.target_url) or row.target_url, kind)


def key_of_shown(target: str, shown: Shown) -> BacklinkKey:
    """The same of what is remembered, in which every row is of one kind."""
    kind = ""
    if '"follow":null' in shown.links:
        found = _LINK_TYPE.search(shown.links)
        kind = found[1] if found is not None else ""
    elif '"via":[' in shown.links:
        kind = RESOLVED if any(_was_fetched(hop) for row in read_links(shown.links) for hop in row["via"]) else ""
    return BacklinkKey(target, key_of(shown.target_url) or shown.target_url, kind)


def _was_fetched(hop: str) -> bool:
    return hop[:1].isdigit()


_LINK_TYPE: Final = re.compile(r'"link_type":"(\w+)"')  # no value holds that: its quotes would be escaped


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One backlink as a visit shows it: all links of the page to one target URL."""

    target_url: str
    anchor: str
    """Of the first link that follows, else of the first that might, else of the first."""
    nofollow_by: str = ""
    """The rules, joined by commas; empty where one of the links follows."""
    noindex_by: str = ""
    """The rules, joined by commas; empty where the page is indexable."""
    canonical_url: str = ""
    """The other page that this one names as the one to be indexed; empty where it names none, or itself."""
    is_hidden: bool = False
    """Whether each of the links is."""
    is_own: bool = False
    """Whether the page is the target's own, so that only a run that includes such links sees it."""
    links: str = ""
    """What is in the rows of the links and of no other: JSON, see :func:`links_of`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one visit says of one page."""

    key: str
    url: str
    at: str
    outcome: Outcome
    status: int | None = None
    reason: str = ""
    """As in the page's failure; for a redirect, where to."""
    rows: tuple[Backlink, ...] = ()
    page: Page
    """The visit that it is a sight of."""
    is_wanted: bool
    """Whether the page is remembered though it is not known yet."""

    def backlinks(self) -> dict[BacklinkKey, Shown]:
        """The rows as backlinks, in order."""
        found: dict[BacklinkKey, list[Backlink]] = {}
        for row in self.rows:
            found.setdefault(key_of_row(row), []).append(row)
        return {key: _shown(self.key, rows) for key, rows in found.items()}


@lru_cache(maxsize=10_000)  # a visit asks several times, and many pages link to one address
def key_of(url: str) -> str:
    """What makes two addresses one page here: the identity key without its scheme; empty for what is no web address."""
    parsed = urls.parse(url)
    if parsed is None or not urls.is_web(parsed):
        return ""
    return urls.identity_key(parsed).partition("://")[2]


def domain_of(url: str) -> str:
    """The registrable domain of an address; empty for what is none."""
    parsed = urls.parse(url)
    return urls.registrable_domain(parsed.hostname) if parsed is not None else ""


def sights_of(page: Page) -> tuple[Sight, ...]:
    """What a visit says of the pages it is about: none where it asked for no web address, two where it was redirected."""
    key = key_of(page.url)
    if not key:
        return ()
    began = key_of(page.requested_url)
    is_redirected = began not in {"", key}
    outcome = _outcome(page)
    reason = page.failure.reason if page.failure is not None else ""
    if outcome is Outcome.UNTRUSTED:
        reason = f"certificate: {page.certificate_fault}"
    # A page that redirects to a target is a referrer of its own.
    is_sent = page.failure is not None or page.url != page.requested_url
    redirects = tuple(row for row in page.backlinks if is_sent and row.source_url == page.requested_url)
    rows = tuple(row for row in page.backlinks if row not in redirects) if redirects else page.backlinks
    ended = Sight(
        key=key,
        url=page.url,
        at=page.fetched_at,
        outcome=outcome,
        status=page.status,
        reason=reason,
        rows=rows if outcome is Outcome.READ else (),
        page=page,
        is_wanted=bool(rows)
        or (any(judged.page for judged in page.judged) if is_redirected else bool(page.candidates or page.judged)),
    )
    if not is_redirected:
        if redirects:  # and the crawl did not go there
            return (dataclasses.replace(ended, outcome=Outcome.REDIRECTED, rows=redirects, is_wanted=True),)
        return (ended,)
    start = dataclasses.replace(
        ended,
        key=began,
        url=page.requested_url,
        outcome=_outcome_of_start(page, outcome, redirects),
        reason=f"{reason} at {page.url}" if reason else page.url,
        rows=redirects,
        is_wanted=bool(page.candidates or redirects) or any(not judged.page for judged in page.judged),
    )
    return start, ended


def _outcome(page: Page) -> Outcome:
    outcome = _outcome_as_told(page)
    if is_doubtful(page) and not page.backlinks and outcome in TELLING - {Outcome.UNCHANGED}:
        return Outcome.UNTRUSTED
    return outcome


_NO_DOUBT: Final = frozenset({"", "self-signed", "unknown issuer"})
"""Faults with which a site may have answered ever since; another one says that something has happened to it."""


def is_doubtful(page: Page) -> bool:
    """Whether the server's certificate leaves a doubt that it is the page's: it may show links, and proves no absence."""
    return page.certificate_fault not in _NO_DOUBT


def _outcome_as_told(page: Page) -> Outcome:
    """That of a visit whose server is the page's."""
    if page.failure is None and page.is_another and not page.backlinks:
        return Outcome.REPLACED
    if page.failure is None:
        return Outcome.UNCHANGED if page.is_unchanged else Outcome.READ
    # A redirect that was not followed: nobody knows what stands there.
    return Outcome.NOT_FOLLOWED if page.failure.state is State.REDIRECTED else Outcome(page.failure.state)


def _outcome_of_start(page: Page, end: Outcome, redirects: tuple[Backlink, ...]) -> Outcome:
    """That of the page where a redirected visit began."""
    is_read = end in GOOD or end is Outcome.REPLACED
    if is_doubtful(page) and not redirects and is_read:
        return Outcome.UNTRUSTED
    return Outcome.REDIRECTED if is_read or redirects else end


def storable(text: str) -> str:
    """The text without what PostgreSQL or UTF-8 cannot hold: NUL and lone surrogates become U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# --- rows -------------------------------------------------------------------------------------------------------------

_PAGE_COLUMNS: Final = frozenset(
    {
        *("source_url", "source_domain", "source_title", "source_status", "source_language", "canonical_url"),
        *("external_links", "internal_links", "discovered_from", "depth", "fetched_at"),
    }
)
_BACKLINK_COLUMNS: Final = frozenset(
    {"target", "indexable", "noindex_by", "first_seen", "last_seen", "state", "lost_reason", "unconfirmed_since"}
    | {"claimed_by", "claim_mismatch"}  # what others say of a link is no part of it
)
# Column -> what one that is left out holds. `follow` had to be true or false when the first histories were written.
_COLUMNS: Final = tuple(
    (column.name, False if column.name == "follow" else column.nothing)
    for column in columns_of(Backlink)
    if column.name not in _PAGE_COLUMNS | _BACKLINK_COLUMNS
)
_encode = json.JSONEncoder(separators=(",", ":")).encode


def links_of(rows: Iterable[Backlink]) -> str:
    """The columns of each row that belong to its link alone, as JSON; what is empty is left out."""
    return _encode(
        [{name: value for name, nothing in _COLUMNS if (value := getattr(row, name)) != nothing} for row in rows]
    )


def read_links(links: str) -> Iterator[dict[str, Any]]:
    """What :func:`links_of` wrote, as keyword arguments of a row."""
    for columns in json.loads(links):
        yield {
            name: tuple(value) if isinstance(value, list) else value
            for name, nothing in _COLUMNS
            for value in [columns.get(name, nothing)]
        }


def is_written_by_scripts(shown: Shown) -> bool:
    """Whether only a browser that runs scripts shows the backlink."""
    if f'"{RENDERED_ONLY}"' not in shown.links:  # of most histories, all
        return False
    return all(columns["rendered"] == RENDERED_ONLY for columns in read_links(shown.links))


def _shown(page_key: str, rows: list[Backlink]) -> Shown:
    with_vote = [row for row in rows if row.follow is not None] or rows
    best = next((row for row in with_vote if row.follow), with_vote[0])
    canonical = best.canonical_url
    return Shown(
        target_url=best.target_url,
        anchor=storable(best.anchor),
        nofollow_by="" if best.follow else ",".join(best.nofollow_by),
        noindex_by="" if best.indexable else ",".join(best.noindex_by),
        canonical_url=canonical if canonical and key_of(canonical) not in {"", page_key} else "",
        is_hidden=all("hidden" in row.flags for row in rows),
        is_own="same_domain" in best.flags,
        links=links_of(rows),
    )
