"""What a page says of itself, so that its next visit can ask whether it has changed; changes by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0001."""
    for name in ("etag", "last_modified", "fingerprint"):
        op.add_column("pages", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_changes_at", "changes", ["at"])
