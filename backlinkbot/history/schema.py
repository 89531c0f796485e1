"""The tables after the newest migration. Times are seconds since 1970, keys are digests, lists are JSON arrays.

Their names begin with an underscore, because they may change with any version; what is published are the views of
``views.py``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)

from backlinkbot.history.link_columns import LINK_COLUMNS
from backlinkbot.history.observation import storable
from backlinkbot.items.columns import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Dialect

    from backlinkbot.items.columns import Column as Described

HEAD: Final = "0012"
"""The revision of the newest migration."""
VERSION_TABLE: Final = "backlinkbot_version"
"""Alembic's table, under a name of its own in case other programs use the same database."""


class Moment(TypeDecorator[str]):
    """A time: ``2026-01-31T12:00:00Z`` in Python, seconds since 1970 in the database; empty is NULL."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | None:
        """Converts to seconds."""
        return _seconds(value) if value else None

    def process_result_value(self, value: int | None, dialect: Dialect) -> str:
        """Converts from seconds."""
        return time_of(value) if value is not None else ""


@lru_cache(maxsize=4096)
def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def time_of(seconds: int) -> str:
    """Formats seconds since 1970 as ``2026-01-31T12:00:00Z``."""
    return _DAYS[seconds // _DAY] + _CLOCK[seconds % _DAY]


def times_of(times: Iterable[int | None], nothing: str = "") -> list[str]:
    """Formats seconds since 1970, as :func:`time_of` does; ``nothing`` where there is no time."""
    return [nothing if at is None else _DAYS[at // _DAY] + _CLOCK[at % _DAY] for at in times]


_DAY: Final = 24 * 60 * 60
"""Seconds."""


class _Days(dict[int, str]):
    """Day since 1970 -> its text, made when it is first asked for."""

    def __missing__(self, day: int) -> str:
        if len(self) >= _DAYS_KEPT:
            self.clear()
        self[day] = datetime.fromtimestamp(day * _DAY, UTC).strftime("%Y-%m-%d")
        return self[day]


_DAYS_KEPT: Final = 4096
_DAYS: Final = _Days()


class _Clock(dict[int, str]):
    """Second of a day -> its text, made when it is first asked for: a command that formats one time needs no table of all."""

    def __missing__(self, second: int) -> str:
        minutes, seconds = divmod(second, 60)
        self[second] = f"T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}Z"
        return self[second]


_CLOCK: Final = _Clock()


class Words(TypeDecorator[str]):
    """Untrusted text, without the characters that a database cannot store."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        """Removes the characters that a database cannot store."""
        return storable(value or "")


class Texts(TypeDecorator[tuple[str, ...]]):
    """Untrusted texts: a tuple in Python, a JSON array in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        """Converts to JSON."""
        return _encode([storable(text) for text in value]) if value else NO_TEXTS

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """Converts from JSON."""
        return () if not value or value == NO_TEXTS else tuple(json.loads(value))


NO_TEXTS: Final = "[]"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # so that LIKE finds any text


metadata: Final = MetaData()


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _reference(name: str, table: str) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(f"{table}.id"), nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False, server_default="")


