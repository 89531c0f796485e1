"""Opens a history's database by its URL and migrates its tables to the newest version."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, MetaData, String, Table, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

import backlinkbot.history.frontier_tables  # noqa: F401 - adds its tables to the metadata
from backlinkbot.errors import HistoryError, OutputError
from backlinkbot.history import views
from backlinkbot.history.backup import back_up, rewriting_after
from backlinkbot.history.schema import HEAD, VERSION_TABLE, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

LOCK_TIMEOUT: Final = 60
"""Seconds to wait for another writer. Its transactions take milliseconds, a migration a little more."""
_UNEXPLAINED: Final = frozenset({"unable to open database file", "attempt to write a readonly database"})
LOOK_AGAIN: Final = 0.02
"""Seconds between two attempts, where the database itself does not wait."""
_MIGRATING: Final = 0x6261636B6C696E6B
"""PostgreSQL's advisory lock for creating or migrating the tables."""
_WRITES: Final = "backlinkbot_writes"
_log = logging.getLogger(__name__)


def read_url(url: str) -> URL:
    """Parses a history's URL; a path is a SQLite file.

    Raises:
        HistoryError: the URL names no supported database.
    """
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        read = make_url(url)
    except ArgumentError as error:
        raise HistoryError(
            f"history {url!r}: write a file (backlinks.db) or postgresql://USER@HOST/DATABASE"
        ) from error
    kind = read.drivername.partition("+")[0]
    if kind in {"postgresql", "postgres"}:
        return read.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and read.database and read.database != ":memory:":
        return read
    shown = read.render_as_string(hide_password=True)
    raise HistoryError(f"history {shown!r}: only SQLite files (backlinks.db) and postgresql://… are supported")


def connect(url: URL, *, create: bool) -> Engine:
    """Opens the database; creates or migrates its tables under a lock if needed.

    Raises:
        HistoryError: there is no database and ``create`` is false, it is of a newer version, or it cannot be opened.
    """
    shown = _name(url)
    if url.drivername == "sqlite" and not create and not Path(url.database or "").exists():
        raise HistoryError(f"history {shown}: it does not exist yet; discover and verify create one (--history)")
    try:
        engine = _engine(url)
    except (NoSuchModuleError, ImportError) as error:
        raise HistoryError(
            f'history {shown}: PostgreSQL needs another package: pip install "backlinkbot[postgresql]"'
        ) from error
    try:
        _bring_to_today(engine, shown, create=create)
    except (DBAPIError, sqlite3.Error) as error:  # the latter from the pragmas
        engine.dispose()
        raise HistoryError(f"history {shown}: {_why_not_opened(url, message_of(error))}") from error
    except HistoryError:
        engine.dispose()
        raise
    return engine


def _why_not_opened(url: URL, message: str) -> str:
    """Says why a SQLite file cannot be opened, which SQLite itself does not say; every other message stays as it is."""
    if url.drivername != "sqlite" or message not in _UNEXPLAINED:
        return message
    file = Path(url.database or "")
    is_new = not file.exists()
    try:
        file.open("ab").close()
    except OSError as error:
        return f"cannot be opened ({error.strerror or error})"
    if is_new:
        file.unlink()
    return message if os.access(file.parent, os.W_OK) else "cannot be opened (its folder cannot be written)"


def message_of(error: DBAPIError | sqlite3.Error) -> str:
    """Returns the database's error message, on one line."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())


def _name(url: URL) -> str:
    return url.database or "" if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


@contextmanager
def translated_errors(engine: Engine) -> Iterator[None]:
    """Raises an :class:`OutputError` in place of database errors.

    Raises:
        OutputError: the database raised an error.
    """
    try:
        yield
    except DBAPIError as error:
        raise OutputError(f"history {_name(engine.url)}: {message_of(error)}") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begins a transaction that writes."""
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Opens a connection for reading; database errors become errors of this project."""
    with translated_errors(engine), engine.connect() as connection:
        yield connection


def shrink(engine: Engine) -> None:
    """Makes a SQLite file as small as what it holds.

    Raises:
        OutputError: it cannot be rewritten; it is as it was.
    """
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        try:
            cursor.execute("VACUUM")  # not inside a transaction
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise OutputError(f"history {_name(engine.url)}: it could not be made smaller: {error}") from error


# --- engines ----------------------------------------------------------------------------------------------------------


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        options = f"-c lock_timeout={LOCK_TIMEOUT}s -c timezone=UTC"
        return create_engine(url, connect_args={"connect_timeout": 10, "options": options}, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": LOCK_TIMEOUT})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Python's own transactions take the write lock too late, after another writer may have written:
    # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")  # a committed batch survives a power failure


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switches to WAL mode; retries, because SQLite does not wait while another process does the same."""
    until = monotonic() + LOCK_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(LOOK_AGAIN)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# --- versions ---------------------------------------------------------------------------------------------------------


def _bring_to_today(engine: Engine, shown: str, *, create: bool) -> None:
    with engine.connect() as connection:
        revision = _revision(connection, shown)
    if revision == HEAD:
        return
    if revision is None and not create:
        raise HistoryError(f"history {shown}: it does not exist yet; discover and verify create one (--history)")
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
        revision = _revision(connection, shown)
        if revision is None:
            _create(connection)
        elif revision != HEAD:  # else another process has migrated it meanwhile
            from backlinkbot.history.migrating import upgrade  # noqa: PLC0415 - Alembic is rarely needed, and slow

            if engine.dialect.name == "sqlite":
                _back_up(Path(engine.url.database or ""), revision)
            upgrade(connection, shown)


def _create(connection: Connection) -> None:
    """Creates the tables and views of this version: the same that the migrations lead to, without importing Alembic."""
    metadata.create_all(connection)
    version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))
    version.create(connection)
    connection.execute(version.insert().values(version_num=HEAD))
    views.create(connection)


def _back_up(database: Path, revision: str) -> None:
    """Copies a file whose data is about to be rewritten."""
    migration = rewriting_after(revision)
    if migration:
        copy = back_up(database, migration)
        _log.warning("history %s: it is being brought up to date; as it was, it is kept as %s", database, copy.name)


def _revision(connection: Connection, shown: str) -> str | None:
    """Returns the revision of the tables; None if there are none."""
    revision = _recorded_revision(connection)
    if revision is not None:
        return revision
    tables = inspect(connection)
    ours = {*metadata.tables, *(view.name for view in views.VIEWS)}
    foreign = sorted({*tables.get_table_names(), *tables.get_view_names()} & ours)
    # PostgreSQL gives each statement what is committed by then, so another process may have made the history since the first look.
    revision = _recorded_revision(connection) if foreign else None
    if foreign and revision is None:
        raise HistoryError(f"history {shown}: the database holds tables of another program ({', '.join(foreign)})")
    return revision


def _recorded_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - ours
    return None if revision is None else str(revision)
