"""Creates the first tables: runs, targets, pages, visits, backlinks, changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _reference(name: str, table: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{table}.id"), nullable=False)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False, server_default="") for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in names]


def _moment(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _key() -> sa.Column[bytes]:
    return sa.Column("key", sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    """Migrates an empty database."""
    op.create_table(
        "runs",
        _id(),
        *_text("command", "targets", "arguments"),
        sa.Column("includes_own", sa.Boolean(), nullable=False),
        sa.Column("lock", sa.BigInteger(), nullable=False),
        _moment("started_at", nullable=False),
        _moment("finished_at"),
        *_text("outcome"),
        sa.Column("exit_status", sa.Integer()),
        *_text("changes", "counts"),
    )
    op.create_table(
        "targets",
        _id(),
        _key(),
        *_text("name"),
        _reference("first_run_id", "runs"),
        sa.UniqueConstraint("key", name="uq_targets_key"),
    )
    op.create_table(
        "pages",
        _id(),
        _key(),
        *_text("url", "domain", "title"),
        *_number("status"),
        *_text("language", "canonical_url"),
        *_number("external_links", "internal_links"),
        *_text("discovered_from"),
        *_number("depth"),
        _moment("first_visit_at", nullable=False),
        _moment("last_visit_at"),
        _moment("last_read_at"),
        *_number("visits", "changed_visits", "unchecked"),
        _moment("failing_since"),
        sa.UniqueConstraint("key", name="uq_pages_key"),
    )
    op.create_table(
        "visits",
        _id(),
        _reference("run_id", "runs"),
        _reference("page_id", "pages"),
        _moment("at", nullable=False),
        *_text("outcome"),
        sa.Column("status", sa.Integer()),
        *_text("reason"),
    )
    op.create_index("ix_visits_run_id", "visits", ["run_id"])
    op.create_table(
        "backlinks",
        _id(),
        _reference("page_id", "pages"),
        _reference("target_id", "targets"),
        _key(),
        _moment("first_seen", nullable=False),
        _moment("last_seen"),
        *_text("state"),
        _moment("lost_at"),
        *_text("lost_reason", "target_url", "anchor", "nofollow_by", "noindex_by", "canonical_url"),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        *_text("links"),
        sa.UniqueConstraint("page_id", "key", name="uq_backlinks_page_id_key"),
    )
    op.create_table(
        "changes",
        _id(),
        _reference("run_id", "runs"),
        _reference("backlink_id", "backlinks"),
        _moment("at", nullable=False),
        *_text("kind", "reason", "before", "after"),
    )
    op.create_index("ix_changes_run_id", "changes", ["run_id"])
