"""Adds the table of claims, each with the verdict of the last visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def upgrade() -> None:
    """Migrates from 0002."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "claims",
        sa.Column("id", number, primary_key=True),
        sa.Column("page_id", sa.BigInteger(), sa.ForeignKey("pages.id"), nullable=False),
        sa.Column("run_id", sa.BigInteger(), sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        *map(_words, ("candidate", "origin", "file")),
        sa.Column("row", sa.Integer(), nullable=False, server_default="0"),
        *map(_words, ("target_url", "anchor", "rel")),
        sa.Column("follow", sa.Boolean(), nullable=True),
        *map(_words, ("first_seen", "last_seen")),
        sa.Column("is_lost", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        *map(_words, ("verdict", "reasons")),
        sa.Column("judged_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("key", name="uq_claims_key"),
    )
