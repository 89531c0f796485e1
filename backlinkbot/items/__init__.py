"""The nouns that travel: Candidate, Claim, Link, Page, Backlink.

One visit is one item, a :class:`Page`, which the pipelines take from what was fetched to what is judged; only an exporter
turns it into rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from backlinkbot.extract.link import Link
from backlinkbot.items.columns import Group, Kind, Lines, column, columns_of, row
from backlinkbot.items.frontier_entry import FrontierEntry
from backlinkbot.items.pages import (
    ExtractedPage,
    FetchedPage,
    JudgedPage,
    Match,
    Page,
    PageHeaders,
    Redirect,
    RenderedPage,
    Rendering,
    TargetAnswer,
    common_fields,
)

__all__ = [
    "Backlink",
    "BacklinkItem",
    "Candidate",
    "Change",
    "ChangeKind",
    "Check",
    "CheckedClaim",
    "Claim",
    "ExtractedPage",
    "Failure",
    "FetchedPage",
    "FrontierEntry",
    "JudgedPage",
    "Lines",
    "Link",
    "LinkState",
    "Match",
    "Mismatch",
    "Page",
    "PageHeaders",
    "Reason",
    "Redirect",
    "RenderedPage",
    "Rendering",
    "State",
    "TargetAnswer",
    "Verdict",
    "common_fields",
]


class State(StrEnum):
    """What the visit of a candidate showed; "could not check" is never "no link"."""

    LINKED = "linked"
    NOT_LINKED = "not_linked"
    GONE = "gone"
    REDIRECTED = "redirected"
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    REFUSED = "refused"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    NOT_HTML = "not_html"
    INCOMPLETE = "incomplete"
    """Only a part of an answer came, or an answer that holds no page."""
    # Another page stands in place of the one that was asked for, with a status that says otherwise: see ``walls``.
    CHALLENGED = "challenged"
    """A test for bots, a firewall's refusal, a rate limit."""
    LOGIN = "login"
    CONSENT = "consent"
    """A question that visitors must answer first: cookies, age."""
    QUEUE = "queue"
    """A waiting room."""
    MAINTENANCE = "maintenance"
    """The site says that it is out of order: maintenance, a database error, a server that was never set up."""
    SUSPENDED = "suspended"
    """The host has closed the site's account."""
    PARKED = "parked"
    """Nobody uses the domain: advertisements, or an offer to sell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a visit showed no page."""

    state: State
    reason: str
    """In words, for a person: ``404``, ``no such host``, ``robots.txt answered 503``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one row of one source says of a link; whether it is true is for a visit to say."""

    origin: str
    """The format, or the tool that wrote it: ``ahrefs``, ``gsc``, ``access-log``, ``list``."""
    file: str = ""
    """As named by the user; ``export.zip/links.csv`` for a member of an archive. Empty where there is none."""
    row: int = 0
    """The line on which the row begins, from 1; the number of the record where a file has no lines. 0 where there is none."""
    target_url: str = ""
    """What the link is said to lead to, as written: a URL, a path of the target (access logs), a domain (gap files).

    Empty where the source does not say, as are the next five.
    """
    anchor: str = ""
    rel: tuple[str, ...] = ()
    """Tokens in lower case, as far as the source names them."""
    follow: bool | None = None
    """The source's verdict."""
    first_seen: str = ""
    """ISO 8601, date or time; as written where nobody can tell the day from the month."""
    last_seen: str = ""
    is_lost: bool = False
    """True if the source itself says that the link is gone."""
    confidence: float = 0.0
    """From 0 to 1: how likely such a row is to be a live link, before anybody has looked."""


class Verdict(StrEnum):
    """What a visit says of a claim."""

    TRUE = "true"
    FALSE = "false"
    COULD_NOT_CHECK = "could_not_check"


