"""Opening a history: made where there is none, migrated from every earlier version, refused where it is not ours."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, insert, inspect

from backlinkbot.errors import HistoryError, UsageError
from backlinkbot.history import History, database, views
from backlinkbot.history.database import _engine, connect, read_url, writing
from backlinkbot.history.link_columns import BACKLINK_COLUMNS, PAGE_COLUMNS
from backlinkbot.history.migrating import scripts, upgrade
from backlinkbot.history.migrations.versions import m0007_link_columns
from backlinkbot.history.observation import digest
from backlinkbot.history.schema import HEAD, VERSION_TABLE, metadata
from backlinkbot.history.views import VIEWS
from tests.postgres import PostgresServer
from tests.visited import ONE, SOURCE, TARGET, day, nofollow, read, row

REVISIONS = [script.revision for script in reversed(list(scripts().walk_revisions()))]


# --- versions ---------------------------------------------------------------------------------------------------------


def test_there_are_earlier_versions_and_the_newest_is_the_head() -> None:
    assert len(REVISIONS) >= 2
    assert sorted(REVISIONS) == REVISIONS
    assert REVISIONS[-1] == HEAD
    assert scripts().get_heads() == [HEAD]


@pytest.mark.slow
def test_the_migrations_lead_to_the_tables_that_the_code_knows(database_url: str) -> None:
    engine = _engine(read_url(database_url))
    with writing(engine) as connection:
        upgrade(connection, database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def columns(engine: Engine) -> dict[str, dict[str, str]]:
    """Table or view -> column -> its type and whether it may be NULL."""
    found = inspect(engine)
    return {
        name: {column["name"]: f"{column['type']} {column['nullable']}" for column in found.get_columns(name)}
        for name in (*found.get_table_names(), *found.get_view_names())
    }


@pytest.mark.slow
def test_a_new_history_is_the_same_as_a_migrated_one(database_url: str) -> None:
    engine = connect(read_url(database_url), create=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD
    created = columns(engine)
    with writing(engine) as connection:
        views.drop(connection)
        metadata.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
        upgrade(connection, database_url)
    assert columns(engine) == created
    engine.dispose()


# Seconds since 1970 of noon on the first of January 2026, when all of this was seen.
SEEN = 1_767_268_800
LINKS = '[{"raw_href":"/","target_url":"https://target.example/","anchor":"maps","anchor_source":"text","link_type":"text","follow":true,"occurrences":2}]'
LINK = {  # since 0007
    "backlink_id": 1,
    "number": 0,
    "raw_href": "/",
    "target_url": "https://target.example/",
    "anchor": "maps",
    "anchor_source": "text",
    "link_type": "text",
    "follow": True,
    "indexable": True,
    "occurrences": 2,
}
# What a version holds, as it was written then; a new column of a later version must not stand here.
ROWS: dict[str, dict[str, Any]] = {
    "runs": {
        "command": "verify",
        "targets": f'["{TARGET}"]',
        "arguments": "{}",
        "includes_own": False,
        "lock": 1,
        "started_at": SEEN,
        "finished_at": SEEN,
        "outcome": "done",
        "exit_status": 0,
        "changes": '{"new": 1}',
        "counts": "{}",
    },
    "targets": {"key": digest(TARGET), "name": TARGET, "first_run_id": 1},
    "pages": {
        "key": digest("a.example/page"),
        "url": SOURCE,
        "domain": "a.example",
        "title": "A page",
        "status": 200,
        "first_visit_at": SEEN,
        "last_visit_at": SEEN,
        "last_read_at": SEEN,
        "visits": 1,
    },
    "visits": {"run_id": 1, "page_id": 1, "at": SEEN, "outcome": "read", "status": 200},
    "backlinks": {
        "page_id": 1,
        "target_id": 1,
        "key": digest(f"{TARGET}\ntarget.example/"),
        "first_seen": SEEN,
        "state": "new",
        "target_url": ONE,
        "anchor": "maps",
        "is_hidden": False,
        "is_own": False,
        "links": LINKS,
    },
    "changes": {"run_id": 1, "backlink_id": 1, "at": SEEN, "kind": "new", "reason": "page_found"},
    "claims": {  # since 0003
        "page_id": 1,
        "run_id": 1,
        "key": digest("gsc\na.example/page\n\n"),
        "candidate": SOURCE,
        "origin": "gsc",
        "is_lost": False,
        "confidence": 0.8,
        "verdict": "true",
        "judged_at": SEEN,
    },
    # since 0008
    "crawls": {"key": digest("a crawl"), "begun_at": SEEN},
    "frontier": {"crawl_id": 1, "row": 1, "record": b"[]"},
    "crawl_commits": {"crawl_id": 1, "run_id": 1},
    # since 0009
    "tasks": {
        "key": digest("a task"),
        "kind": "lost_link",
        "target": TARGET,
        "page": SOURCE,
        "status": "open",
        "listed_at": SEEN,
    },
    # since 0011
    "crawl_workers": {"crawl_id": 1, "run_id": 1, "expires_at": 1.0},
    "crawl_buckets": {"crawl_id": 1, "bucket": 5, "worker_id": 1},
}


def rows_of(revision: str) -> dict[str, dict[str, Any]]:
    """One row of each table, as that version wrote it."""
    if revision < "0007":
        return ROWS
    backlink = {name: value for name, value in ROWS["backlinks"].items() if name != "links"}
    claim = ROWS["claims"] | {"rel": "[]", "reasons": "[]"}
    rows = {f"_{name}": values for name, values in (ROWS | {"backlinks": backlink, "claims": claim}).items()}
    position = list(rows).index("_backlinks") + 1
    return dict([*list(rows.items())[:position], ("_links", LINK), *list(rows.items())[position:]])


def of_version(url: str, revision: str) -> None:
    """A history as that version left it, with data in every table."""
    engine: Engine = _engine(read_url(url))
    with writing(engine) as connection:
        upgrade(connection, url, revision)
        tables = MetaData()
        tables.reflect(connection)
        for name, values in rows_of(revision).items():
            if name in tables.tables:
                connection.execute(insert(tables.tables[name]).values(values))
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("revision", REVISIONS)
def test_a_history_of_an_earlier_version_is_brought_up_to_date(database_url: str, revision: str) -> None:
    of_version(database_url, revision)
    with History.open(database_url, create=False) as history:
        (run,) = history.runs()
        assert (run.id, run.command, run.targets, run.changes) == (1, "verify", (TARGET,), {"new": 1})
        assert [change.reason for change in history.changes(run=1)] == ["page_found"]
        (backlink,) = history.backlinks()
        assert (backlink.first_seen, backlink.last_seen, backlink.occurrences) == (day(1), day(1), 2)
        (page,) = history.known_pages()
        assert (page.url, page.visits, page.etag, page.live_backlinks) == (SOURCE, 1, "", 1)
        again = history.begin_run("verify", [TARGET])
        (recorded,) = history.record(again, [read(day(2), nofollow(), etag='"2"')])
        assert [change.reason for change in recorded.changes] == ["nofollow_added"]
        history.end_run(again)
        assert [visit.run for visit in history.visits()] == [1, again]
    engine = connect(read_url(database_url), create=False)
    with engine.connect() as connection:
        assert (
            compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE}),
                metadata,
            )
            == []
        )
    engine.dispose()


LINKS_OF_0006: list[dict[str, Any]] = [
    {
        "raw_href": "\0/ü",
        "target_url": ONE,
        "anchor": 'a "map"',
        "anchor_source": "text",
        "link_type": "text",
        "follow": True,
        "rel": ["ugc", 'a"b\\'],
        "flags": ["hidden"],
        "via": ["302 https://a.example/a,b"],
        "placement": "content",
        "link_density": 0.25,
        "position": 3,
        "occurrences": 2,
        "target_state": "ok",
        "target_status": 200,
        "rendered": "rendered_only",
    },
    {"raw_href": "\ud800", "target_url": ONE, "link_type": "text", "nofollow_by": ["rel:nofollow"], "occurrences": 1},
    {"raw_href": "", "target_url": ONE, "link_type": "canonical", "follow": None, "occurrences": 1},
]


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 2_000])
def test_links_that_were_json_become_columns(
    database_url: str,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(m0007_link_columns, "_AT_ONCE", most)
    of_version(database_url, "0006")
    engine = _engine(read_url(database_url))
    with writing(engine) as connection:
        tables = MetaData()
        tables.reflect(connection)
        for number, link in enumerate(LINKS_OF_0006):
            of_link = {
                "key": digest(str(number)),
                "links": json.dumps([link, link]),
                "noindex_by": "meta:robots,header:x",
            }
            connection.execute(insert(tables.tables["backlinks"]).values(ROWS["backlinks"] | of_link))
    engine.dispose()
    with History.open(database_url, create=False) as history:
        _first, *rows = history.backlinks()
        with history._engine.connect() as connection:
            kinds = connection.exec_driver_sql("SELECT kind, is_scripted FROM _backlinks ORDER BY id").all()
    assert [(kind, bool(is_scripted)) for kind, is_scripted in kinds] == [
        ("", False),
        ("resolved", True),
        ("", False),
        ("canonical", False),
    ]
    assert rows[::2] == rows[1::2]
    text, nofollow_, canonical = rows[::2]
    expected: dict[str, Any] = {name: getattr(text, name) for name in PAGE_COLUMNS | BACKLINK_COLUMNS}
    expected |= LINKS_OF_0006[0] | {
        "raw_href": "\ufffd/ü",
        "indexable": False,
        "noindex_by": ("meta:robots", "header:x"),
    }
    expected |= {name: tuple(value) for name, value in expected.items() if isinstance(value, list)}
    assert text == replace(row(ONE), **expected)
    assert (nofollow_.raw_href, nofollow_.follow, nofollow_.nofollow_by) == ("\ufffd", False, ("rel:nofollow",))
    assert (canonical.follow, canonical.link_type, canonical.link_density, canonical.rel) == (
        None,
        "canonical",
        None,
        (),
    )


@pytest.mark.slow
def test_runs_of_earlier_versions_no_longer_count_mentions(database_url: str) -> None:
    of_version(database_url, "0011")
    engine = _engine(read_url(database_url))
    with writing(engine) as connection:
        tables = MetaData()
        tables.reflect(connection)
        for number, kind in enumerate(("mention", "brand:Acme"), start=2):
            values = rows_of("0011")["_backlinks"] | {"kind": kind, "key": digest(kind)}
            connection.execute(insert(tables.tables["_backlinks"]).values(values))
            change = {"run_id": 1, "backlink_id": number, "at": SEEN, "kind": "new", "reason": "page_found"}
            connection.execute(insert(tables.tables["_changes"]).values(change))
            connection.execute(insert(tables.tables["_changes"]).values(change | {"kind": "lost"}))
        connection.execute(tables.tables["_runs"].update().values(changes='{"lost": 2, "new": 3}'))
    engine.dispose()
    with History.open(database_url, create=False) as history:
        assert [run.changes for run in history.runs()] == [{"new": 1}]
        with history._engine.connect() as connection:
            assert tuple(connection.exec_driver_sql("SELECT new, lost FROM runs").one()) == (1, 0)


def test_a_migration_that_rewrites_leaves_a_copy_of_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "backlinks.db"
    of_version(str(path), "0006")
    (tmp_path / "backlinks.db.before-0007").write_bytes(b"of a migration that was interrupted")
    History.open(str(path)).close()
    assert {file.name for file in tmp_path.iterdir()} == {"backlinks.db", "backlinks.db.before-0007"}
    assert "as it was, it is kept as backlinks.db.before-0007" in caplog.text
    with closing(sqlite3.connect(tmp_path / "backlinks.db.before-0007")) as connection:
        assert connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchall() == [("0006",)]
        assert connection.execute("SELECT links FROM backlinks").fetchall() == [(LINKS,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_new_history_and_one_of_today_are_not_copied(tmp_path: Path) -> None:
    for _ in range(2):
        History.open(str(tmp_path / "backlinks.db")).close()
    assert [file.name for file in tmp_path.iterdir()] == ["backlinks.db"]


@pytest.mark.parametrize("lack", ["space", "writable"])
def test_without_room_for_the_copy_nothing_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lack: str
) -> None:
    path = tmp_path / "backlinks.db"
    of_version(str(path), "0006")
    before = path.read_bytes()
    if lack == "space":
        few = shutil.disk_usage(tmp_path)._replace(free=path.stat().st_size * 3 - 1)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: few)
        complaint = r"to bring it up to date, 0 MB must be free beside it"
    else:
        (tmp_path / "backlinks.db.before-0007.tmp").mkdir()
        complaint = r"its copy backlinks\.db\.before-0007 cannot be written"
    with pytest.raises(HistoryError, match=complaint):
        History.open(str(path))
    assert path.read_bytes() == before


@pytest.mark.slow
def test_a_migration_that_fails_changes_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_connection: object) -> None:
        raise HistoryError("no")

    of_version(database_url, "0006")
    monkeypatch.setattr(views, "create", fail)
    with pytest.raises(HistoryError, match="no"):
        History.open(database_url)
    monkeypatch.undo()
    with History.open(database_url) as history:
        assert [one.occurrences for one in history.backlinks()] == [2]


def test_every_table_holds_data_in_these_tests() -> None:
    assert rows_of(HEAD).keys() == metadata.tables.keys()


def version(url: str, revision: str) -> None:
    engine = connect(read_url(url), create=True)
    with writing(engine) as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'")
    engine.dispose()


def test_a_newer_history_is_refused_and_left_alone(database_url: str) -> None:
    version(database_url, "9999")
    for _ in range(2):
        with pytest.raises(HistoryError, match=r"it was written by a newer backlinkbot .*9999.*upgrade this one"):
            History.open(database_url)
    version_now = _engine(read_url(database_url))
    with version_now.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar() == "9999"
        assert {*inspect(connection).get_table_names()} == {*metadata.tables, VERSION_TABLE}
        assert {*inspect(connection).get_view_names()} == {view.name for view in VIEWS}
    version_now.dispose()


# --- openers ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("revision", ["", *REVISIONS[:-1]])
def test_openers_at_the_same_time_do_not_clash(database_url: str, revision: str) -> None:
    if revision:
        of_version(database_url, revision)

    def begin(_: int) -> int:
        with History.open(database_url) as history:
            return history.begin_run("verify", [TARGET])

    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(begin, range(8)))
    assert len(set(runs)) == 8


def test_a_history_that_appears_while_it_is_looked_for_is_ours(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, looks = database._recorded_revision, iter(range(100))

    def another_opens(connection: Connection) -> str | None:
        is_first = next(looks) == 0
        found = look(connection)
        if is_first:
            History.open(database_url).close()
        return found

    monkeypatch.setattr(database, "_recorded_revision", another_opens)
    with History.open(database_url) as history:
        assert history.begin_run("verify", [TARGET]) == 1


OPEN = """
import os, sys
from backlinkbot.history import History, database, views
for _ in range(3):
    if os.fork() == 0:
        break
