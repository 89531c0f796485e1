"""Adds the tables of unfinished crawls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrates from 0007."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "_crawls",
        sa.Column("id", number, primary_key=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("runs", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("bounds", sa.Text(), nullable=False, server_default=""),
        sa.Column("listed", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("key", name="uq_crawls_key"),
    )
    op.create_table(
        "_frontier",
        sa.Column("crawl_id", sa.BigInteger(), sa.ForeignKey("_crawls.id"), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("crawl_id", "row", name="pk_frontier"),
        sqlite_with_rowid=False,
    )
    hashes = ("known", "twins", "failed", "hurried", "visited", "answered", "pairs")
    op.create_table(
        "_crawl_commits",
        sa.Column("id", number, primary_key=True),
        sa.Column("crawl_id", sa.BigInteger(), sa.ForeignKey("_crawls.id"), nullable=False),
        sa.Column("run_id", sa.BigInteger(), sa.ForeignKey("_runs.id"), nullable=False),
        *(sa.Column(name, sa.LargeBinary()) for name in (*hashes, "lessons", "counts", "reported")),
    )
    op.create_index("ix_crawl_commits_crawl_id", "_crawl_commits", ["crawl_id"])