class Mismatch(StrEnum):
    """What is not as claimed, the gravest first."""

    PAGE_GONE = "page gone"
    LINK_MISSING = "link missing"
    """The page was read, and links nowhere to the target that is claimed."""
    SOURCE_SAYS_LOST = "source says lost"
    """The source says that the link is gone, and it is there."""
    TARGET_DIFFERS = "target differs"
    """The page links to the target, but not to the address that is claimed."""
    FOLLOW_DIFFERS = "follow differs"
    REL_DIFFERS = "rel differs"
    """A token that is claimed does not stand there."""
    ANCHOR_DIFFERS = "anchor differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """A claim, and what the last visit of its page says of it."""

    candidate: str
    """The page, as written in the source."""
    claim: Claim
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    """Each :class:`Mismatch` where it is false, the gravest first; why not where it could not be checked."""
    judged_at: str = ""
    """When the visit was, UTC, ISO 8601; empty where there has been none."""
    page: str = ""
    """The URL of the page that it is about; empty where the visit began there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A URL or a domain believed to carry a backlink, with everything that is claimed of it."""

    url: str
    """As written in its first source; a bare domain where ``is_domain``."""
    claims: tuple[Claim, ...] = ()
    """In the order of their sources."""
    is_domain: bool = False
    """True if only the domain is known, not the page: a seed for discover."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Who claims it, each once."""
        return tuple(dict.fromkeys(claim.origin for claim in self.claims))

    @property
    def expected_targets(self) -> tuple[str, ...]:
        """What it is said to link to, each once."""
        return tuple(dict.fromkeys(claim.target_url for claim in self.claims if claim.target_url))

    @property
    def confidence(self) -> float:
        """That of its best claim; 0 where nothing is claimed."""
        return max((claim.confidence for claim in self.claims), default=0.0)

    @property
    def is_lost(self) -> bool:
        """True if every source of it says that the link is gone."""
        return bool(self.claims) and all(claim.is_lost for claim in self.claims)


