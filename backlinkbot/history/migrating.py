"""Runs the migrations that a database lacks, inside the caller's transaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from backlinkbot.errors import HistoryError
from backlinkbot.history import views
from backlinkbot.history.schema import HEAD, VERSION_TABLE

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

_FOLDER = Path(__file__).parent / "migrations"


def scripts() -> ScriptDirectory:
    """Returns the migrations of this version."""
    return ScriptDirectory(str(_FOLDER))


def upgrade(connection: Connection, shown: str, revision: str = HEAD) -> None:
    """Migrates the tables to a revision and creates the views of the newest, as ``alembic upgrade`` does, but without its configuration file.

    Raises:
        HistoryError: the database is of a newer version.
    """
    directory = scripts()

    def steps(current: Any, _context: MigrationContext) -> Any:
        return directory._upgrade_revs(revision, current)  # noqa: SLF001 - what alembic.command.upgrade calls

    context = MigrationContext.configure(connection, opts={"fn": steps, "version_table": VERSION_TABLE})
    try:
        views.drop(connection)
        with Operations.context(context):
            context.run_migrations()
        if revision == HEAD:
            views.create(connection)
    except CommandError as error:
        raise HistoryError(
            f"history {shown}: it was written by a newer backlinkbot ({error}); upgrade this one"
        ) from error
