"""Observations: what one visit found on one page, in the form in which visits are compared.

A redirected visit yields two observations: of the page where it started, and of the page where it ended.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from backlinkbot import urls
from backlinkbot.extract.link import MENTION, SAME_DOMAIN
from backlinkbot.history.link_columns import digest_of
from backlinkbot.items import Backlink, JudgedPage, Page, State
from backlinkbot.items.rendered_diff import RENDERED_ONLY


class VisitOutcome(StrEnum):
    """The result of a visit, for the page that it is about."""

    READ = "read"
    UNCHANGED = "unchanged"
    """Not read again, because it has not changed since the last visit that read it."""
    REDIRECTED = "redirected"
    """The page redirects to another page, which was read."""
    GONE = "gone"
    SUSPENDED = "suspended"
    PARKED = "parked"
    REPLACED = "replaced"
    """The address shows a different page without the links of the known one."""
    # The page could not be checked:
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
    """The page redirects to an address that the crawl did not follow."""
    UNTRUSTED = "untrusted"
    """The page has no link, but the server's certificate is faulty, so the answer may be another server's."""


GOOD: Final = frozenset({VisitOutcome.READ, VisitOutcome.UNCHANGED})
AWAY: Final = frozenset({VisitOutcome.GONE, VisitOutcome.SUSPENDED, VisitOutcome.PARKED, VisitOutcome.REPLACED})
"""The page is gone, which may be temporary: a second visit must confirm it."""
TELLING: Final = GOOD | AWAY | {VisitOutcome.REDIRECTED}
"""The outcomes that could check the page; the others are "could not check" and change nothing."""


class BacklinkKey(NamedTuple):
    """The identity of a backlink on a page; links with equal keys are one backlink."""

    target: str
    """The target's name. A link that belongs to two targets is a backlink of each."""
    url: str
    """The :func:`key_of` the target URL."""
    kind: str = ""
    """Empty for links that may pass a vote, else the link type: a canonical differs from an ordinary link to the same
    address. ``RESOLVED`` for links that only a run with ``--resolve`` can see.
    """


RESOLVED: Final = "resolved"
EXTRAS: Final = frozenset({RESOLVED, MENTION})
"""The kinds that not every run looks for, besides those of brands; see :func:`is_extra`."""
BRAND: Final = "brand:"
"""How the evidence of the flag of a brand's mention begins; with the brand's name it is the kind."""


def kind_of_brand(name: str) -> str:
    """Returns the kind of a brand's mentions."""
    return f"{BRAND}{' '.join(name.split())}"


def is_extra(kind: str) -> bool:
    """True if not every run looks for backlinks of this kind."""
    return kind in EXTRAS or kind.startswith(BRAND)


def is_mention(kind: str) -> bool:
    """True if backlinks of this kind are mentions, which are no links."""
    return kind == MENTION or kind.startswith(BRAND)


def key_of_row(row: Backlink) -> BacklinkKey:
    """Returns the key of the backlink that a row belongs to."""
    kind = row.link_type if row.follow is None else RESOLVED if any(map(_was_fetched, row.via)) else ""
    if kind == MENTION:
        kind = next((by for by in row.flags_by if by.startswith(BRAND)), kind)
    return BacklinkKey(row.target, key_of(row.target_url) or row.target_url, kind)


def key_of_observed(target: str, shown: ObservedBacklink) -> BacklinkKey:
    """Returns the key of a stored backlink."""
    return BacklinkKey(target, key_of(shown.target_url) or shown.target_url, shown.kind)


def _was_fetched(hop: str) -> bool:
    return hop[:1].isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedBacklink:
    """A backlink as a visit found it: all links of the page to one target URL."""

    target_url: str
    anchor: str
    """The anchor of the first link that follows, else of the first that might, else of the first."""
    nofollow_by: str = ""
    """The rules, joined by commas; empty if one of the links follows."""
    noindex_by: str = ""
    """The rules, joined by commas; empty if the page is indexable."""
    canonical_url: str = ""
    """The canonical URL of the page if it is another page's; empty if there is none."""
    is_hidden: bool = False
    """True if all of the links are hidden."""
    is_own: bool = False
    """True if the page is the target's own, so that only a run that includes such links sees it."""
    kind: str = ""
    """As in its :class:`BacklinkKey`."""
    is_scripted: bool = False
    """True if all of the links exist only after scripts have run."""
    links_digest: bytes = b""
    """A digest of all columns of the links, to tell whether they have changed; empty if it is not known."""
    rows: tuple[Backlink, ...] = field(default=(), repr=False, compare=False)
    """The links; empty if it comes from the database, which has them in a table of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one visit found on one page."""

    key: str
    url: str
    at: str
    outcome: VisitOutcome
    status: int | None = None
    reason: str = ""
    """As in the page's failure; for a redirect, its target."""
    rows: tuple[Backlink, ...] = ()
    page: JudgedPage
    """The visit."""
    is_wanted: bool
    """True if the page is stored even if it is not known yet."""

    def backlinks(self) -> dict[BacklinkKey, ObservedBacklink]:
        """Returns the rows as backlinks, in order."""
        found: dict[BacklinkKey, list[Backlink]] = {}
        for row in self.rows:
            found.setdefault(key_of_row(row), []).append(row)
        return {key: _shown(self.key, key.kind, rows) for key, rows in found.items()}