else:
    sys.exit(max(os.wait()[1] for _ in range(3)))
with History.open(sys.argv[1]) as history:
    history.end_run(history.begin_run("verify", ["target.example"]))
os._exit(0)
"""


@pytest.mark.subprocess
@pytest.mark.slow
def test_processes_that_open_at_the_same_time_do_not_clash(database_url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", OPEN, database_url]
    openers = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (openers.returncode, openers.stderr) == (0, "")
    with History.open(database_url) as history:
        assert [run.id for run in history.runs()] == [1, 2, 3]


# --- what is refused --------------------------------------------------------------------------------------------------


def test_reading_makes_no_history(database_url: str) -> None:
    with pytest.raises(HistoryError, match=r"it does not exist yet; discover and verify create one"):
        History.open(database_url, create=False)
    if "://" not in database_url:
        assert not Path(database_url).exists()
    History.open(database_url).close()
    History.open(database_url, create=False).close()


def test_tables_of_somebody_else_are_left_alone(database_url: str) -> None:
    engine = _engine(read_url(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE changes (title TEXT)")
    engine.dispose()
    with pytest.raises(HistoryError, match=r"the database holds tables of another program \(changes\)"):
        History.open(database_url)


def a_text(path: Path) -> None:
    path.write_text("source_url,target_url\n" * 200)


def a_folder(path: Path) -> None:
    path.mkdir()


def in_no_folder(path: Path) -> None:
    path.parent.rmdir()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (a_text, "file is not a database"),
        (a_folder, r"cannot be opened \(Is a directory\)"),
        (in_no_folder, r"cannot be opened \(No such file or directory\)"),
    ],
)
def test_a_file_that_is_no_history(tmp_path: Path, make: Callable[[Path], None], complaint: str) -> None:
    path = tmp_path / "folder" / "backlinks.db"
    path.parent.mkdir()
    make(path)
    with pytest.raises(HistoryError, match=rf"history {path}: {complaint}"):
        History.open(str(path))


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://root:secret@localhost/links", r"mysql://root:\*\*\*@localhost/links.*SQLite files"),
        ("sqlite://", "SQLite files"),
        ("sqlite:///:memory:", "SQLite files"),
        ("://", r"write a file \(backlinks\.db\) or postgresql://"),
        ("https://a.example/backlinks.db", "SQLite files"),
        (
            "postgresql://nobody:secret@127.0.0.1:1/links",
            r"postgresql\+psycopg://nobody:\*\*\*@127\.0\.0\.1:1/links: conn",
        ),
    ],
)
def test_what_is_no_history(url: str, complaint: str) -> None:
    with pytest.raises(HistoryError, match=complaint) as refused:
        History.open(url)
    assert "secret" not in str(refused.value)
    assert isinstance(refused.value, UsageError)


def test_ways_to_write_a_url(tmp_path: Path, postgres: PostgresServer) -> None:
    database = postgres.database()
    for url in (
        str(tmp_path / "a.db"),
        f"sqlite:///{tmp_path}/a.db",
        database,
        database.replace("postgresql://", "postgres://"),
        database.replace("postgresql://", "postgresql+psycopg://"),
    ):
        with History.open(url) as history:
            history.begin_run("verify", [TARGET])
    with History.open(database) as history:
        assert len(history.runs()) == 3


def test_the_file_is_in_wal_mode_and_sound(tmp_path: Path) -> None:
    path = tmp_path / "backlinks.db"
    with History.open(str(path)) as history:
        history.record(history.begin_run("verify", [TARGET]), [read(day(1), row())])
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


WITHOUT_PSYCOPG = """
import sys
sys.modules["psycopg"] = None
from backlinkbot.history import History, database, views
History.open("postgresql://nobody@127.0.0.1:1/links")
"""


@pytest.mark.subprocess
def test_without_its_package_postgresql_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PSYCOPG], capture_output=True, text=True, check=False)
    assert "HistoryError: history postgresql+psycopg://nobody@127.0.0.1:1/links: PostgreSQL needs" in done.stderr
    assert 'pip install "backlinkbot[postgresql]"' in done.stderr


def test_the_migrations_are_in_the_package() -> None:
    folder = Path(scripts().dir)
    assert folder.parent.parent.name == "backlinkbot"
    assert len(list((folder / "versions").glob("m*.py"))) == len(REVISIONS)