@row
class Backlink:
    """One row: a link to a target from a page that lies outside it. ``docs/rows.md`` describes each column."""

    # --- what links where ---
    target: str = column(
        Kind.TEXT,
        "The target that the link leads to, as you wrote it. A link to an alias has the target's name here; a link to two "
        "targets is two rows.",
        example="target.example",
        essential=True,
    )
    source_url: str = column(
        Kind.TEXT,
        "The page that holds the link, after redirects.",
        example="https://news.example/everything.html",
        essential=True,
    )
    source_domain: str = column(
        Kind.TEXT,
        "The registrable domain of `source_url`. Counting these values counts referring domains.",
        example="news.example",
        essential=True,
    )
    source_title: str = column(
        Kind.TEXT,
        "The page's first `<title>`, white space collapsed; its first 1,000 characters.",
        empty="the page has no title",
        example="A word from our sponsor",
        essential=True,
    )
    target_url: str = column(
        Kind.TEXT,
        "Where the link leads, resolved as a browser does; the end of `via` where it leads through other addresses.",
        example="https://target.example/news/everything",
        essential=True,
    )
    anchor: str = column(
        Kind.TEXT,
        "What a reader sees on the link, white space collapsed; for an image its alternative text.",
        empty="a reader sees nothing",
        example="a map of the day",
        essential=True,
    )
    link_type: str = column(
        Kind.TEXT,
        "`text`, `image` or `area` for links that may pass a vote; else the type of a link that passes none.",
        example="text",
        essential=True,
    )
    # --- does it count ---
    follow: bool | None = column(
        Kind.FLAG,
        "Whether no rule makes the link nofollow; depends on pages visited before, as `nofollow_by` does.",
        empty="a link of a type that passes no vote: everything but `text`, `image` and `area`",
        example="false",
        group=Group.VERDICT,
        essential=True,
        may_lack=True,
    )
    nofollow_by: tuple[str, ...] = column(
        Kind.LIST,
        "Every rule that made `follow` false: first those of the link, then those of the page. Depends on pages visited before: "
        "robots.txt of an address in `via` counts if the run has read it.",
        empty="where `follow` is true",
        example="rel:sponsored,meta:robots,header:robots",
        group=Group.VERDICT,
        essential=True,
    )
    rel: tuple[str, ...] = column(
        Kind.LIST,
        "The tokens of the link's `rel`, in order, as written.",
        empty="the link has no `rel`, or an empty one",
        example="sponsored",
        group=Group.VERDICT,
    )
    indexable: bool = column(
        Kind.FLAG,
        "Whether nothing keeps the page out of the search engine's index.",
        example="false",
        group=Group.VERDICT,
        essential=True,
    )
    noindex_by: tuple[str, ...] = column(
        Kind.LIST,
        "Every rule that made `indexable` false.",
        empty="where `indexable` is true",
        example="header:googlebot",
        group=Group.VERDICT,
    )
    flags: tuple[str, ...] = column(
        Kind.LIST,
        "What is remarkable about the link or its page, such as `hidden`.",
        empty="nothing is",
        example="closed_to_googlebot",
        group=Group.VERDICT,
        essential=True,
    )
    # --- where on the page ---
    placement: str = column(
        Kind.TEXT,
        "Where on the page the link stands: `content`, `nav`, `header`, `footer`, `aside` or `comment`. Depends on pages visited "
        "before: a block of a domain counts as repeated from the fifth page on which the run sees it.",
        empty="the link stands nowhere on the page, or behind its first 20,000 elements",
        example="content",
        group=Group.PLACE,
        essential=True,
        default="",
    )
    heading: str = column(
        Kind.TEXT,
        "The heading above the link, or the one that it stands in; its first 160 characters.",
        empty="no heading stands above the link",
        example="A word from our sponsor",
        group=Group.PLACE,
        default="",
    )
    context_before: str = column(
        Kind.TEXT,
        "The words before the link in its block, 160 characters at most.",
        empty="the link begins its block",
        example="Our reporter used",
        group=Group.PLACE,
        default="",
    )
    context_after: str = column(
        Kind.TEXT,
        "The words after it, 160 characters at most.",
        empty="the link ends its block",
        example=".",
        group=Group.PLACE,
        default="",
    )
    link_kind: tuple[str, ...] = column(
        Kind.LIST,
        "What kind of link it may be, such as `guest_post`: a hint, never a verdict.",
        empty="nothing suggests a kind",
        example="sponsored_label",
        group=Group.PLACE,
        default=(),
    )
    link_density: float | None = column(
        Kind.REAL,
        "Of the characters of the block that the link stands in, the share that belongs to links, from 0 to 1.",
        empty="the link stands in no block of text",
        example="0.471",
        group=Group.PLACE,
        may_lack=True,
        default=None,
    )
    position: int = column(
        Kind.NUMBER,
        "Which of the page's links it is, from 1; `0` for what is no `<a>` or `<area>`.",
        example="1",
        group=Group.PLACE,
        default=0,
    )
    occurrences: int = column(
        Kind.NUMBER, "How often exactly this link stands on the page.", example="1", group=Group.PLACE
    )
    # --- what is known of it ---
    state: str = column(
        Kind.TEXT,
        "What the last visit that could tell says of it: `new`, `live`, `changed`, `restored` or `lost`.",
        empty="without a history",
        example="new",
        group=Group.KNOWN,
        essential=True,
        default="",
    )
    first_seen: str = column(
        Kind.TIME,
        "When a visit first found a link from this page to this address.",
        empty="without a history",
        example="2026-01-31T12:00:00Z",
        group=Group.KNOWN,
        essential=True,
        default="",
    )
    last_seen: str = column(
        Kind.TIME,
        "When a visit last did.",
        empty="without a history",
        example="2026-01-31T12:00:00Z",
        group=Group.KNOWN,
        essential=True,
        default="",
    )
    lost_reason: str = column(
        Kind.TEXT,
        "Why it counts as lost.",
        empty="`state` is not `lost`",
        group=Group.KNOWN,
        default="",
    )
    unconfirmed_since: str = column(
        Kind.TIME,
        "When a visit last showed the link, where no visit since then could tell, or where its page seems gone and a second "
        "visit has to say the same.",
        empty="the last visit of the page could tell, the link is lost, or without a history",
        group=Group.KNOWN,
        default="",
    )
    claimed_by: tuple[str, ...] = column(
        Kind.LIST,
        "The sources whose claims mean this link.",
        empty="no source claimed this link, or the row comes from a history",
        group=Group.KNOWN,
        default=(),
    )
    claim_mismatch: tuple[str, ...] = column(
        Kind.LIST,
        "What is not as one of them says.",
        empty="it is as claimed, or nobody claimed it",
        group=Group.KNOWN,
        default=(),
    )
    target_state: str = column(
        Kind.TEXT,
        "What was found at the target's address, such as `ok` or `broken`; with `--check-targets`.",
        empty="the target was not asked",
        group=Group.KNOWN,
        default="",
    )
    target_status: int | None = column(
        Kind.NUMBER,
        "The HTTP status of the target's last answer.",
        empty="the target was not asked, or nothing answered",
        group=Group.KNOWN,
        may_lack=True,
        default=None,
    )
    target_final_url: str = column(
        Kind.TEXT,
        "Where the target's address ends, after redirects and refreshes.",
        empty="the target was not asked",
        group=Group.KNOWN,
        default="",
    )
    # --- the page ---
    source_status: int = column(
        Kind.NUMBER, "The HTTP status of the answer that held the page.", example="200", group=Group.PAGE
    )
    source_language: str = column(
        Kind.TEXT,
        "The language that the page declares, as written.",
        empty="the page does not say",
        example="en",
        group=Group.PAGE,
    )
    canonical_url: str = column(
        Kind.TEXT,
        "The address that the page names as its canonical one, resolved.",
        empty="the page names none",
        group=Group.PAGE,
    )
    external_links: int = column(
        Kind.NUMBER,
        "How many http(s) links of the page, repeats included, lead to another registrable domain.",
        example="1",
        group=Group.PAGE,
    )
    internal_links: int = column(
        Kind.NUMBER, "How many lead to the page's own registrable domain.", example="0", group=Group.PAGE
    )
    discovered_from: str = column(
        Kind.TEXT,
        "`seed`, `candidate`, or the address of the page or document that named this page first.",
        example="https://news.example/",
        group=Group.PAGE,
    )
    depth: int = column(Kind.NUMBER, "Links followed from a seed to this page.", example="1", group=Group.PAGE)
    fetched_at: str = column(Kind.TIME, "When the answer was there.", example="2026-01-31T12:00:00Z", group=Group.PAGE)
    # --- evidence ---
    raw_href: str = column(
        Kind.TEXT,
        "The address as the page's author wrote it.",
        empty="the attribute is empty, so the link leads to the base address",
        example="https://target.example/news/everything",
        group=Group.EVIDENCE,
    )
    via: Lines = column(
        Kind.LINES,
        "The addresses that the link passes through before `target_url`, in order.",
        empty="the link leads to `target_url` itself",
        group=Group.EVIDENCE,
        default=(),
    )
    anchor_source: str = column(
        Kind.TEXT,
        "Where the anchor comes from: `text`, `alt`, `aria-label` or `title`.",
        empty="where `anchor` is",
        example="text",
        group=Group.EVIDENCE,
    )
    placement_by: str = column(
        Kind.TEXT,
        "What `placement` is concluded from; depends on pages visited before, as that does.",
        empty="as `placement`",
        example="structure:main text",
        group=Group.EVIDENCE,
        default="",
    )
    link_kind_by: Lines = column(
        Kind.LINES,
        "What suggests each of `link_kind`, in the same order.",
        empty="as `link_kind`",
        example="rel:sponsored",
        group=Group.EVIDENCE,
        default=(),
    )
    flags_by: Lines = column(
        Kind.LINES,
        "What shows each flag: `flag:evidence`.",
        empty="no flag has evidence of its own",
        example="closed_to_googlebot:header:googlebot",
        group=Group.EVIDENCE,
        default=(),
    )
    source_accounts: tuple[str, ...] = column(
        Kind.LIST,
        "The accounts of analytics, advertising and verification services in the page, at most 20 ([who owns several sites](quality.md#same-owner) often uses one).",
        empty="the page has none that is known",
        group=Group.EVIDENCE,
        default=(),
    )
    rendered: str = column(
        Kind.TEXT,
        "Where the link was seen once a browser had rendered the page: `both`, `rendered_only` or `raw_only`.",
        empty="no browser has rendered the page",
        group=Group.EVIDENCE,
        default="",
    )


