"""Adds the ETag, modification time and fingerprint of pages for conditional requests, and an index of changes by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrates from 0001."""
    for name in ("etag", "last_modified", "fingerprint"):
        op.add_column("pages", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_changes_at", "changes", ["at"])
