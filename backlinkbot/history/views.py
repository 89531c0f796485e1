"""The published schema of a history: views with the names of the field, for queries of one's own.

Views only grow: a column that is published keeps its name, type and meaning. The tables behind them may change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect

from backlinkbot.history.link_columns import CLAIM_COLUMNS, LINK_NAMES
from backlinkbot.items import Backlink, Change
from backlinkbot.items.columns import Kind, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewColumn:
    """A published column."""

    name: str
    kind: Kind
    """Lists are JSON arrays as text; times are texts in SQLite (``2026-01-31T12:00:00Z``), ``timestamptz`` in PostgreSQL."""
    value: str
    """SQL; a time as seconds since 1970."""
    meaning: str
    may_lack: bool = False
    """True if it may be NULL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A published view."""

    name: str
    row: str
    """What one row is."""
    columns: tuple[ViewColumn, ...]
    source: str
    """SQL from ``FROM`` on."""

    def select(self, dialect: str) -> str:
        """Returns the query of the view for ``sqlite`` or ``postgresql``."""
        times = _TIMES[dialect]
        values = (
            f"{times.format(column.value) if column.kind is Kind.TIME else column.value} AS {_quoted(column.name)}"
            for column in self.columns
        )
        return f"SELECT {', '.join(values)} {' '.join(self.source.split())}"


_TIMES: Final = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', {}, 'unixepoch')",
    "postgresql": "to_timestamp({})",
}
_RESERVED: Final = frozenset({"row", "at"})


def _quoted(name: str) -> str:
    return f'"{name}"' if name in _RESERVED else name


def create(connection: Connection) -> None:
    """Creates the views."""
    for view in VIEWS:
        connection.exec_driver_sql(f"CREATE VIEW {view.name} AS {view.select(connection.dialect.name)}")


def drop(connection: Connection) -> None:
    """Drops the views that exist, so that the tables behind them can change."""
    there = set(inspect(connection).get_view_names())
    for view in VIEWS:
        if view.name in there:
            connection.exec_driver_sql(f"DROP VIEW {view.name}")


# --- the views --------------------------------------------------------------------------------------------------------

# Joins of one row each are LEFT JOINs, because SQLite leaves out those that a query does not need.
_SEEN: Final = "coalesce(b.last_seen, p.last_read_at)"
_IS_UNCONFIRMED: Final = "b.state NOT IN ('lost', 'moved') AND (p.unchecked > 0 OR p.failing_since IS NOT NULL)"
VALUES: Final = {
    "target": "t.name",
    "source_url": "p.url",
    "source_domain": "p.domain",
    "source_title": "p.title",
    "source_status": "p.status",
    "source_language": "p.language",
    "canonical_url": "p.canonical_url",
    "external_links": "p.external_links",
    "internal_links": "p.internal_links",
    "discovered_from": "p.discovered_from",
    "depth": "p.depth",
    "fetched_at": _SEEN,
    "first_seen": "b.first_seen",
    "last_seen": _SEEN,
    "state": "b.state",
    "lost_reason": "b.lost_reason",
    "unconfirmed_since": f"CASE WHEN {_IS_UNCONFIRMED} THEN {_SEEN} END",
    **{name: f"l.{name}" for name in LINK_NAMES},
}
"""Column of a link -> SQL over its link ``l``, backlink ``b``, page ``p`` and target ``t``; a time as seconds since 1970."""
_BACKLINK: Final = "Identifies the backlink; links of one page to one address have the same."
_IS_MENTION: Final = "({0}.kind = 'mention' OR substr({0}.kind, 1, 6) = 'brand:')"
"""SQL: whether a backlink is a mention, as :func:`~backlinkbot.history.observation.is_mention` says."""
_OF_BACKLINKS: Final = f"""
    FROM _backlinks b
    LEFT JOIN _pages p ON p.id = b.page_id
    WHERE b.state <> 'moved' AND NOT b.is_own AND NOT {_IS_MENTION.format("b")}
    GROUP BY {{by}}, b.target_id
