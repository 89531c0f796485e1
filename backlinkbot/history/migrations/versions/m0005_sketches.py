"""Adds the sketch by which a page is recognised, and the state of links that lead elsewhere now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrates from 0004."""
    op.add_column("pages", sa.Column("sketch", sa.LargeBinary))
    backlinks = sa.table("backlinks", sa.column("state"), sa.column("lost_reason"))
    is_moved = sa.and_(backlinks.c.state == "lost", backlinks.c.lost_reason == "target_changed")
    op.execute(backlinks.update().where(is_moved).values(state="moved"))
