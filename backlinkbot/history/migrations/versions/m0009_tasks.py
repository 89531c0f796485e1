"""Adds the table of tasks: the number of each, its status and its note."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def upgrade() -> None:
    """Migrates from 0008."""
    op.create_table(
        "_tasks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        *map(_words, ("kind", "target", "page", "target_url", "status", "note")),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger()),
        sa.UniqueConstraint("key", name="uq_tasks_key"),
        sqlite_autoincrement=True,
    )