class BacklinkItem(dict[str, Any]):
    """A backlink as item pipelines take it: a dict of the columns of :class:`Backlink`, to change and to add to."""

    @classmethod
    def of(cls, row: Backlink) -> Self:
        """Returns a row as an item; its lists are tuples."""
        return cls({name: getattr(row, name) for name in _OF_A_BACKLINK})


_OF_A_BACKLINK: Final = tuple(column.name for column in columns_of(Backlink))


class LinkState(StrEnum):
    """What the last visit that could tell says of a backlink."""

    NEW = "new"
    LIVE = "live"
    CHANGED = "changed"
    RESTORED = "restored"
    LOST = "lost"
    MOVED = "moved"
    """The link is there and leads elsewhere now, to an address with a row of its own; it is not lost."""


AWAY: Final = frozenset({LinkState.LOST, LinkState.MOVED})
"""The states of what does not stand on its page."""


class ChangeKind(StrEnum):
    """What happened to a backlink between two visits of its page."""

    NEW = "new"
    LOST = "lost"
    RESTORED = "restored"
    CHANGED = "changed"


class Reason(StrEnum):
    """Why a backlink counts as new, lost, restored or changed."""

    # new, restored
    PAGE_FOUND = "page_found"
    """The page had not been visited before, or was gone."""
    LINK_FOUND = "link_found"
    """The page was known without the link."""
    # lost
    REMOVED_FROM_PAGE = "removed_from_page"
    PAGE_GONE = "page_gone"
    PAGE_REDIRECTED = "page_redirected"
    # changed
    NOINDEX = "noindex"
    NOINDEX_REMOVED = "noindex_removed"
    NOT_CANONICAL = "not_canonical"
    CANONICAL_AGAIN = "canonical_again"
    NOFOLLOW_ADDED = "nofollow_added"
    NOFOLLOW_REMOVED = "nofollow_removed"
    ANCHOR_CHANGED = "anchor_changed"
    TARGET_CHANGED = "target_changed"
    HIDDEN = "hidden"
    SHOWN = "shown"