def _texts(name: str) -> Column[tuple[str, ...]]:
    return Column(name, Texts, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _moment(name: str, *, is_known: bool = False) -> Column[str]:
    return Column(name, Moment, nullable=not is_known)


def _key() -> Column[bytes]:
    return Column("key", LargeBinary, nullable=False)


# kind -> (type, default of rows that were written before the column was added)
_KINDS: Final[dict[Kind, tuple[Any, Any]]] = {
    Kind.TEXT: (Words, ""),
    Kind.NUMBER: (Integer, "0"),
    Kind.REAL: (Float, "0"),
    Kind.FLAG: (Boolean, false()),
    Kind.LIST: (Texts, NO_TEXTS),
    Kind.LINES: (Texts, NO_TEXTS),
    Kind.TIME: (Moment, None),
}


def _described(column: Described) -> Column[Any]:
    """Returns the database column for a column of rows."""
    kind, default = _KINDS[column.kind]
    if column.may_lack:
        return Column(column.name, kind, nullable=True)
    return Column(column.name, kind, nullable=False, server_default=default)


runs: Final = Table(
    "_runs",
    metadata,
    _id(),
    _words("command"),
    _words("targets"),  # JSON, as are arguments, changes and counts
    _words("arguments"),
    _flag("includes_own"),
    Column("lock", BigInteger, nullable=False),  # see liveness.py
    _moment("started_at", is_known=True),
    _moment("finished_at"),
    _words("outcome"),
    Column("exit_status", Integer),
    _words("changes"),
    _words("counts"),
    Column("is_reported", Boolean, nullable=False, server_default=true()),  # since 0006: its outputs are written
)

targets: Final = Table(
    "_targets",
    metadata,
    _id(),
    _key(),
    _words("name"),
    _reference("first_run_id", "_runs"),
    UniqueConstraint("key", name="uq_targets_key"),
)

pages: Final = Table(
    "_pages",
    metadata,
    _id(),
    _key(),
    _words("url"),
    _words("domain"),
    # as the last visit with links found them
    _words("title"),
    _number("status"),
    _words("language"),
    _words("canonical_url"),
    _number("external_links"),
    _number("internal_links"),
    _words("discovered_from"),
    _number("depth"),
    # see diff.PageMemory
    _moment("first_visit_at", is_known=True),
    _moment("last_visit_at"),
    _moment("last_read_at"),
    _number("visits"),
    _number("changed_visits"),
    _number("unchecked"),
    _moment("failing_since"),
    # for the next visit, since 0002
    _words("etag"),
    _words("last_modified"),
    _words("fingerprint"),
    Column("sketch", LargeBinary),  # see page_sketch.py, since 0005; NULL: last read before
    UniqueConstraint("key", name="uq_pages_key"),
)

visits: Final = Table(
    "_visits",
    metadata,
    _id(),
    _reference("run_id", "_runs"),
    _reference("page_id", "_pages"),
    _moment("at", is_known=True),
    _words("outcome"),
    Column("status", Integer),
    _words("reason"),
    Index("ix_visits_run_id", "run_id"),
)

backlinks: Final = Table(
    "_backlinks",
    metadata,
    _id(),
    _reference("page_id", "_pages"),
    _reference("target_id", "_targets"),
    _key(),
    _moment("first_seen", is_known=True),
    _moment("last_seen"),  # NULL: every good visit of the page has seen it
    _words("state"),
    _moment("lost_at"),
    _words("lost_reason"),
    # see observation.ObservedBacklink
    _words("target_url"),
    _words("anchor"),
    _words("nofollow_by"),
    _words("noindex_by"),
    _words("canonical_url"),
    _flag("is_hidden"),
    _flag("is_own"),
    # since 0007
    _words("kind"),
    Column("is_scripted", Boolean, nullable=False, server_default=false()),
    Column("links_digest", LargeBinary),  # NULL: written by an earlier version
    # see showing.Unshown, since 0006
    _words("unshown"),
    Column("unshown_run", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("page_id", "key", name="uq_backlinks_page_id_key"),
    Index(
        "ix_backlinks_kind", "kind", sqlite_where=text("kind <> ''"), postgresql_where=text("kind <> ''")
    ),  # since 0012
)

links: Final = Table(  # since 0007: the links of a backlink, as the last visit that saw it found them
    "_links",
    metadata,
    Column("backlink_id", BigInteger, ForeignKey("_backlinks.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 0, in the order of the page
    *map(_described, LINK_COLUMNS),
)

changes: Final = Table(
    "_changes",
    metadata,
    _id(),
    _reference("run_id", "_runs"),
    _reference("backlink_id", "_backlinks"),
    _moment("at", is_known=True),
    _words("kind"),
    _words("reason"),
    _words("before"),
    _words("after"),
    Index("ix_changes_run_id_kind", "run_id", "kind"),  # since 0007
    Index("ix_changes_at", "at"),  # since 0002
)

claims: Final = Table(  # since 0003
    "_claims",
    metadata,
    _id(),
    _reference("page_id", "_pages"),
    _reference("run_id", "_runs"),  # that judged it last, or imported it
    _key(),  # see claim_check.py
    _words("candidate"),
    # see items.Claim
    _words("origin"),
    _words("file"),
    _number("row"),
    _words("target_url"),
    _words("anchor"),
    _texts("rel"),
    Column("follow", Boolean),
    _words("first_seen"),
    _words("last_seen"),
    _flag("is_lost"),
    Column("confidence", Float, nullable=False),
    # see items.CheckedClaim
    _words("verdict"),
    _texts("reasons"),
    _moment("judged_at"),  # NULL, since 0004: not judged yet
    UniqueConstraint("key", name="uq_claims_key"),
    Index("ix_claims_page_id", "page_id"),  # since 0004
)

tasks: Final = Table(  # since 0009: the tasks that were listed, see todo_table.py
    "_tasks",
    metadata,
    _id(),  # the number by which the user names it
    _key(),
    _words("kind"),
    _words("target"),
    _words("page"),
    _words("target_url"),
    _words("status"),
    _words("note"),
    _moment("listed_at", is_known=True),
    _moment("changed_at"),  # NULL: its status was never changed
    UniqueConstraint("key", name="uq_tasks_key"),
    sqlite_autoincrement=True,  # a number is never given twice
)
