"""Allows claims that no visit has judged yet, and adds an index of claims by page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrates from 0003."""
    with op.batch_alter_table("claims") as claims:  # SQLite copies the table
        claims.alter_column("judged_at", existing_type=sa.BigInteger(), nullable=True)
    op.create_index("ix_claims_page_id", "claims", ["page_id"])