@row
class Change:
    """One row of ``backlinkbot changes``: what a visit says has happened to a backlink since the last."""

    kind: ChangeKind = column(Kind.TEXT, "What happened: `new`, `lost`, `restored` or `changed`.", essential=True)
    reason: Reason = column(Kind.TEXT, "Why.", essential=True)
    target: str = column(Kind.TEXT, "The target's name.")
    source_url: str = column(Kind.TEXT, "The page with the link.", essential=True)
    source_domain: str = column(Kind.TEXT, "Its registrable domain.")
    target_url: str = column(Kind.TEXT, "Where the link leads.", essential=True)
    anchor: str = column(Kind.TEXT, "The anchor, as now.", empty="a reader sees nothing", essential=True)
    before: str = column(
        Kind.TEXT,
        "What the reason is about, as it was: the anchor, the rules of `nofollow_by`, the target URL.",
        empty="a new one had none",
        essential=True,
    )
    after: str = column(Kind.TEXT, "The same, as it is now.", empty="a lost one has none", essential=True)
    at: str = column(Kind.TIME, "When the visit was that showed it.")
    run: int = column(Kind.NUMBER, "The number of the run in `backlinkbot runs`.")


@row
class Check:
    """One row of ``--checks``: what became of one candidate."""

    candidate: str = column(Kind.TEXT, "the candidate as it stands in the list", essential=True)
    state: State = column(Kind.TEXT, "what the visit showed, see below", essential=True)
    status: int | None = column(
        Kind.NUMBER, "the last HTTP status; empty where nothing answered", may_lack=True, essential=True
    )
    reason: str = column(
        Kind.TEXT,
        "why, in words or as a status; where `state` is `linked`, empty or what is wrong with the server's "
        "[certificate](network.md#tls-and-certificates)",
        essential=True,
    )
    final_url: str = column(Kind.TEXT, "where the visit ended, after redirects", essential=True)
    backlinks: int = column(Kind.NUMBER, "the rows of that page", essential=True)
    fetched_at: str = column(Kind.TIME, "as above", essential=True)
    claimed_by: tuple[str, ...] = column(
        Kind.LIST, "the origins of what is [claimed](claims.md) of the candidate", default=()
    )
    claim_mismatch: tuple[str, ...] = column(
        Kind.LIST,
        "what is not as claimed: `page gone`, `link missing`, or as in the rows; empty where it could not be checked",
        default=(),
    )
