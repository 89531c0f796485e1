"""The tables of the page: which published view each shows, and by what it is filtered and sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the page."""

    name: str
    """In the address."""
    view: str
    """The published view that it shows."""
    title: str
    row: str
    """What a row is."""
    rows: str
    """What its rows are, after a number."""
    shown: tuple[str, ...]
    """The columns of the page and of its CSV, in order; each can be sorted by."""
    facets: tuple[str, ...]
    """The columns whose values are counted beside the table."""
    searched: tuple[str, ...]
    """The columns in which the search field looks."""
    sort: str
    """The first order: a column, with ``-`` before it for the largest first."""
    kept: tuple[str, ...] = ()
    """More columns, by which other tables and addresses filter."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read, each once."""
        return tuple(dict.fromkeys((*self.shown, *self.facets, *self.searched, *self.kept)))


_COUNTS: Final = ("links", "follow_links", "lost_links")
TABLES: Final = (
    Table(
        name="links",
        view="backlinks",
        title="Links",
        row="link",
        rows="links",
        shown=(
            *("source_url", "anchor", "target_url", "follow", "placement", "state"),
            *("external_links", "first_seen", "last_seen"),
        ),
        facets=("target", "state", "follow", "indexable", "placement", "link_type", "nofollow_by", "target_state"),
        searched=("source_url", "anchor", "target_url"),
        sort="-first_seen",
        kept=("source_domain", "lost_reason", "backlink_id"),
    ),
    Table(
        name="domains",
        view="referring_domains",
        title="Referring domains",
        row="domain",
        rows="domains",
        shown=("source_domain", *_COUNTS, "pages", "first_seen", "last_seen"),
        facets=("target",),
        searched=("source_domain",),
        sort="-links",
    ),
    Table(
        name="anchors",
        view="anchors",
        title="Anchors",
        row="anchor",
        rows="anchors",
        shown=("anchor", "domains", *_COUNTS, "first_seen"),
        facets=("target",),
        searched=("anchor",),
        sort="-domains",
    ),
    Table(
        name="pages",
        view="linked_pages",
        title="Linked pages",
        row="address",
        rows="addresses",
        shown=("target_url", "domains", *_COUNTS, "first_seen"),
        facets=("target",),
        searched=("target_url",),
        sort="-domains",
    ),
    Table(
        name="changes",
        view="changes",
        title="Changes",
        row="change",
        rows="changes",
        shown=("at", "kind", "reason", "source_url", "anchor", "target_url", "before", "after", "run"),
        facets=("target", "kind", "reason", "run"),
        searched=("source_url", "anchor", "target_url"),
        sort="-at",
        kept=("source_domain", "backlink_id"),
    ),
    Table(
        name="claims",
        view="claims",
        title="Claims",
        row="claim",
        rows="claims",
        shown=(
            *("source_url", "verdict", "reasons", "claimed_anchor", "claimed_target", "claimed_follow"),
            *("origin", "file", "judged_at"),
        ),
        facets=("origin", "verdict", "reasons", "claimed_follow", "is_lost", "file"),
        searched=("source_url", "claimed_anchor", "claimed_target"),
        sort="-judged_at",
        kept=("source_domain",),
    ),
    Table(
        name="runs",
        view="runs",
        title="Runs",
        row="run",
        rows="runs",
        shown=("id", "command", "started_at", "finished_at", "outcome", "new", "lost", "restored", "changed"),
        facets=("command", "outcome"),
        searched=("command", "outcome"),
        sort="-id",
    ),
)
BY_NAME: Final = {table.name: table for table in TABLES}

LABELS: Final = {
    "source_url": "Referring page",
    "source_domain": "Referring domain",
    "target": "Target",
    "target_url": "Target URL",
    "anchor": "Anchor text",
    "follow": "Follow",
    "indexable": "Indexable",
    "placement": "Placement",
    "link_type": "Link type",
    "nofollow_by": "Nofollow by",
    "target_state": "Target answers",
    "state": "State",
    "external_links": "External links",
    "first_seen": "First seen",
    "last_seen": "Last seen",
    "links": "Backlinks",
    "follow_links": "Followed",
    "lost_links": "Lost",
    "pages": "Pages",
    "domains": "Domains",
    "at": "When",
    "kind": "Change",
    "reason": "Reason",
    "before": "Before",
    "after": "After",
    "run": "Run",
    "verdict": "Verdict",
    "reasons": "Reasons",
    "claimed_anchor": "Claimed anchor",
    "claimed_target": "Claimed target",
    "claimed_follow": "Claimed follow",
    "origin": "Source",
    "file": "File",
    "judged_at": "Checked",
    "is_lost": "Source says lost",
    "id": "Run",
    "command": "Command",
    "started_at": "Started",
    "finished_at": "Finished",
    "outcome": "Outcome",
    "new": "New",
    "lost": "Lost",
    "restored": "Restored",
    "changed": "Changed",
}
"""The headings of columns; every column that is shown or counted has one."""
