"""The states of a visit: what was fetched, what was extracted from it, and what it is judged to be.

Each state is a class of its own, so that a step cannot read what is not known yet, or keep what is no longer needed.
:data:`STATES` has them in their order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlinkbot.extract.cloaking import Served
    from backlinkbot.extract.link import Link
    from backlinkbot.extract.page import PageContent
    from backlinkbot.items.backlink import Backlink
    from backlinkbot.items.checks import Check
    from backlinkbot.items.claims import CheckedClaim, Claim
    from backlinkbot.items.frontier_entry import FrontierEntry
    from backlinkbot.items.states import Failure
    from backlinkbot.urls import URL


class Rendering(StrEnum):
    """What became of a page that a browser was to render."""

    DONE = "done"
    SENT_ON = "sent_on"
    """Its scripts send their readers to another page."""
    NOT_DONE = "not_done"
    """It failed, or there was no budget for it: what scripts would have added, nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """An address that a visit came by, and where it was sent on to."""

    url: str
    """The address that answered."""
    status: int
    """Its answer's; from 200 to 299 where a page sent its readers on."""
    location: str
    """Where to, as written."""
    to: str
    """The same resolved."""
    link_type: str = "redirect"
    """``redirect``, or ``meta_refresh``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHeaders:
    """What the headers of an answer say of its page; empty where a header is missing."""

    charset: str = ""
    """The charset parameter of ``Content-Type``."""
    language: str = ""
    """``Content-Language``."""
    x_robots_tag: tuple[str, ...] = ()
    """The values of every ``X-Robots-Tag``, in order."""
    links: tuple[str, ...] = ()
    """The values of every ``Link``, in order."""
    refresh: str = ""
    """``Refresh``."""
    walls: tuple[tuple[str, str], ...] = ()
    """The headers by which walls are known, names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPage:
    """What a browser made of a page."""

    url: str
    """Its address then, which scripts may have changed; where it sends its readers on, where to."""
    body: bytes = field(default=b"", repr=False)
    """The page after its scripts, in UTF-8, as the browser writes it; empty where it sends its readers on."""
    hidden_mark: str = ""
    """The attribute by which the body marks what its readers do not see; no page knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A link that leads to a target."""

    target: str
    """The target's name, as the user wrote it."""
    link: Link
    is_internal: bool = False
    """True if the page is the target's own."""
    rendered: str = ""
    """``both``, ``rendered_only`` or ``raw_only``, where a browser has rendered the page; empty where none has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAnswer:
    """What was found at the address that a link leads to."""

    status: int | None = None
    """Of the last answer; None where nothing answered, or nobody asked."""
    final_url: str = ""
    """Where the address ends, after redirects; empty where nobody asked."""
    state: str = ""
    """A :class:`~backlinkbot.page_status.target_status.TargetState`; empty where nobody asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One visit to one URL, in any state: what is known of each from the beginning to the end."""

    url: str
    """Where the visit ended, after redirects."""
    requested_url: str
    """Where it began."""
    fetched_at: str
    """UTC, ISO 8601 with seconds: ``2026-01-31T12:00:00Z``."""
    status: int | None = None
    """None where nothing answered."""
    failure: Failure | None = None
    """Why the visit showed no page, as far as is known in this state; None where a page came back."""
    doubt: Failure | None = None
    """Why nothing can be said of the links that the page does not show, as of half an answer; None where it can."""
    certificate_fault: str = ""
    """What is wrong with the certificate of the server that answered, in words: ``expired``; empty where nothing is, and
    without TLS. :func:`backlinkbot.history.observation.is_doubtful` tells which of them leave a doubt."""
    rendering: Rendering | None = None
    """None where no browser was asked to render it."""
    discovered_from: str = ""
    """``seed``, ``candidate``, or the URL of the page or sitemap that named it."""
    depth: int = 0
    """Links followed from a seed or candidate."""
    candidates: tuple[str, ...] = ()
    """The candidates that this visit answers, as written; empty where it answers none."""
    is_unchanged: bool = False
    """True if the page is unchanged since the last visit, so that it was not parsed again: its links are those of that visit."""
    etag: str = ""
    """The ``ETag`` header, as sent; empty where there is none, or nobody asked."""
    last_modified: str = ""
    """The ``Last-Modified`` header, as sent."""
    fingerprint: str = ""
    """A hash of the body, of the spider's choice; empty where nobody asked."""
    entry: FrontierEntry | None = field(default=None, repr=False)
    """What is done in the frontier once the visit is recorded; None where nothing is saved of the crawl."""
    _parsed_url: URL | None = field(default=None, repr=False, compare=False)
    _key: str = field(default="", repr=False, compare=False)

    @property
    def parsed_url(self) -> URL | None:
        """``url``, parsed once for all states; None if it is no absolute URL."""
        if self._parsed_url is None:
            object.__setattr__(self, "_parsed_url", urls.parse(self.url))
        return self._parsed_url

    @property
    def key(self) -> str:
        """The identity of ``url`` without its scheme, by which the history knows the page; empty if it is no web address."""
        url = self.parsed_url
        if not self._key and url is not None and urls.is_web(url):
            object.__setattr__(self, "_key", urls.page_key(url))
        return self._key


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage(Page):
    """What was fetched: the spiders yield it."""

    headers: PageHeaders = PageHeaders()
    closed_by: tuple[str, ...] = ()
    """The robots.txt rules that close the page to the search engine: ``robots.txt:googlebot``."""
    redirects: tuple[Redirect, ...] = ()
    """What lies between ``requested_url`` and ``url``; the last may lead on to where the visit did not go."""
    redirect_closed_by: tuple[str, ...] = ()
    """As ``closed_by``, of ``requested_url`` where that redirects."""
    is_feed: bool = False
    """True if the body is a feed; otherwise it is a page."""
    is_xhtml: bool = False
    """True if the page is parsed by the rules of XML."""
    body: bytes = field(default=b"", repr=False)
    """Content encodings undone; empty where there is a failure."""
    content: PageContent | None = field(default=None, repr=False, compare=False)
    """The body, parsed; None until a step needs it, so that a page is parsed once."""
    rendered: RenderedPage | None = field(default=None, repr=False)
    """The page as a browser rendered it; None if none did."""
    rendered_content: PageContent | None = field(default=None, repr=False, compare=False)
    """The rendered page, parsed; None until a step needs it."""
    answers: tuple[Served, ...] = field(default=(), repr=False)
    """The server's answers to the crawler and to the browser, where they do not link to the same; empty where they do."""
    claims: tuple[tuple[Claim, ...], ...] = field(default=(), repr=False)
    """What is claimed of each candidate, in the same order, then of what is not for this visit to answer: of the same
    address over the other scheme, which may give the same rows. Empty where nothing is."""
    known_rows: tuple[Backlink, ...] = ()
    """The rows of the last visit where the page is unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedPage(Page):
    """What was extracted: the links to targets, not yet judged, and what they are judged by."""

    headers: PageHeaders = PageHeaders()
    closed_by: tuple[str, ...] = ()
    """As of the fetched page, as are ``headers``, ``is_feed`` and ``claims``."""
    is_feed: bool = False
    claims: tuple[tuple[Claim, ...], ...] = field(default=(), repr=False)
    matches: tuple[tuple[Match, int], ...] = ()
    """The links to targets, and how often each stands on the page."""
    rows: tuple[Backlink, ...] = ()
    """The rows that do not follow from ``matches``: of redirects, and of the last visit where the page is unchanged."""
    content: PageContent | None = field(default=None, repr=False, compare=False)
    """The page as it was served, parsed; None where its links were not looked for, or it is no longer needed."""
    rendered_content: PageContent | None = field(default=None, repr=False, compare=False)
    """The rendered page, parsed; None where it was not rendered, likewise."""
    source: FetchedPage | None = field(default=None, repr=False, compare=False)
    """What a page without links was extracted from, until it is known what kind of page that is."""
    accounts: tuple[str, ...] = ()
    """The accounts of analytics, advertising and verification services in a page with links to targets."""
    is_own: bool = False
    """True if it is a target's own page, so that its links to that target are no backlinks."""
    is_partly_unknown: bool = False
    """True if its shortened links were to be resolved, and for some the destination is not known."""
    is_another: bool = False
    """True if it has no link, and its content is unlike that of the page whose links the history knows."""
    sketch: bytes = field(default=b"", repr=False)
    """By which the page is known again, see :mod:`backlinkbot.history.page_sketch`; empty where it holds no link to a
    target, or without a history."""
    target_answers: Mapping[str, TargetAnswer] | None = field(default=None, repr=False)
    """What was found at each address that its links lead to; None where nobody asked."""
    recalled: tuple[CheckedClaim, ...] = field(default=(), repr=False)
    """What the history knows to be claimed of the page, or of the one where its visit began, as it was judged before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPage(Page):
    """What the visit says: rows, and answers to candidates and claims. Recorded, then exported."""

    backlinks: tuple[Backlink, ...] = ()
    """The rows."""
    checks: tuple[Check, ...] = ()
    """The answers to its candidates."""
    checked_claims: tuple[CheckedClaim, ...] = field(default=(), repr=False)
    """What the visit says of the claims."""
    is_partly_unknown: bool = False
    """As of the extracted page, as are the next two."""
    is_another: bool = False
    sketch: bytes = field(default=b"", repr=False)
    is_reported: bool = False
    """True if an earlier run of the same crawl has written its rows to the outputs."""


STATES: Final[tuple[type[Page], ...]] = (FetchedPage, ExtractedPage, JudgedPage)
"""The states in the order in which a visit passes them."""

_COMMON: Final = tuple(fact.name for fact in fields(Page))
_read_common: Final = attrgetter(*_COMMON)


def common_fields(page: Page, **changed: Any) -> dict[str, Any]:
    """Returns the fields that every state has, to make the next state from, with other values for some."""
    values = dict(zip(_COMMON, _read_common(page), strict=True))
    return values | changed if changed else values
