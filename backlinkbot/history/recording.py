"""Writes a batch of visits in one transaction, with the changes since the stored state of their pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from backlinkbot.history import bulk_sql, claims_table, schema
from backlinkbot.history.database import writing
from backlinkbot.history.diff import KeyedChange, KnownBacklink, PageMemory, RunScope, compare
from backlinkbot.history.link_columns import link_values
from backlinkbot.history.observation import (
    GOOD,
    BacklinkKey,
    Observation,
    ObservedBacklink,
    VisitOutcome,
    digest,
    domain_of,
    key_of,
    key_of_observed,
    key_of_row,
    observations_of,
)
from backlinkbot.history.records import Recorded
from backlinkbot.history.showing import Unshown
from backlinkbot.items import LinkState
from backlinkbot.items.columns import with_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Engine

    from backlinkbot.history.bulk_sql import Values
    from backlinkbot.history.showing import Showing
    from backlinkbot.items import Backlink, JudgedPage


def record(
    engine: Engine,
    scope: RunScope,
    pages: Sequence[JudgedPage],
    target_ids: dict[str, int],
    showing: Showing,
    *,
    also: Callable[[Connection, Sequence[Recorded]], None] | None = None,
) -> list[Recorded]:
    """Records a batch of visits: all or none.

    Args:
        engine: the database.
        scope: the run, and what it looks for.
        pages: the visits, in order.
        target_ids: the ids of the run's targets.
        showing: which runs have not reported their rows.
        also: called in the transaction, after the visits are written; not called if there is nothing to write.
    """
    observations = [observations_of(page) for page in pages]
    keys = {observation.key: digest(observation.key) for seen in observations for observation in seen}
    known = _known(engine, keys)
    wanted = {
        observation.key: observation
        for seen in reversed(observations)
        for observation in reversed(seen)
        if observation.is_wanted
    }
    if not known and not wanted:  # most pages of most crawls
        return [Recorded(page=page) for page in pages]
    with writing(engine) as connection:
        _add_pages(connection, [wanted[key] for key in wanted if key not in known], keys)
        batch = _Batch(connection, scope, target_ids, showing)
        batch.load({keys[key]: key for key in known | wanted.keys()})
        recorded = []
        for page, seen in zip(pages, observations, strict=True):
            ours = [observation for observation in seen if observation.is_wanted or observation.key in known]
            known |= {observation.key for observation in ours}
            changes = tuple(change for observation in ours for _, change in batch.compare(observation))
            rows = batch.rows(page) if ours else page.backlinks
            recorded.append(
                Recorded(
                    page=with_values(page, backlinks=rows) if rows else page, changes=changes, is_recorded=bool(ours)
                )
            )
        batch.write()
        claims_table.write(connection, scope.run, pages, batch.page_ids)
        if also is not None:
            also(connection, recorded)
    return recorded


def _known(engine: Engine, keys: dict[str, bytes]) -> set[str]:
    named = {key: name for name, key in keys.items()}
    with engine.connect() as connection:
        found = connection.execute(select(schema.pages.c.key).where(schema.pages.c.key.in_(list(named))))
        return {named[key] for key in found.scalars()}


def _add_pages(connection: Connection, observations: Iterable[Observation], keys: dict[str, bytes]) -> None:
    """Inserts the pages that are not stored yet."""
    bulk_sql.insert_missing(
        connection,
        schema.pages,
        (
            {
                "key": keys[observation.key],
                "url": observation.url,
                "domain": domain_of(observation.url),
                "first_visit_at": observation.at,
            }
            for observation in observations
        ),
    )


_MEMORY: Final = tuple(name for name in PageMemory.__dataclass_fields__ if name != "backlinks")
_PAGE_COLUMNS: Final = (
    *("title", "status", "language", "canonical_url", "external_links", "internal_links", "discovered_from", "depth"),
    *("etag", "last_modified", "fingerprint", "sketch"),
)
_PAGES: Final = select(*(schema.pages.c[name] for name in ("key", "id", *_MEMORY, *_PAGE_COLUMNS))).where(
    schema.pages.c.key.in_(bindparam("keys", expanding=True))
)
# Rows of pages are locked until the end of the transaction, in the same order by all writers, to avoid deadlocks.
_PAGES_HELD: Final = _PAGES.order_by(schema.pages.c.key).with_for_update()

_OBSERVED: Final = tuple(name for name in ObservedBacklink.__dataclass_fields__ if name != "rows")
_BACKLINKS: Final = (
    select(
        schema.backlinks.c.id,
        schema.backlinks.c.page_id,
        schema.targets.c.name,
        *(schema.backlinks.c[name] for name in ("state", "first_seen", "last_seen", "lost_at", "lost_reason")),
        *(schema.backlinks.c[name] for name in ("unshown", "unshown_run")),
        *(schema.backlinks.c[name] for name in _OBSERVED),
    )
    .join(schema.targets, schema.targets.c.id == schema.backlinks.c.target_id)
    .where(schema.backlinks.c.page_id.in_(bindparam("pages", expanding=True)))
    .order_by(schema.backlinks.c.id)
)

_IDS: Final = select(schema.backlinks.c.id, schema.backlinks.c.page_id, schema.backlinks.c.key).where(
    schema.backlinks.c.page_id.in_(bindparam("pages", expanding=True))
)


@dataclass(slots=True)
class _Batch:
    connection: Connection
    scope: RunScope
    target_ids: dict[str, int]
    showing: Showing
    memories: dict[str, PageMemory] = field(default_factory=dict)
    """By page key, as are the next two."""
    page_ids: dict[str, int] = field(default_factory=dict)
    loaded: dict[str, PageMemory] = field(default_factory=dict)
    backlink_ids: dict[tuple[str, BacklinkKey], int] = field(default_factory=dict)
    unshown: dict[tuple[str, BacklinkKey], Unshown] = field(default_factory=dict)
    known_page_columns: dict[str, Values] = field(default_factory=dict)
    page_columns: dict[str, Values] = field(default_factory=dict)
    visits: list[Values] = field(default_factory=list)
    changes: list[tuple[str, KeyedChange]] = field(default_factory=list)

    def load(self, keys: dict[bytes, str]) -> None:
        """Loads the stored state of these pages."""
        held = self.connection.dialect.name == "postgresql"
        rows = self.connection.execute(_PAGES_HELD if held else _PAGES, {"keys": list(keys)}).all()
        self.page_ids = {keys[row.key]: row.id for row in rows}
        names = {row.id: keys[row.key] for row in rows}
        found: dict[str, dict[BacklinkKey, KnownBacklink]] = {name: {} for name in self.page_ids}
        for (
            id_,
            page_id,
            target,
            state,
            first_seen,
            last_seen,
            lost_at,
            lost_reason,
            *others,
        ) in self.connection.execute(_BACKLINKS, {"pages": list(names)}):
            unshown, unshown_run, *shown = others
            seen = ObservedBacklink(**dict(zip(_OBSERVED, shown, strict=True)))
            key = key_of_observed(target, seen)
            name = names[page_id]
            self.backlink_ids[name, key] = id_
            if unshown:
                self.unshown[name, key] = Unshown(state=LinkState(unshown), run=unshown_run)
            found[name][key] = KnownBacklink(
                shown=seen,
                state=LinkState(state),
                first_seen=first_seen,
                last_seen=last_seen,
                lost_at=lost_at,
                lost_reason=lost_reason,
            )
        for key, _, *values in rows:
            name = keys[key]
            memory = dict(zip(_MEMORY, values, strict=False))
            self.loaded[name] = PageMemory(**memory, backlinks=found[name])
            self.known_page_columns[name] = dict(zip(_PAGE_COLUMNS, values[len(_MEMORY) :], strict=True))
        self.memories = dict(self.loaded)

    def compare(self, observation: Observation) -> list[KeyedChange]:
        """Compares a visit with the stored state, and notes the changes and the new state."""
        memory, changes = compare(observation, self.memories[observation.key], self.scope)
        self.memories[observation.key] = memory
        self.changes += [(observation.key, change) for change in changes]
        self.visits.append(
            {
                "run_id": self.scope.run,
                "page_id": self.page_ids[observation.key],
                "at": observation.at,
                "outcome": observation.outcome.value,
                "status": observation.status,
                "reason": observation.reason,
            }
        )
        if observation.outcome in GOOD or observation.rows:
            self.page_columns[observation.key] = self.page_columns.get(observation.key, {}) | _page_columns(observation)
        return changes

    def show(self, page: JudgedPage) -> None:
        """Sets the state of each backlink that is about to be reported, and notes that this run has set it."""
        given: dict[str, dict[BacklinkKey, KnownBacklink]] = {}
        for source, key in dict.fromkeys((key_of(row.source_url), key_of_row(row)) for row in page.backlinks):
            backlink = self.memories[source].backlinks[key]
            state = self.showing.state_of(backlink.state, self.unshown.get((source, key)))
            if state is not backlink.state:
                given.setdefault(source, {})[key] = replace(backlink, state=state)
            if state is LinkState.LIVE:
                self.unshown.pop((source, key), None)
            else:
                self.unshown[source, key] = Unshown(state=state, run=self.scope.run)
        for source, backlinks in given.items():
            memory = self.memories[source]
            self.memories[source] = replace(memory, backlinks={**memory.backlinks, **backlinks})

    def rows(self, page: JudgedPage) -> tuple[Backlink, ...]:
        """Returns the rows of the visit, with the history columns of each backlink."""
        self.show(page)
        return tuple(
            with_values(
                row,
                first_seen=backlink.first_seen,
                last_seen=row.fetched_at,
                state=backlink.state.value,
            )
            for row in page.backlinks  # for an unchanged page, the rows of an earlier visit
            for backlink in [self.memories[key_of(row.source_url)].backlinks[key_of_row(row)]]
        )

    def write(self) -> None:
        """Writes everything that differs from the loaded state."""
        self._update_pages()
        self._write_backlinks()
        bulk_sql.insert(self.connection, schema.visits, self.visits)
        bulk_sql.insert(
            self.connection,
            schema.changes,
            [
                {
                    "run_id": change.run,
                    "backlink_id": self.backlink_ids[page, key],
                    "at": change.at,
                    "kind": change.kind.value,
                    "reason": change.reason.value,
                    "before": change.before,
                    "after": change.after,
                }
                for page, (key, change) in self.changes
            ],
        )

    def _update_pages(self) -> None:
        rows = []
        for name, memory in self.memories.items():
            if memory is not self.loaded[name]:
                values = {"id": self.page_ids[name]} | {column: getattr(memory, column) for column in _MEMORY}
                columns = self.page_columns.get(name, {})
                if not columns.items() <= self.known_page_columns[name].items():
                    values |= columns
                rows.append(values)
        bulk_sql.update(self.connection, schema.pages, rows)

    def _write_backlinks(self) -> None:
        added: list[tuple[str, BacklinkKey, Values]] = []
        changed: list[Values] = []
        links: list[tuple[str, BacklinkKey, ObservedBacklink]] = []
        for name, memory in self.memories.items():
            before = self.loaded[name].backlinks
            for key, backlink in memory.backlinks.items():
                old = before.get(key)
                if old is None:
                    where = {"page_id": self.page_ids[name], "key": _key(key), "target_id": self.target_ids[key.target]}
                    added.append((name, key, where | self._columns(name, key, backlink)))
                elif old is not backlink:
                    changed.append({"id": self.backlink_ids[name, key], **self._columns(name, key, backlink)})
                if old is None or old.shown.links_digest != backlink.shown.links_digest:
                    links.append((name, key, backlink.shown))
        bulk_sql.insert(self.connection, schema.backlinks, [values for _, _, values in added])
        if added:
            found = self.connection.execute(_IDS, {"pages": list({values["page_id"] for _, _, values in added})})
            ids = {(page_id, key): id_ for id_, page_id, key in found}
            for name, key, values in added:
                self.backlink_ids[name, key] = ids[values["page_id"], values["key"]]
        bulk_sql.update(self.connection, schema.backlinks, changed)
        self._write_links(links, {(name, key) for name, key, _ in added})

    def _write_links(
        self, found: list[tuple[str, BacklinkKey, ObservedBacklink]], added: set[tuple[str, BacklinkKey]]
    ) -> None:
        """Replaces the links of backlinks that a visit found with others."""
        known = [self.backlink_ids[name, key] for name, key, _ in found if (name, key) not in added]
        if known:
            self.connection.execute(schema.links.delete().where(schema.links.c.backlink_id.in_(known)))
        rows = (link_values(self.backlink_ids[name, key], shown.rows) for name, key, shown in found)
        bulk_sql.insert(self.connection, schema.links, list(chain.from_iterable(rows)))

    def _columns(self, page: str, key: BacklinkKey, backlink: KnownBacklink) -> Values:
        unshown = self.unshown.get((page, key))
        return columns_of(backlink) | {
            "unshown": unshown.state.value if unshown is not None else "",
            "unshown_run": unshown.run if unshown is not None else 0,
        }


def columns_of(backlink: KnownBacklink) -> Values:
    """Returns the database columns of a backlink, except those for unreported states."""
    return {name: getattr(backlink.shown, name) for name in _OBSERVED} | {
        "state": backlink.state.value,
        "first_seen": backlink.first_seen,
        "last_seen": backlink.last_seen,
        "lost_at": backlink.lost_at,
        "lost_reason": backlink.lost_reason,
    }


def _key(key: BacklinkKey) -> bytes:
    return digest("\n".join(filter(None, key)))  # backlinks without a kind keep the keys of the first version


def _page_columns(observation: Observation) -> Values:
    """Returns the columns that describe the page; those that depend on rows only if there are rows."""
    page = observation.page
    validators: Values = {"etag": page.etag, "last_modified": page.last_modified, "fingerprint": page.fingerprint}
    if observation.outcome is VisitOutcome.REDIRECTED:  # the columns describe the redirect's target
        validators = dict.fromkeys(validators, "")
    if page.is_unchanged:  # an answer without a body lacks some of them
        validators = {name: value for name, value in validators.items() if value}
    if not observation.rows:
        return validators
    row = observation.rows[0]
    if page.sketch and observation.outcome is VisitOutcome.READ:
        validators["sketch"] = page.sketch
    return validators | {
        "title": row.source_title,
        "status": row.source_status,
        "language": row.source_language,
        "canonical_url": row.canonical_url,
        "external_links": row.external_links,
        "internal_links": row.internal_links,
        "discovered_from": row.discovered_from,
        "depth": row.depth,
    }
