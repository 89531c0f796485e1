"""Runs the numbered migrations that a database has not seen yet, inside the caller's transaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from backlinkbot.errors import HistoryError
from backlinkbot.history.schema import HEAD, VERSION_TABLE

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

_FOLDER = Path(__file__).parent / "migrations"


def scripts() -> ScriptDirectory:
    """The migrations of this version."""
    return ScriptDirectory(str(_FOLDER))


def upgrade(connection: Connection, shown: str, revision: str = HEAD) -> None:
    """Bring the tables to a revision, as ``alembic upgrade`` does, which would need a file of settings.

    Raises:
        HistoryError: the database is of a version that this one does not know.
    """
    directory = scripts()

    def steps(current: Any, _context: MigrationContext) -> Any:
        return directory._upgrade_revs(revision, current)  # noqa: SLF001 - what alembic.command.upgrade calls

    context = MigrationContext.configure(connection, opts={"fn": steps, "version_table": VERSION_TABLE})
    try:
        with Operations.context(context):
            context.run_migrations()
    except CommandError as error:
        raise HistoryError(
            f"history {shown}: a newer backlinkbot has written it ({error}); bring this one up to date"
        ) from error
