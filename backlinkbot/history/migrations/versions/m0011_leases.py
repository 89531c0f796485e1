"""Adds the leases of a crawl that several machines share, and the bucket of each waiting page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NO = sa.false()


def upgrade() -> None:
    """Migrates from 0010."""
    op.add_column("_crawls", sa.Column("is_shared", sa.Boolean(), nullable=False, server_default=_NO))
    op.add_column("_crawls", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=_NO))
    op.add_column("_crawls", sa.Column("session_at", sa.Float(), nullable=False, server_default="0"))
    op.add_column("_crawls", sa.Column("closed_by", sa.BigInteger()))
    op.add_column("_crawls", sa.Column("closed_for", sa.Text(), nullable=False, server_default=""))
    op.add_column("_frontier", sa.Column("bucket", sa.SmallInteger()))
    op.add_column("_frontier", sa.Column("is_new", sa.Boolean(), nullable=False, server_default=_NO))
    op.create_index(
        "ix_frontier_new",
        "_frontier",
        ["crawl_id", "bucket"],
        sqlite_where=sa.text("is_new"),
        postgresql_where=sa.text("is_new"),
    )
    op.create_table(
        "_crawl_workers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("crawl_id", sa.BigInteger(), sa.ForeignKey("_crawls.id"), nullable=False),
        sa.Column("run_id", sa.BigInteger(), sa.ForeignKey("_runs.id"), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("pause", sa.Float(), nullable=False, server_default="0"),
        sa.Column("is_idle", sa.Boolean(), nullable=False, server_default=_NO),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "_crawl_buckets",
        sa.Column("crawl_id", sa.BigInteger(), sa.ForeignKey("_crawls.id"), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), sa.ForeignKey("_crawl_workers.id")),
        sa.Column("free_at", sa.Float(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("crawl_id", "bucket", name="pk_crawl_buckets"),
        sqlite_with_rowid=False,
    )
