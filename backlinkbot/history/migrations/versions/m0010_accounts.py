"""Adds the accounts of analytics, advertising and verification services in the page of a link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrates from 0009."""
    op.add_column("_links", sa.Column("source_accounts", sa.Text(), nullable=False, server_default="[]"))