"""
_IS_LIVE: Final = "b.state <> 'lost'"
_IS_FOLLOWED: Final = "b.kind IN ('', 'resolved') AND b.nofollow_by = ''"


def _column(name: str, kind: Kind, value: str, meaning: str, *, may_lack: bool = False) -> ViewColumn:
    return ViewColumn(name=name, kind=kind, value=value, meaning=meaning, may_lack=may_lack)


def _count(name: str, condition: str, meaning: str) -> ViewColumn:
    return _column(name, Kind.NUMBER, f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)", meaning)


def _counts(*distinct: ViewColumn) -> tuple[ViewColumn, ...]:
    """Returns the columns of all views that count backlinks."""
    return (
        _count("links", _IS_LIVE, "Backlinks that are not lost."),
        _count("follow_links", f"{_IS_LIVE} AND {_IS_FOLLOWED}", "Those of them that are followed."),
        _count("lost_links", f"NOT ({_IS_LIVE})", "Backlinks that are lost."),
        *distinct,
        _column("first_seen", Kind.TIME, "min(b.first_seen)", "When the first of all these was found."),
    )


def _distinct(name: str, value: str, meaning: str) -> ViewColumn:
    return _column(name, Kind.NUMBER, f"count(DISTINCT CASE WHEN {_IS_LIVE} THEN {value} END)", meaning)


# Looked up once for each group, not for each backlink.
_TARGET: Final = _column(
    "target", Kind.TEXT, "(SELECT t.name FROM _targets t WHERE t.id = b.target_id)", "The target's name."
)
_PAGES: Final = _distinct("pages", "b.page_id", "Different pages with links that are not lost.")
_DOMAINS: Final = _distinct("domains", "p.domain", "Different domains with links that are not lost.")


def _of_changes() -> Iterable[ViewColumn]:
    values = {"target": "t.name", "source_url": "p.url", "source_domain": "p.domain", "run": "c.run_id"}
    values |= {"target_url": "b.target_url", "anchor": "b.anchor", "is_mention": _IS_MENTION.format("b")}
    for column in columns_of(Change):
        value = values.get(column.name, f'c."{column.name}"')
        yield _column(column.name, column.kind, value, column.meaning)
    yield _column("backlink_id", Kind.NUMBER, "c.backlink_id", _BACKLINK)


_BACKLINKS_VIEW: Final = View(
    name="backlinks",
    row="a link, as the last visit that saw it found it, lost ones included",
    columns=(
        *(
            _column(column.name, column.kind, VALUES[column.name], column.meaning, may_lack=column.may_lack)
            for column in columns_of(Backlink)
            if column.name not in CLAIM_COLUMNS
        ),
        _column("lost_at", Kind.TIME, "b.lost_at", "When a visit found that it is lost.", may_lack=True),
        _column("backlink_id", Kind.NUMBER, "b.id", _BACKLINK),
    ),
    source="""
        FROM _links l
        JOIN _backlinks b ON b.id = l.backlink_id
        LEFT JOIN _pages p ON p.id = b.page_id
        LEFT JOIN _targets t ON t.id = b.target_id
        WHERE b.state <> 'moved'
    """,
)
_DOMAINS_VIEW: Final = View(
    name="referring_domains",
    row="a domain that links, or linked, to a target",
    columns=(
        _TARGET,
        _column("source_domain", Kind.TEXT, "p.domain", "The referring domain."),
        *_counts(_PAGES),
        _column("last_seen", Kind.TIME, f"max({_SEEN})", "When a visit last saw one of them."),
    ),
    source=_OF_BACKLINKS.format(by="p.domain"),
)
_ANCHORS_VIEW: Final = View(
    name="anchors",
    row="an anchor of links to a target, as written",
    columns=(
        _TARGET,
        _column("anchor", Kind.TEXT, "b.anchor", "The anchor; of several links to one address, the followed one's."),
        *_counts(_DOMAINS),
    ),
    source=_OF_BACKLINKS.format(by="b.anchor"),
)
_LINKED_PAGES_VIEW: Final = View(
    name="linked_pages",
    row="an address that links lead, or led, to",
    columns=(
        _TARGET,
        _column("target_url", Kind.TEXT, "b.target_url", "The address."),
        *_counts(_DOMAINS),
    ),
    source=_OF_BACKLINKS.format(by="b.target_url"),
)
_CHANGES_VIEW: Final = View(
    name="changes",
    row="a change of a backlink that a visit found",
    columns=tuple(_of_changes()),
    source="""
        FROM _changes c
        LEFT JOIN _backlinks b ON b.id = c.backlink_id
        LEFT JOIN _pages p ON p.id = b.page_id
        LEFT JOIN _targets t ON t.id = b.target_id
    """,
)
_CLAIMS_VIEW: Final = View(
    name="claims",
    row="what a source claims of a page, with the verdict of the last visit",
    columns=(
        _column("origin", Kind.TEXT, "c.origin", "Who claims it: `ahrefs`, `gsc`, …"),
        _column("file", Kind.TEXT, "c.file", "The file."),
        _column("row", Kind.NUMBER, 'c."row"', "The line or record of the file, from 1; 0 where it has none."),
        _column("candidate", Kind.TEXT, "c.candidate", "The page, as written in the source."),
        _column("source_url", Kind.TEXT, "p.url", "The page's address."),
        _column("source_domain", Kind.TEXT, "p.domain", "Its registrable domain."),
        _column("claimed_target", Kind.TEXT, "c.target_url", "What the link is said to lead to."),
        _column("claimed_anchor", Kind.TEXT, "c.anchor", "The anchor that is claimed."),
        _column("claimed_rel", Kind.LIST, "c.rel", "The tokens of `rel` that are claimed."),
        _column("claimed_follow", Kind.FLAG, "c.follow", "Whether the source says that it is followed.", may_lack=True),
        _column("claimed_first_seen", Kind.TEXT, "c.first_seen", "As written in the source."),
        _column("claimed_last_seen", Kind.TEXT, "c.last_seen", "As written in the source."),
        _column("is_lost", Kind.FLAG, "c.is_lost", "Whether the source says that the link is gone."),
        _column("confidence", Kind.REAL, "c.confidence", "How likely such a row is to be a live link, from 0 to 1."),
        _column("verdict", Kind.TEXT, "c.verdict", "`true`, `false` or `could_not_check`."),
        _column("reasons", Kind.LIST, "c.reasons", "What is not as claimed, or why it could not be checked."),
        _column("judged_at", Kind.TIME, "c.judged_at", "When a visit judged it; NULL: none has.", may_lack=True),
        _column("run", Kind.NUMBER, "c.run_id", "The run that judged it last, or imported it."),
    ),
    source="FROM _claims c LEFT JOIN _pages p ON p.id = c.page_id",
)


def _changes_of_kind(kind: str) -> ViewColumn:
    # "kind <> ''" is for the index of kinds: without it each run would look at all backlinks.
    mentions = f"SELECT m.id FROM _backlinks m WHERE m.kind <> '' AND {_IS_MENTION.format('m')}"  # noqa: S608 - ours
    of_run = f"FROM _changes c WHERE c.run_id = r.id AND c.kind = '{kind}'"
    value = f"(SELECT count(c.id) {of_run} AND c.backlink_id NOT IN ({mentions}))"
    return _column(kind, Kind.NUMBER, value, f"Its changes of the kind `{kind}`, without those of mentions.")


_RUNS_VIEW: Final = View(
    name="runs",
    row="a run",
    columns=(
        _column("id", Kind.NUMBER, "r.id", "Its number."),
        _column("command", Kind.TEXT, "r.command", "`discover`, `verify`, `recheck`, `import`."),
        _column("targets", Kind.LIST, "r.targets", "The names of its targets."),
        _column("arguments", Kind.TEXT, "r.arguments", "Its arguments, a JSON object."),
        _column("started_at", Kind.TIME, "r.started_at", "When it began."),
        _column(
            "finished_at",
            Kind.TIME,
            "r.finished_at",
            "When it ended; NULL: it is running, or was killed.",
            may_lack=True,
        ),
        _column("outcome", Kind.TEXT, "r.outcome", "How it ended, in words."),
        _column("exit_status", Kind.NUMBER, "r.exit_status", "Of its process; NULL: as above.", may_lack=True),
        *map(_changes_of_kind, ("new", "lost", "restored", "changed")),
        _column("counts", Kind.TEXT, "r.counts", "Its stats, a JSON object."),
    ),
    source="FROM _runs r",
)
_VISITS_VIEW: Final = View(
    name="visits",
    row="a visit of a page",
    columns=(
        _column("run", Kind.NUMBER, "v.run_id", "The run's number."),
        _column("source_url", Kind.TEXT, "p.url", "The page, as last visited."),
        _column("source_domain", Kind.TEXT, "p.domain", "Its registrable domain."),
        _column("at", Kind.TIME, "v.at", "When it was."),
        _column("outcome", Kind.TEXT, "v.outcome", "What it found: `read`, `gone`, `refused`, …"),
        _column("status", Kind.NUMBER, "v.status", "The HTTP status; NULL: nothing answered.", may_lack=True),
        _column("reason", Kind.TEXT, "v.reason", "Why it found no page."),
    ),
    source="FROM _visits v LEFT JOIN _pages p ON p.id = v.page_id",
)

VIEWS: Final = (
    *(_BACKLINKS_VIEW, _DOMAINS_VIEW, _ANCHORS_VIEW, _LINKED_PAGES_VIEW),
    *(_CHANGES_VIEW, _CLAIMS_VIEW, _RUNS_VIEW, _VISITS_VIEW),
)