@lru_cache(maxsize=10_000)  # a visit asks several times, and many pages link to one address
def key_of(url: str) -> str:
    """Returns the identity of a page's address: its identity key without the scheme; empty if it is no web address."""
    parsed = urls.parse(url)
    if parsed is None or not urls.is_web(parsed):
        return ""
    return urls.page_key(parsed)


def digest(text: str) -> bytes:
    """Returns the digest under which a key is stored, of the same length for every URL."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def domain_of(url: str) -> str:
    """Returns the registrable domain of an address; empty if there is none."""
    parsed = urls.parse(url)
    return urls.registrable_domain(parsed.hostname) if parsed is not None else ""


def observations_of(page: JudgedPage) -> tuple[Observation, ...]:
    """Returns the observations of a visit: none if its address is no web address, two if it was redirected."""
    key = page.key
    if not key:
        return ()
    began = key if page.requested_url == page.url else key_of(page.requested_url)
    is_redirected = began not in {"", key}
    outcome = _outcome(page)
    reason = page.failure.reason if page.failure is not None else ""
    if outcome is VisitOutcome.UNTRUSTED:
        reason = f"certificate: {page.certificate_fault}"
    # A page that redirects to a target is a referring page, too.
    is_sent = page.failure is not None or page.url != page.requested_url
    redirects = tuple(row for row in page.backlinks if is_sent and row.source_url == page.requested_url)
    rows = tuple(row for row in page.backlinks if row not in redirects) if redirects else page.backlinks
    ended = Observation(
        key=key,
        url=page.url,
        at=page.fetched_at,
        outcome=outcome,
        status=page.status,
        reason=reason,
        rows=rows if outcome is VisitOutcome.READ else (),
        page=page,
        is_wanted=bool(rows)
        or (
            any(checked.page for checked in page.checked_claims)
            if is_redirected
            else bool(page.candidates or page.checked_claims)
        ),
    )
    if not is_redirected:
        if redirects:  # and the crawl did not follow the redirect
            return (dataclasses.replace(ended, outcome=VisitOutcome.REDIRECTED, rows=redirects, is_wanted=True),)
        return (ended,)
    start = dataclasses.replace(
        ended,
        key=began,
        url=page.requested_url,
        outcome=_outcome_of_start(page, outcome, redirects),
        reason=f"{reason} at {page.url}" if reason else page.url,
        rows=redirects,
        is_wanted=bool(page.candidates or redirects) or any(not checked.page for checked in page.checked_claims),
    )
    return start, ended


def _outcome(page: JudgedPage) -> VisitOutcome:
    outcome = _outcome_as_told(page)
    if is_doubtful(page) and not page.backlinks and outcome in TELLING - {VisitOutcome.UNCHANGED}:
        return VisitOutcome.UNTRUSTED
    return outcome


_NO_DOUBT: Final = frozenset({"", "self-signed", "unknown issuer"})
"""Faults that a site may always have had; any other fault suggests that the site has changed."""


def is_doubtful(page: Page) -> bool:
    """True if the server's certificate is faulty, so that missing links prove nothing."""
    return page.certificate_fault not in _NO_DOUBT


def _outcome_as_told(page: JudgedPage) -> VisitOutcome:
    """Returns the outcome of a visit whose certificate is in order."""
    if page.failure is None and page.is_another and not page.backlinks:
        return VisitOutcome.REPLACED
    if page.failure is None:
        return VisitOutcome.UNCHANGED if page.is_unchanged else VisitOutcome.READ
    # A redirect that was not followed, so the page behind it is unknown.
    return VisitOutcome.NOT_FOLLOWED if page.failure.state is State.REDIRECTED else VisitOutcome(page.failure.state)


def _outcome_of_start(page: JudgedPage, end: VisitOutcome, redirects: tuple[Backlink, ...]) -> VisitOutcome:
    """Returns the outcome for the page where a redirected visit started."""
    is_read = end in GOOD or end is VisitOutcome.REPLACED
    if is_doubtful(page) and not redirects and is_read:
        return VisitOutcome.UNTRUSTED
    return VisitOutcome.REDIRECTED if is_read or redirects else end


def storable(text: str) -> str:
    """Replaces what PostgreSQL or UTF-8 cannot store (NUL, lone surrogates) by U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# --- rows -------------------------------------------------------------------------------------------------------------


def _shown(page_key: str, kind: str, rows: list[Backlink]) -> ObservedBacklink:
    with_vote = [row for row in rows if row.follow is not None] or rows
    best = next((row for row in with_vote if row.follow), with_vote[0])
    canonical = best.canonical_url
    return ObservedBacklink(
        target_url=best.target_url,
        anchor=storable(best.anchor),
        nofollow_by="" if best.follow else ",".join(best.nofollow_by),
        noindex_by="" if best.indexable else ",".join(best.noindex_by),
        canonical_url=canonical if canonical and key_of(canonical) not in {"", page_key} else "",
        is_hidden=all("hidden" in row.flags for row in rows),
        is_own=SAME_DOMAIN in best.flags,
        kind=kind,
        is_scripted=all(row.rendered == RENDERED_ONLY for row in rows),
        links_digest=digest_of(rows),
        rows=tuple(rows),
    )
