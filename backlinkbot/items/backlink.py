"""A backlink: one row, with every column that is written and what it means."""

from __future__ import annotations

from typing import Any, Final, Self

from backlinkbot.items.columns import Group, Kind, Lines, column, columns_of, row


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
